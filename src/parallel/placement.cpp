#include <kaygraph/parallel/cores.hpp>
#include <kaygraph/parallel/placement.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

namespace kaygraph {
namespace {

bool overlap(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    return std::find_first_of(a.begin(), a.end(), b.begin(), b.end()) != a.end();
}

}  // namespace

RankPlace this_place() {
    RankPlace place{.usable_cores = usable_cores()};
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0) {
        place.host = host.data();
    }
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {  // larger machines: no list, no hint
        for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &mask)) {
                place.cores.push_back(core);
            }
        }
    }
    place.cores_of_host = static_cast<std::size_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
    return place;
}

Placement place_ranks(const std::vector<RankPlace>& places, int rank) {
    const RankPlace& own = places[static_cast<std::size_t>(rank)];
    Placement placement{.host = own.host, .cores = own.usable_cores};
    placement.ranks_on_node = 0;
    placement.ranks_sharing = 0;
    std::map<int, int> nodes;
    for (std::size_t r = 0; r < places.size(); ++r) {
        const RankPlace& place = places[r];
        ++nodes[place.node];
        if (place.node != own.node) {
            continue;
        }
        ++placement.ranks_on_node;
        if (static_cast<int>(r) != rank) {
            placement.neighbours.push_back(static_cast<int>(r));
        }
        if (static_cast<int>(r) == rank || overlap(place.cores, own.cores)) {
            ++placement.ranks_sharing;
        }
    }
    placement.n_nodes = nodes.size();
    const std::size_t n_sharing = std::max<std::size_t>(1, placement.ranks_sharing);
    placement.threads = std::max<std::size_t>(1, placement.cores / n_sharing);
    placement.is_bound_to_one_core = own.cores.size() == 1 && own.cores_of_host > 1;
    return placement;
}

std::vector<std::string> Placement::hints(std::size_t threads_per_rank) const {
    std::vector<std::string> hints;
    if (is_bound_to_one_core) {
        hints.emplace_back(
            "each rank is bound to one core, so threads of it take turns there; start it with "
            "'mpirun --bind-to none' to use the others"
        );
    }
    if (ranks_sharing * threads_per_rank > cores) {
        hints.push_back(
            std::to_string(ranks_sharing) + (ranks_sharing == 1 ? " rank" : " ranks") + " x "
            + std::to_string(threads_per_rank) + (threads_per_rank == 1 ? " thread" : " threads")
            + " on " + std::to_string(cores) + (cores == 1 ? " core" : " cores") + " of node "
            + host + " is more than there is; start fewer ranks or threads on it"
        );
    }
    return hints;
}

}  // namespace kaygraph
