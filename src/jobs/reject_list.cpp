#include "jobs/reject_list.hpp"

#include <kaygraph/base/json_text.hpp>
#include <kaygraph/base/outcome.hpp>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::size_t longest_excerpt = 200;

/// A line of a rank's file, to be put in order.
struct Listed {
    std::uint64_t row;
    std::string line;
};

std::span<const std::byte> bytes_of_text(const std::string& text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// The lines begin with the row, so that they can be ordered without understanding them.
constexpr std::string_view line_start = "{\"row\":";

std::string line_of(const Failure& failure) {
    std::string line = std::string{line_start} + std::to_string(failure.item);
    try {
        if (failure.cause) {
            std::rethrow_exception(failure.cause);
        }
    } catch (const RecordError& error) {
        line += ",\"file\":" + json_quoted(error.context().file)
                + ",\"offset\":" + std::to_string(error.record_offset());
        line += ",\"excerpt\":" + json_quoted(error.excerpt());
    } catch (...) {  // another error of the record: its text says where
    }
    return line + ",\"code\":" + json_quoted(to_string(failure.code))
           + ",\"attempts\":" + std::to_string(failure.attempts)
           + ",\"message\":" + json_quoted(failure.message) + "}\n";
}

void read_lines(File& file, std::vector<Listed>& lines) {
    std::string text(file.status().bytes, '\0');
    text.resize(file.read_at(0, std::as_writable_bytes(std::span{text.data(), text.size()})));
    for (std::size_t first = 0; first < text.size();) {
        const std::size_t last = std::min(text.find('\n', first), text.size() - 1) + 1;
        Listed listed{0, text.substr(first, last - first)};
        const char* digits = listed.line.data() + line_start.size();
        std::from_chars(digits, listed.line.data() + listed.line.size(), listed.row);
        lines.push_back(std::move(listed));
        first = last;
    }
}

}  // namespace

RecordError::RecordError(
    const FormatError& why,
    std::uint64_t record_offset,
    std::string_view record
)
    : FormatError(why),
      record_offset_(record_offset),
      excerpt_(std::make_shared<const std::string>(record.substr(0, longest_excerpt))) {}

void RejectList::rejected(const Block& /*block*/, const Failure& failure) {
    const std::string line = line_of(failure);
    const std::lock_guard lock{mutex_};
    if (file_ == nullptr) {
        files_.make_directory(folder_);
        files_.remove(path_of(rank_));
        file_ = files_.open(path_of(rank_), OpenMode::create);
    }
    file_->write_at(bytes_, bytes_of_text(line));
    bytes_ += line.size();
}

void RejectList::close() {
    if (file_ != nullptr) {
        file_->close();
        file_.reset();
    }
}

void RejectList::merge(int n_ranks) {
    std::vector<Listed> lines;
    for (int rank = 0; rank < n_ranks; ++rank) {
        if (files_.status(path_of(rank))) {
            read_lines(*files_.open(path_of(rank), OpenMode::read), lines);
        }
    }
    if (lines.empty()) {
        return;
    }
    std::sort(lines.begin(), lines.end(), [](const Listed& a, const Listed& b) {
        return a.row < b.row;
    });
    const std::unique_ptr<File> list = files_.open(path() + ".part", OpenMode::create);
    std::uint64_t offset = 0;
    for (const Listed& listed : lines) {
        list->write_at(offset, bytes_of_text(listed.line));
        offset += listed.line.size();
    }
    list->sync();
    list->close();
    files_.rename(path() + ".part", path());
    discard(n_ranks);
}

void RejectList::discard(int n_ranks) noexcept {
    for (int rank = 0; rank < n_ranks; ++rank) {
        static_cast<void>(caught([&] { files_.remove(path_of(rank)); }));
    }
}

void RejectList::remove_old() {
    for (const std::string& old : {path(), path() + ".part"}) {
        if (files_.status(old)) {
            files_.remove(old);
        }
    }
}

}  // namespace kaygraph::jobs::detail
