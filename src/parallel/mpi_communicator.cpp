#include "parallel/mpi_communicator.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/decimal.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

namespace kaygraph::mpi {
namespace {

constexpr std::size_t most_text = 1024;  // bytes of a short message of our own

std::vector<std::byte> bytes_of_text(const std::string& text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + std::min(text.size(), most_text)};
}

std::string text_of_bytes(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ThreadLevel level_of(int provided) {
    switch (provided) {
        case MPI_THREAD_SINGLE:
            return ThreadLevel::single;
        case MPI_THREAD_FUNNELED:
            return ThreadLevel::funneled;
        case MPI_THREAD_SERIALIZED:
            return ThreadLevel::serialized;
        default:
            return ThreadLevel::multiple;
    }
}

std::string seconds(std::chrono::steady_clock::duration time) {
    return short_decimal(std::chrono::duration<double>(time).count(), 3) + " s";
}

int size_of(MPI_Comm comm) {
    int size = 1;
    MPI_Comm_size(comm, &size);
    return size;
}

int rank_of(MPI_Comm comm) {
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    return rank;
}

/// What a rank tells the others of itself first.
struct Arrival {
    RankPlace place;
    std::string misreduced;

    static auto codec(auto& self) { return std::tie(self.place, self.misreduced); }
};

}  // namespace

MpiCommunicator::MpiCommunicator(MPI_Comm host, const RuntimeOptions& options)
    : Communicator(rank_of(host), size_of(host)), options_(options) {
    check(MPI_Comm_dup(host, &comm_), "MPI_Comm_dup");
    check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    int provided = MPI_THREAD_SINGLE;
    check(MPI_Query_thread(&provided), "MPI_Query_thread");
    thread_level_ = level_of(provided);
    meet();
}

/// A node is named after its first rank.
int MpiCommunicator::first_rank_of_node() {
    MPI_Comm node = MPI_COMM_NULL;
    check(
        MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank(), MPI_INFO_NULL, &node),
        "MPI_Comm_split_type"
    );
    MPI_Group on_node = MPI_GROUP_NULL;
    MPI_Group all = MPI_GROUP_NULL;
    check(MPI_Comm_group(node, &on_node), "MPI_Comm_group");
    check(MPI_Comm_group(comm_, &all), "MPI_Comm_group");
    constexpr int its_first = 0;
    int first = 0;
    check(
        MPI_Group_translate_ranks(on_node, 1, &its_first, all, &first), "MPI_Group_translate_ranks"
    );
    check(MPI_Group_free(&on_node), "MPI_Group_free");
    check(MPI_Group_free(&all), "MPI_Group_free");
    check(MPI_Comm_free(&node), "MPI_Comm_free");
    return first;
}

void MpiCommunicator::meet() {
    Arrival own{this_place(), try_reductions()};
    own.place.node = first_rank_of_node();
    std::vector<RankPlace> places;
    for (const std::vector<std::byte>& bytes : allgather(encode(own))) {
        Arrival arrival = decode<Arrival>(bytes);
        if (!arrival.misreduced.empty()) {  // all ranks see it, and leave here
            MPI_Comm_free(&comm_);
            throw CommunicationError(ErrorCode::disagreement, arrival.misreduced);
        }
        places.push_back(std::move(arrival.place));
    }
    set_placement(place_ranks(places, rank()));
}

void MpiCommunicator::free() noexcept {
    is_freed_ = true;
    if (comm_ != MPI_COMM_NULL && broken_.empty()) {
        for (Sent& sent : sent_) {
            MPI_Request_free(&sent.request);
        }
        MPI_Comm_free(&comm_);
    }  // of a broken one requests may be pending: it is left alone, and so is what they read
    comm_ = MPI_COMM_NULL;
}

void MpiCommunicator::check_usable() const {
    if (is_freed_) {
        throw ArgumentError("the communicator of this runtime was freed; make a runtime of another"
        );
    }
    if (!broken_.empty()) {
        throw CommunicationError(ErrorCode::communication, broken_);
    }
    int is_main = 1;
    if (thread_level_ < ThreadLevel::serialized) {
        MPI_Is_thread_main(&is_main);
    }
    if (is_main == 0) {
        throw ArgumentError(
            "MPI was initialised with " + std::string{to_string(thread_level_)}
            + ", so only its main thread may run a graph over ranks; initialise it with SERIALIZED or "
              "MULTIPLE, or call run from the main thread"
        );
    }
}

