#include "files/text_matrix.hpp"

#include "files/elements.hpp"
#include "files/number_text.hpp"
#include "files/shown.hpp"

#include <kaygraph/base/error.hpp>

#include <type_traits>

namespace kaygraph::detail {
namespace {

constexpr std::size_t max_line_bytes = 16U << 20U;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/// The fields of one line: all apart by blanks, or all by one comma with blanks around it.
class Fields {
public:
    explicit Fields(std::string_view line) noexcept : line_(line) { skip_blanks(); }

    /// Returns the next field: empty at the end of the line, and where a comma has nothing before it.
    std::string_view next() noexcept {
        std::size_t end = at_;
        while (end < line_.size() && !is_blank(line_[end]) && line_[end] != ',') {
            ++end;
        }
        const std::string_view field = line_.substr(at_, end - at_);
        begin_ = at_;
        at_ = end;
        skip_blanks();
        after_comma_ = at_ < line_.size() && line_[at_] == ',';
        n_commas_ += after_comma_ ? 1 : 0;
        n_blanks_ += !after_comma_ && at_ < line_.size() ? 1 : 0;
        if (after_comma_) {
            ++at_;
            skip_blanks();
        }
        return field;
    }

    /// Whether commas part some of the fields so far and blanks others: then one of them is no separator, as in numbers with
    /// decimal commas or with commas between thousands.
    [[nodiscard]] bool are_mixed() const noexcept { return n_commas_ != 0 && n_blanks_ != 0; }

    /// Returns what stands between blanks around the first comma.
    [[nodiscard]] std::string_view around_comma() const noexcept {
        std::size_t begin = line_.find(',');
        std::size_t end = begin;
        while (begin > 0 && !is_blank(line_[begin - 1])) {
            --begin;
        }
        while (end < line_.size() && !is_blank(line_[end])) {
            ++end;
        }
        return line_.substr(begin, end - begin);
    }

    /// Whether nothing follows: a comma announces a field.
    [[nodiscard]] bool done() const noexcept { return at_ == line_.size() && !after_comma_; }
    /// Where in the line the field began that next() gave last.
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }

private:
    void skip_blanks() noexcept {
        while (at_ < line_.size() && is_blank(line_[at_])) {
            ++at_;
        }
    }

    std::string_view line_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;
    std::size_t n_commas_ = 0;
    std::size_t n_blanks_ = 0;
    bool after_comma_ = false;
};

/// Returns what makes elements of a type of a number that it does not have; nothing for what is no number.
std::string advice_on(std::string_view field, ElementType type) {
    double value = 0;
    if (!read_number(field, value)) {
        return "";
    }
    switch (type) {
        case ElementType::f32:
            return "; convert --dtype f64 keeps it";
        case ElementType::i8:
            return "; convert --i8-scale makes i8 of numbers with fractions: 127 of those within 1";
        default:
            return "; to round or clamp it, convert the text to a .npy of f64 first, then that";
    }
}

}  // namespace

