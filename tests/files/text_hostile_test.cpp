// Files that are damaged, made to harm, too long, or that change while they are read.
#include "text_files.hpp"
#include "watched_files.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_source.hpp>

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::read_all;
using test::source_of;
using test::Text;
using test::thrown;

constexpr std::size_t mib = std::size_t{1} << 20U;

const std::string sample = [] {
    std::string text;
    for (int i = 0; i < 60; ++i) {
        text += "line " + std::to_string(i * i) + "\n";
    }
    return text;
}();

std::vector<TextInput> inputs_of(const std::string& path, const TextInputOptions& options = {}) {
    return list_text_inputs(std::vector<std::string>{path}, options);
}

/// Returns how counting refuses the bytes as a file of that name; empty where it does not.
std::string refusal(const Folder& folder, const std::string& name, std::string_view bytes) {
    const std::vector<TextInput> inputs = inputs_of(folder.write(name, bytes));
    try {
        static_cast<void>(test::counts_of(inputs, cut_texts(inputs)));
    } catch (const FormatError& error) {
        EXPECT_GE(error.context().offset, 0);
        EXPECT_LE(error.context().offset, static_cast<std::int64_t>(bytes.size()));
        return error.what();
    }
    return "";
}

TEST(HostileText, CompressedFilesThatEndEarlyAreRefused) {
    const Folder folder;
    const std::array<std::pair<std::string, std::string>, 2> files{
        {{"a.gz", test::gzip(sample)}, {"a.zst", test::zstd(sample)}}};
    for (const auto& [name, bytes] : files) {
        EXPECT_EQ(refusal(folder, name, bytes), "");
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            expect_says(
                refusal(folder, name, std::string_view{bytes}.substr(0, n)),
                "expected ",
                "found ",
                "end of the file",
                name,
                std::to_string(n)
            );
        }
    }
}

TEST(HostileText, ChangedBytesOfCompressedFilesAreSeen) {
    const Folder folder;
    const std::string gz = test::gzip(sample);
    const std::string zst = test::zstd(sample);
    for (std::size_t i = 10; i < gz.size();
         ++i) {  // before are the time and the system, which nothing protects
        std::string bytes = gz;
        bytes[i] = static_cast<char>(bytes[i] ^ 1);
        EXPECT_NE(refusal(folder, "a.gz", bytes), "") << i;
    }
    std::size_t n_seen = 0;
    for (std::size_t i = 0; i < zst.size(); ++i) {
        std::string bytes = zst;
        bytes[i] = static_cast<char>(bytes[i] ^ 1);
        n_seen += refusal(folder, "a.zst", bytes).empty() ? 0U : 1U;
    }
    EXPECT_GE(n_seen, zst.size() - 2);  // a bit of the frame's header may say the same otherwise
    std::string bytes = gz;
    bytes[gz.size() - 8] ^= 1;
    expect_says(refusal(folder, "a.gz", bytes), "incorrect data check", "a.gz");
    bytes = zst;
    bytes.back() ^= 1;
    expect_says(refusal(folder, "a.zst", bytes), "checksum", "a.zst");
}

TEST(HostileText, NothingMayFollowACompressedFile) {
    const Folder folder;
    const std::string gz = test::gzip(sample);
    const std::string zst = test::zstd(sample);
    for (const std::string& tail : {std::string{"garbage"}, std::string{"\x1f\x8c"}}) {
        expect_says(refusal(folder, "a.gz", gz + tail), "the end of the file or the start");
        expect_says(refusal(folder, "b.zst", zst + tail), "expected ", "found ");
    }
    expect_says(refusal(folder, "a.gz", gz + "x"), "found 1 bytes and the end of the file");
    expect_says(refusal(folder, "a.gz", zst), "a gzip member");
    expect_says(refusal(folder, "a.zst", gz), "a zstd frame");
    expect_says(
        refusal(folder, "a.zst", std::string{"\x27\xb5\x2f\xfd"} + zst.substr(4)), "a zstd frame"
    );
}

