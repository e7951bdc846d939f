#include "jobs/embed_stream.hpp"

#include "jobs/run_job.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::uint64_t window_bytes = std::uint64_t{64} << 20U;
constexpr std::size_t most_told_rejects = 20;

/// All rows were given.
struct End : Node {
    void exec() const {}
};

/// There is no file to list them in.
void tell_rejects(
    const BatchRows<float>& rows,
    std::size_t first,
    std::size_t n_before,
    const Log& log
) {
    std::size_t n = n_before;
    for (const Failure& failure : rows.failures()) {
        if (n++ >= most_told_rejects) {
            return;
        }
        log.warn(
            "embed",
            "rejected row " + std::to_string(first + static_cast<std::size_t>(failure.item)) + ": "
                + failure.message + (n == most_told_rejects ? "; more are not told" : "")
        );
    }
}

}  // namespace

Opened OpenStream::exec(const Context& context) const {
    const EmbedOptions& options = *parts->options;
    FileSystem& files = *parts->files;
    TextInputOptions wanted{
        .whole_files = options.whole_files,
        .include = options.include,
        .format = options.input_format,
        .while_reading = [&] { context.throw_if_stopped(); },
        .log = context.log()};
    const bool reads_standard_input =
        std::find(options.inputs.begin(), options.inputs.end(), "-") != options.inputs.end();
    if (reads_standard_input) {
        if (context.n_ranks() > 1) {
            throw ArgumentError(
                "standard input to standard output is for one process, without mpirun"
            );
        }
        parts->scratch = std::make_unique<ScratchFile>();
        wanted.spool = parts->scratch->path();
    }
    Opened opened;
    opened.inputs = list_text_inputs(options.inputs, wanted, files, &opened.left_out);
    require_effect(options, opened.inputs);
    PathGuard guard{files, options.resume.overwrite};
    for (const runs::RunFile& file : files_of(options, opened.inputs, files)) {
        guard.reads("a file that is read", file.path);
    }
    guard.reads(options.side);
    guard.writes(options.side);
    parts->is_guarded = true;
    return opened;
}

void OpenStream::post(Store& shared, Opened opened, const Context& context) const {
    parts->left_out = opened.left_out;
    shared.set("inputs", std::move(opened.inputs));
    open_model(*parts, context.log());
}

TextWindow StreamRows::prep(const Store& shared) const {
    const auto& texts = shared.get<TextSource>("texts");
    parts->source = &texts;
    const std::size_t most = std::max<std::size_t>(window_bytes / (parts->cols * sizeof(float)), 1);
    return {texts, state->n_written, std::min(most, texts.size() - state->n_written)};
}

void StreamRows::exec_batch(
    std::span<const TextRecord> records,
    MatrixView<float> rows,
    State& scratch,
    const Context& context
) const {
    Embed{{}, parts}.embed(records, rows, scratch, state->n_written + context.item().value_or(0));
}

Action StreamRows::post(Store& shared, BatchRows<float> rows, const Context& context) const {
    const std::size_t n_texts = shared.get<TextSource>("texts").size();
    const std::size_t n_rows = rows.n_items();
    if (context.rank() == 0) {
        tell_rejects(rows, state->n_written, state->rejected.size(), context.log());
    }
    for (const auto& [first, last] : rows.end().failed.ranges()) {
        state->rejected.add(state->n_written + first, state->n_written + last);
    }
    require_budget(*parts->options, state->rejected.size(), n_texts);
    if (context.rank() == 0) {
        if (parts->sink->writer() == nullptr) {
            parts->sink->set_writer(std::make_shared<MatrixWriter>(
                *stream,
                parts->options->out,
                parts->format,
                parts->options->type,
                n_texts,
                parts->cols
            ));
            parts->sink->writer()->create();
        }
        write(std::move(rows));
    }
    state->n_written += n_rows;
    if (state->n_written < n_texts) {
        return "more";
    }
    if (context.rank() == 0) {
        parts->sink->finish();
    }
    shared.set("rejected", state->rejected);
    shared.set("n_rows", std::uint64_t{n_texts});
    return "default";
}

void StreamRows::write(BatchRows<float> rows) const {
    const std::size_t n = rows.n_items();
    const std::size_t row_bytes = parts->cols * sizeof(float);
    const RangeSet failed = rows.end().failed;
    const std::unique_ptr<float[]> values = std::move(rows).take_data();
    for (const auto& [first, last] : failed.ranges()) {
        std::fill(values.get() + first * parts->cols, values.get() + last * parts->cols, 0.0F);
    }
    const Block block{.index = 0, .first = state->n_written, .count = n};
    parts->sink->write(
        block,
        {.bytes = std::as_bytes(std::span{values.get(), n * parts->cols}), .row_bytes = row_bytes}
    );
    static_cast<void>(parts->sink->take_hash(block));
}

Graph make_stream_graph(EmbedParts& parts, StreamFiles& stream, StreamState& state) {
    const EmbedOptions& options = *parts.options;
    Graph graph{"embed"};
    ParallelBatchOptions embed{
        .block = options.block,
        .progress = told(options.progress, "embed"),
        .gather = Gather::root};
    if (options.on_reject != OnReject::error) {
        embed.on_item_error = ItemErrors::skip;
        // of all windows together: judged behind each of them
        embed.max_errors = {.count = std::numeric_limits<std::size_t>::max()};
    }
    const auto open = graph.add("open", OpenStream{{}, &parts}, {.where = Where::root});
    const auto count = graph.add(
        "count", Count{}, ParallelBatchOptions{.progress = told(options.progress, "count")}
    );
    const auto rows = graph.add("embed", StreamRows{{}, &parts, &stream, &state}, std::move(embed));
    open >> count >> rows >> graph.add("end", End{});
    rows.on("more") >> rows;
    graph.record(Metrics::on);
    return graph;
}

}  // namespace kaygraph::jobs::detail
