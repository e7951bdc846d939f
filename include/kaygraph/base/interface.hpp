#pragma once

#include <kaygraph/base/export.hpp>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Base of classes that are used through a pointer to their base: neither copied nor moved.
/// @par MPI Local.
/// @par Threads As the class that derives from it.
class KAYGRAPH_EXPORT Interface {
public:
    Interface() = default;
    Interface(const Interface&) = delete;
    Interface& operator=(const Interface&) = delete;
    virtual ~Interface() = default;
};

}  // namespace kaygraph

#pragma GCC visibility pop
