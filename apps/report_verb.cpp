// Makes the page of a run that has ended.
#include "launch.hpp"
#include "verbs.hpp"

#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/jobs/report.hpp>

#include <iostream>

namespace command {
namespace kg = kaygraph;

int run_report(const std::string& directory, const std::string& out, const kg::Runtime& ranks) {
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
    const std::string path = out.empty() ? folder + "/report.html" : out;
    kg::replace_file(kg::posix_files(), path, kg::to_html(page.document, page.rejects));
    std::cerr << path << "\n";
    return complete;
}

}  // namespace command
