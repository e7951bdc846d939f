#pragma once

#include <kaygraph/models/embedder.hpp>

#include <memory>
#include <string>

/// @file
/// How each kind of model is opened, by what follows the colon in its SPEC.

namespace kaygraph::models::detail {

std::shared_ptr<const Embedder> open_hashing(
    const std::string& dimension,
    const OpenOptions& options
);
std::shared_ptr<const Embedder> open_fasttext(const std::string& file, const OpenOptions& options);
std::shared_ptr<const Embedder> open_word_vectors(
    const std::string& file,
    const OpenOptions& options
);
std::shared_ptr<const Embedder> open_static_model(
    const std::string& directory,
    const OpenOptions& options
);

}  // namespace kaygraph::models::detail
