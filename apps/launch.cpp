#include "launch.hpp"

#include "standard_output.hpp"

#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/launcher.hpp>
#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/mpi.hpp>
#endif

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <new>

namespace command {
namespace kg = kaygraph;
namespace {

/// A hostile name must not write to the terminal. Line ends stay: messages have some.
std::string printable(const std::string& text) {
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20U && c != '\n') || byte == 0x7FU) {
            shown += "\\x";
            shown += "0123456789abcdef"[byte >> 4U];
            shown += "0123456789abcdef"[byte & 15U];
        } else {
            shown += c;
        }
    }
    return shown;
}

std::string next_step(std::string_view verb) {
    if (is_to_standard_output()) {
        return "the output is cut off: the same command begins anew";
    }
    return verb == "embed" || verb == "convert"
               ? "nothing is lost: the same command goes on"
               : "nothing was written: the same command begins anew";
}

/// What may help beside the message.
std::string hint_for(const kg::Error& error) {
    const std::string& file = error.context().file;
    if (error.code() == kg::ErrorCode::error_budget) {
        return "; --max-errors N or P% tolerates more";
    }
    const bool is_of_run = file.find(".run/") != std::string::npos;
    if (is_of_run && error.code() == kg::ErrorCode::malformed) {
        return "; --fresh begins anew";
    }
    return "";
}

/// Runs the verb; its errors become an exit code. A broken communicator is the session's business.
int judged(
    std::string_view verb,
    const kg::Runtime& ranks,
    const std::function<int(const kg::Runtime&)>& body
) {
    const auto tell = [&](const std::string& what) {
        if (ranks.rank() == 0) {
            std::cerr << "kaygraph " << verb << ": " << printable(what) << "\n";
        }
    };
    try {
        return body(ranks);
    } catch (const kg::CommunicationError&) {
        throw;
    } catch (const kg::Error& error) {
        if (kg::is<std::bad_alloc>(error)) {  // on another rank
            tell("out of memory");
        } else if (error.code() == kg::ErrorCode::stopped) {
            tell("stopped before the end; " + next_step(verb));
        } else {
            tell(error.what() + hint_for(error));
        }
        return exit_code(error.code());
    } catch (const std::bad_alloc&) {
        tell("out of memory");
        return failed;
    } catch (const std::exception& error) {
        tell(error.what());
        return failed;
    }
}

}  // namespace

void open_standard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) == -1) {
            // the other way round: using it is an error, as it should be
            static_cast<void>(::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
            );
        }
    }
}

int exit_code(kg::ErrorCode code) noexcept {
    switch (code) {
        case kg::ErrorCode::invalid_argument:
            return usage;
        case kg::ErrorCode::error_budget:
        case kg::ErrorCode::all_items_failed:
            return too_many_rejects;
        case kg::ErrorCode::malformed:
        case kg::ErrorCode::truncated:
            return bad_input;
        case kg::ErrorCode::io:
            return io_failed;
        case kg::ErrorCode::stopped:
            return stopped;
        default:
            return failed;
    }
}

bool is_spokesman() {
    const auto task = kg::launched_task();
    return !task || task->rank == 0;
}

std::string lone_task(const kg::Runtime& ranks) {
#ifdef KAYGRAPH_WITH_MPI
    const std::string mpi = kg::mpi::library_name();
#else
    const std::string mpi;
#endif
    return kg::describe_lone_task(kg::launched_task(), ranks.size(), mpi);
}

int run_on_ranks(
    int argc,
    char** argv,
    std::string_view verb,
    const Together& together,
    const std::function<int(const kg::Runtime&)>& body
) {
    const auto run = [&](const kg::Runtime& ranks) {
        const std::string why = together.alone || together.lone_tasks ? "" : lone_task(ranks);
        if (!why.empty()) {
            throw kg::ArgumentError(why + ", or with --alone where each is a job of its own");
        }
        return body(ranks);
    };
#ifdef KAYGRAPH_WITH_MPI
    const auto task = kg::launched_task();
    const bool has_others = task && (task->n_tasks > 1 || !task->is_exact) && !together.alone;
    if (has_others && kg::mpi::may_start_in(*task)) {
        kg::mpi::SessionOptions options{.allow_lone_tasks = true};  // they are told of in our words
        if (together.stall_timeout) {
            options.runtime.stall_timeout.reset();
            if (*together.stall_timeout > 0) {
                options.runtime.stall_timeout =
                    std::chrono::milliseconds{std::llround(*together.stall_timeout * 1000)};
            }
        }
        return kg::mpi::Session::run(
            argc,
            argv,
            [&](kg::mpi::Session& session) { return judged(verb, session.runtime(), run); },
            options
        );
    }
#else
    static_cast<void>(argc);
    static_cast<void>(argv);
#endif
    return judged(verb, {}, run);
}

std::string counted(std::uint64_t n, std::string_view what) {
    return std::to_string(n) + " " + std::string{what} + (n == 1 ? "" : "s");
}

std::string resources(
    const kg::Runtime& ranks,
    std::optional<std::size_t> threads,
    std::vector<std::string>& hints
) {
    const kg::Placement placement = ranks.communicator() != nullptr
                                        ? ranks.communicator()->placement()
                                        : kg::place_ranks({kg::this_place()}, 0);
    const std::size_t each = threads.value_or(placement.threads);
    hints = placement.hints(each);
    return counted(static_cast<std::uint64_t>(ranks.size()), "rank") + " x "
           + counted(each, "thread") + " on "
           + counted(static_cast<std::uint64_t>(placement.n_nodes), "node") + ", SIMD "
           + std::string{kg::kernels::to_string(kg::kernels::simd_level())};
}

kg::Log log_of(const kg::Runtime& ranks, kg::LogLevel least) {
    if (ranks.rank() != 0) {
        return {};
    }
    return kg::Log{[least](const kg::LogRecord& record) {
        constexpr std::array names{"debug", "info", "warning", "error"};
        if (record.level >= least) {
            std::cerr << "kaygraph: " << names[static_cast<std::size_t>(record.level)] << ": "
                      << record.text << "\n";
        }
    }};
}

}  // namespace command
