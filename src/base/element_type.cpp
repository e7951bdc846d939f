#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/error.hpp>

#include <array>
#include <string>

namespace kaygraph {

std::string_view to_string(ElementType type) noexcept {
    switch (type) {
        case ElementType::f16:
            return "f16";
        case ElementType::f32:
            return "f32";
        case ElementType::f64:
            return "f64";
        case ElementType::i8:
            return "i8";
        case ElementType::u8:
            return "u8";
        case ElementType::i32:
            return "i32";
        case ElementType::i64:
            return "i64";
    }
    return "unknown";
}

ElementType parse_element_type(std::string_view name) {
    constexpr std::array all{
        ElementType::f16,
        ElementType::f32,
        ElementType::f64,
        ElementType::i8,
        ElementType::u8,
        ElementType::i32,
        ElementType::i64};
    std::string names;
    for (const ElementType type : all) {
        if (to_string(type) == name) {
            return type;
        }
        names.append(names.empty() ? "" : ", ").append(to_string(type));
    }
    throw ArgumentError(
        "expected a type of elements, one of " + names + ", found '" + std::string{name} + "'"
    );
}

}  // namespace kaygraph
