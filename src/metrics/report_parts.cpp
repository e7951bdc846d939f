#include "metrics/report_parts.hpp"

#include "metrics/units.hpp"

#include <kaygraph/base/decimal.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace kaygraph::detail {
namespace {

std::string px(double value) {
    return fixed_decimal(value, 1);
}

std::string text_at(double x, double y, const std::string& text, std::string_view more = "") {
    return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\"" + std::string{more} + ">" + escaped(text)
           + "</text>\n";
}

std::string rect(
    double x,
    double y,
    double width,
    double height,
    std::string_view color,
    std::string_view more = ""
) {
    return "<rect x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(std::max(width, 0.0))
           + "\" height=\"" + px(height) + "\" fill=\"var(--" + std::string{color} + ")\""
           + std::string{more} + "/>\n";
}

std::string svg(double width, double height, const std::string& label, const std::string& body) {
    return "<div class=\"card scroll\"><svg viewBox=\"0 0 " + px(width) + " " + px(height)
           + "\" width=\"" + px(width) + "\" height=\"" + px(height)
           + "\" role=\"img\" aria-label=\"" + escaped(label) + "\">\n" + body + "</svg></div>\n";
}

// ---- the timeline

/// A row of the timeline: the busy share over time, in [0, 100].
struct Row {
    std::string name;
    std::vector<double> percent;
};

/// The occupancy of threads, all with bins of one width.
class Occupied {
public:
    explicit Occupied(const RunReport& report) {
        for (const ThreadOccupancy& thread : report.timeline.occupancy) {
            bin_ns_ = std::max(bin_ns_, thread.bin_ns);
        }
    }
    [[nodiscard]] double bin_seconds() const { return static_cast<double>(bin_ns_) * 1e-9; }

    /// The mean of some threads.
    [[nodiscard]] std::vector<double> mean(const std::vector<const ThreadOccupancy*>& threads
    ) const {
        std::vector<double> sums;
        for (const ThreadOccupancy* thread : threads) {
            const auto factor = static_cast<std::size_t>(
                std::max<std::int64_t>(bin_ns_ / std::max<std::int64_t>(thread->bin_ns, 1), 1)
            );
            for (std::size_t i = 0; i < thread->percent.size(); ++i) {
                const std::size_t bin = i / factor;
                sums.resize(std::max(sums.size(), bin + 1));
                // the last bin may be made of fewer
                const std::size_t n = std::min(factor, thread->percent.size() - bin * factor);
                sums[bin] += thread->percent[i] / static_cast<double>(n);
            }
        }
        for (double& sum : sums) {
            sum /= static_cast<double>(threads.size());
        }
        return sums;
    }

private:
    std::int64_t bin_ns_ = 1;
};

constexpr double name_width = 120;
constexpr double plot_width = 940;

std::string time_axis(double seconds, double y) {
    constexpr int n_ticks = 6;
    std::string html;
    for (int tick = 0; tick <= n_ticks; ++tick) {
        const double x = name_width + plot_width * tick / n_ticks;
        html += "<line x1=\"" + px(x) + "\" x2=\"" + px(x) + "\" y1=\"0\" y2=\"" + px(y)
                + "\" stroke=\"var(--line)\"/>\n";
        const char* anchor = tick == 0         ? " class=\"t\""
                             : tick == n_ticks ? " class=\"t\" text-anchor=\"end\""
                                               : " class=\"t\" text-anchor=\"middle\"";
        html +=
            text_at(x, y + 16, tick == 0 ? "0" : with_seconds(seconds * tick / n_ticks), anchor);
    }
    return html;
}

/// Equal neighbours, to the tenth, are one rectangle.
std::string row_of(
    const Row& row,
    const RunReport& report,
    double bin_seconds,
    double y,
    double height
) {
    const double elapsed = std::max(report.elapsed.count(), 1e-9);
    std::string html = rect(name_width, y, plot_width, height, "track");
    const auto level = [&](std::size_t bin) {
        return std::lround(std::clamp(row.percent[bin], 0.0, 100.0) / 10);
    };
    for (std::size_t first = 0; first < row.percent.size();) {
        std::size_t last = first + 1;
        while (last < row.percent.size() && level(last) == level(first)) {
            ++last;
        }
        const double from = std::min(static_cast<double>(first) * bin_seconds / elapsed, 1.0);
        const double until = std::min(static_cast<double>(last) * bin_seconds / elapsed, 1.0);
        if (level(first) > 0) {
            html += rect(
                name_width + plot_width * from,
                y,
                plot_width * (until - from),
                height,
                "accent",
                " fill-opacity=\"" + fixed_decimal(static_cast<double>(level(first)) / 10, 1) + "\""
            );
        }
        first = last;
    }
    return html;
}

std::string rows_of(const std::vector<Row>& rows, const RunReport& report, double bin_seconds) {
    const double height = rows.size() > 40 ? 7 : 16;
    const double gap = rows.size() > 40 ? 1 : 4;
    const double bottom = static_cast<double>(rows.size()) * (height + gap);
    std::string body = time_axis(report.elapsed.count(), bottom);
    const std::size_t step = rows.size() > 40 ? 10 : 1;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double y = static_cast<double>(i) * (height + gap);
        if (i % step == 0) {
            body += text_at(0, y + (height > 10 ? 13 : 9), rows[i].name);
        }
        body += row_of(rows[i], report, bin_seconds, y, height);
    }
    return svg(name_width + plot_width, bottom + 22, "how busy each was over time", body);
}