TextMatrix::TextMatrix(std::span<const std::byte> file, const std::string& path, ElementType type)
    : text_(reinterpret_cast<const char*>(file.data()), file.size()), path_(&path) {
    if (type == ElementType::f16) {
        throw ArgumentError("text is not read as f16; read it as f32", {.file = path});
    }
    info_ = {.format = MatrixFormat::text, .type = type, .variant = "text"};
    const std::size_t last = text_.find_last_not_of(" \t\r\v\f\n");
    text_ = text_.substr(0, last == std::string_view::npos ? 0 : last + 1);
    info_.data_offset = row_from(text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    if (text_.size() == info_.data_offset) {
        return;
    }
    info_.cols = count_fields(info_.data_offset);
    if (info_.cols < 1 || info_.cols > max_matrix_columns) {
        fail(
            info_.data_offset,
            "1 to " + std::to_string(max_matrix_columns) + " numbers in the first row",
            info_.cols < 1 ? "none" : "more"
        );
    }
    mark_rows();
}

void TextMatrix::mark_rows() {
    // digits and what is between them: so the elements of the matrix are never more than the bytes of the file
    const std::size_t least_bytes = 2 * info_.cols - 1;
    for (std::size_t begin = info_.data_offset; begin < text_.size();) {
        const std::size_t end = end_of_line(begin);
        if (end - begin > max_line_bytes) {
            fail(
                begin,
                "a line of " + std::to_string(max_line_bytes) + " bytes at most",
                "one of " + std::to_string(end - begin)
            );
        }
        if (end - begin < least_bytes) {
            refuse_row(info_.rows, begin, count_fields(begin));
        }
        if (info_.rows % rows_per_mark == 0) {
            marks_.push_back(begin);
        }
        ++info_.rows;
        begin = row_from(end + 1);
    }
}

std::uint64_t TextMatrix::count_fields(std::size_t begin) const {
    Fields fields{text_.substr(begin, end_of_line(begin) - begin)};
    std::uint64_t n = 0;
    while (!fields.done() && n <= max_matrix_columns) {
        if (fields.next().empty()) {
            fail(begin + fields.begin(), "a number", "nothing before a comma or the end");
        }
        ++n;
    }
    return n;
}

template <class Fields>
void TextMatrix::require_one_separator(const Fields& fields, std::uint64_t row) const {
    if (!fields.are_mixed()) {
        return;
    }
    const std::string_view field = fields.around_comma();
    fail(
        static_cast<std::size_t>(field.data() - text_.data()),
        "either blanks or commas between the numbers of row " + std::to_string(row)
            + ", and in numbers a point",
        "both at " + shown(field, 40)
    );
}

std::size_t TextMatrix::end_of_line(std::size_t begin) const {
    const std::size_t end = text_.find('\n', begin);
    return end == std::string_view::npos ? text_.size() : end;
}

std::size_t TextMatrix::begin_of(std::uint64_t row) const {
    std::size_t begin = marks_[row / rows_per_mark];
    for (std::uint64_t i = row % rows_per_mark; i != 0; --i) {
        begin = row_from(end_of_line(begin) + 1);
    }
    return begin;
}

std::size_t TextMatrix::row_from(std::size_t begin) const {
    while (begin < text_.size()) {
        std::size_t first = begin;
        while (first < text_.size() && is_blank(text_[first])) {
            ++first;
        }
        if (first == text_.size() || text_[first] != '#') {
            return begin;
        }
        begin = end_of_line(first) + 1;
    }
    return text_.size();
}

template <class Row>
void TextMatrix::for_each_row(std::uint64_t first, std::uint64_t n_rows, const Row& row) const {
    if (n_rows == 0) {
        return;
    }
    std::size_t begin = begin_of(first);
    for (std::uint64_t i = 0; i < n_rows; ++i) {
        const std::size_t end = end_of_line(begin);
        row(i, begin, end);
        begin = row_from(end + 1);
    }
}

template <class T>
void TextMatrix::read_row(std::uint64_t row, std::size_t begin, std::size_t end, std::byte* out)
    const {
    Fields fields{text_.substr(begin, end - begin)};
    std::uint64_t n = 0;
    for (; n < info_.cols && !fields.done(); ++n) {
        const std::string_view field = fields.next();
        T value{};
        if (!read_number(field, value)) {
            fail(
                begin + fields.begin(),
                "a number that " + std::string{to_string(info_.type)} + " can hold in row "
                    + std::to_string(row),
                shown(field, 40) + advice_on(field, info_.type)
            );
        }
        require_one_separator(fields, row);
        if (out != nullptr) {
            std::memcpy(out + n * sizeof(T), &value, sizeof(T));
        }
    }
    if (n != info_.cols || !fields.done()) {
        refuse_row(row, begin, n == info_.cols ? n + 1 : n);
    }
}

void TextMatrix::refuse_row(std::uint64_t row, std::size_t begin, std::uint64_t n_fields) const {
    fail(
        begin,
        std::to_string(info_.cols) + " numbers in row " + std::to_string(row) + " as in the first",
        n_fields > info_.cols ? "more" : std::to_string(n_fields)
    );
}

void TextMatrix::read_rows(std::uint64_t first, MatrixView<float> out) const {
    with_element_type(info_.type, [&](auto type) {
        using T = decltype(type);
        if constexpr (std::is_same_v<T, float>) {
            for_each_row(
                first,
                out.rows(),
                [&](std::uint64_t i, std::size_t begin, std::size_t end) {
                    auto* const to =
                        reinterpret_cast<std::byte*>(out.data() + i * out.row_stride());
                    read_row<float>(first + i, begin, end, to);
                }
            );
        } else if constexpr (!std::is_same_v<T, Half>) {
            std::vector<T> row(info_.cols);
            for_each_row(
                first,
                out.rows(),
                [&](std::uint64_t i, std::size_t begin, std::size_t end) {
                    read_row<T>(first + i, begin, end, reinterpret_cast<std::byte*>(row.data()));
                    for (std::size_t c = 0; c < row.size(); ++c) {
                        out(i, c) = to_float(row[c]);
                    }
                }
            );
        }
    });
}

void TextMatrix::read_elements(std::uint64_t first, std::uint64_t n_rows, std::span<std::byte> out)
    const {
    const std::uint64_t row_bytes = info_.cols * size_of(info_.type);
    with_element_type(info_.type, [&](auto type) {
        using T = decltype(type);
        if constexpr (!std::is_same_v<T, Half>) {
            for_each_row(first, n_rows, [&](std::uint64_t i, std::size_t begin, std::size_t end) {
                read_row<T>(
                    first + i, begin, end, out.empty() ? nullptr : out.data() + i * row_bytes
                );
            });
        }
    });
}

void TextMatrix::check(std::uint64_t first, std::uint64_t n_rows) const {
    read_elements(first, n_rows, {});
}

void TextMatrix::fail(std::size_t offset, const std::string& expected, const std::string& found)
    const {
    throw FormatError(
        ErrorCode::malformed,
        "expected " + expected + ", found " + found,
        {.file = *path_, .offset = static_cast<std::int64_t>(offset)}
    );
}

}  // namespace kaygraph::detail
