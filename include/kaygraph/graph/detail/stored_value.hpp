#pragma once

#include <kaygraph/base/byte_size.hpp>
#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/type_name.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

/// @file
/// How a store keeps its values: counted, shared between copies of the store, copied when written.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// An object that counts its owners. Not std::shared_ptr, whose use_count() does not synchronise: an
/// owner that sees itself alone may write what others have read before.
class Counted {
public:
    Counted() = default;
    Counted(const Counted& /*other*/) noexcept {}  // a copy starts with one owner
    Counted& operator=(const Counted&) = delete;
    virtual ~Counted() = default;

    void add_owner() const noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] bool drop_owner() const noexcept {
        return owners_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }
    [[nodiscard]] bool is_shared() const noexcept {
        return owners_.load(std::memory_order_acquire) != 1;
    }

private:
    mutable std::atomic<std::size_t> owners_{1};
};

/// Owns a Counted object together with others.
template <class T>
class CountedPtr {
public:
    CountedPtr() = default;
    explicit CountedPtr(T* fresh) noexcept : object_(fresh) {}
    CountedPtr(const CountedPtr& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) {
            object_->add_owner();
        }
    }
    CountedPtr(CountedPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    CountedPtr& operator=(const CountedPtr& other) noexcept {
        *this = CountedPtr{other};
        return *this;
    }
    CountedPtr& operator=(CountedPtr&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~CountedPtr() {
        if (object_ != nullptr && object_->drop_owner()) {
            delete object_;
        }
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const CountedPtr&, const CountedPtr&) = default;

private:
    T* object_ = nullptr;
};

/// A value of any type.
class KAYGRAPH_EXPORT StoredValue : public Counted {
public:
    [[nodiscard]] virtual const std::type_info& type() const noexcept = 0;
    [[nodiscard]] virtual std::string_view type_name() const noexcept = 0;
    [[nodiscard]] virtual std::size_t bytes() const = 0;
    /// Returns a copy, or null for a type that cannot be copied.
    [[nodiscard]] virtual StoredValue* clone() const = 0;
    /// Whether it can be sent to other ranks, and its bytes.
    [[nodiscard]] virtual bool travels() const noexcept = 0;
    [[nodiscard]] virtual std::vector<std::byte> encoded() const = 0;
};

/// How a value of a type is made from bytes, known for every type that this program keeps in a store.
using DecodeValue = StoredValue* (*)(std::span<const std::byte> bytes);
KAYGRAPH_EXPORT bool add_decoder(std::string_view type, DecodeValue decode);

template <class T>
class TypedValue final : public StoredValue {
public:
    template <class V>
    explicit TypedValue(std::in_place_t /*tag*/, V&& from) : value(std::forward<V>(from)) {}

    [[nodiscard]] const std::type_info& type() const noexcept override { return typeid(T); }
    [[nodiscard]] std::string_view type_name() const noexcept override {
        return kaygraph::type_name<T>();
    }
    [[nodiscard]] std::size_t bytes() const override { return bytes_of(value); }
    [[nodiscard]] StoredValue* clone() const override {
        if constexpr (std::is_copy_constructible_v<T>) {
            return new TypedValue(std::in_place, value);
        } else {
            return nullptr;
        }
    }

    [[nodiscard]] bool travels() const noexcept override { return Encodable<T> && is_known; }
    [[nodiscard]] std::vector<std::byte> encoded() const override {
        if constexpr (Encodable<T>) {
            return encode(value);
        } else {
            return {};
        }
    }

    T value;

private:
    static StoredValue* decoded(std::span<const std::byte> bytes) {
        if constexpr (Encodable<T>) {
            return new TypedValue(std::in_place, decode<T>(bytes));
        } else {
            return nullptr;
        }
    }
    // before main, in every program that keeps a T: another rank may have made the first one
    inline static const bool is_known = add_decoder(kaygraph::type_name<T>(), &decoded);
};

class ValuePtr : public CountedPtr<StoredValue> {
public:
    using CountedPtr::CountedPtr;

    /// Returns the value where it is a T, else null.
    template <class T>
    [[nodiscard]] const T* peek() const noexcept {
        return get()->type() == typeid(T) ? &static_cast<TypedValue<T>*>(get())->value : nullptr;
    }
    /// Returns the value, known to be a T, for writing.
    template <class T>
    [[nodiscard]] T& own() const noexcept {
        return static_cast<TypedValue<T>*>(get())->value;
    }
};

/// The type under which a value is kept where none is named.
template <class V>
using StoredType = std::conditional_t<
    std::is_convertible_v<
        V,
        std::string_view> && !std::is_same_v<std::remove_cvref_t<V>, std::string>,
    std::string,
    std::remove_cvref_t<V>>;

/// Returns a value of a type that this program knows. @throws StoreError, FormatError.
KAYGRAPH_EXPORT ValuePtr decode_value(std::string_view type, std::span<const std::byte> bytes);

template <class T, class V>
ValuePtr make_value(V&& value) {
    static_assert(
        std::is_same_v<T, std::decay_t<T>>, "kaygraph: a store keeps values, not references"
    );
    return ValuePtr{new TypedValue<T>(std::in_place, std::forward<V>(value))};
}

struct ValueMap final : Counted {
    std::map<std::string, ValuePtr, std::less<>> values;
};
using ValueMapPtr = CountedPtr<ValueMap>;

}  // namespace kaygraph::detail

#pragma GCC visibility pop
