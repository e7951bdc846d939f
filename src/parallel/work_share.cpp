#include <kaygraph/parallel/work_share.hpp>

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

namespace kaygraph {
namespace {

/// With so many ranks or fewer every other rank is asked; with more, a sample.
constexpr int most_ranks_asked_all = 64;

}  // namespace

BlockRange first_share(std::size_t n_blocks, int rank, int n_ranks) noexcept {
    const auto ranks = static_cast<std::size_t>(n_ranks);
    const auto r = static_cast<std::size_t>(rank);
    const std::size_t each = n_blocks / ranks;
    const std::size_t rest = n_blocks % ranks;  // the first ranks have one more
    const std::size_t first = r * each + std::min(r, rest);
    return {first, first + each + (r < rest ? 1 : 0)};
}

WorkShare::WorkShare(const WorkShareOptions& options)
    : rank_(options.rank),
      n_ranks_(options.n_ranks),
      n_takers_(2 * std::max<std::size_t>(options.n_workers, 1)),
      is_stealing_(options.schedule == Schedule::stealing && options.n_ranks > 1),
      batch_(options.batch),
      random_(options.seed + static_cast<std::uint64_t>(options.rank)),
      left_(first_share(options.n_blocks, options.rank, options.n_ranks)) {
    if (is_stealing_) {
        order_.assign(options.neighbours.begin(), options.neighbours.end());
        // the next higher rank first, so that neighbours do not all ask the same one
        const auto above = std::find_if(order_.begin(), order_.end(), [&](int neighbour) {
            return neighbour > rank_;
        });
        std::rotate(order_.begin(), above, order_.end());
        n_neighbours_ = order_.size();
        if (n_ranks_ <= most_ranks_asked_all) {
            for (int other = 0; other < n_ranks_; ++other) {
                if (other != rank_
                    && std::find(order_.begin(), order_.end(), other) == order_.end()) {
                    order_.push_back(other);
                }
            }
            for (std::size_t i = order_.size(); i > n_neighbours_ + 1; --i) {
                std::swap(order_[i - 1], order_[n_neighbours_ + random() % (i - n_neighbours_)]);
            }
        }
    }
    most_refusals_ = n_ranks_ <= most_ranks_asked_all
                         ? 2 * order_.size()
                         : 16 * std::bit_width(static_cast<unsigned>(n_ranks_));
}

BlockRange WorkShare::take(std::size_t want) noexcept {
    if (is_stopped_ || left_.empty()) {
        return {};
    }
    const std::size_t fair = std::max<std::size_t>(left_.size() / n_takers_, 1);
    const std::size_t first = left_.first;
    left_.first += std::min({want, fair, left_.size()});
    is_fresh_ = false;
    asks_ahead_ = true;
    return {first, left_.first};
}

WorkMessage WorkShare::new_message(WorkMessage::Kind kind) const noexcept {
    return {.kind = kind, .batch = batch_};
}

void WorkShare::receive(int from, const WorkMessage& message, std::vector<WorkPost>& out) {
    if (message.batch != batch_) {
        return;  // of a batch that has ended
    }
    switch (message.kind) {
        case WorkMessage::Kind::request:
            out.push_back({from, answer()});
            return;
        case WorkMessage::Kind::reply:
            accept(from, message);
            poll(out);
            return;
        case WorkMessage::Kind::stop:
            stop(out);
            return;
    }
}

/// What a rank that asks is given: the back half, or nothing.
WorkMessage WorkShare::answer() noexcept {
    WorkMessage reply = new_message(WorkMessage::Kind::reply);
    // One block is kept for workers that wait, else two ranks could hand their last one to and fro, faster
    // than workers wake.
    const std::size_t given = (left_.size() + (n_idle_ > 0 ? 0 : 1)) / 2;
    if (given == 0 || is_stopped_) {
        reply.hint = last_giver_;
        return reply;
    }
    if (is_fresh_ && given == left_.size()) {
        asks_ahead_ = false;  // it was not needed here
    }
    reply.blocks = {left_.last - given, left_.last};
    left_.last -= given;
    return reply;
}

/// The answer of a rank that was asked.
void WorkShare::accept(int from, const WorkMessage& reply) noexcept {
    asked_.reset();
    if (reply.blocks.empty()) {
        ++n_refusals_;
        hint_ = reply.hint != rank_ && reply.hint != from ? reply.hint : -1;
        if (last_giver_ == from) {
            last_giver_ = -1;
        }
        return;
    }
    n_refusals_ = 0;
    last_giver_ = from;
    ++n_steals_;
    n_stolen_blocks_ += reply.blocks.size();
    left_ = is_stopped_ ? BlockRange{} : reply.blocks;
    is_fresh_ = true;
}

void WorkShare::poll(std::vector<WorkPost>& out) {
    if (!left_.empty() || asked_ || is_retired_) {
        return;
    }
    if (is_stopped_ || !is_stealing_ || n_refusals_ >= most_refusals_) {
        is_retired_ = true;
    } else if (asks_ahead_ || n_idle_ > 0) {
        ask(out);
    }
}

void WorkShare::stop(std::vector<WorkPost>& out) {
    if (is_stopped_) {
        return;
    }
    is_stopped_ = true;
    left_ = {};
    // Over the edges of a hypercube: each rank tells about log2(n) others, and all hear of it.
    for (unsigned bit = 1; bit < static_cast<unsigned>(n_ranks_); bit *= 2) {
        const int other = static_cast<int>(static_cast<unsigned>(rank_) ^ bit);
        if (other < n_ranks_) {
            out.push_back({other, new_message(WorkMessage::Kind::stop)});
        }
    }
    poll(out);
}

void WorkShare::ask(std::vector<WorkPost>& out) {
    asked_ = next_victim();
    ++n_requests_;
    out.push_back({*asked_, new_message(WorkMessage::Kind::request)});
}

int WorkShare::next_victim() {
    if (hint_ >= 0) {
        return std::exchange(hint_, -1);
    }
    if (n_ranks_ <= most_ranks_asked_all) {
        const int victim = order_[next_ % order_.size()];
        ++next_;
        return victim;
    }
    // Of many ranks: who gave last, a few neighbours, then anybody.
    constexpr std::size_t n_neighbours_asked = 4;
    if (n_refusals_ == 0 && last_giver_ >= 0) {
        return last_giver_;
    }
    if (n_neighbours_ > 0 && n_refusals_ < n_neighbours_asked) {
        return order_[random() % n_neighbours_];
    }
    const auto other = static_cast<int>(random() % static_cast<std::uint64_t>(n_ranks_ - 1));
    return other < rank_ ? other : other + 1;
}

/// Source: splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
std::uint64_t WorkShare::random() noexcept {
    std::uint64_t z = random_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

}  // namespace kaygraph
