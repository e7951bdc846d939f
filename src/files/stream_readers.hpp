#pragma once

#include "files/text_lines.hpp"

#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace kaygraph::detail {

/// Texts of compressed files by number. A stream only goes forward: readers whose requests come nearly in
/// order share one, and what one of them passes by on its way is kept for the others. Any order is
/// served: a request behind all streams opens the file anew.
class StreamReaders {
public:
    StreamReaders(FileSystem& files, std::size_t most_streams)
        : files_(files), most_streams_(most_streams) {}

    /// Gives texts [first, first + count) of a file to `take`, in order. `step` is how many texts a reader asks
    /// for at once: what is kept for others is cut so.
    /// @throws FormatError where the file has fewer texts.
    void read(
        std::uint32_t index,
        const TextInput& input,
        std::uint64_t first,
        std::size_t count,
        std::size_t step,
        FunctionRef<void(const StreamLine&)> take
    );

private:
    /// Texts that were passed by.
    struct Kept {
        std::size_t count = 0;
        std::string bytes;
        std::vector<StreamLine> lines;  // `bytes` of each are offsets until given: see give()
        std::vector<std::size_t> ends;
    };
    struct Stream {
        LineStream lines;
        std::uint64_t next = 0;  // the text that it gives next
    };
    struct PackedFile {
        std::mutex mutex;  // one request at a time decompresses
        std::map<std::uint64_t, std::shared_ptr<Stream>>
            streams;                         // by the text that they give next
        std::map<std::uint64_t, Kept> kept;  // by their first text
    };

    std::shared_ptr<PackedFile> file_of(std::uint32_t index);
    std::shared_ptr<Stream> take_stream(
        PackedFile& file,
        const TextInput& input,
        std::uint64_t first
    );
    void keep(PackedFile& file, Stream& stream, const TextInput& input, std::size_t count);
    static StreamLine next_of(Stream& stream, const TextInput& input);
    static bool give_kept(
        PackedFile& file,
        std::uint64_t first,
        std::size_t count,
        FunctionRef<void(const StreamLine&)> take
    );

    FileSystem& files_;
    std::size_t most_streams_;
    std::mutex mutex_;
    std::list<std::uint32_t> by_use_;  // files, the last used first
    std::unordered_map<std::uint32_t, std::shared_ptr<PackedFile>> by_index_;
};

}  // namespace kaygraph::detail
