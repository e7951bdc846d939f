#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <array>

namespace kaygraph {
namespace {

struct Named {
    MatrixFormat format;
    std::string_view name;
};

constexpr std::array<Named, 10> formats{
    {{MatrixFormat::npy, "npy"},
     {MatrixFormat::fbin, "fbin"},
     {MatrixFormat::u8bin, "u8bin"},
     {MatrixFormat::i8bin, "i8bin"},
     {MatrixFormat::ibin, "ibin"},
     {MatrixFormat::fvecs, "fvecs"},
     {MatrixFormat::bvecs, "bvecs"},
     {MatrixFormat::ivecs, "ivecs"},
     {MatrixFormat::safetensors, "safetensors"},
     {MatrixFormat::text, "text"}}};

/// Returns what a file's name says, or no format.
const Named* of_ending(std::string_view ending) noexcept {
    for (const Named& named : formats) {
        if (named.name == ending) {
            return &named;
        }
    }
    const bool is_text = ending == "txt" || ending == "tsv" || ending == "csv";
    return is_text ? &formats.back() : nullptr;
}

}  // namespace

std::string_view to_string(MatrixFormat format) noexcept {
    for (const Named& named : formats) {
        if (named.format == format) {
            return named.name;
        }
    }
    return "unknown";
}

MatrixFormat parse_format(std::string_view name) {
    std::string names;
    for (const Named& named : formats) {
        if (named.name == name) {
            return named.format;
        }
        names += (names.empty() ? "" : ", ") + std::string{named.name};
    }
    throw ArgumentError(
        "there is no matrix format '" + std::string{name} + "'; there are " + names
    );
}

MatrixFormat format_of_path(const std::string& path) {
    const std::size_t point = path.rfind('.');
    const std::string_view ending =
        point == std::string::npos ? std::string_view{} : std::string_view{path}.substr(point + 1);
    if (const Named* named = of_ending(ending)) {
        return named->format;
    }
    throw ArgumentError(
        "expected the name of a matrix file, which ends with .npy, .fbin, .u8bin, .i8bin, .ibin, "
        ".fvecs, "
        ".bvecs, .ivecs, .safetensors, .txt, .tsv or .csv, or a format beside it",
        {.file = path}
    );
}

bool can_hold(MatrixFormat format, ElementType type) noexcept {
    switch (format) {
        case MatrixFormat::npy:
        case MatrixFormat::text:
            return true;
        case MatrixFormat::fbin:
        case MatrixFormat::fvecs:
            return type == ElementType::f32;
        case MatrixFormat::u8bin:
        case MatrixFormat::bvecs:
            return type == ElementType::u8;
        case MatrixFormat::i8bin:
            return type == ElementType::i8;
        case MatrixFormat::ibin:
        case MatrixFormat::ivecs:
            return type == ElementType::i32;
        case MatrixFormat::safetensors:
            return false;
    }
    return false;
}

}  // namespace kaygraph
