#include "support/catch_log.hpp"

#include <kaygraph/base/log.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

TEST(Log, GoesNowhereByDefault) {
    const Log log;
    EXPECT_FALSE(log);
    log.warn("node", "text");
    Log{LogSink{}}.warn("node", "text");
}

TEST(Log, CopiesShareASink) {
    test::CatchLog caught;
    const Log copy = caught.log();
    copy.warn("node", "first");
    caught.log().write(LogLevel::info, "", "second");
    EXPECT_EQ(caught.lines(), (std::vector<std::string>{"node: first", ": second"}));
}

TEST(Log, ASinkThatThrowsDoesNoHarm) {
    const Log log{[](const LogRecord&) {
        throw std::runtime_error("full");
    }};
    EXPECT_NO_THROW(log.warn("node", "text"));
}

}  // namespace
}  // namespace kaygraph
