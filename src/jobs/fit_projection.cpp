#include "jobs/hash_files.hpp"
#include "jobs/job_document.hpp"
#include "jobs/job_run.hpp"
#include "jobs/run_job.hpp"
#include "jobs/stream_files.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/item_source.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/jobs/fit_projection.hpp>
#include <kaygraph/kernels/pca.hpp>
#include <kaygraph/version.hpp>

#include <algorithm>
#include <iterator>
#include <locale>
#include <memory>
#include <span>
#include <sstream>
#include <tuple>
#include <utility>

namespace kaygraph::jobs {
namespace {

/// Sums over a leaf of rows: Σ x and Σ x xᵀ.
struct Moments {
    std::vector<double> sums = {};      ///< d
    std::vector<double> products = {};  ///< d × d, row-major

    static auto codec(auto& self) { return std::tie(self.sums, self.products); }
};

struct FitParts {
    const FitProjectionOptions* options = nullptr;
    std::size_t n_threads = 1;  ///< of a rank
    MatrixFormat format = MatrixFormat::npy;
    detail::JobRun run;
    detail::RunStart start = {};
    detail::FileHashes hashes = {};  ///< of the input, on rank 0
    bool was_complete = false;
    bool is_guarded = false;  ///< on rank 0: no path is another file's
    std::unique_ptr<MatrixReader> reader = {};
    std::vector<double> explained = {};

    void open_input();
};

constexpr const char* shares_fact = "explained shares";

void FitParts::open_input() {
    reader = std::make_unique<MatrixReader>(options->input);
    const auto& info = reader->info();
    if (info.cols > max_matrix_columns) {
        throw ArgumentError(
            "expected vectors of at most " + std::to_string(max_matrix_columns)
                + " columns, which are multiplied with one another, found "
                + std::to_string(info.cols),
            {.file = options->input}
        );
    }
    if (options->n_axes < 1 || options->n_axes > info.cols) {
        throw ArgumentError(
            "expected a number of axes in [1, " + std::to_string(info.cols) + "], found "
                + std::to_string(options->n_axes),
            {.file = options->input}
        );
    }
    if (info.rows < 2) {
        throw ArgumentError("an axis of variance needs two rows", {.file = options->input});
    }
}

/// Opens the input on every rank; finds on rank 0 what an earlier run left.
struct Open : Node {
    FitParts* parts;
    detail::RunStart exec(const Context& context) const {
        const FitProjectionOptions& options = *parts->options;
        PathGuard guard{posix_files(), options.resume.overwrite};
        guard.reads("the input", options.input);
        guard.reads(options.side);
        if (!options.stream) {
            guard.writes("the output", options.out);
            guard.writes_run_of(options.out);
        }
        guard.writes(options.side);
        parts->is_guarded = true;
        parts->open_input();
        if (options.stream) {
            return {};
        }
        runs::RunRecord record;
        record.identity = {
            {"job", "fit-projection"},
            {"axes", std::to_string(options.n_axes)},
            {"format", std::string{to_string(parts->format)}},
            {"type", std::string{to_string(ElementType::f32)}}};
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
        if (parts->reader == nullptr) {
            parts->open_input();
        }
        return parts->start.is_complete ? "complete" : "default";
    }
};

/// Begins the run on rank 0, unless the input turned out to be what it was.
struct Begin : Node {
    FitParts* parts;
    bool exec(const Context& context) const {
        if (parts->options->stream) {
            return false;
        }
        const std::uint64_t d = parts->reader->info().cols;
        const std::uint64_t room = d * parts->options->n_axes * sizeof(float);
        return parts->run.begin(parts->hashes, d, room, context.log());
    }
    Action post(Store& /*shared*/, bool is_complete) const {
        return is_complete ? "complete" : "default";
    }
};

/// The end of a run that an earlier one made: what it found is in its record.
struct Complete : Node {
    FitParts* parts;
    std::vector<double> exec() const {
        const auto& facts = parts->run.record().facts;
        const auto found = facts.find(shares_fact);
        std::istringstream text{found == facts.end() ? std::string{} : found->second};
        text.imbue(std::locale::classic());
        return {std::istream_iterator<double>{text}, std::istream_iterator<double>{}};
    }
    void post(Store& /*shared*/, std::vector<double> shares) const {
        parts->explained = std::move(shares);
        parts->was_complete = true;
    }
};

/// At most 64 leaves, so that their sums fit into memory; their borders follow from the rows alone.
struct Sum : ParallelBatchNode {
    FitParts* parts;

    static constexpr std::size_t rows_at_once = 1024;
    [[nodiscard]] std::size_t leaf_rows() const {
        constexpr std::size_t least = 4096;
        return std::max(least, parts->reader->info().rows / 64 + 1);
    }