// ---- the graph

struct Placed {
    const NodeStats* node;
    std::size_t layer = 0;
    std::size_t place = 0;
};

/// Layer by layer from the nodes that no edge leads to.
std::map<std::string, Placed> layered(const RunReport& report) {
    std::map<std::string, Placed> placed;
    std::map<std::string, int> n_before;
    for (const NodeStats& node : report.nodes) {
        placed[node.name] = {.node = &node};
    }
    for (const GraphEdge& edge : report.edges) {
        if (edge.from != edge.to) {
            ++n_before[edge.to];
        }
    }
    // longest paths, as far as there are no loops: each pass moves nodes behind those before them
    for (std::size_t pass = 0; pass < report.nodes.size(); ++pass) {
        bool has_moved = false;
        for (const GraphEdge& edge : report.edges) {
            const auto from = placed.find(edge.from);
            const auto to = placed.find(edge.to);
            if (from != placed.end() && to != placed.end() && edge.from != edge.to
                && to->second.layer <= from->second.layer
                && from->second.layer + 1 < report.nodes.size()) {
                to->second.layer = from->second.layer + 1;
                has_moved = true;
            }
        }
        if (!has_moved) {
            break;
        }
    }
    std::map<std::size_t, std::size_t> n_in_layer;
    for (const NodeStats& node : report.nodes) {
        Placed& self = placed[node.name];
        self.place = n_in_layer[self.layer]++;
    }
    return placed;
}

constexpr double box_width = 130;
constexpr double box_height = 46;
constexpr double layer_width = 184;
constexpr double place_height = 82;

std::string shortened(const std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    std::size_t n = most - 1;
    while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) {
        --n;  // not within a character
    }
    return text.substr(0, n) + "…";
}

std::string box_of(const Placed& placed, double all) {
    const double x = static_cast<double>(placed.layer) * layer_width + 2;
    const double y = static_cast<double>(placed.place) * place_height + 2;
    const NodeStats& node = *placed.node;
    const double time = node.times.visit.sum().count();
    const double share = all > 0 ? std::clamp(time / all, 0.0, 1.0) : 0;
    return "<g><title>" + escaped(node.name + ", " + node.kind) + "</title>\n"
           + rect(x, y, box_width, box_height, "track", " rx=\"6\" stroke=\"var(--line)\"")
           + rect(x, y, box_width * share, box_height, "accent2", " rx=\"6\" fill-opacity=\"0.7\"")
           + text_at(x + 8, y + 19, shortened(node.name, 18), " font-weight=\"600\"")
           + text_at(
               x + 8,
               y + 37,
               node.counts.visits == 0
                   ? "not visited"
                   : with_seconds(time) + ", " + fixed_decimal(100 * share, 0) + " %"
           )
           + "</g>\n";
}

