#include "models/open_embedder.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/models/embedder.hpp>

namespace kaygraph::models {

std::shared_ptr<const Embedder> open_embedder(const std::string& spec, const OpenOptions& options) {
    const std::size_t colon = spec.find(':');
    const std::string kind = spec.substr(0, colon);
    const std::string rest = colon == std::string::npos ? "" : spec.substr(colon + 1);
    if (rest.empty()) {
        throw ArgumentError(
            "expected a model as hash:DIM, fasttext:FILE, vec:FILE or static:DIR, found '" + spec
            + "'"
        );
    }
    if (kind == "hash") {
        return detail::open_hashing(rest, options);
    }
    if (kind == "fasttext") {
        return detail::open_fasttext(rest, options);
    }
    if (kind == "vec") {
        return detail::open_word_vectors(rest, options);
    }
    if (kind == "static") {
        return detail::open_static_model(rest, options);
    }
    throw ArgumentError(
        "there is no kind of model '" + kind + "'; there are hash, fasttext, vec and static"
    );
}

}  // namespace kaygraph::models
