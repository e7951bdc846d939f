#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// Hashes by which bytes are known again: XXH3 (Collet, xxhash.com). They tell changes, not forgeries.
/// @par MPI Local.
/// @par Threads Any thread; an object by one at a time.

namespace kaygraph {

/// XXH3-128 of some bytes, the low half first.
struct Hash128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Hash128&, const Hash128&) = default;
    static auto codec(auto& self) { return std::tie(self.low, self.high); }
};

[[nodiscard]] KAYGRAPH_EXPORT Hash128 hash128(std::span<const std::byte> bytes) noexcept;
[[nodiscard]] KAYGRAPH_EXPORT std::uint64_t hash64(std::span<const std::byte> bytes) noexcept;
/// Returns 32 hexadecimal digits, the high half first.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_string(const Hash128& hash);

/// The XXH3-128 of bytes that come piece by piece: that of all of them at once.
class KAYGRAPH_EXPORT Hasher {
public:
    Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    ~Hasher();

    void add(std::span<const std::byte> bytes);
    /// Adds bytes that are zero.
    void add_zeros(std::uint64_t n);
    /// Returns the hash of all that was added since the last call, or since it was made, and begins anew.
    [[nodiscard]] Hash128 take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kaygraph
