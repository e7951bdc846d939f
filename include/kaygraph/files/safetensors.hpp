#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kaygraph {

/// A tensor of a safetensors file. Its elements lie in C order, at any address.
struct Tensor {
    std::string name;
    std::string type_name;            ///< as the file says: "F32"
    std::optional<ElementType> type;  ///< nothing for a type that is not known here
    std::vector<std::uint64_t> shape;
    std::span<const std::byte> bytes;
};

/// Returns the tensors of a file, in the order of their bytes.
///
/// Source: the format's description in huggingface/safetensors, README. Stricter than it must be: a header of
/// at most 16 MiB, at most 10,000 tensors, no name twice, ranges that neither overlap nor leave the file, sizes
/// that are those of shape and type.
/// @throws FormatError with `path` and offset.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<Tensor> parse_safetensors(
    std::span<const std::byte> file,
    const std::string& path
);

/// Returns the tensor of a name, or null.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT const Tensor* find_tensor(
    std::span<const Tensor> tensors,
    const std::string& name
) noexcept;

}  // namespace kaygraph
