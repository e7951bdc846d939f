#include "jobs/job_document.hpp"
#include "jobs/output_check.hpp"
#include "jobs/run_job.hpp"

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

#include <algorithm>
#include <memory>
#include <span>
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
    std::unique_ptr<MatrixReader> reader = {};
    std::vector<double> explained = {};  ///< on the root
};

struct Open : Node {
    FitParts* parts;
    void post(Store& /*shared*/) const {
        const FitProjectionOptions& options = *parts->options;
        detail::refuse_special_output(options.out, posix_files());
        detail::refuse_output_that_is(options.input, options.out, posix_files());
        parts->reader = std::make_unique<MatrixReader>(options.input);
        const auto& info = parts->reader->info();
        if (info.cols > max_matrix_columns) {
            throw ArgumentError(
                "expected vectors of at most " + std::to_string(max_matrix_columns)
                    + " columns, which are multiplied with one another, found "
                    + std::to_string(info.cols),
                {.file = options.input}
            );
        }
        if (options.n_axes < 1 || options.n_axes > info.cols) {
            throw ArgumentError(
                "expected a number of axes in [1, " + std::to_string(info.cols) + "], found "
                    + std::to_string(options.n_axes),
                {.file = options.input}
            );
        }
        if (info.rows < 2) {
            throw ArgumentError("an axis of variance needs two rows", {.file = options.input});
        }
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
        write(axes.axes);
        return axes.explained_shares;
    }
    void post(Store& /*shared*/, std::vector<double> shares) const {
        parts->explained = std::move(shares);
    }

private:
    static void add(const std::vector<double>& from, std::vector<double>& to) {
        std::transform(from.begin(), from.end(), to.begin(), to.begin(), std::plus<>{});
    }

    void write(std::span<const float> axes) const {
        const FitProjectionOptions& options = *parts->options;
        MatrixWriter writer{
            posix_files(),
            options.out,
            format_of_path(options.out),
            ElementType::f32,
            parts->reader->info().cols,
            options.n_axes};
        writer.create();
        writer.write_rows(0, std::as_bytes(axes));
        writer.sync_and_close();
        writer.publish();
    }
};

}  // namespace

FitProjectionResult fit_projection(const FitProjectionOptions& options, const RunOptions& run) {
    FitParts parts{.options = &options};
    ParallelBatchOptions sum{.block = 1, .gather = Gather::root};
    if (options.progress) {
        sum.progress = [&options](const Progress& progress) {
            options.progress("fit", progress);
        };
    }
    Graph graph{"fit-projection"};
    graph.add("open", Open{{}, &parts}) >> graph.add("sum", Sum{{}, &parts}, std::move(sum))
        >> graph.add("solve", Solve{{}, &parts}, {.where = Where::root});
    graph.record(Metrics::on);
    Store shared;
    FitProjectionResult result;
    const double started = detail::seconds_since_1970();
    const auto tell = [&](const RunReport& report, std::string_view status) {
        if (options.ended && run.ranks.rank() == 0) {
            RunDocument document = detail::job_document(
                "fit-projection", options.out, options.command, started, report, status
            );
            document.totals = {{"rows", result.rows}, {"cols", result.cols}};
            options.ended(document);
        }
    };
    result.report =
        detail::run_job(graph, shared, run, [&](bool was_stopped, const RunReport& report) {
            tell(report, was_stopped ? "stopped" : "failed");
        });
    result.rows = parts.reader->info().rows;
    result.cols = parts.reader->info().cols;
    result.explained_shares = std::move(parts.explained);
    tell(result.report, "complete");
    return result;
}

}  // namespace kaygraph::jobs
