#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_record.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

RunFile some_file(const std::string& role, const std::string& path) {
    RunFile file{.role = role, .kind = "lines", .path = path, .hash = Hash128{1, 2}};
    file.stamp.bytes = 5;
    file.stamp.modified_ns = -7;
    file.stamp.changed_ns = 8;
    file.stamp.inode = std::numeric_limits<std::uint64_t>::max();
    return file;
}

RunRecord some_record() {
    RunRecord record{
        .identity = {{"model", "hash:\"8\"\n"}},
        .files = {some_file("input", "a.txt"), some_file("model", "m/b.bin")},
        .facts = {{"ranks", "2"}},
        .status = RunStatus::stopped,
        .attempts = 3,
        .most_ranks = 2,
        .n_items = std::numeric_limits<std::uint64_t>::max(),
        .n_rejected = 4};
    for (const auto suffix : {product::matrix, product::ids, product::rejects}) {
        record.products.push_back({.suffix = std::string{suffix}, .hash = Hash128{3, 4}});
    }
    record.products.front().hash.reset();
    return record;
}

RunRecord read(const std::string& text) {
    return parse_run_record(text, "run.json");
}

TEST(RunRecord, ComesBackAsItWas) {
    const RunRecord written = some_record();
    const RunRecord record = read(to_json(written, "folder/out.npy"));
    EXPECT_EQ(record.identity, written.identity);
    EXPECT_EQ(record.facts, written.facts);
    EXPECT_EQ(record.status, written.status);
    EXPECT_EQ(record.attempts, written.attempts);
    EXPECT_EQ(record.most_ranks, written.most_ranks);
    EXPECT_EQ(record.n_items, written.n_items);
    EXPECT_EQ(record.n_rejected, written.n_rejected);
    EXPECT_TRUE(record.has_hashes);
    ASSERT_EQ(record.files.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(is_trusted(written.files[i], record.files[i]));
        EXPECT_EQ(record.files[i].role, written.files[i].role);
        EXPECT_EQ(record.files[i].kind, written.files[i].kind);
        EXPECT_EQ(record.files[i].hash, written.files[i].hash);
    }
    ASSERT_EQ(record.products.size(), 3U);
    EXPECT_FALSE(record.product(product::matrix)->hash);
    EXPECT_EQ(record.product(product::ids)->hash, (Hash128{3, 4}));
    EXPECT_EQ(record.product(product::rows), nullptr);
    EXPECT_TRUE(differences(written, record).empty());
    EXPECT_TRUE(content_differences(written, record).empty());
}

/// Products are removed and hashed by their names.
TEST(RunRecord, NamesNoProductsElsewhere) {
    const std::string good = to_json(some_record(), "folder/out.npy");
    EXPECT_NE(good.find("\"out.npy.run/rejects.jsonl\""), std::string::npos);
    for (const std::string name :
         {"../../etc/passwd", "out.npy/../../x", "out.npy.bak", "/out.npy", "", "other.npy"}) {
        std::string text = good;
        text.replace(text.find("out.npy.ids.jsonl"), 17, name);
        EXPECT_THROW(read(text), FormatError) << name;
    }
}

TEST(RunRecord, RefusesWhatIsNoRecord) {
    const std::string good = to_json(some_record(), "out.npy");
    const auto is_refused = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        try {
            static_cast<void>(read(text.replace(at, from.size(), to)));
            return false;
        } catch (const FormatError&) {
            return true;
        }
    };
    EXPECT_TRUE(is_refused("\"format\": 2", "\"format\": 3"));
    EXPECT_TRUE(is_refused("\"format\": 2", "\"format\": -1"));
    EXPECT_TRUE(is_refused("\"stopped\"", "\"sleeping\""));
    EXPECT_TRUE(is_refused("\"most_ranks\": 2", "\"most_ranks\": 4000000000"));
    EXPECT_TRUE(is_refused("\"identity\": {", "\"identity\": [{"));
    EXPECT_TRUE(is_refused("\"ranks\": \"2\"", "\"ranks\": 2"));
    EXPECT_TRUE(is_refused("\"attempts\": 3", "\"attempts\": 3.5"));
    EXPECT_TRUE(is_refused("\"modified_ns\": -7", "\"modified_ns\": 9223372036854775808"));
    EXPECT_TRUE(is_refused("\"modified_ns\": -7", "\"modified_ns\": -7e300"));
    EXPECT_TRUE(is_refused("\"bytes\": 5", "\"bytes\": -5"));
    EXPECT_TRUE(is_refused("\"bytes\": 5", "\"octets\": 5"));
    EXPECT_TRUE(is_refused("0000000000000002", "000000000000000x"));
    EXPECT_TRUE(is_refused("0000000000000002", "2"));
    EXPECT_TRUE(is_refused("\"items\": 18446744073709551615", "\"items\": 3"));  // 4 rejected
    EXPECT_TRUE(is_refused(good, "[]"));
    EXPECT_TRUE(is_refused(good, good.substr(0, good.size() / 2)));
    EXPECT_FALSE(is_refused("stopped", "failed"));
}

