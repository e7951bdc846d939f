#pragma once

/// @file
/// What the command does when it is about to die of a signal of its own making.

namespace command {

/// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT leave a note of the items in hand before the process dies of
/// them, so that the next run finds the item at fault. Whoever handled the signal before still does, afterwards.
void note_crashes();

}  // namespace command
