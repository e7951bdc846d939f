// Records that cannot be embedded: refused, counted, listed, as the policy says, the same on all ranks.
#include "jobs/texts.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/jobs/embed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::SharedFolder;

/// Every 50th record of 1,000 is bad, each in its own way.
std::string bad_records() {
    std::string lines;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = "text number " + std::to_string(i);
        switch (i % 250) {
            case 50:
                lines += "{\"text\": \"" + text + "\n";  // no end
                break;
            case 100:
                lines += "{\"body\": \"" + text + "\"}\n";  // no such field
                break;
            case 150:
                lines += "{\"text\": \"\xff " + text + "\"}\n";  // no UTF-8
                break;
            case 200:
                lines += "{\"text\": " + std::to_string(i) + "}\n";  // no string
                break;
            default:
                lines += "{\"text\": \"" + text + "\"}\n";
        }
    }
    return lines;
}

jobs::EmbedOptions with_rejects(const SharedFolder& folder, jobs::OnReject policy) {
    return {
        .inputs = {folder.write("a.jsonl", bad_records())},
        .model = "hash:24",
        .out = folder / "out.npy",
        .on_reject = policy,
        .max_errors = {.count = 16},
        .block = 64};
}

std::vector<float> rows_of(const std::string& path) {
    const MatrixReader reader{path};
    std::vector<float> rows(reader.info().rows * reader.info().cols);
    reader.read_rows(0, {rows.data(), reader.info().rows, reader.info().cols});
    return rows;
}

bool is_zero(const std::vector<float>& rows, std::size_t row) {
    return std::all_of(
        rows.begin() + static_cast<std::ptrdiff_t>(row) * 24,
        rows.begin() + static_cast<std::ptrdiff_t>(row + 1) * 24,
        [](float value) { return value == 0; }
    );
}

TEST(EmbedRejects, ZeroRowsKeepTheNumbersOfTheOthers) {
    const SharedFolder folder;
    const auto done =
        jobs::embed(with_rejects(folder, jobs::OnReject::zero_row), {.ranks = test::ranks()});
    EXPECT_EQ(done.rows, 1000U);
    EXPECT_EQ(done.n_rejected, 16U);
    EXPECT_EQ(done.counts.texts, 984U);
    test::exists(folder / "out.npy");
    const std::vector<float> rows = rows_of(folder / "out.npy");
    for (std::size_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(is_zero(rows, i), i % 50 == 0 && i % 250 != 0) << i;
    }
    const std::string list = test::read_file(folder / "out.npy.run/rejects.jsonl");
    EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 16);
    EXPECT_EQ(list.rfind("{\"row\":50,\"file\":", 0), 0U);
    expect_says(
        list, "\"row\":950,", "\"code\":\"malformed\"", "\\u00ff text number 150", "a.jsonl"
    );
}

TEST(EmbedRejects, SkippedRecordsHaveNoRowAndTheOthersSayWhichTheyAre) {
    const SharedFolder folder;
    const auto whole =
        jobs::embed(with_rejects(folder, jobs::OnReject::zero_row), {.ranks = test::ranks()});
    test::exists(folder / "out.npy");
    const std::vector<float> all = rows_of(folder / "out.npy");
    jobs::EmbedOptions options = with_rejects(folder, jobs::OnReject::skip);
    options.resume.fresh = true;  // another run than the first
    const auto done = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_EQ(done.rows, 984U);
    EXPECT_EQ(done.n_rejected, whole.n_rejected);
    EXPECT_FALSE(test::exists(folder / "out.npy.unfiltered.part"));
    const std::vector<float> kept = rows_of(folder / "out.npy");
    const std::vector<float> numbers = rows_of(folder / "out.npy.rows.npy");
    ASSERT_EQ(kept.size(), 984U * 24U);
    ASSERT_EQ(numbers.size(), 984U);
    for (std::size_t row = 0; row < 984; ++row) {
        const auto text = static_cast<std::size_t>(numbers[row]);
        EXPECT_TRUE(std::equal(
            kept.begin() + static_cast<std::ptrdiff_t>(row * 24),
            kept.begin() + static_cast<std::ptrdiff_t>((row + 1) * 24),
            all.begin() + static_cast<std::ptrdiff_t>(text * 24)
        )) << row;
    }
}

TEST(EmbedRejects, MoreThanAllowedEndTheJobWithoutAnOutput) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_rejects(folder, jobs::OnReject::zero_row);
    options.max_errors = {.count = 3};
    try {
        jobs::embed(options, {.ranks = test::ranks()});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::error_budget) << error.what();
    }
    EXPECT_FALSE(test::exists(folder / "out.npy"));
}

TEST(EmbedRejects, TheFirstOneEndsTheJobByDefault) {
    const SharedFolder folder;
    try {
        jobs::embed(with_rejects(folder, jobs::OnReject::error), {.ranks = test::ranks()});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::malformed) << error.what();
        expect_says(error.what(), "a.jsonl");
    }
    EXPECT_FALSE(test::exists(folder / "out.npy"));
}

}  // namespace
}  // namespace kaygraph