TEST(HostileText, ZerosThatFillUpAGzipFileArePadding) {
    const Folder folder;
    const std::string gz = test::gzip(sample);
    for (const std::size_t n : {1U, 2U, 511U, 300'000U}) {
        const std::string padding(n, '\0');
        EXPECT_EQ(refusal(folder, "a.gz", gz + padding), "") << n;
        EXPECT_EQ(refusal(folder, "a.gz", gz + gz + padding), "") << n;
        expect_says(
            refusal(folder, "a.gz", gz + padding + gz), "zeros that fill it up", "found gzip data"
        );
        expect_says(refusal(folder, "a.gz", gz + padding + "x"), "zeros", "found 'x'");
        EXPECT_NE(refusal(folder, "a.gz", padding + gz), "");
        expect_says(refusal(folder, "a.zst", test::zstd(sample) + padding), "expected ", "found ");
    }
    const TextSource source = source_of({folder.write("b.gz", gz + std::string(1000, '\0'))});
    EXPECT_EQ(read_all(source).size(), 60U);
}

TEST(HostileText, FilesThatAreSomethingElseAreRefusedByName) {
    using namespace std::string_literals;
    const Folder folder;
    const std::string utf16 = "\xff\xfeh\0i\0\n\0"s;
    const std::array<std::pair<std::string, std::string>, 14> cases{{
        {utf16, "UTF-16 text"},
        {"\xfe\xff\0h\0i"s, "UTF-16 text"},
        {"t\0e\0x\0t\0\n\0"s, "UTF-16 text"},
        {"\0t\0e\0x\0t"s, "UTF-16 text"},
        {"\xff\xfe\0\0h\0\0\0"s, "UTF-32 text"},
        {"t\0\0\0e\0\0\0x\0\0\0t\0\0\0"s, "UTF-32 text"},
        {test::gzip(sample), "gzip data"},
        {test::zstd(sample), "zstd data"},
        {"BZh91AY&SY\x01"s, "bzip2 data"},
        {"\xfd\x37zXZ\0\0"s, "xz data"},
        {"PK\x03\x04\x14\0"s, "a zip archive"},
        {"PAR1\x15\x04"s, "a Parquet file"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n"s,
         "a Git LFS pointer"},
        {"./a.txt"s + std::string(250, '\0') + "ustar\00000"s, "a tar archive"},
    }};
    for (const auto& [bytes, name] : cases) {
        expect_says(refusal(folder, "a.txt", bytes), "texts in UTF-8", name, "a.txt");
        expect_says(refusal(folder, "a.jsonl", bytes), "texts in UTF-8", name, "a.jsonl");
        expect_says(refusal(folder, "b.txt.gz", test::gzip(bytes)), name, "b.txt.gz");
        if (name != "zstd data") {
            expect_says(refusal(folder, "c.txt.zst", bytes), "a zstd frame", name);
        }
    }
    expect_says(refusal(folder, "a.txt", test::gzip(sample)), "the ending .gz");
    expect_says(refusal(folder, "a.txt", utf16), "iconv");
    expect_says(refusal(folder, "a.txt.gz", "plain text\n"), "found 'plain text\\x0a'");
}

TEST(HostileText, TextsAreNotTakenForSomethingElse) {
    using namespace std::string_literals;
    const Folder folder;
    for (const std::string& text :
         {"PAR1 is a magic"s,
          "GGUF models"s,
          "BZh is bzip2"s,
          "ARROW1"s,
          "<!DOCTYPE html>"s,
          "a\0b\0c\0"s,
          "a\0b\0c\0dd\0"s,
          "Rar!"s,
          "version https://git-lfs.github.com/spec/v1 is a line of pointers"s,
          std::string(257, 'x') + "ustar is the magic of tar"}) {
        EXPECT_EQ(refusal(folder, "a.txt", text), "") << text;
    }
}

TEST(HostileText, FramesThatAreSkippedAreSkipped) {
    const Folder folder;
    using namespace std::string_literals;
    const std::string skipped = "\x53\x2a\x4d\x18\x03\x00\x00\x00xyz"s;
    const std::string nothing = "\x50\x2a\x4d\x18\x00\x00\x00\x00"s;
    const std::string path =
        folder.write("a.zst", skipped + test::zstd("a\nb") + nothing + test::zstd("c\n") + skipped);
    const std::vector<Text> expected{{"a", 0, 0}, {"bc", 2, 0}};
    EXPECT_EQ(read_all(source_of({path})), expected);
    EXPECT_EQ(source_of({folder.write("b.zst", nothing)}).size(), 0U);
    expect_says(refusal(folder, "c.zst", skipped.substr(0, 9)), "end of the file");
    expect_says(refusal(folder, "d.zst", "\x50\x2a\x4d\x18\xff\xff\xff\xffx"s), "end of the file");
}

/// Zeros, compressed in small calls, so that nothing knows their number.
std::string zstd_of_zeros(std::size_t n, int window_log) {
    ZSTD_CCtx* state = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, window_log);
    const std::string zeros(mib, '\0');
    std::string out;
    std::vector<char> room(mib);
    std::size_t left = 1;
    for (std::size_t done = 0; left != 0;) {
        const std::size_t step = std::min(zeros.size(), n - done);
        ZSTD_inBuffer from{zeros.data(), step, 0};
        ZSTD_outBuffer to{room.data(), room.size(), 0};
        left = ZSTD_compressStream2(state, &to, &from, step == 0 ? ZSTD_e_end : ZSTD_e_continue);
        done += from.pos;
        left = step == 0 ? left : 1;
        out.append(room.data(), to.pos);
    }
    ZSTD_freeCCtx(state);
    return out;
}

