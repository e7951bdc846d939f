#include "files/known_content.hpp"

#include <algorithm>
#include <array>

namespace kaygraph::detail {
namespace {

/// The bytes of a literal, NULs included.
template <std::size_t N>
constexpr std::string_view bytes_of(const char (&literal)[N]
) noexcept {  // NOLINT(modernize-avoid-c-arrays)
    return {literal, N - 1};
}

constexpr std::string_view unpack = "unpack it";
constexpr std::string_view recode_16 = "make UTF-8 of it (iconv -f UTF-16 -t UTF-8)";
constexpr std::string_view recode_32 = "make UTF-8 of it (iconv -f UTF-32 -t UTF-8)";
constexpr std::string_view fetch = "fetch the file itself (git lfs pull)";
constexpr std::string_view convert = "write it in a format that kaygraph reads";

struct Magic {
    std::string_view bytes;
    KnownContent content;
    std::size_t offset = 0;
};

// the longer mark first: that of UTF-32 begins with that of UTF-16
constexpr std::array magics{
    Magic{bytes_of("\x1f\x8b"), {ContentKind::gzip, "gzip data", unpack}},
    Magic{bytes_of("\x28\xb5\x2f\xfd"), {ContentKind::zstd, "zstd data", unpack}},
    Magic{bytes_of("\xfd\x37zXZ\0"), {ContentKind::packed, "xz data", unpack}},
    Magic{bytes_of("BZh"), {ContentKind::packed, "bzip2 data", unpack}},
    Magic{bytes_of("\x04\x22\x4d\x18"), {ContentKind::packed, "LZ4 data", unpack}},
    Magic{bytes_of("\x1f\x9d"), {ContentKind::packed, "data of compress (.Z)", unpack}},
    Magic{bytes_of("\xff\x06\0\0sNaPpY"), {ContentKind::packed, "snappy data", unpack}},
    Magic{bytes_of("PK\x03\x04"), {ContentKind::packed, "a zip archive", unpack}},
    Magic{bytes_of("PK\x05\x06"), {ContentKind::packed, "an empty zip archive", unpack}},
    Magic{bytes_of("7z\xbc\xaf\x27\x1c"), {ContentKind::packed, "a 7z archive", unpack}},
    Magic{bytes_of("Rar!\x1a\x07"), {ContentKind::packed, "a RAR archive", unpack}},
    Magic{bytes_of("ustar"), {ContentKind::packed, "a tar archive", unpack}, 257},
    Magic{bytes_of("\xff\xfe\0\0"), {ContentKind::utf32, "UTF-32 text", recode_32}},
    Magic{bytes_of("\0\0\xfe\xff"), {ContentKind::utf32, "UTF-32 text", recode_32}},
    Magic{bytes_of("\xff\xfe"), {ContentKind::utf16, "UTF-16 text", recode_16}},
    Magic{bytes_of("\xfe\xff"), {ContentKind::utf16, "UTF-16 text", recode_16}},
    Magic{
        bytes_of("version https://git-lfs.github.com/spec/"),
        {ContentKind::lfs_pointer, "a Git LFS pointer", fetch}},
    Magic{bytes_of("\x93NUMPY"), {ContentKind::npy, "a NumPy matrix (.npy)", convert}},
    Magic{
        bytes_of("\xba\x16\x4f\x2f"),
        {ContentKind::fasttext, "a fastText model", "--model fasttext:FILE reads it"}},
    Magic{bytes_of("PAR1\x15"), {ContentKind::other, "a Parquet file", convert}},
    Magic{bytes_of("ARROW1\0\0"), {ContentKind::other, "an Arrow file", convert}},
    Magic{bytes_of("\x89HDF\r\n\x1a\n"), {ContentKind::other, "an HDF5 file", convert}},
    Magic{bytes_of("SQLite format 3\0"), {ContentKind::other, "an SQLite database", convert}},
    Magic{bytes_of("%PDF-"), {ContentKind::other, "a PDF document", convert}},
    Magic{bytes_of("GGUF\x02\0\0\0"), {ContentKind::other, "a GGUF model", convert}},
    Magic{bytes_of("GGUF\x03\0\0\0"), {ContentKind::other, "a GGUF model", convert}},
};

/// Whether what has letters for a magic is no text that begins with them.
bool is_sure(std::string_view start, const Magic& magic) noexcept {
    if (magic.bytes == "BZh") {  // a digit, then that of a block, or of the end
        const std::string_view block = start.substr(std::min<std::size_t>(4, start.size()), 6);
        return block == "1AY&SY" || block == "\x17\x72\x45\x38\x50\x90";
    }
    if (magic.content.kind == ContentKind::lfs_pointer) {
        return start.find("\noid sha256:") != std::string_view::npos;
    }
    return magic.bytes != "ustar"
           || start.substr(0, magic.offset).find('\0') != std::string_view::npos;
}

bool has_magic(std::string_view start, const Magic& magic) noexcept {
    return start.size() >= magic.offset
           && start.substr(magic.offset, magic.bytes.size()) == magic.bytes
           && is_sure(start, magic);
}

/// Protocols 2 to 5 of Python's pickle, which PyTorch's older files are, too.
bool is_pickle(std::string_view start) noexcept {
    return start.size() > 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
}

bool is_web_page(std::string_view start) noexcept {
    const std::size_t first = start.find_first_not_of(" \t\r\n");
    start.remove_prefix(std::min(first, start.size()));
    const auto begins = [&](std::string_view with) {
        return start.size() >= with.size()
               && std::equal(with.begin(), with.end(), start.begin(), [](char a, char b) {
                      return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
                  });
    };
    return begins("<!doctype html") || begins("<html");
}

/// Whether in groups of `width` bytes exactly one is no NUL, always at the same place: ASCII characters in UTF-16 or
/// UTF-32.
bool is_wide_ascii(std::string_view start, std::size_t width, std::size_t place) noexcept {
    constexpr std::size_t enough = 64;
    start = start.substr(0, std::min(start.size(), enough) / width * width);
    if (start.size() < 4 * width) {
        return false;
    }
    for (std::size_t i = 0; i < start.size(); ++i) {
        if ((start[i] != '\0') != (i % width == place)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<KnownContent> known_content(std::string_view start) noexcept {
    const auto* const found = std::find_if(magics.begin(), magics.end(), [&](const Magic& magic) {
        return has_magic(start, magic);
    });
    if (found != magics.end()) {
        return found->content;
    }
    if (is_wide_ascii(start, 2, 0) || is_wide_ascii(start, 2, 1)) {
        return KnownContent{ContentKind::utf16, "UTF-16 text", recode_16};
    }
    if (is_wide_ascii(start, 4, 0) || is_wide_ascii(start, 4, 3)) {
        return KnownContent{ContentKind::utf32, "UTF-32 text", recode_32};
    }
    if (is_pickle(start)) {
        return KnownContent{ContentKind::other, "a Python pickle", convert};
    }
    if (is_web_page(start)) {
        return KnownContent{
            ContentKind::web_page, "a web page", "download the file itself once more"};
    }
    return {};
}

std::optional<KnownContent> known_content(std::span<const std::byte> start) noexcept {
    return known_content(std::string_view{
        reinterpret_cast<const char*>(start.data()), std::min(start.size(), telling_bytes)});
}

FormatError other_content(
    std::string_view expected,
    const KnownContent& content,
    const std::string& file
) {
    return {
        ErrorCode::malformed,
        "expected " + std::string{expected} + ", found " + std::string{content.name} + ": "
            + std::string{content.advice},
        {.file = file, .offset = 0}};
}

void require_texts(std::string_view start, bool is_packed, const std::string& file) {
    auto content = known_content(start);
    if (!content || content->kind == ContentKind::web_page) {
        return;
    }
    if (!is_packed && content->kind == ContentKind::gzip) {
        content->advice = "unpack it, or give its name the ending .gz";
    } else if (!is_packed && content->kind == ContentKind::zstd) {
        content->advice = "unpack it, or give its name the ending .zst";
    }
    throw other_content("texts in UTF-8", *content, file);
}

}  // namespace kaygraph::detail
