#include "files/decompress.hpp"

#include "files/known_content.hpp"
#include "files/shown.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace kaygraph::detail {

void read_listed(
    File& file,
    std::uint64_t listed_bytes,
    std::uint64_t offset,
    std::span<std::byte> bytes
) {
    const std::size_t n = file.read_at(offset, bytes);
    if (n < bytes.size()) {
        throw IoError(
            ErrorCode::io,
            "the file changed while it was read: it had " + std::to_string(listed_bytes)
                + " bytes when it was listed, now it has " + std::to_string(offset + n),
            {.file = file.path()}
        );
    }
}

namespace {

/// The compressed bytes.
class Input {
public:
    Input(std::shared_ptr<File> file, std::uint64_t bytes)
        : file_(std::move(file)),
          size_(bytes),
          capacity_(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, most_buffered))),
          buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity_)) {}

    /// Returns what lies ready, at least `least` bytes unless the file ends before.
    std::span<const std::byte> peek(std::size_t least) {
        if (end_ - begin_ < least) {
            std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
            const auto n =
                static_cast<std::size_t>(std::min<std::uint64_t>(capacity_ - end_, size_ - fetched_)
                );
            read_listed(*file_, size_, fetched_, {buffer_.get() + end_, n});
            fetched_ += n;
            end_ += n;
        }
        return {buffer_.get() + begin_, end_ - begin_};
    }
    void consume(std::size_t bytes) noexcept { begin_ += bytes; }

    [[nodiscard]] std::uint64_t offset() const noexcept { return fetched_ - (end_ - begin_); }

    [[noreturn]] void fail(ErrorCode code, const std::string& message) const {
        throw FormatError(
            code, message, {.file = file_->path(), .offset = static_cast<std::int64_t>(offset())}
        );
    }

private:
    static constexpr std::size_t most_buffered = std::size_t{128} << 10U;

    std::shared_ptr<File> file_;
    std::uint64_t size_;
    std::size_t capacity_;
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t fetched_ = 0;
};

/// What gzip and zstd files have in common: independent parts, one behind the other.
class PartStream : public ByteStream {
public:
    PartStream(
        std::shared_ptr<File> file,
        std::uint64_t bytes,
        std::string part,
        std::size_t magic_bytes,
        bool may_be_padded
    )
        : input_(std::move(file), bytes),
          part_(std::move(part)),
          magic_bytes_(magic_bytes),
          may_be_padded_(may_be_padded) {}

    std::size_t read(std::span<std::byte> bytes) final {
        std::size_t done = 0;
        while (done < bytes.size() && (is_inside_ || enter())) {
            const std::span<const std::byte> in = input_.peek(1);
            const Step step = advance(in, bytes.subspan(done));
            input_.consume(step.consumed);
            done += step.produced;
            pay(step.produced);
            is_inside_ = !step.ended;
            if (!step.ended && step.consumed == 0 && step.produced == 0) {
                input_.fail(
                    in.empty() ? ErrorCode::truncated : ErrorCode::malformed,
                    "expected the rest of " + part_ + ", found "
                        + (in.empty() ? "the end of the file" : "bytes that say nothing")
                );
            }
        }
        return done;
    }

protected:
    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        bool ended = false;  ///< the part did
    };

    [[nodiscard]] virtual bool is_start(std::span<const std::byte> magic) const = 0;
    virtual void restart() = 0;
    virtual Step advance(std::span<const std::byte> in, std::span<std::byte> out) = 0;

    [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
        input_.fail(ErrorCode::malformed, "expected " + expected + ", found " + found);
    }

private:
    /// Begins the next part; false at the end of the file.
    bool enter() {
        const std::span<const std::byte> in = input_.peek(magic_bytes_);
        if (has_part_ && (in.empty() || (may_be_padded_ && in.front() == std::byte{0}))) {
            pass_padding();
            return false;
        }
        if (in.size() < magic_bytes_) {
            input_.fail(
                ErrorCode::truncated,
                "expected " + part_ + ", found " + std::to_string(in.size())
                    + " bytes and the end of the file"
            );
        }
        if (!is_start(in.first(magic_bytes_))) {
            fail(
                has_part_ ? "the end of the file or the start of " + part_ : part_, what_follows()
            );
        }
        restart();
        has_part_ = true;
        is_inside_ = true;
        return true;
    }

    [[nodiscard]] std::string what_follows() {
        const std::span<const std::byte> in = input_.peek(telling_bytes);
        if (const auto content = known_content(in)) {
            return std::string{content->name};
        }
        return shown({reinterpret_cast<const char*>(in.data()), in.size()}, 16);
    }

    /// Tapes and block devices fill their last block with zeros.
    void pass_padding() {
        for (;;) {
            const std::span<const std::byte> in = input_.peek(1);
            const auto other = std::find_if(in.begin(), in.end(), [](std::byte byte) {
                return byte != std::byte{0};
            });
            input_.consume(static_cast<std::size_t>(other - in.begin()));
            if (other != in.end()) {
                fail("the end of the file after zeros that fill it up", what_follows());
            }
            if (in.empty()) {
                return;
            }
        }
    }

    void pay(std::size_t produced) {
        produced_ += produced;
        if (produced_ > free_output_bytes
            && (produced_ - free_output_bytes) / max_expansion > input_.offset()) {
            fail(
                "at most " + std::to_string(max_expansion) + " bytes of text for each byte",
                std::to_string(produced_) + " bytes of text"
            );
        }
    }

    Input input_;
    std::string part_;
    std::size_t magic_bytes_;
    bool may_be_padded_;
    std::uint64_t produced_ = 0;
    bool has_part_ = false;
    bool is_inside_ = false;
};

