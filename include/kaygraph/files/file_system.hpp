#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// @file
/// The one way in which the library writes files, so that tests can let any call fail, write short or cut
/// the power. Every failure is an IoError (io) with the file, what was tried and the system's reason.
/// @par MPI Local.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a path leads to.
struct FileStatus {
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;  ///< its bytes were, since 1970
    std::int64_t changed_ns = 0;   ///< something of it was: bytes, name, owner, times
    std::uint64_t device = 0;      ///< with `inode`: the same file, whatever its path
    std::uint64_t inode = 0;
    std::uint64_t allocated_bytes = 0;  ///< on the device: fewer than `bytes` where there are holes
    bool is_directory = false;
    bool is_regular = false;
};

enum class OpenMode : std::uint8_t {
    read,
    create,  ///< for reading and writing; there must be none yet (O_EXCL), a link is not followed
    open_or_create,  ///< for reading and writing; what is there stays; a link is not followed
};

/// An open file. Closed by its destructor, which tells nobody of errors; close() does.
/// @par Threads read_at and write_at: any thread, at once; the others: one.
class KAYGRAPH_EXPORT File : public Interface {
public:
    /// Reads at an offset, fewer bytes than asked for only at the end of the file. Returns how many.
    virtual std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) = 0;
    /// Writes all bytes at an offset.
    virtual void write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
    /// Begins to put written bytes onto the device, and does not wait. A hint: it says nothing of errors.
    virtual void start_sync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) noexcept {}
    /// Cuts or lengthens (with zeros) the file.
    virtual void resize(std::uint64_t bytes) = 0;
    /// Puts data and size onto the device. After a failure nothing is known of the file's bytes.
    virtual void sync() = 0;
    virtual void close() = 0;
    /// Locks the file until it is closed or the process ends, however it ends. Returns false where somebody else
    /// has locked it; true without a lock where the file system has none.
    [[nodiscard]] virtual bool try_lock() { return true; }
    [[nodiscard]] virtual FileStatus status() = 0;
    [[nodiscard]] virtual const std::string& path() const noexcept = 0;
};

/// @par Threads Any thread.
class KAYGRAPH_EXPORT FileSystem : public Interface {
public:
    [[nodiscard]] virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
    /// Returns nothing where there is no such file.
    [[nodiscard]] virtual std::optional<FileStatus> status(const std::string& path) = 0;
    /// Replaces what has the new name, at once.
    virtual void rename(const std::string& from, const std::string& to) = 0;
    /// Removes a file; one that is not there is no error.
    virtual void remove(const std::string& path) = 0;
    /// Makes a directory; one that is there is no error.
    virtual void make_directory(const std::string& path) = 0;
    /// Puts names made, renamed and removed in a directory onto the device.
    virtual void sync_directory(const std::string& path) = 0;

    // What is asked before there is work. Those who only watch or disturb the calls above need not know of it.

    /// Returns the names in a directory, in no order; none where there is no such directory.
    [[nodiscard]] virtual std::vector<std::string> names_in(const std::string& directory);
    /// Returns whether this process may make files in a directory.
    [[nodiscard]] virtual bool may_write_in(const std::string& directory);
    /// Returns how many bytes this process may still write below a directory; nothing where that is not known. Quotas are
    /// not looked at where the file system does not count them in.
    [[nodiscard]] virtual std::optional<std::uint64_t> free_bytes(const std::string& directory);
};

/// Returns the files of this machine.
[[nodiscard]] KAYGRAPH_EXPORT FileSystem& posix_files() noexcept;

/// Returns the directory part of a path, "." where there is none.
[[nodiscard]] KAYGRAPH_EXPORT std::string directory_of(const std::string& path);

}  // namespace kaygraph

#pragma GCC visibility pop
