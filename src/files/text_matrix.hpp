#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/files/matrix_info.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph::detail {

/// The rows of a text, found by one pass over its line ends that remembers where every 64th row begins.
/// That pass refuses lines too short for their numbers; all else is judged when a row is asked for.
/// @par Threads Any thread may read.
class TextMatrix {
public:
    /// `type` is what the numbers are read as. Bytes and path must outlive this.
    TextMatrix(std::span<const std::byte> file, const std::string& path, ElementType type);

    [[nodiscard]] const MatrixInfo& info() const noexcept { return info_; }

    void read_rows(std::uint64_t first, MatrixView<float> out) const;
    /// `out` has room for the rows.
    void read_elements(std::uint64_t first, std::uint64_t n_rows, std::span<std::byte> out) const;
    void check(std::uint64_t first, std::uint64_t n_rows) const;

private:
    static constexpr std::uint64_t rows_per_mark = 64;

    void mark_rows();
    [[nodiscard]] std::uint64_t count_fields(std::size_t begin) const;
    template <class Fields>
    void require_one_separator(const Fields& fields, std::uint64_t row) const;
    [[nodiscard]] std::size_t begin_of(std::uint64_t row) const;
    [[nodiscard]] std::size_t end_of_line(std::size_t begin) const;
    /// Where the next row begins, from the start of a line on: behind lines of comments. The end where there is none.
    [[nodiscard]] std::size_t row_from(std::size_t begin) const;
    template <class Row>
    void for_each_row(std::uint64_t first, std::uint64_t n_rows, const Row& row) const;
    template <class T>
    void read_row(std::uint64_t row, std::size_t begin, std::size_t end, std::byte* out) const;
    [[noreturn]] void refuse_row(std::uint64_t row, std::size_t begin, std::uint64_t n_fields)
        const;
    [[noreturn]] void fail(
        std::size_t offset,
        const std::string& expected,
        const std::string& found
    ) const;

    std::string_view text_;  // without the white space at its end
    const std::string* path_;
    MatrixInfo info_;
    std::vector<std::size_t> marks_;
};

}  // namespace kaygraph::detail
