#include "support/bytes.hpp"
#include "support/faulty_files.hpp"
#include "support/throws.hpp"

#include <kaygraph/data/result_pages.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;

ResultPages<std::string> numbers(std::size_t n, std::size_t page_size, const Folder& folder) {
    ResultPages<std::string> pages{{.page_size = page_size, .directory = folder.path()}};
    for (std::size_t i = 0; i < n; ++i) {
        pages.push_back(std::to_string(i));
    }
    return pages;
}

TEST(ResultPages, AreEqualForAnyPageSize) {
    const Folder folder;
    for (const std::size_t n : {0U, 1U, 2U, 6U, 7U, 12U, 100U}) {
        for (std::size_t page_size = 1; page_size <= 13; ++page_size) {
            const ResultPages<std::string> pages = numbers(n, page_size, folder);
            EXPECT_EQ(pages.size(), n);
            EXPECT_EQ(pages.pages(), (n + page_size - 1) / page_size);
            std::vector<std::string> one_by_one;
            for (const std::string& result : pages) {
                one_by_one.push_back(result);
            }
            std::vector<std::string> by_page;
            for (std::size_t i = 0; i < pages.pages(); ++i) {
                const std::vector<std::string> page = pages.page(i);
                EXPECT_EQ(page.size(), std::min(page_size, n - i * page_size));
                by_page.insert(by_page.end(), page.begin(), page.end());
            }
            ASSERT_EQ(one_by_one.size(), n);
            EXPECT_EQ(by_page, one_by_one);
            for (std::size_t i = 0; i < n; ++i) {
                EXPECT_EQ(one_by_one[i], std::to_string(i));
            }
        }
    }
}

TEST(ResultPages, PagesComeInAnyOrderWhileOthersAreAdded) {
    const Folder folder;
    ResultPages<std::string> pages = numbers(25, 5, folder);
    EXPECT_EQ(pages.page(4).front(), "20");
    EXPECT_EQ(pages.page(1).front(), "5");
    pages.push_back("25");
    EXPECT_EQ(pages.page(5), std::vector<std::string>{"25"});
    EXPECT_EQ(pages.page(4).front(), "20");
}

TEST(ResultPages, NoFileHasAName) {
    const Folder folder;
    const ResultPages<std::string> pages = numbers(100, 3, folder);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_EQ(pages.page(33).back(), "99");
}

TEST(ResultPages, NothingIsLeftAfterAnError) {
    const Folder folder;
    for (std::size_t call = 0; call < 4; ++call) {
        test::FaultyFiles files{
            posix_files(), test::Fault{.call = call, .kind = test::FileCall::write_at}};
        thrown<IoError>([&] {
            ResultPages<std::string> pages{{.page_size = 2, .directory = folder.path()}, files};
            for (int i = 0; i < 100; ++i) {
                pages.push_back("x");
            }
        });
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    }
}

TEST(ResultPages, APageBeyondTheEndIsRefused) {
    const Folder folder;
    const ResultPages<std::string> pages = numbers(7, 3, folder);
    expect_says(
        thrown<ArgumentError>([&] { static_cast<void>(pages.page(3)); }), "no page 3", "there are 3"
    );
    expect_says(
        thrown<ArgumentError>([&] { static_cast<void>(numbers(0, 3, folder).page(0)); }),
        "there are 0 pages"
    );
    expect_says(thrown<ArgumentError>([&] { numbers(0, 0, folder); }), "page_size 0");
}

TEST(ResultPages, ADirectoryThatIsNotThereIsNamed) {
    const Folder folder;
    ResultPages<long> pages{{.page_size = 1, .directory = folder.file("nowhere")}};
    pages.push_back(1);
    pages.push_back(2);
    expect_says(thrown<IoError>([&] { pages.push_back(3); }), "nowhere");
}

}  // namespace
}  // namespace kaygraph
