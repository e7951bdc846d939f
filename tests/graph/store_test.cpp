// Semantics, section "Store".
#include "support/catch_log.hpp"
#include "support/throws.hpp"

#include <kaygraph/graph/store.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

// Typed: set<T>, get<T>, try_get, get_or, update, erase, keys.

TEST(Store, ReadsWhatWasWritten) {
    Store store;
    store.set("n", 3);
    store.set<double>("x", 1);
    store.set("text", "literal");
    EXPECT_EQ(store.get<int>("n"), 3);
    EXPECT_EQ(store.get<double>("x"), 1.0);
    EXPECT_EQ(store.get<std::string>("text"), "literal");
    EXPECT_EQ(store.get_or<int>("n", 7), 3);
    EXPECT_EQ(store.get_or<int>("m", 7), 7);
    EXPECT_EQ(*store.try_get<int>("n"), 3);
    EXPECT_EQ(store.try_get<int>("m").failure().code, ErrorCode::missing_key);
    EXPECT_EQ(store.keys(), (std::vector<std::string>{"n", "text", "x"}));
    EXPECT_TRUE(store.erase("n"));
    EXPECT_FALSE(store.erase("n"));
    EXPECT_FALSE(store.contains("n"));
    EXPECT_EQ(store.size(), 2U);
}

TEST(Store, HoldsWhatCannotBeCopied) {
    Store store;
    store.set("owner", std::make_unique<int>(5));
    EXPECT_EQ(*store.get<std::unique_ptr<int>>("owner"), 5);
    store.update<std::unique_ptr<int>>("owner", [](auto& owner) { *owner = 6; });
    EXPECT_EQ(*store.get<std::unique_ptr<int>>("owner"), 6);
    const Store copy = store;
    expect_says(
        thrown<StoreError>([&] { store.update<std::unique_ptr<int>>("owner", [](auto&) {}); }),
        "'owner'",
        "a copy of the store shares its value",
        "cannot be copied"
    );
}

// An error names the key, the type wanted and the type held.

TEST(Store, AMissNamesTheKeyTheWantedTypeAndTheKeysThereAre) {
    Store store;
    expect_says(
        thrown<StoreError>([&] { (void)store.get<int>("n"); }),
        "key 'n'",
        "wanted as int",
        "is empty"
    );
    store.set("m", 1);
    expect_says(thrown<StoreError>([&] { (void)store.get<int>("n"); }), "holds 'm'");
}

TEST(Store, AnotherTypeIsNamedBesideTheWantedOne) {
    Store store;
    store.set("n", 1.5);
    const std::string message = thrown<StoreError>([&] { (void)store.get<int>("n"); });
    expect_says(message, "key 'n'", "wanted as int", "holds double");
    EXPECT_EQ(store.try_get<int>("n").failure().code, ErrorCode::wrong_type);
    EXPECT_EQ(thrown<StoreError>([&] { (void)store.get_or<int>("n", 2); }), message);
    EXPECT_EQ(thrown<StoreError>([&] { store.update<int>("n", [](int&) {}); }), message);
}

// Copying a store is cheap (values are shared until written); a copy never sees later writes.

struct CountsCopies {
    int* n_copies;
    explicit CountsCopies(int* counter) : n_copies(counter) {}
    CountsCopies(const CountsCopies& other) : n_copies(other.n_copies) { ++*n_copies; }
    CountsCopies& operator=(const CountsCopies&) = delete;
    CountsCopies(CountsCopies&&) = default;
    ~CountsCopies() = default;
};

TEST(Store, ACopySharesValuesUntilTheyAreWritten) {
    int n_copies = 0;
    Store store;
    store.set("big", CountsCopies{&n_copies});
    Store copy = store;
    EXPECT_EQ(&store.get<CountsCopies>("big"), &copy.get<CountsCopies>("big"));
    EXPECT_EQ(n_copies, 0);
    copy.update<CountsCopies>("big", [](CountsCopies&) {});
    EXPECT_EQ(n_copies, 1);
    copy.update<CountsCopies>("big", [](CountsCopies&) {});
    EXPECT_EQ(n_copies, 1);  // it owns its value now
}

TEST(Store, ACopyNeverSeesLaterWrites) {
    Store store;
    store.set("list", std::vector<int>{1});
    store.set("gone", 1);
    const Store copy = store;
    store.update<std::vector<int>>("list", [](auto& list) { list.push_back(2); });
    store.set("new", 1);
    store.erase("gone");
    EXPECT_EQ(copy.get<std::vector<int>>("list"), std::vector<int>{1});
    EXPECT_EQ(copy.keys(), (std::vector<std::string>{"gone", "list"}));
    EXPECT_EQ(store.get<std::vector<int>>("list").size(), 2U);
}

