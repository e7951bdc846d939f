// What options may hold; checked once, where they are given.
#include <kaygraph/base/decimal.hpp>
#include <kaygraph/graph/detail/node_model.hpp>
#include <kaygraph/graph/options.hpp>

#include <string>

namespace kaygraph::detail {
namespace {

[[noreturn]] void refuse_option(const std::string& node, const std::string& what) {
    throw ArgumentError("node '" + node + "': " + what);
}

void check_retry(const std::string& node, const Retry& retry) {
    if (retry.max_attempts < 1) {
        refuse_option(
            node,
            "retry.max_attempts is " + std::to_string(retry.max_attempts)
                + "; it counts all attempts, write 1 for no retry"
        );
    }
    if (retry.wait.count() < 0 || retry.max_wait.count() < 0) {
        refuse_option(
            node, "retry.wait and retry.max_wait may not be negative; write 0 for no wait"
        );
    }
    if (!(retry.jitter >= 0 && retry.jitter <= 1)) {
        refuse_option(
            node,
            "retry.jitter is " + short_decimal(retry.jitter, 6)
                + "; it is the random share of each wait, write 0 to 1"
        );
    }
}

}  // namespace

void check_options(const std::string& node, const NodeOptions& options) {
    check_retry(node, options.retry);
}

void check_options(const std::string& node, const BatchOptions& options) {
    check_retry(node, options.retry);
}

void check_options(const std::string& node, const ParallelBatchOptions& options) {
    check_retry(node, options.retry);
    if (options.threads && *options.threads == 0) {
        refuse_option(node, "threads is 0; write 1 or more, or leave it out for those of the run");
    }
    if (options.block && *options.block == 0) {
        refuse_option(node, "block is 0; write the items of a block, or leave it out");
    }
    if (options.max_errors.share
        && !(*options.max_errors.share >= 0 && *options.max_errors.share <= 1)) {
        refuse_option(
            node, "max_errors.share is outside 0 to 1; write 0.01 for one item in a hundred"
        );
    }
    const bool has_budget = options.max_errors.count || options.max_errors.share;
    if (options.on_budget == OnBudget::stop && !has_budget) {
        refuse_option(
            node, "on_budget is stop, but there is no budget; write max_errors = {.count = 100}"
        );
    }
    if (options.on_item_error == ItemErrors::fail && has_budget) {
        refuse_option(
            node,
            "max_errors is set, but on_item_error is fail, which ends at the first error; write "
            "ItemErrors::skip or reject, or leave max_errors out"
        );
    }
}

void check_stop_when(
    const std::string& node,
    const StopWhen& stop_when,
    const std::type_info* results,
    std::string_view results_name
) {
    if (stop_when && (results == nullptr || *results != *stop_when.type())) {
        refuse_option(
            node,
            "stop_when looks at results of type " + std::string{stop_when.type_name()}
                + ", those of the node are " + std::string{results_name}
        );
    }
}

void check_serialised(const std::string& node, std::string_view stuck_type, Serialised purpose) {
    if (stuck_type.empty()) {
        return;
    }
    const std::string type{stuck_type};
    const std::string remedy = "; give the type a codec (base/codec.hpp)";
    switch (purpose) {
        case Serialised::for_sink:
            refuse_option(
                node, "it has a sink, but its results, " + type + ", cannot be serialised" + remedy
            );
        case Serialised::to_ranks:
            refuse_option(
                node,
                "its results, " + type + ", cannot travel to other ranks" + remedy
                    + ", or set gather = kg::Gather::none, with which they stay on the rank that made "
                      "them"
            );
        case Serialised::from_root:
            refuse_option(
                node,
                "where is root, but " + type + " cannot travel from there to other ranks" + remedy
                    + ", or let the node run everywhere"
            );
    }
}

}  // namespace kaygraph::detail
