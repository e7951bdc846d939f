#include "support/bytes.hpp"

#include <kaygraph/files/content_hash.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

std::vector<std::byte> some_bytes(std::size_t n) {
    std::vector<std::byte> bytes(n);
    for (std::size_t i = 0; i < n; ++i) {
        bytes[i] = static_cast<std::byte>(i * 7 % 251);
    }
    return bytes;
}

/// As xxhsum -H2 prints them, on every level of CPUs and for any place in memory.
TEST(Hash128, IsThatOfXxhash) {
    const auto hash_of = [](std::size_t n, std::size_t place) {
        std::vector<std::byte> bytes(place);
        const std::vector<std::byte> hashed = some_bytes(n);
        bytes.insert(bytes.end(), hashed.begin(), hashed.end());
        return to_string(hash128(std::span{bytes}.subspan(place)));
    };
    EXPECT_EQ(hash_of(0, 0), "99aa06d3014798d86001c324468d497f");
    EXPECT_EQ(hash_of(1024, 0), "07fe8eadab1cf098f22ef3dc84ff47ea");
    EXPECT_EQ(hash_of(1025, 1), "c89d767cdacc7c7643f869a83769a435");
    EXPECT_EQ(hash_of(100'000, 3), "70227b16fd5f74ef17a701075a95b432");
}

TEST(Hasher, TakesBytesInAnyPieces) {
    const std::vector<std::byte> bytes = some_bytes(100'000);
    for (const std::size_t piece : {1U, 7U, 255U, 256U, 1024U, 4097U, 99'999U}) {
        Hasher hasher;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            hasher.add(std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at)));
        }
        EXPECT_EQ(hasher.take(), hash128(bytes)) << piece;
        hasher.add(std::span{bytes}.first(10));  // it has begun anew
        EXPECT_EQ(hasher.take(), hash128(std::span{bytes}.first(10)));
    }
    Hasher zeros;
    zeros.add_zeros(10'000);
    EXPECT_EQ(zeros.take(), hash128(std::vector<std::byte>(10'000)));
}

TEST(ContentHash, IsTheSameHoweverItIsRead) {
    const test::Folder folder;
    constexpr std::size_t piece = content_piece_bytes;
    for (const std::size_t n :
         {std::size_t{0}, std::size_t{1}, piece - 1, piece, piece + 1, 3 * piece}) {
        const std::vector<std::byte> bytes = some_bytes(n);
        const std::string path = folder.write("a", bytes);
        std::vector<Hash128> pieces;
        for (std::size_t at = 0; at < n; at += piece) {
            pieces.push_back(hash128(std::span{bytes}.subspan(at, std::min(piece, n - at))));
        }
        const Hash128 hash = content_hash(pieces);
        EXPECT_EQ(content_hash(posix_files(), path), hash) << n;
        ContentHasher hasher;
        for (std::size_t at = 0; at < n; at += 70'000) {
            hasher.add(std::span{bytes}.subspan(at, std::min<std::size_t>(70'000, n - at)));
        }
        EXPECT_EQ(hasher.take(), hash) << n;
        if (n > 0 && n <= piece) {
            EXPECT_EQ(hash, hash128(bytes));
        }
    }
}

}  // namespace
}  // namespace kaygraph
