// What the bytes of an embed job's output follow from: a run goes on only where all of it is as it was.
#include "jobs/embed_nodes.hpp"

#include <kaygraph/runs/run_directory.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace kaygraph::jobs::detail {
namespace {

/// The files of a model: the one of its SPEC, or those of a directory, by path.
std::vector<std::string> model_files(const std::string& spec) {
    const std::string path = spec.substr(std::min(spec.find(':'), spec.size() - 1) + 1);
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) {
        return {path};
    }
    std::vector<std::string> found;
    if (std::filesystem::is_directory(path, error)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{path, error}) {
            if (entry.is_regular_file(error)) {
                found.push_back(entry.path().string());
            }
        }
    }
    std::sort(found.begin(), found.end());
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

/// Nine digits, so that names are in the order of the numbers.
std::string numbered(const std::string& name, std::size_t number) {
    const std::string digits = std::to_string(number);
    return name + " " + std::string(9 - std::min<std::size_t>(digits.size(), 9), '0') + digits;
}

std::string exact(float value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

}  // namespace

std::string normal_path(const std::string& path) {
    return std::filesystem::path{path}.lexically_normal().string();
}

std::map<std::string, std::string> identity_of(
    const EmbedOptions& options,
    MatrixFormat format,
    const std::vector<TextInput>& inputs,
    FileSystem& files
) {
    std::map<std::string, std::string> identity{
        {"job", "embed"},
        {"model", options.model},
        {"format", std::string{to_string(format)}},
        {"type", std::string{to_string(options.type)}},
        {"normalize", std::string{name_of(options.normalize)}},
        // what is done is the same where a rejected record ends the run and where its row is zero
        {"rejected rows", options.on_reject == OnReject::skip ? "left out" : "kept"},
        {"field", options.field},
        {"id field", options.id_field.value_or("none")},
        {"inputs", std::to_string(inputs.size())}};
    if (options.type == ElementType::i8) {
        identity["i8 scale"] = exact(options.i8_scale);
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const TextInput& input = inputs[i];
        const bool is_spool = input.path == spool_of(options.out);
        std::string value = runs::file_identity(files, input.path);
        if (is_spool) {  // written anew by every run
            value.erase(value.find(", changed"), value.find(", xxh") - value.find(", changed"));
        }
        identity[numbered("input", i)] = (is_spool ? "-" : normal_path(input.path)) + ", "
                                         + std::string{name_of(input.format)} + ", " + value;
    }
    const std::vector<std::string> of_model = model_files(options.model);
    for (std::size_t i = 0; i < of_model.size(); ++i) {
        identity[numbered("model file", i)] =
            of_model[i] + ", " + runs::file_identity(files, of_model[i]);
    }
    if (!options.project.empty()) {
        identity["projection"] =
            options.project + ", " + runs::file_identity(files, options.project);
    }
    return identity;
}

}  // namespace kaygraph::jobs::detail
