#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/jobs/element_losses.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/runs/run_directory.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

/// @file
/// The job behind `kaygraph convert`: a matrix from one file layout into another.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

struct ConvertOptions {
    std::string input;
    std::string out;
    std::optional<MatrixFormat> input_format = {};  ///< empty: by the name of `input`
    std::optional<MatrixFormat> format = {};        ///< empty: by the name of `out`
    /// Takes the bytes of the matrix file instead, in their order, on rank 0. `out` is then a name for messages alone, and
    /// nothing of the run is kept.
    std::function<void(std::span<const std::byte>)> stream = {};
    std::string tensor = {};  ///< of a safetensors file; empty: its only matrix
    /// Empty: that of the input where `format` can hold it, else the one that `format` holds.
    std::optional<ElementType> type = {};
    /// To i8 from floating-point numbers: round(value × scale), within ±127. Empty: 127, and a text is one of integers.
    std::optional<float> i8_scale = {};
    runs::ResumeOptions resume = {};
    runs::Durability durability = runs::Durability::batch;
    std::optional<std::size_t> block = {};  ///< rows in a block; empty: about a mebibyte
    std::function<void(const char* phase, const Progress&)> progress = {};
    SideFiles side = {};  ///< of the caller: none of them may be one of the job's
    /// How the run was asked for, as its files tell it; empty: they do not.
    std::string command = {};
    /// Told on rank 0 how the run ended, well or not, before the call returns or throws.
    std::function<void(const RunDocument&)> ended = {};
};

struct ConvertResult {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    ElementType from = ElementType::f32;
    ElementType to = ElementType::f32;
    MatrixFormat input_format = MatrixFormat::npy;
    MatrixFormat format = MatrixFormat::npy;
    ElementLosses losses = {};    ///< of elements in this run
    std::uint64_t n_resumed = 0;  ///< rows that earlier runs copied
    bool was_complete = false;    ///< an earlier run had made all of it
    RunReport report;
};

/// Returns the elements that OUT would have, of a format and an input of such elements.
/// @par MPI Local.
[[nodiscard]] KAYGRAPH_EXPORT ElementType
type_of_converted(const ConvertOptions& options, MatrixFormat format, ElementType own);

/// Collective over the ranks of `run`: every rank calls it with equal options. Copies a matrix into a file
/// of another layout, by way of OUT.part. Elements are copied as they are where both files have the same type.
/// Otherwise integers stay the same numbers, or become the nearest of a floating-point type; one that an integer type
/// does not have ends the job. Floating-point numbers become the nearest of another floating-point type, and
/// round(value × i8_scale) within ±127 in i8; in the other integer types the nearest within their range. What is lost is
/// counted: see ElementLosses. The numbers of a text are read as the elements of OUT are, and one that these do not have ends
/// the job; for f16 they are read as f64, and with an i8_scale for i8 as f32.
///
/// Beside OUT stands OUT.run, and whatever ended a run, the same call goes on where it was, as that of jobs::embed.
/// On error: OUT.part and OUT.run stay where some rows were copied, for the next call; an OUT that no run made is as it was
/// before.
/// @throws as jobs::embed; FormatError also for an integer that the type of OUT does not have.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT ConvertResult convert(const ConvertOptions& options, const RunOptions& run = {});

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
