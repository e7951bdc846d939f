// metrics.json, there and back.
#include "base/json_writer.hpp"
#include "files/bounded_json.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace kaygraph {
namespace {

using detail::JsonWriter;

constexpr std::uint64_t format_version = 1;

// ---- writing

void write_summary(JsonWriter& json, std::string_view name, const Summary& summary) {
    if (summary.count() == 0) {
        return;
    }
    const Summary::Parts parts = summary.parts();
    json.begin_object(name);
    json.value("count", parts.count);
    json.value("sum_s", parts.sum_ns * 1e-9);
    json.value("p50_s", summary.percentile(0.5).count());
    json.value("p95_s", summary.percentile(0.95).count());
    json.value("p99_s", summary.percentile(0.99).count());
    json.value("min_ns", parts.min_ns);
    json.value("max_ns", parts.max_ns);
    json.value("sum_of_squares_ns2", parts.sum_of_squares);
    std::size_t n = parts.buckets.size();
    while (n > 0 && parts.buckets[n - 1] == 0) {
        --n;
    }
    json.row(
        "log2_ns",
        std::vector<std::uint64_t>{
            parts.buckets.begin(), parts.buckets.begin() + static_cast<std::ptrdiff_t>(n)}
    );
    json.end_object();
}

void write_node(JsonWriter& json, const NodeStats& node) {
    const NodeCounts& counts = node.counts;
    json.begin_object();
    json.value("name", node.name);
    json.value("kind", node.kind);
    json.value("visits", counts.visits);
    json.value("errors", counts.errors);
    json.value("executions", counts.executions);
    json.value("failures", counts.failures);
    json.value("retries", counts.retries);
    json.value("fallbacks", counts.fallbacks);
    json.value("items", counts.items);
    json.value("failed_items", counts.failed_items);
    json.value("work_s", static_cast<double>(node.times.work_ns) * 1e-9);
    json.begin_object("times");
    write_summary(json, "visit", node.times.visit);
    write_summary(json, "prep", node.times.prep);
    write_summary(json, "exec", node.times.exec);
    write_summary(json, "post", node.times.post);
    write_summary(json, "block", node.times.block);
    write_summary(json, "item", node.times.item);
    json.end_object();
    json.end_object();
}

void write_rank(JsonWriter& json, const RankFigures& rank) {
    json.begin_object();
    json.value("rank", rank.rank);
    json.value("host", rank.host);
    json.value("items", rank.items);
    json.value("busy_s", static_cast<double>(rank.busy_ns) * 1e-9);
    json.value("read_s", static_cast<double>(rank.read_ns) * 1e-9);
    json.value("write_s", static_cast<double>(rank.write_ns) * 1e-9);
    json.value("idle_s", static_cast<double>(rank.idle_ns) * 1e-9);
    json.value("wait_s", static_cast<double>(rank.wait_ns) * 1e-9);
    json.value("requests", rank.requests);
    json.value("steals", rank.steals);
    json.value("stolen_blocks", rank.stolen_blocks);
    json.value("sent_bytes", rank.bytes);
    json.value("peak_memory_bytes", rank.peak_memory);
    json.end_object();
}

template <class Values, class Write>
void write_list(JsonWriter& json, std::string_view name, const Values& values, Write write) {
    json.begin_array(name);
    for (const auto& value : values) {
        write(value);
    }
    json.end_array();
}

void write_report(JsonWriter& json, const RunReport& report) {
    json.value("graph", report.graph);
    json.value("last_action", report.last_action);
    json.value("elapsed_s", report.elapsed.count());
    json.value("work_s", report.work.count());
    json.value("critical_path_s", report.critical_path.count());
    json.value("ranks", report.ranks);
    json.value("threads", report.threads);
    json.value("imbalance", imbalance(report));
    if (report.failed) {
        json.begin_object("failed");
        json.value("node", report.failed->node);
        json.value("phase", report.failed->phase);
        json.value("code", to_string(report.failed->failure.code));
        json.value("message", report.failed->failure.message);
        json.end_object();
    }
    write_list(json, "nodes", report.nodes, [&](const NodeStats& node) { write_node(json, node); });
    write_list(json, "edges", report.edges, [&](const GraphEdge& edge) {
        json.row({}, std::array{edge.from, edge.to, edge.action});
    });
    write_list(json, "critical_nodes", report.critical_nodes, [&](const PathStep& step) {
        json.begin_object();
        json.value("node", step.node);
        json.value("s", step.time.count());
        json.end_object();
    });
    write_list(json, "by_rank", report.by_rank, [&](const RankFigures& rank) {
        write_rank(json, rank);
    });
    write_list(json, "busy", report.timeline.occupancy, [&](const ThreadOccupancy& thread) {
        json.begin_object();
        json.value("rank", thread.rank);
        json.value("thread", thread.thread);
        json.value("bin_ns", thread.bin_ns);
        json.row("percent", std::vector<int>{thread.percent.begin(), thread.percent.end()});
        json.end_object();
    });
    json.row("notes", report.notes);
}

// ---- reading

/// A value of a document and where it stands, for errors.
class Place {
public:
    Place(const nlohmann::json& value, const std::string& file, std::string path)
        : value_(&value), file_(&file), path_(std::move(path)) {}

