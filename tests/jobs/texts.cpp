#include "jobs/texts.hpp"

#include "support/ranks.hpp"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

namespace kaygraph::test {
namespace {

/// Collective. Nobody goes on before all have come.
void meet() {
    static_cast<void>(all_texts(""));
}

}  // namespace

SharedFolder::SharedFolder() {
    static std::atomic<int> number{0};
    const std::string own =
        (std::filesystem::temp_directory_path()
         / ("kaygraph_jobs_" + std::to_string(::getpid()) + "_" + std::to_string(++number)))
            .string();
    path_ = all_texts(own).front();
    if (n_ranks() == 1 || ranks().rank() == 0) {
        std::filesystem::create_directories(path_);
    }
    meet();
}

SharedFolder::~SharedFolder() {
    meet();
    if (n_ranks() == 1 || ranks().rank() == 0) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

std::string SharedFolder::write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = path_ / name;
    if (n_ranks() == 1 || ranks().rank() == 0) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream file{path, std::ios::binary};
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!file.flush()) {
            throw std::runtime_error("cannot write " + path.string());
        }
    }
    meet();
    return path.string();
}

std::vector<std::string> some_texts(std::size_t n, unsigned seed) {
    static const std::vector<std::string> words{
        "the",
        "graph",
        "of",
        "nodes",
        "rank",
        "thread",
        "où",
        "日本語",
        "naïve",
        "Ärger",
        "data",
        "bytes",
        "a",
        "🙂",
        "embedding",
        "x"};
    std::mt19937 random{seed};
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n; ++i) {
        std::string text;
        const std::size_t n_words = random() % 12 == 0 ? 0 : 1 + random() % 20;
        for (std::size_t w = 0; w < n_words; ++w) {
            text += (w == 0 ? "" : " ") + words[random() % words.size()];
            if (random() % 4 == 0) {
                text += std::to_string(random() % 1000);
            }
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

std::string as_lines(const std::vector<std::string>& texts) {
    std::string lines;
    for (const std::string& text : texts) {
        lines += text + "\n";
    }
    return lines;
}

std::string read_file(const std::string& path) {
    meet();
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    std::string bytes{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    meet();
    return bytes;
}

bool exists(const std::string& path) {
    meet();
    const bool is_there = std::filesystem::exists(path);
    meet();
    return is_there;
}

}  // namespace kaygraph::test
