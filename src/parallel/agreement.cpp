#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <algorithm>
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

std::string with_place(const RankFailure& failure) {
    std::string text = failure.message;
    if (!failure.phase.empty()) {
        text += " [" + failure.phase + (failure.node.empty() ? "" : " of '" + failure.node + "'");
        text += failure.item < 0 ? "" : ", item " + std::to_string(failure.item);
        text += ", rank " + std::to_string(failure.rank) + "]";
    }
    return text;
}

/// True where two ranks failed alike: what this one has is what was agreed on.
bool is_same(const RankFailure& own, const RankFailure& agreed) {
    return own.order == agreed.order && own.item == agreed.item && own.code == agreed.code
           && own.types == agreed.types;
}

/// Throws what an agreed failure is on a rank that does not have it.
[[noreturn]] void raise_stand_in(
    const RankFailure& failure,
    const std::vector<RankFailure>& others
) {
    try {
        raise_again(failure.code, failure.message, failure.types, failure.context);
    } catch (const OpaqueError&) {
    }
    if (std::current_exception()) {
        std::throw_with_nested(DistributedError{failure, others});
    }
    throw DistributedError{failure, others};
}

}  // namespace

RankFailure describe_failure(const std::exception_ptr& error) {
    Failure described = describe(error);
    RankFailure failure{
        .code = described.code,
        .type = described.types.own_name(),
        .message = std::move(described.message),
        .types = std::move(described.types)};
    try {
        std::rethrow_exception(error);
    } catch (const DistributedError& distributed) {
        return distributed.failure();
    } catch (const Error& known) {
        failure.context = known.context();
    } catch (...) {  // has said all
    }
    if (failure.message.size() > most_message_bytes) {
        failure.message.resize(most_message_bytes);
    }
    return failure;
}

DistributedError::DistributedError(RankFailure failure, std::vector<RankFailure> others)
    : OpaqueError(
        failure.code,
        failure.message,
        failure.types,
        failure.types.has(typeid(Error)) ? failure.context
                                         : ErrorContext{.node = failure.node, .item = failure.item}
    ),
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
    ranks.note_failure(*agreed.failure);
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

std::exception_ptr error_of(
    const Agreement& agreed,
    const AgreementPart& part,
    const std::exception_ptr& own
) {
    if (!agreed.failure) {
        return nullptr;
    }
    if (own && part.failure && is_same(*part.failure, *agreed.failure)) {
        return own;
    }
    return caught([&] {
        try {
            if (own) {
                std::rethrow_exception(own);
            }
        } catch (...) {  // another error of this rank
            raise_stand_in(*agreed.failure, agreed.others);
        }
        raise_stand_in(*agreed.failure, agreed.others);
    });
}

std::string text_with_place(const std::exception& error, const Runtime& ranks) {
    const RankFailure* last =
        ranks.communicator() == nullptr ? nullptr : ranks.communicator()->last_failure();
    const std::string text = error.what() == nullptr ? "" : error.what();
    return last != nullptr && last->message == text ? with_place(*last) : text;
}

}  // namespace kaygraph
