#include "metrics/units.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/metrics/report_html.hpp>

#include <algorithm>

namespace kaygraph {
namespace {

using detail::with_bytes;
using detail::with_seconds;
using Verdict = CheckedPoint::Verdict;

std::string percent(double share) {
    return fixed_decimal(100 * share, 1) + " %";
}

Verdict good_if(bool is_good) {
    return is_good ? Verdict::good : Verdict::look;
}

CheckedPoint parallelism(const RunReport& report) {
    const double elapsed = report.elapsed.count();
    const double most = static_cast<double>(report.ranks) * static_cast<double>(report.threads);
    const double reached = elapsed > 0 ? report.work.count() / elapsed : 0;
    return {
        good_if(elapsed < 1 || reached >= 0.7 * most),
        "The cores are kept busy",
        "work / time = " + short_decimal(reached, 3) + " of "
            + detail::with_commas(static_cast<std::uint64_t>(most)) + " workers",
        "the nodes at the head of the critical path are where time goes without parallel work"};
}

CheckedPoint critical_path(const RunReport& report) {
    const double share = report.elapsed.count() > 0 ? report.critical_path / report.elapsed : 0;
    std::string first;
    if (!report.critical_nodes.empty()) {
        first = ", most of it in " + report.critical_nodes.front().node;
    }
    return {
        good_if(report.elapsed.count() < 1 || share < 0.5),
        "The critical path is short",
        with_seconds(report.critical_path.count()) + " of " + with_seconds(report.elapsed.count())
            + " had to happen in sequence" + first,
        "smaller blocks, or a parallel node where one works alone; no number of cores makes the "
        "run shorter than this"};
}

CheckedPoint node_kinds(const RunReport& report) {
    double parallel = 0;
    double all = 0;
    for (const NodeStats& node : report.nodes) {
        const double work = static_cast<double>(node.times.work_ns) * 1e-9;
        all += work;
        parallel += node.kind.find("Parallel") != std::string::npos ? work : 0;
    }
    const double share = all > 0 ? parallel / all : 1;
    return {
        good_if(all < 1 || share >= 0.8),
        "The kinds of the nodes fit",
        percent(share) + " of the work is in parallel batch nodes",
        "a node that works long on many things is a ParallelBatchNode"};
}

CheckedPoint bulk(const RunReport& report) {
    const NodeStats* busiest = nullptr;
    for (const NodeStats& node : report.nodes) {
        const bool counts =
            node.counts.items > 0 && node.kind.find("Parallel") != std::string::npos;
        if (counts && (busiest == nullptr || node.times.work_ns > busiest->times.work_ns)) {
            busiest = &node;
        }
    }
    if (busiest == nullptr) {
        return {Verdict::not_measured, "Items are worked on in bulk", "no parallel batch ran"};
    }
    // items of blocks that failed are tried one by one, and some of them are timed
    const bool is_bulk = busiest->times.item.count() < busiest->counts.items / 256;
    const Seconds item = busiest->times.item.percentile(0.5);
    return {
        good_if(is_bulk || item.count() > 10e-6),
        "Items are worked on in bulk",
        busiest->name
            + (is_bulk ? " has exec_batch" : ": an item takes " + with_seconds(item.count())),
        "exec_batch takes a whole block at once: worth it for items of a few microseconds"};
}

CheckedPoint store(const RunDocument& document) {
    const auto found = document.totals.find("store_bytes");
    if (found == document.totals.end()) {
        return {
            Verdict::not_measured,
            "The store holds small values, large data is referenced",
            "not told by this job"};
    }
    constexpr std::uint64_t most = 64'000'000;
    return {
        good_if(found->second <= most),
        "The store holds small values, large data is referenced",
        with_bytes(found->second) + " in the store at the end",
        "keep paths, ranges and views in the store, and read the data where it is used"};
}

CheckedPoint memory(const RunDocument& document) {
    std::uint64_t most = 0;
    for (const RankFigures& rank : document.report.by_rank) {
        most = std::max(most, rank.peak_memory);
    }
    if (most == 0) {
        return {Verdict::not_measured, "Memory is bounded", "not measured"};
    }
    constexpr std::uint64_t small = 1'000'000'000;
    const std::uint64_t data = document.total("input_bytes") + document.total("output_bytes");
    return {
        good_if(most <= std::max(small, data / 2)),
        "Memory is bounded",
        with_bytes(most) + " at most on a rank, for " + with_bytes(data) + " read and written",
        "a source and a sink keep blocks in memory, not batches"};
}

CheckedPoint even_ranks(const RunReport& report) {
    if (report.by_rank.size() < 2) {
        return {Verdict::not_measured, "The ranks have equal work", "one rank"};
    }
    const double busiest = imbalance(report);
    return {
        good_if(busiest <= 1.1),
        "The ranks have equal work",
        "the busiest has " + short_decimal(busiest, 3) + " times the mean",
        "smaller blocks balance better; a rank on a slower or shared node shows in the timeline"};
}

CheckedPoint reading_and_writing(const RunReport& report) {
    double busy = 0;
    double moving = 0;
    for (const RankFigures& rank : report.by_rank) {
        busy += static_cast<double>(rank.busy_ns);
        moving += static_cast<double>(rank.read_ns + rank.write_ns);
    }
    if (busy <= 0) {
        return {Verdict::not_measured, "Little time goes into reading and writing", "no block ran"};
    }
    return {
        good_if(moving <= 0.4 * busy),
        "Little time goes into reading and writing",
        percent(moving / busy) + " of the time in blocks",
        "a faster file system, fewer threads, or smaller elements (--dtype f16)"};
}

CheckedPoint rejects(const RunDocument& document) {
    const auto found = document.totals.find("rejected");
    if (found == document.totals.end()) {
        return {Verdict::not_measured, "No record was rejected", "not told by this job"};
    }
    return {
        good_if(found->second == 0),
        "No record was rejected",
        std::to_string(found->second) + " of " + std::to_string(document.total("items")),
        "rejects.jsonl names each with file, byte and reason: mend them, and run again"};
}

}  // namespace

std::vector<CheckedPoint> checklist(const RunDocument& document) {
    const RunReport& report = document.report;
    const auto has_async =
        std::any_of(report.nodes.begin(), report.nodes.end(), [](const NodeStats& node) {
            return node.kind.find("Async") != std::string::npos;
        });
    return {
        parallelism(report),
        critical_path(report),
        even_ranks(report),
        node_kinds(report),
        bulk(report),
        reading_and_writing(report),
        store(document),
        memory(document),
        {Verdict::not_measured, "Caches hit", "this run has no cache that counts"},
        {Verdict::not_measured,
         "Async nodes do not block",
         has_async ? "not measured" : "there is none"},
        rejects(document)};
}

}  // namespace kaygraph
