#include "files/decompress.hpp"
#include "files/known_content.hpp"
#include "models/open_embedder.hpp"
#include "models/word_table.hpp"
#include "models/word_vectors_file.hpp"

#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/parallel/cores.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace kaygraph::models::detail {
namespace {

struct WordVectorsScratch final : EmbedScratch {
    std::vector<kernels::Field> fields;
    std::vector<std::uint32_t> rows;  // of all texts of a call
    std::vector<std::size_t> ends;    // of each text's rows
};

/// The bytes of a file, unpacked where it is packed.
struct Bytes {
    explicit Bytes(const std::string& file) : map(file, AccessPattern::sequential) {
        const auto content = kaygraph::detail::known_content(map.bytes());
        if (!content) {
            return;
        }
        using kaygraph::detail::ContentKind;
        if (content->kind == ContentKind::gzip) {
            unpacked = kaygraph::detail::decompressed_whole(file, Compression::gzip);
        } else if (content->kind == ContentKind::zstd) {
            unpacked = kaygraph::detail::decompressed_whole(file, Compression::zstd);
        }
    }
    [[nodiscard]] std::span<const std::byte> all() const noexcept {
        return unpacked.empty() ? map.bytes() : std::span<const std::byte>{unpacked};
    }

    MappedFile map;
    std::vector<std::byte> unpacked;
};

class WordVectors final : public Embedder {
public:
    WordVectors(Bytes bytes, WordVectorsFile parts, const Log& log)
        : bytes_(std::move(bytes)), parts_(std::move(parts)), ids_(parts_.words.size()) {
        for (std::uint32_t row = 0; row < parts_.words.size(); ++row) {
            if (ids_.insert(parts_.words[row]).second) {
                rows_.push_back(row);
            }
        }
        const std::size_t n_twice = parts_.words.size() - rows_.size();
        const auto warn = [&](std::size_t n, const std::string& one, const std::string& many) {
            if (n != 0) {
                log.warn("", path() + ": " + std::to_string(n) + (n == 1 ? one : many));
            }
        };
        warn(
            n_twice,
            " word that was there already: its first vector counts",
            " words that were there already: their first vectors count"
        );
        warn(
            count([](std::string_view word) {
                return kernels::first_invalid_utf8(word) != word.size();
            }),
            " word is no UTF-8, and no text has it",
            " words are no UTF-8, and no text has them"
        );
        warn(
            count([](std::string_view word) {
                return word.find_first_of(" \t\v\f\r") != std::string_view::npos;
            }),
            " word holds white space, which parts the words of a text: it is never found",
            " words hold white space, which parts the words of a text: they are never found"
        );
        parts_.words = {};  // the table has them
    }

    [[nodiscard]] std::size_t dimension() const noexcept override { return parts_.dim; }
    [[nodiscard]] std::string description() const override {
        const char* kind = "";
        switch (parts_.kind) {
            case WordVectorsKind::text_with_head:
                kind = "text with a head";
                break;
            case WordVectorsKind::text:
                kind = "text";
                break;
            case WordVectorsKind::binary:
                kind = "binary";
                break;
        }
        return "vec:" + path() + ", " + kind + ", " + std::to_string(ids_.size())
               + " words, dimension " + std::to_string(parts_.dim);
    }
    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override {
        return std::make_unique<WordVectorsScratch>();
    }

    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override {
        auto& own = dynamic_cast<WordVectorsScratch&>(scratch);
        own.rows.clear();
        own.ends.clear();
        for (const std::string_view text : texts) {
            find_rows(text, own);
            own.ends.push_back(own.rows.size());
        }
        const kernels::RowTable table{
            reinterpret_cast<const std::byte*>(parts_.rows.data()),
            parts_.rows.size() / parts_.dim,
            parts_.dim,
            ElementType::f32};
        kernels::embedding_bag(table, own.rows, own.ends, kernels::Bag::mean, {}, out);
    }

private:
    void find_rows(std::string_view text, WordVectorsScratch& scratch) const {
        kernels::split_fields(text, kernels::Separators::space, scratch.fields);
        const std::size_t first = scratch.rows.size();
        for (const kernels::Field& field : scratch.fields) {
            const std::uint32_t id = ids_.find(text.substr(field.first, field.last - field.first));
            if (id != WordTable::none) {
                scratch.rows.push_back(rows_[id]);
            }
        }
        const std::size_t n_known = scratch.rows.size() - first;
        EmbedCounts& counts = scratch.counts;
        ++counts.texts;
        counts.tokens += scratch.fields.size();
        counts.unknown_tokens += scratch.fields.size() - n_known;
        counts.empty_texts += scratch.fields.empty() ? 1U : 0U;
        counts.unknown_texts += !scratch.fields.empty() && n_known == 0 ? 1U : 0U;
    }

    [[nodiscard]] const std::string& path() const noexcept { return bytes_.map.path(); }

    template <class Is>
    [[nodiscard]] std::size_t count(const Is& is) const {
        return static_cast<std::size_t>(std::count_if(parts_.words.begin(), parts_.words.end(), is)
        );
    }

    Bytes bytes_;
    WordVectorsFile parts_;
    WordTable ids_;
    std::vector<std::uint32_t> rows_;  // by id
};

}  // namespace

std::shared_ptr<const Embedder> open_word_vectors(
    const std::string& file,
    const OpenOptions& options
) {
    Bytes bytes{file};
    WordVectorsFile parts = parse_word_vectors(bytes.all(), file, usable_cores());
    return std::make_shared<const WordVectors>(std::move(bytes), std::move(parts), options.log);
}

}  // namespace kaygraph::models::detail
