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
    if (options.on_item_error == ItemErrors::fail
        && (options.max_errors.count || options.max_errors.share)) {
        refuse_option(
            node,
            "max_errors is set, but on_item_error is fail, which ends at the first error; write "
            "ItemErrors::skip or reject, or leave max_errors out"
        );
    }
}

void check_result_options(
    const std::string& node,
    const ParallelBatchOptions& options,
    const ResultTraits& traits
) {
    if (options.sink != nullptr && !traits.fits_a_sink) {
        refuse_option(
            node,
            "it has a sink, but its results, " + std::string{traits.stop_type_name}
                + ", cannot be serialised; give the type a codec (base/codec.hpp)"
        );
    }
    if (!options.stop_when) {
        return;
    }
    if (traits.stop_type == nullptr || *traits.stop_type != *options.stop_when.type()) {
        refuse_option(
            node,
            "stop_when looks at results of type " + std::string{options.stop_when.type_name()}
                + ", those of the node are " + std::string{traits.stop_type_name}
        );
    }
}

}  // namespace kaygraph::detail
