#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How an .npy file tells its shape: (rows, cols), or for a single column (rows,).
enum class NpyShape : std::uint8_t { matrix, vector };

/// Writes a matrix in place into `PATH.part`, from many threads and processes at once: where a row stands
/// follows from its number alone, so writing it twice is harmless and the bytes do not depend on who wrote
/// what. Only publish() gives the file its name. Every process makes a writer with equal arguments; then
///
/// 1. one calls create();
/// 2. after that the others call open(); where a .part of an earlier run is to be finished, one calls reopen() instead
///    of create();
/// 3. all write_rows();
/// 4. all sync_and_close();
/// 5. after that one calls publish(), or discard().
///
/// After a failed write, sync or close a writer refuses to sync and to publish: nobody knows what the file holds.
/// Rows of text have no fixed size: text is written by one process, in the order of the rows.
/// @par MPI Local: the caller orders the calls of the ranks.
/// @par Threads write_rows(): any thread, at once (text: one); the others: one, and no write at the same time.
class KAYGRAPH_EXPORT MatrixWriter : public Interface {
public:
    /// Touches no file. `files` must outlive the writer.
    /// @throws ArgumentError where the format cannot hold the element type (with those that can), the number
    /// of rows or the number of columns.
    MatrixWriter(
        FileSystem& files,
        std::string path,
        MatrixFormat format,
        ElementType type,
        std::uint64_t rows,
        std::uint64_t cols,
        NpyShape shape = NpyShape::matrix
    );

    /// Makes the .part, at its whole size, with its header; a .part that is there is removed.
    void create();
    /// Opens the .part that another process made, or an earlier run. @throws IoError where there is none, or it
    /// has another size.
    void open();
    /// As open(), for a .part of an earlier run, and writes its header again: a power cut may have lost that, and kept
    /// the size.
    void reopen();
    /// Writes rows from `first` on: elements in C order, little-endian. @throws ArgumentError for part of a row,
    /// rows past the end, and text out of order.
    void write_rows(std::uint64_t first, std::span<const std::byte> elements);
    /// Puts what was written onto the device.
    void sync();
    void sync_and_close();
    /// Gives the .part its name, which replaces a file of that name, and puts the name onto the device.
    /// @throws IoError where the .part has another size than the matrix, or a write failed.
    void publish();
    /// Closes and removes the .part; one that is not there is no error.
    void discard();

    [[nodiscard]] MatrixFormat format() const noexcept { return format_; }
    [[nodiscard]] ElementType type() const noexcept { return type_; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t cols() const noexcept { return cols_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const std::string& part_path() const noexcept { return part_path_; }
    /// The size of the finished file; of text: what has been written.
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }

private:
    void judge() const;
    [[nodiscard]] std::string make_header() const;
    [[nodiscard]] std::uint64_t row_bytes() const noexcept;
    void require_open() const;
    void require_sound() const;
    void write(std::uint64_t offset, std::span<const std::byte> bytes);
    void write_with_row_headers(std::uint64_t first, std::span<const std::byte> elements);
    void write_text(std::uint64_t first, std::span<const std::byte> elements);
    void close();

    FileSystem* files_;
    std::string path_;
    std::string part_path_;
    MatrixFormat format_;
    ElementType type_;
    std::uint64_t rows_;
    std::uint64_t cols_;
    NpyShape shape_;
    std::string header_;
    std::uint64_t file_bytes_ = 0;
    std::uint64_t next_text_row_ = 0;
    std::unique_ptr<File> file_;
    std::atomic<bool> has_failed_{false};
};

}  // namespace kaygraph

#pragma GCC visibility pop
