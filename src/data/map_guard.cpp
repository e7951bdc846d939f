// A handler of SIGBUS that puts a page of zeros where a mapped file has none any more. All that it touches is atomic and
// has its place for as long as the process lives.
#include <kaygraph/data/map_guard.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <mutex>

namespace kaygraph {
namespace {

struct GuardedMap {
    std::atomic<bool> is_taken = false;
    std::atomic<std::uintptr_t> begin = 0;
    std::atomic<std::uintptr_t> end = 0;  // 0: nothing to look after
    std::atomic<bool> is_cut = false;
};

constexpr int max_maps = 1024;
std::array<GuardedMap, max_maps> maps;

struct sigaction former {};
std::mutex guards_mutex;
int n_guards = 0;

GuardedMap* map_around(std::uintptr_t address) noexcept {
    for (GuardedMap& map : maps) {
        if (address >= map.begin.load(std::memory_order_acquire)
            && address < map.end.load(std::memory_order_acquire)) {
            return &map;
        }
    }
    return nullptr;
}

bool replace_page(void* address) noexcept {
    const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* page =
        static_cast<char*>(address) - reinterpret_cast<std::uintptr_t>(address) % page_bytes;
    return ::mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
           == page;
}

void hand_on(int number, siginfo_t* info, void* context) {
    if ((former.sa_flags & SA_SIGINFO) != 0) {
        former.sa_sigaction(number, info, context);
    } else if (former.sa_handler == SIG_DFL || former.sa_handler == SIG_IGN) {
        ::sigaction(
            number, &former, nullptr
        );  // the access is tried again, and ends the process as it would have
    } else {
        former.sa_handler(number);
    }
}

void on_bus_error(int number, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    GuardedMap* map = info->si_code == BUS_ADRERR ? map_around(address) : nullptr;
    if (map == nullptr || !replace_page(info->si_addr)) {
        hand_on(number, info, context);
        return;
    }
    map->is_cut.store(true, std::memory_order_release);
}

}  // namespace

MapGuard::MapGuard() {
    const std::lock_guard lock{guards_mutex};
    if (n_guards++ == 0) {
        struct sigaction action {};
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(SIGBUS, &action, &former);
    }
}

MapGuard::~MapGuard() {
    const std::lock_guard lock{guards_mutex};
    if (--n_guards == 0) {
        ::sigaction(SIGBUS, &former, nullptr);
    }
}

namespace detail {

int guard_map(std::span<const std::byte> map) noexcept {
    for (int i = 0; i < max_maps; ++i) {
        GuardedMap& guarded = maps[static_cast<std::size_t>(i)];
        if (!guarded.is_taken.exchange(true)) {
            const auto begin = reinterpret_cast<std::uintptr_t>(map.data());
            guarded.is_cut.store(false);
            guarded.begin.store(begin);
            guarded.end.store(begin + map.size());
            return i;
        }
    }
    return -1;
}

bool is_map_cut(int index) noexcept {
    return index >= 0
           && maps[static_cast<std::size_t>(index)].is_cut.load(std::memory_order_acquire);
}

void forget_map(int index) noexcept {
    if (index >= 0) {
        GuardedMap& guarded = maps[static_cast<std::size_t>(index)];
        guarded.end.store(0);
        guarded.is_taken.store(false);
    }
}

}  // namespace detail
}  // namespace kaygraph
