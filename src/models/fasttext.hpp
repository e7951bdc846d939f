#pragma once

#include <kaygraph/models/embedder.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace kaygraph::models::detail {

/// Opens a fastText model with a bound on the vectors of words that it keeps; the results do not depend on it.
std::shared_ptr<const Embedder> open_fasttext_with_cache(
    const std::string& file,
    std::size_t cache_bytes
);

}  // namespace kaygraph::models::detail
