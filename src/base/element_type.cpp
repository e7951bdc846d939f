#include <kaygraph/base/element_type.hpp>

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

}  // namespace kaygraph
