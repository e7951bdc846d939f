#include <kaygraph/base/range_set.hpp>

#include <algorithm>
#include <bit>
#include <limits>

namespace kaygraph {
namespace detail {
namespace {

/// The bits [first, last) of a word, last up to 64.
constexpr std::uint64_t bits_between(std::size_t first, std::size_t last) {
    const std::uint64_t below_last = last == 64 ? ~0ULL : (1ULL << last) - 1;
    return below_last & ~((1ULL << first) - 1);
}

}  // namespace

std::size_t IndexPage::add(std::size_t first, std::size_t last) {
    if (!bits_.empty()) {
        return add_bits(first, last);
    }
    // the runs that the new one touches become one with it
    const auto begin =
        std::lower_bound(runs_.begin(), runs_.end(), first, [](const Run& run, std::size_t at) {
            return run.last + 1U < at;
        });
    auto end = begin;
    std::size_t swallowed = 0;
    std::size_t from = first;
    std::size_t to = last;
    for (; end != runs_.end() && end->first <= last; ++end) {
        from = std::min<std::size_t>(from, end->first);
        to = std::max<std::size_t>(to, end->last + 1U);
        swallowed += end->last + 1U - end->first;
    }
    const Run merged{static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to - 1)};
    if (begin == end) {
        runs_.insert(begin, merged);
    } else {
        *begin = merged;
        runs_.erase(begin + 1, end);
    }
    const std::size_t added = to - from - swallowed;
    count_ += added;
    if (runs_.size() > max_runs) {
        to_bits();
    }
    return added;
}

std::size_t IndexPage::add_bits(std::size_t first, std::size_t last) {
    std::size_t added = 0;
    while (first < last) {
        std::uint64_t& word = bits_[first / 64];
        const std::size_t end = std::min(last, first / 64 * 64 + 64);
        const std::uint64_t wanted = bits_between(first % 64, end - first / 64 * 64);
        added += static_cast<std::size_t>(std::popcount(wanted & ~word));
        word |= wanted;
        first = end;
    }
    count_ += added;
    return added;
}

void IndexPage::to_bits() {
    const std::vector<Run> runs = std::exchange(runs_, {});
    bits_.assign(size / 64, 0);
    count_ = 0;
    for (const Run& run : runs) {
        add_bits(run.first, run.last + 1U);
    }
}

std::size_t IndexPage::next_member(std::size_t index) const noexcept {
    if (bits_.empty()) {
        const auto run =
            std::lower_bound(runs_.begin(), runs_.end(), index, [](const Run& a, std::size_t at) {
                return a.last < at;
            });
        return run == runs_.end() ? size : std::max<std::size_t>(index, run->first);
    }
    for (std::size_t word = index / 64; word < bits_.size(); index = ++word * 64) {
        if (const std::uint64_t left = bits_[word] & bits_between(index % 64, 64)) {
            return word * 64 + static_cast<std::size_t>(std::countr_zero(left));
        }
    }
    return size;
}

std::size_t IndexPage::next_gap(std::size_t index) const noexcept {
    if (bits_.empty()) {
        const auto run =
            std::lower_bound(runs_.begin(), runs_.end(), index, [](const Run& a, std::size_t at) {
                return a.last < at;
            });
        return run == runs_.end() || run->first > index ? index : run->last + std::size_t{1};
    }
    for (std::size_t word = index / 64; word < bits_.size(); index = ++word * 64) {
        if (const std::uint64_t left = ~bits_[word] & bits_between(index % 64, 64)) {
            return word * 64 + static_cast<std::size_t>(std::countr_zero(left));
        }
    }
    return size;
}

void IndexPage::encode(Encoder& encoder) const {
    encoder.put(runs_);
    encoder.put(bits_);
}

IndexPage IndexPage::decode(Decoder& decoder) {
    IndexPage page;
    for (const Run& run : decoder.take<std::vector<Run>>()) {
        if (run.first > run.last) {
            decoder.fail(
                ErrorCode::malformed,
                "expected a range of indices, found one that ends before it begins"
            );
        }
        page.add(run.first, run.last + 1U);
    }
    const auto bits = decoder.take<std::vector<std::uint64_t>>();
    if (bits.empty()) {
        return page;
    }
    if (bits.size() != size / 64 || page.count_ != 0) {
        decoder.fail(ErrorCode::malformed, "expected a page of indices, as ranges or as bits");
    }
    page.bits_ = bits;
    for (const std::uint64_t word : bits) {
        page.count_ += static_cast<std::size_t>(std::popcount(word));
    }
    return page;
}

}  // namespace detail

namespace {

constexpr std::size_t page_size = detail::IndexPage::size;

}  // namespace

void RangeSet::add(std::size_t first, std::size_t last) {
    if (last > none / 2) {
        throw ArgumentError("an index of 2^63 or more cannot be in a set of indices");
    }
    while (first < last) {
        const std::size_t page = first / page_size;
        const std::size_t last_page = last / page_size;
        if (first % page_size == 0 && page < last_page) {
            add_whole_pages(page, last_page);
            first = last_page * page_size;
        } else {
            const std::size_t end =
                page == last_page ? last : std::min(last, (page + 1) * page_size);
            add_within_page(first, end);
            first = end;
        }
    }
}

