// The page of a run. Each part makes its own piece of HTML; colours are CSS variables, so that the page follows the
// reader's light or dark.
#include "files/bounded_json.hpp"
#include "metrics/report_parts.hpp"
#include "metrics/units.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/metrics/report_html.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

namespace kaygraph {
namespace {

using detail::bar;
using detail::escaped;
using detail::with_bytes;
using detail::with_commas;
using detail::with_seconds;

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#dfe3e8;--accent:#2563a8;
--accent2:#7aa7d6;--warm:#b4541a;--good:#1f7a45;--look:#a85a00;--none:#6b7480;--track:#eceff3}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#9aa6b5;--line:#2c3541;
--accent:#6aa9ee;--accent2:#3d6a9c;--warm:#e08a4f;--good:#5cc08a;--look:#e7a94b;--none:#8a94a3;--track:#252d38}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:28px 0 10px}p{margin:4px 0}.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}.scroll{overflow-x:auto}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin-top:16px}
.tile b{display:block;font-size:21px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile span{color:var(--soft);font-size:13px}.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;
font-weight:600;border:1px solid currentColor;vertical-align:3px;margin-left:8px}.good{color:var(--good)}.look{color:var(--look)}
.none{color:var(--none)}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th,td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:500}th:first-child,td:first-child,.left{text-align:left}td.wrap{white-space:normal;
overflow-wrap:anywhere;min-width:160px}tr:last-child td{border-bottom:0}code{font:13px ui-monospace,Consolas,monospace;
overflow-wrap:anywhere}svg{display:block}svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .t{fill:var(--soft)}
details{margin-top:10px}summary{cursor:pointer;color:var(--accent)}.check{display:grid;grid-template-columns:92px 1fr;gap:4px 12px;
padding:8px 0;border-bottom:1px solid var(--line)}.check:last-child{border:0}footer{margin-top:28px;color:var(--soft);font-size:13px}
@media(max-width:560px){.check{grid-template-columns:1fr}}
)css";

std::string heading(const std::string& text, const std::string& note = "") {
    return "<h2>" + text + "</h2>\n" + (note.empty() ? "" : "<p class=\"soft\">" + note + "</p>\n");
}

