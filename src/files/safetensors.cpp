#include "files/bounded_json.hpp"

#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/files/safetensors.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace kaygraph {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t largest_header = std::uint64_t{16} << 20U;
constexpr std::size_t most_tensors = 10'000;
constexpr std::size_t most_dimensions = 32;

struct KnownType {
    std::string_view name;
    ElementType type;
};
constexpr std::array<KnownType, 7> known_types{
    {{"F16", ElementType::f16},
     {"F32", ElementType::f32},
     {"F64", ElementType::f64},
     {"I8", ElementType::i8},
     {"U8", ElementType::u8},
     {"I32", ElementType::i32},
     {"I64", ElementType::i64}}};

std::optional<ElementType> type_of(std::string_view name) {
    for (const KnownType& known : known_types) {
        if (known.name == name) {
            return known.type;
        }
    }
    return {};
}

/// The parts of one file's header.
class Header {
public:
    Header(std::span<const std::byte> file, const std::string& path)
        : reader_(file, path), path_(path) {
        const auto length = reader_.take<std::uint64_t>("the length of the header");
        if (length > largest_header) {
            reader_.fail_at(0, "a header of at most 16 MiB", std::to_string(length) + " bytes");
        }
        const std::span<const std::byte> text = reader_.take_bytes(length, "the header");
        json_ = detail::parse_json(
            {reinterpret_cast<const char*>(text.data()), text.size()}, path, sizeof(length)
        );
        data_ = reader_.take_bytes(reader_.remaining(), "the tensors");
        if (!json_.is_object() || json_.size() > most_tensors) {
            fail("an object of at most 10,000 tensors", "another header");
        }
    }

    std::vector<Tensor> tensors() const {
        std::vector<Tensor> tensors;
        for (const auto& [name, entry] : json_.items()) {
            if (name != "__metadata__") {
                tensors.push_back(tensor(name, entry));
            }
        }
        std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
            return std::pair{a.bytes.data(), a.bytes.size()}
                   < std::pair{b.bytes.data(), b.bytes.size()};
        });
        for (std::size_t i = 1; i < tensors.size(); ++i) {
            const std::span<const std::byte> before = tensors[i - 1].bytes;
            if (before.data() + before.size() > tensors[i].bytes.data()) {
                fail("tensors that do not overlap", "'" + tensors[i].name + "' in another one");
            }
        }
        return tensors;
    }

private:
    [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
        reader_.fail_at(sizeof(std::uint64_t), expected, found);
    }

    /// Returns a list of numbers that are not negative.
    std::vector<std::uint64_t> numbers(const std::string& name, const Json& entry, const char* key)
        const {
        std::vector<std::uint64_t> values;
        const auto list = entry.find(key);
        if (list == entry.end() || !list->is_array() || list->size() > most_dimensions) {
            fail("a list '" + std::string{key} + "' of the tensor '" + name + "'", "none");
        }
        for (const Json& value : *list) {
            if (!value.is_number_unsigned()) {
                fail("whole numbers in '" + std::string{key} + "' of '" + name + "'", value.dump());
            }
            values.push_back(value.get<std::uint64_t>());
        }
        return values;
    }

    Tensor tensor(const std::string& name, const Json& entry) const {
        if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string()) {
            fail("a dtype of the tensor '" + name + "'", "none");
        }
        Tensor tensor{
            .name = name,
            .type_name = entry["dtype"].get<std::string>(),
            .type = {},
            .shape = numbers(name, entry, "shape"),
            .bytes = {}};
        tensor.type = type_of(tensor.type_name);
        const std::vector<std::uint64_t> range = numbers(name, entry, "data_offsets");
        if (range.size() != 2 || range[0] > range[1] || range[1] > data_.size()) {
            fail(
                "the tensor '" + name + "' within the " + std::to_string(data_.size())
                    + " bytes of the file's data",
                entry["data_offsets"].dump()
            );
        }
        tensor.bytes = data_.subspan(range[0], range[1] - range[0]);
        if (tensor.type) {
            check_size(tensor);
        }
        return tensor;
    }

    void check_size(const Tensor& tensor) const {
        std::uint64_t bytes = size_of(*tensor.type);
        bool overflows = false;
        for (const std::uint64_t length : tensor.shape) {
            overflows = overflows || __builtin_mul_overflow(bytes, length, &bytes);
        }
        if (overflows || bytes != tensor.bytes.size()) {
            fail(
                "the bytes of shape and type of the tensor '" + tensor.name + "'",
                std::to_string(tensor.bytes.size())
            );
        }
    }

    ByteReader reader_;
    const std::string& path_;
    Json json_;
    std::span<const std::byte> data_;
};

}  // namespace

std::vector<Tensor> parse_safetensors(std::span<const std::byte> file, const std::string& path) {
    return Header{file, path}.tensors();
}

const Tensor* find_tensor(std::span<const Tensor> tensors, const std::string& name) noexcept {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) {
        return tensor.name == name;
    });
    return found == tensors.end() ? nullptr : &*found;
}

}  // namespace kaygraph
