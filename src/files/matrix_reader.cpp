#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

namespace kaygraph {
namespace {

/// IEEE 754 binary16 to binary32; exact.
float from_half(std::uint16_t half) noexcept {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
    const std::uint32_t exponent = (half >> 10U) & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0) {  // zero, or below the normal numbers
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
    return std::bit_cast<float>(sign | wide << 23U | fraction << 13U);
}

template <class T>
float as_float(const std::byte* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return static_cast<float>(value);
}

/// Returns the element at an address as float32.
float element(const std::byte* at, ElementType type) noexcept {
    switch (type) {
        case ElementType::f16: {
            std::uint16_t half = 0;
            std::memcpy(&half, at, sizeof(half));
            return from_half(half);
        }
        case ElementType::f32:
            return as_float<float>(at);
        case ElementType::f64:
            return as_float<double>(at);
        case ElementType::i8:
            return as_float<std::int8_t>(at);
        case ElementType::u8:
            return as_float<std::uint8_t>(at);
        case ElementType::i32:
            return as_float<std::int32_t>(at);
        case ElementType::i64:
            return as_float<std::int64_t>(at);
    }
    return 0;
}

bool is_vecs(MatrixFormat format) noexcept {
    return format == MatrixFormat::fvecs || format == MatrixFormat::bvecs
           || format == MatrixFormat::ivecs;
}

constexpr std::string_view separators = " \t,;\r";

/// Calls `use` with each number of a line. Returns how many there are.
template <class Use>
std::size_t for_each_number(
    std::string_view line,
    const std::string& path,
    std::uint64_t offset,
    Use&& use
) {
    std::size_t n = 0;
    for (std::size_t at = line.find_first_not_of(separators); at != std::string_view::npos;
         at = line.find_first_not_of(separators, at)) {
        const std::size_t last = std::min(line.find_first_of(separators, at), line.size());
        std::string_view word = line.substr(at, last - at);
        if (word.front() == '+') {
            word.remove_prefix(1);
        }
        float value = 0;
        const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
        if (read.ec == std::errc::invalid_argument || read.ptr != word.data() + word.size()) {
            throw FormatError(
                ErrorCode::malformed,
                "expected a number, found '" + std::string{word.substr(0, 20)} + "'",
                {.file = path, .offset = static_cast<std::int64_t>(offset + at)}
            );
        }
        use(n++, value);
        at = last;
    }
    return n;
}

}  // namespace

MatrixReader::MatrixReader(
    const std::string& path,
    std::optional<MatrixFormat> format,
    const std::string& tensor
)
    : file_(path, AccessPattern::sequential) {
    const MatrixFormat known = format ? *format : format_of_path(path);
    if (known == MatrixFormat::text) {
        index_text();
    } else {
        info_ = parse_matrix_head(file_.bytes(), known, path, tensor);
    }
}

/// Finds where rows begin, and how many numbers the first has; the others are held to it when they are read.
void MatrixReader::index_text() {
    info_ = {.format = MatrixFormat::text, .type = ElementType::f32};
    const std::span<const std::byte> bytes = file_.bytes();
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.find_first_not_of(separators) != std::string_view::npos) {
            lines_.push_back(at);
        }
        at = end + 1;
    }
    if (!lines_.empty()) {
        const std::size_t end = text.find('\n', lines_.front());
        info_.cols = for_each_number(
            text.substr(lines_.front(), end - lines_.front()),
            file_.path(),
            lines_.front(),
            [](std::size_t, float) {}
        );
    }
    info_.rows = lines_.size();
}

void MatrixReader::read_text(std::size_t first, MatrixView<float> out) const {
    const std::span<const std::byte> bytes = file_.bytes();
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    for (std::size_t i = 0; i < out.rows(); ++i) {
        const std::uint64_t at = lines_[first + i];
        const std::string_view line = text.substr(at, text.find('\n', at) - at);
        const std::span<float> row = out.row(i);
        const std::size_t n =
            for_each_number(line, file_.path(), at, [&](std::size_t col, float value) {
                if (col < row.size()) {
                    row[col] = value;
                }
            });
        if (n != row.size()) {
            throw FormatError(
                ErrorCode::malformed,
                "expected " + std::to_string(row.size())
                    + " numbers in a line, as in the first, found " + std::to_string(n),
                {.file = file_.path(), .offset = static_cast<std::int64_t>(at)}
            );
        }
    }
}

/// Each row of a TEXMEX file repeats its length.
void MatrixReader::check_length(std::size_t row_index) const {
    std::int32_t cols = 0;
    std::memcpy(&cols, row(row_index) - sizeof(cols), sizeof(cols));
    if (cols < 0 || static_cast<std::uint64_t>(cols) != info_.cols) {
        throw FormatError(
            ErrorCode::malformed,
            "expected rows of " + std::to_string(info_.cols) + " elements, as the first, found "
                + std::to_string(cols),
            {.file = file_.path(),
             .offset = static_cast<std::int64_t>(row_index * info_.row_stride)}
        );
    }
}

void MatrixReader::read_rows(std::size_t first, MatrixView<float> out) const {
    KAYGRAPH_ASSERT(
        out.cols() == info_.cols && first <= info_.rows && out.rows() <= info_.rows - first,
        "rows of the matrix"
    );
    if (info_.format == MatrixFormat::text) {
        return read_text(first, out);
    }
    const std::size_t size = size_of(info_.type);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        const std::span<float> to = out.row(i);
        if (is_vecs(info_.format)) {
            check_length(first + i);
        }
        if (info_.is_fortran) {
            const std::byte* at = file_.bytes().data() + info_.data_offset + (first + i) * size;
            for (std::size_t col = 0; col < to.size(); ++col) {
                to[col] = element(at + col * info_.rows * size, info_.type);
            }
        } else if (info_.type == ElementType::f32) {
            std::memcpy(to.data(), row(first + i), to.size_bytes());
        } else {
            for (std::size_t col = 0; col < to.size(); ++col) {
                to[col] = element(row(first + i) + col * size, info_.type);
            }
        }
    }
}

void MatrixReader::read_elements(std::size_t first, std::size_t count, std::span<std::byte> out)
    const {
    const std::size_t size = size_of(info_.type);
    const std::size_t row_bytes = info_.cols * size;
    KAYGRAPH_ASSERT(
        out.size() == count * row_bytes && first <= info_.rows && count <= info_.rows - first,
        "rows of the matrix"
    );
    if (info_.format == MatrixFormat::text) {
        return read_text(first, {reinterpret_cast<float*>(out.data()), count, info_.cols});
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::byte* to = out.data() + i * row_bytes;
        if (is_vecs(info_.format)) {
            check_length(first + i);
        }
        if (!info_.is_fortran) {
            std::copy_n(row(first + i), row_bytes, to);
            continue;
        }
        const std::byte* at = file_.bytes().data() + info_.data_offset + (first + i) * size;
        for (std::size_t col = 0; col < info_.cols; ++col) {
            std::memcpy(to + col * size, at + col * info_.rows * size, size);
        }
    }
}

}  // namespace kaygraph
