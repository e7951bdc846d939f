#include "models/static_model.hpp"

#include "files/bounded_json.hpp"
#include "models/json_reader.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/safetensors.hpp>
#include <kaygraph/kernels/convert.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string_view>
#include <utility>

namespace kaygraph::models::detail {
namespace {

constexpr std::uint64_t max_dimension = 65'536;
constexpr std::string_view log_name = "static model";
constexpr std::string_view module_table = "embedding.weight";  // of sentence-transformers

[[noreturn]] void fail(
    const std::string& file,
    const Tensor& tensor,
    const std::string& expected,
    const std::string& found
) {
    throw FormatError(
        ErrorCode::malformed,
        "tensor " + tensor.name + ": expected " + expected + ", found " + found,
        {.file = file, .offset = static_cast<std::int64_t>(tensor.offset)}
    );
}

nlohmann::json read_json(const std::string& path) {
    const MappedFile file{path, AccessPattern::sequential};
    const std::span<const std::byte> bytes = file.bytes();
    return kaygraph::detail::parse_bounded_json(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path
    );
}

bool is_there(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

std::string shape_of(const Tensor& tensor) {
    std::string text = "[";
    for (const std::uint64_t length : tensor.shape) {
        text += (text.size() == 1 ? "" : ", ") + std::to_string(length);
    }
    return text + "]";
}

const Tensor* find_tensor(const std::vector<Tensor>& tensors, std::string_view name) {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) {
        return tensor.name == name;
    });
    return found == tensors.end() ? nullptr : &*found;
}

/// What modules.json says of a model of sentence-transformers.
struct Modules {
    std::string static_path = {};  // where the static embedding lies, in the directory
    bool has_normalize = false;
};

/// The path of a module stays in the directory of the model.
void check_path(const JsonReader& path) {
    const std::filesystem::path given{path.text()};
    const bool leaves =
        given.is_absolute()
        || std::any_of(given.begin(), given.end(), [](const auto& part) { return part == ".."; });
    if (leaves) {
        path.fail("a path inside the model");
    }
}

Modules read_modules(const std::string& path) {
    const nlohmann::json json = read_json(path);
    const JsonReader list{json, path};
    Modules modules;
    bool has_static = false;
    for (std::size_t i = 0; i < list.elements(); ++i) {
        const JsonReader module = list.element(i);
        const std::string& type = module.at("type").text();
        const std::string_view name = std::string_view{type}.substr(type.rfind('.') + 1);
        if (name == "StaticEmbedding" && !has_static && i == 0) {
            has_static = true;
            check_path(module.at("path"));
            modules.static_path = module.at("path").text();
        } else if (name == "Normalize" && i > 0) {
            modules.has_normalize = true;
        } else {
            module.at("type").fail("a StaticEmbedding, then a Normalize or nothing");
        }
    }
    if (!has_static) {
        list.fail("a StaticEmbedding", "none");
    }
    return modules;
}

/// Where the files of a model are, and what those of its settings hold.
struct Places {
    std::string table;
    std::string tokenizer;
    std::optional<Modules> modules;
    std::string config_path;
    std::optional<nlohmann::json> config;
    bool is_in_module_folder = false;  // the table, which model2vec never does
};

Places find_places(const std::string& directory) {
    Places places;
    const std::string modules = directory + "/modules.json";
    std::string folder = directory;
    if (is_there(modules)) {
        places.modules = read_modules(modules);
        if (!places.modules->static_path.empty() && places.modules->static_path != ".") {
            folder += "/" + places.modules->static_path;
        }
    } else if (!is_there(directory + "/model.safetensors") && is_there(directory + "/0_StaticEmbedding")) {
        folder += "/0_StaticEmbedding";
        places.is_in_module_folder = true;
    }
    places.table = folder + "/model.safetensors";
    places.tokenizer = folder + "/tokenizer.json";
    if (!is_there(places.table) && !is_there(places.tokenizer)) {
        throw IoError(
            ErrorCode::io,
            "expected a folder with model.safetensors and tokenizer.json, found neither",
            {.file = folder}
        );
    }
    places.config_path = directory + "/config.json";
    if (is_there(places.config_path)) {
        places.config = read_json(places.config_path);
    }
    return places;
}

/// Whether a config.json is that of model2vec: by its model_type, which old ones lack, or by what they all say.
bool is_of_model2vec(const JsonReader& config) {
    const JsonReader type = config.get("model_type");
    return type.is_null() ? config.has("normalize") : type.text() == "model2vec";
}

/// Whose rules a model follows. Folders of model2vec have modules.json too, and those of sentence-transformers may have a
/// config.json of another program; where neither tells, the name of the table does.
bool is_model2vec(const Places& places, const Tensor& table) {
    if (places.config && is_of_model2vec({*places.config, places.config_path})) {
        return true;
    }
    return !places.modules && !places.is_in_module_folder && table.name != module_table;
}

/// sentence-transformers puts the default prompt of a model before each text.
void warn_of_prompt(const StaticModel& model, const Log& log) {
    const std::string path = model.directory + "/config_sentence_transformers.json";
    if (!is_there(path)) {
        return;
    }
    const nlohmann::json json = read_json(path);
    const JsonReader config{json, path};
    const JsonReader name = config.get("default_prompt_name");
    const JsonReader prompts = config.get("prompts");
    if (name.is_null() || prompts.is_null()) {
        return;
    }
    const JsonReader prompt = prompts.get(name.text().c_str());
    if (!prompt.is_null() && !prompt.text().empty()) {
        log.warn(
            log_name,
            path + " has a default prompt, '" + prompt.text()
                + "', which kaygraph does not put before the texts"
        );
    }
}

/// StaticEmbedding takes every token into the mean; what is cut, tokenizer.json says.
void read_module_settings(const Places& places, StaticModel& model, const Log& log) {
    warn_of_prompt(model, log);
    model.max_length.reset();
    model.normalizes = places.modules && places.modules->has_normalize;
    if (!places.modules) {
        log.warn(
            log_name,
            model.directory + " is a model of sentence-transformers without modules.json: vectors "
                              "are not normalised"
        );
    }
}

void read_model2vec_settings(const Places& places, StaticModel& model, const Log& log) {
    if (!places.config) {
        log.warn(log_name, model.directory + " has no config.json: vectors are not normalised");
        return;
    }
    const std::string& path = places.config_path;
    const JsonReader config{*places.config, path};
    if (config.has("max_length")) {
        const JsonReader max_length = config.get("max_length");
        model.max_length.reset();
        if (!max_length.is_null()) {
            model.max_length = max_length.unsigned_number(std::numeric_limits<std::int32_t>::max());
        }
    }
    const JsonReader normalize = config.get("normalize");
    if (normalize.is_null()) {
        log.warn(log_name, path + " does not say whether to normalise: vectors are not normalised");
        return;
    }
    model.normalizes = normalize.boolean();
    if (places.modules && places.modules->has_normalize != model.normalizes) {
        log.warn(
            log_name, path + " and modules.json do not agree on normalising: config.json counts"
        );
    }
}

const Tensor& table_of(const std::vector<Tensor>& tensors, const std::string& path) {
    for (const std::string_view name :
         std::array<std::string_view, 3>{"embeddings", module_table, "0"}) {
        if (const Tensor* tensor = find_tensor(tensors, name); tensor != nullptr) {
            return *tensor;
        }
    }
    throw FormatError(
        ErrorCode::malformed,
        "expected a tensor 'embeddings', 'embedding.weight' or '0', found "
            + list_of_names(tensors),
        {.file = path}
    );
}

kernels::RowTable read_table(const Tensor& tensor, const std::string& path) {
    const ElementType type = element_type_of(tensor, path);
    if (type != ElementType::f32 && type != ElementType::f16 && type != ElementType::i8) {
        fail(path, tensor, "F32, F16 or I8", tensor.dtype);
    }
    const bool is_sound = tensor.shape.size() == 2 && tensor.shape[1] > 0
                          && tensor.shape[1] <= max_dimension
                          && tensor.shape[0] <= std::numeric_limits<std::uint32_t>::max();
    if (!is_sound) {
        fail(
            path,
            tensor,
            "rows of at most " + std::to_string(max_dimension) + " numbers",
            shape_of(tensor)
        );
    }
    return {tensor.bytes.data(), tensor.shape[0], tensor.shape[1], type};
}

/// Returns the length of a tensor with one number for each token.
std::size_t check_per_token(const Tensor& tensor, std::size_t id_bound, const std::string& path) {
    if (tensor.shape.size() != 1 || tensor.shape[0] < id_bound) {
        fail(
            path,
            tensor,
            "a number for each of " + std::to_string(id_bound) + " tokens",
            shape_of(tensor)
        );
    }
    return tensor.shape[0];
}

template <class T>
T element_at(const Tensor& tensor, std::size_t index) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + index * sizeof(T), sizeof(T));
    return value;
}

