#include "graph/store_access.hpp"

#include <kaygraph/graph/store.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

namespace kaygraph {
namespace {

std::string listed(const std::vector<std::string>& keys) {
    constexpr std::size_t most = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(keys.size(), most); ++i) {
        text += (i == 0 ? "'" : ", '") + keys[i] + "'";
    }
    return keys.size() <= most ? text
                               : text + " and " + std::to_string(keys.size() - most) + " more";
}

const std::map<std::string, detail::ValuePtr, std::less<>>& values_in(const detail::ValueMapPtr& map
) {
    static const std::map<std::string, detail::ValuePtr, std::less<>> none;
    return map ? map->values : none;
}

}  // namespace

bool Store::contains(std::string_view key) const {
    return find(key) != nullptr;
}

std::size_t Store::size() const noexcept {
    return values_in(values_).size();
}

std::vector<std::string> Store::keys() const {
    std::vector<std::string> keys;
    keys.reserve(size());
    for (const auto& entry : values_in(values_)) {
        keys.push_back(entry.first);
    }
    return keys;
}

std::size_t Store::bytes() const {
    if (is_limited()) {
        return bytes_;
    }
    std::size_t bytes = 0;
    for (const auto& entry : values_in(values_)) {
        bytes += entry.second->bytes();
    }
    return bytes;
}

std::vector<Store::KeySize> Store::largest(std::size_t n) const {
    std::vector<KeySize> sizes;
    sizes.reserve(size());
    for (const auto& entry : values_in(values_)) {
        sizes.push_back({entry.first, entry.second->bytes()});
    }
    std::stable_sort(sizes.begin(), sizes.end(), [](const KeySize& a, const KeySize& b) {
        return a.bytes > b.bytes;
    });
    sizes.resize(std::min(n, sizes.size()));
    return sizes;
}

bool Store::erase(std::string_view key) {
    const detail::ValuePtr* value = find(key);
    if (value == nullptr) {
        return false;
    }
    if (is_limited()) {
        bytes_ -= (*value)->bytes();
    }
    detail::ValueMap& map = own_values();
    map.values.erase(map.values.find(key));
    return true;
}

const detail::ValuePtr* Store::find(std::string_view key) const {
    if (!values_) {
        return nullptr;
    }
    const auto found = values_->values.find(key);
    return found == values_->values.end() ? nullptr : &found->second;
}

Failure Store::miss(std::string_view key, std::string_view wanted) const {
    const std::string start =
        "key '" + std::string{key} + "', wanted as " + std::string{wanted} + ", ";
    const auto failure = [](ErrorCode code, const std::string& message) {
        return Failure{
            .code = code,
            .message = message,
            .cause = std::make_exception_ptr(StoreError(code, message))};
    };
    if (const detail::ValuePtr* value = find(key)) {
        return failure(
            ErrorCode::wrong_type, start + "holds " + std::string{(*value)->type_name()}
        );
    }
    return failure(
        ErrorCode::missing_key,
        start + "is not in the store, which "
            + (size() == 0 ? "is empty" : "holds " + listed(keys()))
    );
}

detail::ValueMap& Store::own_values() {
    if (!values_) {
        values_ = detail::ValueMapPtr{new detail::ValueMap};
    } else if (values_->is_shared()) {
        values_ = detail::ValueMapPtr{new detail::ValueMap(*values_)};
    }
    return *values_;
}

detail::ValuePtr Store::copy_before_update(std::string_view key) {
    const detail::ValuePtr& value =
        own_values().values.find(key)->second;  // the caller has seen it
    if (!value->is_shared() && !is_limited()) {
        return {};
    }
    detail::ValuePtr copy{value->clone()};
    if (!copy) {
        throw StoreError(
            ErrorCode::wrong_type,
            "key '" + std::string{key} + "' cannot be updated: "
                + (is_limited() ? "the store has limits" : "a copy of the store shares its value")
                + ", and its type " + std::string{value->type_name()}
                + " cannot be copied; set it anew"
        );
    }
    return copy;
}

