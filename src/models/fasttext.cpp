#include "models/fasttext.hpp"

#include "models/open_embedder.hpp"

#include <utility>

namespace kaygraph::models::detail {

std::string describe(const FastTextModel& model) {
    const FastTextFile& parts = model.parts;
    return "fasttext:" + model.file.path() + ", "
           + (parts.is_supervised ? "supervised" : "unsupervised")
           + (parts.is_quantised ? ", quantised" : "") + ", " + std::to_string(parts.n_words)
           + " words, " + std::to_string(parts.bucket) + " buckets, dimension "
           + std::to_string(parts.dim);
}

void scale(std::span<float> row, float by) noexcept {
    for (float& element : row) {
        element *= by;
    }
}

std::shared_ptr<const Embedder> open_fasttext_with_cache(
    const std::string& file,
    std::size_t cache_bytes
) {
    MappedFile map{file};
    FastTextFile parts = parse_fasttext(map.bytes(), map.path());
    const bool is_supervised = parts.is_supervised;
    FastTextModel model{std::move(map), std::move(parts)};
    return is_supervised ? make_supervised(std::move(model))
                         : make_unsupervised(std::move(model), cache_bytes);
}

std::shared_ptr<const Embedder> open_fasttext(
    const std::string& file,
    const OpenOptions& /*options*/
) {
    constexpr std::size_t cache_bytes = std::size_t{128} << 20U;
    return open_fasttext_with_cache(file, cache_bytes);
}

}  // namespace kaygraph::models::detail
