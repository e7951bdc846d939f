#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/data/external_store.hpp>
#include <kaygraph/data/lazy_cache.hpp>
#include <kaygraph/files/content_hash.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// @file
/// Results known again by the content of what they were made of.

#pragma GCC visibility push(hidden)

namespace kaygraph {

struct MemoOptions {
    /// Says which function made the results: another version knows none of those of this one.
    std::string version = {};
    std::size_t max_bytes = std::size_t{64} << 20U;  ///< of results in memory
    /// Where results are kept for later runs and other ranks; empty: in memory alone. What is there is never removed.
    std::string directory = {};
};

namespace detail {

/// A key is a hash already.
struct HashOfKey {
    std::size_t operator()(const Hash128& key) const noexcept {
        return static_cast<std::size_t>(key.low ^ key.high);
    }
};

/// Results on disk. What is damaged counts as not there.
/// @par MPI Local; ranks may share a directory.
/// @par Threads Any thread.
class KAYGRAPH_EXPORT KeptResults {
public:
    explicit KeptResults(const std::string& directory);

    template <Encodable R>
    [[nodiscard]] std::optional<R> find(const Hash128& key) const {
        try {
            return values_ ? values_->find<R>(to_string(key)) : std::nullopt;
        } catch (const FormatError&) {  // the result is made again, and replaces it
            return std::nullopt;
        }
    }
    template <Encodable R>
    void keep(const Hash128& key, const R& result) const {
        if (values_) {
            values_->put(to_string(key), result);
        }
    }

private:
    std::optional<ExternalStore> values_;
};

/// Bytes that are the whole of a value: a text, or numbers side by side.
template <class T>
concept ItsOwnBytes = std::convertible_to<const T&, std::string_view> || std::convertible_to<
    const T&,
    std::span<const float>> || std::convertible_to<const T&, std::span<const std::byte>>;

template <class T>
[[nodiscard]] Hash128 content_key(const T& item) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
        const std::string_view text = item;
        return hash128(std::as_bytes(std::span{text}));
    } else if constexpr (std::convertible_to<const T&, std::span<const float>>) {
        return hash128(std::as_bytes(std::span<const float>{item}));
    } else if constexpr (std::convertible_to<const T&, std::span<const std::byte>>) {
        return hash128(std::span<const std::byte>{item});
    } else {
        return hash128(encode(item));
    }
}

}  // namespace detail

/// Items whose content can be hashed: texts, spans of floats and bytes, and all that is Encodable.
template <class T>
concept Memorable = detail::ItsOwnBytes<T> || Encodable<T>;

/// Results by the content of their items, so that equal items are computed once.
///
///     kg::Memo<Vector> memo{{.version = "model-7"}};
///     const std::shared_ptr<const Vector> vector = memo.get(text, [&] { return model.embed(text); });
///
/// The function must depend on the item and the version alone: then no result depends on what is known already. Contents
/// are compared by 128 bits of XXH3, which tell changes, not forgeries: do not share a memo with somebody who wants two
/// of your items taken for one.
/// @par MPI Local; ranks and runs share what is in `directory`.
/// @par Threads Any thread; equal items at one time are computed by one of them.
template <Encodable R>
class Memo {
public:
    /// @throws ArgumentError for no room; IoError where the directory cannot be made.
    explicit Memo(MemoOptions options = {})
        : version_(detail::content_key(options.version + '\0' + std::string{type_name<R>()})),
          kept_(options.directory),
          results_(
              [](const Hash128&) -> R { throw InternalError("a memo has no loader"); },
              {.max_bytes = options.max_bytes}
          ) {}

    /// Returns the result of an item: known, or made by `compute()`.
    /// @throws what `compute` throws, which is not kept; ArgumentError for a result larger than all the room; IoError.
    template <Memorable Item, class Compute>
    [[nodiscard]] std::shared_ptr<const R> get(const Item& item, const Compute& compute) {
        return results_.get(key_of(item), [&](const Hash128& key) {
            if (std::optional<R> known = kept_.template find<R>(key)) {
                return std::move(*known);
            }
            R made = compute();
            kept_.keep(key, made);
            return made;
        });
    }

    /// Returns what happened in memory; `loads` counts results that were computed or read from the directory.
    [[nodiscard]] CacheFigures figures() const { return results_.figures(); }

private:
    template <class Item>
    [[nodiscard]] Hash128 key_of(const Item& item) const {
        const Hash128 content = detail::content_key(item);
        return hash128(encode(std::tuple{version_.low, version_.high, content.low, content.high}));
    }

    Hash128 version_;
    detail::KeptResults kept_;
    LazyCache<Hash128, R, detail::HashOfKey> results_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
