#include <kaygraph/base/error.hpp>
#include <kaygraph/data/array_ref.hpp>
#include <kaygraph/data/map_guard.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>

namespace kaygraph::detail {
namespace {

[[noreturn]] void raise_changed(const ArrayPlace& place, const std::string& what, ErrorCode code) {
    throw FormatError(
        code,
        "the array has changed since it was referred to: " + what + "; make the reference again",
        {.file = place.path}
    );
}

FileStatus status_of(const std::string& path) {
    const std::optional<FileStatus> status = posix_files().status(path);
    if (!status) {
        throw IoError(ErrorCode::io, "the file of the array is not there", {.file = path});
    }
    return *status;
}

std::span<const std::byte> judged_elements(const MatrixReader& reader, const ArrayPlace& place) {
    const std::optional<std::span<const std::byte>> raw = reader.raw();
    if (!raw) {
        throw ArgumentError(
            "expected an array whose elements stand row by row (.npy in C order, .fbin, "
            ".safetensors); convert it first",
            {.file = place.path}
        );
    }
    if (reinterpret_cast<std::uintptr_t>(raw->data()) % size_of(place.type) != 0) {
        throw ArgumentError(
            "the elements of the array do not begin at a multiple of their size, so they cannot be "
            "used in place; convert it first",
            {.file = place.path}
        );
    }
    return *raw;
}

}  // namespace

ArrayPlace find_array(const std::string& path, const std::string& tensor, ElementType type) {
    const FileStatus status = status_of(path);
    const MatrixReader reader{path, {}, tensor};
    const MatrixInfo& info = reader.info();
    ArrayPlace place{
        .path = path,
        .tensor = tensor,
        .type = type,
        .rows = info.rows,
        .cols = info.cols,
        .file_bytes = status.bytes,
        .modified_ns = status.modified_ns,
    };
    static_cast<void>(judged_elements(reader, place));
    if (info.type != type) {
        throw FormatError(
            ErrorCode::wrong_type,
            "expected an array of " + std::string{to_string(type)} + ", found one of "
                + std::string{to_string(info.type)},
            {.file = path}
        );
    }
    return place;
}

ArrayFile::ArrayFile(const ArrayPlace& place)
    : place_(place), reader_(place.path, {}, place.tensor) {
    check();
    const MatrixInfo& info = reader_.info();
    if (info.type != place_.type || info.rows != place_.rows || info.cols != place_.cols) {
        raise_changed(place_, "it has another shape or type", ErrorCode::malformed);
    }
    elements_ = judged_elements(reader_, place_);
    guard_ = guard_map(elements_);
}

ArrayFile::~ArrayFile() {
    forget_map(guard_);
}

void ArrayFile::check() const {
    const FileStatus status = status_of(place_.path);
    if (status.bytes < place_.file_bytes || is_map_cut(guard_)) {
        raise_changed(
            place_,
            "it was cut from " + std::to_string(place_.file_bytes) + " to "
                + std::to_string(status.bytes) + " bytes",
            ErrorCode::truncated
        );
    }
    if (status.bytes != place_.file_bytes || status.modified_ns != place_.modified_ns) {
        raise_changed(place_, "its file was written to", ErrorCode::malformed);
    }
}

void ArrayFile::check_rows(std::uint64_t first, std::uint64_t count) const {
    if (first > place_.rows || count > place_.rows - first) {
        throw ArgumentError(
            "expected rows below " + std::to_string(place_.rows) + ", found "
                + std::to_string(count) + " from row " + std::to_string(first) + " on",
            {.file = place_.path}
        );
    }
    check();
}

}  // namespace kaygraph::detail
