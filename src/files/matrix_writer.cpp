#include "files/elements.hpp"
#include "files/npy_header.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

/// What is put together in memory before it is written.
constexpr std::uint64_t buffer_bytes = 1U << 20U;

bool has_row_headers(MatrixFormat format) noexcept {
    return format == MatrixFormat::fvecs || format == MatrixFormat::bvecs
           || format == MatrixFormat::ivecs;
}

bool is_bin(MatrixFormat format) noexcept {
    return format == MatrixFormat::fbin || format == MatrixFormat::u8bin
           || format == MatrixFormat::i8bin || format == MatrixFormat::ibin;
}

[[noreturn]] void refuse(const std::string& message, const std::string& path) {
    throw ArgumentError(message, {.file = path});
}

template <class T>
void append_number(T value, std::string& line) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    line.append(text.data(), result.ptr);
}

void append_number(detail::Half value, std::string& line) {
    append_number(detail::to_float(value), line);
}

}  // namespace

MatrixWriter::MatrixWriter(
    FileSystem& files,
    std::string path,
    MatrixFormat format,
    ElementType type,
    std::uint64_t rows,
    std::uint64_t cols,
    NpyShape shape
)
    : files_(&files),
      path_(std::move(path)),
      part_path_(path_ + ".part"),
      format_(format),
      type_(type),
      rows_(rows),
      cols_(cols),
      shape_(shape) {
    judge();
    header_ = make_header();
    if (format_ == MatrixFormat::text) {
        return;
    }
    // the product of row_bytes() is judged before it is used
    std::uint64_t bytes = 0;
    const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (__builtin_mul_overflow(cols_, size_of(type_), &bytes)
        || __builtin_mul_overflow(row_bytes(), rows_, &bytes)
        || __builtin_add_overflow(bytes, header_.size(), &file_bytes_) || file_bytes_ > most) {
        refuse(
            "a matrix of " + std::to_string(rows_) + " × " + std::to_string(cols_)
                + " elements is larger than a file can be",
            path_
        );
    }
}

void MatrixWriter::judge() const {
    const std::string format{to_string(format_)};
    const std::string type{to_string(type_)};
    if (format_ == MatrixFormat::safetensors) {
        refuse(
            "safetensors is read only; " + type + " can be written as " + formats_for(type_), path_
        );
    }
    const auto only_type = only_element_type(format_);
    if (only_type && *only_type != type_) {
        refuse(
            format + " holds " + std::string{to_string(*only_type)} + " alone; " + type
                + " can be written as " + formats_for(type_),
            path_
        );
    }
    if (rows_ != 0 && cols_ == 0) {
        refuse("rows of no columns cannot be written", path_);
    }
    if (format_ != MatrixFormat::npy && cols_ > max_matrix_columns) {
        refuse(
            format + " holds " + std::to_string(max_matrix_columns) + " columns at most, not "
                + std::to_string(cols_) + "; npy holds more",
            path_
        );
    }
    if (is_bin(format_) && rows_ > std::numeric_limits<std::uint32_t>::max()) {
        refuse(
            format + " holds 2^32 - 1 rows at most, not " + std::to_string(rows_)
                + "; npy holds more",
            path_
        );
    }
}

std::string MatrixWriter::make_header() const {
    if (format_ == MatrixFormat::npy) {
        return detail::npy_header(type_, rows_, cols_, shape_);
    }
    if (!is_bin(format_)) {
        return {};
    }
    const std::array counts{static_cast<std::uint32_t>(rows_), static_cast<std::uint32_t>(cols_)};
    return {reinterpret_cast<const char*>(counts.data()), sizeof(counts)};
}

std::uint64_t MatrixWriter::row_bytes() const noexcept {
    return cols_ * size_of(type_) + (has_row_headers(format_) ? sizeof(std::int32_t) : 0);
}

void MatrixWriter::create() {
    files_->remove(part_path_);
    file_ = files_->open(part_path_, OpenMode::create);
    has_failed_ = false;
    if (format_ == MatrixFormat::text) {
        next_text_row_ = 0;
        file_bytes_ = 0;
        return;
    }
    // the size last: a file of the whole size has its header, whenever the process was killed
    write(0, std::as_bytes(std::span{header_}));
    file_->resize(file_bytes_);
}

void MatrixWriter::open() {
    if (format_ == MatrixFormat::text) {
        refuse("text is written by the one process that creates it", path_);
    }
    const auto status = files_->status(part_path_);
    if (!status || status->bytes != file_bytes_) {
        throw IoError(
            ErrorCode::io,
            "expected a file of " + std::to_string(file_bytes_) + " bytes to write into, found "
                + (status ? std::to_string(status->bytes) : "none"),
            {.file = part_path_}
        );
    }
    file_ = files_->open(part_path_, OpenMode::open_or_create);
    has_failed_ = false;
}

void MatrixWriter::reopen() {
    open();
    // a reader takes the shape from it: where rows have headers, from that of the first
    if (has_row_headers(format_) && rows_ != 0) {
        const auto cols = static_cast<std::int32_t>(cols_);
        write(0, std::as_bytes(std::span{&cols, 1}));
    } else {
        write(0, std::as_bytes(std::span{header_}));
    }
}

