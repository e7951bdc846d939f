#include "text_files.hpp"

#include <kaygraph/base/error.hpp>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

namespace kaygraph::test {

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

void showValue(const Text& text, std::ostream& out) {
    out << text;
}

std::ostream& operator<<(std::ostream& out, const Text& text) {
    return out << text.input << ':' << text.offset << " '" << text.bytes.substr(0, 60) << "' ("
               << text.bytes.size() << ")";
}

std::vector<Text> texts_in(std::string_view bytes, TextFormat format, std::uint32_t input) {
    std::vector<Text> texts;
    std::size_t at = bytes.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
    if (format == TextFormat::whole) {
        return {{std::string{bytes.substr(at)}, at, input}};
    }
    while (at < bytes.size()) {
        const std::size_t newline = bytes.find('\n', at);
        std::string_view line =
            bytes.substr(at, newline == std::string_view::npos ? newline : newline - at);
        if (newline != std::string_view::npos && !line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        const bool is_blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
        if (format == TextFormat::lines || !is_blank) {
            texts.push_back({std::string{line}, at, input});
        }
        at = newline == std::string_view::npos ? bytes.size() : newline + 1;
    }
    return texts;
}

Text text_of(const TextRecord& record) {
    return {std::string{record.bytes}, record.offset, record.input};
}

std::vector<std::uint64_t> counts_of(
    const std::vector<TextInput>& inputs,
    const std::vector<TextPiece>& pieces,
    FileSystem& files
) {
    std::vector<std::uint64_t> counts;
    for (const TextPiece& piece : pieces) {
        counts.push_back(count_texts(inputs, piece, files));
    }
    return counts;
}

TextSource source_of(
    const std::vector<std::string>& paths,
    const TextInputOptions& options,
    std::uint64_t piece_bytes,
    std::size_t n_readers
) {
    const std::vector<TextInput> inputs = list_text_inputs(paths, options);
    const std::vector<TextPiece> pieces = cut_texts(inputs, piece_bytes);
    return TextSource{inputs, pieces, counts_of(inputs, pieces), posix_files(), n_readers};
}

std::vector<Text> read_all(const TextSource& source, std::size_t block) {
    std::vector<Text> texts;
    std::vector<TextRecord> items;
    TextStorage storage;
    for (std::size_t first = 0; first < source.size(); first += block) {
        source.read(first, std::min(block, source.size() - first), items, storage);
        for (const TextRecord& item : items) {
            texts.push_back(text_of(item));
        }
    }
    return texts;
}

}  // namespace kaygraph::test