/// To the next layer a curve from side to side; over layers between, or back, one below the boxes.
std::string arrow_of(const Placed& from, const Placed& to, const std::string& action) {
    const double x1 = static_cast<double>(from.layer) * layer_width + 2;
    const double y1 = static_cast<double>(from.place) * place_height + 2;
    const double x2 = static_cast<double>(to.layer) * layer_width + 2;
    const double y2 = static_cast<double>(to.place) * place_height + 2;
    const std::string stroke =
        "\" fill=\"none\" stroke=\"var(--soft)\" marker-end=\"url(#tip)\"/>\n";
    const std::string label = action == "default" ? "" : shortened(action, 10);
    constexpr std::string_view middle = " class=\"t\" text-anchor=\"middle\"";
    if (to.layer != from.layer + 1) {
        const double below = std::max(y1, y2) + box_height + 22;
        const double out = x1 + box_width - 16;
        const double in = x2 + 16;
        return "<path d=\"M" + px(out) + " " + px(y1 + box_height) + " C" + px(out) + " "
               + px(below) + " " + px(in) + " " + px(below) + " " + px(in) + " "
               + px(y2 + box_height) + stroke + text_at((out + in) / 2, below + 4, label, middle);
    }
    const double right = x1 + box_width;
    const double from_y = y1 + box_height / 2;
    const double to_y = y2 + box_height / 2;
    const double bend = (x2 - right) / 2;
    return "<path d=\"M" + px(right) + " " + px(from_y) + " C" + px(right + bend) + " " + px(from_y)
           + " " + px(x2 - bend) + " " + px(to_y) + " " + px(x2) + " " + px(to_y) + stroke
           + text_at((right + x2) / 2, (from_y + to_y) / 2 - 6, label, middle);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            default:
                html += static_cast<unsigned char>(c) < 0x20U || c == 0x7F ? ' ' : c;
        }
    }
    return html;
}

std::string bar(double share, int width) {
    const double filled = std::clamp(share, 0.0, 1.0) * width;
    return "<svg width=\"" + std::to_string(width + 44)
           + "\" height=\"14\" role=\"img\" aria-label=\"" + fixed_decimal(100 * share, 0) + " %\">"
           + rect(0, 2, width, 10, "track", " rx=\"3\"")
           + rect(0, 2, filled, 10, "accent", " rx=\"3\"")
           + text_at(width + 5, 12, fixed_decimal(100 * share, 0) + " %") + "</svg>";
}

std::string timeline_svg(const RunReport& report) {
    constexpr std::size_t most_rows = 40;
    const Occupied occupied{report};
    std::map<int, std::vector<const ThreadOccupancy*>> by_rank;
    for (const ThreadOccupancy& thread : report.timeline.occupancy) {
        by_rank[thread.rank].push_back(&thread);
    }
    if (by_rank.empty()) {
        return "<p>No times were kept.</p>\n";
    }
    const double bin = occupied.bin_seconds();
    std::vector<Row> rows;
    if (report.timeline.occupancy.size() <= most_rows) {
        for (const auto& [rank, threads] : by_rank) {
            for (const ThreadOccupancy* thread : threads) {
                rows.push_back(
                    {"rank " + std::to_string(rank) + ", thread " + std::to_string(thread->thread),
                     occupied.mean({thread})}
                );
            }
        }
        return rows_of(rows, report, bin);
    }
    std::vector<Row> ranks;
    ranks.reserve(by_rank.size());
    for (const auto& [rank, threads] : by_rank) {
        ranks.push_back({"rank " + std::to_string(rank), occupied.mean(threads)});
    }
    if (ranks.size() <= most_rows) {
        return rows_of(ranks, report, bin);
    }
    const std::size_t each = (by_rank.size() + most_rows - 1) / most_rows;
    std::vector<const ThreadOccupancy*> group;
    std::size_t n = 0;
    int first = 0;
    for (const auto& [rank, threads] : by_rank) {
        first = n % each == 0 ? rank : first;
        group.insert(group.end(), threads.begin(), threads.end());
        if (++n % each == 0 || n == by_rank.size()) {
            rows.push_back(
                {"ranks " + std::to_string(first) + "–" + std::to_string(rank),
                 occupied.mean(group)}
            );
            group.clear();
        }
    }
    return rows_of(rows, report, bin) + "<details><summary>Each of the "
           + std::to_string(ranks.size()) + " ranks</summary>\n" + rows_of(ranks, report, bin)
           + "</details>\n";
}

