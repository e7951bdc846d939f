// What all ranks do together, in messages of bounded size.
#include "parallel/mpi_communicator.hpp"
#include "parallel/signed_order.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace kaygraph::mpi {

/// What MPI writes into while a call is under way. Where the call is given up, by an exception, the room is
/// kept for ever: MPI may write into it later.
template <class Room>
class MpiCommunicator::RoomFor {
public:
    RoomFor() : room_(std::make_unique<Room>()) {}
    ~RoomFor() {
        if (std::uncaught_exceptions() > n_exceptions_) {
            static_cast<void>(room_.release());  // NOLINT(bugprone-unused-return-value): left alone
        }
    }
    RoomFor(const RoomFor&) = delete;
    RoomFor& operator=(const RoomFor&) = delete;
    Room* operator->() const noexcept { return room_.get(); }
    Room& operator*() const noexcept { return *room_; }

private:
    std::unique_ptr<Room> room_;
    int n_exceptions_ = std::uncaught_exceptions();
};

/// A rank that fails between its calls, for want of memory, tells the others.
template <class F>
auto MpiCommunicator::whole(const F& function) {
    refuse_broken();
    try {
        return function();
    } catch (const CommunicationError&) {
        throw;
    } catch (const std::exception& error) {
        fail("rank " + std::to_string(rank()) + " failed while it exchanged data: " + error.what());
    }
}

void MpiCommunicator::allreduce_min(std::span<std::uint64_t> words) {
    refuse_broken();
    const RoomFor<std::vector<std::int64_t>> room;
    room->resize(words.size());
    std::transform(words.begin(), words.end(), room->begin(), to_signed_order);
    MPI_Request request = MPI_REQUEST_NULL;
    check(
        MPI_Iallreduce(
            MPI_IN_PLACE,
            room->data(),
            static_cast<int>(room->size()),
            MPI_INT64_T,
            MPI_MIN,
            comm_,
            &request
        ),
        "MPI_Iallreduce"
    );
    wait(request, "MPI_Iallreduce");
    std::transform(room->begin(), room->end(), words.begin(), from_signed_order);
}

std::vector<std::byte> MpiCommunicator::broadcast(std::vector<std::byte> bytes, int root) {
    struct Room {
        std::uint64_t length = 0;
        std::vector<std::byte> bytes;
    };
    return whole([&] {
        const RoomFor<Room> room;
        room->length = bytes.size();
        room->bytes = std::move(bytes);
        MPI_Request request = MPI_REQUEST_NULL;
        check(MPI_Ibcast(&room->length, 1, MPI_UINT64_T, root, comm_, &request), "MPI_Ibcast");
        wait(request, "MPI_Ibcast");
        room->bytes.resize(room->length);
        for (std::size_t first = 0; first < room->length; first += options_.largest_message) {
            const std::size_t count =
                std::min<std::size_t>(options_.largest_message, room->length - first);
            check(
                MPI_Ibcast(
                    room->bytes.data() + first,
                    static_cast<int>(count),
                    MPI_BYTE,
                    root,
                    comm_,
                    &request
                ),
                "MPI_Ibcast"
            );
            wait(request, "MPI_Ibcast");
        }
        return std::move(room->bytes);
    });
}

/// In rounds, so that no message is too long: in each, every rank gives its next piece.
std::vector<std::vector<std::byte>> MpiCommunicator::collect(
    std::span<const std::byte> bytes,
    To to
) {
    struct Room {
        std::uint64_t own = 0;
        std::vector<std::uint64_t> lengths;
        std::vector<std::byte> round;
        std::vector<int> counts;
        std::vector<int> places;
    };
    return whole([&] {
        const auto n_ranks = static_cast<std::size_t>(size());
        const RoomFor<Room> room;
        room->own = bytes.size();
        room->lengths.resize(n_ranks);
        room->counts.resize(n_ranks);
        room->places.resize(n_ranks);
        MPI_Request request = MPI_REQUEST_NULL;
        check(
            MPI_Iallgather(
                &room->own, 1, MPI_UINT64_T, room->lengths.data(), 1, MPI_UINT64_T, comm_, &request
            ),
            "MPI_Iallgather"
        );
        wait(request, "MPI_Iallgather");

        const bool receives = to == To::all || is_root();
        const std::size_t piece = std::max<std::size_t>(options_.largest_message / n_ranks, 1);
        const std::uint64_t longest = *std::max_element(room->lengths.begin(), room->lengths.end());
        std::vector<std::vector<std::byte>> gathered(receives ? n_ranks : 0);
        for (std::uint64_t first = 0; first < longest; first += piece) {
            int end = 0;
            for (std::size_t r = 0; r < n_ranks; ++r) {
                const std::uint64_t length = room->lengths[r];
                const std::uint64_t left = first >= length ? 0 : length - first;
                room->counts[r] = static_cast<int>(std::min<std::uint64_t>(piece, left));
                room->places[r] = end;
                end += room->counts[r];
            }
            room->round.resize(receives ? static_cast<std::size_t>(end) : 0);
            const std::byte* mine = bytes.data() + std::min<std::uint64_t>(first, room->own);
            const int n_mine = room->counts[static_cast<std::size_t>(rank())];
            gather_round(mine, n_mine, room->round, room->counts, room->places, to);
            for (std::size_t r = 0; r < gathered.size(); ++r) {
                const auto at = room->round.begin() + room->places[r];
                gathered[r].insert(gathered[r].end(), at, at + room->counts[r]);
            }
        }
        return gathered;
    });
}

