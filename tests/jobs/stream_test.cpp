// Jobs that write into a stream: the bytes of the file, in order, on rank 0, and nothing beside them.
#include "jobs/texts.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/fit_projection.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace kaygraph {
namespace {

using test::SharedFolder;

/// What a stream was given; on other ranks than 0 nothing is.
class Given {
public:
    [[nodiscard]] std::function<void(std::span<const std::byte>)> taker() {
        return [this](std::span<const std::byte> bytes) {
            EXPECT_EQ(test::ranks().rank(), 0);
            bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        };
    }
    void expect(const std::string& file) const {
        const std::string wanted = test::read_file(file);
        if (test::ranks().rank() == 0) {
            EXPECT_TRUE(bytes_ == wanted);
        } else {
            EXPECT_TRUE(bytes_.empty());
        }
    }

private:
    std::string bytes_;
};

jobs::EmbedOptions some_texts(const SharedFolder& folder) {
    std::string lines;
    std::size_t n = 0;
    for (const std::string& text : test::some_texts(3000, 5)) {
        lines += ++n % 1000 == 0 ? "{broken\n" : "{\"text\": \"" + text + "\"}\n";
    }
    return {
        .inputs = {folder.write("a.jsonl", lines)},
        .model = "hash:16",
        .out = folder / "out.npy",
        .on_reject = jobs::OnReject::zero_row,
        .max_errors = {.count = 3}};
}

TEST(Stream, GetsTheBytesOfTheFile) {
    const SharedFolder folder;
    jobs::EmbedOptions options = some_texts(folder);
    const auto made = jobs::embed(options, {.threads = 2, .ranks = test::ranks()});
    for (const std::size_t threads : {1U, 3U}) {
        Given given;
        jobs::EmbedOptions streamed = options;
        streamed.out = folder / "none.npy";
        streamed.stream = given.taker();
        const auto done = jobs::embed(streamed, {.threads = threads, .ranks = test::ranks()});
        given.expect(options.out);
        EXPECT_EQ(done.rows, made.rows);
        EXPECT_EQ(done.n_rejected, 3U);
        EXPECT_EQ(done.counts.tokens, made.counts.tokens);
        EXPECT_FALSE(test::exists(streamed.out));
        EXPECT_FALSE(test::exists(streamed.out + ".run"));
    }
}

TEST(Stream, EndsWithTheErrorsOfTheJob) {
    const SharedFolder folder;
    jobs::EmbedOptions options = some_texts(folder);
    options.model = "hash:8";
    Given given;
    options.stream = given.taker();
    const auto code_of = [&] {
        try {
            jobs::embed(options, {.ranks = test::ranks()});
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::unknown;
    };
    options.max_errors = {.count = 2};
    EXPECT_EQ(code_of(), ErrorCode::error_budget);
    options.on_reject = jobs::OnReject::error;
    EXPECT_EQ(code_of(), ErrorCode::malformed);
    options.on_reject = jobs::OnReject::skip;
    EXPECT_EQ(code_of(), ErrorCode::invalid_argument);
    options.on_reject = jobs::OnReject::zero_row;
    options.max_errors = {.count = 3};
    options.stream = [](std::span<const std::byte>) {
        throw IoError(ErrorCode::io, "the reader has gone");
    };
    EXPECT_EQ(code_of(), ErrorCode::io);
}

TEST(Stream, OfMatrices) {
    const SharedFolder folder;
    jobs::EmbedOptions texts = some_texts(folder);
    texts.model = "hash:16";
    jobs::embed(texts, {.ranks = test::ranks()});
    for (const auto format : {MatrixFormat::text, MatrixFormat::fvecs}) {
        jobs::ConvertOptions options{
            .input = texts.out, .out = folder / std::string{to_string(format)}, .format = format};
        jobs::convert(options, {.threads = 2, .ranks = test::ranks()});
        Given given;
        jobs::ConvertOptions streamed = options;
        streamed.out = folder / "none";
        streamed.stream = given.taker();
        jobs::convert(streamed, {.threads = 2, .ranks = test::ranks()});
        given.expect(options.out);
        EXPECT_FALSE(test::exists(streamed.out + ".run"));
    }
    jobs::FitProjectionOptions options{.input = texts.out, .out = folder / "axes.npy", .n_axes = 3};
    jobs::fit_projection(options, {.ranks = test::ranks()});
    Given given;
    options.out = folder / "none.npy";
    options.stream = given.taker();
    jobs::fit_projection(options, {.ranks = test::ranks()});
    given.expect(folder / "axes.npy");
    EXPECT_FALSE(test::exists(options.out + ".run"));
}

}  // namespace
}  // namespace kaygraph
