#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// Hashes by which bytes are known again: XXH3 (Collet, xxhash.com). They tell changes, not forgeries.
/// @par MPI Local.
/// @par Threads Any thread; an object by one at a time.

#pragma GCC visibility push(hidden)

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

/// A file is known again by the hash of its content: the XXH3-128 of those of its pieces of so many bytes, one behind the
/// other; that of its only piece where it has one. So pieces can be hashed by whoever reads them.
inline constexpr std::uint64_t content_piece_bytes = std::uint64_t{256} << 10U;

/// Returns the hash of a content by those of its pieces.
[[nodiscard]] KAYGRAPH_EXPORT Hash128 content_hash(std::span<const Hash128> pieces);
/// Returns the hash of a file's content, read from its start to its end. `between` is called before each piece, and may throw
/// to end that.
[[nodiscard]] KAYGRAPH_EXPORT Hash128
content_hash(FileSystem& files, const std::string& path, const std::function<void()>& between = {});

/// The hash of a content that comes in order.
class KAYGRAPH_EXPORT ContentHasher {
public:
    void add(std::span<const std::byte> bytes);
    /// Returns the hash of all that was added, and begins anew.
    [[nodiscard]] Hash128 take();

private:
    Hasher piece_;
    std::uint64_t piece_bytes_ = 0;  // that it holds
    std::vector<Hash128> pieces_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
