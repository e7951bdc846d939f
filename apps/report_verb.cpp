// Makes the page of a run that has ended.
#include "launch.hpp"
#include "verbs.hpp"

#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/jobs/report.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <iostream>
#include <string>
#include <string_view>

namespace command {
namespace kg = kaygraph;

namespace {

/// The page must be none of the files that the run read or made.
void guard_page(const std::string& folder, const std::string& page, bool overwrite) {
    kg::FileSystem& files = kg::posix_files();
    kg::jobs::PathGuard guard{files, overwrite};
    constexpr std::string_view ending = ".run";
    if (folder.size() > ending.size()
        && folder.compare(folder.size() - ending.size(), ending.size(), ending) == 0) {
        const std::string out = folder.substr(0, folder.size() - ending.size());
        guard.writes_run_of(out);  // what is in it is the run's, whatever else it is
        guard.reads("the output of the run", out);
        if (const auto record = kg::runs::RunDirectory{files, out}.read()) {
            for (const kg::runs::RunFile& file : record->files) {
                guard.reads("a file that the run read", file.path);
            }
            for (const kg::runs::RunProduct& made : record->products) {
                guard.reads("a file that the run made", out + made.suffix);
            }
        }
    }
    guard.writes_side("the page", page);
}

}  // namespace

int run_report(
    const std::string& directory,
    const std::string& out,
    bool overwrite,
    const kg::Runtime& ranks
) {
    if (ranks.rank() != 0) {
        return complete;
    }
    std::string folder = directory;
    while (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    const auto status = kg::posix_files().status(folder);
    if ((!status || !status->is_directory) && kg::posix_files().status(folder + ".run")) {
        folder += ".run";  // of an output
    }
    const kg::jobs::RunPage page = kg::jobs::read_run(folder);
    if (out == "-") {
        std::cout << kg::to_html(page.document, page.rejects);
        return complete;
    }
    const std::string path = out.empty() ? folder + "/report.html" : out;
    guard_page(folder, path, overwrite);
    kg::replace_file(kg::posix_files(), path, kg::to_html(page.document, page.rejects));
    std::cerr << path << "\n";
    return complete;
}

}  // namespace command
