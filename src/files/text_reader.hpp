#pragma once

#include "files/decompress.hpp"

#include <kaygraph/base/interface.hpp>
#include <kaygraph/files/text_source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace kaygraph::detail {

/// The bytes of a text file in order, of which the last can be given back.
/// @par Threads One at a time.
class TextBytes : public Interface {
public:
    /// Returns how many bytes it wrote, none only at the end.
    virtual std::size_t read(std::span<char> bytes) = 0;
    /// Takes back bytes of the last read.
    virtual void unread(std::size_t bytes) = 0;
    /// Returns the place of the next byte in the (decompressed) file.
    [[nodiscard]] virtual std::uint64_t offset() const noexcept = 0;
};

/// A file that is not compressed.
class PlainBytes final : public TextBytes {
public:
    PlainBytes(File& file, std::uint64_t listed_bytes, std::uint64_t offset)
        : file_(&file), size_(listed_bytes), offset_(offset) {}

    std::size_t read(std::span<char> bytes) override;
    void unread(std::size_t bytes) override { offset_ -= bytes; }
    [[nodiscard]] std::uint64_t offset() const noexcept override { return offset_; }

private:
    File* file_;
    std::uint64_t size_;
    std::uint64_t offset_;
};

/// A compressed file, from its start.
class StreamBytes final : public TextBytes {
public:
    explicit StreamBytes(std::unique_ptr<ByteStream> stream)
        : stream_(std::move(stream)),
          buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}

    std::size_t read(std::span<char> bytes) override;
    void unread(std::size_t bytes) override { begin_ -= bytes; }
    [[nodiscard]] std::uint64_t offset() const noexcept override {
        return fetched_ - (end_ - begin_);
    }

private:
    static constexpr std::size_t capacity = std::size_t{128} << 10U;

    std::unique_ptr<ByteStream> stream_;
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t fetched_ = 0;
};

/// Returns the bytes of a file from its start, decompressed where it is compressed. The file must outlive them.
[[nodiscard]] std::unique_ptr<TextBytes> text_bytes(
    const std::shared_ptr<File>& file,
    const TextInput& input
);

/// Bytes of room that skip() is fast with.
inline constexpr std::size_t skip_bytes = std::size_t{64} << 10U;

/// Finds texts in bytes. Stands before a text, or at the end.
/// @par Threads One at a time.
class TextReader {
public:
    TextReader(TextBytes& bytes, TextFormat format, std::uint32_t input);

    /// Goes on behind the next \n: to the start of a line where the reader stood before its last byte. False
    /// where none begins before an offset; a long line is not followed beyond that.
    bool skip_rest_of_line(std::uint64_t before_offset);

    /// Passes at most `count` texts, of those whose line begins before an offset. Returns how many. Where it
    /// ends for the offset, the reader stands somewhere behind it.
    std::uint64_t skip(std::uint64_t count, std::uint64_t before_offset, std::span<char> scratch);

    /// Appends at most `count` texts. Returns how many. `bytes_expected` is a guess at what they take.
    std::size_t take(
        std::size_t count,
        std::uint64_t bytes_expected,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );

    [[nodiscard]] std::uint64_t offset() const noexcept { return bytes_->offset(); }

private:
    void drop_mark();
    std::uint64_t skip_whole(std::span<char> scratch);
    std::size_t take_lines(
        std::size_t count,
        std::uint64_t bytes_expected,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    std::size_t take_whole(
        std::uint64_t bytes_expected,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    /// Adds the lines in [begin, end), where no \n comes before `from`, until there are `until` items.
    /// Returns where the rest begins.
    const char* add_lines(
        const char* begin,
        const char* from,
        const char* end,
        std::uint64_t offset,
        std::size_t until,
        std::vector<TextRecord>& items
    ) const;
    void add_line(
        const char* begin,
        const char* end,
        std::uint64_t offset,
        std::vector<TextRecord>& items
    ) const;
    void take_start_of_line(
        std::size_t partial,
        std::uint64_t offset,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );

    TextBytes* bytes_;
    TextFormat format_;
    std::uint32_t input_;
    bool is_done_ = false;  ///< the whole file was taken
};

/// Returns how many \n there are.
[[nodiscard]] std::uint64_t count_newlines(std::span<const char> bytes) noexcept;

}  // namespace kaygraph::detail
