// What an embed job would do: the first half of its graph.
#include "jobs/embed_nodes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/metrics/gather.hpp>
#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/cores.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace kaygraph::jobs {
namespace {

struct Listed {
    std::vector<TextInput> inputs;
    LeftOut left_out;
    static auto codec(auto& self) { return std::tie(self.inputs, self.left_out); }
};

struct List : Node {
    const EmbedOptions* options;
    LeftOut* left_out;
    Listed exec(const Context& context) const {
        if (std::find(options->inputs.begin(), options->inputs.end(), "-")
            != options->inputs.end()) {
            throw ArgumentError("standard input can be read once only: a plan needs files");
        }
        Listed listed;
        listed.inputs = list_text_inputs(
            options->inputs,
            {.whole_files = options->whole_files,
             .include = options->include,
             .format = options->input_format,
             .log = context.log()},
            posix_files(),
            &listed.left_out
        );
        detail::require_effect(*options, listed.inputs);
        return listed;
    }
    void post(Store& shared, Listed listed) const {
        *left_out = listed.left_out;
        shared.set("inputs", std::move(listed.inputs));
    }
};

}  // namespace

EmbedPlan plan_embed(const EmbedOptions& options, const RunOptions& run) {
    Graph graph{"embed-plan"};
    EmbedPlan plan;
    graph.add("list", List{{}, &options, &plan.left_out}, {.where = Where::root})
        >> graph.add("count", detail::Count{});
    Store shared;
    graph.run(shared, run);
    for (const TextInput& input : shared.get<std::vector<TextInput>>("inputs")) {
        ++plan.n_inputs;
        plan.input_bytes += input.bytes;
    }
    plan.n_items = shared.get<TextSource>("texts").size();
    plan.block_size = options.block.value_or(default_block_size(plan.n_items, true));
    const std::shared_ptr<const models::Embedder> model =
        options.embedder != nullptr
            ? options.embedder
            : models::open_embedder(
                options.model, {.normalize = options.normalize != Normalize::none, .log = run.log}
            );
    plan.model = model->description();
    plan.cols = model->dimension();
    if (!options.project.empty()) {
        static_cast<void>(detail::read_projection(options.project, model->dimension(), plan.cols));
    }
    plan.output_bytes = plan.n_items * plan.cols * size_of(options.type);
    const std::uint64_t text_bytes =
        plan.n_items == 0 ? 0 : plan.input_bytes / std::max<std::uint64_t>(plan.n_items, 1);
    const std::uint64_t block_bytes =
        plan.block_size
        * (plan.cols * sizeof(float) + model->dimension() * sizeof(float) + text_bytes);
    plan.memory_bytes = peak_memory() + run.threads.value_or(usable_cores()) * block_bytes;
    return plan;
}

}  // namespace kaygraph::jobs