TEST(HostileText, WindowsAreBounded) {
    const Folder folder;
    EXPECT_EQ(refusal(folder, "a.zst", zstd_of_zeros(1000, 27)), "");
    expect_says(refusal(folder, "a.zst", zstd_of_zeros(1000, 28)), "at most 128 MiB", "a.zst");
}

TEST(HostileText, BombsAreFoundOut) {
    const Folder folder;
    const std::string fine = zstd_of_zeros(64 * mib, 20);
    const std::string bomb = zstd_of_zeros(120 * mib, 20);
    EXPECT_EQ(refusal(folder, "a.zst", fine), "");
    expect_says(refusal(folder, "b.zst", bomb), "at most 1000 bytes of text for each byte");

    // reading does not trust a count
    const std::vector<TextInput> inputs = inputs_of(folder.file("b.zst"));
    const TextSource source{inputs, cut_texts(inputs), {1}};
    std::vector<TextRecord> items;
    TextStorage storage;
    expect_says(
        thrown<FormatError>([&] { source.read(0, 1, items, storage); }), "at most 1000 bytes"
    );
    EXPECT_LE(storage.capacity(), 48 * mib);
}

TEST(HostileText, LongLinesAreCutAndBounded) {
    const Folder folder;
    const auto with_line = [](std::size_t n) {
        return "a\n" + std::string(n, 'x') + "\r\nb\n";
    };
    const Compression compressions[] = {Compression::none, Compression::gzip, Compression::zstd};
    const std::size_t lengths[] = {max_text_bytes, max_text_bytes + 1, 20 * mib};
    for (const Compression compression : compressions) {
        for (const std::size_t length : lengths) {
            const std::string path = folder.write(
                "a" + std::to_string(static_cast<int>(compression)),
                test::compress(with_line(length), compression, SIZE_MAX)
            );
            std::vector<TextInput> inputs = inputs_of(path);
            inputs[0].compression = compression;
            const std::vector<TextPiece> pieces = cut_texts(inputs);
            const TextSource source{inputs, pieces, test::counts_of(inputs, pieces)};
            ASSERT_EQ(source.size(), 3U);
            std::vector<TextRecord> items;
            TextStorage storage;
            source.read(0, 3, items, storage);
            EXPECT_LE(storage.capacity(), 48 * mib);
            const bool is_too_long = length > max_text_bytes;
            EXPECT_EQ(items[1].is_too_long, is_too_long);
            EXPECT_EQ(items[1].bytes, std::string(is_too_long ? 4096 : length, 'x'));
            EXPECT_EQ(items[1].offset, 2U);
            EXPECT_EQ(items[0].bytes, "a");
            EXPECT_EQ(items[2].bytes, "b");
            EXPECT_EQ(items[2].offset, length + 4);
            source.read(2, 1, items, storage);
            EXPECT_EQ(items[0].bytes, "b");
        }
    }
}

TEST(HostileText, LongLinesEndWithTheFile) {
    const Folder folder;
    const std::string path = folder.write("a.txt", std::string(max_text_bytes + 5, 'x'));
    for (const bool whole_files : {false, true}) {
        const TextSource source = source_of({path}, {.whole_files = whole_files});
        ASSERT_EQ(source.size(), 1U);
        std::vector<TextRecord> items;
        TextStorage storage;
        source.read(0, 1, items, storage);
        EXPECT_TRUE(items[0].is_too_long);
        EXPECT_EQ(items[0].bytes.size(), 4096U);
        EXPECT_LE(storage.capacity(), 48 * mib);
    }
}

