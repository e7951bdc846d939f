#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kaygraph {

/// What the head of a matrix file says, compared with the bytes that are there.
struct MatrixInfo {
    MatrixFormat format = MatrixFormat::npy;
    ElementType type = ElementType::f32;
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    std::uint64_t data_offset = 0;  ///< of the first element; of text, 0
    std::uint64_t row_stride =
        0;                    ///< bytes from a row to the next; of text and of Fortran order, 0
    bool is_fortran = false;  ///< elements lie column by column
};

/// Reads the head of a matrix file of any format but text.
/// `tensor` names one of a safetensors file; empty: its only matrix.
/// @throws FormatError with `path` and offset; more than 65,536 columns are refused.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT MatrixInfo parse_matrix_head(
    std::span<const std::byte> file,
    MatrixFormat format,
    const std::string& path,
    const std::string& tensor = {}
);

/// A matrix in a file of any format. The file is mapped: it must not shrink meanwhile. One-dimensional arrays are
/// matrices of one column.
/// @par MPI Local.
/// @par Threads Any thread may read.
class KAYGRAPH_EXPORT MatrixReader {
public:
    /// The format follows the name where it is not given.
    /// @throws IoError; FormatError where the file is not what it claims to be; ArgumentError for a name that tells
    /// no format.
    explicit MatrixReader(
        const std::string& path,
        std::optional<MatrixFormat> format = {},
        const std::string& tensor = {}
    );

    [[nodiscard]] const MatrixInfo& info() const noexcept { return info_; }

    /// Reads rows [first, first + out.rows()) as float32: whole numbers as they are, f64 and i64 rounded to nearest.
    /// Shapes: out is n × cols, first + n ≤ rows.
    /// @throws FormatError for a row that says it has another length, or text that is no number.
    void read_rows(std::size_t first, MatrixView<float> out) const;

    /// Reads rows [first, first + count) as they are in the file, in C order. Text is float32.
    /// Shapes: out has count × cols × size_of(type) bytes.
    void read_elements(std::size_t first, std::size_t count, std::span<std::byte> out) const;

private:
    void read_text(std::size_t first, MatrixView<float> out) const;
    void index_text();
    void check_length(std::size_t row) const;
    [[nodiscard]] const std::byte* row(std::size_t row) const noexcept {
        return file_.bytes().data() + info_.data_offset + row * info_.row_stride;
    }

    MappedFile file_;
    MatrixInfo info_;
    std::vector<std::uint64_t> lines_;  // of text: where each row begins
};

}  // namespace kaygraph
