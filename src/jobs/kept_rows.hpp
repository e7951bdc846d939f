#pragma once

#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <cstdint>
#include <memory>
#include <string>

/// @file
/// Outputs that are made of a whole matrix once it is done: without the rows of rejected items, or as text.

namespace kaygraph::jobs::detail {

/// Returns OUT.part, finished but for its name: the rows of a whole matrix but those of rejected items. `between` is called
/// now and then, and may throw to end it: then nothing is left of it.
std::unique_ptr<MatrixWriter> make_kept_rows(
    FileSystem& files,
    const MatrixWriter& whole,
    const std::string& out,
    MatrixFormat format,
    const RangeSet& rejected,
    FunctionRef<void()> between
);

/// Returns OUT.rows.npy.part, finished but for its name: which item each row of OUT is of.
std::unique_ptr<MatrixWriter> make_row_numbers(
    FileSystem& files,
    const std::string& out,
    std::uint64_t n_items,
    const RangeSet& rejected
);

}  // namespace kaygraph::jobs::detail
