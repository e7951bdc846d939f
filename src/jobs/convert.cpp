#include "files/elements.hpp"
#include "jobs/all_ranks.hpp"
#include "jobs/element_conversion.hpp"
#include "jobs/job_document.hpp"
#include "jobs/job_run.hpp"
#include "jobs/output_check.hpp"
#include "jobs/rejects.hpp"
#include "jobs/row_sink.hpp"
#include "jobs/run_job.hpp"

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
    MatrixFormat format = MatrixFormat::npy;
    std::shared_ptr<detail::RowSink> sink;
    std::shared_ptr<runs::RunLedger> ledger;
    detail::JobRun run;
    detail::RunStart start = {};
    std::unique_ptr<MatrixReader> reader = {};
    std::uint64_t n_resumed = 0;
    std::mutex mutex = {};
    ElementLosses losses = {};  // of this rank; under the mutex

    [[nodiscard]] MatrixWriter& writer() const { return *sink->writer(); }
    [[nodiscard]] bool is_copy() const { return reader->info().type == writer().type(); }
    /// Rows of text have no places of their own: such a file is written in one go, or anew.
    [[nodiscard]] bool can_go_on() const { return format != MatrixFormat::text; }
};

ElementType type_for(const ConvertParts& parts) {
    return type_of_converted(*parts.options, parts.format, parts.reader->info().type);
}

/// What the bytes of OUT follow from.
std::map<std::string, std::string> identity_of(const ConvertParts& parts) {
    const ConvertOptions& options = *parts.options;
    const ElementType type = type_for(parts);
    std::map<std::string, std::string> identity{
        {"job", "convert"},
        {"input", options.input + ", " + runs::file_identity(posix_files(), options.input)},
        {"input format", std::string{to_string(parts.reader->info().format)}},
        {"tensor", options.tensor.empty() ? "none" : options.tensor},
        {"format", std::string{to_string(parts.format)}},
        {"type", std::string{to_string(type)}}};
    if (type == ElementType::i8) {
        identity["i8 scale"] = std::to_string(options.i8_scale);
    }
    return identity;
}

/// Opens the input on every rank; finds on rank 0 what an earlier run left. Its action is "complete" where nothing is
/// left to do.
struct Open : Node {
    ConvertParts* parts;
    detail::RunStart exec(const Context& context) const {
        const ConvertOptions& options = *parts->options;
        detail::refuse_special_output(options.out, posix_files());
        parts->reader = open_reader();
        detail::refuse_output_that_is(options.input, options.out, posix_files());
        if (!parts->can_go_on()) {
            return {};
        }
        runs::RunRecord record;
        record.identity = identity_of(*parts);
        record.facts = {
            {"version", std::string{version()}},
            {"ranks", std::to_string(context.n_ranks())},
            {"threads", std::to_string(context.n_threads())},
            {"command", options.command}};
        parts->run.lock();
        return parts->run.begin(std::move(record), context.n_ranks(), options.out + ".part");
    }
    Action post(Store& /*shared*/, detail::RunStart start) const {
        parts->start = start;
        if (parts->reader == nullptr) {
            parts->reader = open_reader();
        }
        const auto& info = parts->reader->info();
        parts->sink->set_writer(std::make_shared<MatrixWriter>(
            posix_files(),
            parts->options->out,
            parts->format,
            type_for(*parts),
            info.rows,
            info.cols
        ));
        return start.is_complete ? "complete" : "default";
    }

private:
    std::unique_ptr<MatrixReader> open_reader() const {
        const ConvertOptions& options = *parts->options;
        const ElementType type = type_of_converted(options, parts->format, ElementType::f32);
        return std::make_unique<MatrixReader>(
            options.input, options.input_format, options.tensor, text_type_for(type)
        );
    }
    /// What the numbers of a text are read as, so that they are rounded once.
    static ElementType text_type_for(ElementType type) {
        switch (type) {
            case ElementType::f16:
                return ElementType::f64;
            case ElementType::i8:  // scaled
                return ElementType::f32;
            default:
                return type;
        }
    }
};

