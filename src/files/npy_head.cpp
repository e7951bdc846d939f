#include "files/npy_head.hpp"

#include <kaygraph/files/byte_reader.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace kaygraph::detail {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_head = std::size_t{64} << 10U;
constexpr std::size_t most_dimensions = 32;

struct Described {
    std::string_view descr;
    ElementType type;
};
constexpr std::array<Described, 7> types{
    {{"<f4", ElementType::f32},
     {"<f2", ElementType::f16},
     {"<f8", ElementType::f64},
     {"|u1", ElementType::u8},
     {"|i1", ElementType::i8},
     {"<i4", ElementType::i32},
     {"<i8", ElementType::i64}}};

/// Reads the dict literal of a head: three known keys, whose values are a string, a bool and a tuple of whole numbers.
class DictReader {
public:
    DictReader(std::string_view text, std::size_t offset, const ByteReader& reader)
        : text_(text), offset_(offset), reader_(reader) {}

    void read() {
        expect('{');
        while (!accept('}')) {
            const std::string_view key = quoted();
            expect(':');
            value(key);
            if (!accept(',') && peek() != '}') {
                fail("a comma or the end of the dict");
            }
        }
        skip_space();
        if (at_ != text_.size()) {
            fail("nothing behind the dict");
        }
        if (!descr || !is_fortran || !shape) {
            fail("the keys 'descr', 'fortran_order' and 'shape'");
        }
    }

    std::optional<std::string_view> descr;
    std::optional<bool> is_fortran;
    std::optional<std::vector<std::uint64_t>> shape;

private:
    void value(std::string_view key) {
        if (key == "descr" && !descr) {
            skip_space();
            if (peek() == '[') {
                fail("elements of one type, no records");
            }
            descr = quoted();
        } else if (key == "fortran_order" && !is_fortran) {
            is_fortran = boolean();
        } else if (key == "shape" && !shape) {
            shape = tuple();
        } else {
            fail("each of the keys 'descr', 'fortran_order' and 'shape' once");
        }
    }

    bool boolean() {
        skip_space();
        for (const bool value : {true, false}) {
            const std::string_view name = value ? "True" : "False";
            if (text_.substr(at_, name.size()) == name) {
                at_ += name.size();
                return value;
            }
        }
        fail("True or False");
    }

    std::vector<std::uint64_t> tuple() {
        std::vector<std::uint64_t> values;
        expect('(');
        while (!accept(')')) {
            skip_space();
            std::uint64_t value = 0;
            const char* first = text_.data() + at_;
            const auto read = std::from_chars(first, text_.data() + text_.size(), value);
            if (read.ec != std::errc{}) {
                fail("a dimension of less than 2^64");
            }
            at_ += static_cast<std::size_t>(read.ptr - first);
            if (at_ < text_.size() && text_[at_] == 'L') {  // of Python 2
                ++at_;
            }
            values.push_back(value);
            if (values.size() > most_dimensions) {
                fail("at most 32 dimensions");
            }
            if (!accept(',') && peek() != ')') {
                fail("a comma or the end of the shape");
            }
        }
        return values;
    }

    std::string_view quoted() {
        skip_space();
        const char quote = peek();
        if (quote != '\'' && quote != '"') {
            fail("a quoted word");
        }
        const std::size_t last = text_.find(quote, at_ + 1);
        if (last == std::string_view::npos) {
            fail("the end of a quoted word");
        }
        const std::string_view word = text_.substr(at_ + 1, last - at_ - 1);
        at_ = last + 1;
        return word;
    }

    [[nodiscard]] char peek() {
        skip_space();
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool accept(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        ++at_;
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted)) {
            fail(std::string{"'"} + wanted + "'");
        }
    }
    void skip_space() {
        while (at_ < text_.size()
               && std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    [[noreturn]] void fail(const std::string& expected) const {
        reader_.fail_at(
            offset_ + at_,
            expected,
            at_ < text_.size() ? "'" + std::string{text_.substr(at_, 20)} + "'"
                               : "the end of the head"
        );
    }

    std::string_view text_;
    std::size_t offset_;
    const ByteReader& reader_;
    std::size_t at_ = 0;
};

ElementType type_of(std::string_view descr, std::size_t offset, const ByteReader& reader) {
    for (const Described& known : types) {
        const bool is_byte = known.descr.front() == '|';  // whose order does not matter
        if (descr == known.descr
            || (is_byte && !descr.empty() && descr.substr(1) == known.descr.substr(1))) {
            return known.type;
        }
    }
    reader.fail_at(
        offset, "elements of <f4 <f2 <f8 |u1 |i1 <i4 or <i8", "'" + std::string{descr} + "'"
    );
}

}  // namespace

MatrixInfo parse_npy_head(std::span<const std::byte> file, const std::string& path) {
    ByteReader reader{file, path};
    const std::span<const std::byte> start = reader.take_bytes(magic.size(), "an .npy file");
    if (std::string_view{reinterpret_cast<const char*>(start.data()), start.size()} != magic) {
        reader.fail_at(0, "an .npy file, which begins with \\x93NUMPY", "other bytes");
    }
    const auto version = reader.take<std::uint8_t>("the version");
    reader.take<std::uint8_t>("the minor version");
    if (version < 1 || version > 3) {
        reader.fail_at(magic.size(), "version 1, 2 or 3", std::to_string(version));
    }
    const std::size_t length = version == 1 ? reader.take<std::uint16_t>("the length of the head")
                                            : reader.take<std::uint32_t>("the length of the head");
    if (length > longest_head) {
        reader.fail("a head of at most 64 KiB", std::to_string(length) + " bytes");
    }
    const std::size_t offset = reader.offset();
    const std::span<const std::byte> head = reader.take_bytes(length, "the head");
    DictReader dict{{reinterpret_cast<const char*>(head.data()), head.size()}, offset, reader};
    dict.read();
    const std::vector<std::uint64_t>& shape = *dict.shape;
    if (shape.empty() || shape.size() > 2) {
        reader.fail_at(offset, "one or two dimensions", std::to_string(shape.size()));
    }
    return {
        .format = MatrixFormat::npy,
        .type = type_of(*dict.descr, offset, reader),
        .rows = shape[0],
        .cols = shape.size() == 2 ? shape[1] : 1,
        .data_offset = reader.offset(),
        .row_stride = 0,
        .is_fortran = *dict.is_fortran && shape.size() == 2};
}

std::string make_npy_head(
    ElementType type,
    std::uint64_t rows,
    std::uint64_t cols,
    bool is_vector
) {
    constexpr std::size_t alignment = 64;
    std::string_view descr;
    for (const Described& known : types) {
        descr = known.type == type ? known.descr : descr;
    }
    std::string dict = "{'descr': '" + std::string{descr} + "', 'fortran_order': False, 'shape': ("
                       + std::to_string(rows) + "," + (is_vector ? "" : " " + std::to_string(cols))
                       + "), }";
    const std::size_t before = magic.size() + 4;
    dict.append(alignment - 1 - (before + dict.size()) % alignment, ' ');
    dict += '\n';
    std::string head{magic};
    head += '\x01';
    head += '\x00';
    head += static_cast<char>(dict.size() & 0xFFU);
    head += static_cast<char>(dict.size() >> 8U);
    return head + dict;
}

}  // namespace kaygraph::detail
