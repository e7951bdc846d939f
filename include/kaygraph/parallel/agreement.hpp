#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// How ranks agree on what happened: all go on, or all throw the same error. User code never runs
/// between two matching collective calls, so no rank waits for one that has thrown. A rank that has the
/// exception agreed on throws that; the others throw what stands for it (`base/error.hpp`).
/// @par MPI `agree` is collective over the communicator, the rest is local.
/// @par Threads As the communicator.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What went wrong on a rank, so that it can travel.
struct KAYGRAPH_EXPORT RankFailure {
    int rank = 0;
    int order = 0;  ///< of its phase: of several failures the earliest phase counts
    ErrorCode code = ErrorCode::unknown;
    std::int64_t item = -1;  ///< global item index; -1: not an item of a batch
    int attempts = 0;        ///< attempts made; 0: not an attempt
    std::string node = {};   ///< path of the node
    std::string phase = {};
    std::string type = {};      ///< of the original exception
    std::string message = {};   ///< its what()
    ErrorTypes types = {};      ///< what it can be caught as
    ErrorContext context = {};  ///< of an Error: the place that it names itself

    static auto codec(auto& self) {
        return std::tie(
            self.rank,
            self.order,
            self.code,
            self.item,
            self.attempts,
            self.node,
            self.phase,
            self.type,
            self.message,
            self.types,
            self.context
        );
    }
};

/// Fills code, message, types and context from an exception; the message is cut at 4 KiB.
[[nodiscard]] KAYGRAPH_EXPORT RankFailure describe_failure(const std::exception_ptr& error);

/// Stands for an exception that ranks agreed on, on those that do not have it, if it is none of the
/// library's own classes. Its text is that of the original, so that all ranks say the same.
class KAYGRAPH_EXPORT DistributedError : public OpaqueError {
public:
    /// `others` are failures of further ranks; rank 0 has up to 16.
    explicit DistributedError(RankFailure failure, std::vector<RankFailure> others = {});

    /// The rank, phase, attempt, type and text of the error that all ranks agreed on.
    [[nodiscard]] const RankFailure& failure() const noexcept { return what_->failure; }
    [[nodiscard]] int rank() const noexcept { return failure().rank; }
    [[nodiscard]] const std::vector<RankFailure>& others() const noexcept { return what_->others; }

private:
    struct What {
        RankFailure failure;
        std::vector<RankFailure> others;
    };
    std::shared_ptr<const What> what_;  // shared: copying an exception may not throw
};

/// What a rank brings to an agreement.
struct AgreementPart {
    std::optional<RankFailure> failure = {};
    std::span<const std::uint64_t> equal = {};  ///< values that must be the same on all ranks
};

/// What came out, the same on all ranks.
struct Agreement {
    std::optional<RankFailure> failure = {};  ///< the winner
    std::vector<RankFailure> others = {};     ///< on rank 0: failures of further ranks, at most 16
    std::optional<std::size_t> differs = {};  ///< the first value that is not the same everywhere
};

/// Collective over the communicator. Costs one small allreduce where all is well.
[[nodiscard]] KAYGRAPH_EXPORT Agreement agree(Communicator& ranks, const AgreementPart& part);

/// Returns the exception of an agreement on this rank; null where nothing failed. It is `own`, this rank's
/// exception, where that is the one agreed on: thrown here, or on all ranks alike. Otherwise it is the
/// library's class that it was, or a DistributedError, with `own` nested inside.
[[nodiscard]] KAYGRAPH_EXPORT std::exception_ptr error_of(
    const Agreement& agreed,
    const AgreementPart& part,
    const std::exception_ptr& own
);

/// Returns what() of an exception with phase, node, item and rank after it, if it is the last one that the
/// ranks agreed on: the same text on all of them.
[[nodiscard]] KAYGRAPH_EXPORT std::string text_with_place(
    const std::exception& error,
    const Runtime& ranks
);

}  // namespace kaygraph

#pragma GCC visibility pop
