#include "files/text_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace kaygraph::detail {
namespace {

constexpr std::size_t least_read_bytes = std::size_t{16} << 10U;
constexpr std::size_t most_read_bytes = std::size_t{4} << 20U;
constexpr std::size_t start_bytes = std::size_t{4}
                                    << 10U;  // what is kept of a text that is too long

bool is_white(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_white(const char* begin, const char* end) noexcept {
    return std::all_of(begin, end, [](char c) { return is_white(c); });
}

const char* find_newline(const char* begin, const char* end) noexcept {
    return static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin))
    );
}

/// Passes lines that hold texts.
class LineSkip {
public:
    LineSkip(
        TextFormat format,
        std::uint64_t count,
        std::uint64_t before_offset,
        std::uint64_t offset
    )
        : is_jsonl_(format == TextFormat::jsonl),
          count_(count),
          before_offset_(before_offset),
          line_(offset) {}

    /// Goes through bytes, which follow those of the last call. Returns how many belong to what is passed:
    /// not all where it has come to the end of its task.
    std::size_t pass(std::span<const char> bytes, std::uint64_t offset) {
        const char* const begin = bytes.data();
        const char* const end = begin + bytes.size();
        const char* at = begin;
        const auto begin_line = [&](const char* next) {
            line_ = offset + static_cast<std::uint64_t>(next - begin);
        };
        while (at != end && n_passed_ < count_) {
            if (!is_text_) {
                for (; is_jsonl_ && at != end && is_white(*at); ++at) {
                    if (*at == '\n') {
                        begin_line(at + 1);
                    }
                }
                if (at == end || line_ >= before_offset_) {
                    break;
                }
                is_text_ = true;
            }
            const char* const newline = find_newline(at, end);
            if (newline == nullptr) {
                return bytes.size();
            }
            ++n_passed_;
            is_text_ = false;
            at = newline + 1;
            begin_line(at);
        }
        return static_cast<std::size_t>(at - begin);
    }
    /// There are no more bytes.
    void end() { n_passed_ += is_text_ ? 1 : 0; }

    [[nodiscard]] std::uint64_t n_passed() const noexcept { return n_passed_; }

private:
    bool is_jsonl_;
    std::uint64_t count_;
    std::uint64_t before_offset_;
    std::uint64_t line_;  // where it begins
    std::uint64_t n_passed_ = 0;
    bool is_text_ = false;  // the line, as far as it is known
};

}  // namespace

std::size_t PlainBytes::read(std::span<char> bytes) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), size_ - offset_));
    if (n != 0) {
        read_listed(*file_, size_, offset_, std::as_writable_bytes(bytes.first(n)));
        offset_ += n;
    }
    return n;
}

std::size_t StreamBytes::read(std::span<char> bytes) {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = stream_->read({buffer_.get(), capacity});
        fetched_ += end_;
    }
    const std::size_t n = std::min(bytes.size(), end_ - begin_);
    std::copy_n(buffer_.get() + begin_, n, std::as_writable_bytes(bytes).data());
    begin_ += n;
    return n;
}

std::unique_ptr<TextBytes> text_bytes(const std::shared_ptr<File>& file, const TextInput& input) {
    if (input.compression == Compression::none) {
        return std::make_unique<PlainBytes>(*file, input.bytes, 0);
    }
    return std::make_unique<StreamBytes>(decompressed(file, input.bytes, input.compression));
}

TextReader::TextReader(TextBytes& bytes, TextFormat format, std::uint32_t input)
    : bytes_(&bytes), format_(format), input_(input) {}

void TextReader::drop_mark() {
    if (bytes_->offset() != 0) {
        return;
    }
    std::array<char, 3> start{};
    const std::size_t n = bytes_->read(start);
    if (n != start.size() || std::memcmp(start.data(), "\xef\xbb\xbf", start.size()) != 0) {
        bytes_->unread(n);
    }
}

bool TextReader::skip_rest_of_line(std::uint64_t before_offset) {
    std::array<char, 4096> buffer;
    while (bytes_->offset() < before_offset) {
        const std::size_t n = bytes_->read(buffer);
        if (n == 0) {
            break;
        }
        const char* const end = buffer.data() + n;
        const char* const newline = find_newline(buffer.data(), end);
        if (newline != nullptr) {
            bytes_->unread(static_cast<std::size_t>(end - newline - 1));
            return bytes_->offset() < before_offset;
        }
    }
    return false;
}

std::uint64_t TextReader::skip(
    std::uint64_t count,
    std::uint64_t before_offset,
    std::span<char> scratch
) {
    drop_mark();
    if (format_ == TextFormat::whole) {
        return skip_whole(scratch);
    }
    LineSkip skip{format_, count, before_offset, bytes_->offset()};
    while (skip.n_passed() < count) {
        const std::uint64_t offset = bytes_->offset();
        const std::size_t n = bytes_->read(scratch);
        if (n == 0) {
            skip.end();
            break;
        }
        const std::size_t used = skip.pass(scratch.first(n), offset);
        if (used < n) {
            bytes_->unread(n - used);
            break;
        }
    }
    return skip.n_passed();
}

std::uint64_t TextReader::skip_whole(std::span<char> scratch) {
    while (bytes_->read(scratch) != 0) {  // all of it, so that what is damaged is found
    }
    return std::exchange(is_done_, true) ? 0 : 1;
}

std::size_t TextReader::take(
    std::size_t count,
    std::uint64_t bytes_expected,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    if (count == 0) {
        return 0;
    }
    drop_mark();
    return format_ == TextFormat::whole ? take_whole(bytes_expected, items, storage)
                                        : take_lines(count, bytes_expected, items, storage);
}

