// A job in which one rank goes wrong in a way that no exception tells of. It must end, on every rank, with
// a message; the script beside it looks at both.
#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <mpi.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace kg = kaygraph;

namespace {

std::atomic<bool> mpi_fails{false};
bool takes_greatest = false;  // for the least

/// Works well for a while; then rank 1 does what the first argument says.
struct Turns : kg::ParallelBatchNode {
    std::string fault;
    kg::Indices prep(const kg::Store&) const { return kg::Indices{64}; }
    void exec(std::size_t item) const {
        if (item == 63 && fault == "loop in item") {
            for (;;) {
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
            }
        }
    }
};

struct Breaks : kg::Node {
    std::string fault;
    void exec(const kg::Context& context) const {
        if (context.rank() != 1) {
            return;
        }
        if (fault == "sigstop") {
            raise(SIGSTOP);
        } else if (fault == "loop") {
            for (std::atomic<int> i{0};; ++i) {
            }
        } else if (fault == "mpi") {
            mpi_fails = true;
        } else if (fault == "exit") {
            std::_Exit(7);
        }
    }
};

}  // namespace

/// Stands before MPI's own: fails where it is told to.
extern "C" int MPI_Iallreduce(
    const void* in,
    void* out,
    int count,
    MPI_Datatype type,
    MPI_Op op,
    MPI_Comm comm,
    MPI_Request* request
) {
    if (mpi_fails) {
        return MPI_ERR_OTHER;
    }
    const MPI_Op used = takes_greatest && op == MPI_MIN ? MPI_MAX : op;
    return PMPI_Iallreduce(in, out, count, type, used, comm, request);
}

int main(int argc, char** argv) {
    const std::string fault = argc > 1 ? argv[1] : "";
    takes_greatest = fault == "max";
    return kg::mpi::Session::run(
        argc,
        argv,
        [&](kg::mpi::Session& session) {
            if (fault == "throw" && session.rank() == 1) {
                throw std::runtime_error("outside of any run");
            }
            kg::Graph graph{"job"};
            graph.add("turns", Turns{{}, fault}, {.block = 1})
                >> graph.add("breaks", Breaks{{}, fault}) >> graph.add("after", kg::Node{});
            kg::Store shared;
            graph.run(shared, session.runtime());
            return 0;
        },
        {.runtime = {.stall_timeout = std::chrono::milliseconds{1500}}}
    );
}
