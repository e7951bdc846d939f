#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Normal forms, marks and lower case as the normalizers of tokenizers know them: see later_ranges.hpp.

namespace kaygraph::models::detail {

enum class NormalForm : std::uint8_t { nfc, nfd, nfkc, nfkd };

/// A code point with its combining class.
struct ClassedPoint {
    char32_t point = 0;
    int combining_class = 0;
};

/// Appends the full decomposition of a code point.
void append_decomposed(char32_t point, bool compatible, std::vector<ClassedPoint>& points);

/// Sorts each run of combining characters by class, as canonical order wants it.
void order_marks(std::vector<ClassedPoint>& points);

/// Appends a normal form of a text of UTF-8.
void append_form(std::string_view text, NormalForm form, std::string& normalized);

/// Whether a code point is a mark: nonspacing, spacing or enclosing.
[[nodiscard]] bool is_mark(char32_t point) noexcept;

/// Appends the lower case of a code point: one code point, of U+0130 two.
void append_lower(char32_t point, std::string& text);

}  // namespace kaygraph::models::detail