    [[noreturn]] void fail(const std::string& expected) const {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + expected + " at " + (path_.empty() ? "/" : path_),
            {.file = *file_}
        );
    }
    [[nodiscard]] bool has(const char* name) const {
        return value_->is_object() && value_->contains(name);
    }
    [[nodiscard]] Place at(const char* name) const {
        if (!has(name)) {
            fail(std::string{"an object with '"} + name + "'");
        }
        return {(*value_)[name], *file_, path_ + "/" + name};
    }
    [[nodiscard]] std::uint64_t number(
        std::uint64_t most = std::numeric_limits<std::int64_t>::max()
    ) const {
        if (!value_->is_number_unsigned() || value_->get<std::uint64_t>() > most) {
            fail("a number of at most " + std::to_string(most));
        }
        return value_->get<std::uint64_t>();
    }
    [[nodiscard]] double decimal() const {
        if (!value_->is_number()) {
            fail("a number");
        }
        return value_->get<double>();
    }
    /// Seconds, as nanoseconds; two of them may be added.
    [[nodiscard]] std::int64_t nanoseconds() const {
        const double value = decimal() * 1e9;
        if (!(value >= 0 && value < 4e18)) {
            fail("seconds");
        }
        return static_cast<std::int64_t>(value);
    }
    [[nodiscard]] std::string text() const {
        if (!value_->is_string()) {
            fail("a text");
        }
        return value_->get<std::string>();
    }
    template <class Each>
    void each(Each give) const {
        if (!value_->is_array()) {
            fail("an array");
        }
        for (std::size_t i = 0; i < value_->size(); ++i) {
            give(Place{(*value_)[i], *file_, path_ + "/" + std::to_string(i)});
        }
    }
    template <class Each>
    void each_member(Each give) const {
        if (!value_->is_object()) {
            fail("an object");
        }
        for (const auto& [name, value] : value_->items()) {
            give(name, Place{value, *file_, path_ + "/" + name});
        }
    }

private:
    const nlohmann::json* value_;
    const std::string* file_;
    std::string path_;
};

Summary read_summary(const Place& times, const char* name) {
    if (!times.has(name)) {
        return {};
    }
    const Place place = times.at(name);
    Summary::Parts parts{
        .count = place.at("count").number(),
        .sum_ns = place.at("sum_s").decimal() * 1e9,
        .sum_of_squares = place.at("sum_of_squares_ns2").decimal(),
        .min_ns = static_cast<std::int64_t>(place.at("min_ns").number()),
        .max_ns = static_cast<std::int64_t>(place.at("max_ns").number())};
    std::size_t n = 0;
    place.at("log2_ns").each([&](const Place& bucket) {
        if (n == parts.buckets.size()) {
            bucket.fail("at most 64 buckets");
        }
        parts.buckets[n++] = bucket.number();
    });
    return Summary::of(parts);
}

NodeStats read_node(const Place& place) {
    const Place times = place.at("times");
    NodeStats node{.name = place.at("name").text(), .kind = place.at("kind").text()};
    node.counts = {
        .visits = place.at("visits").number(),
        .errors = place.at("errors").number(),
        .executions = place.at("executions").number(),
        .failures = place.at("failures").number(),
        .retries = place.at("retries").number(),
        .fallbacks = place.at("fallbacks").number(),
        .items = place.at("items").number(),
        .failed_items = place.at("failed_items").number()};
    node.times = {
        .visit = read_summary(times, "visit"),
        .prep = read_summary(times, "prep"),
        .exec = read_summary(times, "exec"),
        .post = read_summary(times, "post"),
        .block = read_summary(times, "block"),
        .item = read_summary(times, "item"),
        .work_ns = place.at("work_s").nanoseconds()};
    return node;
}

