#include <kaygraph/base/error.hpp>
#include <kaygraph/data/detail/cache_place.hpp>

#include <string>

namespace kaygraph::detail {

void require_room(std::size_t max_bytes) {
    if (max_bytes == 0) {
        throw ArgumentError("expected a cache with room for values, found max_bytes 0");
    }
}

void require_fits_cache(std::size_t bytes, std::size_t max_bytes) {
    if (bytes > max_bytes) {
        throw ArgumentError(
            "a value of " + std::to_string(bytes) + " bytes does not fit a cache of "
            + std::to_string(max_bytes) + " bytes: raise max_bytes"
        );
    }
}

void require_other_thread(std::thread::id loading) {
    if (loading == std::this_thread::get_id()) {
        throw ArgumentError(
            "the loader of a cache asks for the key that it loads: it would wait for itself"
        );
    }
}

}  // namespace kaygraph::detail
