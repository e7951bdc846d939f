#include "text_files.hpp"
#include "watched_files.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;
using Names = std::vector<std::string>;

/// Returns the names below the folder that inputs in it lead to.
Names listed(const Folder& folder, const Names& inputs, const TextInputOptions& options = {}) {
    Names paths;
    for (const std::string& input : inputs) {
        paths.push_back(folder.file(input));
    }
    Names names;
    for (const TextInput& input : list_text_inputs(paths, options)) {
        names.push_back(input.path.substr(folder.file("").size()));
    }
    return names;
}

std::string refusal(
    const Folder& folder,
    const Names& inputs,
    const TextInputOptions& options = {}
) {
    return thrown<IoError>([&] { listed(folder, inputs, options); });
}

TEST(TextInputs, TakesFilesInTheOrderGivenWhateverTheirNames) {
    const Folder folder;
    const Names names{
        "b.txt", "a.jsonl", "c", "d.jsonl.gz", "e.NDJSON.ZST", "f.gz", "b.txt", ".zst"};
    for (const std::string& name : names) {
        folder.write(name, "12345");
    }
    EXPECT_EQ(listed(folder, names), names);
    Names paths;
    for (const std::string& name : names) {
        paths.push_back(folder.file(name));
    }
    const std::vector<TextInput> inputs = list_text_inputs(paths);
    using F = TextFormat;
    using C = Compression;
    const F formats[] = {
        F::lines, F::jsonl, F::lines, F::jsonl, F::jsonl, F::lines, F::lines, F::lines};
    const C compressions[] = {
        C::none, C::none, C::none, C::gzip, C::zstd, C::gzip, C::none, C::zstd};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_EQ(inputs[i].format, formats[i]) << names[i];
        EXPECT_EQ(inputs[i].compression, compressions[i]) << names[i];
        EXPECT_EQ(inputs[i].bytes, 5U);
        EXPECT_GT(inputs[i].modified_ns, 0);
    }
    EXPECT_EQ(inputs[0].inode, inputs[6].inode);
    EXPECT_NE(inputs[0].inode, inputs[1].inode);
    for (const TextInput& input : list_text_inputs(paths, {.format = F::jsonl})) {
        EXPECT_EQ(input.format, F::jsonl);
    }
    for (const TextInput& input : list_text_inputs(paths, {.whole_files = true})) {
        EXPECT_EQ(input.format, F::whole);
    }
    const TextInput copy = decode<TextInput>(encode(inputs[4]));
    EXPECT_EQ(encode(copy), encode(inputs[4]));
    EXPECT_EQ(copy.path, inputs[4].path);
}

TEST(TextInputs, RefusesWhatIsNoRegularFile) {
    const Folder folder;
    expect_says(refusal(folder, {"none.txt"}), "no such file", "none.txt");
    ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
    expect_says(refusal(folder, {"pipe"}), "regular file", "-", "pipe");
    for (const std::string path : {"/dev/null", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}) {
        expect_says(
            thrown<IoError>([&] { static_cast<void>(list_text_inputs(Names{path})); }), path
        );
    }
    expect_says(thrown<IoError>([] { static_cast<void>(list_text_inputs(Names{""})); }), "no such");
    thrown<ArgumentError>([] { static_cast<void>(list_text_inputs(Names{})); });
    const std::string path = folder.write("a.txt", "");
    thrown<ArgumentError>([&] {
        static_cast<void>(
            list_text_inputs(Names{path}, {.whole_files = true, .format = TextFormat::lines})
        );
    });
}

