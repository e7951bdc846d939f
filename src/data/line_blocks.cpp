#include <kaygraph/base/error.hpp>
#include <kaygraph/data/line_blocks.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace kaygraph {
namespace {

TextSource counted(std::span<const std::string> paths, FileSystem& files) {
    std::vector<TextInput> inputs = list_text_inputs(paths, {.format = TextFormat::lines}, files);
    std::vector<TextPiece> pieces = cut_texts(inputs);
    std::vector<std::uint64_t> counts;
    counts.reserve(pieces.size());
    for (const TextPiece& piece : pieces) {
        counts.push_back(count_texts(inputs, piece, files));
    }
    return {std::move(inputs), std::move(pieces), std::move(counts), files};
}

std::size_t judged(std::size_t block_lines) {
    if (block_lines == 0) {
        throw ArgumentError("expected at least 1 line a block, found block_lines 0");
    }
    return block_lines;
}

}  // namespace

LineBlocks::LineBlocks(
    std::span<const std::string> paths,
    LineBlocksOptions options,
    FileSystem& files
)
    : block_lines_(judged(options.block_lines)), source_(counted(paths, files)) {}

LineBlocks::LineBlocks(const std::string& path, LineBlocksOptions options, FileSystem& files)
    : LineBlocks(std::span{&path, 1}, options, files) {}

void LineBlocks::read(
    std::size_t first,
    std::size_t count,
    std::vector<LineBlock>& items,
    Storage& storage
) const {
    const std::size_t first_line = std::min(first * block_lines_, lines());
    const std::size_t end_line = std::min((first + count) * block_lines_, lines());
    source_.read(first_line, end_line - first_line, storage.records, storage.bytes);
    storage.lines.clear();
    for (const TextRecord& record : storage.records) {
        if (record.is_too_long) {
            throw FormatError(
                ErrorCode::malformed,
                "expected lines of at most " + std::to_string(max_text_bytes)
                    + " bytes, found a longer one",
                {.file = source_.input(record.input).path,
                 .offset = static_cast<std::int64_t>(record.offset)}
            );
        }
        storage.lines.push_back(record.bytes);
    }
    items.clear();
    const std::span<const std::string_view> lines{storage.lines};
    for (std::size_t begin = 0; begin < lines.size(); begin += block_lines_) {
        items.push_back(
            {.first_line = first_line + begin,
             .lines = lines.subspan(begin, std::min(block_lines_, lines.size() - begin))}
        );
    }
}

}  // namespace kaygraph
