#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_history.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace kaygraph::runs {
namespace {

/// Of what is looked at again on a resume, in items of the run for each of its items. A start does again what it finds
/// damaged, and the blocks at the edges of what was done; more than a few times the items is no history.
constexpr std::uint64_t most_times_done = 8;

[[noreturn]] void fail(const std::string& path, const Frame& frame, const std::string& what) {
    throw FormatError(
        ErrorCode::malformed,
        "frame " + std::to_string(frame.sequence) + ": " + what,
        {.file = path}
    );
}

std::string shown(const Frame& frame) {
    return "[" + std::to_string(frame.first) + ", " + std::to_string(frame.last) + ")";
}

/// Refuses a frame that no run of this extent writes.
void judge_frame(const std::string& path, const Frame& frame, const RunExtent& extent) {
    if (frame.attempt < 1 || frame.attempt > extent.attempts) {
        fail(
            path,
            frame,
            "expected one of the " + std::to_string(extent.attempts)
                + " starts that run.json knows, found start " + std::to_string(frame.attempt)
        );
    }
    switch (frame.kind) {
        case FrameKind::started:
        case FrameKind::done:
        case FrameKind::rejected:
        case FrameKind::crashed:
            if (frame.first >= frame.last || frame.last > extent.n_items
                || (frame.kind == FrameKind::rejected && frame.last - frame.first != 1)) {
                fail(
                    path,
                    frame,
                    std::string{"expected "}
                        + (frame.kind == FrameKind::rejected ? "an item" : "items") + " within the "
                        + std::to_string(extent.n_items) + " of the run, found " + shown(frame)
                );
            }
            break;
        case FrameKind::synced:
            if (frame.first > frame.sequence) {
                fail(
                    path,
                    frame,
                    "expected the number of a frame before it, found " + std::to_string(frame.first)
                );
            }
            break;
        case FrameKind::drained:
        case FrameKind::closed:
            break;
    }
}

/// What journals say of starts of the run that ended without a word.
class Deaths {
public:
    /// Takes the frames of all journals, those of one after the other.
    void add(const Frame& frame) {
        if (frame.attempt != attempt_) {
            end_attempt();
            attempt_ = frame.attempt;
        }
        if (frame.kind == FrameKind::started) {
            const bool is_alone = frame.note.rfind(alone_note, 0) == 0;
            if (is_alone) {
                in_hand_.clear();
            }
            in_hand_[frame.first] = {frame.last, is_alone, frame.note};
        } else if (frame.kind == FrameKind::done) {
            in_hand_.erase(frame.first);
            attempts_[attempt_].has_done = true;
        } else if (frame.kind == FrameKind::drained || frame.kind == FrameKind::closed) {
            in_hand_.clear();
        }
    }
    void end_journal() {
        end_attempt();
        attempt_ = 0;
    }
    /// Takes what a crash noted.
    void add_crash(const Frame& frame) {
        if (frame.last == frame.first + 1) {
            fatal_.add(frame.first, frame.last);
        } else {
            suspects_.add(frame.first, frame.last);
        }
    }

    void judge(RunHistory& history) {
        // what was in hand at two deaths: the sum of the ends so far, from border to border
        int depth = 0;
        std::uint64_t from = 0;
        for (const auto& [border, change] : borders_) {
            if (depth >= 2) {
                suspects_.add(from, border);
            }
            depth += change;
            from = border;
        }
        add_deaths_in_a_row();
        history.fatal = std::move(fatal_);
        history.suspects = suspects_.without(history.done).without(history.fatal);
    }

private:
    struct InHand {
        std::uint64_t last;
        bool is_alone;
        std::string note;
    };
    struct Attempt {
        bool has_done = false;
        std::optional<std::uint64_t> alone = {};  // the item that was, when it died
        std::string place = {};                   // and where
    };

    void end_attempt() {
        for (const auto& [first, in_hand] : in_hand_) {
            ++borders_[first];
            --borders_[in_hand.last];
            if (in_hand.is_alone) {
                attempts_[attempt_].alone = first;
                attempts_[attempt_].place = in_hand.note;
            }
        }
        in_hand_.clear();
    }
    /// Three deaths with one item alone in hand, in one place, and nothing done between them.
    void add_deaths_in_a_row() {
        int n = 0;
        Attempt before;
        for (const auto& [number, attempt] : attempts_) {
            const bool goes_on = attempt.alone && attempt.alone == before.alone
                                 && attempt.place == before.place && !attempt.has_done;
            n = goes_on ? n + 1 : 1;
            before = attempt;
            if (attempt.alone && n == 3) {
                fatal_.add(*attempt.alone, *attempt.alone + 1);
            }
        }
    }

    std::uint32_t attempt_ = 0;
    std::map<std::uint64_t, InHand> in_hand_;  // by first item; of one rank in one attempt
    std::map<std::uint64_t, int> borders_;     // of what was in hand at deaths
    std::map<std::uint32_t, Attempt> attempts_;
    RangeSet suspects_;
    RangeSet fatal_;
};

/// Blocks that were done, of all journals, and what of them stands.
class Blocks {
public:
    explicit Blocks(const RunExtent& extent) : extent_(extent) {}

