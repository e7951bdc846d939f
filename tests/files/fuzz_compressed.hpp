#pragma once

#include "memory_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kaygraph::test {

/// Counts and reads bytes as a compressed file, forward and backward: both ways must give the same.
inline void fuzz_compressed(std::span<const std::byte> bytes, Compression compression) {
    MemoryFiles files{bytes};
    const std::vector<TextInput> inputs = files.input(TextFormat::lines, compression);
    const std::vector<TextPiece> pieces = cut_texts(inputs);
    std::uint64_t count = 0;
    try {
        count = count_texts(inputs, pieces[0], files);
    } catch (const FormatError&) {
        return;
    }
    const TextSource source{inputs, pieces, {count}, files};
    std::vector<TextRecord> items;
    TextStorage storage;
    const std::size_t n = std::min<std::size_t>(source.size(), 64);
    std::vector<std::string> texts;
    source.read(0, n, items, storage);
    for (const TextRecord& item : items) {
        texts.emplace_back(item.bytes);
    }
    const std::size_t step = n / 4 + 1;
    for (std::size_t end = n; end > 0;) {
        const std::size_t first = end - std::min(end, step);
        source.read(first, end - first, items, storage);
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].bytes != texts[first + i]) {
                __builtin_trap();
            }
        }
        end = first;
    }
}

}  // namespace kaygraph::test
