#include "models/fasttext_file.hpp"

#include "files/known_content.hpp"
#include "files/shown.hpp"

#include <kaygraph/files/byte_reader.hpp>

#include <cstring>

namespace kaygraph::models::detail {
namespace {

constexpr std::int32_t magic = 793'712'314;
constexpr std::int32_t newest_version = 12;
constexpr std::size_t longest_word = 4096;
constexpr std::int32_t largest_dim = 65'536;
constexpr std::int32_t longest_ngram = 1024;
constexpr std::size_t n_centroids = 256;

/// Reads the parts of a file in their order.
class FastTextParser {
public:
    FastTextParser(std::span<const std::byte> bytes, const std::string& path)
        : reader_(bytes, path) {}

    FastTextFile parse() {
        read_head();
        read_dictionary();
        read_input();
        return std::move(file_);
    }

private:
    std::int32_t number(const char* what, std::int64_t least, std::int64_t most) {
        const std::size_t at = reader_.offset();
        const auto value = reader_.take<std::int32_t>(what);
        if (value < least || value > most) {
            reader_.fail_at(
                at,
                std::string{what} + " of " + std::to_string(least) + " to " + std::to_string(most),
                std::to_string(value)
            );
        }
        return value;
    }

    void read_head() {
        constexpr std::int64_t any = std::numeric_limits<std::int32_t>::max();
        const std::span<const std::byte> start =
            reader_.take_bytes(sizeof(magic), "a fastText model");
        if (std::memcmp(start.data(), &magic, sizeof(magic)) != 0) {
            reader_.fail_at(
                0,
                "a fastText model, .bin or .ftz, which begins with 793712314 (models older than "
                "that are not supported; vectors as text are read as vec:FILE)",
                kaygraph::detail::shown({reinterpret_cast<const char*>(start.data()), start.size()})
            );
        }
        file_.version = number("a version", 1, newest_version);
        file_.dim = static_cast<std::size_t>(number("a dimension", 1, largest_dim));
        for (const char* what : {"ws", "epoch", "minCount", "neg"}) {
            reader_.take<std::int32_t>(what);
        }
        file_.word_ngrams = static_cast<std::size_t>(number("wordNgrams", 0, longest_ngram));
        reader_.take<std::int32_t>("loss");
        file_.is_supervised = number("a kind of model", 1, 3) == 3;
        file_.bucket = static_cast<std::size_t>(number("bucket", 0, any));
        file_.minn = number("minn", 0, longest_ngram);
        file_.maxn = number("maxn", 0, longest_ngram);
        reader_.take<std::int32_t>("lrUpdateRate");
        reader_.take<double>("t");
        if (file_.version == 11 && file_.is_supervised) {
            file_.maxn = 0;  // which such models were trained with, whatever they say
        }
        if (file_.bucket == 0 && (file_.maxn > 0 || file_.word_ngrams > 1)) {
            reader_.fail("buckets for n-grams", "none");
        }
    }

    void read_dictionary() {
        constexpr std::int64_t any = std::numeric_limits<std::int32_t>::max();
        const std::size_t at = reader_.offset();
        const auto size = static_cast<std::uint64_t>(number("a dictionary size", 0, any));
        file_.n_words = static_cast<std::size_t>(number("a number of words", 0, any));
        file_.n_labels = static_cast<std::size_t>(number("a number of labels", 0, any));
        reader_.take<std::int64_t>("the number of tokens");
        const auto pruned = reader_.take<std::int64_t>("the number of pruned buckets");
        constexpr std::uint64_t least_entry = 10;  // a NUL, a count, a type
        if (size != file_.n_words + file_.n_labels || size > reader_.remaining() / least_entry) {
            reader_.fail_at(
                at,
                "as many entries as words and labels, within the file",
                std::to_string(size) + " entries, " + std::to_string(file_.n_words) + " words, "
                    + std::to_string(file_.n_labels) + " labels"
            );
        }
        file_.dictionary.reserve(size);
        for (std::uint64_t i = 0; i < size; ++i) {
            read_entry(i);
        }
        file_.is_pruned = pruned >= 0;
        if (file_.is_pruned) {
            read_kept_buckets(static_cast<std::uint64_t>(pruned));
        }
    }

    void read_entry(std::uint64_t index) {
        const std::size_t at = reader_.offset();
        const std::string_view word = reader_.take_until('\0', longest_word, "a word");
        reader_.take<std::int64_t>("the count of a word");
        const auto type = reader_.take<std::int8_t>("the type of a word");
        const bool is_label = index >= file_.n_words;
        if (type != (is_label ? 1 : 0)) {
            reader_.fail_at(
                at, is_label ? "a label" : "a word", "an entry of type " + std::to_string(type)
            );
        }
        if (!file_.dictionary.insert(word).second) {
            reader_.fail_at(at, "each word once", "'" + std::string{word} + "' twice");
        }
    }

    void read_kept_buckets(std::uint64_t n) {
        const std::span<const std::byte> pairs =
            reader_.take_elements(n, 2 * sizeof(std::int32_t), "the pruned buckets");
        file_.kept_buckets.reserve(n);
        for (std::uint64_t i = 0; i < n; ++i) {
            std::int32_t pair[2];  // NOLINT(modernize-avoid-c-arrays)
            std::memcpy(pair, pairs.data() + i * sizeof(pair), sizeof(pair));
            file_.kept_buckets[pair[0]] = pair[1];
        }
    }

