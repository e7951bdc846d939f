#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/runs/journal.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// What the journals of a run say of what was done before, judged by what the run is: everything that reads a journal's
/// ranges reads them here.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::runs {

/// What journals are judged by: what run.json says of the run.
struct RunExtent {
    std::uint64_t n_items = 0;
    std::uint32_t attempts = 0;  ///< how often it was started
    int most_ranks = 0;          ///< there are journals up to this one
};

/// What journals say of what was done before. Ranges are within the items of the run.
struct RunHistory {
    /// Bytes that were written, perhaps not onto the device.
    struct Written {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        Hash128 hash = {};
    };

    RangeSet done = {};  ///< items
    /// Of these; together they cover what is done. Blocks that later starts did again are not among them; those of
    /// different starts may overlap in part, where the block size changed.
    std::vector<Written> written = {};
    std::vector<Written> unsynced = {};  ///< of these, what a power cut may have lost
    std::map<std::uint64_t, std::string> rejected = {};  ///< done items without a result: why
    /// The same for those whose block did not end, because the run did.
    std::map<std::uint64_t, std::string> rejected_undone = {};
    /// Items that may have ended the process, by a crash or by being in hand at two deaths; neither done nor `fatal`.
    RangeSet suspects = {};
    /// Items that did: by a crash with nothing else in hand, or three deaths in a row.
    RangeSet fatal = {};
    std::vector<JournalEnd> ends = {};  ///< by rank
    std::uint64_t torn_bytes = 0;       ///< of frames that were never finished
};

/// Returns the journal of a rank in a run directory.
[[nodiscard]] KAYGRAPH_EXPORT std::string journal_path(std::string_view directory, int rank);
/// Returns where crashes of a rank are noted, as frames: see note_crash.
[[nodiscard]] KAYGRAPH_EXPORT std::string crashes_path(std::string_view directory, int rank);

/// Reads all journals of a run directory. Torn ends stay; they are cut off when a journal goes on.
/// @throws FormatError as read_journal; for a frame that no run of this extent writes: items beyond those of the run, a start
/// that never was, a block that one start did twice, and blocks done again so often that looking at them would take
/// many times the work of the run.
[[nodiscard]] KAYGRAPH_EXPORT RunHistory
read_history(FileSystem& files, const std::string& directory, const RunExtent& extent);

}  // namespace kaygraph::runs

#pragma GCC visibility pop
