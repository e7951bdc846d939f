#pragma once

#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace kaygraph::detail {

/// Opens an input. @throws IoError where it is not the file that was listed.
[[nodiscard]] std::unique_ptr<File> open_listed(const TextInput& input, FileSystem& files);

/// Keeps the files that were used last open, a bounded number of them.
/// @par Threads Any thread.
class OpenFiles {
public:
    /// `inputs` must outlive it.
    OpenFiles(const std::vector<TextInput>& inputs, FileSystem& files)
        : inputs_(&inputs), files_(&files) {}

    [[nodiscard]] std::shared_ptr<File> get(std::uint32_t input);

private:
    static constexpr std::size_t most_open = 64;

    struct Entry {
        std::uint32_t input = 0;
        std::uint64_t used = 0;
        std::shared_ptr<File> file;
    };

    std::shared_ptr<File> find(std::uint32_t input);

    const std::vector<TextInput>* inputs_;
    FileSystem* files_;
    std::mutex mutex_;
    std::uint64_t clock_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace kaygraph::detail
