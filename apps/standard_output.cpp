#include "standard_output.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/parallel/launcher.hpp>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace command {
namespace kg = kaygraph;
namespace {

bool& has_reader() {
    static bool has = true;
    return has;
}

bool& is_wanted() noexcept {
    static bool is = false;
    return is;
}

void write_all(std::span<const std::byte> bytes) {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    while (!bytes.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n == -1 && errno == EINTR) {
            continue;
        }
        if (n == -1) {
            has_reader() = errno != EPIPE;
            throw kg::IoError(
                kg::ErrorCode::io,
                "cannot write to standard output: " + std::generic_category().message(errno)
            );
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

}  // namespace

bool is_to_standard_output() noexcept {
    return is_wanted();
}

int with_a_reader(const kg::Runtime& ranks, const std::function<int()>& job) {
    try {
        return job();
    } catch (const kg::IoError&) {
        if (!has_reader() && ranks.communicator() == nullptr) {
            static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
            static_cast<void>(std::raise(SIGPIPE));
        }
        throw;
    }
}

std::function<void(std::span<const std::byte>)> standard_output(
    const JobOptions& job,
    kg::MatrixFormat format,
    const kg::Runtime& ranks
) {
    if (job.json) {
        throw kg::ArgumentError("--json goes to standard output, and so does --out -: one of them");
    }
    // a launcher may give its tasks a terminal of its own, and pass on what comes out of it
    const bool is_launched = ranks.communicator() != nullptr || kg::launched_task();
    if (!is_launched && format != kg::MatrixFormat::text && ::isatty(STDOUT_FILENO) == 1) {
        throw kg::ArgumentError(
            "standard output is a terminal, and " + std::string{to_string(format)}
            + " is no text: --format text, or a pipe"
        );
    }
    is_wanted() = true;
    return write_all;
}

}  // namespace command
