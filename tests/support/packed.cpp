#include "support/packed.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <stdexcept>

namespace kaygraph::test {
namespace {

void append_gzip(std::string_view bytes, std::string& out) {
    z_stream state{};
    if (deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("no deflate");
    }
    const std::size_t begin = out.size();
    out.resize(begin + deflateBound(&state, bytes.size()) + 64);
    state.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    state.avail_in = static_cast<uInt>(bytes.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
    state.avail_out = static_cast<uInt>(out.size() - begin);
    const int outcome = deflate(&state, Z_FINISH);
    out.resize(out.size() - state.avail_out);
    deflateEnd(&state);
    if (outcome != Z_STREAM_END) {
        throw std::runtime_error("deflate failed");
    }
}

void append_zstd(std::string_view bytes, std::string& out) {
    const std::size_t begin = out.size();
    out.resize(begin + ZSTD_compressBound(bytes.size()));
    ZSTD_CCtx* state = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(state, ZSTD_c_checksumFlag, 1);
    const std::size_t n =
        ZSTD_compress2(state, out.data() + begin, out.size() - begin, bytes.data(), bytes.size());
    ZSTD_freeCCtx(state);
    if (ZSTD_isError(n) != 0) {
        throw std::runtime_error(ZSTD_getErrorName(n));
    }
    out.resize(begin + n);
}

template <class Append>
std::string in_parts(std::string_view bytes, std::size_t part_bytes, Append append) {
    std::string out;
    do {
        const std::size_t n = std::min(part_bytes, bytes.size());
        append(bytes.substr(0, n), out);
        bytes.remove_prefix(n);
    } while (!bytes.empty());
    return out;
}

}  // namespace

std::string gzip(std::string_view bytes, std::size_t part_bytes) {
    return in_parts(bytes, part_bytes, append_gzip);
}

std::string zstd(std::string_view bytes, std::size_t part_bytes) {
    return in_parts(bytes, part_bytes, append_zstd);
}

std::string compress(std::string_view bytes, Compression compression, std::size_t part_bytes) {
    switch (compression) {
        case Compression::gzip:
            return gzip(bytes, part_bytes);
        case Compression::zstd:
            return zstd(bytes, part_bytes);
        case Compression::none:
            break;
    }
    return std::string{bytes};
}

}  // namespace kaygraph::test