    /// Takes the frames of all journals, those of one after the other. Nothing of an item counts before the frame that
    /// says its block is done.
    void add(const std::string& path, const Frame& frame) {
        if (frame.kind == FrameKind::started && frame.note.rfind(alone_note, 0) == 0) {
            alone_ = frame.first;
        } else if (frame.kind == FrameKind::done) {
            done_.push_back(
                {.attempt = frame.attempt,
                 .is_alone = alone_ == frame.first && frame.last - frame.first == 1,
                 .sequence = frame.sequence,
                 .path = &*paths_.insert(path).first,
                 .written = {frame.first, frame.last, frame.hash}}
            );
        } else if (frame.kind == FrameKind::synced) {
            synced_before_ = std::max(synced_before_, frame.first);
        } else if (frame.kind == FrameKind::rejected) {
            rejected_[{frame.attempt, frame.first}] = frame.note;
        }
    }
    void end_journal() {
        for (std::size_t i = n_judged_; i < done_.size(); ++i) {
            done_[i].is_synced = done_[i].sequence < synced_before_;
        }
        n_judged_ = done_.size();
        synced_before_ = 0;
        alone_.reset();
    }

    void judge(RunHistory& history) {
        // the latest start first, and in it blocks before items that were tried alone, which they may hold
        std::sort(done_.begin(), done_.end(), [](const Done& a, const Done& b) {
            return std::tuple{b.attempt, a.is_alone, a.written.first}
                   < std::tuple{a.attempt, b.is_alone, b.written.first};
        });
        std::uint64_t n_looked_at = 0;
        const Done* before = nullptr;
        for (const Done& done : done_) {
            require_done_once(done, before);
            before = &done;
            const std::size_t n_before = history.done.size();
            add_rejects(done, history);
            history.done.add(done.written.first, done.written.last);
            if (history.done.size() == n_before) {
                continue;  // all of it was done again
            }
            history.written.push_back(done.written);
            if (!done.is_synced) {
                history.unsynced.push_back(done.written);
            }
            n_looked_at += done.written.last - done.written.first;
            require_bounded(n_looked_at, done);
        }
        for (auto& [at, why] : rejected_) {
            if (!history.done.contains(at.second)) {
                history.rejected_undone[at.second] = std::move(why);
            }
        }
    }

private:
    struct Done {
        std::uint32_t attempt = 0;
        bool is_alone = false;  // an item that was tried by itself
        bool is_synced = false;
        std::uint64_t sequence = 0;
        const std::string* path = nullptr;
        RunHistory::Written written = {};
    };

    [[noreturn]] static void refuse(const Done& done, const std::string& what) {
        Frame frame;
        frame.sequence = done.sequence;
        fail(*done.path, frame, what);
    }
    static void require_done_once(const Done& done, const Done* before) {
        if (before != nullptr && before->attempt == done.attempt
            && before->is_alone == done.is_alone && before->written.last > done.written.first) {
            refuse(
                done,
                "the items from " + std::to_string(done.written.first)
                    + " on were done twice by start " + std::to_string(done.attempt)
            );
        }
    }
    void require_bounded(std::uint64_t n_looked_at, const Done& done) const {
        if (n_looked_at / most_times_done > extent_.n_items) {
            refuse(
                done,
                "journals that tell of each item more than " + std::to_string(most_times_done)
                    + " times"
            );
        }
    }
    /// Those of a block that no later start has done again.
    void add_rejects(const Done& done, RunHistory& history) {
        const RunHistory::Written& block = done.written;
        const auto begin = rejected_.lower_bound({done.attempt, block.first});
        const auto end = rejected_.lower_bound({done.attempt, block.last});
        for (auto reject = begin; reject != end; ++reject) {
            if (!history.done.contains(reject->first.second)) {
                history.rejected[reject->first.second] = reject->second;
            }
        }
    }

    RunExtent extent_;
    std::set<std::string> paths_;
    std::vector<Done> done_;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> rejected_;  // by start and item
    // of the journal that is being read
    std::size_t n_judged_ = 0;
    std::uint64_t synced_before_ = 0;
    std::optional<std::uint64_t> alone_;
};

std::string numbered(std::string_view directory, const char* name, int rank) {
    std::string path{directory};
    return path.append("/").append(name).append(std::to_string(rank));
}

}  // namespace

std::string journal_path(std::string_view directory, int rank) {
    return numbered(directory, "journal.", rank);
}

std::string crashes_path(std::string_view directory, int rank) {
    return numbered(directory, "crashes.", rank);
}

RunHistory read_history(FileSystem& files, const std::string& directory, const RunExtent& extent) {
    RunHistory history;
    Blocks blocks{extent};
    Deaths deaths;
    for (int rank = 0; rank < extent.most_ranks; ++rank) {
        const std::string journal = journal_path(directory, rank);
        std::uint32_t attempt = 0;
        const JournalRead read = read_journal(files, journal, [&](const Frame& frame) {
            judge_frame(journal, frame, extent);
            if (frame.attempt < std::exchange(attempt, frame.attempt)) {
                fail(journal, frame, "expected starts in their order, found an earlier one");
            }
            deaths.add(frame);
            blocks.add(journal, frame);
        });
        deaths.end_journal();
        blocks.end_journal();
        history.ends.push_back(read.end);
        history.torn_bytes += read.torn_bytes;
        const std::string crashes = crashes_path(directory, rank);
        read_journal(files, crashes, [&](const Frame& frame) {
            judge_frame(crashes, frame, extent);
            if (frame.kind != FrameKind::crashed) {
                fail(crashes, frame, "expected the note of a crash, found another frame");
            }
            deaths.add_crash(frame);
        });
    }
    blocks.judge(history);
    deaths.judge(history);
    return history;
}

}  // namespace kaygraph::runs
