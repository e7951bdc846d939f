#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

/// @file
/// A journal: what a rank did, as it did it, one write a frame. Whatever ends the process, the frames before it stand.
///
/// A frame is, little-endian: "KGJ1" · u32 length of the frame, a multiple of 8 · u64 sequence, from 0 on · u32 kind ·
/// u32 attempt · u64 first item · u64 last item (excluded) · 16 bytes XXH3-128 · u32 length of the note · u32 zero ·
/// the note, padded with zeros · u64 XXH3-64 of all before.
/// @par MPI Local: each rank writes a journal of its own.

#pragma GCC visibility push(hidden)

namespace kaygraph::runs {

enum class FrameKind : std::uint32_t {
    started = 1,   ///< items are being worked on
    done = 2,      ///< their bytes were written; `hash` is of these
    synced = 3,    ///< whatever was done before the frame with the number `first` is on the device
    rejected = 4,  ///< the item `first` failed for good; the note says why
    crashed = 5,   ///< the process died of what these items did
    drained = 6,   ///< the run was stopped and ended in order
    closed = 7,    ///< the run ended
};

struct Frame {
    FrameKind kind = FrameKind::started;
    std::uint32_t attempt = 0;   ///< which start of the run, from 1 on
    std::uint64_t sequence = 0;  ///< given by the writer
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    Hash128 hash = {};
    std::string note = {};  ///< at most 1 MB
};

/// How the note of a `started` frame begins whose one item nothing else of the run was beside; the machine, and how often a
/// batch system has requeued the job, follow.
inline constexpr const char* alone_note = "alone";

/// Where a journal ends, so that it can go on.
struct JournalEnd {
    std::uint64_t bytes = 0;
    std::uint64_t next_sequence = 0;
    static auto codec(auto& self) { return std::tie(self.bytes, self.next_sequence); }
};

/// Appends frames to a journal.
/// @par Threads Any thread.
class KAYGRAPH_EXPORT JournalWriter {
public:
    /// Opens or makes the file; what lies behind `end` is cut off.
    JournalWriter(FileSystem& files, const std::string& path, const JournalEnd& end);

    /// Writes a frame, whose number it returns.
    std::uint64_t append(Frame frame);
    /// The number of the next frame.
    [[nodiscard]] std::uint64_t next_sequence();
    void sync() { file_->sync(); }
    void close() { file_->close(); }

private:
    std::mutex mutex_;
    std::unique_ptr<File> file_;
    JournalEnd end_;
};

/// What reading a journal found.
struct JournalRead {
    JournalEnd end = {};  ///< behind the last good frame
    std::uint64_t torn_bytes =
        0;  ///< behind it: of a frame that was being written when the process ended
};

/// Gives all frames in order. A journal that is not there is empty.
/// @throws FormatError for bytes that are no frame with good frames behind them: the file was damaged; for a frame
/// of a version or a kind that is not known.
KAYGRAPH_EXPORT JournalRead
read_journal(FileSystem& files, const std::string& path, FunctionRef<void(const Frame&)> give);

}  // namespace kaygraph::runs

#pragma GCC visibility pop
