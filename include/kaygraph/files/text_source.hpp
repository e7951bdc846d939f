#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

/// @file
/// The texts of many files as the items of a batch: cut the files into pieces, count each piece (on any
/// rank and thread), and a source knows where each text is.
///
///     const auto pieces = cut_texts(inputs);
///     for (const TextPiece& piece : pieces) { counts.push_back(count_texts(inputs, piece)); }
///     const TextSource source{inputs, pieces, counts};
///
/// A line ends with \n, and a \r before that is dropped; the last one may end with the file. An empty line
/// is a text, except in jsonl. A UTF-8 byte order mark at the start of a file is dropped, NUL bytes stay.
/// An empty file has no lines; as a whole it is one empty text. A text belongs to the piece that has its
/// first byte. Zeros behind the last member of a gzip file are padding.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// The longest text, in bytes. Of longer ones only the start is given.
inline constexpr std::uint64_t max_text_bytes = std::uint64_t{16} << 20U;

/// A part of a file whose texts are counted at once. A compressed file and a whole one are one piece.
struct TextPiece {
    std::uint32_t input = 0;  ///< index of the file
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;

    static auto codec(auto& self) { return std::tie(self.input, self.offset, self.bytes); }
};

/// Returns the pieces of files, in order. The first piece of a file has at least the bytes of a byte order mark.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<TextPiece> cut_texts(
    std::span<const TextInput> inputs,
    std::uint64_t piece_bytes = std::uint64_t{256} << 10U
);

/// Returns how many texts begin in a piece.
/// @throws IoError where the file cannot be read or has another size than it was listed with.
/// @throws FormatError for a compressed file that is damaged, and for one that holds no UTF-8 but something known by
/// its first bytes: UTF-16, another compression, a Git LFS pointer, a file of another format.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::uint64_t count_texts(
    std::span<const TextInput> inputs,
    const TextPiece& piece,
    FileSystem& files = posix_files()
);

/// A text and where it was.
struct TextRecord {
    std::string_view bytes;    ///< into the TextStorage that it was read with
    std::uint32_t input = 0;   ///< index of the file
    std::uint64_t offset = 0;  ///< of its first byte in the (decompressed) file
    bool is_too_long = false;  ///< over max_text_bytes: `bytes` is its start, 4 KiB
};

/// Memory that the records of a block point into. Kept between reads, so that these allocate nothing after
/// the first few.
/// @par MPI Local.
/// @par Threads One at a time.
class KAYGRAPH_EXPORT TextStorage {
public:
    TextStorage() = default;

    /// Forgets all bytes; keeps the memory.
    void clear() noexcept {
        chunk_ = 0;
        used_ = 0;
    }

    /// Returns free memory of at least `least` bytes, right behind the last `keep` bytes in use, which move
    /// if they must (then the rest of their chunk stays free until clear()).
    std::span<char> grow(std::size_t least, std::size_t keep);
    /// Says that the first `bytes` of what grow() returned are in use now.
    void use(std::size_t bytes) noexcept { used_ += bytes; }
    /// Gives back the last bytes in use.
    void drop(std::size_t bytes) noexcept { used_ -= bytes; }
    /// Returns the end of the bytes in use.
    [[nodiscard]] const char* end() const noexcept;

    [[nodiscard]] std::size_t capacity() const noexcept;

private:
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
    };

    std::vector<Chunk> chunks_;
    std::size_t chunk_ = 0;  // index of the one in use
    std::size_t used_ = 0;   // of it
};

/// The texts of files as items of a batch, by row: see ItemSource. Plain files are read where they are
/// needed; compressed ones are decompressed forward, so that rows are fast to get nearly in order and slow,
/// but right, in any other.
/// @par MPI Local.
/// @par Threads Any thread, at once; copies share their state.
class KAYGRAPH_EXPORT TextSource {
public:
    using Item = TextRecord;
    using Storage = TextStorage;

    /// `counts` are the texts of each piece, `n_readers` the threads that are going to read.
    /// @throws ArgumentError for pieces that are not of these files, or not each with a count.
    TextSource(
        std::vector<TextInput> inputs,
        std::vector<TextPiece> pieces,
        std::vector<std::uint64_t> counts,
        FileSystem& files = posix_files(),
        std::size_t n_readers = 1
    );

    /// Returns the number of texts.
    [[nodiscard]] std::size_t size() const noexcept;

    /// Leaves the texts [first, first + count) in `items`; they point into `storage`, until its next use.
    /// @throws IoError where a file cannot be read or has another size than it was listed with.
    /// @throws FormatError for a compressed file that is damaged, or a file that has not the texts counted.
    void read(
        std::size_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    ) const;

    [[nodiscard]] const TextInput& input(std::uint32_t index) const;
    [[nodiscard]] const std::vector<TextInput>& inputs() const noexcept;

private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
