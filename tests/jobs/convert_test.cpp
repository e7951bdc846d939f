#include "jobs/texts.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/parallel/stop.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::SharedFolder;

/// An .fbin file of n × d values, not all of them whole numbers.
std::string some_fbin(std::uint32_t n, std::uint32_t d) {
    std::string bytes(8 + std::size_t{4} * n * d, '\0');
    std::memcpy(bytes.data(), &n, 4);
    std::memcpy(bytes.data() + 4, &d, 4);
    for (std::size_t i = 0; i < std::size_t{n} * d; ++i) {
        const float value = std::sin(static_cast<float>(i)) / 3;
        std::memcpy(bytes.data() + 8 + 4 * i, &value, 4);
    }
    return bytes;
}

jobs::ConvertResult run_convert(const jobs::ConvertOptions& options) {
    return jobs::convert(options, {.ranks = test::ranks()});
}

TEST(Convert, ThereAndBackGivesTheSameBytes) {
    const SharedFolder folder;
    const std::string bytes = some_fbin(70'001, 10);
    const std::string fbin = folder.write("a.fbin", bytes);
    const auto done = run_convert({.input = fbin, .out = folder / "b.npy"});
    EXPECT_EQ(done.rows, 70'001U);
    EXPECT_EQ(done.cols, 10U);
    EXPECT_EQ(done.to, ElementType::f32);
    run_convert({.input = folder / "b.npy", .out = folder / "c.fvecs"});
    run_convert({.input = folder / "c.fvecs", .out = folder / "d.fbin"});
    EXPECT_TRUE(test::read_file(folder / "d.fbin") == bytes);
}

TEST(Convert, ToSmallerNumbersCountsWhatDoesNotFit) {
    const SharedFolder folder;
    const std::string fbin = folder.write("a.fbin", some_fbin(1000, 3));
    const auto done = run_convert(
        {.input = fbin, .out = folder / "b.npy", .type = ElementType::i8, .i8_scale = 1000}
    );
    EXPECT_GT(done.losses.clamped, 1000U);
    test::exists(folder / "b.npy");
    EXPECT_EQ(MatrixReader{folder / "b.npy"}.info().type, ElementType::i8);
    EXPECT_EQ(done.losses.not_numbers, 0U);
    run_convert({.input = fbin, .out = folder / "c.npy", .type = ElementType::f16});
    test::exists(folder / "c.npy");
    std::string large = some_fbin(100, 3);
    const std::array<float, 4> values{70'000, -1e30F, INFINITY, NAN};
    std::memcpy(large.data() + 8 + 4 * 100, values.data(), sizeof(values));
    const std::string other = folder.write("d.fbin", large);
    const auto halves =
        run_convert({.input = other, .out = folder / "d.npy", .type = ElementType::f16});
    EXPECT_EQ(halves.losses.infinite, 2U);  // what was infinite before is no loss
    const auto bytes =
        run_convert({.input = other, .out = folder / "e.npy", .type = ElementType::i8});
    EXPECT_EQ(bytes.losses.clamped, 3U);
    EXPECT_EQ(bytes.losses.not_numbers, 1U);
    EXPECT_EQ(MatrixReader{folder / "c.npy"}.info().type, ElementType::f16);
}

TEST(Convert, IntegersStayTheSameNumbersOrEndTheJob) {
    const SharedFolder folder;
    std::string bytes(8 + 256, '\0');
    bytes[0] = 2;
    bytes[4] = static_cast<char>(128);
    for (std::size_t i = 0; i < 256; ++i) {
        bytes[8 + i] = static_cast<char>(i);
    }
    const std::string u8bin = folder.write("a.u8bin", bytes);
    run_convert({.input = u8bin, .out = folder / "b.npy", .type = ElementType::i64});
    run_convert({.input = folder / "b.npy", .out = folder / "c.ivecs"}
    );  // by what the layout holds
    run_convert({.input = folder / "c.ivecs", .out = folder / "d.fbin"});
    const auto done = run_convert({.input = folder / "d.fbin", .out = folder / "e.u8bin"});
    EXPECT_EQ(done.from, ElementType::f32);
    EXPECT_EQ(done.to, ElementType::u8);
    EXPECT_EQ(done.losses.clamped + done.losses.rounded, 0U);
    EXPECT_TRUE(test::read_file(folder / "e.u8bin") == bytes);
    try {
        run_convert({.input = u8bin, .out = folder / "f.i8bin"});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::malformed);
        expect_says(error.what(), "integers that i8 can hold", "128 in row 1, column 0", "a.u8bin");
    }
    EXPECT_FALSE(test::exists(folder / "f.i8bin"));
}

/// They came out times 127, without a word.
TEST(Convert, IntegersOfTextAreTheSameInI8) {
    const SharedFolder folder;
    const std::string text = folder.write("a.txt", "0 1 -1\n1.0e+00 -128 127\n");
    const auto done = run_convert({.input = text, .out = folder / "a.i8bin"});
    EXPECT_EQ(done.from, ElementType::i8);
    run_convert({.input = folder / "a.i8bin", .out = folder / "b.txt"});
    EXPECT_EQ(test::read_file(folder / "b.txt"), "0 1 -1\n1 -128 127\n");
    run_convert({.input = text, .out = folder / "c.ibin"});
    run_convert({.input = folder / "c.ibin", .out = folder / "c.i8bin"});
    EXPECT_EQ(test::read_file(folder / "c.i8bin"), test::read_file(folder / "a.i8bin"));

    const std::string fractions = folder.write("d.txt", "0.5 -1 0\n");
    for (const auto& [name, out] : {std::pair{fractions, "d.i8bin"}, {"e.txt", "e.i8bin"}}) {
        const std::string input = name == fractions ? name : folder.write(name, "1 300 nan\n");
        try {
            run_convert({.input = input, .out = folder / out});
            ADD_FAILURE() << "nothing was thrown";
        } catch (const Error& error) {
            expect_says(error.what(), "a number that i8 can hold in row 0", "--i8-scale");
        }
    }
    run_convert({.input = fractions, .out = folder / "f.i8bin", .i8_scale = 127});
    run_convert({.input = folder / "f.i8bin", .out = folder / "f.txt"});
    EXPECT_EQ(test::read_file(folder / "f.txt"), "64 -127 0\n");
}

TEST(Convert, NumbersOfTextAreReadAsWhatTheyBecome) {
    const SharedFolder folder;
    const std::string text = folder.write(
        "a.txt", "16777217 -9007199254740993\n1.000000000000000000e+00 9223372036854775807\n"
    );
    run_convert({.input = text, .out = folder / "a.npy", .type = ElementType::i64});
    test::exists(folder / "a.npy");
    const MatrixReader reader{folder / "a.npy"};
    std::vector<std::int64_t> values(4);
    reader.read_elements(0, 2, std::as_writable_bytes(std::span{values}));
    EXPECT_EQ(
        values, (std::vector<std::int64_t>{16'777'217, -9'007'199'254'740'993, 1, INT64_MAX})
    );
    try {
        run_convert({.input = text, .out = folder / "a.ivecs"});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        expect_says(error.what(), "a number that i32 can hold", "-9007199254740993");
    }
    const std::string halves = folder.write("b.txt", "0.5 1\n2 3\n");
    try {
        run_convert({.input = halves, .out = folder / "b.u8bin"});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        expect_says(error.what(), "a number that u8 can hold", "'0.5'");
    }
    run_convert({.input = halves, .out = folder / "b.npy", .type = ElementType::f64});
    test::exists(folder / "b.npy");
    EXPECT_EQ(MatrixReader{folder / "b.npy"}.info().type, ElementType::f64);
}

/// Rows of text have no places of their own: it failed with more than one thread, and with ranks.
TEST(Convert, ToTextIsTheSameForRanksAndThreads) {
    const SharedFolder folder;
    const std::string fbin = folder.write("a.fbin", some_fbin(5000, 3));
    std::string wanted;
    for (const std::size_t threads : {1U, 4U}) {
        const jobs::ConvertOptions options{
            .input = fbin, .out = folder / ("b" + std::to_string(threads) + ".txt"), .block = 7};
        const auto done = jobs::convert(options, {.threads = threads, .ranks = test::ranks()});
        EXPECT_EQ(done.rows, 5000U);
        const std::string text = test::read_file(options.out);
        wanted = wanted.empty() ? text : wanted;
        EXPECT_TRUE(text == wanted);
        EXPECT_FALSE(test::exists(options.out + ".unfiltered.part"));
        EXPECT_TRUE(run_convert(options).was_complete);
        EXPECT_TRUE(jobs::verify({.file = options.out}, {.ranks = test::ranks()}).is_whole());
    }
    run_convert({.input = folder / "b1.txt", .out = folder / "c.fbin"});
    EXPECT_TRUE(test::read_file(folder / "c.fbin") == test::read_file(fbin));
}

TEST(Convert, KnowsItsInputByItsContent) {
    const SharedFolder folder;
    const std::string fbin = folder.write("a.fbin", some_fbin(1000, 3));
    const jobs::ConvertOptions options{.input = fbin, .out = folder / "b.npy"};
    run_convert(options);
    folder.write("a.fbin", some_fbin(1000, 3));
    EXPECT_TRUE(run_convert(options).was_complete);
    std::string other = some_fbin(1000, 3);
    other[500] = static_cast<char>(other[500] ^ 1);
    folder.write("a.fbin", other);
    expect_says(test::thrown<Error>([&] { run_convert(options); }), "another run", "other bytes");
}

TEST(Convert, GoesOnWhereItWasStopped) {
    const SharedFolder folder;
    const std::string fbin = folder.write("a.fbin", some_fbin(50'001, 7));
    run_convert({.input = fbin, .out = folder / "wanted.npy", .type = ElementType::f16});
    jobs::ConvertOptions options{
        .input = fbin, .out = folder / "out.npy", .type = ElementType::f16};
    std::size_t n_stops = 0;
    for (unsigned attempt = 1;; ++attempt) {
        options.block = 4 + attempt;
        const StopSource stop;
        std::thread stopper{[&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{2 * attempt});
            stop.request_stop();
        }};
        bool is_complete = true;
        try {
            const auto done = jobs::convert(
                options, {.threads = 1 + attempt % 3, .stop = stop.token(), .ranks = test::ranks()}
            );
            EXPECT_EQ(done.rows, 50'001U);
            EXPECT_TRUE(n_stops > 0 || done.n_resumed == 0);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::stopped) << error.what();
            is_complete = false;
            ++n_stops;
        }
        stopper.join();
        if (is_complete) {
            break;
        }
    }
    EXPECT_TRUE(test::read_file(folder / "out.npy") == test::read_file(folder / "wanted.npy"));
    EXPECT_FALSE(test::exists(folder / "out.npy.part"));
    EXPECT_TRUE(run_convert(options).was_complete);
    options.type = ElementType::f32;
    EXPECT_THROW(run_convert(options), Error);
    options.resume.fresh = true;
    EXPECT_FALSE(run_convert(options).was_complete);
}

TEST(Convert, RefusesAnInputThatIsNotWhatItsNameSays) {
    const SharedFolder folder;
    const std::string cut = folder.write("a.fbin", some_fbin(100, 3).substr(0, 500));
    try {
        run_convert({.input = cut, .out = folder / "b.npy"});
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::malformed || error.code() == ErrorCode::truncated)
            << error.what();
        expect_says(error.what(), "a.fbin", "100 rows of 12 bytes", "492");
    }
    EXPECT_FALSE(test::exists(folder / "b.npy"));
    EXPECT_FALSE(test::exists(folder / "b.npy.part"));
}

}  // namespace
}  // namespace kaygraph
