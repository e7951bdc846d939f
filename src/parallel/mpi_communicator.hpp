#pragma once

#include <kaygraph/parallel/mpi.hpp>

#include <chrono>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <vector>

/// @file
/// The communicator over MPI. Every wait is a loop of tests: it can answer other ranks meanwhile, and end.

namespace kaygraph::mpi {

class MpiCommunicator final : public Communicator {
public:
    /// Collective over `host`.
    MpiCommunicator(MPI_Comm host, const RuntimeOptions& options);

    void set_options(const RuntimeOptions& options) noexcept { options_ = options; }
    /// Frees the duplicate. Called where the host's communicator ends.
    void free() noexcept;

    void check_usable() const override;
    [[nodiscard]] bool is_broken() const noexcept override { return !broken_.empty(); }
    [[nodiscard]] ThreadLevel thread_level() const noexcept override { return thread_level_; }

    void allreduce_min(std::span<std::uint64_t> words) override;
    std::vector<std::byte> broadcast(std::vector<std::byte> bytes, int root) override;
    std::vector<std::vector<std::byte>> allgather(std::span<const std::byte> bytes) override;
    std::vector<std::vector<std::byte>> gather(std::span<const std::byte> bytes) override;
    void reduce(
        FunctionRef<std::vector<std::byte>()> mine,
        FunctionRef<void(std::span<const std::byte>)> merge
    ) override;

    void send(int to, std::span<const std::byte> bytes) override;
    std::optional<Message> receive() override;
    void start_barrier() override;
    bool test_barrier() override;
    void keep_watch(std::chrono::steady_clock::time_point since) override;
    void give_up(const std::string& why) noexcept override;

private:
    using Clock = std::chrono::steady_clock;
    enum Tag : int { work_tag = 1, question_tag, answer_tag, give_up_tag, tree_tag };

    /// A question to all ranks whether they are there.
    struct Inquiry {
        Clock::time_point until;
        std::vector<bool> answered;
    };
    struct Sent {
        MPI_Request request;
        std::vector<std::byte> bytes;
    };

    template <class Room>
    class RoomFor;
    template <class F>
    auto whole(const F& function);
    void refuse_broken() const;
    void check(int result, const char* call);
    [[noreturn]] void fail(const std::string& why);
    void wait(MPI_Request request, const char* call);
    void poll();
    [[nodiscard]] std::optional<Message> take_message(int tag);
    void post(int to, int tag, std::vector<std::byte> bytes);
    void drop_sent();
    void judge(const Inquiry& inquiry);
    [[nodiscard]] std::string here() const;

    enum class To { all, root };
    std::vector<std::vector<std::byte>> collect(std::span<const std::byte> bytes, To to);
    void gather_round(
        const std::byte* mine,
        int n_mine,
        std::vector<std::byte>& round,
        const std::vector<int>& counts,
        const std::vector<int>& places,
        To to
    );
    void send_whole(int to, std::span<const std::byte> bytes);
    std::vector<std::byte> receive_whole(int from);
    /// Collective. The ranks tell each other where they are, and whether this MPI is of use.
    void meet();
    [[nodiscard]] int first_rank_of_node();
    /// Collective. Returns what this MPI's reductions do wrong, empty where nothing.
    [[nodiscard]] std::string try_reductions();

    MPI_Comm comm_ = MPI_COMM_NULL;
    RuntimeOptions options_;
    ThreadLevel thread_level_ = ThreadLevel::single;
    std::string broken_;
    bool is_freed_ = false;

    MPI_Request barrier_ = MPI_REQUEST_NULL;
    std::deque<Message> inbox_;
    std::list<Sent> sent_;
    std::string last_done_ = "the start of the run";
    std::optional<Inquiry> inquiry_;
    Clock::time_point all_heard_{};  ///< when the last inquiry ended well
};

}  // namespace kaygraph::mpi