std::size_t TextReader::take_lines(
    std::size_t count,
    std::uint64_t bytes_expected,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    const std::size_t until = items.size() + count;
    const std::size_t before = items.size();
    std::size_t partial = 0;  // bytes of a line that has not ended, the last in the storage
    while (items.size() < until) {
        const auto wanted = static_cast<std::size_t>(
            std::clamp<std::uint64_t>(bytes_expected, least_read_bytes, most_read_bytes)
        );
        const std::span<char> room = storage.grow(wanted, partial).first(wanted);
        const std::uint64_t offset = bytes_->offset() - partial;
        const std::size_t n = bytes_->read(room);
        storage.use(n);
        bytes_expected -= std::min<std::uint64_t>(bytes_expected, n);

        const char* const begin = room.data() - partial;
        const char* const end = room.data() + n;
        if (n == 0) {
            if (partial != 0) {
                add_line(begin, end, offset, items);
            }
            break;
        }
        const char* const line = add_lines(begin, room.data(), end, offset, until, items);
        partial = static_cast<std::size_t>(end - line);
        if (items.size() == until) {
            bytes_->unread(partial);
            storage.drop(partial);
        } else if (partial >= max_text_bytes + 2) {  // 2: it might have ended with \r\n
            take_start_of_line(
                partial, offset + static_cast<std::uint64_t>(line - begin), items, storage
            );
            partial = 0;
        }
    }
    return items.size() - before;
}

const char* TextReader::add_lines(
    const char* begin,
    const char* from,
    const char* end,
    std::uint64_t offset,
    std::size_t until,
    std::vector<TextRecord>& items
) const {
    const char* line = begin;
    while (items.size() < until) {
        const char* const newline = find_newline(from, end);
        if (newline == nullptr) {
            break;
        }
        const bool has_return = newline != line && newline[-1] == '\r';
        add_line(
            line,
            has_return ? newline - 1 : newline,
            offset + static_cast<std::uint64_t>(line - begin),
            items
        );
        line = newline + 1;
        from = line;
    }
    return line;
}

void TextReader::add_line(
    const char* begin,
    const char* end,
    std::uint64_t offset,
    std::vector<TextRecord>& items
) const {
    if (format_ == TextFormat::jsonl && (begin == end || is_white(*begin))
        && is_white(begin, end)) {
        return;
    }
    const auto bytes = static_cast<std::size_t>(end - begin);
    const bool is_too_long = bytes > max_text_bytes;
    items.push_back(
        {.bytes = {begin, is_too_long ? start_bytes : bytes},
         .input = input_,
         .offset = offset,
         .is_too_long = is_too_long}
    );
}

void TextReader::take_start_of_line(
    std::size_t partial,
    std::uint64_t offset,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    const char* const begin = storage.end() - partial;
    bool is_text = format_ != TextFormat::jsonl || !is_white(begin, begin + partial);
    storage.drop(partial - start_bytes);
    for (;;) {
        const std::span<char> scratch = storage.grow(skip_bytes, 0);
        const std::size_t n = bytes_->read(scratch);
        const char* const end = scratch.data() + n;
        const char* const newline = n == 0 ? nullptr : find_newline(scratch.data(), end);
        const char* const line_end = newline == nullptr ? end : newline;
        is_text = is_text || !is_white(scratch.data(), line_end);
        if (newline != nullptr) {
            bytes_->unread(static_cast<std::size_t>(end - newline - 1));
        }
        if (n == 0 || newline != nullptr) {
            break;
        }
    }
    if (is_text) {
        items.push_back(
            {.bytes = {begin, start_bytes}, .input = input_, .offset = offset, .is_too_long = true}
        );
    }
}

std::size_t TextReader::take_whole(
    std::uint64_t bytes_expected,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    if (std::exchange(is_done_, true)) {
        return 0;
    }
    const std::uint64_t offset = bytes_->offset();
    std::size_t taken = 0;
    for (;;) {
        const auto wanted = static_cast<std::size_t>(
            std::clamp<std::uint64_t>(bytes_expected, least_read_bytes, most_read_bytes)
        );
        const std::size_t n = bytes_->read(storage.grow(wanted, taken).first(wanted));
        storage.use(n);
        taken += n;
        if (n == 0 || taken > max_text_bytes) {
            break;
        }
    }
    const bool is_too_long = taken > max_text_bytes;
    if (is_too_long) {
        storage.drop(taken - start_bytes);
        taken = start_bytes;
    }
    items.push_back(
        {.bytes = {storage.end() - taken, taken},
         .input = input_,
         .offset = offset,
         .is_too_long = is_too_long}
    );
    return 1;
}

std::uint64_t count_newlines(std::span<const char> bytes) noexcept {
    // 255 rounds of 32 counters of 8 bits: compilers make vector code of it
    constexpr std::size_t n_lanes = 32;
    std::uint64_t n = 0;
    std::size_t at = 0;
    while (bytes.size() - at >= n_lanes) {
        std::array<std::uint8_t, n_lanes> counts{};
        const std::size_t rounds = std::min<std::size_t>((bytes.size() - at) / n_lanes, 255);
        for (std::size_t round = 0; round < rounds; ++round, at += n_lanes) {
            for (std::size_t lane = 0; lane < n_lanes; ++lane) {
                counts[lane] =
                    static_cast<std::uint8_t>(counts[lane] + (bytes[at + lane] == '\n' ? 1 : 0));
            }
        }
        for (const std::uint8_t count : counts) {
            n += count;
        }
    }
    return n
           + static_cast<std::uint64_t>(
               std::count(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\n')
           );
}

}  // namespace kaygraph::detail
