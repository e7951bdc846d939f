#include "jobs/line_sink.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/base/outcome.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace kaygraph::jobs::detail {
namespace {

/// Stands before the bytes of a block in a segment.
struct Frame {
    std::uint64_t first_item = 0;
    std::uint64_t bytes = 0;
};

/// Where the bytes of a block are.
struct Placed {
    Frame frame;
    int rank = 0;
    std::uint64_t offset = 0;
};

template <class T>
std::span<const std::byte> bytes_of(const T& text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20U;

/// Copies bytes from file to file and hashes them, some at a time: how many there are is what a segment says.
void copy_bytes(
    File& from,
    std::uint64_t offset,
    std::uint64_t n,
    File& to,
    std::uint64_t at,
    ContentHasher& hasher
) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(n, piece_bytes)));
    while (n != 0) {
        const auto part =
            std::span{bytes}.first(static_cast<std::size_t>(std::min(n, piece_bytes)));
        if (from.read_at(offset, part) != part.size()) {
            throw IoError(
                ErrorCode::io,
                "the segment has become shorter",
                {.file = from.path(), .offset = static_cast<std::int64_t>(offset)}
            );
        }
        to.write_at(at, part);
        hasher.add(part);
        offset += part.size();
        at += part.size();
        n -= part.size();
    }
}

/// Lists the blocks of a segment.
void list_blocks(File& file, int rank, std::vector<Placed>& blocks) {
    const std::uint64_t end = file.status().bytes;
    for (std::uint64_t at = 0; at < end;) {
        Placed placed{{}, rank, at + sizeof(Frame)};
        const std::size_t n =
            file.read_at(at, std::as_writable_bytes(std::span<Frame, 1>{&placed.frame, 1}));
        if (n != sizeof(Frame) || placed.frame.bytes > end - placed.offset) {
            throw IoError(
                ErrorCode::io,
                "the segment does not end with a block",
                {.file = file.path(), .offset = static_cast<std::int64_t>(at)}
            );
        }
        blocks.push_back(placed);
        at = placed.offset + placed.frame.bytes;
    }
}

}  // namespace

void LineSink::open(const SinkShape& /*shape*/) {
    files_.remove(segment(rank_));
    file_ = files_.open(segment(rank_), OpenMode::create);
}

void LineSink::write(const Block& block, const BlockOutput& output) {
    std::string lines(sizeof(Frame), '\0');
    std::size_t first = 0;
    for (const std::size_t last : output.ends) {
        if (last != first) {  // a failed item has no bytes
            lines += decode<std::string>(output.bytes.subspan(first, last - first));
        }
        first = last;
    }
    const Frame frame{block.first, lines.size() - sizeof(Frame)};
    std::memcpy(lines.data(), &frame, sizeof(frame));
    std::uint64_t offset = 0;
    {
        const std::lock_guard lock{mutex_};
        offset = std::exchange(bytes_, bytes_ + lines.size());
    }
    file_->write_at(offset, bytes_of(lines));
}

void LineSink::finish() {
    file_->close();
    file_.reset();
    if (rank_ == 0) {
        merge();
    }
}

void LineSink::merge() {
    std::vector<std::unique_ptr<File>> segments;
    std::vector<Placed> blocks;
    for (int rank = 0; rank < n_ranks_; ++rank) {
        segments.push_back(files_.open(segment(rank), OpenMode::read));
        list_blocks(*segments.back(), rank, blocks);
    }
    std::sort(blocks.begin(), blocks.end(), [](const Placed& a, const Placed& b) {
        return a.frame.first_item < b.frame.first_item;
    });
    files_.remove(path_ + ".part");
    const std::unique_ptr<File> out = files_.open(path_ + ".part", OpenMode::create);
    std::uint64_t at = 0;
    ContentHasher hasher;
    for (const Placed& block : blocks) {
        File& segment = *segments[static_cast<std::size_t>(block.rank)];
        copy_bytes(segment, block.offset, block.frame.bytes, *out, at, hasher);
        at += block.frame.bytes;
    }
    out->sync();
    out->close();
    product_.stamp.bytes = at;
    product_.hash = hasher.take();
}

void LineSink::publish() {
    files_.rename(path_ + ".part", path_);
    discard();
}

void LineSink::discard() noexcept {
    static_cast<void>(caught([&] {
        files_.remove(path_ + ".part");
        for (int rank = 0; rank < std::max(n_ranks_, most_ranks_); ++rank) {
            files_.remove(segment(rank));
        }
    }));
}

}  // namespace kaygraph::jobs::detail
