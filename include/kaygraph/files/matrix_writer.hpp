#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kaygraph {

/// Writes a matrix into a file, in place: the offset of a row follows from its number alone, so that any
/// number of ranks and threads may write, in any order, and a row may be written twice. All of it goes to
/// PATH.part; `publish` gives the complete file its name.
///
/// On several ranks, between agreements: one rank calls `create`, then the others `open`; all write; all call
/// `sync_and_close`; one calls `publish`. Text has rows of any length: it is written by one rank and thread, in order.
/// @par MPI Local: the ranks need a file system that they share.
/// @par Threads `write_rows`: any thread; the others: one.
class KAYGRAPH_EXPORT MatrixWriter {
public:
    /// @throws ArgumentError where the format cannot hold the type or the shape.
    MatrixWriter(
        FileSystem& files,
        std::string path,
        MatrixFormat format,
        ElementType type,
        std::uint64_t rows,
        std::uint64_t cols
    );
    /// A vector: an .npy file of one dimension.
    [[nodiscard]] static MatrixWriter vector(
        FileSystem& files,
        std::string path,
        ElementType type,
        std::uint64_t n
    );

    [[nodiscard]] MatrixFormat format() const noexcept { return format_; }
    [[nodiscard]] ElementType type() const noexcept { return type_; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t cols() const noexcept { return cols_; }
    [[nodiscard]] std::string part_path() const { return path_ + ".part"; }

    /// Makes PATH.part, of its whole size; one that was there is removed.
    void create();
    /// Opens what another rank has made.
    void open();
    /// Writes rows from `first` on. Shapes: elements are n × cols in C order.
    void write_rows(std::uint64_t first, std::span<const std::byte> elements);
    /// Puts what this rank wrote onto the device. After an error the file is not to be trusted.
    void sync_and_close();
    /// Renames PATH.part to PATH, for good. @throws IoError where it has not the size it must have.
    void publish();
    /// Removes PATH.part.
    void discard();

private:
    [[nodiscard]] bool has_row_heads() const noexcept;
    void write(std::uint64_t offset, std::span<const std::byte> bytes);
    void write_text(std::uint64_t first, std::span<const std::byte> elements);

    FileSystem* files_;
    std::string path_;
    MatrixFormat format_;
    ElementType type_;
    std::uint64_t rows_;
    std::uint64_t cols_;
    std::string head_;
    std::uint64_t bytes_ = 0;  // of the file; of text, so far
    std::uint64_t next_text_row_ = 0;
    std::unique_ptr<File> file_;
};

}  // namespace kaygraph
