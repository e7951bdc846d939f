#pragma once

/// @file
/// Marks what a shared build of the library exports. Everything else is hidden, in programs that include the headers, too,
/// which is why each of them begins and ends with a pragma; of a static build all is. So a shared library that has kaygraph
/// in it keeps it to itself, and one process may have several, of several versions.

#ifdef KAYGRAPH_SHARED
#    define KAYGRAPH_EXPORT __attribute__((visibility("default")))
#else
#    define KAYGRAPH_EXPORT __attribute__((visibility("hidden")))
#endif