    void read_input() {
        const std::size_t at = reader_.offset();
        const auto is_quantised = reader_.take<std::uint8_t>("the kind of the input matrix");
        if (is_quantised > 1) {
            reader_.fail_at(at, "0 or 1 before the input matrix", std::to_string(is_quantised));
        }
        file_.is_quantised = is_quantised == 1;
        if (!file_.is_quantised && file_.is_pruned) {
            reader_.fail_at(
                at,
                "a quantised matrix after a pruned dictionary",
                "a plain one (a file of an old converter: fastText issue 332)"
            );
        }
        const std::size_t n_rows = file_.is_quantised ? read_quantised() : read_dense();
        const std::size_t least = file_.is_pruned ? file_.n_words : file_.n_words + file_.bucket;
        if (n_rows < least) {
            reader_.fail_at(
                at,
                "a row for each word and bucket, " + std::to_string(least) + " in all",
                std::to_string(n_rows)
            );
        }
        for (const auto& [from, to] : file_.kept_buckets) {
            if (from < 0 || to < 0 || static_cast<std::size_t>(to) >= n_rows - file_.n_words) {
                reader_.fail_at(at, "kept buckets that have a row", std::to_string(to));
            }
        }
    }

    /// Returns a number of rows, and checks that of columns.
    std::size_t shape() {
        const std::size_t at = reader_.offset();
        const auto rows = reader_.take<std::int64_t>("the rows of the input matrix");
        const auto cols = reader_.take<std::int64_t>("the columns of the input matrix");
        if (rows < 0 || rows > std::numeric_limits<std::int32_t>::max()
            || cols != static_cast<std::int64_t>(file_.dim)) {
            reader_.fail_at(
                at,
                "an input matrix of " + std::to_string(file_.dim) + " columns",
                std::to_string(rows) + " x " + std::to_string(cols)
            );
        }
        return static_cast<std::size_t>(rows);
    }

    std::size_t read_dense() {
        const std::size_t rows = shape();
        const std::span<const std::byte> elements =
            reader_.take_elements(rows, file_.dim * sizeof(float), "the input matrix");
        file_.rows = {elements.data(), rows, file_.dim, ElementType::f32};
        return rows;
    }

    std::size_t read_quantised() {
        QuantisedRows& quantised = file_.quantised;
        const auto has_norms = reader_.take<std::uint8_t>("whether norms are quantised");
        quantised.rows = shape();
        const std::size_t at = reader_.offset();
        const std::int32_t n_codes =
            number("a number of codes", 0, std::numeric_limits<std::int32_t>::max());
        quantised.codes =
            reader_.take_bytes(static_cast<std::uint64_t>(n_codes), "the codes").data();
        quantised.code = read_code(static_cast<std::int32_t>(file_.dim));
        if (static_cast<std::uint64_t>(n_codes)
            != quantised.rows * static_cast<std::uint64_t>(quantised.code.n_parts)) {
            reader_.fail_at(
                at,
                std::to_string(quantised.code.n_parts) + " codes for each of "
                    + std::to_string(quantised.rows) + " rows",
                std::to_string(n_codes)
            );
        }
        if (has_norms != 0) {
            quantised.norm_codes = reader_.take_bytes(quantised.rows, "the norms").data();
            quantised.norm_code = read_code(1);
        }
        return quantised.rows;
    }

    ProductCode read_code(std::int32_t dim) {
        const std::size_t at = reader_.offset();
        ProductCode code;
        code.dim = number("the dimension of a code", dim, dim);
        code.n_parts = number("the parts of a code", 1, dim);
        code.part_dim = number("the length of a part", 1, dim);
        code.last_part_dim = number("the length of the last part", 1, dim);
        if ((code.n_parts - 1) * std::int64_t{code.part_dim} + code.last_part_dim != dim
            || code.last_part_dim > code.part_dim) {
            reader_.fail_at(at, "parts that make up the dimension", "others");
        }
        const auto n = static_cast<std::uint64_t>(dim) * n_centroids;
        const std::span<const std::byte> centroids =
            reader_.take_elements(n, sizeof(float), "the centroids");
        code.centroids.resize(n);
        std::memcpy(code.centroids.data(), centroids.data(), centroids.size());
        return code;
    }

    ByteReader reader_;
    FastTextFile file_;
};

}  // namespace

std::span<const float> ProductCode::centroid(std::size_t part, std::uint8_t code) const noexcept {
    const auto length = static_cast<std::size_t>(part_dim);
    const auto last = static_cast<std::size_t>(last_part_dim);
    const float* first = centroids.data() + part * n_centroids * length;
    if (part + 1 == static_cast<std::size_t>(n_parts)) {
        return {first + code * last, last};
    }
    return {first + code * length, length};
}

FastTextFile parse_fasttext(std::span<const std::byte> bytes, const std::string& path) {
    constexpr auto own = kaygraph::detail::ContentKind::fasttext;
    return kaygraph::detail::naming_content(bytes, path, "a fastText model", own, [&] {
        return FastTextParser{bytes, path}.parse();
    });
}

}  // namespace kaygraph::models::detail
