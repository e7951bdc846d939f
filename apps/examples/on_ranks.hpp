#pragma once

#include <kaygraph/kaygraph.hpp>
#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/mpi.hpp>
#endif

/// Calls `body(ranks)`: under mpirun on all ranks of the job, otherwise, or in a build without MPI, in this
/// process. Returns what it returns.
template <class Body>
int on_ranks(int argc, char** argv, Body&& body) {
#ifdef KAYGRAPH_WITH_MPI
    return kaygraph::mpi::Session::run(argc, argv, [&](kaygraph::mpi::Session& session) {
        return body(session.runtime());
    });
#else
    static_cast<void>(argc);
    static_cast<void>(argv);
    return body(kaygraph::Runtime{});
#endif
}
