#include "runs/frame_bytes.hpp"

#include <kaygraph/runs/crash_note.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace kaygraph::runs {
namespace {

/// What a thread is at.
struct Place {
    bool is_set = false;
    std::array<char, 4001> file{};
    std::uint32_t attempt = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

Place& place() noexcept {
    thread_local Place here;
    return here;
}

}  // namespace

void is_at_items(
    const std::string& file,
    std::uint32_t attempt,
    std::uint64_t first,
    std::uint64_t last
) noexcept {
    Place& here = place();
    here.is_set = false;  // a crash in between blames nobody
    if (file.size() < here.file.size()) {
        std::copy_n(file.c_str(), file.size() + 1, here.file.data());
        here.attempt = attempt;
        here.first = first;
        here.last = last;
        here.is_set = true;
    }
}

void is_at_none() noexcept {
    place().is_set = false;
}

void note_crash() noexcept {
    const Place& here = place();
    if (!here.is_set) {
        return;
    }
    // Plain calls of the system: nothing else is safe here, and nobody is left to hear of an error.
    const int file = ::open(here.file.data(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    struct stat status {};
    if (file < 0 || ::fstat(file, &status) != 0) {
        return;
    }
    Frame frame;  // no note, so no memory
    frame.kind = FrameKind::crashed;
    frame.attempt = here.attempt;
    frame.sequence = static_cast<std::uint64_t>(status.st_size) / detail::least_frame_bytes;
    frame.first = here.first;
    frame.last = here.last;
    const auto bytes = detail::bare_frame(frame);
    const auto offset = static_cast<off_t>(frame.sequence * detail::least_frame_bytes);
    static_cast<void>(::pwrite(file, bytes.data(), bytes.size(), offset) + ::fsync(file));
    static_cast<void>(::close(file));
}

}  // namespace kaygraph::runs
