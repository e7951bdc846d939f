#pragma once

#include <kaygraph/base/codec_core.hpp>
#include <kaygraph/base/codec_default.hpp>
#include <kaygraph/base/codec_std.hpp>

/// @file
/// Bounded serialisation: values to bytes and back, where the bytes may be hostile. A size that is
/// read is compared with the bytes that are left before anything is allocated, so decoding can never
/// take more memory than a small multiple of its input. Little-endian, for machines of one
/// architecture and programs of one build: messages, journals and checkpoints, not an exchange format.
///
/// Supported are
/// - numbers, enumerations, strings, standard containers, pairs, tuples, optionals, variants, unique
///   pointers, complex numbers (`codec_std.hpp`);
/// - aggregates of such fields, up to 16 of them, without bases, unions and C arrays;
/// - trivially copyable classes with a constexpr default constructor whose bytes are shown by the
///   compiler to be their value: no padding, no pointer, and nothing that has a codec of its own. C arrays and
///   bases are looked into; private members cannot be: a class that has a type with a codec there names its parts;
/// - user types that name their parts:
///
///     class Count {
///     public:
///         static auto codec(auto& self) { return std::tie(self.word_, self.n_); }
///     private:
///         std::string word_;
///         long n_;
///     };
///
/// or, for a type one cannot change, a free `template <class Self> auto codec(Self& self)` for const
/// and non-const objects in the type's namespace, or a specialisation of `kaygraph::Codec`. Equal values
/// have equal bytes, whatever lies in the padding of their objects. All other types, pointers and views
/// among them, are not `Encodable`.
/// @par MPI Local.
/// @par Threads Any thread; an Encoder or Decoder belongs to one at a time.