class GzipStream final : public PartStream {
public:
    GzipStream(std::shared_ptr<File> file, std::uint64_t bytes)
        : PartStream(std::move(file), bytes, "a gzip member", 2, true) {
        if (inflateInit2(state_.get(), 15 + 16) != Z_OK) {  // 16: gzip and nothing else
            throw std::bad_alloc{};
        }
    }

private:
    struct End {
        void operator()(z_stream* state) const noexcept {
            inflateEnd(state);
            delete state;
        }
    };

    [[nodiscard]] bool is_start(std::span<const std::byte> magic) const override {
        return magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b};
    }
    void restart() override { inflateReset(state_.get()); }

    Step advance(std::span<const std::byte> in, std::span<std::byte> out) override {
        constexpr std::size_t most = std::size_t{1} << 30U;  // zlib counts in 32 bits
        in = in.first(std::min(in.size(), most));
        out = out.first(std::min(out.size(), most));
        state_->next_in =
            const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));  // zlib only reads it
        state_->avail_in = static_cast<uInt>(in.size());
        state_->next_out = reinterpret_cast<Bytef*>(out.data());
        state_->avail_out = static_cast<uInt>(out.size());
        const int outcome = inflate(state_.get(), Z_NO_FLUSH);
        if (outcome == Z_MEM_ERROR) {
            throw std::bad_alloc{};
        }
        if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) {
            fail("intact gzip data", state_->msg != nullptr ? state_->msg : "a preset dictionary");
        }
        return {
            .consumed = in.size() - state_->avail_in,
            .produced = out.size() - state_->avail_out,
            .ended = outcome == Z_STREAM_END};
    }

    std::unique_ptr<z_stream, End> state_{new z_stream{}};  // it may not move
};

class ZstdStream final : public PartStream {
public:
    ZstdStream(std::shared_ptr<File> file, std::uint64_t bytes)
        : PartStream(std::move(file), bytes, "a zstd frame", 4, false), state_(ZSTD_createDCtx()) {
        if (state_ == nullptr) {
            throw std::bad_alloc{};
        }
        KAYGRAPH_ASSERT(
            ZSTD_isError(ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, max_window_log))
                == 0,
            "zstd knows its parameters"
        );
    }

private:
    static constexpr int max_window_log = 27;

    struct Free {
        void operator()(ZSTD_DCtx* state) const noexcept { ZSTD_freeDCtx(state); }
    };

    // zstd itself would take frames of its versions before 0.8 too, with decoders that are less looked after
    [[nodiscard]] bool is_start(std::span<const std::byte> magic) const override {
        std::uint32_t number = 0;
        std::memcpy(&number, magic.data(), sizeof number);
        return number == ZSTD_MAGICNUMBER
               || (number & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
    }
    void restart() override { ZSTD_DCtx_reset(state_.get(), ZSTD_reset_session_only); }

    Step advance(std::span<const std::byte> in, std::span<std::byte> out) override {
        ZSTD_inBuffer from{in.data(), in.size(), 0};
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        const std::size_t outcome = ZSTD_decompressStream(state_.get(), &to, &from);
        if (ZSTD_isError(outcome) != 0) {
            const ZSTD_ErrorCode code = ZSTD_getErrorCode(outcome);
            if (code == ZSTD_error_memory_allocation) {
                throw std::bad_alloc{};
            }
            if (code == ZSTD_error_frameParameter_windowTooLarge) {
                fail(
                    "a zstd window of at most 128 MiB",
                    "a larger one: unpack it (zstd -d --long=31), or pack it again without --long"
                );
            }
            fail("intact zstd data", ZSTD_getErrorName(outcome));
        }
        return {.consumed = from.pos, .produced = to.pos, .ended = outcome == 0};
    }

    std::unique_ptr<ZSTD_DCtx, Free> state_;
};

}  // namespace

std::unique_ptr<ByteStream> decompressed(
    std::shared_ptr<File> file,
    std::uint64_t bytes,
    Compression compression
) {
    KAYGRAPH_ASSERT(compression != Compression::none, "the file is compressed");
    if (compression == Compression::gzip) {
        return std::make_unique<GzipStream>(std::move(file), bytes);
    }
    return std::make_unique<ZstdStream>(std::move(file), bytes);
}

std::vector<std::byte> decompressed_whole(const std::string& path, Compression compression) {
    std::shared_ptr<File> file = posix_files().open(path, OpenMode::read);
    const std::uint64_t bytes = file->status().bytes;
    const std::unique_ptr<ByteStream> stream = decompressed(std::move(file), bytes, compression);
    std::vector<std::byte> all;
    for (std::size_t n = 0;;) {
        all.resize(std::max<std::size_t>(std::size_t{1} << 20U, n + n / 2));
        const std::size_t wanted = all.size() - n;
        const std::size_t more = stream->read(std::span{all}.subspan(n));
        n += more;
        if (more < wanted) {
            all.resize(n);
            return all;
        }
    }
}

}  // namespace kaygraph::detail
