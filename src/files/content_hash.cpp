#include "files/hash_levels.hpp"

#include <kaygraph/files/content_hash.hpp>

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): the name that xxhash asks for
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace kaygraph {
#ifdef KAYGRAPH_HASH_AVX2
namespace {

bool has_avx2() noexcept {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

}  // namespace
#endif

Hash128 hash128(std::span<const std::byte> bytes) noexcept {
#ifdef KAYGRAPH_HASH_AVX2
    if (has_avx2() && bytes.size() > 1024) {
        const detail::HashHalves hash = detail::hash128_avx2(bytes.data(), bytes.size());
        return {hash.low, hash.high};
    }
#endif
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.low64, hash.high64};
}

std::uint64_t hash64(std::span<const std::byte> bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::string to_string(const Hash128& hash) {
    std::string text;
    for (const std::uint64_t half : {hash.high, hash.low}) {
        for (unsigned shift = 64; shift > 0; shift -= 4) {
            text += "0123456789abcdef"[half >> (shift - 4) & 15U];
        }
    }
    return text;
}

struct Hasher::State {
    XXH3_state_t state;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
    static_cast<void>(XXH3_128bits_reset(&state_->state));
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::add(std::span<const std::byte> bytes) {
#ifdef KAYGRAPH_HASH_AVX2
    if (has_avx2()) {
        detail::add_to_hash_avx2(&state_->state, bytes.data(), bytes.size());
        return;
    }
#endif
    static_cast<void>(XXH3_128bits_update(&state_->state, bytes.data(), bytes.size()));
}

void Hasher::add_zeros(std::uint64_t n) {
    constexpr std::array<std::byte, 4096> zeros{};
    for (; n != 0; n -= std::min<std::uint64_t>(n, zeros.size())) {
        add(std::span{zeros}.first(static_cast<std::size_t>(std::min<std::uint64_t>(n, zeros.size())
        )));
    }
}

Hash128 Hasher::take() {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_->state);
    static_cast<void>(XXH3_128bits_reset(&state_->state));
    return {hash.low64, hash.high64};
}

Hash128 content_hash(std::span<const Hash128> pieces) {
    if (pieces.size() == 1) {
        return pieces.front();
    }
    Hasher all;
    for (const Hash128& piece : pieces) {
        const std::array halves{piece.low, piece.high};
        all.add(std::as_bytes(std::span{halves}));
    }
    return all.take();
}

Hash128 content_hash(
    FileSystem& files,
    const std::string& path,
    const std::function<void()>& between
) {
    const std::unique_ptr<File> file = files.open(path, OpenMode::read);
    std::vector<std::byte> room(content_piece_bytes);
    std::vector<Hash128> pieces;
    for (std::uint64_t at = 0;;) {
        if (between) {
            between();
        }
        const std::size_t n = file->read_at(at, room);
        if (n != 0) {
            pieces.push_back(hash128(std::span{room}.first(n)));
        }
        if (n < room.size()) {
            return content_hash(pieces);
        }
        at += n;
    }
}

void ContentHasher::add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto n = static_cast<std::size_t>(
            std::min<std::uint64_t>(bytes.size(), content_piece_bytes - piece_bytes_)
        );
        piece_.add(bytes.first(n));
        piece_bytes_ += n;
        bytes = bytes.subspan(n);
        if (piece_bytes_ == content_piece_bytes) {
            pieces_.push_back(piece_.take());
            piece_bytes_ = 0;
        }
    }
}

Hash128 ContentHasher::take() {
    if (piece_bytes_ != 0) {
        pieces_.push_back(piece_.take());
        piece_bytes_ = 0;
    }
    const Hash128 hash = content_hash(pieces_);
    pieces_.clear();
    return hash;
}

}  // namespace kaygraph
