#include "jobs/hash_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/file_system.hpp>

#include <algorithm>
#include <memory>
#include <span>

namespace kaygraph::jobs::detail {
namespace {

/// What is hashed at once: each file is opened for it anew.
constexpr std::uint64_t part_bytes = 64 * content_piece_bytes;

}  // namespace

std::vector<DoubtfulPart> HashFiles::prep(const Store& /*shared*/) const {
    std::vector<DoubtfulPart> parts;
    for (const DoubtfulFile& file : start->doubtful) {
        if (first_index != nullptr && file.index < *first_index) {
            continue;
        }
        std::uint64_t offset = 0;
        do {  // an empty file has a hash, too
            const std::uint64_t n = std::min(part_bytes, file.bytes - offset);
            parts.push_back({&file, offset, n});
            offset += n;
        } while (offset < file.bytes);
    }
    return parts;
}

std::vector<Hash128> HashFiles::exec(const DoubtfulPart& part, State& state) const {
    const std::unique_ptr<File> file = posix_files().open(part.file->path, OpenMode::read);
    state.room.resize(content_piece_bytes);
    std::vector<Hash128> pieces;
    for (std::uint64_t at = 0; at < part.bytes;) {
        const std::span<std::byte> room = std::span{state.room}.first(
            static_cast<std::size_t>(std::min(part.bytes - at, content_piece_bytes))
        );
        const std::size_t n = file->read_at(part.offset + at, room);
        if (n != room.size()) {
            throw IoError(
                ErrorCode::io,
                "the file changed while it was read: it had " + std::to_string(part.file->bytes)
                    + " bytes, now it ends at " + std::to_string(part.offset + at + n),
                {.file = part.file->path}
            );
        }
        pieces.push_back(hash128(room));
        at += n;
    }
    return pieces;
}

void HashFiles::post(
    Store& /*shared*/,
    const std::vector<DoubtfulPart>& parts,
    BatchResult<std::vector<Hash128>> pieces,
    const Context& context
) const {
    if (context.rank() != 0) {
        return;
    }
    for (std::size_t i = 0; i < parts.size();) {
        const DoubtfulFile* const file = parts[i].file;
        std::vector<Hash128> of_file;
        for (; i < parts.size() && parts[i].file == file; ++i) {
            const std::vector<Hash128>& of_part = pieces.values()[i];
            of_file.insert(of_file.end(), of_part.begin(), of_part.end());
        }
        (*hashes)[file->index] = content_hash(of_file);
    }
}

}  // namespace kaygraph::jobs::detail
