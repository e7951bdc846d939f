#include "runs/frame_bytes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/journal.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>
#include <vector>

namespace kaygraph::runs {
namespace {

static_assert(std::endian::native == std::endian::little, "frames are little-endian");

constexpr std::array<char, 4> magic{'K', 'G', 'J', '1'};
constexpr std::size_t head_bytes = 64;
constexpr std::size_t hash_bytes = 8;
constexpr std::size_t most_note = 1'000'000;
constexpr std::size_t most_frame = head_bytes + (most_note + 7) / 8 * 8 + hash_bytes;
constexpr std::size_t window_bytes = 4 * most_frame;

template <class T>
void put(std::span<std::byte> bytes, std::size_t at, const T& value) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template <class T>
T get(std::span<const std::byte> bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
}

/// Writes all of a frame but its note and its hash.
void put_head(std::span<std::byte> bytes, const Frame& frame, std::size_t note_bytes) noexcept {
    put(bytes, 0, magic);
    put(bytes, 4, static_cast<std::uint32_t>(bytes.size()));
    put(bytes, 8, frame.sequence);
    put(bytes, 16, static_cast<std::uint32_t>(frame.kind));
    put(bytes, 20, frame.attempt);
    put(bytes, 24, frame.first);
    put(bytes, 32, frame.last);
    put(bytes, 40, frame.hash.low);
    put(bytes, 48, frame.hash.high);
    put(bytes, 56, static_cast<std::uint32_t>(note_bytes));
}

std::vector<std::byte> encoded(const Frame& frame) {
    const std::string_view note = std::string_view{frame.note}.substr(0, most_note);
    const std::size_t size = head_bytes + (note.size() + 7) / 8 * 8 + hash_bytes;
    std::vector<std::byte> bytes(size);
    put_head(bytes, frame, note.size());
    std::copy_n(reinterpret_cast<const std::byte*>(note.data()), note.size(), bytes.begin() + 64);
    put(std::span{bytes}, size - hash_bytes, hash64(std::span{bytes}.first(size - hash_bytes)));
    return bytes;
}

/// Returns the size of the good frame that bytes begin with, or 0.
std::size_t frame_at(std::span<const std::byte> bytes) {
    if (bytes.size() < head_bytes + hash_bytes || get<std::array<char, 4>>(bytes, 0) != magic) {
        return 0;
    }
    const std::size_t size = get<std::uint32_t>(bytes, 4);
    const std::size_t note = get<std::uint32_t>(bytes, 56);
    const bool is_sized = size >= head_bytes + hash_bytes && size <= most_frame
                          && size <= bytes.size() && note <= most_note
                          && size == head_bytes + (note + 7) / 8 * 8 + hash_bytes;
    return is_sized
                   && get<std::uint64_t>(bytes, size - hash_bytes)
                          == hash64(bytes.first(size - hash_bytes))
               ? size
               : 0;
}

Frame decoded(std::span<const std::byte> bytes) {
    Frame frame;
    frame.kind = static_cast<FrameKind>(get<std::uint32_t>(bytes, 16));
    frame.attempt = get<std::uint32_t>(bytes, 20);
    frame.sequence = get<std::uint64_t>(bytes, 8);
    frame.first = get<std::uint64_t>(bytes, 24);
    frame.last = get<std::uint64_t>(bytes, 32);
    frame.hash = {get<std::uint64_t>(bytes, 40), get<std::uint64_t>(bytes, 48)};
    const std::size_t note = get<std::uint32_t>(bytes, 56);
    frame.note.assign(reinterpret_cast<const char*>(bytes.data()) + head_bytes, note);
    return frame;
}

/// A part of a file that moves on.
class Window {
public:
    explicit Window(File& file) : file_(file), file_bytes_(file.status().bytes) {}

