#include "files/byte_stream.hpp"

#include <kaygraph/base/error.hpp>

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph::detail {
namespace {

constexpr std::size_t input_bytes = std::size_t{128} << 10U;
constexpr std::uint64_t free_output = std::uint64_t{64} << 20U;
constexpr std::uint64_t largest_ratio = 1000;
constexpr int largest_window_log = 27;

class PlainStream final : public ByteStream {
public:
    explicit PlainStream(std::unique_ptr<File> file) : file_(std::move(file)) {}
    std::size_t read(std::span<std::byte> bytes) override {
        const std::size_t n = file_->read_at(offset_, bytes);
        offset_ += n;
        return n;
    }

private:
    std::unique_ptr<File> file_;
    std::uint64_t offset_ = 0;
};

/// What both decompressors share: their input, and the budget of their output.
class Decompressor : public ByteStream {
public:
    Decompressor(std::unique_ptr<ByteStream> source, std::string path)
        : source_(std::move(source)), path_(std::move(path)), buffer_(input_bytes) {}

    std::size_t read(std::span<std::byte> bytes) override {
        std::size_t done = 0;
        while (done < bytes.size() && !is_at_end_) {
            if (next_ == available_ && !source_ended_) {
                refill();
            }
            const std::size_t n = step(bytes.subspan(done));
            done += n;
            produced_ += n;
            if (produced_ > free_output && produced_ / largest_ratio > consumed()) {
                fail("a stream of at most a thousand times its file", "a larger one");
            }
        }
        return done;
    }

protected:
    /// Decompresses some of the input into the room; sets `end()` where the stream has ended.
    virtual std::size_t step(std::span<std::byte> room) = 0;

    [[nodiscard]] std::span<std::byte> input() noexcept {
        return std::span{buffer_}.subspan(next_, available_ - next_);
    }
    void use(std::size_t n) noexcept { next_ += n; }
    [[nodiscard]] bool source_ended() const noexcept { return source_ended_; }
    void end() noexcept { is_at_end_ = true; }
    [[nodiscard]] std::uint64_t consumed() const noexcept { return before_ + next_; }

    [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + expected + ", found " + found,
            {.file = path_, .offset = static_cast<std::int64_t>(consumed())}
        );
    }
    [[noreturn]] void fail_cut() const {
        throw FormatError(
            ErrorCode::truncated,
            "expected more of the compressed stream, found the end of the file",
            {.file = path_, .offset = static_cast<std::int64_t>(consumed())}
        );
    }

private:
    void refill() {
        before_ += available_;
        next_ = 0;
        available_ = source_->read(buffer_);
        source_ended_ = available_ < buffer_.size();
    }

    std::unique_ptr<ByteStream> source_;
    std::string path_;
    std::vector<std::byte> buffer_;
    std::size_t next_ = 0;
    std::size_t available_ = 0;
    std::uint64_t before_ = 0;  // bytes of the source before the buffer
    std::uint64_t produced_ = 0;
    bool source_ended_ = false;
    bool is_at_end_ = false;
};

class GzipStream final : public Decompressor {
public:
    GzipStream(std::unique_ptr<ByteStream> source, std::string path)
        : Decompressor(std::move(source), std::move(path)) {
        constexpr int gzip_only = 15 + 16;
        if (inflateInit2(&state_, gzip_only) != Z_OK) {
            throw std::bad_alloc{};
        }
    }
    ~GzipStream() override { inflateEnd(&state_); }

private:
    std::size_t step(std::span<std::byte> room) override {
        if (input().empty()) {  // and the source has ended
            if (!is_between_members_ || consumed() == 0) {
                fail_cut();
            }
            end();
            return 0;
        }
        is_between_members_ = false;
        constexpr std::size_t most = std::numeric_limits<uInt>::max();
        state_.next_in = reinterpret_cast<Bytef*>(input().data());
        state_.avail_in = static_cast<uInt>(input().size());
        state_.next_out = reinterpret_cast<Bytef*>(room.data());
        state_.avail_out = static_cast<uInt>(std::min(room.size(), most));
        const uInt out_before = state_.avail_out;
        const uInt in_before = state_.avail_in;
        const int result = inflate(&state_, Z_NO_FLUSH);
        use(in_before - state_.avail_in);
        if (result == Z_STREAM_END) {  // members may follow one another
            is_between_members_ = true;
            inflateReset(&state_);
        } else if (result == Z_MEM_ERROR) {
            throw std::bad_alloc{};
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            fail("a gzip stream", state_.msg != nullptr ? state_.msg : "other bytes");
        }
        return out_before - state_.avail_out;
    }

    z_stream state_{};
    bool is_between_members_ = true;
};

class ZstdStream final : public Decompressor {
public:
    ZstdStream(std::unique_ptr<ByteStream> source, std::string path)
        : Decompressor(std::move(source), std::move(path)), state_(ZSTD_createDStream()) {
        if (state_ == nullptr
            || ZSTD_isError(ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, largest_window_log))
                   != 0U) {
            ZSTD_freeDStream(state_);
            throw std::bad_alloc{};
        }
    }
    ~ZstdStream() override { ZSTD_freeDStream(state_); }

private:
    std::size_t step(std::span<std::byte> room) override {
        if (input().empty() && is_between_frames_) {  // and the source has ended
            if (consumed() == 0) {
                fail_cut();
            }
            end();
            return 0;
        }
        const bool had_input = !input().empty();
        ZSTD_inBuffer in{input().data(), input().size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t hint = ZSTD_decompressStream(state_, &out, &in);
        use(in.pos);
        if (ZSTD_isError(hint) != 0U) {
            fail("a zstd stream", ZSTD_getErrorName(hint));
        }
        is_between_frames_ = hint == 0;
        if (!had_input && out.pos == 0 && !is_between_frames_) {
            fail_cut();
        }
        return out.pos;
    }

    ZSTD_DStream* state_;
    bool is_between_frames_ = true;
};

}  // namespace

std::unique_ptr<File> open_unchanged(const TextInput& input, FileSystem& files) {
    std::unique_ptr<File> file = files.open(input.path, OpenMode::read);
    const FileStatus status = file->status();
    if (status.bytes != input.bytes || status.modified_ns != input.modified_ns) {
        throw IoError(
            ErrorCode::io,
            "the file has changed while it was used: expected " + std::to_string(input.bytes)
                + " bytes, found " + std::to_string(status.bytes),
            {.file = input.path}
        );
    }
    return file;
}

std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<File> file) {
    return std::make_unique<PlainStream>(std::move(file));
}

std::unique_ptr<ByteStream> decompress(
    std::unique_ptr<ByteStream> compressed,
    Compression compression,
    const std::string& path
) {
    switch (compression) {
        case Compression::gzip:
            return std::make_unique<GzipStream>(std::move(compressed), path);
        case Compression::zstd:
            return std::make_unique<ZstdStream>(std::move(compressed), path);
        case Compression::none:
            break;
    }
    return compressed;
}

std::unique_ptr<ByteStream> open_stream(const TextInput& input, FileSystem& files) {
    return decompress(plain_stream(open_unchanged(input, files)), input.compression, input.path);
}

}  // namespace kaygraph::detail
