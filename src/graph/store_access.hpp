#pragma once

#include <kaygraph/graph/store.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kaygraph::detail {

/// One key that a copy of a store wrote, or erased where the value is null.
struct StoreWrite {
    std::string key;
    ValuePtr value;
};

/// What joins need and users do not: the writes of a copy. A value is written when it is another
/// object, whether or not it is equal.
struct StoreAccess {
    static std::vector<StoreWrite> writes_since(const Store& before, const Store& after);
    /// Returns a hash for each key, of those values that can be sent to other ranks.
    static std::map<std::string, std::uint64_t> hashes(const Store& store);
    /// Applies all writes or none: those that take room away first, so that a limit judges the outcome.
    static void apply(Store& store, std::vector<StoreWrite> writes);
};

}  // namespace kaygraph::detail
