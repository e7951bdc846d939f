#include "files/elements.hpp"
#include "jobs/all_ranks.hpp"
#include "jobs/element_conversion.hpp"
#include "jobs/hash_files.hpp"
#include "jobs/job_document.hpp"
#include "jobs/job_run.hpp"
#include "jobs/kept_rows.hpp"
#include "jobs/rejects.hpp"
#include "jobs/row_sink.hpp"
#include "jobs/run_job.hpp"
#include "jobs/stream_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/item_source.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/parallel/communicator.hpp>
#include <kaygraph/runs/run_ledger.hpp>
#include <kaygraph/version.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace kaygraph::jobs {
namespace {

/// What the nodes of one rank share.
struct ConvertParts {
    const ConvertOptions* options = nullptr;
    std::size_t n_threads = 1;  ///< of a rank
    MatrixFormat format = MatrixFormat::npy;
    std::shared_ptr<detail::RowSink> sink;
    std::shared_ptr<runs::RunLedger> ledger;
    detail::JobRun run;
    detail::RunStart start = {};
    detail::FileHashes hashes = {};  ///< of the input, on rank 0
    bool was_complete = false;
    bool is_guarded = false;  ///< on rank 0: no path is another file's
    std::unique_ptr<MatrixReader> reader = {};
    std::uint64_t n_resumed = 0;
    std::mutex mutex = {};
    ElementLosses losses = {};  // of this rank; under the mutex

