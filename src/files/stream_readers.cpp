#include "files/stream_readers.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace kaygraph::detail {
namespace {

constexpr std::size_t most_streams_of_a_file = 2;
constexpr std::size_t most_kept = 16;
constexpr std::uint64_t widest_gap = 8;  // in steps: wider ones are not on their way to anybody

}  // namespace

std::shared_ptr<StreamReaders::PackedFile> StreamReaders::file_of(std::uint32_t index) {
    const std::lock_guard lock{mutex_};
    const auto found = std::find(by_use_.begin(), by_use_.end(), index);
    if (found != by_use_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found);
        return by_index_[index];
    }
    by_use_.push_front(index);
    if (by_use_.size() > most_streams_) {
        by_index_.erase(by_use_.back());
        by_use_.pop_back();
    }
    return by_index_[index] = std::make_shared<PackedFile>();
}

/// Returns the stream that is nearest before a text, out of the file's: a request that fails leaves none that
/// stands nobody knows where.
std::shared_ptr<StreamReaders::Stream> StreamReaders::take_stream(
    PackedFile& file,
    const TextInput& input,
    std::uint64_t first
) {
    const auto behind = file.streams.upper_bound(first);
    if (behind == file.streams.begin()) {
        if (file.streams.size() >= most_streams_of_a_file) {
            file.streams.erase(file.streams.begin());
        }
        return std::make_shared<Stream>(Stream{
            LineStream{open_stream(input, files_), input.format}, 0});
    }
    return file.streams.extract(std::prev(behind)).mapped();
}

StreamLine StreamReaders::next_of(Stream& stream, const TextInput& input) {
    const std::optional<StreamLine> line = stream.lines.next();
    if (!line) {
        throw FormatError(
            ErrorCode::malformed,
            "the file has changed while it was read: expected more than "
                + std::to_string(stream.next) + " texts",
            {.file = input.path}
        );
    }
    ++stream.next;
    return *line;
}

void StreamReaders::keep(
    PackedFile& file,
    Stream& stream,
    const TextInput& input,
    std::size_t count
) {
    Kept kept;
    kept.count = count;
    const std::uint64_t first = stream.next;
    for (std::size_t i = 0; i < count; ++i) {
        const StreamLine line = next_of(stream, input);
        kept.bytes += line.bytes;
        kept.ends.push_back(kept.bytes.size());
        kept.lines.push_back(line);
    }
    if (file.kept.size() >= most_kept) {
        file.kept.erase(file.kept.begin());  // the earliest: nobody came for it
    }
    file.kept[first] = std::move(kept);
}

bool StreamReaders::give_kept(
    PackedFile& file,
    std::uint64_t first,
    std::size_t count,
    FunctionRef<void(const StreamLine&)> take
) {
    const auto found = file.kept.find(first);
    if (found == file.kept.end() || found->second.count != count) {
        return false;
    }
    const Kept kept = std::move(found->second);
    file.kept.erase(found);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count; ++i) {
        StreamLine line = kept.lines[i];
        line.bytes = std::string_view{kept.bytes}.substr(begin, kept.ends[i] - begin);
        begin = kept.ends[i];
        take(line);
    }
    return true;
}

void StreamReaders::read(
    std::uint32_t index,
    const TextInput& input,
    std::uint64_t first,
    std::size_t count,
    std::size_t step,
    FunctionRef<void(const StreamLine&)> take
) {
    const std::shared_ptr<PackedFile> file = file_of(index);
    const std::lock_guard lock{file->mutex};
    if (give_kept(*file, first, count, take)) {
        return;
    }
    const std::shared_ptr<Stream> stream = take_stream(*file, input, first);
    while (first - stream->next > widest_gap * step) {
        next_of(*stream, input);
    }
    while (stream->next < first) {
        // the steps end where this request begins
        const std::uint64_t gap = first - stream->next;
        keep(*file, *stream, input, static_cast<std::size_t>((gap - 1) % step + 1));
    }
    for (std::size_t i = 0; i < count; ++i) {
        take(next_of(*stream, input));
    }
    file->streams[stream->next] = stream;
}

}  // namespace kaygraph::detail
