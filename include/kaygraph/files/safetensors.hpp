#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The tensors of a safetensors file: u64 N, N bytes of JSON, then the elements in C order, little-endian,
/// not aligned. Everything the header says is compared with the bytes that are there.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// One tensor; its bytes are those of the file and live as long as they do.
struct Tensor {
    std::string name = {};
    std::string dtype = {};                        ///< as the file says it, "F32"
    std::optional<ElementType> element_type = {};  ///< none for a dtype that kaygraph does not read
    std::vector<std::uint64_t> shape = {};
    std::span<const std::byte> bytes = {};
    std::uint64_t offset = 0;  ///< of its bytes in the file
};

struct SafetensorsLimits {
    std::uint64_t header_bytes = 16'000'000;
    std::size_t tensors = 10'000;
    std::size_t dimensions = 32;
};

/// Returns the tensors in the order of their bytes. `path` names the file in errors.
/// @throws FormatError for a header past the limits or past the end, what is no JSON, two tensors of one name,
/// ranges outside the file or overlapping, bytes that no tensor covers, and sizes that do not follow from dtype and shape.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<Tensor> parse_safetensors(
    std::span<const std::byte> file,
    const std::string& path,
    const SafetensorsLimits& limits = {}
);

/// Returns the tensor of a name. @throws FormatError that lists the names there are.
[[nodiscard]] KAYGRAPH_EXPORT const Tensor& tensor_named(
    std::span<const Tensor> tensors,
    std::string_view name,
    const std::string& path
);

/// Returns the tensor's element type. @throws FormatError that names a dtype that is not read.
[[nodiscard]] KAYGRAPH_EXPORT ElementType
element_type_of(const Tensor& tensor, const std::string& path);

/// Returns names in quotes, a comma between them, for messages: the first few, then how many more.
[[nodiscard]] KAYGRAPH_EXPORT std::string list_of_names(std::span<const Tensor> tensors);

}  // namespace kaygraph

#pragma GCC visibility pop
