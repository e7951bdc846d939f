#include "files/npy_head.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/safetensors.hpp>

namespace kaygraph {
namespace {

constexpr std::uint64_t most_cols = 65'536;

std::string shape_text(const MatrixInfo& info) {
    return std::to_string(info.rows) + " x " + std::to_string(info.cols) + " "
           + std::string{to_string(info.type)};
}

/// u32 rows, u32 cols, elements.
MatrixInfo parse_bin(ByteReader& reader, MatrixFormat format, ElementType type) {
    const auto rows = reader.take<std::uint32_t>("the number of rows");
    const auto cols = reader.take<std::uint32_t>("the number of columns");
    return {
        .format = format, .type = type, .rows = rows, .cols = cols, .data_offset = reader.offset()};
}

/// Each row i32 cols, elements. The number of rows follows from the size of the file.
MatrixInfo parse_vecs(ByteReader& reader, MatrixFormat format, ElementType type) {
    MatrixInfo info{.format = format, .type = type, .data_offset = sizeof(std::int32_t)};
    if (reader.remaining() == 0) {
        return info;
    }
    const std::size_t bytes = reader.remaining();
    const auto cols = reader.take<std::int32_t>("the length of the first row");
    if (cols < 1 || static_cast<std::uint64_t>(cols) > most_cols) {
        reader.fail_at(0, "a row of 1 to 65,536 elements", std::to_string(cols));
    }
    info.cols = static_cast<std::uint64_t>(cols);
    info.row_stride = sizeof(std::int32_t) + info.cols * size_of(type);
    if (bytes % info.row_stride != 0) {
        reader.fail_at(
            bytes - bytes % info.row_stride,
            "rows of " + std::to_string(info.row_stride) + " bytes",
            std::to_string(bytes % info.row_stride) + " bytes at the end"
        );
    }
    info.rows = bytes / info.row_stride;
    return info;
}

MatrixInfo parse_tensor(
    std::span<const std::byte> file,
    const std::string& path,
    const std::string& name
) {
    const std::vector<Tensor> tensors = parse_safetensors(file, path);
    const Tensor* chosen = nullptr;
    std::size_t n_matrices = 0;
    for (const Tensor& tensor : tensors) {
        const bool is_matrix = tensor.shape.size() == 1 || tensor.shape.size() == 2;
        if (is_matrix && (name.empty() || tensor.name == name)) {
            chosen = &tensor;
            ++n_matrices;
        }
    }
    if (n_matrices != 1) {
        throw ArgumentError(
            (name.empty() ? "name the tensor that is wanted" : "there is no matrix '" + name + "'")
                + std::string{"; there are "} + list_of_names(tensors),
            {.file = path}
        );
    }
    return {
        .format = MatrixFormat::safetensors,
        .type = element_type_of(*chosen, path),
        .rows = chosen->shape[0],
        .cols = chosen->shape.size() == 2 ? chosen->shape[1] : 1,
        .data_offset = chosen->offset};
}

MatrixInfo parse_any(
    std::span<const std::byte> file,
    MatrixFormat format,
    const std::string& path,
    const std::string& tensor
) {
    ByteReader reader{file, path};
    switch (format) {
        case MatrixFormat::npy:
            return detail::parse_npy_head(file, path);
        case MatrixFormat::fbin:
            return parse_bin(reader, format, ElementType::f32);
        case MatrixFormat::u8bin:
            return parse_bin(reader, format, ElementType::u8);
        case MatrixFormat::i8bin:
            return parse_bin(reader, format, ElementType::i8);
        case MatrixFormat::ibin:
            return parse_bin(reader, format, ElementType::i32);
        case MatrixFormat::fvecs:
            return parse_vecs(reader, format, ElementType::f32);
        case MatrixFormat::bvecs:
            return parse_vecs(reader, format, ElementType::u8);
        case MatrixFormat::ivecs:
            return parse_vecs(reader, format, ElementType::i32);
        case MatrixFormat::safetensors:
            return parse_tensor(file, path, tensor);
        case MatrixFormat::text:
            break;
    }
    throw ArgumentError("text has no head", {.file = path});
}

}  // namespace

MatrixInfo parse_matrix_head(
    std::span<const std::byte> file,
    MatrixFormat format,
    const std::string& path,
    const std::string& tensor
) {
    MatrixInfo info = parse_any(file, format, path, tensor);
    const ByteReader reader{file, path};
    if (info.cols > most_cols || (info.cols == 0 && info.rows != 0)) {
        reader.fail_at(0, "1 to 65,536 columns", std::to_string(info.cols));
    }
    if (info.row_stride != 0 || info.format == MatrixFormat::fvecs
        || info.format == MatrixFormat::bvecs || info.format == MatrixFormat::ivecs) {
        return info;  // its rows follow from its size
    }
    const std::uint64_t row_bytes = info.cols * size_of(info.type);
    std::uint64_t bytes = 0;
    const std::uint64_t left = file.size() - info.data_offset;
    const bool is_part = info.format == MatrixFormat::safetensors;  // whose size has been checked
    if (__builtin_mul_overflow(info.rows, row_bytes, &bytes) || bytes > left
        || (!is_part && bytes != left)) {
        reader.fail_at(
            info.data_offset,
            std::to_string(info.rows) + " rows of " + std::to_string(row_bytes) + " bytes ("
                + shape_text(info) + ")",
            std::to_string(left) + " bytes"
        );
    }
    info.row_stride = info.is_fortran ? 0 : row_bytes;
    return info;
}

}  // namespace kaygraph
