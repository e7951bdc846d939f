// Whether this MPI reduces as the standard says, asked once for each communicator.
#include "parallel/mpi_communicator.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace kaygraph::mpi {
namespace {

/// What a rank gives to be reduced: numbers on both sides of the borders of signed and unsigned types, for one of which
/// the least is that of the first rank, for another that of the last.
std::array<std::uint64_t, 4> trial_words(int rank, int size) {
    constexpr std::uint64_t greatest = ~std::uint64_t{0};
    constexpr std::uint64_t middle = std::uint64_t{1} << 63U;
    const auto r = static_cast<std::uint64_t>(rank);
    const bool is_last = rank + 1 == size;
    return {r, greatest - r, is_last ? 0 : greatest, rank == 0 ? middle : middle - 1};
}

}  // namespace

std::string MpiCommunicator::try_reductions() {
    auto found = trial_words(rank(), size());
    auto expected = found;
    for (int other = 0; other < size(); ++other) {
        const auto words = trial_words(other, size());
        for (std::size_t i = 0; i < words.size(); ++i) {
            expected[i] = std::min(expected[i], words[i]);
        }
    }
    allreduce_min(found);
    const auto wrong = std::mismatch(expected.begin(), expected.end(), found.begin());
    return wrong.first == expected.end()
               ? ""
               : "this MPI (" + library_name() + ") reduces wrongly: MPI_MIN of MPI_INT64_T over "
                     + std::to_string(size()) + " ranks gave " + std::to_string(*wrong.second)
                     + " where " + std::to_string(*wrong.first)
                     + " is the least; ranks cannot agree with it, use another MPI or version";
}

}  // namespace kaygraph::mpi
