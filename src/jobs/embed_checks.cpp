// What an embed job looks at before it works, and what it may end with.
#include "files/input_search.hpp"
#include "jobs/embed_nodes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace kaygraph::jobs::detail {
namespace {

/// A file's path, whatever ways lead to its folder.
std::string place_of(const std::string& path) {
    std::error_code error;
    const auto folder = std::filesystem::weakly_canonical(directory_of(path), error);
    return (folder / std::filesystem::path{path}.filename()).string();
}

}  // namespace

bool is_made_of_whole(const EmbedOptions& options) {
    const MatrixFormat format = options.format ? *options.format : format_of_path(options.out);
    return options.on_reject == OnReject::skip || format == MatrixFormat::text;
}

std::function<bool(const std::string&)> product_judge(const EmbedOptions& options, JobRun& run) {
    return [out = place_of(options.out), &run](const std::string& path) {
        const std::string place = place_of(path);
        if (place.rfind(out, 0) != 0) {
            return true;  // another run's
        }
        const std::string_view suffix = std::string_view{place}.substr(out.size());
        const std::string_view whole = suffix.substr(0, suffix.find(".part"));
        const bool is_own = whole == runs::product::matrix || whole == runs::product::ids
                            || whole == runs::product::rows || whole == ".unfiltered";
        return !is_own || run.has_made(suffix);
    };
}

void require_effect(const EmbedOptions& options, const std::vector<TextInput>& inputs) {
    const bool has_json = std::any_of(inputs.begin(), inputs.end(), [](const TextInput& input) {
        return input.format == TextFormat::jsonl;
    });
    if (!has_json && (options.field || options.id_field)) {
        throw ArgumentError(
            std::string{options.field ? "a field of records" : "a field of ids"}
                + " is wanted, and no input holds JSON: --field and --id-field are for .jsonl, or for "
                  "--input-format jsonl",
            {.file = inputs.front().path}
        );
    }
    const bool has_folder =
        std::any_of(options.inputs.begin(), options.inputs.end(), [](const std::string& input) {
            const auto status = posix_files().status(input);
            return status && status->is_directory;
        });
    const bool has_pattern =
        std::any_of(options.inputs.begin(), options.inputs.end(), kaygraph::detail::is_pattern);
    if (!options.include.empty() && !has_folder && !has_pattern) {
        throw ArgumentError(
            "--include says which files of directories are read, and no input is a directory",
            {.file = options.inputs.front()}
        );
    }
}

void guard_paths(
    const EmbedOptions& options,
    const std::vector<TextInput>& inputs,
    const std::vector<runs::RunFile>& read,
    int n_ranks,
    FileSystem& files
) {
    PathGuard guard{files, options.resume.overwrite};
    for (const TextInput& input : inputs) {
        guard.reads("an input", input.path, {.device = input.device, .inode = input.inode});
    }
    for (const runs::RunFile& file : read) {
        if (file.role != "input") {
            guard.reads(file.role == "model" ? "a file of the model" : "the projection", file.path);
        }
    }
    guard.reads(options.side);
    guard.writes("the output", options.out);
    if (is_made_of_whole(options)) {
        guard.writes("the whole matrix of the output", whole_matrix_of(options));
    }
    if (options.id_field) {
        const std::string ids = options.out + std::string{runs::product::ids};
        guard.writes("the file of the ids", ids);
        for (int rank = 0; rank < n_ranks; ++rank) {
            guard.writes("a part of the ids", LineSink::segment_of(ids, rank));
        }
    }
    if (options.on_reject == OnReject::skip) {
        guard.writes("the file of the row numbers", options.out + std::string{runs::product::rows});
    }
    guard.writes_run_of(options.out);
    guard.writes(options.side);
}

void require_budget(const EmbedOptions& options, std::uint64_t n_rejected, std::uint64_t n_items) {
    const ErrorBudget none{.count = 0};
    const ErrorBudget& budget = options.on_reject == OnReject::error ? none : options.max_errors;
    const auto most = static_cast<double>(n_items) * budget.share.value_or(1);
    if (n_rejected > budget.count.value_or(n_rejected) || static_cast<double>(n_rejected) > most) {
        throw NodeError(
            ErrorCode::error_budget,
            std::to_string(n_rejected) + " of " + std::to_string(n_items)
                + " records were rejected, in this run and before: more than max_errors allows",
            {.file = options.out + std::string{runs::product::rejects}}
        );
    }
}

}  // namespace kaygraph::jobs::detail
