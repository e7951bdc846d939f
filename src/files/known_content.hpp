#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// @file
/// What a file is, by the bytes it begins with: so that an error names it, whatever its name promises.

namespace kaygraph::detail {

enum class ContentKind : std::uint8_t {
    gzip,
    zstd,
    packed,  ///< another compression, or an archive
    utf16,
    utf32,
    lfs_pointer,
    web_page,
    npy,
    fasttext,
    other,  ///< a format of tables, documents or models
};

struct KnownContent {
    ContentKind kind;
    std::string_view name;    ///< "gzip data"
    std::string_view advice;  ///< "unpack it"
};

/// How many bytes tell.
inline constexpr std::size_t telling_bytes = 512;

/// Returns what the bytes at the start of a file are known as. UTF-16 and UTF-32 are known by their mark, or by
/// NUL bytes at the same places of ASCII characters.
[[nodiscard]] KAYGRAPH_EXPORT std::optional<KnownContent> known_content(std::string_view start
) noexcept;
[[nodiscard]] KAYGRAPH_EXPORT std::optional<KnownContent> known_content(
    std::span<const std::byte> start
) noexcept;

/// Returns the error for a file that is something else than was expected of it, "npy" or "a fastText model".
[[nodiscard]] KAYGRAPH_EXPORT FormatError
other_content(std::string_view expected, const KnownContent& content, const std::string& file);

/// Judges the start of texts; `is_packed`: they come out of a compressed file.
/// @throws FormatError where it is known as something else than texts in UTF-8.
KAYGRAPH_EXPORT void require_texts(std::string_view start, bool is_packed, const std::string& file);

/// Runs what reads a file of the kind `own`. Where the file is malformed because it is something else, the error says what.
template <class Read>
decltype(auto) naming_content(
    std::span<const std::byte> bytes,
    const std::string& file,
    std::string_view expected,
    std::optional<ContentKind> own,
    const Read& read
) {
    try {
        return read();
    } catch (const FormatError&) {
        const auto content = known_content(bytes);
        if (content && content->kind != own) {
            throw other_content(expected, *content, file);
        }
        throw;
    }
}

}  // namespace kaygraph::detail
