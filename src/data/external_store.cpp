// Values in files. A file: the magic, the hash of all that follows, the length of the type's name, the name, the payload.
#include "data/unique_name.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/data/external_store.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/replace_file.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

namespace kaygraph {
namespace {

constexpr std::string_view extension = ".value";
constexpr std::string_view magic = "KGVALUE1";

struct Head {
    std::array<char, magic.size()> start{};
    Hash128 hash = {};  // of all bytes after it
    std::uint64_t type_bytes = 0;
};
constexpr std::size_t hashed_from = offsetof(Head, type_bytes);

bool is_id_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '_' || c == '.';
}

bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= ExternalStore::max_id_length && id.front() != '.'
           && std::ranges::all_of(id, is_id_character);
}

Head head_of(std::span<const std::byte> file) {
    Head head;
    std::memcpy(&head, file.data(), sizeof head);
    return head;
}

std::string_view text_at(std::span<const std::byte> file, std::size_t offset, std::size_t length) {
    return {reinterpret_cast<const char*>(file.data()) + offset, length};
}

/// Returns the name of the type that a file holds. @throws FormatError for a file that is not as it was written.
std::string_view judged_type(std::span<const std::byte> file, const std::string& path) {
    const auto damaged = [&](const std::string& what, ErrorCode code) {
        throw FormatError(
            code,
            "the value is damaged: " + what + "; remove the file, and make the value again",
            {.file = path}
        );
    };
    if (file.size() < sizeof(Head)) {
        damaged("its file has " + std::to_string(file.size()) + " bytes", ErrorCode::truncated);
    }
    const Head head = head_of(file);
    if (std::string_view{head.start.data(), head.start.size()} != magic) {
        damaged("it does not begin with " + std::string{magic}, ErrorCode::malformed);
    }
    if (hash128(file.subspan(hashed_from)) != head.hash
        || head.type_bytes > file.size() - sizeof(Head)) {
        damaged("its bytes do not fit their checksum", ErrorCode::malformed);
    }
    return text_at(file, sizeof(Head), head.type_bytes);
}

}  // namespace

ExternalStore::ExternalStore(std::string directory, FileSystem& files)
    : directory_(std::move(directory)), files_(&files) {
    files_->make_directory(directory_);
    const std::optional<FileStatus> status = files_->status(directory_);
    if (!status || !status->is_directory) {
        throw IoError(
            ErrorCode::io, "expected a directory for values, found a file", {.file = directory_}
        );
    }
}

std::string ExternalStore::path_of(std::string_view id) const {
    if (!is_id(id)) {
        throw ArgumentError(
            "'" + std::string{id.substr(0, max_id_length)}
            + "' is no id of a value: expected 1 to 200 letters, digits, '-', '_' and '.', not beginning with a dot"
        );
    }
    return directory_ + '/' + std::string{id} + std::string{extension};
}

void ExternalStore::write(
    std::string_view id,
    std::string_view type,
    std::span<const std::byte> payload
) const {
    const std::string path = path_of(id);
    Head head{.type_bytes = type.size()};
    std::copy(magic.begin(), magic.end(), head.start.begin());
    std::vector<std::byte> file(sizeof head + type.size() + payload.size());
    std::memcpy(file.data() + sizeof head, type.data(), type.size());
    std::copy(
        payload.begin(),
        payload.end(),
        file.begin() + static_cast<std::ptrdiff_t>(sizeof head + type.size())
    );
    std::memcpy(file.data(), &head, sizeof head);
    head.hash = hash128(std::span{file}.subspan(hashed_from));
    std::memcpy(file.data(), &head, sizeof head);

    const std::string part = directory_ + '/' + detail::unique_name();
    const std::exception_ptr error =
        caught([&] { replace_file(*files_, path, text_at(file, 0, file.size()), part); });
    if (error) {
        static_cast<void>(caught([&] { files_->remove(part); })
        );  // the error that came first is told
        std::rethrow_exception(error);
    }
}

std::optional<std::vector<std::byte>> ExternalStore::read(
    std::string_view id,
    std::string_view type
) const {
    const std::string path = path_of(id);
    if (!files_->status(path)) {
        return {};
    }
    const std::unique_ptr<File> input = files_->open(path, OpenMode::read);
    const FileStatus status = input->status();
    if (!status.is_regular) {
        throw IoError(
            ErrorCode::io, "expected the file of a value, found something else", {.file = path}
        );
    }
    std::vector<std::byte> file(status.bytes);
    file.resize(input->read_at(0, file));
    if (const std::string_view held = judged_type(file, path); held != type) {
        throw StoreError(
            ErrorCode::wrong_type,
            "the value '" + std::string{id} + "' is a " + std::string{held} + ", not a "
                + std::string{type},
            {.file = path}
        );
    }
    return file;
}

std::span<const std::byte> ExternalStore::payload_of(std::span<const std::byte> file) {
    return file.subspan(sizeof(Head) + head_of(file).type_bytes);
}

void ExternalStore::raise_missing(std::string_view id) const {
    throw StoreError(
        ErrorCode::missing_key, "there is no value '" + std::string{id} + "'", {.file = directory_}
    );
}

bool ExternalStore::contains(std::string_view id) const {
    return files_->status(path_of(id)).has_value();
}

void ExternalStore::erase(std::string_view id) const {
    files_->remove(path_of(id));
}

std::vector<std::string> ExternalStore::ids() const {
    std::vector<std::string> ids;
    for (std::string& name : files_->names_in(directory_)) {
        if (name.ends_with(extension)
            && is_id(std::string_view{name}.substr(0, name.size() - extension.size()))) {
            name.resize(name.size() - extension.size());
            ids.push_back(std::move(name));
        }
    }
    std::ranges::sort(ids);
    return ids;
}

}  // namespace kaygraph
