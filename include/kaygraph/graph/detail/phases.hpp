#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/store.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

/// @file
/// The engine's view of a node. The engine (compiled) drives; the typed side (templates) only calls the
/// user's phases and keeps what flows between them.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// One visit: the engine's state, opaque here.
class Visit;

/// A number with the name of what it counts.
struct NamedNumber {
    std::string_view name = {};
    std::uint64_t value = 0;
};

/// The phases of one visit. An object of it lives as long as the visit.
class KAYGRAPH_EXPORT Phases : public Interface {
public:
    virtual void before_prep(const Store& /*store*/, const Context& /*context*/) {}
    virtual void prep(const Store& /*store*/, const Context& /*context*/) {}
    /// The whole exec phase: validation, attempts, fallback; a batch; a walk.
    virtual void exec(Visit& /*visit*/) {}
    virtual void after_exec(const Store& /*store*/, const Context& /*context*/) {}
    virtual Action post(Store& /*store*/, const Context& /*context*/) { return {}; }
    // ---- on several ranks
    /// True where exec is spread over the ranks.
    [[nodiscard]] virtual bool is_spread() const noexcept { return false; }
    /// What prep made, as a number, which must be the same on all ranks.
    [[nodiscard]] virtual NamedNumber agreed_number() const { return {}; }
    /// True where prep and exec run on rank 0 only, and what they made travels.
    [[nodiscard]] virtual bool is_at_root() const noexcept { return false; }
    virtual std::vector<std::byte> encode_flow() { return {}; }
    virtual void decode_flow(std::span<const std::byte> /*bytes*/) {}

    /// True drops the error.
    virtual bool on_error(
        Store& /*store*/,
        const std::exception& /*error*/,
        const Context& /*context*/
    ) {
        return false;
    }
};

/// Something that is tried: the exec of a node, or an item.
class KAYGRAPH_EXPORT Attempts : public Interface {
public:
    virtual void attempt(const Context& context) = 0;
    [[nodiscard]] virtual bool has_fallback() const noexcept { return false; }
    virtual void fallback(const std::exception& /*error*/, const Context& /*context*/) {}
};

/// The context of a visit, outside of items.
KAYGRAPH_EXPORT const Context& context_of(const Visit& visit) noexcept;

/// Tries until it succeeds, with retries and fallback. @throws the last error, as it was.
KAYGRAPH_EXPORT void run_attempts(Visit& visit, const Retry& retry, Attempts& attempts);

/// Runs a visit from its first hook to its action: the one function that does.
KAYGRAPH_EXPORT Action run_visit(Visit& visit, Phases& phases);

}  // namespace kaygraph::detail

#pragma GCC visibility pop
