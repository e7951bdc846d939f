#include <kaygraph/parallel/stop.hpp>

#include <gtest/gtest.h>

#include <csignal>

namespace kaygraph {
namespace {

TEST(Stop, ADefaultTokenNeverStops) {
    EXPECT_FALSE(StopToken{}.stop_requested());
}

TEST(Stop, TokensSeeTheRequestAndOutliveTheSource) {
    StopToken token;
    {
        const StopSource source;
        token = source.token();
        EXPECT_FALSE(token.stop_requested());
        source.request_stop();
    }
    EXPECT_TRUE(token.stop_requested());
}

StopSource* source_of_handler = nullptr;

TEST(Stop, MayBeRequestedFromASignalHandler) {
    StopSource source;
    source_of_handler = &source;
    const auto before = std::signal(SIGUSR2, [](int) { source_of_handler->request_stop(); });
    ASSERT_EQ(std::raise(SIGUSR2), 0);
    std::signal(SIGUSR2, before);
    EXPECT_TRUE(source.stop_requested());
}

}  // namespace
}  // namespace kaygraph
