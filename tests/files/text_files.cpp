#include "text_files.hpp"

#include <kaygraph/base/error.hpp>

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
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

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

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

void showValue(const Text& text, std::ostream& out) {
    out << text;
}

std::ostream& operator<<(std::ostream& out, const Text& text) {
    return out << text.input << ':' << text.offset << " '" << text.bytes.substr(0, 60) << "' ("
               << text.bytes.size() << ")";
}

std::vector<Text> texts_in(std::string_view bytes, TextFormat format, std::uint32_t input) {
    std::vector<Text> texts;
    std::size_t at = bytes.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
    if (format == TextFormat::whole) {
        return {{std::string{bytes.substr(at)}, at, input}};
    }
    while (at < bytes.size()) {
        const std::size_t newline = bytes.find('\n', at);
        std::string_view line =
            bytes.substr(at, newline == std::string_view::npos ? newline : newline - at);
        if (newline != std::string_view::npos && !line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        const bool is_blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
        if (format == TextFormat::lines || !is_blank) {
            texts.push_back({std::string{line}, at, input});
        }
        at = newline == std::string_view::npos ? bytes.size() : newline + 1;
    }
    return texts;
}

Text text_of(const TextRecord& record) {
    return {std::string{record.bytes}, record.offset, record.input};
}

std::vector<std::uint64_t> counts_of(
    const std::vector<TextInput>& inputs,
    const std::vector<TextPiece>& pieces,
    FileSystem& files
) {
    std::vector<std::uint64_t> counts;
    for (const TextPiece& piece : pieces) {
        counts.push_back(count_texts(inputs, piece, files));
    }
    return counts;
}

TextSource source_of(
    const std::vector<std::string>& paths,
    const TextInputOptions& options,
    std::uint64_t piece_bytes,
    std::size_t n_readers
) {
    const std::vector<TextInput> inputs = list_text_inputs(paths, options);
    const std::vector<TextPiece> pieces = cut_texts(inputs, piece_bytes);
    return TextSource{inputs, pieces, counts_of(inputs, pieces), posix_files(), n_readers};
}

std::vector<Text> read_all(const TextSource& source, std::size_t block) {
    std::vector<Text> texts;
    std::vector<TextRecord> items;
    TextStorage storage;
    for (std::size_t first = 0; first < source.size(); first += block) {
        source.read(first, std::min(block, source.size() - first), items, storage);
        for (const TextRecord& item : items) {
            texts.push_back(text_of(item));
        }
    }
    return texts;
}

}  // namespace kaygraph::test
