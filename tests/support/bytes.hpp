#pragma once

#include <stdlib.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kaygraph::test {

using Bytes = std::vector<std::byte>;

/// Puts numbers and texts behind each other, as files have them.
template <class... Parts>
Bytes bytes(const Parts&... parts) {
    Bytes all;
    const auto append = [&all](const void* data, std::size_t size) {
        const auto* first = static_cast<const std::byte*>(data);
        all.insert(all.end(), first, first + size);
    };
    [[maybe_unused]] const auto put = [&append](const auto& part) {
        using Part = std::remove_cvref_t<decltype(part)>;
        if constexpr (std::is_arithmetic_v<Part>) {
            append(&part, sizeof(part));
        } else if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
            const std::string_view text{part};
            append(text.data(), text.size());
        } else {
            append(part.data(), part.size() * sizeof(part[0]));
        }
    };
    (put(parts), ...);
    return all;
}

/// A folder of its own for a test, removed with it.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "kaygraph-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Writes a file, with its folders, and returns its path.
    template <class... Parts>
    std::string write(const std::string& name, const Parts&... parts) const {
        const Bytes all = bytes(parts...);
        std::filesystem::create_directories(std::filesystem::path{file(name)}.parent_path());
        std::ofstream out{file(name), std::ios::binary};
        out.write(
            reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size())
        );
        if (!out.flush()) {
            throw std::runtime_error("cannot write " + file(name));
        }
        return file(name);
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in{file(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(file(name));
    }

private:
    std::string path_;
};

}  // namespace kaygraph::test