    [[nodiscard]] MatrixWriter& writer() const { return *sink->writer(); }
    [[nodiscard]] bool is_copy() const { return reader->info().type == writer().type(); }
    [[nodiscard]] float i8_scale() const { return options->i8_scale.value_or(127); }
    /// Rows of text have no places of their own: they are made of a matrix whose rows have.
    [[nodiscard]] bool is_made_of_whole() const { return format == MatrixFormat::text; }
};

void guard_paths(const ConvertOptions& options, bool is_made_of_whole) {
    PathGuard guard{posix_files(), options.resume.overwrite};
    guard.reads("the input", options.input);
    guard.reads(options.side);
    if (options.stream) {
        guard.writes(options.side);
        return;
    }
    guard.writes("the output", options.out);
    if (is_made_of_whole) {
        guard.writes("the whole matrix of the output", options.out + ".unfiltered");
    }
    guard.writes_run_of(options.out);
    guard.writes(options.side);
}

std::string whole_matrix_of(const ConvertOptions& options, MatrixFormat format) {
    return format == MatrixFormat::text ? options.out + ".unfiltered" : options.out;
}

ElementType type_for(const ConvertParts& parts) {
    return type_of_converted(*parts.options, parts.format, parts.reader->info().type);
}

/// What the bytes of OUT follow from.
std::map<std::string, std::string> identity_of(const ConvertParts& parts) {
    const ConvertOptions& options = *parts.options;
    const ElementType type = type_for(parts);
    std::map<std::string, std::string> identity{
        {"job", "convert"},
        {"input format", std::string{to_string(parts.reader->info().format)}},
        {"tensor", options.tensor.empty() ? "none" : options.tensor},
        {"format", std::string{to_string(parts.format)}},
        {"type", std::string{to_string(type)}}};
    if (type == ElementType::i8) {
        const bool is_text = parts.reader->info().format == MatrixFormat::text;
        identity["i8 scale"] =
            is_text && !options.i8_scale ? "none" : std::to_string(parts.i8_scale());
    }
    return identity;
}

/// Opens the input on every rank; finds on rank 0 what an earlier run left. Its action is "complete" where nothing is
/// left to do.
struct Open : Node {
    ConvertParts* parts;
    detail::RunStart exec(const Context& context) const {
        const ConvertOptions& options = *parts->options;
        guard_paths(options, parts->is_made_of_whole());
        parts->is_guarded = true;
        parts->reader = open_reader();
        if (options.stream) {
            return {};
        }
        runs::RunRecord record;
        record.identity = identity_of(*parts);
        record.files = {detail::run_file("input", "", options.input, posix_files())};
        record.facts = {
            {"version", std::string{version()}},
            {"ranks", std::to_string(context.n_ranks())},
            {"threads", std::to_string(parts->n_threads)},
            {"command", options.command}};
        parts->run.lock();
        return parts->run.look(std::move(record), context.n_ranks(), context.log());
    }
    Action post(Store& /*shared*/, detail::RunStart start) const {
        parts->start = std::move(start);
        parts->was_complete = parts->start.is_complete;
        if (parts->reader == nullptr) {
            parts->reader = open_reader();
        }
        const auto& info = parts->reader->info();
        parts->sink->set_writer(std::make_shared<MatrixWriter>(
            posix_files(),
            whole_matrix_of(*parts->options, parts->format),
            parts->is_made_of_whole() ? MatrixFormat::npy : parts->format,
            type_for(*parts),
            info.rows,
            info.cols
        ));
        return parts->options->stream ? "stream" : parts->was_complete ? "complete" : "default";
    }

private:
    std::unique_ptr<MatrixReader> open_reader() const {
        const ConvertOptions& options = *parts->options;
        const ElementType type = type_of_converted(options, parts->format, ElementType::f32);
        return std::make_unique<MatrixReader>(
            options.input, options.input_format, options.tensor, text_type_for(type)
        );
    }
    /// What the numbers of a text are read as, so that they are rounded once. Nobody scales integers without being asked.
    [[nodiscard]] ElementType text_type_for(ElementType type) const {
        switch (type) {
            case ElementType::f16:
                return ElementType::f64;
            case ElementType::i8:
                return parts->options->i8_scale ? ElementType::f32 : type;
            default:
                return type;
        }
    }
};

/// Makes OUT.part on rank 0, or finds what an earlier run left of it; then opens it on the others, with their journals. Its
/// action is "complete" where the input turned out to be what it was.
struct Create : Node {
    ConvertParts* parts;
    detail::RunResumed exec(const Context& context) const {
        const std::uint64_t n_rows = parts->reader->info().rows;
        const MatrixWriter& whole = parts->writer();
        const std::uint64_t room =
            whole.file_bytes() + (parts->is_made_of_whole() ? 2 * n_rows * whole.cols() : 0);
        if (parts->run.begin(parts->hashes, n_rows, room, context.log())) {
            return {.is_complete = true};
        }
        return parts->run.resume(parts->writer(), true, context.log());
    }
    Action post(Store& /*shared*/, detail::RunResumed resumed, const Context& context) const {
        if (resumed.is_complete) {
            parts->was_complete = true;
            return "complete";
        }
        if (context.rank() != 0) {
            parts->writer().open();
        }
        parts->ledger->begin(
            parts->run.journal(context.rank()),
            resumed.end_of(context.rank()),
            std::move(resumed.done),
            resumed.attempt,
            parts->run.crashes(context.rank())
        );
        return "default";
    }
};

/// Copies blocks of rows.
struct Copy : ParallelBatchNode {
    ConvertParts* parts;

    struct State {
        std::vector<std::byte> elements;
    };

    Indices prep(const Store& /*shared*/) const { return Indices{parts->reader->info().rows}; }
    std::size_t row_length() const {
        return parts->reader->info().cols * size_of(parts->writer().type());
    }
    State thread_state() const { return {}; }
    void exec_batch(std::span<const std::size_t> items, MatrixView<std::byte> rows, State& state)
        const {
        const std::span<std::byte> bytes{rows.data(), rows.rows() * rows.cols()};
        const MatrixInfo& info = parts->reader->info();
        if (parts->is_copy()) {
            parts->reader->read_elements(items.front(), items.size(), bytes);
            return;
        }
        state.elements.resize(items.size() * info.cols * size_of(info.type));
        parts->reader->read_elements(items.front(), items.size(), state.elements);
        ElementLosses losses;
        const auto unfit = detail::convert_elements(
            state.elements, info.type, bytes, parts->writer().type(), parts->i8_scale(), losses
        );
        if (unfit) {
            refuse(items.front() + *unfit / info.cols, *unfit % info.cols);
        }
        const std::lock_guard lock{parts->mutex};
        parts->losses.add(losses);
    }
    void post(Store& /*shared*/, const BatchRows<std::byte>& rows) const {
        parts->n_resumed = rows.n_resumed();
        parts->ledger->end(runs::FrameKind::closed);
    }

