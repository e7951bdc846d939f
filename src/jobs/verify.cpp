#include "jobs/run_matrix.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph::jobs {
namespace {

using Written = runs::RunHistory::Written;

/// What is to be compared, as all ranks read it from the run directory.
struct Judged {
    runs::RunRecord record = {};
    std::vector<Written> blocks = {};
    std::unique_ptr<const detail::RunMatrix> matrix = {};
    bool is_complete = false;
};

Judged judge(const std::string& file) {
    FileSystem& files = posix_files();
    const runs::RunDirectory directory{files, file};
    const auto record = directory.read();
    if (!record) {
        throw ArgumentError("there is no run of this output", {.file = directory.path()});
    }
    runs::RunHistory history = directory.history(*record);
    Judged judged{.record = *record, .blocks = std::move(history.written)};
    judged.is_complete = record->status == runs::RunStatus::complete;
    const auto find = [&](const std::string& name) {
        const auto found = record->identity.find(name);
        return found == record->identity.end() ? std::string{} : found->second;
    };
    const bool leaves_out = find("rejected rows") == "left out";
    RangeSet left_out;
    if (leaves_out && judged.is_complete) {
        for (const auto& [item, why] : history.rejected) {
            left_out.add(item, item + 1);
        }
    }
    const std::string path =
        judged.is_complete ? file : file + (leaves_out ? ".unfiltered.part" : ".part");
    MatrixReader reader{path, parse_format(find("format"))};
    if (const std::string type{to_string(reader.info().type)}; type != find("type")) {
        throw FormatError(
            ErrorCode::malformed,
            "expected elements of " + find("type") + ", as the run wrote them, found " + type,
            {.file = path}
        );
    }
    judged.matrix =
        std::make_unique<detail::RunMatrix>(std::move(reader), record->n_items, left_out);
    return judged;
}

/// Opens the run and its matrix on every rank.
struct Open : Node {
    const std::string* file;
    Judged* judged;
    void exec() const { *judged = judge(*file); }
};

/// Compares blocks; the blocks that differ are its result.
struct Compare : ParallelBatchNode {
    const Judged* judged;
    RangeSet* damaged;

    std::span<const Written> prep(const Store& /*shared*/) const { return judged->blocks; }
    bool exec(const Written& block) const { return judged->matrix->is_as_written(block); }
    void post(Store& /*shared*/, const BatchResult<bool>& are_same) const {
        for (std::size_t i = 0; i < judged->blocks.size(); ++i) {
            if (!are_same.values()[i]) {
                damaged->add(judged->blocks[i].first, judged->blocks[i].last);
            }
        }
    }
};

}  // namespace

VerifyResult verify(const VerifyOptions& options, const RunOptions& run) {
    Judged judged;
    VerifyResult result;
    Graph graph{"verify"};
    const auto open = graph.add("open", Open{{}, &options.file, &judged});
    const auto compare = graph.add(
        "compare",
        Compare{{}, &judged, &result.damaged},
        ParallelBatchOptions{.progress = options.progress}
    );
    open >> compare;
    Store shared;
    graph.run(shared, run);
    result.is_complete = judged.is_complete;
    result.n_items = judged.record.n_items;
    RangeSet compared;
    for (const Written& block : judged.blocks) {
        compared.add(block.first, block.last);
    }
    result.n_compared = compared.size();
    return result;
}

}  // namespace kaygraph::jobs
