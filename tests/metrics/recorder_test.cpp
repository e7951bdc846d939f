#include <kaygraph/metrics/recorder.hpp>
#include <kaygraph/parallel/team.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

TEST(Recorder, CollectsWhatThreadsRecorded) {
    constexpr std::size_t n_threads = 4;
    Recorder recorder{{false, true}};
    recorder.reserve_threads(n_threads);
    run_team(n_threads, [&](std::size_t thread) {
        for (int i = 0; i < 1000; ++i) {
            ++recorder.counts(thread, 0).visits;
            recorder.times(thread, 1)->visit.add(10);
        }
        EXPECT_EQ(recorder.times(thread, 0), nullptr);
    });
    NodeStats first;
    NodeStats second;
    recorder.collect(0, first);
    recorder.collect(1, second);
    EXPECT_EQ(first.counts.visits, 4000U);
    EXPECT_EQ(first.times.visit.count(), 0U);
    EXPECT_EQ(second.times.visit.count(), 4000U);
}

}  // namespace
}  // namespace kaygraph