TEST(TextInputs, FindsFilesByPattern) {
    const Folder folder;
    for (const char* name :
         {"b.txt",
          "a.txt",
          "B.txt",
          ".h.txt",
          "x/1.txt",
          "x/2.log",
          "y/1.txt",
          "y/z/3.txt",
          "[q].txt",
          "w?.txt"}) {
        folder.write(name, "");
    }
    EXPECT_EQ(listed(folder, {"?.txt"}), (Names{"B.txt", "a.txt", "b.txt"}));
    EXPECT_EQ(listed(folder, {"[ab].txt", "B*"}), (Names{"a.txt", "b.txt", "B.txt"}));
    EXPECT_EQ(listed(folder, {"*/1.txt"}), (Names{"x/1.txt", "y/1.txt"}));
    EXPECT_EQ(listed(folder, {"[xy]/*.*"}), (Names{"x/1.txt", "x/2.log", "y/1.txt"}));
    EXPECT_EQ(listed(folder, {"y/*/*"}), (Names{"y/z/3.txt"}));
    EXPECT_EQ(listed(folder, {"?"}), (Names{"x/1.txt", "y/1.txt", "y/z/3.txt"}));
    EXPECT_EQ(listed(folder, {"[q].txt"}), (Names{"[q].txt"}));
    EXPECT_EQ(listed(folder, {"w?.txt"}), (Names{"w?.txt"}));
    for (const char* pattern : {"*.nothing", "*/nothing", "a.txt/*", "none/*.txt", "[a"}) {
        expect_says(refusal(folder, {pattern}), "no file fits the pattern", pattern);
    }
}

TEST(TextInputs, WalksThroughDirectories) {
    const Folder folder;
    for (const char* name :
         {"d/a/b.txt",
          "d/a.txt",
          "d/z.jsonl",
          "d/a.txt.gz",
          "d/n.ndjson",
          "d/o.jsonlines",
          "d/b.jsonl.zst",
          "d/B.TXT",
          "d/log",
          "d/empty/x.md",
          "other/o.txt"}) {
        folder.write(name, "");
    }
    const Names texts{
        "d/B.TXT",
        "d/a.txt",
        "d/a.txt.gz",
        "d/a/b.txt",
        "d/b.jsonl.zst",
        "d/n.ndjson",
        "d/o.jsonlines",
        "d/z.jsonl"};
    EXPECT_EQ(listed(folder, {"d"}), texts);
    EXPECT_EQ(listed(folder, {"other", "d"}).size(), texts.size() + 1);
    EXPECT_EQ(
        listed(folder, {"d"}, {.include = {"*.md", "l?g"}}), (Names{"d/empty/x.md", "d/log"})
    );
    EXPECT_EQ(listed(folder, {"d"}, {.whole_files = true}).size(), 10U);
    EXPECT_EQ(listed(folder, {"d/a/"}), (Names{"d/a/b.txt"}));
    expect_says(
        refusal(folder, {"d/empty"}),
        "found none that fits *.txt",
        "left out: 1 file of another name",
        "d/empty"
    );
    expect_says(refusal(folder, {"d"}, {.include = {"*.xyz"}}), "*.xyz");
}

