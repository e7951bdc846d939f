#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace kaygraph::jobs::detail {

/// A record that cannot be embedded, and how it begins.
class RecordError final : public FormatError {
public:
    RecordError(const FormatError& why, std::uint64_t record_offset, std::string_view record);

    [[nodiscard]] std::uint64_t record_offset() const noexcept { return record_offset_; }
    [[nodiscard]] const std::string& excerpt() const noexcept { return *excerpt_; }

private:
    std::uint64_t record_offset_;
    std::shared_ptr<const std::string> excerpt_;  // shared: copying an exception may not throw
};

/// Returns the JSON object that tells of a rejected record: row, file, offset, how it begins, why.
[[nodiscard]] std::string reject_line(const Failure& failure);

/// Writes rejects.jsonl into a folder, an object a line, in the order of the rows; none where there is nothing to list.
void write_rejects(
    FileSystem& files,
    const std::string& folder,
    const std::map<std::uint64_t, std::string>& lines
);

}  // namespace kaygraph::jobs::detail
