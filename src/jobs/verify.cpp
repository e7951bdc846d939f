#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kaygraph::jobs {
namespace {

using Written = runs::RunHistory::Written;

/// The matrix of a run, its rows by item: where rejected items were left out, they read as zeros.
class RunMatrix {
public:
    RunMatrix(
        const std::string& path,
        MatrixFormat format,
        std::string_view type,
        std::uint64_t n_items,
        RangeSet left_out
    )
        : reader_(path, format), left_out_(std::move(left_out)) {
        const auto& info = reader_.info();
        if (to_string(info.type) != type || info.rows != n_items - left_out_.size()) {
            throw FormatError(
                ErrorCode::malformed,
                "expected " + std::to_string(n_items - left_out_.size()) + " rows of "
                    + std::string{type} + ", as the run wrote them, found "
                    + std::to_string(info.rows) + " of " + std::string{to_string(info.type)},
                {.file = path}
            );
        }
    }

    [[nodiscard]] bool is(const Written& block) const {
        const std::size_t row_bytes = reader_.info().cols * size_of(reader_.info().type);
        std::vector<std::byte> bytes((block.last - block.first) * row_bytes);
        RangeSet items;
        items.add(block.first, block.last);
        const RangeSet kept = items.without(left_out_);
        std::uint64_t number = block.first - n_left_out_before(block.first);
        for (const auto& [first, last] : kept.ranges()) {
            const std::uint64_t n = last - first;
            if (number + n > reader_.info().rows) {
                return false;
            }
            reader_.read_elements(
                number,
                n,
                std::span{bytes}.subspan((first - block.first) * row_bytes, n * row_bytes)
            );
            number += n;
        }
        return runs::hash128(bytes) == block.hash;
    }

private:
    [[nodiscard]] std::uint64_t n_left_out_before(std::uint64_t item) const {
        std::uint64_t n = 0;
        for (const auto& [first, last] : left_out_.ranges()) {
            if (first >= item) {
                break;
            }
            n += std::min<std::uint64_t>(last, item) - first;
        }
        return n;
    }

    MatrixReader reader_;
    RangeSet left_out_;
};

/// What is to be compared, as all ranks read it from the run directory.
struct Judged {
    runs::RunRecord record = {};
    std::vector<Written> blocks = {};
    std::unique_ptr<const RunMatrix> matrix = {};
    bool is_complete = false;
};

Judged judge(const std::string& file) {
    FileSystem& files = posix_files();
    const runs::RunDirectory directory{files, file};
    const auto record = directory.read();
    if (!record) {
        throw ArgumentError("there is no run of this output", {.file = directory.path()});
    }
    runs::RunHistory history = directory.history(record->most_ranks);
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
    judged.matrix = std::make_unique<RunMatrix>(
        path, parse_format(find("format")), find("type"), record->n_items, std::move(left_out)
    );
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
    bool exec(const Written& block) const { return judged->matrix->is(block); }
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
