#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Takes a text, and an id where wanted, out of a JSON line. A field is named by its key, "text", or by the
/// keys that lead to it through objects, "meta.text"; a key that is all of that counts first.
///
/// All of the line must be JSON in valid UTF-8, an object, at most 64 levels deep; a field that is there twice is an
/// error. Other keys may repeat, and what is not asked for may be any JSON: numbers of any size, escapes of half a
/// surrogate pair. A text or an id with such an escape is an error, and so is an id that is a number over 64 bytes.
/// @par MPI Local.
/// @par Threads Any thread, at once.
class KAYGRAPH_EXPORT JsonField {
public:
    /// @throws ArgumentError for a name without a key, or with an empty one.
    explicit JsonField(std::string field, std::optional<std::string> id_field = {});

    /// Returns the text of a line: a view into `line` where it has no escapes, else into `storage`.
    /// `file` and `offset` (of the line's first byte) say where the line is, for errors.
    /// @throws FormatError (malformed) with the place: no such JSON, no such field, or no string there.
    [[nodiscard]] std::string_view text(
        std::string_view line,
        std::string& storage,
        const std::string& file,
        std::uint64_t offset
    ) const;

    /// Returns the id as JSON: "\"a\"", "12", "1.5". @throws FormatError as text() does, also where it is
    /// neither a string nor a number. @throws ArgumentError where no id field was named.
    [[nodiscard]] std::string id(
        std::string_view line,
        const std::string& file,
        std::uint64_t offset
    ) const;

    [[nodiscard]] bool has_id() const noexcept { return !id_path_.empty(); }
    [[nodiscard]] const std::string& field() const noexcept { return field_; }

private:
    std::string field_;
    std::string id_field_;
    std::vector<std::string> path_;
    std::vector<std::string> id_path_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