TEST(HostileText, LongWhiteSpaceIsNoJson) {
    const Folder folder;
    const std::string white(16 * mib + 2, ' ');
    const std::string path = folder.write("a.jsonl", "{}\n" + white + "\n" + white + "{}\n[]\n \n");
    const TextSource source = source_of({path});
    ASSERT_EQ(source.size(), 3U);
    std::vector<TextRecord> items;
    TextStorage storage;
    source.read(0, 3, items, storage);
    EXPECT_EQ(items[0].bytes, "{}");
    EXPECT_TRUE(items[1].is_too_long);
    EXPECT_EQ(items[1].offset, 4 + white.size());
    EXPECT_EQ(items[2].bytes, "[]");
}

TEST(HostileText, LongLinesAreNotFollowedFromEachPiece) {
    const Folder folder;
    const std::string line(3 * mib, 'x');
    for (const char* name : {"a.txt", "a.jsonl"}) {
        const std::vector<TextInput> inputs =
            inputs_of(folder.write(name, "{}\n" + line + "\n[]\n"));
        const std::vector<TextPiece> pieces = cut_texts(inputs, 10'000);
        test::WatchedFiles files;
        const std::vector<std::uint64_t> counts = test::counts_of(inputs, pieces, files);
        EXPECT_LE(files.bytes_read, 4 * line.size());
        EXPECT_EQ(read_all(TextSource{inputs, pieces, counts}).size(), 3U);
    }
}

TEST(HostileText, FilesThatShrinkAreRefused) {
    const Folder folder;
    for (const char* name : {"a.txt", "a.gz"}) {
        std::string text;
        for (int i = 0; i < 300'000; ++i) {
            text += std::to_string(i * 7919L) + "\n";
        }
        const std::string path =
            folder.write(name, std::string_view{name} == "a.gz" ? test::gzip(text) : text);
        const std::vector<TextInput> inputs = inputs_of(path);
        const std::vector<TextPiece> pieces = cut_texts(inputs);
        const std::vector<std::uint64_t> counts = test::counts_of(inputs, pieces);
        const TextSource open{inputs, pieces, counts};
        std::vector<TextRecord> items;
        TextStorage storage;
        open.read(0, 10, items, storage);
        std::filesystem::resize_file(path, inputs[0].bytes / 2);
        expect_says(
            thrown<IoError>([&] { open.read(open.size() - 10, 10, items, storage); }),
            "changed while it was read",
            std::to_string(inputs[0].bytes),
            name
        );
        const TextSource later{inputs, pieces, counts};
        expect_says(
            thrown<IoError>([&] { later.read(0, 1, items, storage); }),
            "changed since it was listed",
            name
        );
        thrown<IoError>([&] { static_cast<void>(count_texts(inputs, pieces[0])); });
    }
}

/// Reads all, `block` at a time; true where the change of the file was seen.
bool is_seen(const TextSource& source, std::size_t block) {
    try {
        static_cast<void>(read_all(source, block));
    } catch (const FormatError& error) {
        expect_says(error.what(), "changed while it was read");
        return true;
    }
    return false;
}

TEST(HostileText, OtherTextsThanCountedAreSeen) {
    const Folder folder;
    const Compression compressions[] = {Compression::none, Compression::gzip, Compression::zstd};
    for (const Compression compression : compressions) {
        for (const TextFormat format : {TextFormat::lines, TextFormat::jsonl}) {
            for (std::size_t at = 0; at + 1 < sample.size(); at += 11) {
                std::string changed = sample;
                changed[at] = changed[at] == '\n' ? 'x' : '\n';
                if (test::texts_in(changed, format).size()
                    == test::texts_in(sample, format).size()) {
                    continue;  // a blank line of jsonl more
                }
                const std::string path =
                    folder.write("a", test::compress(sample, compression, SIZE_MAX));
                std::vector<TextInput> inputs = inputs_of(path, {.format = format});
                inputs[0].compression = compression;
                std::vector<TextPiece> pieces = cut_texts(inputs, 100);
                const std::vector<std::uint64_t> counts = test::counts_of(inputs, pieces);
                folder.write("a", test::compress(changed, compression, SIZE_MAX));
                inputs[0].bytes = inputs_of(path)[0].bytes;
                pieces = cut_texts(inputs, 100);
                for (const std::size_t block : {1U, 7U, 1000U}) {
                    EXPECT_TRUE(is_seen(TextSource{inputs, pieces, counts}, block))
                        << "at " << at << ", block " << block;
                }
            }
        }
    }
}

TEST(TextSourceFiles, AFewAreKeptOpen) {
    const Folder folder;
    std::vector<std::string> paths;
    std::vector<Text> expected;
    for (std::uint32_t i = 0; i < 300; ++i) {
        const std::string text = std::to_string(i);
        const bool is_compressed = i % 3 == 0;
        paths.push_back(folder.write(
            text + (is_compressed ? ".gz" : ""), is_compressed ? test::gzip(text) : text
        ));
        expected.push_back({text, 0, i});
    }
    test::WatchedFiles files;
    const std::vector<TextInput> inputs = list_text_inputs(paths, {}, files);
    const std::vector<TextPiece> pieces = cut_texts(inputs);
    const TextSource source{inputs, pieces, test::counts_of(inputs, pieces, files), files, 4};
    EXPECT_EQ(files.n_open, 0);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] { EXPECT_EQ(read_all(source, i + 1), expected); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_LE(files.most_open, 64 + 4 + 4);
    EXPECT_GE(files.n_open, 1);
}

TEST(TextSourceFiles, RowsThatWerePassedNeedNoSecondDecompression) {
    const Folder folder;
    std::string text;
    for (std::size_t i = 0; i < 100'000; ++i) {
        text += std::to_string(i * 7919) + "\n";
    }
    const std::vector<Text> expected = test::texts_in(text, TextFormat::lines);
    for (const Compression compression : {Compression::gzip, Compression::zstd}) {
        const std::string path = folder.write(
            compression == Compression::gzip ? "a.gz" : "a.zst",
            test::compress(text, compression, SIZE_MAX)
        );
        const std::vector<TextInput> inputs = inputs_of(path);
        const std::vector<TextPiece> pieces = cut_texts(inputs);
        test::WatchedFiles files;
        const TextSource source{inputs, pieces, test::counts_of(inputs, pieces), files, 4};
        std::vector<TextRecord> items;
        TextStorage storage;
        constexpr std::size_t block = 100;
        constexpr std::size_t order[] = {3, 0, 7, 1, 2, 5, 4, 6};
        for (std::size_t first = 0; first < source.size(); first += 8 * block) {
            for (const std::size_t i : order) {
                source.read(first + i * block, block, items, storage);
                ASSERT_EQ(test::text_of(items[block - 1]), expected[first + (i + 1) * block - 1]);
            }
        }
        EXPECT_LE(files.bytes_read, inputs[0].bytes);
    }
}

TEST(TextSourceFiles, MemoryIsUsedAgain) {
    const Folder folder;
    std::string text;
    for (std::size_t i = 0; i < 100'000; ++i) {
        text += std::string(i * 7919 % 101, 'x') + "\n";
    }
    for (const Compression compression : {Compression::none, Compression::gzip}) {
        const std::string path = folder.write(
            compression == Compression::none ? "a" : "a.gz",
            test::compress(text, compression, SIZE_MAX)
        );
        const TextSource source = source_of({path});
        std::vector<TextRecord> items;
        TextStorage storage;
        const auto read = [&] {
            for (std::size_t first = 0; first < source.size(); first += 500) {
                source.read(first, 500, items, storage);
            }
        };
        read();
        const std::size_t capacity = storage.capacity();
        EXPECT_LE(capacity, 256U << 10U);
        read();
        EXPECT_EQ(storage.capacity(), capacity);
    }
}

TEST(TextSourceFiles, EveryFailureOfTheSystemIsTold) {
    const Folder folder;
    const std::vector<std::string> paths{
        folder.write("a.txt", sample),
        folder.write("b.gz", test::gzip(sample)),
        folder.write("c.zst", test::zstd(sample)),
        folder.write("d.txt", sample)};
    std::uint64_t n_failed = 0;
    for (std::uint64_t n = 1;; ++n) {
        test::WatchedFiles files;
        files.fail_at_call = n;
        try {
            const std::vector<TextInput> inputs = list_text_inputs(paths, {}, files);
            const std::vector<TextPiece> pieces = cut_texts(inputs, 300);
            const TextSource source{inputs, pieces, test::counts_of(inputs, pieces, files), files};
            const std::uint64_t n_before = n_failed;
            try {
                EXPECT_EQ(read_all(source, 50).size(), 4 * 60U);
            } catch (const IoError&) {
                ++n_failed;
                EXPECT_EQ(read_all(source, 50).size(), 4 * 60U);  // it does not remember
            }
            if (n_before == n_failed) {
                break;
            }
        } catch (const IoError&) {
            ++n_failed;
        }
    }
    EXPECT_GE(n_failed, 20U);
}

}  // namespace
}  // namespace kaygraph
