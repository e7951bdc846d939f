#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// @file
/// The job behind `kaygraph convert`: a matrix from one file layout into another.

namespace kaygraph::jobs {

struct ConvertOptions {
    std::string input;
    std::string out;
    std::optional<MatrixFormat> input_format = {};  ///< empty: by the name of `input`
    std::optional<MatrixFormat> format = {};        ///< empty: by the name of `out`
    std::string tensor = {};  ///< of a safetensors file; empty: its only matrix
    /// Empty: that of the input where `format` can hold it, else f32.
    std::optional<ElementType> type = {};
    float i8_scale = 127;  ///< to i8 from numbers with fractions: round(value × scale), within ±127
    std::function<void(const char* phase, const Progress&)> progress = {};
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
    std::uint64_t n_clamped = 0;  ///< elements that i8 could not hold
    RunReport report;
};

/// Collective over the ranks of `run`: every rank calls it with equal options. Copies a matrix into a file
/// of another layout, by way of OUT.part. Elements are copied as they are where both files have the same
/// type, and go through float32 otherwise.
///
/// On error: OUT is as it was before, OUT.part is removed.
/// @throws as jobs::embed.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT ConvertResult convert(const ConvertOptions& options, const RunOptions& run = {});

}  // namespace kaygraph::jobs