    /// About a mebibyte.
    static std::size_t rows_of_block(std::size_t cols) {
        return std::max<std::size_t>(
            (std::size_t{1} << 20U) / std::max<std::size_t>(cols * 8, 1), 1
        );
    }

private:
    [[noreturn]] void refuse(std::size_t row, std::size_t col) const {
        const MatrixInfo& info = parts->reader->info();
        std::vector<std::byte> elements(info.cols * size_of(info.type));
        parts->reader->read_elements(row, 1, elements);
        const std::string value =
            kaygraph::detail::with_element_type(info.type, [&](auto type) -> std::string {
                using T = decltype(type);
                if constexpr (std::is_integral_v<T>) {
                    return std::to_string(
                        kaygraph::detail::load<T>(elements.data() + col * sizeof(T))
                    );
                }
                return "none";  // only integers do not fit
            });
        throw FormatError(
            ErrorCode::malformed,
            "expected integers that " + std::string{to_string(parts->writer().type())}
                + " can hold, found " + value + " in row " + std::to_string(row) + ", column "
                + std::to_string(col) + "; write another type (--dtype)",
            {.file = parts->reader->path()}
        );
    }
};

/// Gives the rows to a stream, one block after the other, on rank 0.
struct CopyToStream : Node {
    ConvertParts* parts;
    bool exec(const Context& context) const {
        detail::StreamFiles stream{parts->options->stream};
        const auto& info = parts->reader->info();
        MatrixWriter out{
            stream, parts->options->out, parts->format, type_for(*parts), info.rows, info.cols};
        out.create();
        const Copy copy{{}, parts};
        Copy::State state;
        const std::size_t at_once = Copy::rows_of_block(info.cols);
        std::vector<std::size_t> items;
        std::vector<std::byte> bytes;
        for (std::size_t first = 0; first < info.rows; first += items.size()) {
            context.throw_if_stopped();
            items.resize(std::min(at_once, info.rows - first));
            std::iota(items.begin(), items.end(), first);
            bytes.resize(items.size() * copy.row_length());
            copy.exec_batch(items, {bytes.data(), items.size(), copy.row_length()}, state);
            out.write_rows(first, bytes);
        }
        out.sync_and_close();
        out.publish();
        return true;
    }
};

struct Publish : Node {
    ConvertParts* parts;
    bool exec(const Context& context) const {
        MatrixWriter& whole = parts->writer();
        if (!parts->is_made_of_whole()) {
            runs::RunProduct matrix;
            matrix.stamp.bytes = whole.file_bytes();
            parts->run.publish(0, {std::move(matrix)});
            whole.publish();
        } else {
            const auto between = [&] {
                context.throw_if_stopped();
            };
            const auto made = detail::make_kept_rows(
                posix_files(), whole, parts->options->out, parts->format, RangeSet{}, between
            );
            parts->run.publish(
                0,
                {detail::finished_product(
                    posix_files(), runs::product::matrix, made->part_path(), between
                )}
            );
            made->publish();
            whole.discard();
        }
        parts->run.complete();
        return true;
    }
};

/// The end of a run that an earlier one made.
struct Complete : Node {
    void exec() const {}
};

Graph make_graph(ConvertParts& parts, std::optional<std::size_t> block) {
    ParallelBatchOptions copy{
        .block = block,
        .progress = detail::told(parts.options->progress, "convert"),
        .gather = Gather::none,
        .sink = parts.sink};
    copy.ledger = parts.ledger;
    ParallelBatchOptions hash{
        .progress = detail::told(parts.options->progress, "hash"), .gather = Gather::root};
    Graph graph{"convert"};
    const auto open = graph.add("open", Open{{}, &parts}, {.where = Where::root});
    const auto create = graph.add("create", Create{{}, &parts}, {.where = Where::root});
    const auto complete = graph.add("complete", Complete{});
    open >> graph.add("hash", detail::HashFiles{{}, &parts.start, &parts.hashes}, std::move(hash))
        >> create >> graph.add("copy", Copy{{}, &parts}, std::move(copy))
        >> graph.add("publish", Publish{{}, &parts}, {.where = Where::root});
    open.on("stream") >> graph.add("stream", CopyToStream{{}, &parts}, {.where = Where::root});
    open.on("complete") >> complete;
    create.on("complete") >> complete;
    graph.record(Metrics::on);
    return graph;
}

/// After an error, on every rank: what was copied stays for the next run; what cannot go on is removed. Returns whether
/// there is a run directory that tells of it.
bool keep_or_clean(ConvertParts& parts, bool was_stopped, bool is_root) {
    const std::exception_ptr unended = caught([&] { parts.ledger->end(runs::FrameKind::drained); });
    static_cast<void>(unended);  // another error has ended the run already
    if (parts.options->stream) {
        return false;
    }
    const bool stays = is_root && parts.run.keep(was_stopped);
    if (is_root && !stays && parts.sink->writer() != nullptr) {
        parts.writer().discard();
    }
    return stays && parts.run.is_ours();
}

/// Blocks of about a mebibyte; where the input cannot be read, the job itself says so.
std::optional<std::size_t> block_for(const ConvertOptions& options) {
    if (options.block) {
        return options.block;
    }
    std::optional<std::size_t> rows;
    static_cast<void>(caught([&] {
        const MatrixReader reader{options.input, options.input_format, options.tensor};
        rows = Copy::rows_of_block(reader.info().cols);
    }));
    return rows;
}

}  // namespace

