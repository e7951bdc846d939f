// The types of exceptions, read from what the compiler keeps of them.
#include <kaygraph/base/error.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace kaygraph {
namespace {

/// A type of internal linkage has a star before its name.
std::string_view mangled(const std::type_info& type) noexcept {
    const std::string_view name = type.name();
    return name.starts_with('*') ? name.substr(1) : name;
}

/// What std::throw_with_nested wraps around an exception is nothing that anybody asks for.
bool is_wrapper(std::string_view name) noexcept {
    return name.starts_with("St17_Nested_exception") || name == "St16nested_exception";
}

void add_types(const std::type_info& type, std::string& names) {
    const std::string_view name = mangled(type);
    if (!is_wrapper(name)) {
        names.append(name).append("\n");
    }
    if (const auto* single = dynamic_cast<const abi::__si_class_type_info*>(&type)) {
        add_types(*single->__base_type, names);
    } else if (const auto* several = dynamic_cast<const abi::__vmi_class_type_info*>(&type)) {
        for (unsigned i = 0; i < several->__base_count; ++i) {
            const abi::__base_class_type_info& base = several->__base_info[i];
            if (base.__is_public_p()) {
                add_types(*base.__base_type, names);
            }
        }
    }
}

}  // namespace

ErrorTypes::ErrorTypes(const std::exception_ptr& error) {
    if (!error) {
        return;
    }
    try {
        std::rethrow_exception(error);
    } catch (const OpaqueError& opaque) {
        *this = opaque.types();
    } catch (...) {
        add_types(*abi::__cxa_current_exception_type(), names_);
    }
}

bool ErrorTypes::has(const std::type_info& type) const noexcept {
    const std::string_view wanted = mangled(type);
    std::string_view rest = names_;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (rest.substr(0, end) == wanted) {
            return true;
        }
        rest.remove_prefix(std::min(end, rest.size() - 1) + 1);
    }
    return false;
}

bool ErrorTypes::is_exactly(const std::type_info& type) const noexcept {
    const std::string_view names = names_;
    return names.substr(0, names.find('\n')) == mangled(type);
}

std::string ErrorTypes::own_name() const {
    const std::string name = names_.substr(0, names_.find('\n'));
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> readable{
        abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free};
    return status == 0 ? readable.get() : name;
}

}  // namespace kaygraph
