#include "base/json_writer.hpp"
#include "files/bounded_json.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_record.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <limits>

namespace kaygraph::runs {
namespace {

/// Version 1 told files by their size, time of change and some of their bytes, and products not at all.
constexpr std::uint64_t format_version = 2;
constexpr int most_ranks_known = 1'000'000;
constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

constexpr std::array<std::string_view, 5> status_names{
    "running",
    "stopped",
    "failed",
    "publishing",
    "complete"};

constexpr std::array product_suffixes{
    product::matrix,
    product::ids,
    product::rows,
    product::rejects};

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// A path that is no UTF-8 comes back from JSON as another.
bool is_same_text(const std::string& a, const std::string& b) {
    const auto there_and_back = [](const std::string& text) {
        return nlohmann::json::parse(json_quoted(text)).get<std::string>();
    };
    return a == b || there_and_back(a) == there_and_back(b);
}

// ---- writing

using kaygraph::detail::JsonWriter;

void write_strings(
    JsonWriter& json,
    std::string_view name,
    const std::map<std::string, std::string>& values
) {
    json.begin_object(name);
    for (const auto& [key, value] : values) {
        json.value(key, value);
    }
    json.end_object();
}

void write_stamp(JsonWriter& json, const FileStamp& stamp, const std::optional<Hash128>& hash) {
    json.value("bytes", stamp.bytes);
    json.value("modified_ns", stamp.modified_ns);
    json.value("changed_ns", stamp.changed_ns);
    json.value("inode", stamp.inode);
    if (hash) {
        json.value("xxh3_128", to_string(*hash));
    }
}

// ---- reading

/// A part of run.json, and what it is called in errors.
class Part {
public:
    Part(const nlohmann::json& value, const std::string& path, std::string name)
        : value_(&value), path_(&path), name_(std::move(name)) {}

