#include "files/bounded_json.hpp"
#include "files/known_content.hpp"
#include "files/shown.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/files/safetensors.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace kaygraph {
namespace {

using detail::shown;
using nlohmann::json;

struct Dtype {
    std::string_view name;
    std::size_t bytes;
    std::optional<ElementType> type;
};

/// Those that are not read have a size too, so that their ranges are judged.
constexpr std::array dtypes{
    Dtype{"F16", 2, ElementType::f16},
    Dtype{"F32", 4, ElementType::f32},
    Dtype{"F64", 8, ElementType::f64},
    Dtype{"I8", 1, ElementType::i8},
    Dtype{"U8", 1, ElementType::u8},
    Dtype{"I32", 4, ElementType::i32},
    Dtype{"I64", 8, ElementType::i64},
    Dtype{"BF16", 2, {}},
    Dtype{"BOOL", 1, {}},
    Dtype{"I16", 2, {}},
    Dtype{"U16", 2, {}},
    Dtype{"U32", 4, {}},
    Dtype{"U64", 8, {}},
};

const Dtype* dtype_named(std::string_view name) {
    const auto* const found =
        std::find_if(dtypes.begin(), dtypes.end(), [&](const Dtype& d) { return d.name == name; });
    return found == dtypes.end() ? nullptr : &*found;
}

/// One file while it is judged. All errors about an entry of the header point at the header.
class Header {
public:
    Header(
        std::span<const std::byte> file,
        const std::string& path,
        const SafetensorsLimits& limits
    )
        : reader_(file, path), path_(&path), limits_(&limits) {}

    std::vector<Tensor> tensors() {
        const json header = read_json();
        const std::uint64_t begin = reader_.offset();
        const std::span<const std::byte> data =
            reader_.take_bytes(reader_.remaining(), "the tensors");
        std::vector<Tensor> tensors;
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") {
                judge_metadata(entry);
                continue;
            }
            Tensor tensor = read_entry(name, entry, data);
            tensor.offset += begin;
            tensors.push_back(std::move(tensor));
        }
        std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
            return std::tuple{a.offset, a.bytes.size(), std::string_view{a.name}}
                   < std::tuple{b.offset, b.bytes.size(), std::string_view{b.name}};
        });
        judge_cover(tensors, begin, begin + data.size());
        return tensors;
    }

