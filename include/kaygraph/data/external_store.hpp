#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Values in a directory, each in a file of its own, under an id: what is too large to stand in a store, or has to
/// outlive it.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Values by id, in a directory that many processes and nodes may share.
///
///     kg::ExternalStore values{"corpus.values"};
///     values.put("documents-17", documents);
///     const auto again = values.get<Documents>("documents-17");
///
/// A file is there whole or not at all, and of two that put the same id one has written last. What is read is compared
/// with a checksum of its bytes and with the type that is asked for. Bytes are those of the codec: for programs of one
/// build on machines of one architecture.
/// @par MPI Local; ranks may use one directory.
/// @par Threads Any thread.
class KAYGRAPH_EXPORT ExternalStore {
public:
    /// The longest id, in characters.
    static constexpr std::size_t max_id_length = 200;

    /// Makes the directory where there is none. @throws IoError where that fails.
    explicit ExternalStore(std::string directory, FileSystem& files = posix_files());

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

    /// Writes a value, on the device when this returns. An id is 1 to 200 letters, digits, `-`, `_` and `.`, and does not
    /// begin with a dot. @throws ArgumentError for another id; IoError.
    template <Encodable T>
    void put(std::string_view id, const T& value) const {
        write(id, type_name<T>(), encode(value));
    }

    /// Returns the value of an id.
    /// @throws StoreError (missing_key) where there is none, (wrong_type) for a value of another type; FormatError for a
    /// file that was damaged; ArgumentError for what is no id; IoError.
    template <Encodable T>
    [[nodiscard]] T get(std::string_view id) const {
        const std::optional<std::vector<std::byte>> bytes = read(id, type_name<T>());
        if (!bytes) {
            raise_missing(id);
        }
        return decode<T>(payload_of(*bytes));
    }

    /// Returns the value of an id, or nothing where there is none. @throws as get() for all else.
    template <Encodable T>
    [[nodiscard]] std::optional<T> find(std::string_view id) const {
        const std::optional<std::vector<std::byte>> bytes = read(id, type_name<T>());
        return bytes ? std::optional<T>{decode<T>(payload_of(*bytes))} : std::nullopt;
    }

    [[nodiscard]] bool contains(std::string_view id) const;
    /// Removes a value; one that is not there is no error.
    void erase(std::string_view id) const;
    /// Returns the ids of all values, in ascending order.
    [[nodiscard]] std::vector<std::string> ids() const;

private:
    [[nodiscard]] std::string path_of(std::string_view id) const;
    void write(std::string_view id, std::string_view type, std::span<const std::byte> payload)
        const;
    /// Returns the whole file, judged; nothing where there is none.
    [[nodiscard]] std::optional<std::vector<std::byte>> read(
        std::string_view id,
        std::string_view type
    ) const;
    [[nodiscard]] static std::span<const std::byte> payload_of(std::span<const std::byte> file);
    [[noreturn]] void raise_missing(std::string_view id) const;

    std::string directory_;
    FileSystem* files_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