void RangeSet::add_within_page(std::size_t first, std::size_t last) {
    const std::size_t page = first / page_size;
    if (n_whole(page) != 0) {
        return;
    }
    Page& part = parts_[page];
    const std::size_t start = page * page_size;
    size_ += part.add(first - start, last - start);
    if (part.count() == page_size) {
        size_ -= page_size;
        add_whole_pages(page, page + 1);
    }
}

void RangeSet::add_whole_pages(std::size_t first, std::size_t last) {
    const auto begin = parts_.lower_bound(first);
    const auto end = parts_.lower_bound(last);
    for (auto part = begin; part != end; ++part) {
        size_ -= part->second.count() == page_size ? 0 : part->second.count();
    }
    parts_.erase(begin, end);

    auto next = whole_.upper_bound(first);
    if (next != whole_.begin() && std::prev(next)->second >= first) {
        --next;  // it reaches to ours
    }
    while (next != whole_.end() && next->first <= last) {
        first = std::min(first, next->first);
        last = std::max(last, next->second);
        size_ -= (next->second - next->first) * page_size;
        next = whole_.erase(next);
    }
    whole_.emplace_hint(next, first, last);
    size_ += (last - first) * page_size;
}

std::size_t RangeSet::n_whole(std::size_t page) const noexcept {
    const auto next = whole_.upper_bound(page);
    const bool is_whole = next != whole_.begin() && page < std::prev(next)->second;
    return is_whole ? std::prev(next)->second - page : 0;
}

std::size_t RangeSet::next_member(std::size_t index) const noexcept {
    std::size_t page = index / page_size;
    if (n_whole(page) != 0) {
        return index;
    }
    auto part = parts_.lower_bound(page);
    if (part != parts_.end() && part->first == page) {
        const std::size_t member = part->second.next_member(index % page_size);
        if (member != page_size) {
            return page * page_size + member;
        }
        ++part;
    }
    const auto whole = whole_.upper_bound(page);
    if (part != parts_.end() && (whole == whole_.end() || part->first < whole->first)) {
        return part->first * page_size + part->second.next_member(0);
    }
    return whole == whole_.end() ? none : whole->first * page_size;
}

std::size_t RangeSet::next_gap(std::size_t index) const noexcept {
    for (;;) {
        const std::size_t page = index / page_size;
        if (const std::size_t n = n_whole(page)) {
            index = (page + n) * page_size;
            continue;
        }
        const auto part = parts_.find(page);
        if (part == parts_.end()) {
            return index;
        }
        const std::size_t gap = part->second.next_gap(index % page_size);
        index = page * page_size + gap;
        if (gap != page_size) {
            return index;
        }
    }
}

std::size_t RangeSet::bound() const noexcept {
    std::size_t bound = whole_.empty() ? 0 : std::prev(whole_.end())->second * page_size;
    if (!parts_.empty()) {
        const auto& [page, part] = *std::prev(parts_.end());
        std::size_t last = 0;
        for (std::size_t member = part.next_member(0); member != page_size;
             member = part.next_member(last)) {
            last = part.next_gap(member);
        }
        bound = std::max(bound, page * page_size + last);
    }
    return bound;
}

void RangeSet::add(const RangeSet& other) {
    for (const auto& [first, last] : other.ranges()) {
        add(first, last);
    }
}

RangeSet RangeSet::without(const RangeSet& other) const {
    RangeSet rest;
    for (const auto& [first, last] : ranges()) {
        for (std::size_t from = other.next_gap(first); from < last;) {
            const std::size_t to = std::min(last, other.next_member(from));
            rest.add(from, to);
            from = other.next_gap(to);
        }
    }
    return rest;
}

void Codec<RangeSet>::encode(Encoder& encoder, const RangeSet& set) {
    encoder.put(set.whole_);
    encoder.put(std::uint64_t{set.parts_.size()});
    for (const auto& [page, part] : set.parts_) {
        encoder.put(page);
        part.encode(encoder);
    }
}

RangeSet Codec<RangeSet>::decode(Decoder& decoder) {
    RangeSet set;
    constexpr std::size_t max_page = std::numeric_limits<std::size_t>::max() / page_size / 2;
    const auto check = [&](bool is_right) {
        if (!is_right) {
            decoder.fail(ErrorCode::malformed, "expected the pages of a set of indices");
        }
    };
    for (const auto& [first, last] : decoder.take<std::map<std::size_t, std::size_t>>()) {
        check(first < last && last <= max_page);
        set.add_whole_pages(first, last);
    }
    const std::size_t n_parts = decoder.take_count(3 * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < n_parts; ++i) {
        const auto page = decoder.take<std::size_t>();
        check(page < max_page);
        detail::IndexPage part = detail::IndexPage::decode(decoder);
        const bool is_part =
            part.count() != 0 && part.count() != page_size && set.n_whole(page) == 0;
        check(is_part && set.parts_.count(page) == 0);
        set.size_ += part.count();
        set.parts_.emplace(page, std::move(part));
    }
    return set;
}

}  // namespace kaygraph