/// Makes OUT.part on rank 0, or finds what an earlier run left of it; then opens it on the others, with their journals.
struct Create : Node {
    ConvertParts* parts;
    detail::RunResumed exec(const Context& context) const {
        if (!parts->can_go_on()) {
            parts->writer().create();
            return {};
        }
        return parts->run.resume(parts->writer(), true, context.log());
    }
    void post(Store& /*shared*/, detail::RunResumed resumed, const Context& context) const {
        if (context.rank() != 0) {
            parts->writer().open();
        }
        if (parts->can_go_on()) {
            parts->ledger->begin(
                parts->run.journal(context.rank()),
                resumed.end_of(context.rank()),
                std::move(resumed.done),
                parts->start.attempt,
                parts->run.crashes(context.rank())
            );
        }
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
            state.elements,
            info.type,
            bytes,
            parts->writer().type(),
            parts->options->i8_scale,
            losses
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

struct Publish : Node {
    ConvertParts* parts;
    bool exec() const {
        if (parts->can_go_on()) {
            parts->run.publish(0);
        }
        parts->writer().publish();
        if (parts->can_go_on()) {
            parts->run.complete();
        }
        return true;
    }
};

/// The end of a run that an earlier one made.
struct Complete : Node {
    void exec() const {}
};

Graph make_graph(ConvertParts& parts, std::optional<std::size_t> block) {
    ParallelBatchOptions copy{.block = block, .gather = Gather::none, .sink = parts.sink};
    if (parts.can_go_on()) {
        copy.ledger = parts.ledger;
    }
    if (parts.options->progress) {
        copy.progress = [&parts](const Progress& done) {
            parts.options->progress("convert", done);
        };
    }
    Graph graph{"convert"};
    const auto open = graph.add("open", Open{{}, &parts}, {.where = Where::root});
    open >> graph.add("create", Create{{}, &parts}, {.where = Where::root})
        >> graph.add("copy", Copy{{}, &parts}, std::move(copy))
        >> graph.add("publish", Publish{{}, &parts}, {.where = Where::root});
    open.on("complete") >> graph.add("complete", Complete{});
    graph.record(Metrics::on);
    return graph;
}

/// After an error, on every rank: what was copied stays for the next run; what cannot go on is removed. Returns whether
/// there is a run directory that tells of it.
bool keep_or_clean(ConvertParts& parts, bool was_stopped, bool is_root) {
    const std::exception_ptr unended = caught([&] { parts.ledger->end(runs::FrameKind::drained); });
    static_cast<void>(unended);  // another error has ended the run already
    const bool stays = parts.can_go_on() && is_root && parts.run.keep(was_stopped);
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
    if (!std::isfinite(options.i8_scale) || options.i8_scale <= 0) {
        throw ArgumentError("i8_scale is a number above 0");
    }
    ConvertParts parts{
        .options = &options,
        .format = options.format ? *options.format : format_of_path(options.out),
        .sink = std::make_shared<detail::RowSink>(detail::RowsAre::elements),
        .ledger = {},
        .run = {posix_files(), options.out, options.resume}};
    parts.ledger = std::make_shared<runs::RunLedger>(
        posix_files(), parts.sink, options.durability, detail::reject_line
    );
    RunOptions as_told = run;
    if (parts.format == MatrixFormat::text) {  // rows of text have no places: one worker, in order
        as_told.threads = 1;
        if (run.ranks.size() > 1) {
            throw ArgumentError("a matrix of text is written by one rank: run it without mpirun");
        }
    }
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
            if (options.ended) {
                options.ended(document);
            }
        }
    };
    result.report =
        detail::run_job(graph, shared, as_told, [&](bool was_stopped, const RunReport& report) {
            const bool stays = keep_or_clean(parts, was_stopped, as_told.ranks.rank() == 0);
            tell(report, was_stopped ? "stopped" : "failed", stays);
        });
    const auto& info = parts.reader->info();
    result.rows = info.rows;
    result.cols = info.cols;
    result.from = info.type;
    result.to = parts.writer().type();
    result.input_format = info.format;
    result.format = parts.format;
    result.was_complete = parts.start.is_complete;
    result.n_resumed = parts.n_resumed;
    for (const ElementLosses& losses : detail::of_all_ranks(run.ranks, parts.losses)) {
        result.losses.add(losses);
    }
    tell(result.report, "complete", parts.can_go_on() && parts.run.is_ours());
    return result;
}

}  // namespace kaygraph::jobs
