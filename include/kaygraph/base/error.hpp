#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>

/// @file
/// The exceptions of the library: one class for each way in which a caller can react, each with a
/// code and the place. Exceptions thrown by user code pass through the library unchanged, on any number
/// of ranks: who catches one sees the original exception on the ranks that have it. On other ranks one
/// of the library's classes is thrown again as that class, with the same code, text and context; any
/// other exception is stood in for by an OpaqueError. `is<T>(error)` asks for the type alike on all ranks.
/// @par MPI Local.
/// @par Threads Values; an object may be read by many threads.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What went wrong, for programs. Texts are for people and may change.
enum class ErrorCode : std::uint8_t {
    unknown,           ///< an exception that carries no code of ours
    invalid_argument,  ///< an argument or option outside its range
    invalid_graph,     ///< a graph that cannot run, found before it ran
    unknown_action,    ///< an action without a successor, where that is an error
    max_visits,        ///< a run made more visits than its limit allows
    deadline,          ///< a run passed its deadline
    error_budget,      ///< more failed items than the error budget allows
    all_items_failed,  ///< every item of a batch failed
    merge_conflict,    ///< two branches wrote the same key and no reducer was declared
    missing_key,       ///< the store has no such key
    wrong_type,        ///< the value has another type than was asked for
    store_full,        ///< a write would have passed the store's hard limit
    malformed,         ///< bytes that are not what they claim to be
    truncated,         ///< bytes that end before what they announce
    disagreement,      ///< ranks that must agree do not
    communication,     ///< ranks cannot reach each other any more
    crashed,           ///< an item that has ended the process before
    io,                ///< the operating system refused to read or write
    stopped,           ///< a stop request or an interrupt
    internal,          ///< a promise of the library itself was broken: please report it
};

/// Returns the code's name as it is written in the enumeration.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// Where an error happened. What is not known stays empty or negative, and is not printed.
struct ErrorContext {
    std::string node = {};     ///< path of the node, "outer/inner"
    std::int64_t item = -1;    ///< global item index in a batch
    std::string file = {};     ///< input or output file
    std::int64_t offset = -1;  ///< byte offset in the file or buffer
};

/// Base of everything the library throws on its own account. what() holds the text and the place.
class KAYGRAPH_EXPORT Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message, ErrorContext context = {});

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const ErrorContext& context() const noexcept { return *context_; }

protected:
    /// The text has the place already.
    struct Whole {
        std::string text;
    };
    Error(ErrorCode code, const Whole& whole, ErrorContext context);

private:
    ErrorCode code_;
    std::shared_ptr<const ErrorContext> context_;  // shared: copying an exception may not throw
};

/// The call was wrong: mend the call. Thrown before any effect.
class KAYGRAPH_EXPORT ArgumentError : public Error {
public:
    explicit ArgumentError(const std::string& message, ErrorContext context = {});
};

/// The graph was wrong, or went where it must not: mend the graph or its limits.
class KAYGRAPH_EXPORT GraphError : public Error {
public:
    using Error::Error;
};

/// A value of the store is missing, has another type, does not fit, or was written twice.
class KAYGRAPH_EXPORT StoreError : public Error {
public:
    using Error::Error;
};

/// Bytes from outside are not what they claim to be: mend the input.
class KAYGRAPH_EXPORT FormatError : public Error {
public:
    using Error::Error;
};

/// The operating system failed: mend the machine, then run again.
class KAYGRAPH_EXPORT IoError : public Error {
public:
    using Error::Error;
};

/// A batch failed as a whole; the exception of its first failing item is nested inside.
class KAYGRAPH_EXPORT NodeError : public Error {
public:
    using Error::Error;
};

/// A run was asked to stop. It passes through retries and fallbacks untouched; user code may throw
/// it too, to end the run.
class KAYGRAPH_EXPORT Stopped : public Error {
public:
    explicit Stopped(
        const std::string& message = "the run was asked to stop",
        ErrorContext context = {}
    );
};

/// The library broke a promise of its own: a defect to report.
class KAYGRAPH_EXPORT InternalError : public Error {
public:
    explicit InternalError(const std::string& message, ErrorContext context = {});
};

/// The types that an exception can be caught as: its own and those of its public bases, as a text that
/// can travel.
class KAYGRAPH_EXPORT ErrorTypes {
public:
    ErrorTypes() = default;
    /// Finds the types of an exception that is in flight or kept. An OpaqueError has those of the
    /// exception that it stands for. Source: Itanium C++ ABI, section 2.9.5.
    explicit ErrorTypes(const std::exception_ptr& error);

    /// True where nothing is known.
    [[nodiscard]] bool empty() const noexcept { return names_.empty(); }
    /// Returns whether a handler for this type would catch the exception by reference.
    [[nodiscard]] bool has(const std::type_info& type) const noexcept;
    /// Returns the exception's own type as a reader of C++ writes it; empty where nothing is known.
    [[nodiscard]] std::string own_name() const;
    /// Returns whether the exception's own type, not a base of it, is this one.
    [[nodiscard]] bool is_exactly(const std::type_info& type) const noexcept;

    static auto codec(auto& self) { return std::tie(self.names_); }
    friend bool operator==(const ErrorTypes&, const ErrorTypes&) = default;

private:
    std::string names_;  // mangled, each with a line feed behind it; its own first
};

/// Stands for an exception that cannot be handed on as itself: it was thrown on another rank, or is no
/// std::exception. Its code and its text are those of the original.
class KAYGRAPH_EXPORT OpaqueError : public Error {
public:
    OpaqueError(
        ErrorCode code,
        const std::string& text,
        ErrorTypes types,
        ErrorContext context = {}
    );

    [[nodiscard]] const ErrorTypes& types() const noexcept { return *types_; }

private:
    std::shared_ptr<const ErrorTypes> types_;  // shared: copying an exception may not throw
};

/// Returns whether an exception is a T, or was one on the rank where it was thrown: the question of
/// `catch (const T&)` with the same answer on every rank.
///
///     bool on_error(kg::Store&, const std::exception& error) const { return kg::is<Timeout>(error); }
template <class T>
[[nodiscard]] bool is(const std::exception& error) {
    if (const auto* opaque = dynamic_cast<const OpaqueError*>(&error)) {
        return opaque->types().has(typeid(T));  // not what it is itself: that depends on the rank
    }
    if constexpr (std::is_base_of_v<T, std::exception>) {
        return true;
    } else if constexpr (std::is_class_v<T>) {
        return dynamic_cast<const T*>(&error) != nullptr;
    } else {
        return false;
    }
}
template <class T>
[[nodiscard]] bool is(const std::exception_ptr& error) {
    return ErrorTypes{error}.has(typeid(T));
}

/// Throws an exception that was thrown elsewhere: as the class of the library that it was, with the same
/// code, text and context, or else as an OpaqueError.
[[noreturn]] KAYGRAPH_EXPORT void raise_again(
    ErrorCode code,
    const std::string& text,
    const ErrorTypes& types,
    const ErrorContext& context
);

}  // namespace kaygraph

#pragma GCC visibility pop
