#include <kaygraph/parallel/cores.hpp>

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph {
namespace {

/// A positive number at the start of the text ("8", or "8,4" of a nested setting), else 0.
std::size_t leading_number(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::size_t cores_of_affinity_mask() {
    for (std::size_t n_cpus = 1024; n_cpus <= (1U << 20U); n_cpus *= 2) {  // until the mask fits
        std::vector<cpu_set_t> mask(n_cpus / (8 * sizeof(cpu_set_t)));
        const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
        if (sched_getaffinity(0, bytes, mask.data()) == 0) {
            return static_cast<std::size_t>(CPU_COUNT_S(bytes, mask.data()));
        }
    }
    return 1;
}

/// A quota of CPU time in a period, in whole cores; 0 for none.
std::size_t cores_of(double quota, double period) {
    return quota > 0 && period > 0 ? static_cast<std::size_t>(std::ceil(quota / period)) : 0;
}

/// The quota in one folder of control groups, of version 2 (cpu.max: "max 100000" or "250000 100000") or
/// of version 1 (a file for each number, -1 for none), else 0.
std::size_t quota_in(const std::filesystem::path& folder) {
    double quota = 0;
    double period = 0;
    if (std::ifstream{folder / "cpu.max"} >> quota >> period) {
        return cores_of(quota, period);
    }
    if (std::ifstream{folder / "cpu.cfs_quota_us"} >> quota
        && std::ifstream{folder / "cpu.cfs_period_us"} >> period) {
        return cores_of(quota, period);
    }
    return 0;
}

/// The least CPU quota of the control groups that this process is in, inner and outer ones; 0 for none.
/// Source: cgroups(7); a line is "number:controllers:/path".
std::size_t cores_of_quota() {
    std::size_t least = 0;
    std::ifstream groups{"/proc/self/cgroup"};
    for (std::string line; std::getline(groups, line);) {
        const std::size_t second = line.find(':', line.find(':') + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string controllers = line.substr(0, second);
        const bool is_v2 = controllers == "0:";
        if (!is_v2 && controllers.find("cpu") == std::string::npos) {
            continue;
        }
        const std::filesystem::path root = is_v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
        for (std::filesystem::path group = line.substr(second + 1);; group = group.parent_path()) {
            const std::size_t cores = quota_in(root / group.relative_path());
            least = cores == 0 ? least : least == 0 ? cores : std::min(least, cores);
            if (!group.has_relative_path()) {
                break;
            }
        }
    }
    return least;
}

std::size_t number_in_environment(const char* name) {
    const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): said in the contract
    return text == nullptr ? 0 : leading_number(text);
}

}  // namespace

std::size_t usable_cores() {
    std::size_t cores = cores_of_affinity_mask();
    for (const std::size_t limit :
         {cores_of_quota(),
          number_in_environment("OMP_NUM_THREADS"),
          number_in_environment("OMP_THREAD_LIMIT")}) {
        if (limit != 0) {
            cores = std::min(cores, limit);
        }
    }
    return std::max<std::size_t>(cores, 1);
}

}  // namespace kaygraph
