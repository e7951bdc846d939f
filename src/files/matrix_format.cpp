#include "files/shown.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <algorithm>
#include <array>

namespace kaygraph {
namespace {

struct Description {
    MatrixFormat format;
    std::string_view name;
    std::string_view extension;
    std::optional<ElementType> only_type;
};

constexpr std::array descriptions{
    Description{MatrixFormat::npy, "npy", ".npy", {}},
    Description{MatrixFormat::fbin, "fbin", ".fbin", ElementType::f32},
    Description{MatrixFormat::u8bin, "u8bin", ".u8bin", ElementType::u8},
    Description{MatrixFormat::i8bin, "i8bin", ".i8bin", ElementType::i8},
    Description{MatrixFormat::ibin, "ibin", ".ibin", ElementType::i32},
    Description{MatrixFormat::fvecs, "fvecs", ".fvecs", ElementType::f32},
    Description{MatrixFormat::bvecs, "bvecs", ".bvecs", ElementType::u8},
    Description{MatrixFormat::ivecs, "ivecs", ".ivecs", ElementType::i32},
    Description{MatrixFormat::safetensors, "safetensors", ".safetensors", {}},
    Description{MatrixFormat::text, "text", ".txt", {}},
};

/// Returns one column of the descriptions, a comma between its entries.
std::string list_of(std::string_view Description::*column) {
    std::string list;
    for (const Description& description : descriptions) {
        list += (list.empty() ? "" : ", ") + std::string{description.*column};
    }
    return list;
}

std::string extension_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    std::string extension{dot == std::string_view::npos ? std::string_view{} : name.substr(dot)};
    std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return extension;
}

}  // namespace

std::string_view to_string(MatrixFormat format) noexcept {
    for (const Description& description : descriptions) {
        if (description.format == format) {
            return description.name;
        }
    }
    return "unknown";
}

MatrixFormat parse_format(std::string_view name) {
    for (const Description& description : descriptions) {
        if (description.name == name) {
            return description.format;
        }
    }
    throw ArgumentError(
        "there is no matrix format " + detail::shown(name) + "; there are "
        + list_of(&Description::name)
    );
}

MatrixFormat format_of_path(std::string_view path) {
    const std::string extension = extension_of(path);
    for (const Description& description : descriptions) {
        if (description.extension == extension) {
            return description.format;
        }
    }
    std::string message = "the extension " + detail::shown(extension)
                          + " names no matrix format; give the format, or one of "
                          + list_of(&Description::extension);
    if (extension == ".bin") {
        message += " (.bin, ground truth of neighbours, is not supported yet)";
    }
    throw ArgumentError(message, {.file = std::string{path}});
}

std::optional<ElementType> only_element_type(MatrixFormat format) noexcept {
    for (const Description& description : descriptions) {
        if (description.format == format) {
            return description.only_type;
        }
    }
    return {};
}

bool can_hold(MatrixFormat format, ElementType type) noexcept {
    return only_element_type(format).value_or(type) == type;
}

std::string formats_for(ElementType type) {
    std::string list;
    for (const Description& description : descriptions) {
        if (description.format != MatrixFormat::safetensors && can_hold(description.format, type)) {
            list += (list.empty() ? "" : ", ") + std::string{description.name};
        }
    }
    return list;
}

}  // namespace kaygraph
