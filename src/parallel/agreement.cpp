#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace kaygraph {
namespace {

constexpr std::size_t most_message_bytes = 4096;
constexpr std::size_t most_others = 16;
constexpr std::uint64_t no_failure = std::numeric_limits<std::uint64_t>::max();

/// A failure as a number, so that the least wins: 3 bits of phase, 41 of item, 20 of rank.
std::uint64_t key_of(const RankFailure& failure, int rank) {
    constexpr std::uint64_t most_items = (1ULL << 41U) - 1;
    const std::uint64_t item =
        failure.item < 0
            ? most_items
            : std::min<std::uint64_t>(static_cast<std::uint64_t>(failure.item), most_items);
    return (static_cast<std::uint64_t>(failure.order & 7) << 61U) | (item << 20U)
           | (static_cast<std::uint64_t>(rank) & 0xfffffU);
}

int rank_in(std::uint64_t key) {
    return static_cast<int>(key & 0xfffffU);
}

/// The exception's type as a reader of C++ writes it. Source: Itanium C++ ABI, section 3.4.
std::string demangled(const std::type_info* type) {
    if (type == nullptr) {
        return "";
    }
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name{
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free};
    return status == 0 ? name.get() : type->name();
}

std::string text_of(const RankFailure& failure) {
    std::string text = failure.message;
    if (!failure.phase.empty()) {
        text += " [" + failure.phase + (failure.node.empty() ? "" : " of '" + failure.node + "'");
        text += failure.item < 0 ? "" : ", item " + std::to_string(failure.item);
        text += ", rank " + std::to_string(failure.rank) + "]";
    }
    return text;
}

}  // namespace

RankFailure describe_failure(const std::exception_ptr& error) {
    const Failure described = describe(error);
    RankFailure failure{.code = described.code, .message = described.message};
    try {
        std::rethrow_exception(error);
    } catch (const DistributedError& distributed) {
        return distributed.failure();
    } catch (...) {
        failure.type = demangled(abi::__cxa_current_exception_type());
    }
    if (failure.message.size() > most_message_bytes) {
        failure.message.resize(most_message_bytes);
    }
    return failure;
}

DistributedError::DistributedError(RankFailure failure, std::vector<RankFailure> others)
    : Error(failure.code, text_of(failure)),
      what_(std::make_shared<What>(What{std::move(failure), std::move(others)})) {}

Agreement agree(Communicator& ranks, const AgreementPart& part) {
    std::vector<std::uint64_t> words{
        part.failure ? key_of(*part.failure, ranks.rank()) : no_failure};
    for (const std::uint64_t value : part.equal) {
        words.push_back(value);
        words.push_back(~value);  // the least of these is the complement of the greatest value
    }
    ranks.allreduce_min(words);

    Agreement agreed;
    for (std::size_t i = 0; i < part.equal.size() && !agreed.differs; ++i) {
        if (words[2 * i + 1] != ~words[2 * i + 2]) {
            agreed.differs = i;
        }
    }
    if (words[0] == no_failure) {
        return agreed;
    }
    const int winner = rank_in(words[0]);
    std::vector<std::byte> own;
    if (part.failure) {
        own = encode(*part.failure);
    }
    agreed.failure = decode<RankFailure>(ranks.broadcast(own, winner));
    for (const std::vector<std::byte>& bytes : ranks.gather(own)) {
        if (!bytes.empty() && agreed.others.size() < most_others) {
            RankFailure other = decode<RankFailure>(bytes);
            if (other.rank != agreed.failure->rank) {
                agreed.others.push_back(std::move(other));
            }
        }
    }
    return agreed;
}

void raise_agreed(
    const RankFailure& failure,
    std::vector<RankFailure> others,
    const std::exception_ptr& own
) {
    if (failure.code == ErrorCode::stopped) {
        if (own) {
            try {
                std::rethrow_exception(own);
            } catch (const Stopped&) {
                throw;
            } catch (...) {  // another error of this rank, which came later
            }
        }
        throw Stopped(failure.message);
    }
    if (!own) {
        throw DistributedError{failure, std::move(others)};
    }
    const DistributedError error{failure, std::move(others)};
    try {
        std::rethrow_exception(own);
    } catch (const DistributedError& same) {
        if (same.what() == std::string_view{error.what()}) {
            throw;
        }
        std::throw_with_nested(error);
    } catch (...) {
        std::throw_with_nested(error);
    }
}

std::exception_ptr error_of(const Agreement& agreed, const std::exception_ptr& own) {
    if (!agreed.failure) {
        return nullptr;
    }
    return caught([&] { raise_agreed(*agreed.failure, agreed.others, own); });
}

}  // namespace kaygraph
