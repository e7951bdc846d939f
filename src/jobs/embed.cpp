#include "jobs/all_ranks.hpp"
#include "jobs/embed_nodes.hpp"
#include "jobs/embed_stream.hpp"
#include "jobs/hash_files.hpp"
#include "jobs/job_document.hpp"
#include "jobs/run_job.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cmath>
#include <string_view>
#include <utility>

namespace kaygraph::jobs {
namespace {

using detail::EmbedParts;

void check(const EmbedOptions& options) {
    if (options.inputs.empty()) {
        throw ArgumentError("there is no input: name files, directories, patterns or -");
    }
    if (options.out.empty()) {
        throw ArgumentError("there is no output: name a file");
    }
    if (options.stream && (options.id_field || options.on_reject == OnReject::skip)) {
        throw ArgumentError(
            "a stream has no place for ids, nor for the numbers of the rows that are left: write "
            "to a "
            "file, or take --on-reject zero-row"
        );
    }
    if (!std::isfinite(options.i8_scale) || options.i8_scale <= 0) {
        throw ArgumentError("i8_scale is a number above 0");
    }
}

/// What a rank counted beside the engine.
struct RankCounts {
    models::EmbedCounts counts = {};
    ElementLosses losses = {};
};

/// Wires the nodes of the job.
Graph make_graph(const EmbedOptions& options, EmbedParts& parts) {
    Graph graph{"embed"};
    ParallelBatchOptions embed{
        .block = options.block,
        .progress = detail::told(options.progress, "embed"),
        .gather = Gather::none,
        .sink = parts.sink};
    embed.ledger = parts.ledger;
    if (options.on_reject != OnReject::error) {
        embed.on_item_error = ItemErrors::reject;
        embed.max_errors = options.max_errors;
    }
    const auto open = graph.add("open", detail::Open{{}, &parts}, {.where = Where::root});
    const auto hash = graph.add(
        "hash",
        detail::HashFiles{{}, &parts.start, &parts.hashes, &parts.n_inputs},
        ParallelBatchOptions{
            .progress = detail::told(options.progress, "hash"), .gather = Gather::root}
    );
    const auto count = graph.add(
        "count",
        detail::Count{{}, &parts.hashes, &parts.start},
        ParallelBatchOptions{.progress = detail::told(options.progress, "count")}
    );
    const auto create = graph.add("create", detail::Create{{}, &parts}, {.where = Where::root});
    const auto rows = graph.add("embed", detail::Embed{{}, &parts}, std::move(embed));
    const auto finish = graph.add("finish", detail::Finish{{}, &parts}, {.where = Where::root});
    const auto isolate = graph.add("isolate", detail::Isolate{{}, &parts}, {.where = Where::root});
    const auto complete = graph.add("complete", detail::Complete{{}, &parts});
    open >> hash >> count >> create >> rows;
    create.on("suspects") >> isolate >> rows;
    open.on("complete") >> complete;
    create.on("complete") >> complete;
    rows.on("finish") >> finish;
    if (parts.ids != nullptr) {
        ParallelBatchOptions lines{
            .block = options.block,
            .progress = detail::told(options.progress, "ids"),
            .sink = parts.ids};
        const auto ids = graph.add("ids", detail::Ids{{}, &parts}, std::move(lines));
        rows >> ids >> finish;
        create.on("ids") >> ids;
    }
    graph.record(Metrics::on);
    return graph;
}

/// What rank 0 tells of a run: of one that ended early without what all ranks counted.
RunDocument document_of(
    const EmbedParts& parts,
    const RunReport& report,
    const EmbedResult* result,
    std::string_view status
) {
    const EmbedOptions& options = *parts.options;
    RunDocument document =
        detail::job_document("embed", options.out, options.command, parts.started, report, status);
    document.facts["model"] = options.model;
    document.facts["attempt"] = std::to_string(parts.resumed.attempt);
    if (const NodeStats* embed = report.find("embed")) {
        document.totals["embedded_items"] = embed->counts.items;
        document.totals["rejected_now"] = embed->counts.failed_items;
    }
    if (result != nullptr) {
        document.totals["items"] = parts.resumed.n_items;
        document.totals["rows"] =
            parts.resumed.n_items - result->n_rejected;  // with a vector of their own
        document.totals["rejected"] = result->n_rejected;
        document.totals["resumed_items"] = result->n_resumed;
        document.totals["inputs"] = result->n_inputs;
        document.totals["input_bytes"] = result->input_bytes;
        document.totals["output_bytes"] = result->rows * result->cols * size_of(options.type);
        document.totals["tokens"] = result->counts.tokens;
        document.totals["unknown_tokens"] = result->counts.unknown_tokens;
        document.totals["empty_texts"] = result->counts.empty_texts;
    }
    return document;
}

/// After an error, on every rank: what was embedded stays for the next run; where nothing was, rank 0 leaves nothing.
void keep_or_clean(
    EmbedParts& parts,
    bool was_stopped,
    const RunReport& report,
    const RunOptions& run
) {
    const std::exception_ptr unended = caught([&] { parts.ledger->end(runs::FrameKind::drained); });
    static_cast<void>(unended);  // another error has ended the run already
    if (run.ranks.rank() != 0) {
        return;
    }
    parts.scratch.reset();
    if (parts.has_spooled) {
        parts.files->remove(detail::spool_of(parts.options->out));
    }
    if (parts.ids != nullptr && parts.has_begun) {
        parts.ids->discard();
    }
    const RunDocument document =
        document_of(parts, report, nullptr, was_stopped ? "stopped" : "failed");
    if (parts.options->stream) {  // what was given is given
    } else if (parts.run.keep(was_stopped)) {
        if (parts.run.is_ours()) {
            parts.run.tell(document, run.log);
        }
    } else if (parts.sink->writer() != nullptr) {
        parts.sink->writer()->discard();
    }
    if (parts.options->ended && parts.is_guarded) {
        parts.options->ended(document);
    }
}

}  // namespace

EmbedResult embed(const EmbedOptions& options, const RunOptions& run) {
    check(options);
    FileSystem& files = options.files == nullptr ? posix_files() : *options.files;
    EmbedParts parts{
        .options = &options,
        .n_threads = detail::threads_of(run),
        .files = &files,
        .format = options.format ? *options.format : format_of_path(options.out),
        .field = JsonField{detail::field_of(options), options.id_field},
        .sink = std::make_shared<detail::RowSink>(detail::RowsAre::floats, options.i8_scale),
        .ledger = {},
        .run =
            {files,
             options.out,
             detail::whole_matrix_of(options) + ".part",
             detail::products_of(options),
             options.resume},
        .started = detail::seconds_since_1970()};
    parts.ledger = std::make_shared<runs::RunLedger>(
        files, parts.sink, options.durability, detail::reject_line
    );
    if (options.id_field) {
        parts.ids = std::make_shared<detail::LineSink>(
            files, options.out, runs::product::ids, run.ranks.rank(), run.ranks.size()
        );
    }
    detail::StreamFiles stream{options.stream};
    detail::StreamState streamed;
    const Graph graph = options.stream ? detail::make_stream_graph(parts, stream, streamed)
                                       : make_graph(options, parts);
    Store shared;
    EmbedResult result;
    result.report =
        detail::run_job(graph, shared, run, [&](bool was_stopped, const RunReport& report) {
            keep_or_clean(parts, was_stopped, report, run);
        });
    const auto& inputs = shared.get<std::vector<TextInput>>("inputs");
    result.n_inputs = inputs.size();
    result.left_out = parts.left_out;
    for (const TextInput& input : inputs) {
        result.input_bytes += input.bytes;
    }
    result.rows = shared.get<std::uint64_t>("n_rows");
    result.cols = parts.cols;
    if (options.stream) {
        parts.resumed.n_items = result.rows;
        parts.scratch.reset();
    }
    result.was_complete = parts.start.is_complete || parts.resumed.is_complete;
    result.n_resumed = parts.n_resumed;
    result.n_rejected =
        result.was_complete ? parts.start.n_rejected : shared.get<RangeSet>("rejected").size();
    result.model = parts.embedder->description();
    const RankCounts own{parts.counts, parts.sink->losses()};
    for (const RankCounts& rank : detail::of_all_ranks(run.ranks, own)) {
        result.counts.add(rank.counts);
        result.losses.add(rank.losses);
    }
    if (result.was_complete && options.resume.verify_all) {
        const VerifyResult found = verify({.file = options.out}, run);
        if (!found.is_whole()) {
            throw FormatError(
                ErrorCode::malformed,
                std::to_string(found.damaged.size() + found.n_items - found.n_compared)
                    + " items and " + std::to_string(found.wrong_files.size())
                    + " files are not what the complete run wrote; --fresh --overwrite makes them "
                      "anew",
                {.file = options.out}
            );
        }
    }
    if (run.ranks.rank() == 0) {
        RunDocument document = document_of(parts, result.report, &result, "complete");
        document.totals["store_bytes"] = shared.bytes();
        if (!result.was_complete && !options.stream) {
            parts.run.tell(document, run.log);
        }
        if (options.ended) {
            options.ended(parts.run.to_tell(std::move(document), result.was_complete));
        }
    }
    return result;
}

}  // namespace kaygraph::jobs
