#include "files/npy_header.hpp"

#include "files/matrix_size.hpp"
#include "files/shown.hpp"

#include <kaygraph/files/byte_reader.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace kaygraph::detail {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t max_header_bytes = 65'536;
constexpr std::size_t max_dimensions = 32;

struct Descr {
    std::string_view text;
    ElementType type;
};

constexpr std::array descrs{
    Descr{"<f2", ElementType::f16},
    Descr{"<f4", ElementType::f32},
    Descr{"<f8", ElementType::f64},
    Descr{"|i1", ElementType::i8},
    Descr{"|u1", ElementType::u8},
    Descr{"<i4", ElementType::i32},
    Descr{"<i8", ElementType::i64},
};

/// The dictionary literal of a header: what Python writes for a string, a bool and a tuple of integers, and
/// no more of Python than that.
class Literal {
public:
    Literal(std::string_view text, std::uint64_t begin, const ByteReader& file)
        : text_(text), begin_(begin), file_(&file) {}

    void read() {
        expect('{');
        while (next() != '}') {
            read_entry();
            if (next() != '}') {
                expect(',');
            }
        }
        expect('}');
        if (next() != '\0' || at_ != text_.size()) {
            fail("nothing after the dictionary");
        }
        if (!descr_ || !fortran_order_ || !shape_) {
            file_->fail_at(
                begin_, "the keys 'descr', 'fortran_order' and 'shape'", "not all of them"
            );
        }
    }

    [[nodiscard]] std::string_view descr() const { return *descr_; }
    [[nodiscard]] bool fortran_order() const { return *fortran_order_; }
    [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return *shape_; }

private:
    void read_entry() {
        next();
        const std::uint64_t key_begin = begin_ + at_;
        const std::string_view key = string();
        expect(':');
        if (key == "descr" && !descr_) {
            descr_ = string();
        } else if (key == "fortran_order" && !fortran_order_) {
            fortran_order_ = boolean();
        } else if (key == "shape" && !shape_) {
            shape_ = tuple();
        } else {
            file_->fail_at(
                key_begin, "the keys 'descr', 'fortran_order' and 'shape', once each", shown(key)
            );
        }
    }

    /// Returns the next character that is no blank without passing it; zero at the end.
    char next() {
        while (at_ < text_.size()
               && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t'
                   || text_[at_] == '\r')) {
            ++at_;
        }
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    void expect(char wanted) {
        if (next() != wanted || at_ == text_.size()) {
            fail(std::string{"'"} + wanted + "'");
        }
        ++at_;
    }

    std::string_view string() {
        const char quote = next();
        if (quote != '\'' && quote != '"') {
            fail("a string (structured types are not read)");
        }
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) {
            fail("the end of a string");
        }
        const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
        if (content.find('\\') != std::string_view::npos) {
            fail("a string without escapes");
        }
        at_ = end + 1;
        return content;
    }

    bool boolean() {
        next();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return value;
            }
        }
        fail("True or False");
    }

    std::vector<std::uint64_t> tuple() {
        std::vector<std::uint64_t> extents;
        expect('(');
        while (next() != ')') {
            if (extents.size() == max_dimensions) {
                fail(std::to_string(max_dimensions) + " dimensions at most");
            }
            extents.push_back(extent());
            if (next() != ')') {
                expect(',');
            }
        }
        expect(')');
        return extents;
    }

    std::uint64_t extent() {
        std::uint64_t value = 0;
        const char* const first = text_.data() + at_;
        const auto result = std::from_chars(first, text_.data() + text_.size(), value);
        if (result.ec != std::errc{}) {
            fail("an extent from 0 to 2^64 - 1");
        }
        at_ += static_cast<std::size_t>(result.ptr - first);
        if (at_ < text_.size() && text_[at_] == 'L') {
            ++at_;  // Python 2 wrote long integers so
        }
        return value;
    }

    [[noreturn]] void fail(const std::string& expected) const {
        const std::string_view rest = text_.substr(std::min(at_, text_.size()));
        file_->fail_at(
            begin_ + at_, expected, rest.empty() ? "the end of the header" : shown(rest, 20)
        );
    }

    std::string_view text_;
    std::uint64_t begin_;
    const ByteReader* file_;
    std::size_t at_ = 0;
    std::optional<std::string_view> descr_;
    std::optional<bool> fortran_order_;
    std::optional<std::vector<std::uint64_t>> shape_;
};

