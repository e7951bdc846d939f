#include "files/posix_errors.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/mapped_file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace kaygraph {

MappedFile::MappedFile(std::string path, AccessPattern pattern) : path_(std::move(path)) {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor == -1) {
        detail::raise_io("open", path_, errno);
    }
    struct stat of {};
    int error = ::fstat(descriptor, &of) == -1 ? errno : 0;
    void* map = nullptr;
    const auto bytes = static_cast<std::size_t>(of.st_size);
    if (error == 0 && !S_ISREG(of.st_mode)) {
        error = S_ISDIR(of.st_mode) ? EISDIR : ESPIPE;
    }
    if (error == 0 && bytes != 0) {
        map = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
        error = map == MAP_FAILED ? errno : 0;
    }
    ::close(descriptor);
    if (error != 0) {
        detail::raise_io("map", path_, error);
    }
    if (map != nullptr) {
        static_cast<void>(::madvise(
            map, bytes, pattern == AccessPattern::sequential ? MADV_SEQUENTIAL : MADV_NORMAL
        ));  // a hint
        bytes_ = {static_cast<const std::byte*>(map), bytes};
    }
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) {
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    }
}

}  // namespace kaygraph
