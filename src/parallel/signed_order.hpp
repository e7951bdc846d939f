#pragma once

#include <cstdint>

/// @file
/// Words for reductions of MPI, which are over signed types alone: Debian's MPICH 4.0.2 takes every unsigned type as
/// signed, Open MPI 4.1.4 takes MPI_UNSIGNED_LONG so.

namespace kaygraph::mpi {

inline constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;

/// Returns a number that compares, signed, as the word does without a sign.
constexpr std::int64_t to_signed_order(std::uint64_t word) noexcept {
    return static_cast<std::int64_t>(word ^ sign_bit);
}

/// Returns the word that to_signed_order made this number of.
constexpr std::uint64_t from_signed_order(std::int64_t number) noexcept {
    return static_cast<std::uint64_t>(number) ^ sign_bit;
}

}  // namespace kaygraph::mpi
