// The files of this machine: every return value is looked at, interrupted calls are repeated.
#include "files/posix_errors.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace kaygraph {
namespace detail {

void raise_io(const std::string& what, const std::string& path, int error_number) {
    throw IoError(
        ErrorCode::io,
        "cannot " + what + ": " + std::generic_category().message(error_number),
        {.file = path}
    );
}

}  // namespace detail

namespace {

using detail::raise_io;

/// Calls a function of the system until no signal interrupts it.
template <class Call>
auto uninterrupted(Call&& call) {
    for (;;) {
        const auto result = call();
        if (result != -1 || errno != EINTR) {
            return result;
        }
    }
}

std::int64_t nanoseconds(const struct timespec& time) {
    // of a time that somebody has set: no year is too far away
    return static_cast<std::int64_t>(
        static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U
        + static_cast<std::uint64_t>(time.tv_nsec)
    );
}

FileStatus status_from(const struct stat& of) {
    constexpr std::uint64_t block_bytes = 512;  // of st_blocks, whatever the file system
    return {
        .bytes = static_cast<std::uint64_t>(of.st_size),
        .modified_ns = nanoseconds(of.st_mtim),
        .changed_ns = nanoseconds(of.st_ctim),
        .device = of.st_dev,
        .inode = of.st_ino,
        .allocated_bytes = static_cast<std::uint64_t>(of.st_blocks) * block_bytes,
        .is_directory = S_ISDIR(of.st_mode),
        .is_regular = S_ISREG(of.st_mode)};
}

class PosixFile final : public File {
public:
    PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;
    ~PosixFile() override {
        if (descriptor_ != -1) {
            ::close(descriptor_);
        }
    }

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t n = uninterrupted([&] {
                return ::pread(
                    descriptor_,
                    bytes.data() + done,
                    bytes.size() - done,
                    static_cast<off_t>(offset + done)
                );
            });
            if (n == -1) {
                raise_io("read", path_, errno);
            }
            if (n == 0) {
                break;
            }
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t n = uninterrupted([&] {
                return ::pwrite(
                    descriptor_,
                    bytes.data() + done,
                    bytes.size() - done,
                    static_cast<off_t>(offset + done)
                );
            });
            if (n == -1 || n == 0) {
                raise_io("write", path_, n == 0 ? ENOSPC : errno);
            }
            done += static_cast<std::size_t>(n);
        }
    }

    void start_sync(std::uint64_t offset, std::uint64_t bytes) noexcept override {
#ifdef SYNC_FILE_RANGE_WRITE
        static_cast<void>(::sync_file_range(
            descriptor_,
            static_cast<off64_t>(offset),
            static_cast<off64_t>(bytes),
            SYNC_FILE_RANGE_WRITE
        ));
#else
        static_cast<void>(offset);
        static_cast<void>(bytes);
#endif
    }

    void resize(std::uint64_t bytes) override {
        if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(bytes)); })
            == -1) {
            raise_io("resize", path_, errno);
        }
    }

    void sync() override {
        if (uninterrupted([&] { return ::fdatasync(descriptor_); }) == -1) {
            raise_io("sync", path_, errno);
        }
    }

    void close() override {
        // not repeated after EINTR: on Linux the descriptor is gone then
        const int descriptor = std::exchange(descriptor_, -1);
        if (descriptor != -1 && ::close(descriptor) == -1 && errno != EINTR) {
            raise_io("close", path_, errno);
        }
    }

    bool try_lock() override {
        if (uninterrupted([&] { return ::flock(descriptor_, LOCK_EX | LOCK_NB); }) == 0) {
            return true;
        }
        if (errno == EWOULDBLOCK) {
            return false;
        }
        if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL) {
            return true;
        }
        raise_io("lock", path_, errno);
    }

    FileStatus status() override {
        struct stat of {};
        if (::fstat(descriptor_, &of) == -1) {
            raise_io("look at", path_, errno);
        }
        return status_from(of);
    }

    const std::string& path() const noexcept override {
        return path_;
    }

private:
    int descriptor_;
    std::string path_;
};

class PosixFiles final : public FileSystem {
public:
    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
        int flags = O_CLOEXEC;
        switch (mode) {
            case OpenMode::read:
                flags |= O_RDONLY;
                break;
            case OpenMode::create:
                flags |= O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
                break;
            case OpenMode::open_or_create:
                flags |= O_RDWR | O_CREAT | O_NOFOLLOW;
                break;
        }
        const int descriptor = uninterrupted([&] { return ::open(path.c_str(), flags, 0666); });
        if (descriptor == -1) {
            raise_io(mode == OpenMode::read ? "open" : "create", path, errno);
        }
        return std::make_unique<PosixFile>(descriptor, path);
    }

    std::optional<FileStatus> status(const std::string& path) override {
        struct stat of {};
        if (::stat(path.c_str(), &of) == -1) {
            if (errno == ENOENT || errno == ENOTDIR) {
                return {};
            }
            raise_io("look at", path, errno);
        }
        return status_from(of);
    }

    void rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) == -1) {
            raise_io("rename to '" + to + "'", from, errno);
        }
    }

    void remove(const std::string& path) override {
        if (::unlink(path.c_str()) == -1 && errno != ENOENT) {
            raise_io("remove", path, errno);
        }
    }

    void make_directory(const std::string& path) override {
        if (::mkdir(path.c_str(), 0777) == -1 && errno != EEXIST) {
            raise_io("make the directory", path, errno);
        }
    }

    void sync_directory(const std::string& path) override {
        const int descriptor =
            uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
        if (descriptor == -1) {
            raise_io("open the directory", path, errno);
        }
        PosixFile directory{descriptor, path};
        // some file systems know no sync of directories and say EINVAL
        if (uninterrupted([&] { return ::fsync(descriptor); }) == -1 && errno != EINVAL) {
            raise_io("sync the directory", path, errno);
        }
        directory.close();
    }
};

}  // namespace

std::vector<std::string> FileSystem::names_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry{directory, error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        raise_io("list the directory", directory, error.value());
    }
    return names;
}

bool FileSystem::may_write_in(const std::string& directory) {
    return ::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::optional<std::uint64_t> FileSystem::free_bytes(const std::string& directory) {
    struct statvfs of {};
    if (uninterrupted([&] { return ::statvfs(directory.c_str(), &of); }) == -1
        || of.f_blocks == 0) {  // some file systems do not count
        return {};
    }
    const std::uint64_t blocks = ::geteuid() == 0 ? of.f_bfree : of.f_bavail;
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(blocks, std::uint64_t{of.f_frsize}, &bytes)) {
        return {};
    }
    return bytes;
}

FileSystem& posix_files() noexcept {
    static PosixFiles files;
    return files;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace kaygraph
