#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/files/matrix_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace detail {
class TextMatrix;
}  // namespace detail

/// Reads the rows of a matrix file of any format. The file is mapped, its header is judged when it is opened,
/// and nothing is allocated by what it says. Sizes of rows that a file repeats (.fvecs, .bvecs, .ivecs) or that
/// must be counted (text) are judged as rows are read: check() does it without reading.
///
/// Text is opened by one pass over its line ends. A byte order mark, white space at the end, and lines that begin
/// with # (numpy.savetxt writes its header so) are passed over; rows may end in CR LF; an empty row in between is an
/// error, and so is what is no number, or none in the range of its type. NaN and infinities are numbers in every format.
/// @par MPI Local.
/// @par Threads Any thread may read.
class KAYGRAPH_EXPORT MatrixReader {
public:
    /// `format`: none is the one that the extension says. `tensor` names one of a .safetensors file; empty is its only
    /// one of two dimensions. `text_type` is what the numbers of a text are read as; not f16.
    /// @throws ArgumentError for an unknown extension; IoError for a file that cannot be read; FormatError for
    /// one that is not what its format says.
    explicit MatrixReader(
        const std::string& path,
        std::optional<MatrixFormat> format = {},
        const std::string& tensor = {},
        ElementType text_type = ElementType::f32
    );

    /// Reads a file that is in memory already, and stays there. `name` stands for it in errors.
    [[nodiscard]] static MatrixReader of_bytes(
        std::span<const std::byte> bytes,
        const std::string& name,
        std::optional<MatrixFormat> format = {},
        const std::string& tensor = {},
        ElementType text_type = ElementType::f32
    );

    [[nodiscard]] const MatrixInfo& info() const noexcept { return info_; }
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }

    /// Reads rows from `first` on as float32. f16, f32, i8 and u8 are exact (i8 as plain integers); i32, i64 and
    /// f64 are rounded to the nearest, f64 beyond the range of float32 becomes infinite.
    /// Shapes: out is any number of rows × info().cols. @throws FormatError for a row that is not like the first,
    /// with its offset; what `out` holds then is unspecified.
    void read_rows(std::uint64_t first, MatrixView<float> out) const;

    /// Copies rows in the file's own element type, in C order. `out` has their size exactly.
    /// @throws FormatError as read_rows() does.
    void read_elements(std::uint64_t first, std::uint64_t n_rows, std::span<std::byte> out) const;

    /// Judges rows as reading them would. @throws FormatError for one that is not like the first.
    void check(std::uint64_t first, std::uint64_t n_rows) const;

    /// Returns all elements in place where the file holds them in C order with nothing between: .npy that is not
    /// in Fortran order, the .fbin family, .safetensors. Not aligned.
    [[nodiscard]] std::optional<std::span<const std::byte>> raw() const noexcept;

private:
    MatrixReader() = default;
    void read_header(MatrixFormat format, const std::string& tensor, ElementType text_type);
    void require_rows(std::uint64_t first, std::uint64_t n_rows) const;
    void check_row(std::uint64_t row) const;

    MappedFile file_;
    std::span<const std::byte> bytes_;
    std::shared_ptr<const std::string> path_;  // its place stays when the reader moves
    std::shared_ptr<const detail::TextMatrix> text_;
    MatrixInfo info_;
    bool has_row_headers_ = false;
};

}  // namespace kaygraph

#pragma GCC visibility pop