    [[noreturn]] void fail(const std::string& expected) const {
        throw FormatError(
            ErrorCode::malformed,
            "run.json: expected " + expected + (name_.empty() ? "" : " for '" + name_ + "'"),
            {.file = *path_}
        );
    }
    [[nodiscard]] bool has(const char* name) const {
        return value_->is_object() && value_->contains(name);
    }
    [[nodiscard]] Part at(const char* name) const {
        if (!has(name)) {
            fail(std::string{"an object with '"} + name + "'");
        }
        return {(*value_)[name], *path_, name};
    }
    [[nodiscard]] std::uint64_t number(std::uint64_t most = any_number) const {
        if (!value_->is_number_unsigned() || value_->get<std::uint64_t>() > most) {
            fail("a number of at most " + std::to_string(most));
        }
        return value_->get<std::uint64_t>();
    }
    /// Nanoseconds since 1970, or before.
    [[nodiscard]] std::int64_t time() const {
        const bool is_negative = value_->is_number_integer() && !value_->is_number_unsigned();
        return is_negative
                   ? value_->get<std::int64_t>()
                   : static_cast<std::int64_t>(number(std::numeric_limits<std::int64_t>::max()));
    }
    [[nodiscard]] std::string text() const {
        if (!value_->is_string()) {
            fail("a string");
        }
        return value_->get<std::string>();
    }
    [[nodiscard]] std::map<std::string, std::string> strings() const {
        if (!value_->is_object()) {
            fail("an object");
        }
        std::map<std::string, std::string> values;
        for (const auto& [key, value] : value_->items()) {
            values[key] = Part{value, *path_, key}.text();
        }
        return values;
    }
    template <class Each>
    void each(Each give) const {
        if (!value_->is_array()) {
            fail("an array");
        }
        for (const nlohmann::json& element : *value_) {
            give(Part{element, *path_, name_});
        }
    }

private:
    const nlohmann::json* value_;
    const std::string* path_;
    std::string name_;
};

RunStatus read_status(const Part& part) {
    const auto name = std::find(status_names.begin(), status_names.end(), part.text());
    if (name == status_names.end()) {
        part.fail("running, stopped, failed, publishing or complete");
    }
    return static_cast<RunStatus>(name - status_names.begin());
}

std::optional<Hash128> read_hash(const Part& part) {
    if (!part.has("xxh3_128")) {
        return {};
    }
    const Part place = part.at("xxh3_128");
    const std::string text = place.text();
    const auto half = [&](std::size_t begin) {
        std::uint64_t value = 0;
        const char* const first = text.data() + begin;
        const auto read = std::from_chars(first, first + 16, value, 16);
        if (read.ec != std::errc{} || read.ptr != first + 16) {
            place.fail("32 hexadecimal digits");
        }
        return value;
    };
    if (text.size() != 32) {
        place.fail("32 hexadecimal digits");
    }
    const std::uint64_t high = half(0);
    return Hash128{.low = half(16), .high = high};
}

FileStamp read_stamp(const Part& part) {
    FileStamp stamp;
    stamp.bytes = part.at("bytes").number();
    stamp.modified_ns = part.at("modified_ns").time();
    stamp.changed_ns = part.at("changed_ns").time();
    stamp.inode = part.at("inode").number();
    return stamp;
}

/// Products are removed by these names: none but those that a run makes is believed.
RunProduct read_product(const Part& part, const std::string& output) {
    const std::string file = part.at("file").text();
    const std::string suffix = file.substr(std::min(output.size(), file.size()));
    const bool is_known = file.rfind(output, 0) == 0
                          && std::find(product_suffixes.begin(), product_suffixes.end(), suffix)
                                 != product_suffixes.end();
    if (!is_known) {
        part.fail("the name of the output, or one that a run gives a file beside it");
    }
    return {.suffix = suffix, .stamp = read_stamp(part), .hash = read_hash(part)};
}

/// The first version told the size of the output among the facts.
void add_old_product(RunRecord& record) {
    const auto bytes = record.facts.find("output bytes");
    if (bytes != record.facts.end()) {
        const std::string& text = bytes->second;
        RunProduct matrix;
        std::from_chars(text.data(), text.data() + text.size(), matrix.stamp.bytes);
        record.products.push_back(std::move(matrix));
    }
}

// ---- comparing

/// Names files by their role, their number in it, and their path; asked for each file in its turn.
class FileNames {
public:
    std::string next(const RunFile& file) {
        return file.role + " " + std::to_string(counts_[file.role]++) + ", " + file.path;
    }

private:
    std::map<std::string, std::size_t> counts_;
};

std::map<std::string, std::size_t> counted_roles(const RunRecord& record) {
    std::map<std::string, std::size_t> counts;
    for (const RunFile& file : record.files) {
        ++counts[file.role];
    }
    return counts;
}

void add_file_differences(
    const RunRecord& before,
    const RunRecord& now,
    std::vector<std::string>& lines
) {
    const std::size_t n_before = lines.size();
    auto counts = counted_roles(before);
    for (const auto& [role, n] : counted_roles(now)) {
        if (counts[role] != n) {
            lines.push_back(
                role + " files: " + std::to_string(n) + ", were " + std::to_string(counts[role])
            );
        }
        counts.erase(role);
    }
    for (const auto& [role, n] : counts) {
        lines.push_back(role + " files: none, were " + std::to_string(n));
    }
    if (lines.size() != n_before) {
        return;
    }
    FileNames names;
    for (std::size_t i = 0; i < now.files.size(); ++i) {
        const RunFile& was = before.files[i];
        const RunFile& is = now.files[i];
        const std::string name = names.next(is);
        if (was.role != is.role || !is_same_text(was.kind, is.kind)) {
            lines.push_back(name + ": " + is.kind + ", was " + was.kind);
        } else if (was.stamp.bytes != is.stamp.bytes) {
            lines.push_back(
                name + ": " + std::to_string(is.stamp.bytes) + " bytes, had "
                + std::to_string(was.stamp.bytes)
            );
        }
    }
}

}  // namespace

std::string_view to_string(RunStatus status) noexcept {
    return status_names[static_cast<std::size_t>(status)];
}

const RunProduct* RunRecord::product(std::string_view suffix) const noexcept {
    const auto found = std::find_if(products.begin(), products.end(), [&](const RunProduct& each) {
        return each.suffix == suffix;
    });
    return found == products.end() ? nullptr : &*found;
}

std::string to_json(const RunRecord& record, const std::string& out) {
    JsonWriter json;
    json.begin_object();
    json.value("format", format_version);
    json.value("status", to_string(record.status));
    json.value("attempts", record.attempts);
    json.value("most_ranks", record.most_ranks);
    json.value("items", record.n_items);
    json.value("rejected", record.n_rejected);
    write_strings(json, "identity", record.identity);
    json.begin_array("files");
    for (const RunFile& file : record.files) {
        json.begin_object();
        json.value("role", file.role);
        json.value("kind", file.kind);
        json.value("path", file.path);
        write_stamp(json, file.stamp, file.hash);
        json.end_object();
    }
    json.end_array();
    json.value("output", name_of(out));
    json.begin_array("products");
    for (const RunProduct& made : record.products) {
        json.begin_object();
        json.value("file", name_of(out) + made.suffix);
        write_stamp(json, made.stamp, made.hash);
        json.end_object();
    }
    json.end_array();
    write_strings(json, "facts", record.facts);
    json.end_object();
    return json.take();
}

RunRecord parse_run_record(std::string_view text, const std::string& path) {
    const nlohmann::json root = kaygraph::detail::parse_bounded_json(text, path);
    const Part part{root, path, ""};
    const std::uint64_t format = part.at("format").number();
    if (format < 1 || format > format_version) {
        part.fail(
            "format 1 or " + std::to_string(format_version) + ", which this version knows, found "
            + std::to_string(format)
        );
    }
    RunRecord record;
    record.identity = part.at("identity").strings();
    record.facts = part.at("facts").strings();
    record.status = read_status(part.at("status"));
    record.attempts = static_cast<std::uint32_t>(part.at("attempts").number(1U << 30U));
    record.most_ranks = static_cast<int>(part.at("most_ranks").number(most_ranks_known));
    record.n_items = part.at("items").number();
    record.n_rejected = part.at("rejected").number(record.n_items);
    record.has_hashes = format > 1;
    if (!record.has_hashes) {
        add_old_product(record);
        return record;
    }
    part.at("files").each([&](const Part& file) {
        record.files.push_back(
            {.role = file.at("role").text(),
             .kind = file.at("kind").text(),
             .path = file.at("path").text(),
             .stamp = read_stamp(file),
             .hash = read_hash(file)}
        );
    });
    const std::string output = part.at("output").text();
    part.at("products").each([&](const Part& made) {
        record.products.push_back(read_product(made, output));
    });
    return record;
}

std::vector<std::string> differences(const RunRecord& before, const RunRecord& now) {
    std::vector<std::string> lines;
    const auto add = [&](std::initializer_list<std::string_view> parts) {
        std::string& line = lines.emplace_back();
        for (const std::string_view part : parts) {
            line += part;
        }
    };
    for (const auto& [name, value] : now.identity) {
        const auto was = before.identity.find(name);
        if (was == before.identity.end()) {
            add({name, ": ", value, ", was not there"});
        } else if (!is_same_text(was->second, value)) {
            add({name, ": ", value, ", was ", was->second});
        }
    }
    for (const auto& [name, value] : before.identity) {
        if (!now.identity.contains(name)) {
            add({name, ": no longer there, was ", value});
        }
    }
    add_file_differences(before, now, lines);
    return lines;
}

bool is_trusted(const RunFile& before, const RunFile& now) {
    return before.hash && before.stamp == now.stamp && is_same_text(before.path, now.path);
}

std::vector<std::string> content_differences(const RunRecord& before, const RunRecord& now) {
    std::vector<std::string> lines;
    FileNames names;
    for (std::size_t i = 0; i < now.files.size(); ++i) {
        const std::string name = names.next(now.files[i]);
        if (before.files[i].hash != now.files[i].hash) {
            lines.push_back(name + ": other bytes than before, of the same number");
        }
    }
    return lines;
}

}  // namespace kaygraph::runs
