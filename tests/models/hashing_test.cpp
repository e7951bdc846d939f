// The hashing model is fixed for ever: a slow version of its documentation, and numbers that may not change.
#include <kaygraph/kernels/hash.hpp>
#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

__extension__ typedef unsigned __int128 Wide;

/// By the letter of the documentation.
std::vector<double> reference(const std::string& text, std::uint64_t dim) {
    std::vector<double> row(dim);
    const auto add = [&](std::uint64_t hash) {
        const auto bucket = static_cast<std::size_t>(static_cast<Wide>(hash * 2) * dim >> 64U);
        row[bucket] += hash >> 63U != 0 ? -1 : 1;
    };
    std::istringstream words{text};
    std::uint64_t before = 0;
    bool is_first = true;
    for (std::string word; words >> word; is_first = false) {
        for (char& c : word) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        const std::uint64_t hash = kernels::hash_bytes(word, 1);
        add(hash);
        if (!is_first) {
            const Wide product = static_cast<Wide>(before ^ 0xA54FF53A5F1D36F1U) * hash;
            add(static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U));
        }
        before = hash;
        std::vector<std::string> characters;
        for (const char c : "<" + word + ">") {
            if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
                characters.emplace_back();
            }
            characters.back() += c;
        }
        for (std::size_t first = 0; first < characters.size(); ++first) {
            std::string ngram;
            for (std::size_t n = 1; n <= 5 && first + n <= characters.size(); ++n) {
                ngram += characters[first + n - 1];
                if (n >= 3) {
                    add(kernels::hash_bytes(ngram, 2));
                }
            }
        }
    }
    double squares = 0;
    for (const double value : row) {
        squares += value * value;
    }
    for (double& value : row) {
        value /= squares > 0 ? std::sqrt(squares) : 1;
    }
    return row;
}

std::vector<float> embed(const std::string& spec, const std::string& text, bool normalize = true) {
    const auto model = models::open_embedder(spec, {.normalize = normalize});
    std::vector<float> row(model->dimension());
    const auto scratch = model->make_scratch();
    const std::string_view view = text;
    model->embed({&view, 1}, {row.data(), 1, row.size()}, *scratch);
    return row;
}

TEST(Hashing, IsWhatItsDocumentationSays) {
    for (const std::string text :
         {"",
          " ",
          "a",
          "Hello World",
          "où est la gare où",
          "日本語 テキスト",
          "tab\tnew\nline\v\f\r.",
          "a word that is longer than sixty-four bytes: "
          "pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopicsilicovolcanoconios"
          "is"}) {
        for (const std::uint64_t dim : {1U, 3U, 64U, 1000U}) {
            const std::vector<double> expected = reference(text, dim);
            const std::vector<float> got = embed("hash:" + std::to_string(dim), text);
            for (std::size_t i = 0; i < dim; ++i) {
                EXPECT_NEAR(got[i], expected[i], 1e-6) << text << " at " << i << " of " << dim;
            }
        }
    }
}

TEST(Hashing, GivesWhatItGaveWhenItWasMade) {
    EXPECT_EQ(
        embed("hash:8", "Stable across machines and versions", false),
        (std::vector<float>{6, -1, -3, 2, 6, 7, 7, -1})
    );
}

TEST(Hashing, TextsThatShareWordsAreNear) {
    const auto similarity = [](const std::string& a, const std::string& b) {
        const std::vector<float> x = embed("hash:256", a);
        const std::vector<float> y = embed("hash:256", b);
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
        }
        return sum;
    };
    EXPECT_GT(similarity("the quick brown fox", "a quick brown fox"), 0.6);
    EXPECT_GT(similarity("the quick brown fox", "THE QUICK BROWN FOXES"), 0.7);
    EXPECT_LT(similarity("the quick brown fox", "linear algebra on clusters"), 0.3);
}

}  // namespace
}  // namespace kaygraph