RankFigures read_rank(const Place& place) {
    return {
        .rank = static_cast<int>(place.at("rank").number(std::numeric_limits<int>::max())),
        .host = place.at("host").text(),
        .items = place.at("items").number(),
        .requests = place.at("requests").number(),
        .steals = place.at("steals").number(),
        .stolen_blocks = place.at("stolen_blocks").number(),
        .bytes = place.at("sent_bytes").number(),
        .busy_ns = place.at("busy_s").nanoseconds(),
        .read_ns = place.at("read_s").nanoseconds(),
        .write_ns = place.at("write_s").nanoseconds(),
        .idle_ns = place.at("idle_s").nanoseconds(),
        .wait_ns = place.at("wait_s").nanoseconds(),
        .peak_memory = place.at("peak_memory_bytes").number()};
}

ThreadOccupancy read_occupancy(const Place& place) {
    ThreadOccupancy thread{
        .rank = static_cast<int>(place.at("rank").number(std::numeric_limits<int>::max())),
        .thread = static_cast<std::uint32_t>(place.at("thread").number(1U << 20U)),
        .bin_ns = static_cast<std::int64_t>(place.at("bin_ns").number())};
    place.at("percent").each([&](const Place& share) {
        if (thread.percent.size() == Occupancy::n_bins) {
            share.fail("at most 128 shares");
        }
        thread.percent.push_back(static_cast<std::uint8_t>(share.number(100)));
    });
    return thread;
}

RunReport read_report(const Place& place) {
    RunReport report{
        .graph = place.at("graph").text(),
        .last_action = place.at("last_action").text(),
        .elapsed = Seconds{place.at("elapsed_s").decimal()},
        .threads = place.at("threads").number(1U << 20U),
        .ranks = static_cast<int>(place.at("ranks").number(std::numeric_limits<int>::max())),
        .recorded = true,
        .work = Seconds{place.at("work_s").decimal()},
        .critical_path = Seconds{place.at("critical_path_s").decimal()}};
    if (place.has("failed")) {
        const Place failed = place.at("failed");
        report.failed =
            FailedVisit{.node = failed.at("node").text(), .phase = failed.at("phase").text()};
        report.failed->failure.message = failed.at("message").text();
    }
    place.at("nodes").each([&](const Place& node) { report.nodes.push_back(read_node(node)); });
    place.at("edges").each([&](const Place& edge) {
        std::vector<std::string> parts;
        edge.each([&](const Place& part) { parts.push_back(part.text()); });
        if (parts.size() != 3) {
            edge.fail("from, to and action");
        }
        report.edges.push_back({parts[0], parts[1], parts[2]});
    });
    place.at("critical_nodes").each([&](const Place& step) {
        report.critical_nodes.push_back({step.at("node").text(), Seconds{step.at("s").decimal()}});
    });
    place.at("by_rank").each([&](const Place& rank) { report.by_rank.push_back(read_rank(rank)); });
    place.at("busy").each([&](const Place& thread) {
        report.timeline.occupancy.push_back(read_occupancy(thread));
    });
    place.at("notes").each([&](const Place& note) { report.notes.push_back(note.text()); });
    return report;
}

}  // namespace

double imbalance(const RunReport& report) noexcept {
    double busy = 0;
    double busiest = 0;
    for (const RankFigures& row : report.by_rank) {
        busy += static_cast<double>(row.busy_ns);
        busiest = std::max(busiest, static_cast<double>(row.busy_ns));
    }
    return busy > 0 ? busiest * static_cast<double>(report.by_rank.size()) / busy : 0;
}

std::string to_json(const RunDocument& document) {
    JsonWriter json;
    json.begin_object();
    json.value("format", format_version);
    json.value("started", document.started);
    json.begin_object("facts");
    for (const auto& [name, value] : document.facts) {
        json.value(name, value);
    }
    json.end_object();
    json.begin_object("totals");
    for (const auto& [name, value] : document.totals) {
        json.value(name, value);
    }
    json.end_object();
    const double elapsed = document.report.elapsed.count();
    json.begin_object("rates_per_s");
    for (const auto& [name, value] : document.totals) {
        if (elapsed > 0) {
            json.value(name, static_cast<double>(value) / elapsed);
        }
    }
    json.end_object();
    json.begin_object("report");
    write_report(json, document.report);
    json.end_object();
    json.end_object();
    return json.take();
}

RunDocument parse_run_document(std::string_view text, const std::string& file) {
    const nlohmann::json root = detail::parse_bounded_json(text, file);
    const Place place{root, file, ""};
    if (place.at("format").number() != format_version) {
        place.at("format").fail("1, the format that this version knows,");
    }
    RunDocument document{.started = place.at("started").decimal()};
    place.at("facts").each_member([&](const std::string& name, const Place& value) {
        document.facts[name] = value.text();
    });
    place.at("totals").each_member([&](const std::string& name, const Place& value) {
        document.totals[name] = value.number();
    });
    document.report = read_report(place.at("report"));
    return document;
}

}  // namespace kaygraph
