// Tries on this machine, and in this folder, what the promises rest on.
#include "launch.hpp"
#include "verbs.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/models/embedder.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

namespace command {
namespace kg = kaygraph;
namespace {

/// Of the vectors that hash:64 gives the texts of this test, on every machine.
constexpr std::string_view known_hash = "e9e2f1c73fbf1702ec206761ad130ae1";

std::vector<std::string> some_texts(std::size_t n) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n; ++i) {
        std::string text;
        for (std::size_t word = 0; word < i % 23; ++word) {
            text += (word == 0 ? "w" : " w") + std::to_string(i * 7919 % (word + 3) * 31);
        }
        texts.push_back(i % 10 == 9 ? text + " äöü 漢字" : text);
    }
    return texts;
}

/// Throws what is not as it should be.
void demand(bool is_so, const std::string& otherwise) {
    if (!is_so) {
        throw kg::InternalError(otherwise);
    }
}

std::string try_kernels() {
    const auto model = kg::models::open_embedder("hash:64");
    const std::vector<std::string> texts = some_texts(1000);
    const std::vector<std::string_view> views{texts.begin(), texts.end()};
    std::vector<float> rows(texts.size() * model->dimension());
    const auto scratch = model->make_scratch();
    model->embed(views, {rows.data(), texts.size(), model->dimension()}, *scratch);
    const std::string hash = kg::to_string(kg::hash128(std::as_bytes(std::span{rows})));
    demand(hash == known_hash, "other vectors than on other machines: hash " + hash);
    return "the vectors of hash:64 are those of every machine, SIMD "
           + std::string{kg::kernels::to_string(kg::kernels::simd_level())};
}

std::string try_files(const std::string& folder) {
    kg::FileSystem& files = kg::posix_files();
    kg::replace_file(files, folder + "/a", "first");
    kg::replace_file(files, folder + "/a", "second");
    const auto status = files.status(folder + "/a");
    demand(status && status->bytes == 6, "a file that was replaced is not there");
    const auto file = files.open(folder + "/a", kg::OpenMode::open_or_create);
    file->write_at(1'000'000, std::as_bytes(std::span{"tail", 4}));
    file->sync();
    std::array<std::byte, 4> tail{};
    demand(file->read_at(1'000'000, tail) == 4, "bytes that were written are not there");
    demand(file->try_lock(), "a file cannot be locked");
    const auto again = files.open(folder + "/a", kg::OpenMode::open_or_create);
    demand(
        !again->try_lock(),
        "a locked file can be locked again: two runs could work on one output here; locks are off "
        "on this file system"
    );
    return "files are written, synced, renamed and locked in " + folder;
}

std::string try_job(const std::string& folder, const kg::Runtime& ranks) {
    const std::string input = folder + "/texts.txt";
    if (ranks.rank() == 0) {
        std::ofstream out{input};
        for (const std::string& text : some_texts(5000)) {
            out << text << "\n";
        }
    }
    std::string first;
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
        kg::jobs::EmbedOptions options{
            .inputs = {input},
            .model = "hash:64",
            .out = folder + "/out.npy",
            .block = 50 * threads};
        options.resume.fresh = true;
        const auto done = kg::jobs::embed(options, {.threads = threads, .ranks = ranks});
        demand(done.rows == 5000, "expected 5000 rows, found " + std::to_string(done.rows));
        std::ifstream in{folder + "/out.npy", std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        first = first.empty() ? bytes : first;
        demand(
            bytes.size() > 5000U * 64 * 4 && bytes == first,
            "other bytes with other threads and blocks"
        );
    }
    return "embed gives the same bytes with 1, 2 and 4 threads on " + std::to_string(ranks.size())
           + (ranks.size() == 1 ? " rank" : " ranks");
}

/// Makes a folder of a name that nobody has, in a directory that the ranks share.
std::string new_folder(const std::string& directory) {
    std::string folder = (std::filesystem::path{directory} / "kaygraph-selftest.XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        throw kg::IoError(
            kg::ErrorCode::io,
            "cannot make a folder for the test: " + std::generic_category().message(errno),
            {.file = directory}
        );
    }
    return folder;
}

/// Collective. Rank 0 makes the folder and tells its name to the others; where it cannot, they are told none.
std::string make_folder(const std::string& directory, const kg::Runtime& ranks) {
    std::string folder;
    std::exception_ptr error;
    if (ranks.rank() == 0) {
        error = kg::caught([&] { folder = new_folder(directory); });
    }
    if (kg::Communicator* const all = ranks.communicator()) {
        all->doing("the choice of a folder", "the command");
        folder = kg::decode<std::string>(all->broadcast(kg::encode(folder), 0));
    }
    if (error) {
        std::rethrow_exception(error);
    }
    return folder;
}

}  // namespace

int run_selftest(const std::string& directory, const kg::Runtime& ranks) {
    namespace fs = std::filesystem;
    const bool is_root = ranks.rank() == 0;
    const std::string folder = make_folder(directory, ranks);
    if (folder.empty()) {  // rank 0 says why
        return failed;
    }
    int result = complete;
    const auto attempt = [&](const char* what, const std::function<std::string()>& test) {
        try {
            const std::string found = test();
            if (is_root) {
                std::cout << "ok      " << what << ": " << found << "\n";
            }
        } catch (const kg::CommunicationError&) {
            throw;
        } catch (const std::exception& error) {
            result = failed;
            std::cout << "FAILED  " << what << ": " << error.what() << "\n";
        }
    };
    attempt("kernels", try_kernels);
    if (is_root) {
        attempt("files", [&] { return try_files(folder); });
    }
    attempt("job", [&] { return try_job(folder, ranks); });
    if (is_root) {
        std::error_code error;
        fs::remove_all(folder, error);
    }
    return result;
}

}  // namespace command