    /// The bytes from an offset on: to the end of the file, or a good many.
    std::span<const std::byte> at(std::uint64_t offset) {
        const bool is_here = offset >= first_ && offset <= first_ + bytes_.size()
                             && (first_ + bytes_.size() - offset >= most_frame
                                 || first_ + bytes_.size() == file_bytes_);
        if (!is_here) {
            first_ = offset;
            bytes_.resize(std::min<std::uint64_t>(window_bytes, file_bytes_ - offset));
            bytes_.resize(file_.read_at(offset, bytes_));
        }
        return std::span<const std::byte>{bytes_}.subspan(offset - first_);
    }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }

private:
    File& file_;
    std::uint64_t file_bytes_;
    std::uint64_t first_ = 0;
    std::vector<std::byte> bytes_;
};

/// Returns where the next good frame begins.
std::optional<std::uint64_t> next_good_frame(Window& window, std::uint64_t offset) {
    const auto* first = reinterpret_cast<const std::byte*>(magic.data());
    while (offset < window.file_bytes()) {
        const std::span<const std::byte> bytes = window.at(offset);
        if (bytes.size() < magic.size()) {
            break;
        }
        // what may begin in the last bytes of a window is looked for in the next one
        const bool is_last = offset + bytes.size() >= window.file_bytes();
        const std::size_t n = is_last ? bytes.size() : bytes.size() - most_frame / 2;
        const auto found = std::search(
            bytes.begin(),
            bytes.begin() + static_cast<std::ptrdiff_t>(n),
            first,
            first + magic.size()
        );
        const auto skipped = static_cast<std::uint64_t>(found - bytes.begin());
        offset += skipped;
        if (skipped == n) {
            if (is_last) {
                break;
            }
            continue;
        }
        if (frame_at(window.at(offset)) != 0) {
            return offset;
        }
        ++offset;
    }
    return {};
}

[[noreturn]] void fail(const std::string& path, std::uint64_t offset, const std::string& what) {
    throw FormatError(
        ErrorCode::malformed, what, {.file = path, .offset = static_cast<std::int64_t>(offset)}
    );
}

}  // namespace

std::array<std::byte, detail::least_frame_bytes> detail::bare_frame(const Frame& frame) noexcept {
    std::array<std::byte, least_frame_bytes> bytes{};
    put_head(bytes, frame, 0);
    put(std::span<std::byte>{bytes}, head_bytes, hash64(std::span{bytes}.first(head_bytes)));
    return bytes;
}

JournalWriter::JournalWriter(FileSystem& files, const std::string& path, const JournalEnd& end)
    : file_(files.open(path, OpenMode::open_or_create)), end_(end) {
    if (file_->status().bytes != end.bytes) {
        file_->resize(end.bytes);
    }
}

std::uint64_t JournalWriter::append(Frame frame) {
    const std::lock_guard lock{mutex_};
    frame.sequence = end_.next_sequence;
    const std::vector<std::byte> bytes = encoded(frame);
    file_->write_at(end_.bytes, bytes);
    end_.bytes += bytes.size();
    return end_.next_sequence++;
}

std::uint64_t JournalWriter::next_sequence() {
    const std::lock_guard lock{mutex_};
    return end_.next_sequence;
}

JournalRead read_journal(
    FileSystem& files,
    const std::string& path,
    FunctionRef<void(const Frame&)> give
) {
    JournalRead read;
    if (!files.status(path)) {
        return read;
    }
    const std::unique_ptr<File> file = files.open(path, OpenMode::read);
    Window window{*file};
    while (read.end.bytes < window.file_bytes()) {
        const std::uint64_t offset = read.end.bytes;
        const std::span<const std::byte> bytes = window.at(offset);
        const std::size_t size = frame_at(bytes);
        if (size == 0) {
            if (const auto good = next_good_frame(window, offset + 1)) {
                fail(
                    path,
                    offset,
                    "expected a frame of a journal, found other bytes, with a good frame behind "
                    "them at "
                        + std::to_string(*good) + ": the file was damaged"
                );
            }
            read.torn_bytes = window.file_bytes() - offset;
            return read;
        }
        const Frame frame = decoded(bytes.first(size));
        if (frame.sequence != read.end.next_sequence) {
            fail(
                path,
                offset,
                "expected frame " + std::to_string(read.end.next_sequence) + ", found frame "
                    + std::to_string(frame.sequence)
            );
        }
        if (frame.kind < FrameKind::started || frame.kind > FrameKind::closed) {
            fail(
                path,
                offset,
                "a frame of kind " + std::to_string(static_cast<std::uint32_t>(frame.kind))
                    + ", which this version does not know"
            );
        }
        if (frame.last < frame.first) {
            fail(path, offset, "a frame whose items end before they begin");
        }
        give(frame);
        read.end.bytes += size;
        ++read.end.next_sequence;
    }
    return read;
}

}  // namespace kaygraph::runs
