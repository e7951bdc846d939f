#include "files/text_lines.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace kaygraph::detail {
namespace {

constexpr std::size_t first_buffer = std::size_t{256} << 10U;

}  // namespace

LineStream::LineStream(std::unique_ptr<ByteStream> stream, TextFormat format)
    : stream_(std::move(stream)), format_(format), buffer_(first_buffer) {
    fill();
    if (std::string_view{buffer_.data(), last_}.substr(0, 3) == byte_order_mark) {
        first_ = byte_order_mark.size();
        offset_ = byte_order_mark.size();
    }
}

bool LineStream::fill() {
    if (is_at_end_) {
        return false;
    }
    std::memmove(buffer_.data(), buffer_.data() + first_, last_ - first_);
    last_ -= first_;
    first_ = 0;
    if (last_ == buffer_.size()) {
        buffer_.resize(2 * buffer_.size());
    }
    const std::span<char> room = std::span{buffer_}.subspan(last_);
    const std::size_t n = stream_->read(std::as_writable_bytes(room));
    last_ += n;
    is_at_end_ = n < room.size();
    return n != 0;
}

std::optional<StreamLine> LineStream::next() {
    for (;;) {
        const std::optional<StreamLine> line = next_line();
        if (!line || is_text(line->bytes, format_)) {
            return line;
        }
    }
}

std::optional<StreamLine> LineStream::next_line() {
    std::size_t searched = first_;
    for (;;) {
        const char* start = buffer_.data() + searched;
        if (const void* end = std::memchr(start, '\n', last_ - searched)) {
            const auto at =
                static_cast<std::size_t>(static_cast<const char*>(end) - buffer_.data());
            const StreamLine line{
                without_return({buffer_.data() + first_, at - first_}), offset_, false};
            offset_ += at + 1 - first_;
            first_ = at + 1;
            return line;
        }
        if (last_ - first_ > longest_text) {
            return next_long_line();
        }
        const std::size_t n_searched = last_ - first_;
        if (!fill()) {
            if (first_ == last_) {
                return {};
            }
            const StreamLine line{{buffer_.data() + first_, last_ - first_}, offset_, false};
            offset_ += last_ - first_;
            first_ = last_;
            return line;
        }
        searched = first_ + n_searched;
    }
}

/// Passes the rest of a line without keeping it.
std::optional<StreamLine> LineStream::next_long_line() {
    constexpr std::size_t kept = 1024;
    StreamLine line{{}, offset_, true};
    const std::size_t start = first_;
    std::vector<char> head(
        buffer_.begin() + static_cast<std::ptrdiff_t>(start),
        buffer_.begin() + static_cast<std::ptrdiff_t>(start + kept)
    );
    for (;;) {
        const char* from = buffer_.data() + first_;
        const void* end = std::memchr(from, '\n', last_ - first_);
        const std::size_t n =
            end != nullptr ? static_cast<std::size_t>(static_cast<const char*>(end) - from) + 1
                           : last_ - first_;
        first_ += n;
        offset_ += n;
        if (end != nullptr || !fill()) {
            break;
        }
    }
    head_ = std::move(head);
    line.bytes = {head_.data(), head_.size()};
    return line;
}

StreamLine LineStream::whole() {
    while (last_ - first_ <= longest_text && fill()) {
    }
    const bool is_too_long = last_ - first_ > longest_text;
    return {{buffer_.data() + first_, is_too_long ? 1024 : last_ - first_}, offset_, is_too_long};
}

}  // namespace kaygraph::detail
