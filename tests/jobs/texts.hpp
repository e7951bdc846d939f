#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

/// @file
/// Texts for the tests of jobs, and files of them. On ranks all tests share one folder: rank 0 writes.

namespace kaygraph::test {

/// A folder of a test, the same on all ranks, removed at its end.
class SharedFolder {
public:
    /// Collective.
    SharedFolder();
    SharedFolder(const SharedFolder&) = delete;
    SharedFolder& operator=(const SharedFolder&) = delete;
    /// Collective in that all ranks end their tests together.
    ~SharedFolder();

    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path_ / name).string();
    }

    /// Collective. Rank 0 writes a file.
    std::string write(const std::string& name, const std::string& bytes) const;

private:
    std::filesystem::path path_;
};

/// Returns n lines of words, some of them empty or not ASCII, for one seed always the same.
std::vector<std::string> some_texts(std::size_t n, unsigned seed);

/// Returns texts as lines.
std::string as_lines(const std::vector<std::string>& texts);

/// Collective. Returns a file's bytes, as every rank sees them after all have arrived.
std::string read_file(const std::string& path);

/// Collective: whether there is such a file after all ranks have arrived.
bool exists(const std::string& path);

}  // namespace kaygraph::test
