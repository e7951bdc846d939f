#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/base/matrix_view.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// @file
/// What turns texts into vectors.
/// @par MPI Local.

#pragma GCC visibility push(hidden)

namespace kaygraph::models {

/// What an embedder met.
struct EmbedCounts {
    std::uint64_t texts = 0;
    std::uint64_t empty_texts = 0;    ///< without any token: a zero row
    std::uint64_t unknown_texts = 0;  ///< with tokens, none of which the model knows: a zero row
    std::uint64_t tokens = 0;
    std::uint64_t unknown_tokens = 0;  ///< which add nothing, but to a StaticEmbedding

    void add(const EmbedCounts& other) noexcept {
        texts += other.texts;
        empty_texts += other.empty_texts;
        unknown_texts += other.unknown_texts;
        tokens += other.tokens;
        unknown_tokens += other.unknown_tokens;
    }
};

/// What one thread needs for embedding, kept between calls; and what it met. Made by the embedder that uses it.
/// @par Threads One at a time.
class KAYGRAPH_EXPORT EmbedScratch : public Interface {
public:
    EmbedCounts counts;
};

/// A model that maps texts to vectors of float32. A row depends on its text alone: not on the other texts
/// of a call, on what came before, on threads or on the level of the kernels.
/// @par Threads Any thread, each with a scratch of its own.
class KAYGRAPH_EXPORT Embedder : public Interface {
public:
    /// The length of a vector.
    [[nodiscard]] virtual std::size_t dimension() const noexcept = 0;
    /// One line for people: the kind, what was loaded, from where.
    [[nodiscard]] virtual std::string description() const = 0;

    [[nodiscard]] virtual std::unique_ptr<EmbedScratch> make_scratch() const = 0;

    /// Embeds texts of valid UTF-8 and adds to the counts of the scratch.
    /// Shapes: out is texts.size() × dimension(). A text without tokens gets a zero row.
    virtual void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const = 0;
};

/// How a model is opened.
struct OpenOptions {
    /// False leaves out a normalisation that is the model's last step: of hash and static models.
    bool normalize = true;
    Log log = {};  ///< gets warnings about the quirks of a model
};

/// Opens a model by its SPEC.
///
/// `hash:DIM` needs no file. Words are what stands between ASCII white space, ASCII letters made small. Each word is a feature,
/// each pair of words that follow one another, and each run of 3 to 5 characters (code points) of the word between
/// "<" and ">". With H = kernels::hash_bytes, the hash of a word is H(word, 1), of characters H(bytes, 2), of a pair
/// fold((hash of the first ^ 0xA54FF53A5F1D36F1) × hash of the second), where fold adds the halves of the 128-bit
/// product by exclusive or. A feature adds −1 where the top bit of its hash is set, else 1, to the element
/// (hash · 2 mod 2⁶⁴) · DIM / 2⁶⁴; the vector is divided by its Euclidean norm. This is fixed for ever, on every
/// machine. 1 ≤ DIM ≤ 65,536. Source: feature hashing, Weinberger et al., ICML 2009.
///
/// `fasttext:FILE` is a .bin or .ftz model of fastText (github.com/facebookresearch/fastText), and gives what
/// `fasttext print-sentence-vectors` prints: of an unsupervised model the mean of the words' vectors, each divided
/// by its norm; of a supervised one the mean of the rows of words, sub-words and word n-grams, the end of the line
/// included. A text is one line: its own line ends are white space; of a supervised model the word </s> ends it, as it
/// does in fastText, which prints what follows as another line. A text does not depend on the file it stands in: the
/// mark that a file may begin with (U+FEFF) is none of its first text's, and its last text is a line whether or not a
/// newline ends it. fastText itself takes the mark for a part of the first word, and leaves the end of a line without a
/// newline out of a supervised model's mean: these two rows differ from what it prints.
///
/// `vec:FILE` is a file of word vectors: word2vec's text or binary, fastText's .vec, GloVe's text, each also in .gz and .zst.
/// A first line of two whole numbers is a head, unless the lines after it are words with one number each. The mean of the
/// vectors of the words, which stand between ASCII white space, that are in the file.
///
/// `static:DIR` is a model of model2vec, or of sentence-transformers with a StaticEmbedding: a tokenizer and a
/// table of token vectors, whose mean is taken, and normalised where the model says so. model2vec leaves unknown tokens out
/// and cuts texts to max_length tokens (512 unless config.json says another); a StaticEmbedding takes all tokens, as many as
/// tokenizer.json allows. A folder with a config.json of model2vec is of model2vec, one with modules.json alone, or with
/// another's config.json, of sentence-transformers; without both the name of the table decides.
/// @throws ArgumentError for a SPEC of another form; IoError for a file that cannot be read; FormatError for
/// one that is not what its SPEC says, with file and offset, or the name of what is not supported.
[[nodiscard]] KAYGRAPH_EXPORT std::shared_ptr<const Embedder> open_embedder(
    const std::string& spec,
    const OpenOptions& options = {}
);

}  // namespace kaygraph::models

#pragma GCC visibility pop
