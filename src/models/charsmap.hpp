#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The compiled rules of SentencePiece's normalizers: what stands for a character or a few of them.

namespace kaygraph::models::detail {

/// @par Threads Any thread.
class Charsmap {
public:
    /// Reads rules from bytes: u32 size of a trie, its units of 4 bytes (Darts-clone), then the replacements, each
    /// with a NUL at its end. Returns nothing where the bytes are none such.
    [[nodiscard]] KAYGRAPH_EXPORT static std::optional<Charsmap> parse(std::string_view bytes);

    /// Takes the first grapheme off a text of UTF-8 that is not empty, and appends what stands for it: of a short one
    /// (less than 6 bytes) the shortest beginning that has a rule decides; of others each character is looked up.
    KAYGRAPH_EXPORT void append_first(std::string_view& text, std::string& normalized) const;

private:
    [[nodiscard]] std::optional<std::string_view> find(std::string_view text) const noexcept;
    void append_grapheme(std::string_view grapheme, std::string& normalized) const;

    std::vector<std::uint32_t> units_;
    std::string replacements_;
};

/// Decodes base64 with padding; nothing where the text is none.
[[nodiscard]] KAYGRAPH_EXPORT std::optional<std::string> decode_base64(std::string_view text);

}  // namespace kaygraph::models::detail
