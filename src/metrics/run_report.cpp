#include "metrics/units.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/metrics/run_report.hpp>

#include <algorithm>

namespace kaygraph {
namespace {

std::string with_unit(Seconds time) {
    return detail::with_seconds(time.count());
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right = true) {
    const std::string spaces(width - std::min(width, text.size()), ' ');
    return to_the_right ? spaces + text : text + spaces;
}

std::string node_row(const NodeStats& node, std::size_t name_width) {
    const bool timed = node.times.visit.count() != 0;
    const Summary& each = node.times.item.count() != 0 ? node.times.item : node.times.exec;
    const auto time = [&](Seconds value) {
        return padded(timed ? with_unit(value) : "-", 9);
    };
    return padded(node.name, name_width, false) + "  " + padded(node.kind, 17, false)
           + padded(std::to_string(node.counts.visits), 8)
           + padded(std::to_string(node.counts.items), 10)
           + padded(std::to_string(node.counts.retries), 8)
           + padded(std::to_string(node.counts.errors + node.counts.failed_items), 8)
           + time(node.times.visit.sum()) + time(each.percentile(0.5)) + time(each.percentile(0.99))
           + "\n";
}

/// A row for each rank, and by how much the busiest one had more to do than all on average. Of many ranks
/// the first, the busiest and the laziest.
std::string rank_table(const RunReport& report) {
    constexpr std::size_t most_rows = 16;
    std::vector<RankFigures> rows = report.by_rank;
    double busy = 0;
    std::int64_t busiest = 0;
    for (const RankFigures& row : rows) {
        busy += static_cast<double>(row.busy_ns);
        busiest = std::max(busiest, row.busy_ns);
    }
    if (rows.size() > most_rows) {
        std::stable_sort(rows.begin(), rows.end(), [](const RankFigures& a, const RankFigures& b) {
            return a.busy_ns > b.busy_ns;
        });
        rows.erase(rows.begin() + most_rows / 2, rows.end() - most_rows / 2);
    }
    const auto time = [](std::int64_t ns) {
        return padded(with_unit(Seconds{static_cast<double>(ns) * 1e-9}), 9);
    };
    std::string text = "rank  host" + std::string(12, ' ') + padded("items", 10) + padded("busy", 9)
                       + padded("idle", 9) + padded("wait", 9) + padded("steals", 8)
                       + padded("bytes", 12) + "\n";
    for (const RankFigures& row : rows) {
        text += padded(std::to_string(row.rank), 4) + "  "
                + padded(row.host.substr(0, 16), 16, false) + padded(std::to_string(row.items), 10)
                + time(row.busy_ns) + time(row.idle_ns) + time(row.wait_ns)
                + padded(std::to_string(row.steals), 8) + padded(std::to_string(row.bytes), 12)
                + "\n";
    }
    const double mean = busy / static_cast<double>(report.by_rank.size());
    if (mean > 0) {
        text += "imbalance " + short_decimal(static_cast<double>(busiest) / mean, 3)
                + " (busiest rank to mean)\n";
    }
    return text;
}

}  // namespace

void NodeCounts::merge(const NodeCounts& other) noexcept {
    visits += other.visits;
    errors += other.errors;
    executions += other.executions;
    failures += other.failures;
    retries += other.retries;
    fallbacks += other.fallbacks;
    items += other.items;
    failed_items += other.failed_items;
}

void NodeTimes::merge(const NodeTimes& other) noexcept {
    visit.merge(other.visit);
    prep.merge(other.prep);
    exec.merge(other.exec);
    post.merge(other.post);
    block.merge(other.block);
    item.merge(other.item);
    work_ns += other.work_ns;
}

void NodeStats::merge(const NodeStats& other) noexcept {
    counts.merge(other.counts);
    times.merge(other.times);
}

double NodeStats::success_rate() const noexcept {
    if (counts.executions == 0) {
        return 1.0;
    }
    return 1.0 - static_cast<double>(counts.failures) / static_cast<double>(counts.executions);
}

const NodeStats* RunReport::find(std::string_view node) const noexcept {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const NodeStats& stats) {
        return stats.name == node;
    });
    return found == nodes.end() ? nullptr : &*found;
}

std::string to_text(const RunReport& report) {
    std::size_t name_width = 4;
    for (const NodeStats& node : report.nodes) {
        name_width = std::clamp(node.name.size(), name_width, std::size_t{32});
    }
    std::string text = "graph '" + report.graph + "': " + with_unit(report.elapsed) + " on "
                       + std::to_string(report.ranks) + (report.ranks == 1 ? " rank" : " ranks")
                       + ", up to " + std::to_string(report.threads)
                       + (report.threads == 1 ? " thread" : " threads") + "; last action '"
                       + report.last_action + "'\n";
    if (report.failed) {
        text += "failed in " + report.failed->phase + " of '" + report.failed->node
                + "': " + report.failed->failure.message + "\n";
    }
    text += padded("node", name_width, false) + "  " + padded("kind", 17, false)
            + padded("visits", 8) + padded("items", 10) + padded("retries", 8) + padded("errors", 8)
            + padded("time", 9) + padded("p50", 9) + padded("p99", 9) + "\n";
    for (const NodeStats& node : report.nodes) {
        text += node_row(node, name_width);
    }
    if (report.recorded) {
        text += "critical path " + with_unit(report.critical_path) + " of " + with_unit(report.work)
                + " work:";
        for (std::size_t i = 0; i < std::min<std::size_t>(report.critical_nodes.size(), 3); ++i) {
            const PathStep& step = report.critical_nodes[i];
            text += (i == 0 ? " " : ", ") + step.node + " " + with_unit(step.time);
        }
        text += "\n";
    }
    if (report.by_rank.size() > 1) {
        text += rank_table(report);
    }
    for (const std::string& note : report.notes) {
        text += "note: " + note + "\n";
    }
    return text;
}

}  // namespace kaygraph
