// The texts of a file must not depend on how it is cut and read, nor whether it is refused for what it is. The first
// three bytes say how.
#include "files/memory_files.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace kaygraph;

void check(bool is_right) {
    if (!is_right) {
        __builtin_trap();
    }
}

struct Text {
    std::string bytes;
    std::uint64_t offset = 0;

    friend bool operator==(const Text&, const Text&) = default;
};

/// Returns nothing where the file is known as something else than texts.
std::optional<std::vector<Text>> texts_of(
    test::MemoryFiles& files,
    TextFormat format,
    std::uint64_t piece_bytes,
    std::size_t block,
    bool is_forward
) {
    const std::vector<TextInput> inputs = files.input(format, Compression::none);
    const std::vector<TextPiece> pieces = cut_texts(inputs, piece_bytes);
    std::vector<std::uint64_t> counts;
    try {
        for (const TextPiece& piece : pieces) {
            counts.push_back(count_texts(inputs, piece, files));
        }
    } catch (const FormatError&) {
        return {};
    }
    const TextSource source{inputs, pieces, counts, files};
    std::vector<Text> texts(source.size());
    std::vector<TextRecord> items;
    TextStorage storage;
    const std::size_t n_blocks = (source.size() + block - 1) / block;
    for (std::size_t i = 0; i < n_blocks; ++i) {
        const std::size_t first = block * (is_forward ? i : n_blocks - 1 - i);
        source.read(first, std::min(block, source.size() - first), items, storage);
        for (std::size_t j = 0; j < items.size(); ++j) {
            texts[first + j] = {std::string{items[j].bytes}, items[j].offset};
        }
    }
    return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const auto format = static_cast<TextFormat>(data[0] % 3);
    const std::uint64_t piece_bytes = std::uint64_t{1} << (data[0] / 16U);
    const std::size_t block = data[1] % 16U + 1U;
    const std::span<const std::byte> bytes = std::as_bytes(std::span{data, size}).subspan(3);
    test::MemoryFiles files{bytes};
    const auto whole = texts_of(files, format, bytes.size() + 1, bytes.size() + 1, true);
    check(whole == texts_of(files, format, piece_bytes, block, data[2] % 2 == 0));
    if (!whole) {
        return 0;
    }
    for (const Text& text : *whole) {
        const std::string_view all{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        check(all.substr(text.offset, text.bytes.size()) == text.bytes);
        const std::size_t end = text.offset + text.bytes.size();
        check(
            format == TextFormat::whole || end == all.size() || all[end] == '\n' || all[end] == '\r'
        );
        check(format == TextFormat::whole || text.bytes.find('\n') == std::string::npos);
    }
    return 0;
}