std::vector<std::uint32_t> read_mapping(
    const Tensor& tensor,
    const StaticModel& model,
    const std::string& path
) {
    const ElementType type = element_type_of(tensor, path);
    if (type != ElementType::i32 && type != ElementType::i64) {
        fail(path, tensor, "I32 or I64", tensor.dtype);
    }
    std::vector<std::uint32_t> mapping(check_per_token(tensor, model.tokenizer->id_bound(), path));
    for (std::size_t i = 0; i < mapping.size(); ++i) {
        const std::int64_t row = type == ElementType::i32 ? element_at<std::int32_t>(tensor, i)
                                                          : element_at<std::int64_t>(tensor, i);
        if (row < 0 || static_cast<std::uint64_t>(row) >= model.table.rows) {
            fail(
                path,
                tensor,
                "rows below " + std::to_string(model.table.rows),
                std::to_string(row) + " for token " + std::to_string(i)
            );
        }
        mapping[i] = static_cast<std::uint32_t>(row);
    }
    return mapping;
}

float weight_at(const Tensor& tensor, ElementType type, std::size_t index) {
    if (type == ElementType::f64) {
        return static_cast<float>(element_at<double>(tensor, index));
    }
    if (type == ElementType::f32) {
        return element_at<float>(tensor, index);
    }
    const std::array<std::uint16_t, 1> half{element_at<std::uint16_t>(tensor, index)};
    std::array<float, 1> value{};
    kernels::from_f16(half, value);
    return value.front();
}

