#pragma once

/// @file
/// Marks what a shared build of the library exports; everything else stays hidden.

#define KAYGRAPH_EXPORT __attribute__((visibility("default")))