// Size accounting: bytes() and largest(n).

TEST(Store, CountsBytes) {
    Store store;
    store.set("small", 1);
    store.set("large", std::vector<char>(1000));
    store.set("middle", std::vector<char>(100));
    EXPECT_EQ(store.bytes(), sizeof(int) + 2 * sizeof(std::vector<char>) + 1100);
    ASSERT_EQ(store.largest(2).size(), 2U);
    EXPECT_EQ(store.largest(2)[0].key, "large");
    EXPECT_EQ(store.largest(2)[1].key, "middle");
    EXPECT_EQ(store.largest(9).size(), 3U);
}

TEST(Store, ALimitedStoreKeepsItsBooks) {
    Store store{{.hard_limit = 1'000'000}};
    store.set("a", std::vector<char>(500));
    store.set("a", std::vector<char>(100));
    store.set("b", 1);
    store.update<std::vector<char>>("a", [](auto& bytes) { bytes.resize(300); });
    store.erase("b");
    EXPECT_EQ(store.bytes(), bytes_of(store.get<std::vector<char>>("a")));
}

// Soft limit: one warning with the five largest keys; hard limit: an error before the write, the store
// unchanged.

TEST(Store, PassingTheSoftLimitWarnsOnceWithTheLargestKeys) {
    const test::CatchLog caught;
    Store store{{.soft_limit = 1000, .log = caught.log()}};
    for (int i = 0; i < 8; ++i) {
        store.set("key" + std::to_string(i), std::vector<char>(static_cast<std::size_t>(400 - i)));
    }
    ASSERT_EQ(caught.lines().size(), 1U);
    expect_says(caught.lines()[0], "soft limit is 1000", "'key0'", "'key1'", "'key2'");
    store.erase("key0");
    EXPECT_EQ(caught.lines().size(), 1U);
}

TEST(Store, TheWarningNamesFiveKeysAtMost) {
    const test::CatchLog caught;
    Store store{{.soft_limit = 1000, .log = caught.log()}};
    for (int i = 0; i < 7; ++i) {
        store.set("key" + std::to_string(i), std::vector<char>(100));
    }
    store.set("key7", std::vector<char>(500));
    ASSERT_EQ(caught.lines().size(), 1U);
    EXPECT_EQ(std::count(caught.lines()[0].begin(), caught.lines()[0].end(), '\''), 10);
}

TEST(Store, AWriteBeyondTheHardLimitIsRefusedAndChangesNothing) {
    Store store{{.hard_limit = 1000}};
    store.set("a", std::vector<char>(500));
    expect_says(
        thrown<StoreError>([&] { store.set("b", std::vector<char>(600)); }),
        "key 'b'",
        "hard limit is 1000"
    );
    EXPECT_FALSE(store.contains("b"));
    EXPECT_THROW(
        store.update<std::vector<char>>("a", [](auto& bytes) { bytes.resize(2000); }), StoreError
    );
    EXPECT_EQ(store.get<std::vector<char>>("a").size(), 500U);
    EXPECT_NO_THROW(store.set("a", std::vector<char>(900)));  // what it replaces does not count
}

TEST(Store, AnUpdateThatThrowsOnASharedValueChangesNothing) {
    Store store;
    store.set("list", std::vector<int>{1});
    const Store copy = store;
    EXPECT_THROW(
        store.update<std::vector<int>>(
            "list",
            [](auto& list) {
                list.clear();
                throw std::runtime_error("midway");
            }
        ),
        std::runtime_error
    );
    EXPECT_EQ(store.get<std::vector<int>>("list").size(), 1U);
}

// append_bounded(key, value, keep_last)

TEST(Store, AppendBoundedKeepsTheLast) {
    Store store;
    for (int i = 0; i < 10; ++i) {
        store.append_bounded("recent", i, 3);
    }
    EXPECT_EQ(store.get<std::deque<int>>("recent"), (std::deque<int>{7, 8, 9}));
}

TEST(StoreLimit, ARefusedFirstElementLeavesNoList) {
    Store store{{.hard_limit = 100}};
    EXPECT_THROW(store.append_bounded("list", std::vector<char>(1000), 3), StoreError);
    EXPECT_FALSE(store.contains("list"));
}

TEST(Store, KeepsOwnersOfArraysAndOfUnknownObjects) {
    Store store;
    store.set("array", std::make_unique<int[]>(3));
    store.set("unknown", std::shared_ptr<void>(std::make_shared<int>(1)));
    EXPECT_GE(store.bytes(), sizeof(void*) * 3);
}

}  // namespace
}  // namespace kaygraph
