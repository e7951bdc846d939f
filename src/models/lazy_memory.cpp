#include "models/lazy_memory.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t large_page = std::size_t{2} << 20U;

}  // namespace

LazyMemory::LazyMemory(std::size_t bytes) {
    // an advice about part of a large page would touch what lies behind it
    const std::size_t size = (bytes / large_page + 1) * large_page + large_page;
    void* map = ::mmap(
        nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    );
    if (map == MAP_FAILED) {
        throw std::bad_alloc{};
    }
    map_ = {static_cast<std::byte*>(map), size};
    // only advice: small pages do, too
    static_cast<void>(::madvise(data(), size - large_page, MADV_HUGEPAGE));
}

LazyMemory::~LazyMemory() {
    if (!map_.empty()) {
        ::munmap(map_.data(), map_.size());
    }
}

std::byte* LazyMemory::data() const noexcept {
    const auto start = reinterpret_cast<std::uintptr_t>(map_.data());
    return map_.data() + (large_page - start % large_page) % large_page;
}

}  // namespace kaygraph::models::detail