TEST(TextInputs, WhatIsHiddenAndWhatRunsMadeIsLeftOutAndCounted) {
    const Folder folder;
    for (const char* name :
         {"d/.h/c.txt",
          "d/.h.txt",
          "d/._resource.txt",
          "d/a.txt",
          "d/m.txt",
          "d/m.txt.run/rejects.jsonl",
          "d/m.txt.ids.jsonl",
          "d/m.txt.rows.npy",
          "d/m.txt.part",
          "d/x.run/a.txt",
          "d/x.npy.run/a.txt",
          "d/x.npy",
          "d/x.npy.ids.jsonl",
          "d/x.npy.ids.jsonl.part.3",
          "d/x.npy.unfiltered.part",
          "d/x.npy.idsjsonl.txt",
          "d/m.txt.run.txt",
          "d/file.run",
          "d/n.partial.txt",
          "d/n.run/journal.0",
          "d/conf.json",
          "d/e/x.npy.ids.jsonl"}) {
        folder.write(name, "{\n");
    }
    const auto left_out_of = [&](const Names& inputs, const TextInputOptions& options) {
        Names paths;
        for (const std::string& input : inputs) {
            paths.push_back(folder.file(input));
        }
        LeftOut left_out;
        static_cast<void>(list_text_inputs(paths, options, posix_files(), &left_out));
        return left_out;
    };
    EXPECT_EQ(
        listed(folder, {"d"}),
        (Names{
            "d/a.txt",
            "d/e/x.npy.ids.jsonl",
            "d/m.txt.run.txt",
            "d/n.partial.txt",
            "d/x.npy.idsjsonl.txt"})
    );
    const LeftOut left_out = left_out_of({"d"}, {});
    EXPECT_EQ(left_out.hidden, 3U);
    EXPECT_EQ(left_out.run_directories, 4U);
    EXPECT_EQ(left_out.products, 8U);
    EXPECT_EQ(left_out.other_json, 1U);
    EXPECT_EQ(left_out.no_files, 0U);
    EXPECT_EQ(left_out.other_names, 1U);
    EXPECT_EQ(
        left_out.describe(),
        "3 hidden, 4 run directories, 8 products of runs, 1 file of another name, 1 .json without "
        "JSON lines"
    );
    EXPECT_EQ(LeftOut{}.describe(), "");

    const LeftOut of_whole = left_out_of({"d"}, {.whole_files = true});
    EXPECT_EQ(of_whole.products, 8U);
    EXPECT_EQ(of_whole.other_names, 0U);

    // what is named is taken, and a pattern with a dot asks for what is hidden
    const Names named{"d/m.txt.ids.jsonl", "d/.h.txt", "d/m.txt"};
    EXPECT_EQ(listed(folder, named), named);
    EXPECT_EQ(listed(folder, {"d/x.run"}), (Names{"d/x.run/a.txt"}));
    EXPECT_EQ(listed(folder, {"d"}, {.include = {".h.*"}}), (Names{"d/.h.txt"}));

    // what patterns match is not named
    EXPECT_EQ(listed(folder, {"d/m*"}), (Names{"d/m.txt.run.txt"}));
    EXPECT_EQ(left_out_of({"d/m*"}, {}).products, 4U);
    EXPECT_EQ(
        listed(folder, {"d/[mx]*.run"}),
        (Names{"d/m.txt.run/rejects.jsonl", "d/x.npy.run/a.txt", "d/x.run/a.txt"})
    );
    expect_says(refusal(folder, {"d/m.txt.i*"}), "left out: 1 product of a run");
}

