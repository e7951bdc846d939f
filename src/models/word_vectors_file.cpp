#include "models/word_vectors_file.hpp"

#include "files/known_content.hpp"
#include "files/number_text.hpp"
#include "files/shown.hpp"

#include <kaygraph/files/byte_reader.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/parallel/team.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
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

/// A finite number that float32 can hold; one that is too small for it is zero, or as near as it gets.
bool parse_number(std::string_view text, float& value) noexcept {
    return kaygraph::detail::read_number(text, value) && std::isfinite(value);
}

bool is_number(std::string_view text) noexcept {
    float value = 0;
    return parse_number(text, value);
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
    const auto is_whole = [](std::string_view field, std::uint64_t& value) {
        const auto read = std::from_chars(field.data(), field.data() + field.size(), value);
        return read.ec == std::errc{} && read.ptr == field.data() + field.size();
    };
    const bool is_head =
        dim && n && !take_last_field(line) && is_whole(*n, head.n) && is_whole(*dim, head.dim);
    return is_head ? std::optional{head} : std::nullopt;
}

bool is_blank(char c) noexcept {
    return blanks.find(c) != std::string_view::npos;
}

/// Parses a line into a row. Returns its word; nothing where it is no line of so many numbers: a word may hold
/// spaces, but one that ends with a number shows that the line has more of them.
std::optional<std::string_view> parse_line(std::string_view line, std::span<float> row) noexcept {
    const bool may_have_no_word = is_blank(line.front());
    for (std::size_t i = row.size(); i-- > 0;) {
        const auto field = take_last_field(line);
        if (!field || !parse_number(*field, row[i])) {
            return {};
        }
    }
    std::string_view word = line;
    if (word.empty()) {
        return may_have_no_word ? std::optional{word} : std::nullopt;
    }
    const std::size_t space = line.find_last_of(blanks);
    if (space != std::string_view::npos && is_number(line.substr(space + 1))) {
        return {};
    }
    return word;
}

bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

bool is_utf8(std::string_view text) noexcept {
    return kernels::first_invalid_utf8(text) == text.size();
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
        constexpr std::string_view mark = "\xef\xbb\xbf";
        const std::size_t start = text_.starts_with(mark) ? mark.size() : 0;
        const std::string_view first = line_at(start);
        const std::size_t body = std::min(start + first.size() + 1, text_.size());
        const std::optional<Head> head = parse_head(first);
        if (!head || is_row_of_one(*head, body)) {
            file_.dim = check_dim(numbers_of_lines(start));
            file_.kind = WordVectorsKind::text;
            parse_text(start, {});
            return std::move(file_);
        }
        file_.dim = check_dim(head->dim);
        // in the fewest bytes a row of text is a word, and a space and a digit for each number
        check_rows(head->n, text_.size() - body, 2 * file_.dim);
        if (head->n == 0 || !is_binary(body)) {
            file_.kind = WordVectorsKind::text_with_head;
            parse_text(body, head->n);
        } else {
            file_.kind = WordVectorsKind::binary;
            parse_binary(body, head->n);
        }
        return std::move(file_);
    }