std::string date_of(double seconds_since_1970) {
    if (!(seconds_since_1970 > 0 && seconds_since_1970 < 4e9)) {
        return "";
    }
    const auto time = static_cast<std::time_t>(seconds_since_1970);
    std::tm parts{};
    std::array<char, 40> text{};
    if (::gmtime_r(&time, &parts) == nullptr) {
        return "";
    }
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

// ---- the head

std::string tile(const std::string& value, const std::string& name) {
    return "<div class=\"card tile\"><b>" + escaped(value) + "</b><span>" + escaped(name)
           + "</span></div>\n";
}

std::string head_of(const RunDocument& document) {
    const RunReport& report = document.report;
    const std::string status = document.fact("status");
    std::string html = "<h1>kaygraph " + escaped(document.fact("job")) + "<span class=\"badge "
                       + (status == "complete" ? "good" : "look") + "\">" + escaped(status)
                       + "</span></h1>\n<p><code>" + escaped(document.fact("output"))
                       + "</code></p>\n<p class=\"soft\">" + escaped(date_of(document.started))
                       + ", version " + escaped(document.fact("version")) + ", SIMD "
                       + escaped(document.fact("simd")) + "</p>\n";
    if (const std::string command = document.fact("command"); !command.empty()) {
        html += "<p class=\"soft\"><code>" + escaped(command) + "</code></p>\n";
    }
    if (report.failed) {
        html += "<p class=\"look\">ended in " + escaped(report.failed->phase) + " of "
                + escaped(report.failed->node) + ": " + escaped(report.failed->failure.message)
                + "</p>\n";
    }
    html += "<div class=\"tiles\">\n" + tile(with_seconds(report.elapsed.count()), "wall time");
    for (const auto& [name, label] : std::array<std::pair<const char*, const char*>, 5>{
             {{"items", "items"},
              {"rows", "rows"},
              {"rejected", "rejected items"},
              {"resumed_items", "items of earlier runs"},
              {"tokens", "tokens"}}}) {
        if (document.totals.contains(name)) {
            html += tile(with_commas(document.total(name)), label);
        }
    }
    std::uint64_t items = 0;
    std::uint64_t memory = 0;
    for (const NodeStats& node : report.nodes) {
        items = std::max(items, node.counts.items);
    }
    for (const RankFigures& rank : report.by_rank) {
        memory = std::max(memory, rank.peak_memory);
    }
    const double elapsed = report.elapsed.count();
    if (elapsed > 0) {
        const double rate = std::min(static_cast<double>(items) / elapsed, 1e18);
        html += tile(with_commas(static_cast<std::uint64_t>(rate)) + "/s", "items a second");
        html += tile(short_decimal(report.work.count() / elapsed, 3), "cores busy on average");
    }
    html += tile(
        std::to_string(report.ranks) + " × " + std::to_string(report.threads), "ranks × threads"
    );
    if (report.by_rank.size() > 1) {
        html += tile(short_decimal(imbalance(report), 3), "imbalance, busiest ÷ mean");
    }
    html += tile(with_bytes(memory), "most memory of a rank");
    return html + "</div>\n";
}

std::string checklist_of(const RunDocument& document) {
    std::string html =
        heading("Checklist", "Judged from this run's own figures.") + "<div class=\"card\">\n";
    for (const CheckedPoint& point : checklist(document)) {
        const bool is_good = point.verdict == CheckedPoint::Verdict::good;
        const bool needs_look = point.verdict == CheckedPoint::Verdict::look;
        html += std::string{"<div class=\"check\"><b class=\""}
                + (is_good      ? "good\">✓ good"
                   : needs_look ? "look\">! look"
                                : "none\">– none")
                + "</b><div>" + escaped(point.point) + "<br><span class=\"soft\">"
                + escaped(point.figure)
                + (needs_look ? "<br>" + escaped("Try: " + point.advice) : std::string{})
                + "</span></div></div>\n";
    }
    return html + "</div>\n";
}

// ---- tables

std::string cell(const std::string& text) {
    return "<td>" + escaped(text) + "</td>";
}

std::string nodes_of(const RunReport& report) {
    std::string html =
        heading("Nodes", "Times of phases on rank 0; p50 to p99 of items, or of exec where items are not timed.")
        + "<div class=\"card scroll\"><table><tr><th>node</th><th class=\"left\">kind</th><th>visits</th><th>items</th>"
          "<th>failed</th><th>retries</th><th>errors</th><th>prep</th><th>exec</th><th>post</th><th>share</th><th>p50</th>"
          "<th>p95</th><th>p99</th></tr>\n";
    double all = 0;
    for (const NodeStats& node : report.nodes) {
        all += node.times.visit.sum().count();
    }
    for (const NodeStats& node : report.nodes) {
        const Summary& each = node.times.item.count() != 0 ? node.times.item : node.times.exec;
        const bool ran = node.counts.visits != 0;
        const auto time = [&](Seconds seconds) {
            return cell(ran ? with_seconds(seconds.count()) : "–");
        };
        const double share = all > 0 ? node.times.visit.sum().count() / all : 0;
        html += "<tr>" + cell(node.name) + "<td class=\"left\">" + escaped(node.kind) + "</td>"
                + cell(with_commas(node.counts.visits)) + cell(with_commas(node.counts.items))
                + cell(with_commas(node.counts.failed_items))
                + cell(with_commas(node.counts.retries)) + cell(with_commas(node.counts.errors))
                + time(node.times.prep.sum()) + time(node.times.exec.sum())
                + time(node.times.post.sum()) + "<td>" + bar(share, 60) + "</td>"
                + time(each.percentile(0.5)) + time(each.percentile(0.95))
                + time(each.percentile(0.99)) + "</tr>\n";
    }
    return html + "</table></div>\n";
}

std::string rank_row(const RankFigures& rank) {
    const auto time = [](std::int64_t ns) {
        return cell(with_seconds(static_cast<double>(ns) * 1e-9));
    };
    return "<tr>" + cell(std::to_string(rank.rank)) + "<td class=\"left\">" + escaped(rank.host)
           + "</td>" + cell(with_commas(rank.items)) + time(rank.busy_ns) + time(rank.read_ns)
           + time(rank.write_ns) + time(rank.idle_ns) + time(rank.wait_ns)
           + cell(with_commas(rank.steals)) + cell(with_bytes(rank.bytes))
           + cell(with_bytes(rank.peak_memory)) + "</tr>\n";
}

std::string ranks_of(const RunReport& report) {
    constexpr std::size_t most_rows = 16;
    if (report.by_rank.empty()) {
        return "";
    }
    const std::string columns =
        "<div class=\"card scroll\"><table><tr><th>rank</th><th "
        "class=\"left\">host</th><th>items</th><th>busy</th>"
        "<th>of it "
        "reading</th><th>writing</th><th>idle</th><th>waiting</th><th>steals</th><th>sent</"
        "th><th>memory</th></tr>\n";
    std::vector<RankFigures> rows = report.by_rank;
    std::string html;
    if (rows.size() > most_rows) {
        std::stable_sort(rows.begin(), rows.end(), [](const RankFigures& a, const RankFigures& b) {
            return a.busy_ns > b.busy_ns;
        });
        html = heading(
            "Ranks",
            "The eight busiest and the eight laziest of " + std::to_string(rows.size()) + "."
        );
        html += columns;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i < most_rows / 2 || i >= rows.size() - most_rows / 2) {
                html += rank_row(rows[i]);
            }
        }
        html += "</table></div>\n<details><summary>All " + std::to_string(rows.size())
                + " ranks</summary>\n";
    } else {
        html = heading("Ranks", "Busy is thread time in blocks.");
    }
    html += columns;
    for (const RankFigures& rank : report.by_rank) {
        html += rank_row(rank);
    }
    html += "</table></div>\n";
    return rows.size() > most_rows ? html + "</details>\n" : html;
}