void MatrixWriter::write_rows(std::uint64_t first, std::span<const std::byte> elements) {
    require_open();
    const std::uint64_t element_row_bytes = cols_ * size_of(type_);
    const std::uint64_t n_rows = element_row_bytes == 0 ? 0 : elements.size() / element_row_bytes;
    if (elements.size() != n_rows * element_row_bytes) {
        refuse(
            "expected whole rows of " + std::to_string(element_row_bytes) + " bytes, got "
                + std::to_string(elements.size()) + " bytes",
            path_
        );
    }
    if (first > rows_ || n_rows > rows_ - first) {
        refuse(
            "rows " + std::to_string(first) + " + " + std::to_string(n_rows)
                + " are not within the matrix of " + std::to_string(rows_),
            path_
        );
    }
    if (n_rows == 0) {
        return;
    }
    if (format_ == MatrixFormat::text) {
        write_text(first, elements);
    } else if (has_row_headers(format_)) {
        write_with_row_headers(first, elements);
    } else {
        write(header_.size() + first * row_bytes(), elements);
    }
}

void MatrixWriter::write_with_row_headers(
    std::uint64_t first,
    std::span<const std::byte> elements
) {
    const auto cols = static_cast<std::int32_t>(cols_);
    const std::uint64_t element_row_bytes = row_bytes() - sizeof(cols);
    const std::uint64_t rows_at_once = std::max<std::uint64_t>(1, buffer_bytes / row_bytes());
    std::vector<std::byte> buffer;
    while (!elements.empty()) {
        const std::uint64_t n = std::min(rows_at_once, elements.size() / element_row_bytes);
        buffer.resize(n * row_bytes());
        for (std::uint64_t r = 0; r < n; ++r) {
            std::byte* const row = buffer.data() + r * row_bytes();
            std::memcpy(row, &cols, sizeof(cols));
            std::memcpy(
                row + sizeof(cols), elements.data() + r * element_row_bytes, element_row_bytes
            );
        }
        write(first * row_bytes(), buffer);
        first += n;
        elements = elements.subspan(n * element_row_bytes);
    }
}

void MatrixWriter::write_text(std::uint64_t first, std::span<const std::byte> elements) {
    if (first != next_text_row_) {
        refuse(
            "text is written in the order of its rows: expected row "
                + std::to_string(next_text_row_) + ", got " + std::to_string(first),
            path_
        );
    }
    std::string lines;
    const auto flush = [&] {
        write(file_bytes_, std::as_bytes(std::span{lines}));
        file_bytes_ += lines.size();
        lines.clear();
    };
    detail::with_element_type(type_, [&](auto type) {
        using T = decltype(type);
        const std::uint64_t n = elements.size() / sizeof(T);
        for (std::uint64_t i = 0; i < n; ++i) {
            append_number(detail::load<T>(elements.data() + i * sizeof(T)), lines);
            const bool ends_row = (i + 1) % cols_ == 0;
            lines += ends_row ? '\n' : ' ';
            if (ends_row && lines.size() >= buffer_bytes) {
                flush();
            }
        }
        next_text_row_ += n / cols_;
    });
    flush();
}

void MatrixWriter::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    try {
        file_->write_at(offset, bytes);
        file_->start_sync(offset, bytes.size());  // the sync at the end has less to wait for
    } catch (...) {
        has_failed_ = true;
        throw;
    }
}

void MatrixWriter::sync() {
    require_open();
    require_sound();
    try {
        file_->sync();
    } catch (...) {
        has_failed_ = true;
        throw;
    }
}

void MatrixWriter::sync_and_close() {
    sync();
    try {
        close();
    } catch (...) {
        has_failed_ = true;
        throw;
    }
}

void MatrixWriter::close() {
    if (const std::unique_ptr<File> file = std::exchange(file_, nullptr)) {
        file->close();
    }
}

void MatrixWriter::publish() {
    require_sound();
    if (file_ != nullptr) {
        refuse("a matrix is published after it was synced and closed", path_);
    }
    if (format_ == MatrixFormat::text && next_text_row_ != rows_) {
        refuse(
            "expected " + std::to_string(rows_) + " rows to be written, got "
                + std::to_string(next_text_row_),
            path_
        );
    }
    const auto status = files_->status(part_path_);
    if (!status || status->bytes != file_bytes_) {
        throw IoError(
            ErrorCode::io,
            "expected " + std::to_string(file_bytes_) + " bytes to publish, found "
                + (status ? std::to_string(status->bytes) : "no file"),
            {.file = part_path_}
        );
    }
    files_->rename(part_path_, path_);
    files_->sync_directory(directory_of(path_));
}

void MatrixWriter::discard() {
    file_.reset();
    files_->remove(part_path_);
}

void MatrixWriter::require_open() const {
    if (file_ == nullptr) {
        refuse("the matrix is not open for writing", path_);
    }
}

void MatrixWriter::require_sound() const {
    if (has_failed_) {
        throw IoError(
            ErrorCode::io,
            "writing failed earlier: nobody knows what the file holds",
            {.file = part_path_}
        );
    }
}

}  // namespace kaygraph