void MpiCommunicator::gather_round(
    const std::byte* mine,
    int n_mine,
    std::vector<std::byte>& round,
    const std::vector<int>& counts,
    const std::vector<int>& places,
    To to
) {
    MPI_Request request = MPI_REQUEST_NULL;
    if (to == To::all) {
        check(
            MPI_Iallgatherv(
                mine,
                n_mine,
                MPI_BYTE,
                round.data(),
                counts.data(),
                places.data(),
                MPI_BYTE,
                comm_,
                &request
            ),
            "MPI_Iallgatherv"
        );
    } else {
        check(
            MPI_Igatherv(
                mine,
                n_mine,
                MPI_BYTE,
                round.data(),
                counts.data(),
                places.data(),
                MPI_BYTE,
                0,
                comm_,
                &request
            ),
            "MPI_Igatherv"
        );
    }
    wait(request, "a gather");
}

std::vector<std::vector<std::byte>> MpiCommunicator::allgather(std::span<const std::byte> bytes) {
    return collect(bytes, To::all);
}

std::vector<std::vector<std::byte>> MpiCommunicator::gather(std::span<const std::byte> bytes) {
    return collect(bytes, To::root);
}

/// A binomial tree.
void MpiCommunicator::reduce(
    FunctionRef<std::vector<std::byte>()> mine,
    FunctionRef<void(std::span<const std::byte>)> merge
) {
    refuse_broken();
    for (int bit = 1; bit < size(); bit *= 2) {
        if ((rank() & bit) != 0) {
            send_whole(rank() - bit, mine());
            return;
        }
        if (rank() + bit < size()) {
            merge(receive_whole(rank() + bit));
        }
    }
}

void MpiCommunicator::send_whole(int to, std::span<const std::byte> bytes) {
    const std::uint64_t length = bytes.size();
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Isend(&length, 1, MPI_UINT64_T, to, tree_tag, comm_, &request), "MPI_Isend");
    wait(request, "MPI_Isend");
    for (std::size_t first = 0; first < length; first += options_.largest_message) {
        const std::size_t count = std::min<std::size_t>(options_.largest_message, length - first);
        check(
            MPI_Isend(
                bytes.data() + first,
                static_cast<int>(count),
                MPI_BYTE,
                to,
                tree_tag,
                comm_,
                &request
            ),
            "MPI_Isend"
        );
        wait(request, "MPI_Isend");
    }
}

std::vector<std::byte> MpiCommunicator::receive_whole(int from) {
    struct Room {
        std::uint64_t length = 0;
        std::vector<std::byte> bytes;
    };
    return whole([&] {
        const RoomFor<Room> room;
        MPI_Request request = MPI_REQUEST_NULL;
        check(
            MPI_Irecv(&room->length, 1, MPI_UINT64_T, from, tree_tag, comm_, &request), "MPI_Irecv"
        );
        wait(request, "MPI_Irecv");
        room->bytes.resize(room->length);
        for (std::size_t first = 0; first < room->length; first += options_.largest_message) {
            const std::size_t count =
                std::min<std::size_t>(options_.largest_message, room->length - first);
            check(
                MPI_Irecv(
                    room->bytes.data() + first,
                    static_cast<int>(count),
                    MPI_BYTE,
                    from,
                    tree_tag,
                    comm_,
                    &request
                ),
                "MPI_Irecv"
            );
            wait(request, "MPI_Irecv");
        }
        return std::move(room->bytes);
    });
}

}  // namespace kaygraph::mpi
