#include "models/word_vectors_file.hpp"

#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/parallel/team.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t largest_dim = 65'536;
constexpr std::size_t longest_word = 4096;
constexpr std::string_view blanks = " \t\r";

/// Takes the last field off a line. Returns nothing where there is none.
std::optional<std::string_view> take_last_field(std::string_view& line) noexcept {
    const std::size_t last = line.find_last_not_of(blanks);
    if (last == std::string_view::npos) {
        return {};
    }
    line = line.substr(0, last + 1);
    const std::size_t before = line.find_last_of(blanks);
    const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view field = line.substr(first);
    line = line.substr(0, first == 0 ? 0 : first - 1);
    return field;
}

bool parse_number(std::string_view text, std::uint64_t& value) noexcept {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// A finite number that float32 can hold; one that is too small for it is zero, or as near as it gets.
bool parse_number(std::string_view text, float& value) noexcept {
    const char* last = text.data() + text.size();
    const auto read = std::from_chars(text.data(), last, value);
    if (read.ec == std::errc::result_out_of_range && read.ptr == last) {
        double wide = 0;
        const bool is_small = std::from_chars(text.data(), last, wide).ec == std::errc{}
                                  ? std::abs(wide) < 1
                                  : text.find("e-") != std::string_view::npos
                                        || text.find("E-") != std::string_view::npos;
        value = static_cast<float>(is_small ? wide : 0);
        return is_small;
    }
    return read.ec == std::errc{} && read.ptr == last && std::isfinite(value);
}

std::size_t count_fields(std::string_view line) noexcept {
    std::size_t n = 0;
    while (take_last_field(line)) {
        ++n;
    }
    return n;
}

struct Head {
    std::uint64_t n = 0;
    std::uint64_t dim = 0;
};

/// Returns the head where a line is exactly two whole numbers.
std::optional<Head> parse_head(std::string_view line) noexcept {
    Head head;
    const auto dim = take_last_field(line);
    const auto n = take_last_field(line);
    const bool is_head = dim && n && !take_last_field(line) && parse_number(*n, head.n)
                         && parse_number(*dim, head.dim);
    return is_head ? std::optional{head} : std::nullopt;
}

/// Parses a line into a row. Returns its word; nothing where it is no line of so many numbers.
std::optional<std::string_view> parse_line(std::string_view line, std::span<float> row) noexcept {
    for (std::size_t i = row.size(); i-- > 0;) {
        const auto field = take_last_field(line);
        if (!field || !parse_number(*field, row[i])) {
            return {};
        }
    }
    return line;
}

class WordVectorsParser {
public:
    WordVectorsParser(
        std::span<const std::byte> bytes,
        const std::string& path,
        std::size_t n_threads
    )
        : reader_(bytes, path),
          text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
          n_threads_(n_threads) {}

    WordVectorsFile parse() {
        const std::string_view first = line_at(0);
        const std::optional<Head> head = parse_head(first);
        if (!head) {
            file_.dim = check_dim(count_fields(first) - (first.empty() ? 0 : 1));
            file_.kind = WordVectorsKind::text;
            parse_text(0, {});
            return std::move(file_);
        }
        file_.dim = check_dim(head->dim);
        const std::size_t begin = std::min(first.size() + 1, text_.size());
        // in the fewest bytes a row of text is a word, and a space and a digit for each number
        check_rows(head->n, text_.size() - begin, 2 * file_.dim);
        std::vector<float> row(file_.dim);
        if (head->n == 0 || parse_line(line_at(begin), row)) {
            file_.kind = WordVectorsKind::text_with_head;
            parse_text(begin, head->n);
        } else {
            file_.kind = WordVectorsKind::binary;
            parse_binary(begin, head->n);
        }
        return std::move(file_);
    }

private:
    [[nodiscard]] std::string_view line_at(std::size_t begin) const noexcept {
        const std::size_t end = std::min(text_.find('\n', begin), text_.size());
        return text_.substr(begin, end - begin);
    }

    std::size_t check_dim(std::uint64_t dim) const {
        if (dim < 1 || dim > largest_dim) {
            reader_.fail_at(
                0,
                "word vectors: \"words dimension\", or a word and its numbers, 1 to 65536",
                "a first line of " + std::to_string(dim) + " numbers"
            );
        }
        return static_cast<std::size_t>(dim);
    }

    void check_rows(std::uint64_t n, std::size_t left, std::size_t row_bytes) const {
        if (n > left / std::max<std::size_t>(row_bytes, 1) + 1) {
            reader_.fail_at(
                0,
                std::to_string(n) + " rows of at least " + std::to_string(row_bytes) + " bytes",
                std::to_string(left) + " bytes"
            );
        }
    }

    /// Parses lines from `begin` on, in parts of about equal size that end with a line.
    void parse_text(std::size_t begin, std::optional<std::uint64_t> n_wanted) {
        std::vector<std::size_t> borders{begin};
        for (std::size_t part = 1; part < n_threads_; ++part) {
            const std::size_t near = begin + (text_.size() - begin) / n_threads_ * part;
            const std::size_t end = text_.find('\n', std::max(near, borders.back()));
            borders.push_back(std::min(end == std::string_view::npos ? end : end + 1, text_.size())
            );
        }
        borders.push_back(text_.size());
        std::vector<std::size_t> first_rows(n_threads_ + 1);
        run_team(n_threads_, [&](std::size_t part) {
            first_rows[part + 1] = count_lines(borders[part], borders[part + 1]);
        });
        for (std::size_t part = 0; part < n_threads_; ++part) {
            first_rows[part + 1] += first_rows[part];
        }
        const std::size_t n = first_rows.back();
        if (n_wanted && n != *n_wanted) {
            reader_.fail_at(
                begin, std::to_string(*n_wanted) + " lines, as the first says", std::to_string(n)
            );
        }
        check_rows(n, text_.size() - begin, 2 * file_.dim);
        file_.words.resize(n);
        file_.rows.resize(n * file_.dim);
        run_team(n_threads_, [&](std::size_t part) {
            parse_lines(borders[part], borders[part + 1], first_rows[part]);
        });
    }

    /// Lines of nothing are none.
    [[nodiscard]] std::size_t count_lines(std::size_t begin, std::size_t end) const noexcept {
        std::size_t n = 0;
        while (begin < end) {
            const std::string_view line = line_at(begin);
            n += line.find_first_not_of(blanks) == std::string_view::npos ? 0U : 1U;
            begin += line.size() + 1;
        }
        return n;
    }

    void parse_lines(std::size_t begin, std::size_t end, std::size_t row) {
        while (begin < end) {
            const std::string_view line = line_at(begin);
            if (line.find_first_not_of(blanks) != std::string_view::npos) {
                const std::span<float> numbers =
                    std::span{file_.rows}.subspan(row * file_.dim, file_.dim);
                const auto word = parse_line(line, numbers);
                if (!word || word->size() > longest_word) {
                    reader_.fail_at(
                        begin,
                        "a word of at most 4096 bytes and " + std::to_string(file_.dim)
                            + " finite numbers that f32 can hold",
                        "'" + std::string{line.substr(0, 40)} + "'"
                    );
                }
                file_.words[row++] = *word;
            }
            begin += line.size() + 1;
        }
    }

    void parse_binary(std::size_t begin, std::uint64_t n) {
        reader_.take_bytes(begin, "the first line");
        const std::size_t row_bytes = file_.dim * sizeof(float);
        check_rows(n, reader_.remaining(), row_bytes + 1);
        file_.words.reserve(n);
        file_.rows.resize(n * file_.dim);
        for (std::uint64_t row = 0; row < n; ++row) {
            std::string_view word = reader_.take_until(' ', longest_word, "a word");
            while (!word.empty() && word.front() == '\n'
            ) {  // some writers end the row before with it
                word.remove_prefix(1);
            }
            file_.words.push_back(word);
            const std::span<const std::byte> numbers = reader_.take_bytes(row_bytes, "a vector");
            float* values = file_.rows.data() + row * file_.dim;
            std::memcpy(values, numbers.data(), row_bytes);
            if (!std::all_of(values, values + file_.dim, [](float value) {
                    return std::isfinite(value);
                })) {
                reader_.fail("finite numbers", "others in the vector of a word");
            }
        }
        if (reader_.remaining() > 1) {
            reader_.fail("the end behind " + std::to_string(n) + " words", "more bytes");
        }
    }

    ByteReader reader_;
    std::string_view text_;
    std::size_t n_threads_;
    WordVectorsFile file_;
};

}  // namespace

WordVectorsFile parse_word_vectors(
    std::span<const std::byte> bytes,
    const std::string& path,
    std::size_t n_threads
) {
    return WordVectorsParser{bytes, path, std::max<std::size_t>(n_threads, 1)}.parse();
}

}  // namespace kaygraph::models::detail
