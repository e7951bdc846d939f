#include "parallel/mpi_communicator.hpp"

#include <algorithm>
#include <climits>
#include <memory>
#include <mutex>
#include <set>

namespace kaygraph::mpi {
namespace {

using Kept = std::shared_ptr<MpiCommunicator>;

/// Where duplicates are kept: as attributes of the communicators they were made of.
class Cache {
public:
    static Cache& instance() {
        static Cache cache;
        return cache;
    }

    /// Collective over comm the first time.
    Kept find_or_make(MPI_Comm comm, const RuntimeOptions& options) {
        prepare();
        Kept* found = nullptr;
        int is_there = 0;
        MPI_Comm_get_attr(comm, key_, static_cast<void*>(&found), &is_there);
        if (is_there != 0) {
            (*found)->set_options(options);
            return *found;
        }
        auto made = std::make_unique<Kept>(std::make_shared<MpiCommunicator>(comm, options));
        if (MPI_Comm_set_attr(comm, key_, made.get()) != MPI_SUCCESS) {
            throw CommunicationError(ErrorCode::communication, "MPI_Comm_set_attr failed");
        }
        const std::lock_guard lock{mutex_};
        return **live_.insert(made.release()).first;
    }

private:
    void prepare() {
        const std::lock_guard lock{mutex_};
        if (key_ == MPI_KEYVAL_INVALID) {
            MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, &forget, &key_, nullptr);
            // The attributes of "self" are the first that MPI_Finalize deletes: all still works then.
            MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, &forget_all, &end_key_, nullptr);
            MPI_Comm_set_attr(MPI_COMM_SELF, end_key_, nullptr);
        }
    }

    /// Called by MPI where a host's communicator is freed.
    static int forget(MPI_Comm /*comm*/, int /*key*/, void* kept, void* /*extra*/) {
        Cache& cache = instance();
        auto* own = static_cast<Kept*>(kept);
        {
            const std::lock_guard lock{cache.mutex_};
            cache.live_.erase(own);
        }
        (*own)->free();
        if (!(*own)->is_broken()) {  // else MPI may still read and write what it holds
            delete own;
        }
        return MPI_SUCCESS;
    }

    /// Called by MPI at its end.
    static int forget_all(MPI_Comm /*comm*/, int /*key*/, void* /*value*/, void* /*extra*/) {
        Cache& cache = instance();
        const std::lock_guard lock{cache.mutex_};
        for (Kept* kept : cache.live_) {
            (*kept)->free();
        }
        return MPI_SUCCESS;
    }

    std::mutex mutex_;
    int key_ = MPI_KEYVAL_INVALID;
    int end_key_ = MPI_KEYVAL_INVALID;
    std::set<Kept*> live_;
};

}  // namespace

Runtime runtime(MPI_Comm comm, const RuntimeOptions& options) {
    int is_initialised = 0;
    int is_finalised = 0;
    MPI_Initialized(&is_initialised);
    MPI_Finalized(&is_finalised);
    if (is_initialised == 0 || is_finalised != 0) {
        throw ArgumentError(
            is_finalised != 0 ? "MPI is finalised; run graphs before that"
                              : "MPI is not initialised; initialise it first, or run on this "
                                "process alone with kg::Runtime{}"
        );
    }
    if (comm == MPI_COMM_NULL) {
        throw ArgumentError(
            "the communicator is null: it was freed, or this rank is not in it; such ranks do not "
            "run "
            "the graph"
        );
    }
    int is_inter = 0;
    MPI_Comm_test_inter(comm, &is_inter);
    if (is_inter != 0) {
        throw ArgumentError(
            "an intercommunicator has no ranks in common; merge it with MPI_Intercomm_merge"
        );
    }
    if (options.largest_message == 0
        || options.stall_timeout.value_or(std::chrono::seconds{1}).count() <= 0) {
        throw ArgumentError(
            "largest_message and stall_timeout are more than 0; leave stall_timeout out for none"
        );
    }
    RuntimeOptions used = options;
    used.largest_message = std::min<std::size_t>(options.largest_message, INT_MAX);
    return Runtime{Cache::instance().find_or_make(comm, used)};
}

}  // namespace kaygraph::mpi
