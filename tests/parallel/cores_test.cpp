#include <kaygraph/parallel/cores.hpp>

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>

namespace kaygraph {
namespace {

/// Sets an environment variable for a test.
class WithVariable {
public:
    WithVariable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~WithVariable() { unsetenv(name_); }
    WithVariable(const WithVariable&) = delete;
    WithVariable& operator=(const WithVariable&) = delete;

private:
    const char* name_;
};

TEST(UsableCores, FollowsTheAffinityMask) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
    EXPECT_GE(usable_cores(), 1U);
    EXPECT_LE(usable_cores(), static_cast<std::size_t>(CPU_COUNT(&before)));
    int first = 0;
    while (!CPU_ISSET(first, &before)) {
        ++first;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    EXPECT_EQ(usable_cores(), 1U);
    ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
}

TEST(UsableCores, IsCutToTheLimitsOfOpenMp) {
    const WithVariable threads{"OMP_NUM_THREADS", "1,4"};
    EXPECT_EQ(usable_cores(), 1U);
}

TEST(UsableCores, TakesNoLimitForMoreCoresThanThereAre) {
    const std::size_t cores = usable_cores();
    const WithVariable threads{"OMP_NUM_THREADS", "4096"};
    EXPECT_EQ(usable_cores(), cores);
    const WithVariable limit{"OMP_THREAD_LIMIT", "nonsense"};
    EXPECT_EQ(usable_cores(), cores);
}

}  // namespace
}  // namespace kaygraph
