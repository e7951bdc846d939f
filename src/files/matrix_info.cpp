#include "files/known_content.hpp"
#include "files/matrix_size.hpp"
#include "files/npy_header.hpp"
#include "files/shown.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/files/matrix_info.hpp>
#include <kaygraph/files/safetensors.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace kaygraph {
namespace detail {

void require_exact_size(
    const ByteReader& left,
    std::uint64_t rows,
    std::uint64_t cols,
    std::uint64_t element_bytes
) {
    const std::string shape = std::to_string(rows) + " × " + std::to_string(cols);
    std::uint64_t bytes = 0;
    if (rows != 0 && cols == 0) {
        left.fail("rows of one column at least", shape);
    }
    if (rows == 0 && cols > max_matrix_columns) {  // no bytes stand behind these
        left.fail(std::to_string(max_matrix_columns) + " columns at most without any row", shape);
    }
    if (__builtin_mul_overflow(rows, cols, &bytes)
        || __builtin_mul_overflow(bytes, element_bytes, &bytes)) {
        left.fail("a matrix that fits into the file", shape);
    }
    if (bytes != left.remaining()) {
        left.fail(
            std::to_string(bytes) + " bytes for " + std::to_string(rows) + " rows of "
                + std::to_string(cols * element_bytes) + " bytes",
            std::to_string(left.remaining())
        );
    }
}

}  // namespace detail

namespace {

MatrixInfo read_bin_info(
    std::span<const std::byte> file,
    const std::string& path,
    MatrixFormat format,
    ElementType type
) {
    ByteReader reader{file, path};
    const auto rows = reader.take<std::uint32_t>("the number of rows");
    const auto cols = reader.take<std::uint32_t>("the number of columns");
    if (cols > max_matrix_columns) {
        reader.fail_at(
            4, std::to_string(max_matrix_columns) + " columns at most", std::to_string(cols)
        );
    }
    detail::require_exact_size(reader, rows, cols, size_of(type));
    return {
        .format = format,
        .type = type,
        .rows = rows,
        .cols = cols,
        .data_offset = reader.offset(),
        .row_stride = cols * size_of(type),
        .variant = std::string{to_string(format)}};
}

MatrixInfo read_vecs_info(
    std::span<const std::byte> file,
    const std::string& path,
    MatrixFormat format,
    ElementType type
) {
    MatrixInfo info{
        .format = format,
        .type = type,
        .data_offset = sizeof(std::int32_t),
        .variant = std::string{to_string(format)}};
    if (file.empty()) {
        return info;
    }
    ByteReader reader{file, path};
    const auto cols = reader.take<std::int32_t>("the number of columns");
    if (cols < 1 || static_cast<std::uint64_t>(cols) > max_matrix_columns) {
        reader.fail_at(
            0, "1 to " + std::to_string(max_matrix_columns) + " columns", std::to_string(cols)
        );
    }
    info.cols = static_cast<std::uint64_t>(cols);
    info.row_stride = sizeof(cols) + info.cols * size_of(type);
    info.rows = file.size() / info.row_stride;
    const std::uint64_t left_over = file.size() % info.row_stride;
    if (left_over != 0) {
        reader.fail_at(
            file.size() - left_over,
            "rows of " + std::to_string(info.row_stride) + " bytes each",
            std::to_string(left_over) + " bytes at the end"
        );
    }
    return info;
}

const Tensor& only_matrix(const std::vector<Tensor>& tensors, const std::string& path) {
    const auto is_matrix = [](const Tensor& tensor) {
        return tensor.shape.size() == 2;
    };
    const auto first = std::find_if(tensors.begin(), tensors.end(), is_matrix);
    if (first == tensors.end()
        || std::find_if(first + 1, tensors.end(), is_matrix) != tensors.end()) {
        throw FormatError(
            ErrorCode::malformed,
            "expected one tensor of two dimensions (or the name of a tensor), found "
                + list_of_names(tensors),
            {.file = path}
        );
    }
    return *first;
}

MatrixInfo read_safetensors_info(
    std::span<const std::byte> file,
    const std::string& path,
    const std::string& name
) {
    const std::vector<Tensor> tensors = parse_safetensors(file, path);
    const Tensor& tensor =
        name.empty() ? only_matrix(tensors, path) : tensor_named(tensors, name, path);
    const ElementType type = element_type_of(tensor, path);
    ByteReader reader{file.first(tensor.offset + tensor.bytes.size()), path};
    reader.take_bytes(tensor.offset, "the tensors before");
    if (tensor.shape.empty() || tensor.shape.size() > 2) {
        reader.fail(
            "one or two dimensions of tensor " + detail::shown(tensor.name),
            std::to_string(tensor.shape.size())
        );
    }
    const std::uint64_t cols = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
    detail::require_exact_size(reader, tensor.shape[0], cols, size_of(type));
    return {
        .format = MatrixFormat::safetensors,
        .type = type,
        .rows = tensor.shape[0],
        .cols = cols,
        .data_offset = tensor.offset,
        .row_stride = cols * size_of(type),
        .variant = "tensor " + detail::shown(tensor.name)};
}

MatrixInfo read_info(
    std::span<const std::byte> file,
    const std::string& path,
    MatrixFormat format,
    const std::string& tensor
) {
    switch (format) {
        case MatrixFormat::npy:
            return detail::parse_npy_header(file, path);
        case MatrixFormat::fbin:
        case MatrixFormat::u8bin:
        case MatrixFormat::i8bin:
        case MatrixFormat::ibin:
            return read_bin_info(file, path, format, *only_element_type(format));
        case MatrixFormat::fvecs:
        case MatrixFormat::bvecs:
        case MatrixFormat::ivecs:
            return read_vecs_info(file, path, format, *only_element_type(format));
        case MatrixFormat::safetensors:
            return read_safetensors_info(file, path, tensor);
        case MatrixFormat::text:
            break;
    }
    throw ArgumentError("a text matrix has no header", {.file = path});
}

}  // namespace

MatrixInfo read_matrix_info(
    std::span<const std::byte> file,
    const std::string& path,
    MatrixFormat format,
    const std::string& tensor
) {
    const bool is_npy = format == MatrixFormat::npy;
    return detail::naming_content(
        file,
        path,
        "a matrix of " + std::string{to_string(format)},
        is_npy ? std::optional{detail::ContentKind::npy} : std::nullopt,
        [&] { return read_info(file, path, format, tensor); }
    );
}

}  // namespace kaygraph
