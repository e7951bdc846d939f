#pragma once

#include "jobs/job_run.hpp"
#include "jobs/line_sink.hpp"
#include "jobs/rejects.hpp"
#include "jobs/row_sink.hpp"
#include "jobs/stream_files.hpp"

#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/files/json_field.hpp>
#include <kaygraph/files/text_source.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/models/embedder.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// @file
/// The nodes of the embed job: open → count → create → embed → finish. Each is a plain node class; what
/// they share on a rank beside the store is an EmbedParts.

namespace kaygraph::jobs::detail {

/// What the nodes of one rank share: opened by `open`, read by the others.
struct EmbedParts {
    const EmbedOptions* options = nullptr;
    std::size_t n_threads = 1;  ///< of a rank
    FileSystem* files = nullptr;
    MatrixFormat format = MatrixFormat::npy;
    JsonField field;
    std::shared_ptr<RowSink> sink;
    std::shared_ptr<runs::RunLedger> ledger;
    JobRun run;
    double started = 0;  ///< seconds since 1970
    RunStart start = {};
    FileHashes hashes = {};  ///< of inputs and models, on rank 0
    LeftOut left_out = {};
    RunResumed resumed = {};
    std::uint64_t n_resumed = 0;         ///< texts that were not embedded again
    std::shared_ptr<LineSink> ids = {};  ///< null: none are wanted
    std::shared_ptr<const models::Embedder> embedder = {};
    std::vector<float> projection = {};  ///< dimension × cols, row-major; empty: none
    std::uint64_t cols = 0;              ///< of the output
    std::uint64_t n_inputs = 0;
    // on rank 0: how far it came, so that only what is this run's is tidied up
    bool is_guarded = false;   ///< no path is another file's
    bool has_spooled = false;  ///< standard input
    bool has_begun = false;    ///< to write
    std::unique_ptr<ScratchFile> scratch =
        {};                              ///< of standard input, where there is no run directory
    const TextSource* source = nullptr;  ///< in the store
    const RangeSet* rejected = nullptr;  ///< in the store

    std::mutex mutex = {};
    models::EmbedCounts counts = {};  ///< of this rank; under the mutex
};

/// What rank 0 finds before there is work.
struct Opened {
    std::vector<TextInput> inputs;
    LeftOut left_out;
    RunStart start;
    static auto codec(auto& self) { return std::tie(self.inputs, self.left_out, self.start); }
};

/// Finds the inputs and what an earlier run left, on rank 0, and opens the model on every rank. Its action is
/// "complete" where nothing is left to do.
struct Open : Node {
    EmbedParts* parts;
    Opened exec(const Context& context) const;
    Action post(Store& shared, Opened opened, const Context& context) const;
};

/// The end of a run that an earlier one made.
struct Complete : Node {
    EmbedParts* parts;
    void post(Store& shared) const;
};

/// A piece of an input, and all inputs.
struct Counted {
    std::span<const TextInput> inputs;
    TextPiece piece;
};

/// What is counted in a piece: its texts, and the hash of its bytes as they are stored.
struct PieceCount {
    std::uint64_t n_texts = 0;
    Hash128 hash = {};
    static auto codec(auto& self) { return std::tie(self.n_texts, self.hash); }
};

/// Counts the texts of each piece, so that every text knows its row, and hashes what it reads, so that the inputs are known
/// again.
struct Count : ParallelBatchNode {
    FileHashes* hashes = nullptr;  ///< gets those of the inputs, on rank 0; null: nobody wants them
    const RunStart* start = nullptr;  ///< null: nothing is known of an earlier run

    std::vector<Counted> prep(const Store& shared) const;
    PieceCount exec(const Counted& counted) const;
    void post(
        Store& shared,
        const std::vector<Counted>& counted,
        BatchResult<PieceCount> counts,
        const Context& context
    ) const;
};

/// Makes OUT.part on rank 0, or finds what an earlier run left of it, and opens it on the others, with their journals.
struct Create : Node {
    EmbedParts* parts;
    std::uint64_t prep(const Store& shared) const;
    RunResumed exec(std::uint64_t rows, const Context& context) const;
    /// Its action is "suspects" where some texts may have ended an earlier process; "complete" or "ids" where nothing, or
    /// the ids alone, are left to do.
    Action post(Store& shared, RunResumed resumed, const Context& context) const;

private:
    MatrixWriter* make_writer(std::uint64_t rows) const;
};

/// Embeds texts that were in hand when earlier runs died, one by one, on rank 0 with nothing beside them, so that the one
/// that ends the process is known by name.
struct Isolate : Node {
    EmbedParts* parts;
    TextSource prep(const Store& shared) const;
    RangeSet exec(const TextSource& source, const Context& context) const;
    void post(Store& /*shared*/, const RangeSet& done) const { parts->ledger->add_done(done); }
};

/// Embeds a block of texts into rows.
struct Embed : ParallelBatchNode {
    EmbedParts* parts;

