// A run's figures for other programs: Prometheus, Perfetto, what reads job logs.
#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <array>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

constexpr std::string_view trace_beginning = "{\"otherData\":{\"made_by\":\"kaygraph\"";

std::string decimal(double value) {
    return short_decimal(value, 12);
}

double seconds(std::int64_t nanoseconds) {
    return static_cast<double>(nanoseconds) * 1e-9;
}

/// Text in the exposition format of Prometheus.
class Exposition {
public:
    using Labels = std::vector<std::pair<std::string_view, std::string>>;

    explicit Exposition(std::string job) : job_(std::move(job)) {}

    /// Begins a family; its samples follow.
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = "kaygraph_" + std::string{name};
        text_ += "# HELP " + name_ + " " + std::string{help} + "\n# TYPE " + name_ + " "
                 + std::string{type} + "\n";
    }
    void sample(const Labels& labels, const std::string& value) {
        text_ += name_ + "{job=" + quoted(job_);
        for (const auto& [label, of] : labels) {
            text_ += "," + std::string{label} + "=" + quoted(of);
        }
        text_ += "} " + value + "\n";
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    static std::string quoted(const std::string& text) {
        std::string result = "\"";
        for (const char c : text) {
            if (c == '\n') {
                result += "\\n";
                continue;
            }
            if (c == '"' || c == '\\') {
                result += '\\';
            }
            result += c;
        }
        return result + "\"";
    }

    std::string job_;
    std::string name_;
    std::string text_;
};

const char* name_of(SpanKind kind) noexcept {
    switch (kind) {
        case SpanKind::prep:
            return "prep";
        case SpanKind::exec:
            return "exec";
        case SpanKind::post:
            return "post";
        case SpanKind::block:
            break;
    }
    return "block";
}

/// Microseconds with the nanoseconds behind the point.
std::string microseconds(std::int64_t nanoseconds) {
    return fixed_decimal(static_cast<double>(nanoseconds) * 1e-3, 3);
}

void add_name(
    std::string& text,
    const char* what,
    int rank,
    const std::string& thread,
    const std::string& name
) {
    text += std::string{text.back() == '[' ? "" : ","} + "\n{\"ph\":\"M\",\"name\":\"" + what
            + "\",\"pid\":" + std::to_string(rank) + thread
            + ",\"args\":{\"name\":" + json_quoted(name) + "}}";
}

/// One line, no tabs.
std::string cell(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20U) {
            c = ' ';
        }
    }
    return text;
}

}  // namespace

bool begins_as_export(std::string_view beginning) noexcept {
    const auto begins = [&](std::string_view with) {
        return beginning.substr(0, with.size()) == with;
    };
    return begins("# HELP kaygraph_run_info ") || begins(trace_beginning)
           || (begins("<!doctype html>")
               && beginning.find("<meta name=\"generator\" content=\"kaygraph\">")
                      != std::string_view::npos);
}

