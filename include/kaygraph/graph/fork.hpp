#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/graph/detail/stored_value.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

/// @file
/// Branches that work side by side and are joined again. Each branch is the walk that starts at its
/// node and ends where that has no successor. It sees the store as it was at the fork plus its own
/// writes; at the join the writes of all are united. A key that two branches wrote is an error, unless a
/// reducer was declared for it. What comes out does not depend on timing.
/// @par MPI Local.
/// @par Threads Values.

#pragma GCC visibility push(hidden)

namespace kaygraph {

class KAYGRAPH_EXPORT NodeHandle;

/// How the values that several branches wrote under one key become one.
struct Reducer {
    std::string key;
    /// Folds a later branch's value into what earlier ones made; null where a value has another type.
    std::function<detail::ValuePtr(const detail::ValuePtr&, const detail::ValuePtr&)> fold;
    std::string_view type_name;
};

/// Makes a reducer for values of type T: `fold(T so_far, const T& next) -> T`, over the branches that
/// wrote the key, in their declared order. Each branch started from the value before the fork, so what
/// is to be summed is best written under a key of its own.
template <class T, class F>
[[nodiscard]] Reducer reducer(const std::string& key, F fold) {
    return {
        .key = key,
        .fold = [fold = std::move(fold)](
                    const detail::ValuePtr& so_far, const detail::ValuePtr& next
                ) -> detail::ValuePtr {
            const T* a = so_far.peek<T>();
            const T* b = next.peek<T>();
            return a == nullptr || b == nullptr ? detail::ValuePtr{}
                                                : detail::make_value<T>(fold(*a, *b));
        },
        .type_name = type_name<T>()};
}

/// Branches that are not wired yet.
class KAYGRAPH_EXPORT Fork {
public:
    explicit Fork(std::vector<NodeHandle> branches);
    Fork(const Fork&);
    Fork(Fork&&) noexcept;
    Fork& operator=(const Fork&);
    Fork& operator=(Fork&&) noexcept;
    ~Fork();

    /// Declares how a key that several branches write becomes one value.
    Fork& with(Reducer reducer) &;
    Fork&& with(Reducer reducer) &&;

    /// Names the fork, for reports and drawings; else it is "fork(a, b)" after its branches.
    Fork& named(std::string name) &;
    Fork&& named(std::string name) &&;

    [[nodiscard]] const std::vector<NodeHandle>& branches() const noexcept { return branches_; }
    [[nodiscard]] const std::vector<Reducer>& reducers() const noexcept { return reducers_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    std::vector<NodeHandle> branches_;
    std::vector<Reducer> reducers_;
    std::string name_;
};

/// Makes a fork of the branches that start at these nodes: `a >> kg::fork(b, c, d) >> e`.
template <class... Handles>
[[nodiscard]] Fork fork(const Handles&... branches);

}  // namespace kaygraph

#pragma GCC visibility pop