    /// What a worker keeps.
    struct State {
        std::unique_ptr<models::EmbedScratch> scratch;
        std::vector<std::string_view> texts;
        std::vector<std::string> unescaped;  // where a JSON text has escapes
        std::vector<float> rows;             // before the projection
    };

    TextSource prep(const Store& shared) const;
    std::size_t row_length() const { return parts->cols; }
    State thread_state() const { return {parts->embedder->make_scratch(), {}, {}, {}}; }
    void exec_batch(
        std::span<const TextRecord> records,
        MatrixView<float> rows,
        State& state,
        const Context& context
    ) const;
    /// `first`: the number of the first text.
    void embed(
        std::span<const TextRecord> records,
        MatrixView<float> rows,
        State& state,
        std::size_t first
    ) const;
    /// Its action is "finish" where no ids are to be written.
    Action post(Store& shared, BatchRows<float> rows) const;

private:
    void refuse_one_of(std::span<const TextRecord> records, MatrixView<float> rows, State& state)
        const;
};

/// Writes the ids of the records, a line a row.
struct Ids : ParallelBatchNode {
    EmbedParts* parts;
    TextSource prep(const Store& shared) const;
    /// A rejected record has the line "null", or none where it has no row.
    std::string exec(const TextRecord& record, const Context& context) const;
};

/// Gives the complete matrix its name, on rank 0.
struct Finish : Node {
    EmbedParts* parts;
    RangeSet prep(const Store& shared) const { return shared.get<RangeSet>("rejected"); }
    std::uint64_t exec(const RangeSet& rejected, const Context& context) const;
    void post(Store& shared, std::uint64_t n_rows) const { shared.set("n_rows", n_rows); }
};

/// The name under which the whole matrix is made: where OUT is made of it at the end, another one.
std::string whole_matrix_of(const EmbedOptions& options);

/// The field of JSON records that is the text.
inline std::string field_of(const EmbedOptions& options) {
    return options.field.value_or("text");
}

/// Whether OUT is made of a whole matrix once that is done: rows of text have no places, and left out ones no row.
bool is_made_of_whole(const EmbedOptions& options);

/// What runs made in an input that is a directory, or fits a pattern, is none of the inputs. Where this job is to write that
/// is believed only if a run is known to have made it: else it would replace an input. Both must outlive what is returned.
std::function<bool(const std::string&)> product_judge(const EmbedOptions& options, JobRun& run);

/// @throws ArgumentError for options that say nothing of these inputs.
void require_effect(const EmbedOptions& options, const std::vector<TextInput>& inputs);

/// Before there is any work: what the job reads, then what it writes. @throws as PathGuard.
void guard_paths(
    const EmbedOptions& options,
    const std::vector<TextInput>& inputs,
    const std::vector<runs::RunFile>& read,
    int n_ranks,
    FileSystem& files
);

/// Records that were rejected, in this run and before, are within what is tolerated.
/// @throws NodeError (error_budget) where they are more.
void require_budget(const EmbedOptions& options, std::uint64_t n_rejected, std::uint64_t n_items);

/// What the job makes beside OUT.
std::vector<std::string_view> products_of(const EmbedOptions& options);

/// Opens the model and the projection.
void open_model(EmbedParts& parts, const Log& log);

/// Reads a projection whole: dimension × cols.
std::vector<float> read_projection(
    const std::string& path,
    std::size_t dimension,
    std::uint64_t& cols
);

/// What the bytes of OUT follow from beside files.
std::map<std::string, std::string> identity_of(const EmbedOptions& options, MatrixFormat format);

/// And the files: the inputs first, in their order.
std::vector<runs::RunFile> files_of(
    const EmbedOptions& options,
    const std::vector<TextInput>& inputs,
    FileSystem& files
);

/// Where standard input is kept while the job runs: it is read twice.
inline std::string spool_of(const std::string& out) {
    return out + ".run/stdin";
}

/// Returns the text of a record. @throws RecordError for one that has none.
std::string_view text_of(
    const TextRecord& record,
    const TextInput& input,
    const JsonField& field,
    bool wants_id,
    std::string& unescaped
);

}  // namespace kaygraph::jobs::detail