    Indices prep(const Store& /*shared*/) const {
        return Indices{(parts->reader->info().rows - 1) / leaf_rows() + 1};
    }
    Moments exec(std::size_t leaf) const {
        const std::size_t d = parts->reader->info().cols;
        Moments moments{std::vector<double>(d), std::vector<double>(d * d)};
        std::vector<float> buffer(rows_at_once * d);
        const std::size_t last = std::min((leaf + 1) * leaf_rows(), parts->reader->info().rows);
        for (std::size_t row = leaf * leaf_rows(); row < last; row += rows_at_once) {
            const std::size_t count = std::min(rows_at_once, last - row);
            const MatrixView<float> rows{buffer.data(), count, d};
            parts->reader->read_rows(row, rows);
            kernels::accumulate_moments(rows, moments.sums, {moments.products.data(), d, d});
        }
        return moments;
    }
    void post(Store& shared, BatchResult<Moments> leaves) const {
        shared.set("leaves", std::make_shared<BatchResult<Moments>>(std::move(leaves)));
    }
};

/// Adds the leaves up in their order, finds the axes, writes them. On rank 0.
struct Solve : Node {
    FitParts* parts;
    std::shared_ptr<BatchResult<Moments>> prep(const Store& shared) const {
        return shared.get<std::shared_ptr<BatchResult<Moments>>>("leaves");
    }
    std::vector<double> exec(const std::shared_ptr<BatchResult<Moments>>& leaves) const {
        const auto& info = parts->reader->info();
        Moments all{std::vector<double>(info.cols), std::vector<double>(info.cols * info.cols)};
        for (const Moments& leaf : leaves->values()) {
            add(leaf.sums, all.sums);
            add(leaf.products, all.products);
        }
        const auto axes = kernels::principal_axes(
            info.rows, all.sums, {all.products.data(), info.cols, info.cols}, parts->options->n_axes
        );
        write(axes.axes, axes.explained_shares);
        return axes.explained_shares;
    }
    void post(Store& /*shared*/, std::vector<double> shares) const {
        parts->explained = std::move(shares);
    }

private:
    static void add(const std::vector<double>& from, std::vector<double>& to) {
        std::transform(from.begin(), from.end(), to.begin(), to.begin(), std::plus<>{});
    }

    void write(std::span<const float> axes, std::span<const double> shares) const {
        const FitProjectionOptions& options = *parts->options;
        detail::StreamFiles stream{options.stream};
        MatrixWriter writer{
            options.stream ? static_cast<FileSystem&>(stream) : posix_files(),
            options.out,
            parts->format,
            ElementType::f32,
            parts->reader->info().cols,
            options.n_axes};
        writer.create();
        writer.write_rows(0, std::as_bytes(axes));
        writer.sync_and_close();
        if (options.stream) {
            return;
        }
        std::string text;
        for (const double share : shares) {
            text += (text.empty() ? "" : " ") + short_decimal(share, 17);
        }
        parts->run.set_fact(shares_fact, text);
        parts->run.publish(
            0, {detail::finished_product(posix_files(), runs::product::matrix, writer.part_path())}
        );
        writer.publish();
        parts->run.complete();
    }
};

}  // namespace

FitProjectionResult fit_projection(const FitProjectionOptions& options, const RunOptions& run) {
    FitParts parts{
        .options = &options,
        .n_threads = detail::threads_of(run),
        .format = options.format ? *options.format : format_of_path(options.out),
        .run = {
            posix_files(),
            options.out,
            options.out + ".part",
            {runs::product::matrix},
            options.resume}};
    ParallelBatchOptions hash{
        .progress = detail::told(options.progress, "hash"), .gather = Gather::root};
    ParallelBatchOptions sum{
        .block = 1, .progress = detail::told(options.progress, "fit"), .gather = Gather::root};
    Graph graph{"fit-projection"};
    const auto open = graph.add("open", Open{{}, &parts}, {.where = Where::root});
    const auto begin = graph.add("begin", Begin{{}, &parts}, {.where = Where::root});
    const auto complete = graph.add("complete", Complete{{}, &parts}, {.where = Where::root});
    open >> graph.add("hash", detail::HashFiles{{}, &parts.start, &parts.hashes}, std::move(hash))
        >> begin >> graph.add("sum", Sum{{}, &parts}, std::move(sum))
        >> graph.add("solve", Solve{{}, &parts}, {.where = Where::root});
    open.on("complete") >> complete;
    begin.on("complete") >> complete;
    graph.record(Metrics::on);
    Store shared;
    FitProjectionResult result;
    const double started = detail::seconds_since_1970();
    const auto tell = [&](const RunReport& report, std::string_view status) {
        if (run.ranks.rank() == 0) {
            RunDocument document = detail::job_document(
                "fit-projection", options.out, options.command, started, report, status
            );
            document.totals = {{"rows", result.rows}, {"cols", result.cols}};
            if (parts.run.is_ours()) {
                parts.run.tell(document, run.log);
            }
            if (options.ended && parts.is_guarded) {
                options.ended(parts.run.to_tell(std::move(document), result.was_complete));
            }
        }
    };
    result.report =
        detail::run_job(graph, shared, run, [&](bool was_stopped, const RunReport& report) {
            if (run.ranks.rank() == 0 && !options.stream) {
                static_cast<void>(parts.run.keep(was_stopped));
            }
            tell(report, was_stopped ? "stopped" : "failed");
        });
    result.rows = parts.reader->info().rows;
    result.cols = parts.reader->info().cols;
    result.explained_shares = std::move(parts.explained);
    result.was_complete = parts.was_complete;
    tell(result.report, "complete");
    return result;
}

}  // namespace kaygraph::jobs