TEST(TextInputs, JsonLinesAreTakenForWhatTheyAre) {
    const Folder folder;
    const std::string lines = "{\"text\":\"a\",\"n\":1e400}\n{\"text\":\"b\"}\n";
    const std::string document = "{\n  \"text\": \"a\"\n}\n";
    const std::string list = "[{\"text\":\"a\"}]\n";
    const auto format_of = [&](const std::string& name, const std::string& bytes) {
        const Names path{folder.write(name, bytes)};
        Names warnings;
        const TextInputOptions options{.log = Log{[&](const LogRecord& record) {
                                           warnings.emplace_back(record.text);
                                       }}};
        const bool is_json = list_text_inputs(path, options).at(0).format == TextFormat::jsonl;
        EXPECT_LE(warnings.size(), 1U);
        for (const std::string& warning : warnings) {
            expect_says(warning, name, "--input-format jsonl");
        }
        return std::string{is_json ? "JSON" : "lines"} + (warnings.empty() ? "" : ", warned");
    };
    for (const std::string name :
         {"a.jsonl",
          "a.ndjson",
          "a.jsonlines",
          "a.json",
          "a.JSON",
          "part-00000",
          "a.jl",
          "a.log"}) {
        EXPECT_EQ(format_of(name, lines), "JSON") << name;
        EXPECT_EQ(format_of(name + ".gz", test::gzip(lines)), "JSON") << name;
        EXPECT_EQ(format_of(name + ".zst", test::zstd(lines)), "JSON") << name;
    }
    EXPECT_EQ(format_of("b.json", "\xef\xbb\xbf\r\n \t\n" + lines), "JSON");
    EXPECT_EQ(format_of("b.json", "{\"text\":\"a\"}"), "JSON");  // without a line end
    EXPECT_EQ(format_of("b.json", "{\"text\":\"" + std::string(100'000, 'x') + "\"}\n"), "JSON");
    EXPECT_EQ(format_of("b.json", "{\"half\":\"\\ud800\",\"text\":\"a\"}\n"), "JSON");
    EXPECT_EQ(format_of("c.json", document), "lines, warned");
    EXPECT_EQ(format_of("c.json", list), "lines, warned");
    EXPECT_EQ(format_of("c.json.gz", test::gzip(list)), "lines, warned");
    EXPECT_EQ(format_of("c.json", "{no JSON}\n"), "lines, warned");
    EXPECT_EQ(format_of("c.json", ""), "lines, warned");
    EXPECT_EQ(format_of("d.log", "{no JSON}\n"), "lines, warned");
    EXPECT_EQ(format_of("d.log", "a text\n"), "lines");
    EXPECT_EQ(format_of("d.txt", "a text\n"), "lines");
    EXPECT_EQ(format_of("e.txt", lines), "lines, warned");
    EXPECT_EQ(format_of("f.gz", "no gzip"), "lines");  // counting tells what is wrong
    EXPECT_EQ(format_of("g.csv", lines), "JSON");
}

TEST(TextInputs, TablesAreToldOfOnce) {
    const Folder folder;
    const std::string table = "id,text\n1,\"one\ntwo\"\n";
    Names warnings;
    TextInputOptions options{.log = Log{[&](const LogRecord& record) {
                                 warnings.emplace_back(record.text);
                             }}};
    const Names named{
        folder.write("d/a.csv", table),
        folder.write("d/b.TSV", table),
        folder.write("d/c.csv.gz", test::gzip(table)),
        folder.write("d/d.txt", table)};
    EXPECT_EQ(list_text_inputs(named, options).size(), 4U);
    ASSERT_EQ(warnings.size(), 1U);
    expect_says(warnings[0], "a.csv", "the head", "JSON lines", "--input-format lines");
    LeftOut left_out;
    const Names directory{folder.file("d")};
    EXPECT_EQ(list_text_inputs(directory, options, posix_files(), &left_out).size(), 1U);
    EXPECT_EQ(left_out.other_names, 3U);
    options.include = {"*.csv"};
    EXPECT_EQ(list_text_inputs(directory, options).size(), 1U);
    EXPECT_EQ(warnings.size(), 2U);
    options.format = TextFormat::lines;
    EXPECT_EQ(list_text_inputs(named, options).size(), 4U);
    EXPECT_EQ(warnings.size(), 2U) << "it was said";
}

TEST(TextInputs, JsonOfADirectoryIsTakenWhereItHoldsJsonLines) {
    const Folder folder;
    folder.write("d/a.json", "{\"text\":\"a\"}\n");
    folder.write("d/b.json.gz", test::gzip("{\"text\":\"a\"}\n"));
    folder.write("d/package.json", "{\n\"name\": \"x\"}\n");
    folder.write("only/package.json", "{\n\"name\": \"x\"}\n");
    EXPECT_EQ(listed(folder, {"d"}), (Names{"d/a.json", "d/b.json.gz"}));
    EXPECT_EQ(listed(folder, {"d"}, {.include = {"*.json"}}).size(), 2U);
    expect_says(refusal(folder, {"only"}), ".json without JSON lines");
}

TEST(TextInputs, FollowsLinksOnce) {
    const Folder folder;
    folder.write("d/a/b.txt", "");
    folder.write("other/o.txt", "");
    namespace fs = std::filesystem;
    fs::create_directory_symlink(folder.file("d"), folder.file("d/a/up"));
    fs::create_directory_symlink("loop", folder.file("d/loop"));
    fs::create_symlink("self.txt", folder.file("d/self.txt"));
    fs::create_symlink("nowhere", folder.file("d/dangling.txt"));
    fs::create_directory_symlink(folder.file("other"), folder.file("d/to"));
    fs::create_directory_symlink(folder.file("other"), folder.file("d/too"));
    fs::create_symlink(folder.file("other/o.txt"), folder.file("d/file.txt"));
    ASSERT_EQ(::mkfifo(folder.file("d/pipe.txt").c_str(), 0600), 0);
    EXPECT_EQ(listed(folder, {"d"}), (Names{"d/a/b.txt", "d/file.txt", "d/to/o.txt"}));
}

/// Standard input that holds some bytes.
class StandardInput {
public:
    explicit StandardInput(std::string bytes) : saved_(::dup(STDIN_FILENO)) {
        int ends[2];
        if (::pipe(ends) != 0 || ::dup2(ends[0], STDIN_FILENO) == -1) {
            throw std::runtime_error("no pipe");
        }
        ::close(ends[0]);
        writer_ = std::thread{[to = ends[1], bytes = std::move(bytes)] {
            std::size_t done = 0;
            while (done < bytes.size()) {
                const ssize_t n = ::write(to, bytes.data() + done, bytes.size() - done);
                if (n <= 0) {
                    break;
                }
                done += static_cast<std::size_t>(n);
            }
            ::close(to);
        }};
    }
    ~StandardInput() {
        writer_.join();
        ::dup2(saved_, STDIN_FILENO);
        ::close(saved_);
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;

private:
    int saved_;
    std::thread writer_;
};

TEST(TextInputs, CopiesStandardInput) {
    const Folder folder;
    const std::string text(300'000, 'x');
    const std::string spool = folder.write("spool", std::string(400'000, 'y'));
    const Compression compressions[] = {Compression::none, Compression::gzip, Compression::zstd};
    for (const Compression compression : compressions) {
        const std::string bytes = test::compress(text, compression, SIZE_MAX);
        const StandardInput standard_input{bytes};
        const std::vector<TextInput> inputs = list_text_inputs(Names{"-"}, {.spool = spool});
        ASSERT_EQ(inputs.size(), 1U);
        EXPECT_EQ(inputs[0].path, spool);
        EXPECT_EQ(inputs[0].compression, compression);
        EXPECT_EQ(inputs[0].format, TextFormat::lines);
        EXPECT_EQ(inputs[0].bytes, bytes.size());
        EXPECT_EQ(test::read_file(spool), bytes);
    }
    for (const Compression compression : compressions) {
        const StandardInput standard_input{
            test::compress("{\"text\":\"a\"}\n", compression, SIZE_MAX)};
        const std::vector<TextInput> inputs = list_text_inputs(Names{"-"}, {.spool = spool});
        EXPECT_EQ(inputs.at(0).format, TextFormat::jsonl);
    }
    {
        const StandardInput standard_input{""};
        const std::vector<TextInput> inputs =
            list_text_inputs(Names{"-"}, {.format = TextFormat::jsonl, .spool = spool});
        EXPECT_EQ(inputs[0].format, TextFormat::jsonl);
        EXPECT_EQ(inputs[0].bytes, 0U);
    }
    thrown<ArgumentError>([] { static_cast<void>(list_text_inputs(Names{"-"})); });
    const StandardInput standard_input{"a"};
    thrown<ArgumentError>([&] {
        static_cast<void>(list_text_inputs(Names{"-", "-"}, {.spool = spool}));
    });
}

TEST(TextInputs, TellsOfEveryFailureOfTheSystem) {
    const Folder folder;
    folder.write("d/a.txt", "a");
    const std::string spool = folder.file("spool");
    std::uint64_t n_failed = 0;
    for (std::uint64_t n = 1;; ++n) {
        test::WatchedFiles files;
        files.fail_at_call = n;
        const StandardInput standard_input{"hello"};
        try {
            const std::vector<TextInput> inputs =
                list_text_inputs(Names{folder.file("d"), "-"}, {.spool = spool}, files);
            EXPECT_EQ(inputs.size(), 2U);
            break;
        } catch (const IoError&) {
            ++n_failed;
        }
    }
    EXPECT_GE(n_failed, 9U);  // stats; open, resize, write, read, sync, close
}

}  // namespace
}  // namespace kaygraph
