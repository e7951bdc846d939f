#include "files/npy_head.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <charconv>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

std::span<const std::byte> bytes_of_text(const std::string& text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

template <class T>
void put(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// Appends a number in the fewest digits that give it back.
template <class T>
void append_number(std::string& line, const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    char digits[64];  // NOLINT(modernize-avoid-c-arrays)
    const auto end = std::to_chars(digits, digits + sizeof(digits), value);
    line.append(digits, end.ptr);
}

void append_element(std::string& line, ElementType type, const std::byte* at) {
    switch (type) {
        case ElementType::f32:
            return append_number<float>(line, at);
        case ElementType::f64:
            return append_number<double>(line, at);
        case ElementType::i8:
            return append_number<std::int8_t>(line, at);
        case ElementType::u8:
            return append_number<std::uint8_t>(line, at);
        case ElementType::i32:
            return append_number<std::int32_t>(line, at);
        case ElementType::i64:
            return append_number<std::int64_t>(line, at);
        case ElementType::f16:
            break;  // refused before
    }
}

void refuse(const std::string& why, const std::string& path) {
    throw ArgumentError(why, {.file = path});
}

}  // namespace

MatrixWriter::MatrixWriter(
    FileSystem& files,
    std::string path,
    MatrixFormat format,
    ElementType type,
    std::uint64_t rows,
    std::uint64_t cols
)
    : files_(&files),
      path_(std::move(path)),
      format_(format),
      type_(type),
      rows_(rows),
      cols_(cols) {
    const bool is_bin = format == MatrixFormat::fbin || format == MatrixFormat::u8bin
                        || format == MatrixFormat::i8bin || format == MatrixFormat::ibin;
    if (!can_hold(format, type) || (format == MatrixFormat::text && type == ElementType::f16)) {
        refuse(
            "a file of " + std::string{to_string(format)} + " cannot hold elements of "
                + std::string{to_string(type)} + "; .npy can",
            path_
        );
    }
    const std::uint64_t most_rows =
        is_bin ? std::numeric_limits<std::uint32_t>::max() : std::uint64_t{1} << 48U;
    if (rows > most_rows || cols > 65'536) {
        refuse(
            "a file of " + std::string{to_string(format)} + " cannot hold " + std::to_string(rows)
                + " x " + std::to_string(cols) + " elements",
            path_
        );
    }
    if (is_bin) {
        put(head_, static_cast<std::uint32_t>(rows));
        put(head_, static_cast<std::uint32_t>(cols));
    } else if (format == MatrixFormat::npy) {
        head_ = detail::make_npy_head(type, rows, cols, false);
    }
    const std::uint64_t row_head = has_row_heads() ? sizeof(std::int32_t) : 0;
    bytes_ =
        format == MatrixFormat::text ? 0 : head_.size() + rows * (row_head + cols * size_of(type));
}

MatrixWriter MatrixWriter::vector(
    FileSystem& files,
    std::string path,
    ElementType type,
    std::uint64_t n
) {
    MatrixWriter writer{files, std::move(path), MatrixFormat::npy, type, n, 1};
    const std::size_t before = writer.head_.size();
    writer.head_ = detail::make_npy_head(type, n, 1, true);
    writer.bytes_ += writer.head_.size() - before;
    return writer;
}

bool MatrixWriter::has_row_heads() const noexcept {
    return format_ == MatrixFormat::fvecs || format_ == MatrixFormat::bvecs
           || format_ == MatrixFormat::ivecs;
}

void MatrixWriter::create() {
    files_->remove(part_path());
    file_ = files_->open(part_path(), OpenMode::create);
    if (format_ != MatrixFormat::text) {
        file_->resize(bytes_);
        if (!head_.empty()) {
            file_->write_at(0, bytes_of_text(head_));
        }
    }
}

void MatrixWriter::open() {
    file_ = files_->open(part_path(), OpenMode::open_or_create);
    const std::uint64_t found = file_->status().bytes;
    if (found != bytes_) {
        throw IoError(
            ErrorCode::io,
            "expected the " + std::to_string(bytes_) + " bytes that rank 0 has made, found "
                + std::to_string(found) + ": do the ranks share this file system?",
            {.file = part_path()}
        );
    }
}

void MatrixWriter::write_rows(std::uint64_t first, std::span<const std::byte> elements) {
    const std::size_t row_bytes = static_cast<std::size_t>(cols_) * size_of(type_);
    const std::size_t n = row_bytes == 0 ? 0 : elements.size() / row_bytes;
    KAYGRAPH_ASSERT(
        file_ != nullptr && n * row_bytes == elements.size() && first <= rows_
            && n <= rows_ - first,
        "rows of the matrix, which is open"
    );
    if (format_ == MatrixFormat::text) {
        return write_text(first, elements);
    }
    if (!has_row_heads()) {
        return write(head_.size() + first * row_bytes, elements);
    }
    const std::size_t stride = sizeof(std::int32_t) + row_bytes;
    std::vector<std::byte> rows(n * stride);
    const auto cols = static_cast<std::int32_t>(cols_);
    for (std::size_t i = 0; i < n; ++i) {
        std::memcpy(rows.data() + i * stride, &cols, sizeof(cols));
        std::memcpy(
            rows.data() + i * stride + sizeof(cols), elements.data() + i * row_bytes, row_bytes
        );
    }
    write(first * stride, rows);
}

/// Writes, and has the device begin at once: the sync at the end has less to wait for.
void MatrixWriter::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    file_->write_at(offset, bytes);
    file_->start_sync(offset, bytes.size());
}

void MatrixWriter::write_text(std::uint64_t first, std::span<const std::byte> elements) {
    KAYGRAPH_ASSERT(first == next_text_row_, "rows of text are written in order");
    std::string lines;
    const std::size_t size = size_of(type_);
    const std::size_t n = elements.size() / size;
    for (std::size_t i = 0; i < n; ++i) {
        append_element(lines, type_, elements.data() + i * size);
        lines += (i + 1) % cols_ == 0 ? '\n' : ' ';
    }
    file_->write_at(bytes_, bytes_of_text(lines));
    bytes_ += lines.size();
    next_text_row_ += n / cols_;
}

void MatrixWriter::sync_and_close() {
    file_->sync();
    file_->close();
    file_.reset();
}

void MatrixWriter::publish() {
    const auto status = files_->status(part_path());
    if (!status || status->bytes != bytes_) {
        throw IoError(
            ErrorCode::io,
            "expected " + std::to_string(bytes_) + " bytes, found "
                + (status ? std::to_string(status->bytes) : "no file"),
            {.file = part_path()}
        );
    }
    files_->rename(part_path(), path_);
    files_->sync_directory(directory_of(path_));
}

void MatrixWriter::discard() {
    file_.reset();
    files_->remove(part_path());
}

}  // namespace kaygraph