void Store::write(std::string_view key, detail::ValuePtr value) {
    std::size_t bytes_after = 0;
    if (is_limited()) {
        const detail::ValuePtr* old = find(key);
        bytes_after = bytes_ - (old == nullptr ? 0 : (*old)->bytes()) + value->bytes();
        if (options_.hard_limit && bytes_after > *options_.hard_limit) {
            throw StoreError(
                ErrorCode::store_full,
                "key '" + std::string{key} + "' with " + std::to_string(value->bytes())
                    + " bytes would fill the store to " + std::to_string(bytes_after)
                    + " bytes, its hard limit is " + std::to_string(*options_.hard_limit)
                    + "; keep references to bulk data instead, or raise the limit"
            );
        }
    }
    own_values().values.insert_or_assign(std::string{key}, std::move(value));
    if (is_limited()) {
        bytes_ = bytes_after;
        warn_above_soft_limit();
    }
}

void Store::warn_above_soft_limit() {
    if (!options_.soft_limit || bytes_ <= *options_.soft_limit) {
        warned_ = false;  // a store that shrank may warn again
        return;
    }
    if (warned_) {
        return;
    }
    warned_ = true;
    std::string text = "the store holds " + std::to_string(bytes_) + " bytes, its soft limit is "
                       + std::to_string(*options_.soft_limit) + "; its largest keys:";
    for (const KeySize& size : largest(5)) {
        text += " '" + size.key + "' " + std::to_string(size.bytes);
    }
    options_.log.warn("", text);
}

namespace detail {
namespace {

struct Decoders {
    std::mutex mutex;
    std::map<std::string, DecodeValue, std::less<>> by_type;

    static Decoders& instance() {
        static Decoders decoders;
        return decoders;
    }
};

}  // namespace

bool add_decoder(std::string_view type, DecodeValue decode) {
    Decoders& decoders = Decoders::instance();
    const std::lock_guard lock{decoders.mutex};
    decoders.by_type.insert_or_assign(std::string{type}, decode);
    return true;
}

ValuePtr decode_value(std::string_view type, std::span<const std::byte> bytes) {
    Decoders& decoders = Decoders::instance();
    const std::lock_guard lock{decoders.mutex};
    const auto found = decoders.by_type.find(type);
    if (found == decoders.by_type.end()) {
        throw StoreError(
            ErrorCode::wrong_type,
            "a value of type " + std::string{type} + " has come, which this program does not know"
        );
    }
    return ValuePtr{found->second(bytes)};
}

std::vector<StoreWrite> StoreAccess::writes_since(const Store& before, const Store& after) {
    std::vector<StoreWrite> writes;
    if (before.values_ == after.values_) {
        return writes;
    }
    const auto& old_values = values_in(before.values_);
    const auto& new_values = values_in(after.values_);
    for (const auto& [key, value] : new_values) {
        const auto old = old_values.find(key);
        if (old == old_values.end() || !(old->second == value)) {
            writes.push_back({key, value});
        }
    }
    for (const auto& entry : old_values) {
        if (new_values.find(entry.first) == new_values.end()) {
            writes.push_back({entry.first, {}});
        }
    }
    return writes;
}

std::map<std::string, std::uint64_t> StoreAccess::hashes(const Store& store) {
    std::map<std::string, std::uint64_t> hashes;
    for (const auto& [key, value] : values_in(store.values_)) {
        if (value->travels()) {
            hashes[key] = hash_of(value->encoded());
        }
    }
    return hashes;
}

void StoreAccess::apply(Store& store, std::vector<StoreWrite> writes) {
    Store result = store;  // a hard limit may refuse one of the writes
    if (store.is_limited()) {
        const auto takes_room_away = [&](const StoreWrite& write) {
            const ValuePtr* old = store.find(write.key);
            return !write.value || (old != nullptr && write.value->bytes() <= (*old)->bytes());
        };
        std::stable_partition(writes.begin(), writes.end(), takes_room_away);
    }
    for (StoreWrite& write : writes) {
        if (write.value) {
            result.write(write.key, std::move(write.value));
        } else {
            result.erase(write.key);
        }
    }
    store = std::move(result);
}

}  // namespace detail
}  // namespace kaygraph
