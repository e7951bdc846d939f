#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>

/// @file
/// Arrays that stay on disk: what a store holds, what travels between ranks and what a checkpoint keeps is where they are.

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace detail {

/// The element type of files that a T is.
template <class T>
consteval ElementType element_type_of() {
    if constexpr (std::is_same_v<T, float>) {
        return ElementType::f32;
    } else if constexpr (std::is_same_v<T, double>) {
        return ElementType::f64;
    } else if constexpr (std::is_same_v<T, std::int8_t>) {
        return ElementType::i8;
    } else if constexpr (std::is_same_v<T, std::uint8_t>) {
        return ElementType::u8;
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
        return ElementType::i32;
    } else {
        static_assert(
            std::is_same_v<T, std::int64_t>,
            "kaygraph: arrays on disk have elements of float, double, std::int8_t, std::uint8_t, "
            "std::int32_t or std::int64_t"
        );
        return ElementType::i64;
    }
}

/// What is known of an array's file.
struct ArrayPlace {
    std::string path = {};
    std::string tensor = {};
    ElementType type = ElementType::f32;
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    std::uint64_t file_bytes = 0;
    std::int64_t modified_ns = 0;

    static auto codec(auto& self) {
        return std::tie(
            self.path,
            self.tensor,
            self.type,
            self.rows,
            self.cols,
            self.file_bytes,
            self.modified_ns
        );
    }
    friend bool operator==(const ArrayPlace&, const ArrayPlace&) = default;
};

KAYGRAPH_EXPORT ArrayPlace
find_array(const std::string& path, const std::string& tensor, ElementType type);

/// An array's file, mapped.
/// @par MPI Local.
/// @par Threads Any thread.
class KAYGRAPH_EXPORT ArrayFile {
public:
    explicit ArrayFile(const ArrayPlace& place);
    ArrayFile(const ArrayFile&) = delete;
    ArrayFile& operator=(const ArrayFile&) = delete;
    ~ArrayFile();

    void check() const;
    void check_rows(std::uint64_t first, std::uint64_t count) const;
    [[nodiscard]] std::span<const std::byte> elements() const noexcept { return elements_; }

private:
    ArrayPlace place_;
    MatrixReader reader_;
    std::span<const std::byte> elements_;
    int guard_ = -1;  // index of its map among those that a MapGuard looks after
};

}  // namespace detail

/// The elements of an array on disk, mapped read-only: rows are read when they are touched. Valid as long as this, or a
/// copy of it, lives.
/// @par MPI Local; ranks on a node share the pages.
/// @par Threads Any thread.
template <class T>
class MappedArray {
public:
    explicit MappedArray(const detail::ArrayPlace& place)
        : file_(std::make_shared<const detail::ArrayFile>(place)),
          rows_(place.rows),
          cols_(place.cols) {}

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t cols() const noexcept { return cols_; }

    /// Returns some rows in place, once the file was found to be as it was when it was opened.
    /// Shapes: count × cols(). Cost: a call of the system: ask for blocks of rows.
    /// @throws ArgumentError for rows beyond the end; FormatError where the file has changed or was cut.
    [[nodiscard]] MatrixView<const T> rows(std::size_t first, std::size_t count) const {
        file_->check_rows(first, count);
        const auto* elements = reinterpret_cast<const T*>(file_->elements().data());
        return {elements + first * cols_, count, cols_};
    }
    [[nodiscard]] MatrixView<const T> all() const { return rows(0, rows_); }

    /// Judges the file again, after reading: a file that was cut meanwhile gives zeros under a MapGuard.
    /// @throws FormatError where it has changed or was cut.
    void check() const { file_->check(); }

private:
    std::shared_ptr<const detail::ArrayFile> file_;
    std::size_t rows_;
    std::size_t cols_;
};

/// Where an array is on disk: .npy in C order, the .fbin family or a tensor of a .safetensors file, by path, type and
/// shape. A value of a few bytes, whatever the size of the array.
///
///     shared.set("vectors", kg::ArrayRef<float>{"corpus.npy"});
///     ...
///     const kg::MappedArray<float> vectors = shared.get<kg::ArrayRef<float>>("vectors").open();
///     for (const float x : vectors.rows(17, 1).row(0)) { ... }
///
/// The file is opened lazily, by whom and where it is needed, under the same path. It is looked at again then: one that has
/// another size or time of modification than when the reference was made is an error. A file that is cut while it is
/// mapped would end the process by a signal (SIGBUS): `MapGuard` makes that an error, too.
/// @par MPI Local; a reference may travel.
/// @par Threads A value.
template <class T>
class ArrayRef {
public:
    /// An array of no file, of no rows: open() refuses it.
    ArrayRef() = default;
    /// Reads the head of the file. `tensor` names one of a .safetensors file; empty is its only one of two dimensions.
    /// One dimension of n is n × 1.
    /// @throws IoError for a file that cannot be read; FormatError for one that is damaged, or holds another type of
    /// elements; ArgumentError for a format whose elements do not stand row by row, side by side.
    explicit ArrayRef(const std::string& path, const std::string& tensor = {})
        : place_(detail::find_array(path, tensor, detail::element_type_of<T>())) {}

    [[nodiscard]] const std::string& path() const noexcept { return place_.path; }
    [[nodiscard]] std::size_t rows() const noexcept { return place_.rows; }
    [[nodiscard]] std::size_t cols() const noexcept { return place_.cols; }

    /// @throws IoError for a file that cannot be read; FormatError for one that has changed since the reference was made.
    [[nodiscard]] MappedArray<T> open() const { return MappedArray<T>{place_}; }

    /// What it takes in a store.
    [[nodiscard]] std::size_t byte_size() const noexcept {
        return sizeof *this + place_.path.size() + place_.tensor.size();
    }
    static auto codec(auto& self) { return std::tie(self.place_); }
    friend bool operator==(const ArrayRef&, const ArrayRef&) = default;

private:
    detail::ArrayPlace place_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
