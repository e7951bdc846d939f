#pragma once

#include "support/bytes.hpp"
#include "support/packed.hpp"

#include <kaygraph/files/text_source.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Files of texts for tests, and what is in them by the slowest and plainest means.

namespace kaygraph::test {

[[nodiscard]] std::string read_file(const std::string& path);

/// A text as a test compares it.
struct Text {
    std::string bytes;
    std::uint64_t offset = 0;
    std::uint32_t input = 0;

    friend bool operator==(const Text&, const Text&) = default;
};
void showValue(const Text& text, std::ostream& out);
std::ostream& operator<<(std::ostream& out, const Text& text);

/// Returns the texts of a file, as the rules say.
[[nodiscard]] std::vector<Text> texts_in(
    std::string_view bytes,
    TextFormat format,
    std::uint32_t input = 0
);

[[nodiscard]] Text text_of(const TextRecord& record);

/// Counts all pieces.
[[nodiscard]] std::vector<std::uint64_t> counts_of(
    const std::vector<TextInput>& inputs,
    const std::vector<TextPiece>& pieces,
    FileSystem& files = posix_files()
);
/// Lists, cuts and counts files.
[[nodiscard]] TextSource source_of(
    const std::vector<std::string>& paths,
    const TextInputOptions& options = {},
    std::uint64_t piece_bytes = std::uint64_t{256} << 10U,
    std::size_t n_readers = 1
);
/// Reads all texts, `block` at a time.
[[nodiscard]] std::vector<Text> read_all(const TextSource& source, std::size_t block = 1000);

}  // namespace kaygraph::test