std::string rejects_of(const RunDocument& document, const std::vector<RejectedItem>& rejects) {
    const std::uint64_t n = std::max<std::uint64_t>(document.total("rejected"), rejects.size());
    if (n == 0) {
        return heading("Rejects") + "<p>None.</p>\n";
    }
    std::string html =
        heading(
            "Rejects",
            with_commas(n) + (n > rejects.size() ? ", the first " + with_commas(rejects.size()) + " of which are here" : std::string{})
                + "; all are in rejects.jsonl."
        )
        + "<div class=\"card scroll\"><table><tr><th>row</th><th class=\"left\">file and byte</th><th class=\"left\">code</th>"
          "<th class=\"left\">why</th><th class=\"left\">how it begins</th></tr>\n";
    for (const RejectedItem& item : rejects) {
        html += "<tr>" + cell(with_commas(item.row)) + "<td class=\"left wrap\">"
                + escaped(item.file) + " at " + with_commas(item.offset)
                + "</td><td class=\"left\">" + escaped(item.code) + "</td><td class=\"left wrap\">"
                + escaped(item.message) + "</td><td class=\"left wrap\"><code>"
                + escaped(item.excerpt) + "</code></td></tr>\n";
    }
    return html + "</table></div>\n";
}

std::string notes_of(const RunReport& report) {
    if (report.notes.empty()) {
        return "";
    }
    std::string html = heading("Hints") + "<div class=\"card\">\n";
    for (const std::string& note : report.notes) {
        html += "<p>" + escaped(note) + "</p>\n";
    }
    return html + "</div>\n";
}

}  // namespace

RejectedItem parse_rejected_item(std::string_view line, const std::string& file) {
    const nlohmann::json root = detail::parse_bounded_json(line, file);
    RejectedItem item;
    const auto fail = [&] {
        throw FormatError(ErrorCode::malformed, "expected a rejected record", {.file = file});
    };
    if (!root.is_object() || !root.contains("row") || !root["row"].is_number_unsigned()) {
        fail();
    }
    item.row = root["row"].get<std::uint64_t>();
    if (root.contains("offset") && root["offset"].is_number_unsigned()) {
        item.offset = root["offset"].get<std::uint64_t>();
    }
    for (const auto& [name, member] :
         std::array<std::pair<const char*, std::string RejectedItem::*>, 4>{
             {{"file", &RejectedItem::file},
              {"code", &RejectedItem::code},
              {"message", &RejectedItem::message},
              {"excerpt", &RejectedItem::excerpt}}}) {
        if (root.contains(name)) {
            if (!root[name].is_string()) {
                fail();
            }
            item.*member = root[name].get<std::string>();
        }
    }
    return item;
}

std::string to_html(const RunDocument& document, const std::vector<RejectedItem>& rejects) {
    const RunReport& report = document.report;
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"generator\" content=\"kaygraph\">\n<meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\">\n<title>kaygraph "
           + escaped(document.fact("job")) + ": " + escaped(document.fact("output"))
           + "</title>\n<style>" + std::string{style} + "</style>\n</head>\n<body>\n<main>\n"
           + head_of(document) + checklist_of(document)
           + heading("Timeline", "How busy each thread was, over the time of the run.")
           + detail::timeline_svg(report)
           + heading("Graph", "Where the time went: the fuller a node, the larger its share.")
           + detail::graph_svg(report) + nodes_of(report)
           + heading("Item times", "Of the items that were timed, by powers of two.")
           + detail::item_times_svg(report) + ranks_of(report) + rejects_of(document, rejects)
           + notes_of(report)
           + "<footer>Made by kaygraph from metrics.json. Work is thread time in nodes; the critical path is the longest "
             "chain of work that had to happen in sequence.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace kaygraph
