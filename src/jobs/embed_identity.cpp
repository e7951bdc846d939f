// What the bytes of an embed job's output follow from: a run goes on only where all of it is as it was.
#include "jobs/embed_nodes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::string_view hidden = ".";

/// The kind of a SPEC, and what follows it: a path, but for models without files.
struct Spec {
    std::string kind;
    std::string path;
};

Spec parts_of(const EmbedOptions& options) {
    const std::size_t colon = options.model.find(':');
    const std::string kind = options.model.substr(0, colon);
    const bool has_files = options.embedder == nullptr && colon != std::string::npos
                           && (kind == "fasttext" || kind == "vec" || kind == "static");
    return has_files ? Spec{kind, options.model.substr(colon + 1)} : Spec{options.model, ""};
}

std::string absolute_path(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::absolute(path, error).lexically_normal().string();
}

/// The file of a model, or those of its directory by their names in it. What this job makes is none of them, and no model
/// is read from hidden files.
std::vector<runs::RunFile> model_files(const EmbedOptions& options, FileSystem& files) {
    namespace fs = std::filesystem;
    const fs::path path = parts_of(options).path;
    std::vector<runs::RunFile> found;
    std::error_code error;
    if (path.empty()) {
        return found;
    }
    if (!fs::is_directory(path, error)) {
        found.push_back(run_file("model", "", path.string(), files));
        return found;
    }
    const std::string out = absolute_path(options.out);
    fs::recursive_directory_iterator entry{path, error};
    for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.rfind(hidden, 0) == 0 || absolute_path(entry->path()).rfind(out, 0) == 0) {
            entry.disable_recursion_pending();
        } else if (std::error_code none; entry->is_regular_file(none)) {
            found.push_back(run_file(
                "model",
                entry->path().lexically_relative(path).string(),
                entry->path().string(),
                files
            ));
        }
    }
    if (error) {
        throw IoError(
            ErrorCode::io, "cannot list the directory: " + error.message(), {.file = path.string()}
        );
    }
    std::sort(found.begin(), found.end(), [](const runs::RunFile& a, const runs::RunFile& b) {
        return a.kind < b.kind;
    });
    return found;
}

std::string_view name_of(Normalize normalize) noexcept {
    switch (normalize) {
        case Normalize::none:
            return "none";
        case Normalize::l2:
            return "l2";
        case Normalize::model:
            break;
    }
    return "model";
}

std::string_view name_of(TextFormat format) noexcept {
    switch (format) {
        case TextFormat::jsonl:
            return "jsonl";
        case TextFormat::whole:
            return "whole";
        case TextFormat::lines:
            break;
    }
    return "lines";
}

/// How an input is read: "lines", "jsonl, gzip".
std::string kind_of(const TextInput& input) {
    std::string kind{name_of(input.format)};
    if (input.compression != Compression::none) {
        kind += input.compression == Compression::gzip ? ", gzip" : ", zstd";
    }
    return kind;
}

std::string exact(float value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

}  // namespace

std::map<std::string, std::string> identity_of(const EmbedOptions& options, MatrixFormat format) {
    std::map<std::string, std::string> identity{
        {"job", "embed"},
        {"model", parts_of(options).kind},
        {"format", std::string{to_string(format)}},
        {"type", std::string{to_string(options.type)}},
        {"normalize", std::string{name_of(options.normalize)}},
        // what is done is the same where a rejected record ends the run and where its row is zero
        {"rejected rows", options.on_reject == OnReject::skip ? "left out" : "kept"},
        {"field", field_of(options)},
        {"id field", options.id_field.value_or("none")}};
    if (options.type == ElementType::i8) {
        identity["i8 scale"] = exact(options.i8_scale);
    }
    return identity;
}

std::vector<runs::RunFile> files_of(
    const EmbedOptions& options,
    const std::vector<TextInput>& inputs,
    FileSystem& files
) {
    std::vector<runs::RunFile> found;
    for (const TextInput& input : inputs) {
        found.push_back(run_file("input", kind_of(input), input.path, files));
        if (input.path == spool_of(options.out)) {
            found.back().path = "-";
        }
    }
    for (runs::RunFile& file : model_files(options, files)) {
        found.push_back(std::move(file));
    }
    if (!options.project.empty()) {
        found.push_back(run_file("projection", "", options.project, files));
    }
    return found;
}

}  // namespace kaygraph::jobs::detail
