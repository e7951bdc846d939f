#include <kaygraph/base/codec.hpp>
#include <kaygraph/metrics/gather.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

/// The figures of a report that are added up.
struct Sums {
    std::size_t threads = 1;
    std::vector<NodeCounts> counts = {};
    std::vector<NodeTimes> times = {};

    explicit Sums(const RunReport& report) : threads(report.threads) {
        for (const NodeStats& node : report.nodes) {
            counts.push_back(node.counts);
            times.push_back(node.times);
        }
    }
    Sums() = default;

    void merge(const Sums& other) {
        if (other.counts.size() != counts.size() || other.times.size() != times.size()) {
            throw InternalError("ranks gathered reports of different graphs");
        }
        threads = std::max(threads, other.threads);
        for (std::size_t i = 0; i < counts.size(); ++i) {
            counts[i].merge(other.counts[i]);
            times[i].merge(other.times[i]);
        }
    }
    void store(RunReport& report) const {
        report.threads = threads;
        for (std::size_t i = 0; i < report.nodes.size(); ++i) {
            report.nodes[i].counts = counts[i];
            report.nodes[i].times = times[i];
        }
    }
    static auto codec(auto& self) { return std::tie(self.threads, self.counts, self.times); }
};

/// What is rank 0's alone, and told to all.
struct Told {
    Sums sums = {};
    double elapsed = 0;
    double critical_path = 0;
    std::vector<std::string> critical_names = {};
    std::vector<double> critical_times = {};

    static auto codec(auto& self) {
        return std::tie(
            self.sums, self.elapsed, self.critical_path, self.critical_names, self.critical_times
        );
    }
};

/// What rank 0 is told by each.
struct RankRow {
    RankFigures figures = {};
    RankTimeline timeline = {};
    static auto codec(auto& self) { return std::tie(self.figures, self.timeline); }
};

}  // namespace

void gather_report(Communicator& ranks, RunReport& report, const RankFigures& own) {
    ranks.doing("the gathering of figures", report.graph);
    Sums sums{report};
    ranks.reduce(
        [&] { return encode(sums); },
        [&](std::span<const std::byte> bytes) { sums.merge(decode<Sums>(bytes)); }
    );
    Told told;
    if (ranks.is_root()) {
        told.sums = sums;
        told.elapsed = report.elapsed.count();
        told.critical_path = report.critical_path.count();
        for (const PathStep& step : report.critical_nodes) {
            told.critical_names.push_back(step.node);
            told.critical_times.push_back(step.time.count());
        }
    }
    told =
        decode<Told>(ranks.broadcast(ranks.is_root() ? encode(told) : std::vector<std::byte>{}, 0));
    told.sums.store(report);
    report.elapsed = Seconds{told.elapsed};
    report.critical_path = Seconds{told.critical_path};
    report.critical_nodes.clear();
    for (std::size_t i = 0; i < told.critical_names.size(); ++i) {
        report.critical_nodes.push_back(
            {.node = told.critical_names[i], .time = Seconds{told.critical_times[i]}}
        );
    }
    RankRow row{own, std::move(report.timeline)};
    row.figures.rank = ranks.rank();
    row.figures.host = ranks.placement().host;
    report.timeline = {};
    for (const std::vector<std::byte>& bytes : ranks.gather(encode(row))) {
        auto other = decode<RankRow>(bytes);
        report.by_rank.push_back(std::move(other.figures));
        const auto append = [](auto& to, auto& from) {
            std::move(from.begin(), from.end(), std::back_inserter(to));
        };
        append(report.timeline.occupancy, other.timeline.occupancy);
        append(report.timeline.traces, other.timeline.traces);
    }
}

std::uint64_t peak_memory() noexcept {
    rusage usage{};
    static_cast<void>(::getrusage(RUSAGE_SELF, &usage));
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // it counts in KiB
}

}  // namespace kaygraph
