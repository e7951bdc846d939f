#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/graph/settings.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

TEST(Settings, AreReadAsTheyWereWrittenOrFit) {
    const Settings settings{{"k", 10}, {"rate", 0.5}, {"file", "a.txt"}, {"fast", true}};
    EXPECT_EQ(settings.get<int>("k"), 10);
    EXPECT_EQ(settings.get<std::size_t>("k"), 10U);
    EXPECT_EQ(settings.get<double>("k"), 10.0);
    EXPECT_EQ(settings.get<float>("rate"), 0.5F);
    EXPECT_EQ(settings.get<std::string>("file"), "a.txt");
    EXPECT_TRUE(settings.get<bool>("fast"));
    EXPECT_EQ(settings.get_or<int>("missing", 7), 7);
    EXPECT_EQ(settings.names(), (std::vector<std::string>{"fast", "file", "k", "rate"}));
}

TEST(Settings, OneIsGivenWithOnePairOfBracesOrTwo) {
    EXPECT_EQ((Settings{"k", 1}), (Settings{{"k", 1}}));
    EXPECT_EQ((Settings{"k", "v"}), (Settings{{"k", "v"}}));
    EXPECT_EQ((Settings{{"a", "b"}, {"c", "d"}}).size(), 2U);
    const std::vector<int> items(3);
    EXPECT_EQ((Settings{"n", items.size()}.get<std::size_t>("n")), 3U);
    EXPECT_THROW((Settings{"n", ~std::size_t{0}}), ArgumentError);
}

TEST(Settings, AMissNamesWhatThereIs) {
    const Settings settings{{"k", -1}, {"rate", 0.5}};
    expect_says(thrown<ArgumentError>([&] { (void)settings.get<int>("n"); }), "'n'", "k, rate");
    expect_says(thrown<ArgumentError>([] { (void)Settings{}.get<int>("n"); }), "there are none");
    expect_says(
        thrown<ArgumentError>([&] { (void)settings.get<std::string>("k"); }),
        "'k'",
        "the integer -1"
    );
    EXPECT_THROW((void)settings.get<std::size_t>("k"), ArgumentError);  // does not fit
    EXPECT_THROW((void)settings.get<int>("rate"), ArgumentError);       // would lose digits
    EXPECT_THROW((void)settings.get_or<bool>("k", true), ArgumentError);
}

TEST(Settings, TheTopOneWins) {
    const Settings base{{"a", 1}, {"b", 1}};
    EXPECT_EQ(base.overlaid_by({{"b", 2}, {"c", 2}}), (Settings{{"a", 1}, {"b", 2}, {"c", 2}}));
}

TEST(Settings, Travel) {
    const Settings settings{{"k", 10}, {"rate", 0.5}, {"file", "a.txt"}, {"fast", true}};
    EXPECT_EQ(decode<Settings>(encode(settings)), settings);
}

}  // namespace
}  // namespace kaygraph
