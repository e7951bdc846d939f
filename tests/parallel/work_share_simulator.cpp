#include "parallel/work_share_simulator.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <random>

namespace kaygraph::test {
namespace {

enum class What { worker_is_free, wakes, arrives, stops };

struct Event {
    double time;
    std::uint64_t number;  // events of the same time, in the order in which they were made
    What what;
    int rank;
    int from = 0;
    WorkMessage message = {};

    friend bool operator<(const Event& a, const Event& b) {  // the top of a heap is the earliest
        return a.time != b.time ? a.time > b.time : a.number > b.number;
    }
};

struct Letter {
    int from;
    WorkMessage message;
};

struct Rank {
    WorkShare share;
    double phase;  // of its looks at messages
    std::deque<Letter> inbox = {};
    std::size_t n_idle = 0;
    bool is_wake_planned = false;
    bool is_at_barrier = false;
};

class Cluster {
public:
    explicit Cluster(const Simulation& simulation)
        : simulation_(simulation), random_(simulation.seed) {
        result_.times_run.resize(simulation.n_blocks);
        ranks_.reserve(static_cast<std::size_t>(simulation.n_ranks));
        for (int r = 0; r < simulation.n_ranks; ++r) {
            add_rank(r);
        }
        double work = 0;
        double longest = 0;
        for (std::size_t block = 0; block < simulation.n_blocks; ++block) {
            work += simulation.cost(block);
            longest = std::max(longest, simulation.cost(block));
        }
        const double n_workers =
            static_cast<double>(simulation.n_ranks) * static_cast<double>(simulation.n_workers);
        result_.ideal = std::max(work / n_workers, longest);
    }

    Simulated run() {
        if (simulation_.stop_at) {
            const auto rank =
                static_cast<int>(random_() % static_cast<std::uint64_t>(simulation_.n_ranks));
            plan({*simulation_.stop_at, 0, What::stops, rank});
        }
        while (!events_.empty() && n_at_barrier_ < simulation_.n_ranks) {
            step();
        }
        result_.all_retired = n_at_barrier_ == simulation_.n_ranks;
        while (!events_.empty()) {  // blocks that still run
            if (events_.top().what == What::worker_is_free) {
                result_.elapsed = std::max(result_.elapsed, events_.top().time);
            }
            events_.pop();
        }
        return result_;
    }

private:
    void add_rank(int r) {
        std::vector<int> neighbours;
        const int node = r / simulation_.ranks_per_node;
        for (int n = node * simulation_.ranks_per_node;
             n < std::min((node + 1) * simulation_.ranks_per_node, simulation_.n_ranks);
             ++n) {
            if (n != r) {
                neighbours.push_back(n);
            }
        }
        ranks_.push_back(
            {.share =
                 WorkShare{
                     {.rank = r,
                      .n_ranks = simulation_.n_ranks,
                      .n_blocks = simulation_.n_blocks,
                      .n_workers = simulation_.n_workers,
                      .schedule = simulation_.schedule,
                      .seed = simulation_.seed,
                      .neighbours = neighbours}},
             .phase = uniform(0, simulation_.poll_period)}
        );
        for (std::size_t w = 0; w < simulation_.n_workers; ++w) {
            plan({0, 0, What::worker_is_free, r});
        }
        plan_wake(r, 0);
    }

    void step() {
        const Event event = events_.top();
        events_.pop();
        Rank& rank = ranks_[static_cast<std::size_t>(event.rank)];
        switch (event.what) {
            case What::worker_is_free:
                result_.elapsed = std::max(result_.elapsed, event.time);
                start_block(event.rank, event.time);
                break;
            case What::arrives:
                rank.inbox.push_back({event.from, event.message});
                plan_wake(event.rank, event.time);
                break;
            case What::stops: {
                std::vector<WorkPost> out;
                rank.share.stop(out);
                send(event.rank, event.time, out);
                plan_wake(event.rank, event.time);
                break;
            }
            case What::wakes:
                wake(event.rank, event.time);
        }
    }

    void start_block(int r, double time) {
        Rank& rank = ranks_[static_cast<std::size_t>(r)];
        const BlockRange blocks = rank.share.take(1);
        if (blocks.empty()) {
            ++rank.n_idle;
        } else {
            result_.started_after_stop |= rank.share.is_stopped();
            ++result_.times_run[blocks.first];
            plan({time + simulation_.cost(blocks.first), 0, What::worker_is_free, r});
        }
        if (rank.share.n_left() == 0) {
            plan_wake(r, time);
        }
    }

    void wake(int r, double time) {
        Rank& rank = ranks_[static_cast<std::size_t>(r)];
        rank.is_wake_planned = false;
        std::vector<WorkPost> out;
        rank.share.set_idle_workers(rank.n_idle);
        while (!rank.inbox.empty()) {
            rank.share.receive(rank.inbox.front().from, rank.inbox.front().message, out);
            rank.inbox.pop_front();
        }
        rank.share.poll(out);
        send(r, time, out);
        for (; rank.n_idle > 0 && rank.share.n_left() > 0; --rank.n_idle) {
            const std::size_t left = rank.share.n_left();
            start_block(r, time);
            if (rank.share.n_left() == left) {
                break;
            }
        }
        if (rank.share.is_retired() && !rank.is_at_barrier) {
            rank.is_at_barrier = true;
            ++n_at_barrier_;
        }
    }

    void send(int from, double time, const std::vector<WorkPost>& out) {
        for (const WorkPost& post : out) {
            ++result_.n_messages;
            const double delay = uniform(simulation_.least_delay, simulation_.most_delay);
            plan({time + delay, 0, What::arrives, post.to, from, post.message});
        }
    }

    /// The rank looks at its messages at the next of its regular times.
    void plan_wake(int r, double now) {
        Rank& rank = ranks_[static_cast<std::size_t>(r)];
        if (rank.is_wake_planned) {
            return;
        }
        rank.is_wake_planned = true;
        const double period = simulation_.poll_period;
        const double n_periods = std::floor((now - rank.phase) / period) + 1;
        plan({rank.phase + n_periods * period, 0, What::wakes, r});
    }

    void plan(Event event) {
        event.number = n_events_++;
        events_.push(event);
    }
    double uniform(double least, double most) {
        return least + (most - least) * static_cast<double>(random_() >> 11U) * 0x1.0p-53;
    }

    const Simulation& simulation_;
    std::mt19937_64 random_;
    std::vector<Rank> ranks_;
    std::priority_queue<Event> events_;
    std::uint64_t n_events_ = 0;
    int n_at_barrier_ = 0;
    Simulated result_;
};

}  // namespace

Simulated simulate(const Simulation& simulation) {
    return Cluster{simulation}.run();
}

}  // namespace kaygraph::test
