#pragma once

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// Returns a × b. @throws ArgumentError where that is more than memory can address.
inline std::size_t checked_product(std::size_t a, std::size_t b) {
    std::size_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) {
        throw ArgumentError(
            std::to_string(a) + " rows of " + std::to_string(b)
            + " elements are more than memory can address"
        );
    }
    return product;
}

/// Room for n objects, each made by whoever has its value, on any thread. Either the room destroys all
/// of them (made by default), or its owner tells which ones there are.
template <class R>
class Slots {
public:
    Slots() = default;
    Slots(Slots&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          n_(std::exchange(other.n_, 0)),
          destroys_itself_(other.destroys_itself_) {}
    Slots& operator=(Slots&& other) noexcept {
        Slots taken{std::move(other)};
        std::swap(data_, taken.data_);
        std::swap(n_, taken.n_);
        std::swap(destroys_itself_, taken.destroys_itself_);
        return *this;
    }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots() {
        if (destroys_itself_) {
            std::destroy_n(data_, n_);
        }
        if (data_ != nullptr) {
            std::allocator<R>{}.deallocate(data_, n_);
        }
    }

    /// Makes room for n objects and none of them.
    void allocate(std::size_t n) {
        KAYGRAPH_ASSERT(empty(), "slots are allocated once");
        data_ = n == 0 ? nullptr : std::allocator<R>{}.allocate(n);
        n_ = n;
    }
    /// Makes n objects by default.
    void allocate_default(std::size_t n) {
        allocate(n);
        std::uninitialized_value_construct_n(data_, n);
        destroys_itself_ = true;
    }

    [[nodiscard]] bool empty() const noexcept { return n_ == 0; }
    [[nodiscard]] bool destroys_itself() const noexcept { return destroys_itself_; }
    [[nodiscard]] R* data() noexcept { return data_; }
    [[nodiscard]] R& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const R& operator[](std::size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] std::span<const R> all() const noexcept { return {data_, n_}; }

    void destroy(std::size_t first, std::size_t last) noexcept {
        std::destroy(data_ + first, data_ + last);
    }

private:
    R* data_ = nullptr;
    std::size_t n_ = 0;
    bool destroys_itself_ = false;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