TEST(RunRecord, NamesEveryDifference) {
    RunRecord now = some_record();
    now.identity = {{"model", "hash:9"}, {"type", "f16"}};
    now.files[0].stamp.bytes = 6;
    now.files[1].kind = "c.bin";
    auto lines = differences(some_record(), now);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], "model: hash:9, was hash:\"8\"\n");
    EXPECT_EQ(lines[1], "type: f16, was not there");
    EXPECT_EQ(lines[2], "input 0, a.txt: 6 bytes, had 5");
    EXPECT_EQ(lines[3], "model 0, m/b.bin: c.bin, was lines");
    now = some_record();
    now.identity.clear();
    now.files.pop_back();
    now.files.push_back(some_file("input", "b.txt"));
    lines = differences(some_record(), now);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "model: no longer there, was hash:\"8\"\n");
    EXPECT_EQ(lines[1], "input files: 2, were 1");
    EXPECT_EQ(lines[2], "model files: none, were 1");
}

/// Path, size, times and inode: any other of them, and the content decides.
TEST(RunRecord, TrustsWhatCannotHaveChanged) {
    const RunFile before = some_file("input", "a.txt");
    EXPECT_TRUE(is_trusted(before, before));
    RunFile now = before;
    now.hash.reset();  // not known yet
    EXPECT_TRUE(is_trusted(before, now));
    EXPECT_FALSE(is_trusted(now, before));
    now.path = "./a.txt";
    EXPECT_FALSE(is_trusted(before, now));
    for (int i = 0; i < 4; ++i) {
        now = before;
        now.stamp.bytes += i == 0 ? 1 : 0;
        now.stamp.modified_ns += i == 1 ? 1 : 0;
        now.stamp.changed_ns += i == 2 ? 1 : 0;
        now.stamp.inode -= i == 3 ? 1 : 0;
        EXPECT_FALSE(is_trusted(before, now)) << i;
    }
    RunRecord other = some_record();
    other.files[1].hash = Hash128{1, 3};
    const auto lines = content_differences(some_record(), other);
    ASSERT_EQ(lines.size(), 1U);
    test::expect_says(lines[0], "model 0, m/b.bin", "other bytes");
}

/// A path that is no UTF-8 is the same when it comes back.
TEST(RunRecord, KnowsPathsOfAnyBytes) {
    RunRecord written = some_record();
    written.files[0].path = "caf\xe9.txt";
    written.identity["field"] = "\xff";
    const RunRecord record = read(to_json(written, "out.npy"));
    EXPECT_TRUE(is_trusted(record.files[0], written.files[0]));
    EXPECT_TRUE(differences(record, written).empty());
}

/// Outputs of the first version can be verified and replaced, but their runs do not go on.
TEST(RunRecord, KnowsItsFirstFormat) {
    const RunRecord record = read(
        R"({"format": 1, "status": "complete", "attempts": 1, "most_ranks": 1, "items": 3, "rejected": 0,
            "identity": {"format": "npy", "input 000000000": "a.txt, lines"}, "facts": {"output bytes": "224"}})"
    );
    EXPECT_FALSE(record.has_hashes);
    ASSERT_NE(record.product(product::matrix), nullptr);
    EXPECT_EQ(record.product(product::matrix)->stamp.bytes, 224U);
}

}  // namespace
}  // namespace kaygraph::runs
