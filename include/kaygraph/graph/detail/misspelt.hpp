#pragma once

#include <kaygraph/graph/detail/shape.hpp>

#include <type_traits>

/// @file
/// Members whose names are nearly those of phases. A phase that is misspelt would be no phase at all, and
/// what it should have done would silently not be done. Names that mean something else are left alone.

// MISSPELT(name, phase): words next to a phase's name by one letter swapped, dropped or doubled.
#define KAYGRAPH_MISSPELT_PHASES(MISSPELT)      \
    MISSPELT(rpep, prep)                        \
    MISSPELT(perp, prep)                        \
    MISSPELT(prpe, prep)                        \
    MISSPELT(prp, prep)                         \
    MISSPELT(preep, prep)                       \
    MISSPELT(prepp, prep)                       \
    MISSPELT(Prep, prep)                        \
    MISSPELT(prwp, prep)                        \
    MISSPELT(prrp, prep)                        \
    MISSPELT(xeec, exec)                        \
    MISSPELT(eexc, exec)                        \
    MISSPELT(exce, exec)                        \
    MISSPELT(exc, exec)                         \
    MISSPELT(xec, exec)                         \
    MISSPELT(execc, exec)                       \
    MISSPELT(exeec, exec)                       \
    MISSPELT(Exec, exec)                        \
    MISSPELT(exev, exec)                        \
    MISSPELT(exwc, exec)                        \
    MISSPELT(ecec, exec)                        \
    MISSPELT(rxec, exec)                        \
    MISSPELT(wxec, exec)                        \
    MISSPELT(opst, post)                        \
    MISSPELT(psot, post)                        \
    MISSPELT(pots, post)                        \
    MISSPELT(pst, post)                         \
    MISSPELT(ost, post)                         \
    MISSPELT(poost, post)                       \
    MISSPELT(posst, post)                       \
    MISSPELT(postt, post)                       \
    MISSPELT(Post, post)                        \
    MISSPELT(postt_, post)                      \
    MISSPELT(ppost, post)                       \
    MISSPELT(pust, post)                        \
    MISSPELT(poat, post)                        \
    MISSPELT(podt, post)                        \
    MISSPELT(posr, post)                        \
    MISSPELT(posy, post)                        \
    MISSPELT(exec_bacth, exec_batch)            \
    MISSPELT(exec_batchh, exec_batch)           \
    MISSPELT(exec_bach, exec_batch)             \
    MISSPELT(execBatch, exec_batch)             \
    MISSPELT(exe_batch, exec_batch)             \
    MISSPELT(exec_btach, exec_batch)            \
    MISSPELT(exec_bath, exec_batch)             \
    MISSPELT(exec_batchs, exec_batch)           \
    MISSPELT(exce_batch, exec_batch)            \
    MISSPELT(execbatch, exec_batch)             \
    MISSPELT(exec_falback, exec_fallback)       \
    MISSPELT(exec_fallbackk, exec_fallback)     \
    MISSPELT(exec_fallbac, exec_fallback)       \
    MISSPELT(exec_fallack, exec_fallback)       \
    MISSPELT(execFallback, exec_fallback)       \
    MISSPELT(exe_fallback, exec_fallback)       \
    MISSPELT(execfallback, exec_fallback)       \
    MISSPELT(exec_fallbak, exec_fallback)       \
    MISSPELT(exec_fallbcak, exec_fallback)      \
    MISSPELT(exec_fall_back, exec_fallback)     \
    MISSPELT(exce_fallback, exec_fallback)      \
    MISSPELT(on_eror, on_error)                 \
    MISSPELT(on_erro, on_error)                 \
    MISSPELT(onError, on_error)                 \
    MISSPELT(on_errorr, on_error)               \
    MISSPELT(on_erorr, on_error)                \
    MISSPELT(on_errror, on_error)               \
    MISSPELT(on_errors, on_error)               \
    MISSPELT(onerror, on_error)                 \
    MISSPELT(befor_prep, before_prep)           \
    MISSPELT(beforePrep, before_prep)           \
    MISSPELT(before_perp, before_prep)          \
    MISSPELT(afer_exec, after_exec)             \
    MISSPELT(afterExec, after_exec)             \
    MISSPELT(after_exce, after_exec)            \
    MISSPELT(row_lenght, row_length)            \
    MISSPELT(rowLength, row_length)             \
    MISSPELT(row_lengh, row_length)             \
    MISSPELT(row_legnth, row_length)            \
    MISSPELT(rowlength, row_length)             \
    MISSPELT(thread_sate, thread_state)         \
    MISSPELT(threadState, thread_state)         \
    MISSPELT(threadstate, thread_state)         \
    MISSPELT(thread_stae, thread_state)         \
    MISSPELT(tread_state, thread_state)         \
    MISSPELT(validate_inputs, validate_input)   \
    MISSPELT(valdiate_input, validate_input)    \
    MISSPELT(validateInput, validate_input)     \
    MISSPELT(vaildate_input, validate_input)    \
    MISSPELT(validate_inpt, validate_input)     \
    MISSPELT(validate_inupt, validate_input)    \
    MISSPELT(validte_input, validate_input)     \
    MISSPELT(validate_outputs, validate_output) \
    MISSPELT(valdiate_output, validate_output)  \
    MISSPELT(validateOutput, validate_output)   \
    MISSPELT(vaildate_output, validate_output)  \
    MISSPELT(validate_outpt, validate_output)   \
    MISSPELT(validate_ouput, validate_output)   \
    MISSPELT(validte_output, validate_output)

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

struct Misspelt {
#define KAYGRAPH_MEMBER(name, phase) int name;
    KAYGRAPH_MISSPELT_PHASES(KAYGRAPH_MEMBER)
#undef KAYGRAPH_MEMBER
};
/// A member of such a name is ambiguous in it, as in the lookup of phases.
template <class T>
struct MisspeltLookup : T, Misspelt {};

#define KAYGRAPH_FAULT(name, phase)                                                             \
    template <class Class>                                                                      \
    struct name##_is_no_phase {                                                                 \
        static_assert(                                                                          \
            always_false<Class>,                                                                \
            "kaygraph: '" #name "' is not a phase; write '" #phase "', or give it another name" \
        );                                                                                      \
    };
KAYGRAPH_MISSPELT_PHASES(KAYGRAPH_FAULT)
#undef KAYGRAPH_FAULT

/// Judges the names of a class's members.
template <class T>
// NOLINTNEXTLINE(readability-function-cognitive-complexity): one question, asked of each name
constexpr auto spelling_fault() {
    if constexpr (std::is_final_v<T>) {  // cannot be looked into, and is refused for that
        return std::type_identity<Sound>{};
    }
#define KAYGRAPH_JUDGE(name, phase)                               \
    else if constexpr (!requires { &MisspeltLookup<T>::name; }) { \
        return std::type_identity<name##_is_no_phase<T>>{};       \
    }
    KAYGRAPH_MISSPELT_PHASES(KAYGRAPH_JUDGE)
    else {
        return std::type_identity<Sound>{};
    }
#undef KAYGRAPH_JUDGE
}

template <class T>
using SpellingFault = typename decltype(spelling_fault<T>())::type;

}  // namespace kaygraph::detail

#undef KAYGRAPH_MISSPELT_PHASES

#pragma GCC visibility pop
