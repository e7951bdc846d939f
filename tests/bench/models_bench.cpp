// Embedders alone, one thread, texts in memory: no reading, no writing.
//
//   kaygraph_models_bench CORPUS REPETITIONS SPEC...
//
// Prints a line a SPEC: the median seconds, tokens a second, megabytes of text a second. The repetitions of the SPECs
// take turns.
#include <kaygraph/models/embedder.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace models = kaygraph::models;

constexpr std::size_t block_texts = 1024;

struct Entrant {
    std::string spec;
    std::shared_ptr<const models::Embedder> model;
    std::vector<double> seconds = {};
    models::EmbedCounts counts = {};
};

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Embeds all, with nothing kept from before, as a process does.
void run(Entrant& entrant, std::span<const std::string_view> lines) {
    const auto start = std::chrono::steady_clock::now();
    const auto scratch = entrant.model->make_scratch();
    const std::size_t cols = entrant.model->dimension();
    std::vector<float> rows(block_texts * cols);
    for (std::size_t first = 0; first < lines.size(); first += block_texts) {
        const std::size_t n = std::min(block_texts, lines.size() - first);
        entrant.model->embed(
            lines.subspan(first, n), kaygraph::MatrixView<float>{rows.data(), n, cols}, *scratch
        );
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    entrant.seconds.push_back(elapsed.count());
    entrant.counts = scratch->counts;
}

void bench(const std::string& path, int repetitions, std::span<const std::string> specs) {
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.empty()) {
        throw std::runtime_error(path + " cannot be read, or is empty");
    }
    const std::vector<std::string_view> lines = lines_of(text);
    std::vector<Entrant> entrants;
    for (const std::string& spec : specs) {
        entrants.push_back({spec, models::open_embedder(spec)});
    }
    for (int i = 0; i < repetitions; ++i) {
        for (Entrant& entrant : entrants) {
            run(entrant, lines);
        }
    }
    for (Entrant& entrant : entrants) {
        std::sort(entrant.seconds.begin(), entrant.seconds.end());
        const double median = entrant.seconds[entrant.seconds.size() / 2];
        std::printf(
            "%s %.4f %.0f %.1f\n",
            entrant.spec.c_str(),
            median,
            static_cast<double>(entrant.counts.tokens) / median,
            static_cast<double>(text.size()) / median / 1e6
        );
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 3 || std::atoi(words[1].c_str()) < 1) {
        std::fprintf(stderr, "usage: kaygraph_models_bench CORPUS REPETITIONS SPEC...\n");
        return 64;
    }
    try {
        bench(words[0], std::atoi(words[1].c_str()), std::span{words}.subspan(2));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kaygraph_models_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
