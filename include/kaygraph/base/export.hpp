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

// gcc warns of each class of a program that derives from a hidden class or has one as a member, as if that were an
// oversight: node classes do, and everything that holds a graph. Nothing but this can tell it otherwise.
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic ignored "-Wattributes"
#endif
