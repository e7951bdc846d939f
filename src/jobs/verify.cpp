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
    std::unique_ptr<const detail::RunMatrix> matrix = {};  ///< of the blocks; null: there are none
    std::vector<runs::RunProduct> files = {};              ///< that are compared as a whole
    std::vector<std::string> wrong_files = {};             ///< that need no look into them
    bool is_complete = false;
    bool is_of_text = false;  ///< such a matrix is compared as a file alone

    [[nodiscard]] std::string found(const std::string& name) const {
        const auto value = record.identity.find(name);
        return value == record.identity.end() ? std::string{} : value->second;
    }
};

MatrixFormat format_of(const Judged& judged, const std::string& directory) {
    try {
        return parse_format(judged.found("format"));
    } catch (const ArgumentError& error) {
        throw FormatError(ErrorCode::malformed, error.what(), {.file = directory});
    }
}

/// Sorts the files of a complete run: those that are gone, or have another size, need no look into them.
void judge_files(const std::string& file, Judged& judged) {
    for (const runs::RunProduct& made : judged.record.products) {
        const auto status = posix_files().status(file + made.suffix);
        if (!status) {
            judged.wrong_files.push_back(
                file + made.suffix + ": gone; the same command makes it again"
            );
        } else if (status->bytes != made.stamp.bytes) {
            judged.wrong_files.push_back(
                file + made.suffix + ": " + std::to_string(status->bytes) + " bytes, had "
                + std::to_string(made.stamp.bytes)
            );
        } else if (made.hash) {
            judged.files.push_back(made);
        }
    }
}

/// Opens what has the blocks that the journals tell of.
void judge_blocks(const std::string& file, Judged& judged, const runs::RunHistory& history) {
    const bool leaves_out = judged.found("rejected rows") == "left out";
    const bool is_made_of_whole = leaves_out || judged.is_of_text;
    RangeSet left_out;
    if (leaves_out && judged.is_complete) {
        for (const auto& [item, why] : history.rejected) {
            left_out.add(item, item + 1);
        }
    }
    const std::string path =
        judged.is_complete ? file : file + (is_made_of_whole ? ".unfiltered.part" : ".part");
    if (judged.is_complete && !posix_files().status(path)) {
        return;  // it is among the wrong files
    }
    MatrixReader reader{
        path, judged.is_of_text ? MatrixFormat::npy : format_of(judged, file + ".run")};
    if (const std::string type{to_string(reader.info().type)}; type != judged.found("type")) {
        throw FormatError(
            ErrorCode::malformed,
            "expected elements of " + judged.found("type") + ", as the run wrote them, found "
                + type,
            {.file = path}
        );
    }
    judged.matrix =
        std::make_unique<detail::RunMatrix>(std::move(reader), judged.record.n_items, left_out);
    judged.blocks = history.written;
}

Judged judge(const std::string& file) {
    FileSystem& files = posix_files();
    const runs::RunDirectory directory{files, file};
    const auto record = directory.read();
    if (!record) {
        throw ArgumentError("there is no run of this output", {.file = directory.path()});
    }
    const runs::RunHistory history = directory.history(*record);
    Judged judged{.record = *record};
    judged.is_complete = record->status == runs::RunStatus::complete;
    judged.is_of_text = judged.found("format") == to_string(MatrixFormat::text);
    if (judged.is_complete) {
        judge_files(file, judged);
    }
    if (!judged.is_complete || !judged.is_of_text) {
        judge_blocks(file, judged, history);
    }
    return judged;
}

/// Opens the run and its matrix on every rank.
struct Open : Node {
    const std::string* file;
    Judged* judged;
    void exec() const { *judged = judge(*file); }
};

/// A block of the matrix, or a file.
struct Compared {
    const Written* block = nullptr;
    const runs::RunProduct* file = nullptr;
};

/// Compares blocks and files; those that differ are its result.
struct Compare : ParallelBatchNode {
    const std::string* file;
    Judged* judged;
    RangeSet* damaged;

    std::vector<Compared> prep(const Store& /*shared*/) const {
        std::vector<Compared> all;
        for (const runs::RunProduct& made : judged->files) {  // the long ones first
            all.push_back({.file = &made});
        }
        for (const Written& block : judged->blocks) {
            all.push_back({.block = &block});
        }
        return all;
    }
    bool exec(const Compared& compared) const {
        if (compared.block != nullptr) {
            return judged->matrix->is_as_written(*compared.block);
        }
        return content_hash(posix_files(), *file + compared.file->suffix) == *compared.file->hash;
    }
    void post(
        Store& /*shared*/,
        const std::vector<Compared>& all,
        const BatchResult<bool>& are_same
    ) const {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (are_same.values()[i]) {
                continue;
            }
            if (all[i].block != nullptr) {
                damaged->add(all[i].block->first, all[i].block->last);
            } else {
                judged->wrong_files.push_back(*file + all[i].file->suffix + ": other bytes");
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
        Compare{{}, &options.file, &judged, &result.damaged},
        ParallelBatchOptions{.progress = options.progress}
    );
    open >> compare;
    Store shared;
    graph.run(shared, run);
    result.is_complete = judged.is_complete;
    result.n_items = judged.record.n_items;
    result.n_files = judged.record.products.size();
    result.wrong_files = std::move(judged.wrong_files);
    RangeSet compared;
    for (const Written& block : judged.blocks) {
        compared.add(block.first, block.last);
    }
    // a matrix that was compared as a file is whole, whatever journals there are
    const runs::RunProduct* const matrix = judged.record.product(runs::product::matrix);
    const bool is_same_file =
        judged.is_complete && matrix != nullptr && matrix->hash && result.wrong_files.empty();
    result.n_compared = is_same_file ? result.n_items : compared.size();
    return result;
}

}  // namespace kaygraph::jobs