ElementType type_of_converted(const ConvertOptions& options, MatrixFormat format, ElementType own) {
    if (options.type) {
        return *options.type;
    }
    return can_hold(format, own) ? own : only_element_type(format).value_or(own);
}

ConvertResult convert(const ConvertOptions& options, const RunOptions& run) {
    if (options.i8_scale && (!std::isfinite(*options.i8_scale) || *options.i8_scale <= 0)) {
        throw ArgumentError("i8_scale is a number above 0");
    }
    const MatrixFormat format = options.format ? *options.format : format_of_path(options.out);
    ConvertParts parts{
        .options = &options,
        .n_threads = detail::threads_of(run),
        .format = format,
        .sink = std::make_shared<detail::RowSink>(detail::RowsAre::elements),
        .ledger = {},
        .run = {
            posix_files(),
            options.out,
            whole_matrix_of(options, format) + ".part",
            {runs::product::matrix},
            options.resume}};
    parts.ledger = std::make_shared<runs::RunLedger>(
        posix_files(), parts.sink, options.durability, detail::reject_line
    );
    const Graph graph = make_graph(parts, block_for(options));
    const double started = detail::seconds_since_1970();
    Store shared;
    ConvertResult result;
    const auto tell = [&](const RunReport& report, std::string_view status, bool in_directory) {
        if (run.ranks.rank() == 0) {
            RunDocument document = detail::job_document(
                "convert", options.out, options.command, started, report, status
            );
            document.totals = {
                {"rows", result.rows},
                {"cols", result.cols},
                {"clamped", result.losses.clamped},
                {"infinite", result.losses.infinite},
                {"not_numbers", result.losses.not_numbers},
                {"rounded", result.losses.rounded},
                {"resumed_items", result.n_resumed}};
            if (in_directory) {
                parts.run.tell(document, run.log);
            }
            if (options.ended && parts.is_guarded) {
                options.ended(parts.run.to_tell(std::move(document), result.was_complete));
            }
        }
    };
    result.report =
        detail::run_job(graph, shared, run, [&](bool was_stopped, const RunReport& report) {
            const bool stays = keep_or_clean(parts, was_stopped, run.ranks.rank() == 0);
            tell(report, was_stopped ? "stopped" : "failed", stays);
        });
    const auto& info = parts.reader->info();
    result.rows = info.rows;
    result.cols = info.cols;
    result.from = info.type;
    result.to = parts.writer().type();
    result.input_format = info.format;
    result.format = parts.format;
    result.was_complete = parts.was_complete;
    result.n_resumed = parts.n_resumed;
    for (const ElementLosses& losses : detail::of_all_ranks(run.ranks, parts.losses)) {
        result.losses.add(losses);
    }
    tell(result.report, "complete", parts.run.is_ours());
    return result;
}

}  // namespace kaygraph::jobs