// ---- errors

void MpiCommunicator::check(int result, const char* call) {
    if (result == MPI_SUCCESS) {
        return;
    }
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    MPI_Error_string(result, text.data(), &length);
    fail(
        std::string{call} + " failed on rank " + std::to_string(rank()) + ": "
        + std::string{text.data(), static_cast<std::size_t>(length)}
    );
}

void MpiCommunicator::fail(const std::string& why) {
    give_up(why);
    throw CommunicationError(ErrorCode::communication, broken_);
}

void MpiCommunicator::give_up(const std::string& why) noexcept {
    if (!broken_.empty() || comm_ == MPI_COMM_NULL) {
        return;
    }
    broken_ = why.substr(0, most_text);
    for (int other = 0; other < size(); ++other) {
        if (other != rank()) {  // whatever becomes of it: those who wait look for it
            MPI_Request request = MPI_REQUEST_NULL;
            sent_.push_back({request, bytes_of_text(broken_)});
            MPI_Isend(
                sent_.back().bytes.data(),
                static_cast<int>(sent_.back().bytes.size()),
                MPI_BYTE,
                other,
                give_up_tag,
                comm_,
                &sent_.back().request
            );
        }
    }
    const auto until = Clock::now() + std::chrono::milliseconds{200};
    for (Sent& sent : sent_) {  // let them leave
        int done = 0;
        while (done == 0 && Clock::now() < until
               && MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS) {
            std::this_thread::sleep_for(std::chrono::microseconds{20});
        }
    }
}

// ---- waiting

std::string MpiCommunicator::here() const {
    return std::string{phase()} + (node().empty() ? "" : " of '" + std::string{node()} + "'");
}

void MpiCommunicator::wait(MPI_Request request, const char* call) {
    // First it spins, for ranks that are on their way; then it sleeps, and longer as time goes by. It never
    // yields: on a core shared with the idle threads of an OpenMP runtime, which spin for milliseconds, a
    // thread that yields waits for a time slice, and one that wakes from sleep gets the core at once. The shortest sleep
    // takes some 75 us, as the kernel has it: whoever waits for a rank that sleeps must not fall asleep, too, or they take
    // turns at it. Where ranks share cores, spinning takes the core from the one that is waited for.
    const auto spinning =
        std::chrono::microseconds{placement().ranks_sharing > placement().cores ? 50 : 150};
    constexpr auto shortest = std::chrono::microseconds{20};
    constexpr auto longest = std::chrono::microseconds{1000};
    constexpr auto watching = std::chrono::milliseconds{10};
    const Clock::time_point start = Clock::now();
    for (;;) {
        int done = 0;
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), call);
        if (done != 0) {
            break;
        }
        const auto waited = Clock::now() - start;
        if (waited >= watching) {
            keep_watch(start);
        }
        if (waited >= spinning) {
            const auto nap = std::chrono::duration_cast<std::chrono::microseconds>(waited / 20);
            std::this_thread::sleep_for(std::clamp(nap, shortest, longest));
        }
    }
    last_done_ = here();
}

void MpiCommunicator::keep_watch(Clock::time_point since) {
    poll();
    if (!options_.stall_timeout) {
        return;
    }
    const Clock::time_point now = Clock::now();
    if (inquiry_) {
        const bool all_answered =
            std::all_of(inquiry_->answered.begin(), inquiry_->answered.end(), [](bool answered) {
                return answered;
            });
        if (all_answered || now >= inquiry_->until) {
            const Inquiry ended = *std::exchange(inquiry_, std::nullopt);
            judge(ended);
            all_heard_ = now;
        }
    } else if (now - std::max(since, all_heard_) >= *options_.stall_timeout) {
        inquiry_ = Inquiry{now + std::chrono::seconds{1}, {}};
        inquiry_->answered.resize(static_cast<std::size_t>(size()));
        inquiry_->answered[static_cast<std::size_t>(rank())] = true;
        for (int other = 0; other < size(); ++other) {
            if (other != rank()) {
                post(other, question_tag, {});
            }
        }
    }
}

