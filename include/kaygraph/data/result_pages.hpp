#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// @file
/// More results than memory holds, page by page.

#pragma GCC visibility push(hidden)

namespace kaygraph {

struct ResultPagesOptions {
    std::size_t page_size = 100;  ///< results on a page; the last one may have fewer
    /// Where the pages after the first are kept; empty: what TMPDIR names, or /tmp.
    std::string directory = {};
};

namespace detail {

/// Pages as bytes in a file without a name: it is gone with its holder, however that ends.
/// @par MPI Local.
/// @par Threads read(): any thread; the others: one.
class KAYGRAPH_EXPORT PageFile {
public:
    PageFile(std::string directory, FileSystem& files);
    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;
    PageFile(PageFile&&) noexcept;
    PageFile& operator=(PageFile&&) noexcept;
    ~PageFile();

    void append(std::span<const std::byte> page);
    [[nodiscard]] std::vector<std::byte> read(std::size_t page) const;

private:
    std::string directory_;
    FileSystem* files_;
    std::unique_ptr<File> file_;       // made for the first page
    std::vector<std::uint64_t> ends_;  // of the pages
};

KAYGRAPH_EXPORT void require_page_size(std::size_t page_size);
[[noreturn]] KAYGRAPH_EXPORT void raise_no_page(std::size_t page, std::size_t pages);

}  // namespace detail

/// Results in pages of one size: the first page in memory, where most readers stop, the others on disk.
///
///     kg::ResultPages<Hit> hits{{.page_size = 1000}};
///     for (...) { hits.push_back(hit); }
///     for (const Hit& hit : hits) { ... }            // a page at a time in memory
///     std::vector<Hit> third = hits.page(2);
///
/// The file of the pages has no name: nothing is left behind, after an error or a killed process neither.
/// @par MPI Local.
/// @par Threads push_back(): one at a time; when all are there, any thread reads.
template <Encodable T>
class ResultPages {
public:
    /// @throws ArgumentError for pages without results.
    explicit ResultPages(ResultPagesOptions options = {}, FileSystem& files = posix_files())
        : page_size_(options.page_size), file_(std::move(options.directory), files) {
        detail::require_page_size(page_size_);
    }

    /// @throws IoError where a page that is full cannot be written.
    void push_back(T result) {
        if (size_ < page_size_) {
            first_.push_back(std::move(result));
        } else {
            if (last_.size() == page_size_) {
                file_.append(encode(last_));
                last_.clear();
            }
            last_.push_back(std::move(result));
        }
        ++size_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t page_size() const noexcept { return page_size_; }
    /// Returns the number of pages: none without results.
    [[nodiscard]] std::size_t pages() const noexcept {
        return size_ / page_size_ + (size_ % page_size_ != 0 ? 1 : 0);
    }

    /// Returns the results of a page, counted from 0.
    /// @throws ArgumentError for a page that is not there; IoError and FormatError for a file that was damaged.
    [[nodiscard]] std::vector<T> page(std::size_t index) const {
        if (index >= pages()) {
            detail::raise_no_page(index, pages());
        }
        if (index == 0) {
            return first_;
        }
        return index == pages() - 1 ? last_ : decode<std::vector<T>>(file_.read(index - 1));
    }

    /// Reads the results in order, with one page in memory.
    class Iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(const ResultPages& pages) : pages_(&pages) { turn(); }

        const T& operator*() const { return current_[place_]; }
        Iterator& operator++() {
            if (++place_ == current_.size()) {
                ++index_;
                turn();
            }
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& at, std::default_sentinel_t /*end*/) {
            return at.current_.empty();
        }

    private:
        void turn() {
            place_ = 0;
            current_ = index_ < pages_->pages() ? pages_->page(index_) : std::vector<T>{};
        }

        const ResultPages* pages_ = nullptr;
        std::size_t index_ = 0;
        std::size_t place_ = 0;
        std::vector<T> current_ = {};
    };
    [[nodiscard]] Iterator begin() const { return Iterator{*this}; }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    std::size_t page_size_;
    std::size_t size_ = 0;
    std::vector<T> first_;
    std::vector<T> last_;  // where it is not the first
    detail::PageFile file_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
