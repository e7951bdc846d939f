#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/files/text_inputs.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/jobs/element_losses.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/models/embedder.hpp>
#include <kaygraph/runs/run_directory.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// @file
/// The job behind `kaygraph embed`: texts in, a matrix of their vectors out.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

/// What happens to the length of a vector.
enum class Normalize : std::uint8_t {
    model,  ///< what the model says
    none,   ///< the model's own normalisation is left out, where it has one that can be
    l2,     ///< every row is divided by its Euclidean norm, after the projection
};

/// What happens to a record that cannot be embedded: malformed JSON, invalid UTF-8, no such field, a
/// text over 16 MiB.
enum class OnReject : std::uint8_t {
    error,     ///< the job ends with its error
    zero_row,  ///< its row is zero, so that row numbers stay
    skip,      ///< it has no row; OUT.rows.npy tells which record each row is of
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): fields stand in the order of their meaning
struct EmbedOptions {
    std::vector<std::string> inputs;  ///< files, globs, directories, "-": see list_text_inputs
    bool whole_files = false;         ///< each file is one text
    std::vector<std::string> include = {};        ///< names of files in directories
    std::optional<TextFormat> input_format = {};  ///< empty: as list_text_inputs finds them
    std::string model = "hash:256";               ///< SPEC of a model: see models::open_embedder
    /// A model of yours; `model` is then its name, by which a later run knows it as the same.
    std::shared_ptr<const models::Embedder> embedder = {};
    std::string out;                          ///< the matrix: row i is text i
    std::optional<MatrixFormat> format = {};  ///< empty: by the name of `out`
    /// Takes the bytes of the matrix file instead, in their order, on rank 0. `out` is then a name for messages alone:
    /// nothing of the run is kept, and none goes on.
    std::function<void(std::span<const std::byte>)> stream = {};
    ElementType type = ElementType::f32;  ///< f32, f16 or i8
    float i8_scale = 127;                 ///< i8: an element is round(value × scale), within ±127
    Normalize normalize = Normalize::model;
    std::string project = {};                  ///< a matrix file, dimension × k; empty: none
    std::optional<std::string> field = {};     ///< of JSON records; empty: "text"
    std::optional<std::string> id_field = {};  ///< its values go to OUT.ids.jsonl, a line a row
    OnReject on_reject = OnReject::error;
    runs::ResumeOptions resume = {};
    runs::Durability durability = runs::Durability::batch;
    ErrorBudget max_errors = {.count = 0};  ///< rejected records that are tolerated
    std::optional<std::size_t> block = {};  ///< texts in a block; empty: by their number
    FileSystem* files = nullptr;            ///< how files are written; null: as this machine's
    /// Told how far this rank is: the phase ("hash", "count", "embed", "ids") and its progress.
    std::function<void(const char* phase, const Progress&)> progress = {};
    SideFiles side = {};  ///< of the caller: none of them may be one of the job's
    /// How the run was asked for, as its files tell it; empty: they do not.
    std::string command = {};
    /// Told on rank 0 how the run ended, well or not, before the call returns or throws.
    std::function<void(const RunDocument&)> ended = {};
};

/// What the job did; the same on all ranks.
struct EmbedResult {
    std::uint64_t n_inputs = 0;     ///< files
    LeftOut left_out = {};          ///< of directories and patterns
    std::uint64_t input_bytes = 0;  ///< of the files as they are, compressed or not
    std::uint64_t rows = 0;         ///< of the output
    std::uint64_t cols = 0;
    std::uint64_t n_rejected = 0;
    std::uint64_t n_resumed = 0;  ///< texts that earlier runs embedded
    bool was_complete = false;    ///< an earlier run had made all of it: nothing was done
    ElementLosses losses = {};    ///< of elements that f16 or i8 could not hold, in this run
    models::EmbedCounts counts;   ///< of this run
    std::string model;            ///< its description
    RunReport report;
};

/// What an embed job would do.
struct EmbedPlan {
    std::uint64_t n_inputs = 0;
    LeftOut left_out = {};  ///< of directories and patterns
    std::uint64_t input_bytes = 0;
    std::uint64_t n_items = 0;  ///< texts
    std::size_t block_size = 0;
    std::uint64_t cols = 0;
    std::uint64_t output_bytes = 0;  ///< of the elements
    std::uint64_t memory_bytes = 0;  ///< of a rank, about: the model, and a block for each thread
    std::string model;               ///< its description
};

/// Collective over the ranks of `run`. Opens the model, counts the texts, and writes nothing.
/// @throws as embed, and ArgumentError for standard input, which can be read once only.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT EmbedPlan plan_embed(const EmbedOptions& options, const RunOptions& run = {});

/// Collective over the ranks of `run`: every rank calls it with equal options. Embeds the texts and writes
/// OUT, by way of OUT.part, which gets its name only when it is complete and on the device.
///
/// The bytes of OUT are the same for any number of ranks and threads, any block size and any compression
/// of the inputs.
/// Beside OUT stands OUT.run, with a record of the run and a journal a rank. Whatever ended a run: the same call goes on
/// where it was, with any number of ranks and threads, any block size and budget of errors. Where
/// what the bytes follow from has changed (inputs, model, options), it is refused, with the difference.
/// A record that ends the process (where the program notes crashes: see runs::note_crash; or by three deaths) is found by
/// later calls, which embed what was in hand one by one, and then rejected like a malformed one, with ErrorCode::crashed.
/// What it makes, OUT, OUT.ids.jsonl, OUT.rows.npy and OUT.run/rejects.jsonl, is one whole: what an earlier run made is removed
/// when this one begins anew, and what of a complete run was lost is made again, alone.
/// On error: OUT.part and OUT.run stay where some texts were embedded, for the next call; an OUT that no run made is as it
/// was before.
/// @throws ArgumentError for options that do not fit, paths that are each other's (see PathGuard), files that no run made, an
/// output that another process works on, one of another run; FormatError for
/// an input or a model that is not what it claims to be; IoError; NodeError (error_budget) for more
/// rejected records than allowed; Stopped.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT EmbedResult embed(const EmbedOptions& options, const RunOptions& run = {});

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
