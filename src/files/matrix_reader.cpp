#include "files/elements.hpp"
#include "files/known_content.hpp"
#include "files/text_matrix.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace kaygraph {
namespace {

using detail::load;

template <class T>
void convert(const std::byte* from, std::size_t n, float* to) {
    if constexpr (std::is_same_v<T, float>) {
        std::memcpy(to, from, n * sizeof(float));
    } else {
        for (std::size_t i = 0; i < n; ++i) {
            to[i] = detail::to_float(load<T>(from + i * sizeof(T)));
        }
    }
}

/// Columns stand behind each other: each gives a run of the rows asked for.
template <class T>
void convert_columns(const std::byte* first_row, std::uint64_t all_rows, MatrixView<float> out) {
    for (std::size_t c = 0; c < out.cols(); ++c) {
        const std::byte* const column = first_row + c * all_rows * sizeof(T);
        for (std::size_t r = 0; r < out.rows(); ++r) {
            out(r, c) = detail::to_float(load<T>(column + r * sizeof(T)));
        }
    }
}

void copy_columns(
    const std::byte* first_row,
    const MatrixInfo& info,
    std::uint64_t n_rows,
    std::byte* out
) {
    detail::with_element_type(info.type, [&](auto type) {
        constexpr std::size_t size = sizeof(type);
        for (std::uint64_t c = 0; c < info.cols; ++c) {
            const std::byte* const column = first_row + c * info.rows * size;
            for (std::uint64_t r = 0; r < n_rows; ++r) {
                std::memcpy(out + (r * info.cols + c) * size, column + r * size, size);
            }
        }
    });
}

}  // namespace

MatrixReader::MatrixReader(
    const std::string& path,
    std::optional<MatrixFormat> format,
    const std::string& tensor,
    ElementType text_type
)
    : path_(std::make_shared<const std::string>(path)) {
    const MatrixFormat known = format ? *format : format_of_path(path);
    file_ = MappedFile{path, AccessPattern::sequential};
    bytes_ = file_.bytes();
    read_header(known, tensor, text_type);
}

MatrixReader MatrixReader::of_bytes(
    std::span<const std::byte> bytes,
    const std::string& name,
    std::optional<MatrixFormat> format,
    const std::string& tensor,
    ElementType text_type
) {
    MatrixReader reader;
    reader.path_ = std::make_shared<const std::string>(name);
    reader.bytes_ = bytes;
    reader.read_header(format ? *format : format_of_path(name), tensor, text_type);
    return reader;
}

void MatrixReader::read_header(
    MatrixFormat format,
    const std::string& tensor,
    ElementType text_type
) {
    if (format == MatrixFormat::text) {
        if (const auto content = detail::known_content(bytes_)) {
            throw detail::other_content("a matrix of text", *content, *path_);
        }
        text_ = std::make_shared<const detail::TextMatrix>(bytes_, *path_, text_type);
        info_ = text_->info();
    } else {
        info_ = read_matrix_info(bytes_, *path_, format, tensor);
    }
    has_row_headers_ = format == MatrixFormat::fvecs || format == MatrixFormat::bvecs
                       || format == MatrixFormat::ivecs;
}

void MatrixReader::require_rows(std::uint64_t first, std::uint64_t n_rows) const {
    if (first > info_.rows || n_rows > info_.rows - first) {
        throw ArgumentError(
            "rows " + std::to_string(first) + " + " + std::to_string(n_rows)
                + " are not within the matrix of " + std::to_string(info_.rows),
            {.file = *path_}
        );
    }
}

void MatrixReader::read_rows(std::uint64_t first, MatrixView<float> out) const {
    require_rows(first, out.rows());
    if (out.cols() != info_.cols) {
        throw ArgumentError(
            "rows of " + std::to_string(info_.cols) + " columns do not fit a view of "
                + std::to_string(out.cols()),
            {.file = *path_}
        );
    }
    if (text_ != nullptr) {
        text_->read_rows(first, out);
        return;
    }
    if (out.rows() == 0) {
        return;
    }
    const std::byte* const data = bytes_.data() + info_.data_offset;
    detail::with_element_type(info_.type, [&](auto type) {
        using T = decltype(type);
        if (info_.is_fortran) {
            convert_columns<T>(data + first * sizeof(T), info_.rows, out);
            return;
        }
        for (std::size_t r = 0; r < out.rows(); ++r) {
            check_row(first + r);
            convert<T>(
                data + (first + r) * info_.row_stride, out.cols(), out.data() + r * out.row_stride()
            );
        }
    });
}

void MatrixReader::read_elements(
    std::uint64_t first,
    std::uint64_t n_rows,
    std::span<std::byte> out
) const {
    require_rows(first, n_rows);
    const std::uint64_t row_bytes = info_.cols * size_of(info_.type);
    if (out.size() != n_rows * row_bytes) {
        throw ArgumentError(
            std::to_string(n_rows) + " rows of " + std::to_string(row_bytes)
                + " bytes do not fit a buffer of " + std::to_string(out.size()),
            {.file = *path_}
        );
    }
    if (out.empty()) {
        return;
    }
    if (text_ != nullptr) {
        text_->read_elements(first, n_rows, out);
        return;
    }
    const std::byte* const data = bytes_.data() + info_.data_offset;
    if (info_.is_fortran) {
        copy_columns(data + first * size_of(info_.type), info_, n_rows, out.data());
    } else if (row_bytes == info_.row_stride) {
        std::memcpy(out.data(), data + first * row_bytes, out.size());
    } else {
        for (std::uint64_t r = 0; r < n_rows; ++r) {
            check_row(first + r);
            std::memcpy(
                out.data() + r * row_bytes, data + (first + r) * info_.row_stride, row_bytes
            );
        }
    }
}

void MatrixReader::check(std::uint64_t first, std::uint64_t n_rows) const {
    require_rows(first, n_rows);
    if (text_ != nullptr) {
        text_->check(first, n_rows);
    } else if (has_row_headers_) {
        for (std::uint64_t r = 0; r < n_rows; ++r) {
            check_row(first + r);
        }
    }
}

void MatrixReader::check_row(std::uint64_t row) const {
    if (!has_row_headers_) {
        return;
    }
    const std::uint64_t offset = row * info_.row_stride;
    const auto cols = load<std::int32_t>(bytes_.data() + offset);
    if (static_cast<std::uint64_t>(cols) != info_.cols) {
        throw FormatError(
            ErrorCode::malformed,
            "expected row " + std::to_string(row) + " to have " + std::to_string(info_.cols)
                + " columns as the first, found " + std::to_string(cols),
            {.file = *path_, .offset = static_cast<std::int64_t>(offset)}
        );
    }
}

std::optional<std::span<const std::byte>> MatrixReader::raw() const noexcept {
    if (text_ != nullptr || has_row_headers_ || info_.is_fortran) {
        return {};
    }
    return bytes_.subspan(info_.data_offset, info_.rows * info_.cols * size_of(info_.type));
}

}  // namespace kaygraph