private:
    [[nodiscard]] std::string_view line_at(std::size_t begin) const noexcept {
        const std::size_t end = std::min(text_.find('\n', begin), text_.size());
        return text_.substr(begin, end - begin);
    }

    /// Whether two whole numbers are no head but a word and its one number, as the lines after them show.
    [[nodiscard]] bool is_row_of_one(const Head& head, std::size_t body) const noexcept {
        std::string_view next = line_at(body);
        const auto number = take_last_field(next);
        const bool has_one =
            number && is_number(*number) && take_last_field(next) && !take_last_field(next);
        return has_one && (head.dim != 1 || head.n != count_lines(body, text_.size()));
    }

    /// Returns the number of numbers in the first line, or in most of the first lines: a word may hold spaces.
    [[nodiscard]] std::size_t numbers_of_lines(std::size_t begin) const {
        constexpr std::size_t enough = 16;
        std::map<std::size_t, std::size_t> n_lines;  // by their fields
        std::size_t best = 0;
        for (std::size_t n = 0; n < enough && begin < text_.size();) {
            const std::string_view line = line_at(begin);
            begin += line.size() + 1;
            if (const std::size_t n_fields = count_fields(line); n_fields != 0) {
                best = n++ == 0 ? n_fields : best;
                if (++n_lines[n_fields] > n_lines[best]) {
                    best = n_fields;
                }
            }
        }
        return std::max<std::size_t>(best, 1) - 1;
    }

    /// Judges the first row behind a head: numbers of a text are text.
    [[nodiscard]] bool is_binary(std::size_t body) const {
        std::vector<float> row(file_.dim);
        const std::string_view line = line_at(body);
        if (line.empty() || parse_line(line, row)) {
            return false;
        }
        const std::size_t space = text_.substr(body, longest_word).find(' ');
        const std::string_view numbers = text_.substr(
            std::min(space == std::string_view::npos ? text_.size() : body + space, text_.size()),
            file_.dim * sizeof(float) + 1
        );
        const bool has_control = std::any_of(numbers.begin(), numbers.end(), [](char c) {
            return is_control(c) && c != '\n' && !is_blank(c);
        });
        // the last character may be cut
        constexpr std::size_t longest_character = 4;
        return has_control
               || kernels::first_invalid_utf8(numbers) + longest_character <= numbers.size();
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
                    refuse_line(begin, line);
                }
                file_.words[row++] = *word;
            }
            begin += line.size() + 1;
        }
    }

    /// Says what is wrong with a line: the first field that is no number, or how many numbers there are.
    [[noreturn]] void refuse_line(std::size_t begin, std::string_view line) const {
        std::vector<std::string_view> fields;
        for (std::string_view rest = line; const auto field = take_last_field(rest);) {
            fields.insert(fields.begin(), *field);
        }
        const std::size_t n_before =
            std::max<std::size_t>(fields.size(), file_.dim + 1) - file_.dim;
        const auto other = std::find_if_not(
            fields.begin() + static_cast<std::ptrdiff_t>(std::min(n_before, fields.size())),
            fields.end(),
            is_number
        );
        const bool has_word = !is_number(fields.front());
        const std::size_t n_numbers = fields.size() - (has_word ? 1 : 0);
        std::string found = std::to_string(n_numbers) + " numbers";
        if (other != fields.end()) {
            found = kaygraph::detail::shown(*other, 40);
        } else if (!has_word && n_numbers == file_.dim) {
            found += " and no word";
        } else if (has_word && n_numbers == file_.dim) {
            found = "a longer word";
        }
        const auto before = text_.begin() + static_cast<std::ptrdiff_t>(begin);
        reader_.fail_at(
            begin,
            "a word of at most " + std::to_string(longest_word) + " bytes and "
                + std::to_string(file_.dim) + " finite numbers that f32 can hold in line "
                + std::to_string(std::count(text_.begin(), before, '\n') + 1),
            found
        );
    }

    void parse_binary(std::size_t begin, std::uint64_t n) {
        reader_.take_bytes(begin, "the first line");
        const std::size_t row_bytes = file_.dim * sizeof(float);
        check_rows(n, reader_.remaining(), row_bytes + 1);
        file_.words.reserve(n);
        file_.rows.resize(n * file_.dim);
        for (std::uint64_t row = 0; row < n; ++row) {
            const std::size_t at = reader_.offset();
            std::string_view word = reader_.take_until(' ', longest_word, "a word");
            while (!word.empty() && word.front() == '\n'
            ) {  // some writers end the row before with it
                word.remove_prefix(1);
            }
            check_binary_word(word, row, at);
            file_.words.push_back(word);
            const std::span<const std::byte> numbers = reader_.take_bytes(row_bytes, "a vector");
            float* values = file_.rows.data() + row * file_.dim;
            std::memcpy(values, numbers.data(), row_bytes);
            if (!std::all_of(values, values + file_.dim, [](float value) {
                    return std::isfinite(value);
                })) {
                reader_.fail_at(
                    at,
                    "finite numbers",
                    "others in the vector of word " + std::to_string(row + 1) + ", "
                        + kaygraph::detail::shown(word, 40)
                );
            }
        }
        if (reader_.remaining() > 1) {
            reader_.fail(
                "the end after " + std::to_string(n) + " words",
                std::to_string(reader_.remaining()) + " more bytes: a word may hold a space"
            );
        }
    }

    /// A word with a space in it ends at the space, and all that follows is out of step: soon a word is no text. word2vec
    /// itself cuts words in the middle of a character, so that alone is no proof.
    void check_binary_word(std::string_view word, std::uint64_t row, std::size_t at) const {
        const bool has_end =
            word.find_first_of(std::string_view{"\0\n", 2}) != std::string_view::npos;
        const bool is_garbage = std::any_of(word.begin(), word.end(), is_control) && !is_utf8(word);
        if (has_end || is_garbage) {
            reader_.fail_at(
                at,
                "the text of word " + std::to_string(row + 1),
                kaygraph::detail::shown(word, 40) + ": a word before it may hold a space, or the vectors "
                                                       "are not of float32"
            );
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
    return kaygraph::detail::naming_content(bytes, path, "word vectors", {}, [&] {
        return WordVectorsParser{bytes, path, std::max<std::size_t>(n_threads, 1)}.parse();
    });
}

}  // namespace kaygraph::models::detail
