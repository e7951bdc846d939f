#pragma once

#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <typeinfo>
#include <vector>

/// @file
/// Tests on ranks: under mpirun every rank runs every test, on all ranks together; otherwise this process
/// runs them alone. What a test asks of a run must hold on every rank.

namespace kaygraph::test {

/// The ranks that run the tests.
[[nodiscard]] const Runtime& ranks();
[[nodiscard]] inline int n_ranks() {
    return ranks().size();
}
/// Called once by main.
void set_ranks(Runtime ranks);

/// Collective. What all ranks counted together; for side effects of items.
[[nodiscard]] std::uint64_t sum_over_ranks(std::uint64_t own);
/// Collective. What every rank says, by rank.
[[nodiscard]] std::vector<std::string> all_texts(const std::string& own);

/// Throws an exception of another rank as it was there, so that a test can ask for it by its type.
[[noreturn]] void raise_original(const DistributedError& error);

/// Makes exceptions of a type E known to raise_original; E is made from its what().
using RaiseAnew = void (*)(const RankFailure&);
void know_exception(const std::type_info& type, RaiseAnew raise);
template <class E>
void know_exception() {
    know_exception(typeid(E), [](const RankFailure& failure) { throw E(failure.message); });
}

/// Collective. Runs a graph, or a node alone, on the ranks of the tests.
template <class Runnable>
RunReport run(const Runnable& graph, Store& shared, RunOptions options = {}) {
    options.ranks = ranks();
    try {
        return graph.run(shared, options);
    } catch (const DistributedError& error) {
        raise_original(error);
    }
}

}  // namespace kaygraph::test