std::string graph_svg(const RunReport& report) {
    const std::map<std::string, Placed> placed = layered(report);
    double all = 0;
    std::size_t n_layers = 1;
    std::size_t n_places = 1;
    for (const auto& [name, node] : placed) {
        // inner nodes are in the time of theirs
        all += name.find('/') == std::string::npos ? node.node->times.visit.sum().count() : 0;
        n_layers = std::max(n_layers, node.layer + 1);
        n_places = std::max(n_places, node.place + 1);
    }
    std::string body =
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
        "fill=\"var(--soft)\"/></marker></defs>\n";
    for (const GraphEdge& edge : report.edges) {
        const auto from = placed.find(edge.from);
        const auto to = placed.find(edge.to);
        if (from != placed.end() && to != placed.end()) {
            body += arrow_of(from->second, to->second, edge.action);
        }
    }
    for (const auto& [name, node] : placed) {
        body += box_of(node, all);
    }
    return svg(
        static_cast<double>(n_layers - 1) * layer_width + box_width + 4,
        static_cast<double>(n_places) * place_height,
        "the graph of the run",
        body
    );
}

std::string item_times_svg(const RunReport& report) {
    const NodeStats* chosen = nullptr;
    for (const NodeStats& node : report.nodes) {
        if (node.counts.items > 0 && node.times.block.count() + node.times.item.count() > 0
            && (chosen == nullptr || node.times.work_ns > chosen->times.work_ns)) {
            chosen = &node;
        }
    }
    if (chosen == nullptr) {
        return "<p>No item was timed.</p>\n";
    }
    // of items that go through exec_batch only those of blocks that failed are timed
    const bool of_blocks =
        chosen->times.item.count() < chosen->counts.items / 256 || chosen->times.item.count() == 0;
    const Summary& times = of_blocks ? chosen->times.block : chosen->times.item;
    const auto& buckets = times.buckets();
    std::size_t first = 0;
    std::size_t last = buckets.size();
    while (first + 1 < last && buckets[first] == 0) {
        ++first;
    }
    while (last > first + 1 && buckets[last - 1] == 0) {
        --last;
    }
    const auto most = static_cast<double>(*std::max_element(buckets.begin(), buckets.end()));
    constexpr double height = 130;
    constexpr double top = 18;
    const double width = 74;
    std::string body;
    for (std::size_t b = first; b < last; ++b) {
        const double x = static_cast<double>(b - first) * width;
        const double filled = height * static_cast<double>(buckets[b]) / std::max(most, 1.0);
        body += rect(x + 4, top + height - filled, width - 8, filled, "accent", " rx=\"3\"");
        body += text_at(
            x + width / 2,
            top + height - filled - 4,
            with_commas(buckets[b]),
            " text-anchor=\"middle\""
        );
        const double upper = std::ldexp(1e-9, static_cast<int>(b));
        body += text_at(
            x + width / 2,
            top + height + 16,
            "< " + with_seconds(upper),
            " class=\"t\" text-anchor=\"middle\""
        );
    }
    return "<p class=\"soft\">"
           + escaped(std::string{of_blocks ? "Blocks of " : "Items of "} + chosen->name) + ": p50 "
           + with_seconds(times.percentile(0.5).count()) + ", p95 "
           + with_seconds(times.percentile(0.95).count()) + ", p99 "
           + with_seconds(times.percentile(0.99).count()) + ", longest "
           + with_seconds(times.max().count()) + ".</p>\n"
           + svg(static_cast<double>(last - first) * width, top + height + 24, "item times", body);
}

}  // namespace kaygraph::detail