/// All have answered: nobody is lost, whoever is slow. Not all: those are.
void MpiCommunicator::judge(const Inquiry& inquiry) {
    std::string silent;
    for (std::size_t r = 0; r < inquiry.answered.size(); ++r) {
        if (!inquiry.answered[r]) {
            silent += (silent.empty() ? "" : ", ") + std::to_string(r);
        }
    }
    if (!silent.empty()) {
        fail(
            "rank " + silent + " did not arrive at " + here() + " within "
            + seconds(*options_.stall_timeout) + " and did not answer; last seen at " + last_done_
        );
    }
}

// ---- short messages

void MpiCommunicator::post(int to, int tag, std::vector<std::byte> bytes) {
    refuse_broken();
    drop_sent();
    sent_.push_back({MPI_REQUEST_NULL, std::move(bytes)});
    Sent& sent = sent_.back();
    check(
        MPI_Isend(
            sent.bytes.data(),
            static_cast<int>(sent.bytes.size()),
            MPI_BYTE,
            to,
            tag,
            comm_,
            &sent.request
        ),
        "MPI_Isend"
    );
}

void MpiCommunicator::drop_sent() {
    for (auto sent = sent_.begin(); sent != sent_.end();) {
        int done = 0;
        check(MPI_Test(&sent->request, &done, MPI_STATUS_IGNORE), "MPI_Test of a send");
        sent = done != 0 ? sent_.erase(sent) : std::next(sent);
    }
}

std::optional<Message> MpiCommunicator::take_message(int tag) {
    int is_there = 0;
    MPI_Status status;
    check(MPI_Iprobe(MPI_ANY_SOURCE, tag, comm_, &is_there, &status), "MPI_Iprobe");
    if (is_there == 0) {
        return std::nullopt;
    }
    int length = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &length), "MPI_Get_count");
    if (length < 0 || static_cast<std::size_t>(length) > most_text) {
        fail("a short message from rank " + std::to_string(status.MPI_SOURCE) + " is too long");
    }
    Message message{status.MPI_SOURCE, std::vector<std::byte>(static_cast<std::size_t>(length))};
    check(
        MPI_Recv(
            message.bytes.data(), length, MPI_BYTE, message.from, tag, comm_, MPI_STATUS_IGNORE
        ),
        "MPI_Recv"
    );
    return message;
}

/// After a failure calls of different ranks would match by chance.
void MpiCommunicator::refuse_broken() const {
    if (!broken_.empty()) {
        throw CommunicationError(ErrorCode::communication, broken_);
    }
}

/// Takes what has come, and answers questions.
void MpiCommunicator::poll() {
    refuse_broken();
    while (std::optional<Message> message = take_message(give_up_tag)) {
        broken_ = text_of_bytes(message->bytes);  // the sender has told everybody
        throw CommunicationError(ErrorCode::communication, broken_);
    }
    while (std::optional<Message> message = take_message(question_tag)) {
        post(message->from, answer_tag, {});
    }
    while (std::optional<Message> message = take_message(answer_tag)) {
        if (inquiry_) {
            inquiry_->answered[static_cast<std::size_t>(message->from)] = true;
        }
    }
    while (std::optional<Message> message = take_message(work_tag)) {
        inbox_.push_back(std::move(*message));
    }
}

void MpiCommunicator::send(int to, std::span<const std::byte> bytes) {
    post(to, work_tag, {bytes.begin(), bytes.end()});
}

std::optional<Message> MpiCommunicator::receive() {
    if (inbox_.empty()) {
        poll();
    }
    if (inbox_.empty()) {
        return std::nullopt;
    }
    Message first = std::move(inbox_.front());
    inbox_.pop_front();
    return first;
}

void MpiCommunicator::start_barrier() {
    refuse_broken();
    check(MPI_Ibarrier(comm_, &barrier_), "MPI_Ibarrier");
}

bool MpiCommunicator::test_barrier() {
    int done = 0;
    check(MPI_Test(&barrier_, &done, MPI_STATUS_IGNORE), "MPI_Test of a barrier");
    if (done != 0) {
        last_done_ = here();
    }
    return done != 0;
}

}  // namespace kaygraph::mpi
