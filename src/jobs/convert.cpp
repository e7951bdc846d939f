#include "jobs/all_ranks.hpp"
#include "jobs/job_document.hpp"
#include "jobs/output_check.hpp"
#include "jobs/run_job.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/item_source.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/kernels/convert.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace kaygraph::jobs {
namespace {

/// What the nodes of one rank share.
struct ConvertParts {
    const ConvertOptions* options = nullptr;
    MatrixFormat format = MatrixFormat::npy;
    std::unique_ptr<MatrixReader> reader = {};
    std::unique_ptr<MatrixWriter> writer = {};
    std::atomic<std::uint64_t> n_clamped{0};

    [[nodiscard]] bool is_copy() const { return reader->info().type == writer->type(); }
};

ElementType type_for(const ConvertParts& parts) {
    if (parts.options->type) {
        return *parts.options->type;
    }
    const ElementType own = parts.reader->info().type;
    return can_hold(parts.format, own) ? own : ElementType::f32;
}

/// Opens the input on every rank; makes OUT.part on rank 0, then opens it on the others.
struct Open : Node {
    ConvertParts* parts;
    bool exec() const {
        detail::refuse_special_output(parts->options->out, posix_files());
        parts->reader = open_reader();
        parts->writer = open_writer();
        detail::refuse_output_that_is(parts->options->input, parts->options->out, posix_files());
        parts->writer->create();
        return true;
    }
    void post(Store& /*shared*/, bool /*created*/, const Context& context) const {
        if (context.rank() != 0) {
            parts->reader = open_reader();
            parts->writer = open_writer();
            parts->writer->open();
        }
    }

private:
    std::unique_ptr<MatrixReader> open_reader() const {
        const ConvertOptions& options = *parts->options;
        return std::make_unique<MatrixReader>(options.input, options.input_format, options.tensor);
    }
    std::unique_ptr<MatrixWriter> open_writer() const {
        const auto& info = parts->reader->info();
        return std::make_unique<MatrixWriter>(
            posix_files(),
            parts->options->out,
            parts->format,
            type_for(*parts),
            info.rows,
            info.cols
        );
    }
};

/// Copies a block of rows; what it returns goes nowhere, since rows are written where they are made.
struct Copy : ParallelBatchNode {
    ConvertParts* parts;

    struct State {
        std::vector<std::byte> bytes;
        std::vector<float> values;
    };

    Indices prep(const Store& /*shared*/) const { return Indices{n_blocks()}; }
    State thread_state() const { return {}; }
    void exec(std::size_t block, State& state) const {
        const std::size_t first = block * rows_of_block();
        const std::size_t count = std::min(rows_of_block(), parts->reader->info().rows - first);
        const std::size_t n = count * parts->reader->info().cols;
        state.bytes.resize(n * size_of(parts->writer->type()));
        if (parts->is_copy()) {
            parts->reader->read_elements(first, count, state.bytes);
        } else {
            state.values.resize(n);
            parts->reader->read_rows(first, {state.values.data(), count, n / count});
            convert_values(state);
        }
        parts->writer->write_rows(first, state.bytes);
    }
    void post(Store& /*shared*/) const { parts->writer->sync_and_close(); }

    /// About a mebibyte; a format whose rows differ in size is written in one go, in order.
    [[nodiscard]] std::size_t rows_of_block() const {
        const std::size_t row = std::max<std::size_t>(parts->reader->info().cols * 8, 1);
        return std::max<std::size_t>((std::size_t{1} << 20U) / row, 1);
    }

private:
    [[nodiscard]] std::size_t n_blocks() const {
        const std::size_t rows = parts->reader->info().rows;
        return rows / rows_of_block() + (rows % rows_of_block() != 0 ? 1 : 0);
    }

    void convert_values(State& state) const {
        const std::span<const float> from{state.values};
        switch (parts->writer->type()) {
            case ElementType::f32:
                std::copy_n(std::as_bytes(from).data(), from.size_bytes(), state.bytes.data());
                break;
            case ElementType::f16:
                kernels::to_f16(
                    from, {reinterpret_cast<std::uint16_t*>(state.bytes.data()), from.size()}
                );
                break;
            case ElementType::i8:
                parts->n_clamped += kernels::to_i8(
                    from,
                    {reinterpret_cast<std::int8_t*>(state.bytes.data()), from.size()},
                    parts->options->i8_scale
                );
                break;
            default:
                throw ArgumentError(
                    "elements of " + std::string{to_string(parts->reader->info().type)}
                    + " become f32, f16 or i8, not " + std::string{to_string(parts->writer->type())}
                );
        }
    }
};

struct Publish : Node {
    ConvertParts* parts;
    bool exec() const {
        parts->writer->publish();
        return true;
    }
};

Graph make_graph(ConvertParts& parts) {
    ParallelBatchOptions copy{.block = 1, .gather = Gather::none};
    if (parts.options->progress) {
        copy.progress = [&parts](const Progress& done) {
            parts.options->progress("convert", done);
        };
    }
    Graph graph{"convert"};
    graph.add("open", Open{{}, &parts}, {.where = Where::root})
        >> graph.add("copy", Copy{{}, &parts}, std::move(copy))
        >> graph.add("publish", Publish{{}, &parts}, {.where = Where::root});
    graph.record(Metrics::on);
    return graph;
}

}  // namespace

ConvertResult convert(const ConvertOptions& options, const RunOptions& run) {
    ConvertParts parts{
        .options = &options,
        .format = options.format ? *options.format : format_of_path(options.out)};
    RunOptions as_told = run;
    if (parts.format == MatrixFormat::text) {  // rows of text have no places: one worker, in order
        as_told.threads = 1;
        if (run.ranks.size() > 1) {
            throw ArgumentError("a matrix of text is written by one rank: run it without mpirun");
        }
    }
    const Graph graph = make_graph(parts);
    const double started = detail::seconds_since_1970();
    Store shared;
    ConvertResult result;
    const auto tell = [&](const RunReport& report, std::string_view status) {
        if (options.ended && run.ranks.rank() == 0) {
            RunDocument document = detail::job_document(
                "convert", options.out, options.command, started, report, status
            );
            document.totals = {
                {"rows", result.rows}, {"cols", result.cols}, {"clamped", result.n_clamped}};
            options.ended(document);
        }
    };
    result.report =
        detail::run_job(graph, shared, as_told, [&](bool was_stopped, const RunReport& report) {
            if (as_told.ranks.rank() == 0 && parts.writer != nullptr) {
                parts.writer->discard();
            }
            tell(report, was_stopped ? "stopped" : "failed");
        });
    const auto& info = parts.reader->info();
    result.rows = info.rows;
    result.cols = info.cols;
    result.from = info.type;
    result.to = parts.writer->type();
    result.input_format = info.format;
    result.format = parts.format;
    for (const std::uint64_t n : detail::of_all_ranks(run.ranks, parts.n_clamped.load())) {
        result.n_clamped += n;
    }
    tell(result.report, "complete");
    return result;
}

}  // namespace kaygraph::jobs