/// Elements of one byte have no order, '=' and none are that of this machine, and '|' says that there is none.
ElementType type_of(std::string_view descr, std::uint64_t offset, const ByteReader& reader) {
    const std::size_t has_order =
        !descr.empty() && std::string_view{"<>=|"}.find(descr.front()) != std::string_view::npos;
    const bool is_big = descr.starts_with('>');
    std::string known;
    for (const Descr& candidate : descrs) {
        if (candidate.text.substr(1) == descr.substr(has_order)) {
            if (is_big && size_of(candidate.type) > 1) {
                reader.fail_at(
                    offset,
                    "little-endian elements, '" + std::string{candidate.text}
                        + "' (numpy: a.astype('" + std::string{candidate.text} + "'))",
                    shown(descr)
                );
            }
            return candidate.type;
        }
        known += (known.empty() ? "" : ", ") + std::string{candidate.text};
    }
    reader.fail_at(offset, "a descr of " + known, shown(descr));
}

}  // namespace

MatrixInfo parse_npy_header(std::span<const std::byte> file, const std::string& path) {
    ByteReader reader{file, path};
    const std::span<const std::byte> start = reader.take_bytes(magic.size(), "npy magic");
    const std::string_view found{reinterpret_cast<const char*>(start.data()), start.size()};
    if (found != magic) {
        reader.fail_at(0, "the magic '\\x93NUMPY'", shown(found));
    }
    const auto major = reader.take<std::uint8_t>("npy version");
    const auto minor = reader.take<std::uint8_t>("npy version");
    const std::string version = std::to_string(major) + "." + std::to_string(minor);
    if (major < 1 || major > 3 || minor != 0) {
        reader.fail_at(magic.size(), "npy version 1.0, 2.0 or 3.0", version);
    }
    const std::uint64_t size = major == 1 ? reader.take<std::uint16_t>("npy header size")
                                          : reader.take<std::uint32_t>("npy header size");
    if (size > max_header_bytes) {
        reader.fail_at(
            magic.size() + 2,
            "a header of " + std::to_string(max_header_bytes) + " bytes at most",
            "one of " + std::to_string(size)
        );
    }
    const std::uint64_t begin = reader.offset();
    const std::span<const std::byte> bytes = reader.take_bytes(size, "npy header");
    Literal literal{{reinterpret_cast<const char*>(bytes.data()), bytes.size()}, begin, reader};
    literal.read();
    const std::vector<std::uint64_t>& shape = literal.shape();
    if (shape.empty() || shape.size() > 2) {
        reader.fail_at(begin, "one or two dimensions", std::to_string(shape.size()));
    }
    MatrixInfo info{
        .format = MatrixFormat::npy,
        .type = type_of(literal.descr(), begin, reader),
        .rows = shape[0],
        .cols = shape.size() == 2 ? shape[1] : 1,
        .data_offset = reader.offset(),
        .is_fortran = literal.fortran_order() && shape.size() == 2,
        .variant = "npy " + version};
    require_exact_size(reader, info.rows, info.cols, size_of(info.type));
    info.row_stride = info.is_fortran ? 0 : info.cols * size_of(info.type);
    return info;
}

std::string npy_header(ElementType type, std::uint64_t rows, std::uint64_t cols, NpyShape shape) {
    const auto* const descr =
        std::find_if(descrs.begin(), descrs.end(), [&](const Descr& d) { return d.type == type; });
    std::string dictionary = "{'descr': '" + std::string{descr->text}
                             + "', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ","
                             + (shape == NpyShape::vector ? "" : " " + std::to_string(cols))
                             + "), }";
    constexpr std::size_t fixed = magic.size() + 4;
    constexpr std::size_t alignment = 64;
    const std::size_t unpadded = fixed + dictionary.size() + 1;
    dictionary.append((alignment - unpadded % alignment) % alignment, ' ');
    dictionary += '\n';
    std::string header{magic};
    header += '\x01';
    header += '\0';
    header += static_cast<char>(dictionary.size() & 0xffU);
    header += static_cast<char>(dictionary.size() >> 8U);
    return header + dictionary;
}

}  // namespace kaygraph::detail