private:
    static constexpr std::uint64_t header_offset = 8;

    json read_json() {
        const auto size = reader_.take<std::uint64_t>("header size");
        if (size > limits_->header_bytes) {
            reader_.fail_at(
                0,
                "a header of " + std::to_string(limits_->header_bytes) + " bytes at most",
                "one of " + std::to_string(size)
            );
        }
        const std::span<const std::byte> bytes = reader_.take_bytes(size, "header");
        const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        if (!text.starts_with('{')) {
            reader_.fail_at(header_offset, "a header that begins with '{'", shown(text, 8));
        }
        // each tensor is an object of three values, two of them lists
        const std::size_t values = limits_->tensors * (6 + limits_->dimensions);
        json header =
            detail::parse_bounded_json(text, *path_, header_offset, {.depth = 4, .values = values});
        if (header.size() > limits_->tensors + (header.contains("__metadata__") ? 1 : 0)) {
            fail(
                std::to_string(limits_->tensors) + " tensors at most", std::to_string(header.size())
            );
        }
        return header;
    }

    void judge_metadata(const json& entry) const {
        const auto is_text = [](const json& value) {
            return value.is_string();
        };
        if (!entry.is_object() || !std::all_of(entry.begin(), entry.end(), is_text)) {
            fail("'__metadata__' to map names to strings", "something else");
        }
    }

    Tensor read_entry(const std::string& name, const json& entry, std::span<const std::byte> data)
        const {
        const std::string of = " of tensor " + shown(name);
        if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string()) {
            fail("a dtype" + of, "none");
        }
        Tensor tensor{.name = name, .dtype = entry["dtype"].get<std::string>()};
        tensor.shape = numbers(entry, "shape", of);
        const std::vector<std::uint64_t> range = numbers(entry, "data_offsets", of);
        if (entry.size() != 3) {
            fail(
                "dtype, shape and data_offsets alone" + of, std::to_string(entry.size()) + " keys"
            );
        }
        if (range.size() != 2 || range[0] > range[1] || range[1] > data.size()) {
            fail(
                "data_offsets" + of + " that begin, end and lie within "
                    + std::to_string(data.size()) + " bytes",
                range.size() == 2 ? std::to_string(range[0]) + " and " + std::to_string(range[1])
                                  : std::to_string(range.size()) + " numbers"
            );
        }
        tensor.offset = range[0];
        tensor.bytes = data.subspan(range[0], range[1] - range[0]);
        if (const Dtype* dtype = dtype_named(tensor.dtype)) {
            tensor.element_type = dtype->type;
            judge_size(tensor, dtype->bytes, of);
        }
        return tensor;
    }

    std::vector<std::uint64_t> numbers(const json& entry, const char* key, const std::string& of)
        const {
        const auto found = entry.find(key);
        const auto is_size = [](const json& value) {
            return value.is_number_unsigned();
        };
        if (found == entry.end() || !found->is_array()
            || !std::all_of(found->begin(), found->end(), is_size)) {
            fail(std::string{key} + of + " to be a list of sizes", "something else");
        }
        if (found->size() > limits_->dimensions) {
            fail(
                std::to_string(limits_->dimensions) + " dimensions" + of + " at most",
                std::to_string(found->size())
            );
        }
        return found->get<std::vector<std::uint64_t>>();
    }

    void judge_size(const Tensor& tensor, std::size_t element_bytes, const std::string& of) const {
        std::uint64_t bytes = element_bytes;
        for (const std::uint64_t extent : tensor.shape) {
            if (__builtin_mul_overflow(bytes, extent, &bytes)) {
                fail("a shape" + of + " that fits into memory", "a product past 64 bits");
            }
        }
        if (bytes != tensor.bytes.size()) {
            fail(
                std::to_string(bytes) + " bytes" + of + " by its shape",
                std::to_string(tensor.bytes.size()) + " by its data_offsets"
            );
        }
    }

    /// Tensors follow one another from the first byte behind the header to the last of the file: bytes that none covers
    /// are another file's, or the rest of a longer one.
    void judge_cover(const std::vector<Tensor>& tensors, std::uint64_t begin, std::uint64_t end)
        const {
        std::uint64_t covered = begin;
        const Tensor* before = nullptr;
        for (const Tensor& tensor : tensors) {
            if (tensor.offset < covered) {
                fail(
                    "tensors apart from each other",
                    shown(before->name) + " and " + shown(tensor.name) + " overlapping"
                );
            }
            if (tensor.offset > covered) {
                refuse_gap(covered, tensor.offset, "before tensor " + shown(tensor.name));
            }
            covered += tensor.bytes.size();
            before = &tensor;
        }
        if (covered != end) {
            refuse_gap(covered, end, "at the end");
        }
    }

    [[noreturn]] void refuse_gap(std::uint64_t first, std::uint64_t last, const std::string& where)
        const {
        reader_.fail_at(
            first,
            "tensors that cover all bytes behind the header",
            std::to_string(last - first) + " bytes " + where + " that none covers"
        );
    }

    [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
        reader_.fail_at(header_offset, expected, found);
    }

    ByteReader reader_;
    const std::string* path_;
    const SafetensorsLimits* limits_;
};

}  // namespace

std::vector<Tensor> parse_safetensors(
    std::span<const std::byte> file,
    const std::string& path,
    const SafetensorsLimits& limits
) {
    return detail::naming_content(file, path, "safetensors", {}, [&] {
        return Header{file, path, limits}.tensors();
    });
}

const Tensor& tensor_named(
    std::span<const Tensor> tensors,
    std::string_view name,
    const std::string& path
) {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) {
        return tensor.name == name;
    });
    if (found == tensors.end()) {
        throw FormatError(
            ErrorCode::malformed,
            "expected a tensor " + shown(name) + ", found " + list_of_names(tensors),
            {.file = path}
        );
    }
    return *found;
}

ElementType element_type_of(const Tensor& tensor, const std::string& path) {
    if (!tensor.element_type) {
        throw FormatError(
            ErrorCode::malformed,
            "expected tensor " + shown(tensor.name)
                + " to be one of F16, F32, F64, I8, U8, I32, I64, found " + shown(tensor.dtype),
            {.file = path, .offset = static_cast<std::int64_t>(tensor.offset)}
        );
    }
    return *tensor.element_type;
}

std::string list_of_names(std::span<const Tensor> tensors) {
    constexpr std::size_t most = 10;
    std::string list;
    for (const Tensor& tensor : tensors.first(std::min(most, tensors.size()))) {
        list += (list.empty() ? "" : ", ") + shown(tensor.name);
    }
    if (tensors.size() > most) {
        list += " and " + std::to_string(tensors.size() - most) + " more";
    }
    return list.empty() ? "no tensors" : list;
}

}  // namespace kaygraph
