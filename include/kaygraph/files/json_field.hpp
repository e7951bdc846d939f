#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph {

/// Takes a text, and an id, out of JSON records. A field is a name, or names joined by points that lead
/// through objects: "body.text".
///
/// What is no record is refused: no JSON (RFC 8259), no object, no such field, or twice; a text that is no string, an
/// id that is neither string nor number; nesting deeper than 64, a number of over 64 characters, invalid UTF-8.
/// @par MPI Local.
/// @par Threads A value; any thread may read with it.
class KAYGRAPH_EXPORT JsonField {
public:
    explicit JsonField(const std::string& field, const std::optional<std::string>& id_field = {});

    /// Returns the text of a record, which `storage` holds. `file` and `offset` (of the record) are named in errors.
    /// @throws FormatError (malformed) with file and offset.
    std::string_view text(
        std::string_view record,
        std::string& storage,
        const std::string& file,
        std::uint64_t offset
    ) const;

    /// Returns the id of a record as JSON: "\"a\"", "12". @throws as `text`.
    [[nodiscard]] std::string id(
        std::string_view record,
        const std::string& file,
        std::uint64_t offset
    ) const;

private:
    std::vector<std::string> field_;
    std::vector<std::string> id_field_;
};

}  // namespace kaygraph
