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
/// Texts of many files as items of a batch. The files are counted first, in pieces, so that every text knows
/// its number and any block of texts can be read alone; nothing is ever read whole, but whole files.
///
/// A line ends with \\n, and a \\r before it, or with its file; what follows the last \\n is a line only where
/// it is not empty. A byte order mark at the start of a file is dropped; NUL is a byte like any other. An empty line
/// is an empty text; among JSON records, lines of white space are nothing. A line belongs to the piece that
/// holds its first byte.
/// @par MPI Local.

namespace kaygraph {

/// A part of an input that is counted at once. A compressed or whole file is one piece.
struct KAYGRAPH_EXPORT TextPiece {
    std::uint32_t input = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    static auto codec(auto& self) { return std::tie(self.input, self.offset, self.bytes); }
};

/// Cuts inputs into pieces. `piece_bytes` 0: 64 KiB, and more where that would be more than 2¹⁸ pieces.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<TextPiece> cut_texts(
    std::span<const TextInput> inputs,
    std::uint64_t piece_bytes = 0
);

/// Returns how many texts begin in a piece.
/// @throws IoError; FormatError for a damaged compressed stream.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::uint64_t count_texts(
    std::span<const TextInput> inputs,
    const TextPiece& piece,
    FileSystem& files = posix_files()
);

/// A text as it stands in its file, a JSON record included.
struct TextRecord {
    std::string_view bytes = {};  ///< without the end of its line
    std::uint64_t offset = 0;     ///< of its first byte in the (decompressed) file
    std::uint32_t input = 0;
    bool is_too_long = false;  ///< over 16 MiB: `bytes` is its start
};

/// The memory that the records of a block point into.
/// @par Threads One at a time.
class TextStorage {
public:
    /// Forgets what it holds, not its memory.
    void clear() noexcept {
        size_ = 0;
        spans_.clear();
    }

private:
    friend class TextSource;
    friend struct TextSourceAccess;

    /// A record before its bytes have their final place.
    struct Span {
        std::size_t first;
        std::size_t bytes;
        std::uint64_t offset;
        std::uint32_t input;
        bool is_too_long;
    };

    /// Returns room for so many more bytes behind what is there.
    KAYGRAPH_EXPORT char* reserve(std::size_t bytes);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::vector<Span> spans_;
};

/// The texts of counted inputs, in order: an item source with storage.
/// Cost: O(1) memory beside the pieces; a block costs reading its pieces, of a compressed file decompressing up
/// to it: readers that go forward nearly in order share one pass.
/// @par Threads Copies share their state; any thread may read.
class KAYGRAPH_EXPORT TextSource {
public:
    using Item = TextRecord;
    using Storage = TextStorage;

    /// `counts` are those of the pieces. `n_readers`: threads that will read.
    TextSource(
        std::vector<TextInput> inputs,
        std::vector<TextPiece> pieces,
        std::vector<std::uint64_t> counts,
        FileSystem& files = posix_files(),
        std::size_t n_readers = 1
    );

    /// Returns how many texts there are.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] const TextInput& input(std::uint32_t index) const;

    /// Reads texts [first, first + count).
    /// @throws IoError; FormatError where a file is not as it was counted.
    void read(
        std::size_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    ) const;

private:
    friend struct TextSourceAccess;
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace kaygraph
