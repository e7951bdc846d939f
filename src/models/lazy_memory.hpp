#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <span>
#include <utility>

namespace kaygraph::models::detail {

/// Memory of zeros that costs nothing before it is touched, in large pages where the system has them: rows that are
/// gathered from all over a table would otherwise cost a walk through the page table each.
class KAYGRAPH_EXPORT LazyMemory {
public:
    LazyMemory() = default;
    explicit LazyMemory(std::size_t bytes);
    LazyMemory(LazyMemory&& other) noexcept : map_(std::exchange(other.map_, {})) {}
    LazyMemory& operator=(LazyMemory&& other) noexcept {
        std::swap(map_, other.map_);
        return *this;
    }
    LazyMemory(const LazyMemory&) = delete;
    LazyMemory& operator=(const LazyMemory&) = delete;
    ~LazyMemory();

    /// At a border of large pages.
    [[nodiscard]] std::byte* data() const noexcept;

private:
    std::span<std::byte> map_;
};

}  // namespace kaygraph::models::detail