std::string to_prometheus(const RunDocument& document) {
    const RunReport& report = document.report;
    Exposition text{document.fact("job")};
    text.family("run_info", "gauge", "What ran; the value is 1.");
    text.sample({{"version", document.fact("version")}, {"status", document.fact("status")}}, "1");
    text.family("run_start_time_seconds", "gauge", "When the run began, since 1970.");
    text.sample({}, decimal(document.started));
    text.family("run_duration_seconds", "gauge", "How long the run took.");
    text.sample({}, decimal(report.elapsed.count()));
    text.family("ranks", "gauge", "Ranks of the run.");
    text.sample({}, std::to_string(report.ranks));
    text.family("threads", "gauge", "Threads of each rank.");
    text.sample({}, std::to_string(report.threads));
    text.family("total", "gauge", "Totals of the run.");
    for (const auto& [name, value] : document.totals) {
        text.sample({{"name", name}}, std::to_string(value));
    }
    text.family("imbalance", "gauge", "The busiest rank to the mean of all.");
    text.sample({}, decimal(imbalance(report)));
    const std::array<std::pair<const char*, std::uint64_t NodeCounts::*>, 5> counts{{
        {"visits", &NodeCounts::visits},
        {"items", &NodeCounts::items},
        {"errors", &NodeCounts::errors},
        {"retries", &NodeCounts::retries},
        {"failed_items", &NodeCounts::failed_items},
    }};
    for (const auto& [name, member] : counts) {
        text.family("node_" + std::string{name}, "gauge", "Of a node, over all ranks.");
        for (const NodeStats& node : report.nodes) {
            text.sample({{"node", node.name}}, std::to_string(node.counts.*member));
        }
    }
    const std::array<std::pair<const char*, Summary NodeTimes::*>, 3> phases{{
        {"prep", &NodeTimes::prep},
        {"exec", &NodeTimes::exec},
        {"post", &NodeTimes::post},
    }};
    text.family("node_phase_seconds", "gauge", "Time of a node's phases, on rank 0.");
    for (const NodeStats& node : report.nodes) {
        for (const auto& [phase, member] : phases) {
            text.sample(
                {{"node", node.name}, {"phase", phase}}, decimal((node.times.*member).sum().count())
            );
        }
    }
    const std::array<std::pair<const char*, std::int64_t RankFigures::*>, 5> times{{
        {"busy", &RankFigures::busy_ns},
        {"read", &RankFigures::read_ns},
        {"write", &RankFigures::write_ns},
        {"idle", &RankFigures::idle_ns},
        {"wait", &RankFigures::wait_ns},
    }};
    text.family(
        "rank_seconds",
        "gauge",
        "Thread time of a rank in blocks, reading and writing in them, without a block, and "
        "waiting for the others."
    );
    for (const RankFigures& rank : report.by_rank) {
        for (const auto& [state, member] : times) {
            text.sample(
                {{"rank", std::to_string(rank.rank)}, {"state", state}},
                decimal(seconds(rank.*member))
            );
        }
    }
    text.family("rank_peak_memory_bytes", "gauge", "The most memory that a rank had.");
    for (const RankFigures& rank : report.by_rank) {
        text.sample({{"rank", std::to_string(rank.rank)}}, std::to_string(rank.peak_memory));
    }
    return text.take();
}

std::string to_trace_json(const RunReport& report) {
    std::uint64_t n_dropped = 0;
    for (const ThreadTrace& trace : report.timeline.traces) {
        n_dropped += trace.n_dropped;
    }
    std::string text = std::string{trace_beginning} + ",\"graph\":" + json_quoted(report.graph)
                       + ",\"dropped_events\":" + std::to_string(n_dropped)
                       + "},\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
    for (const RankFigures& rank : report.by_rank) {
        add_name(
            text,
            "process_name",
            rank.rank,
            "",
            "rank " + std::to_string(rank.rank) + " on " + rank.host
        );
    }
    for (const ThreadTrace& trace : report.timeline.traces) {
        const std::string place =
            ",\"pid\":" + std::to_string(trace.rank) + ",\"tid\":" + std::to_string(trace.thread);
        add_name(
            text,
            "thread_name",
            trace.rank,
            ",\"tid\":" + std::to_string(trace.thread),
            "thread " + std::to_string(trace.thread)
        );
        for (const TraceSpan& span : trace.spans) {
            text +=
                ",\n{\"ph\":\"X\",\"cat\":\"" + std::string{name_of(span.kind)} + "\",\"name\":"
                + json_quoted(
                    report.nodes.at(span.node).name
                    + (span.kind == SpanKind::block ? "" : std::string{" "} + name_of(span.kind))
                )
                + place + ",\"ts\":" + microseconds(span.start_ns)
                + ",\"dur\":" + microseconds(span.duration_ns);
            if (span.kind == SpanKind::block) {
                text += ",\"args\":{\"first\":" + std::to_string(span.first)
                        + ",\"items\":" + std::to_string(span.count) + "}";
            }
            text += "}";
        }
    }
    return text + "\n]}\n";
}

std::string to_job_log(const RunDocument& document, int exit_value) {
    std::string text =
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";
    for (const RankFigures& rank : document.report.by_rank) {
        text += std::to_string(rank.rank + 1) + "\t" + cell(rank.host) + "\t"
                + fixed_decimal(document.started, 3) + "\t"
                + fixed_decimal(document.report.elapsed.count(), 3) + "\t0\t"
                + std::to_string(rank.bytes) + "\t" + std::to_string(exit_value) + "\t0\t"
                + cell(document.fact("command")) + "\n";
    }
    return text;
}

}  // namespace kaygraph
