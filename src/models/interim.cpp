#include "models/open_embedder.hpp"

#include <kaygraph/base/error.hpp>
namespace kaygraph::models::detail {
std::shared_ptr<const Embedder> open_word_vectors(const std::string&, const OpenOptions&) {
    throw ArgumentError("interim");
}
std::shared_ptr<const Embedder> open_static_model(const std::string&, const OpenOptions&) {
    throw ArgumentError("interim");
}
}  // namespace kaygraph::models::detail
