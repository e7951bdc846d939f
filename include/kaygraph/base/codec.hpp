#pragma once

#include <kaygraph/base/codec_core.hpp>
#include <kaygraph/base/codec_std.hpp>

/// @file
/// Bounded serialisation: values to bytes and back, where the bytes may be hostile. A size that is
/// read is compared with the bytes that are left before anything is allocated, so decoding can never
/// take more memory than a small multiple of its input. Little-endian, for machines of one
/// architecture and programs of one build: messages, journals and checkpoints, not an exchange format.
///
/// Supported: trivially copyable types without pointers, strings, standard containers, pairs, tuples,
/// optionals, variants (`codec_std.hpp`), and user types that name their parts:
///
///     struct Count {
///         std::string word;
///         long n;
///         static auto codec(auto& self) { return std::tie(self.word, self.n); }
///     };
///
/// or, for a type one cannot change, a free `template <class Self> auto codec(Self& self)` for const
/// and non-const objects in the type's namespace.
/// @par MPI Local.
/// @par Threads Any thread; an Encoder or Decoder belongs to one at a time.
