#pragma once

#include <kaygraph/runs/journal.hpp>

#include <array>
#include <cstddef>

namespace kaygraph::runs::detail {

/// Of a frame without a note.
inline constexpr std::size_t least_frame_bytes = 72;

/// Returns the bytes of a frame without its note. Async-signal-safe.
[[nodiscard]] std::array<std::byte, least_frame_bytes> bare_frame(const Frame& frame) noexcept;

}  // namespace kaygraph::runs::detail
