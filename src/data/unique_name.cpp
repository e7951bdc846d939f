#include "data/unique_name.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace kaygraph::detail {

std::string unique_name() {
    static std::atomic<std::uint64_t> count =
        0;  // with the process number: names within one process differ
    std::array<char, 64> host{};
    static_cast<void>(::gethostname(host.data(), host.size() - 1));
    return '.' + std::string{host.data()} + '.' + std::to_string(::getpid()) + '.'
           + std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + '.'
           + std::to_string(count.fetch_add(1)) + ".part";
}

}  // namespace kaygraph::detail