std::vector<float> read_weights(
    const Tensor& tensor,
    std::size_t id_bound,
    const std::string& path
) {
    const ElementType type = element_type_of(tensor, path);
    if (type != ElementType::f64 && type != ElementType::f32 && type != ElementType::f16) {
        fail(path, tensor, "F64, F32 or F16", tensor.dtype);
    }
    std::vector<float> weights(check_per_token(tensor, id_bound, path));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = weight_at(tensor, type, i);
        if (!std::isfinite(weights[i])) {
            fail(path, tensor, "finite weights", "another one for token " + std::to_string(i));
        }
    }
    return weights;
}

/// A table with more rows than tokens is that of another tokenizer, and model2vec refuses it; of others it may be
/// filled up to a round number.
void check_rows(const StaticModel& model, const Tensor& table, const Log& log) {
    const std::string& path = model.file.path();
    const std::size_t id_bound = model.tokenizer->id_bound();
    if (model.table.rows < id_bound || (model.table.rows > id_bound && model.is_model2vec)) {
        fail(
            path,
            table,
            "a row for each of the " + std::to_string(id_bound) + " tokens of tokenizer.json",
            std::to_string(model.table.rows)
        );
    }
    if (model.table.rows > id_bound) {
        log.warn(
            log_name,
            path + " has " + std::to_string(model.table.rows) + " rows for the "
                + std::to_string(id_bound) + " tokens of tokenizer.json: the last are not used"
        );
    }
}

void read_tensors(
    const std::vector<Tensor>& tensors,
    const Tensor& table,
    StaticModel& model,
    const Log& log
) {
    const std::string& path = model.file.path();
    model.table = read_table(table, path);
    const std::size_t id_bound = model.tokenizer->id_bound();
    const Tensor* mapping = find_tensor(tensors, "mapping");
    const Tensor* weights = find_tensor(tensors, "weights");
    if (mapping != nullptr) {
        model.mapping = read_mapping(*mapping, model, path);
    } else {
        check_rows(model, table, log);
    }
    if (weights != nullptr) {
        model.weights = read_weights(*weights, id_bound, path);
    }
    for (const Tensor& tensor : tensors) {
        if (&tensor != &table && &tensor != mapping && &tensor != weights) {
            log.warn(
                log_name, path + " has a tensor that is not used: " + list_of_names({&tensor, 1})
            );
        }
    }
}

/// Copies a table that is small beside the memory of a core: its rows are gathered faster from large pages than
/// from the map of a file. Larger ones stay where the ranks of a node share them.
void copy_if_small(StaticModel& model) {
    constexpr std::size_t small = std::size_t{64} << 20U;
    const std::size_t bytes = model.table.rows * model.table.row_bytes();
    if (bytes <= small) {
        model.copy = LazyMemory{bytes};
        std::copy_n(model.table.data, bytes, model.copy.data());
        model.table.data = model.copy.data();
    }
}

}  // namespace

StaticModel read_static_model(const std::string& directory, const Log& log) {
    StaticModel model;
    model.directory = directory;
    const Places places = find_places(directory);
    model.file = MappedFile{places.table, AccessPattern::random};
    const std::vector<Tensor> tensors = parse_safetensors(model.file.bytes(), places.table);
    const Tensor& table = table_of(tensors, places.table);
    model.is_model2vec = is_model2vec(places, table);
    if (model.is_model2vec) {
        read_model2vec_settings(places, model, log);
    } else {
        read_module_settings(places, model, log);
    }
    // model2vec sets the length itself, whatever the file of the tokenizer says
    model.tokenizer = load_tokenizer(places.tokenizer, {.drop_truncation = model.is_model2vec});
    read_tensors(tensors, table, model, log);
    copy_if_small(model);
    return model;
}

}  // namespace kaygraph::models::detail
