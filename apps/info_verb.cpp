// Tells of this build and its ranks, or of a file.
#include "launch.hpp"
#include "verbs.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/models/embedder.hpp>
#include <kaygraph/parallel/launcher.hpp>
#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/mpi.hpp>
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace command {
namespace kg = kaygraph;
namespace {

/// Names and values, printed as a table or as one JSON object.
using Facts = std::vector<std::pair<std::string, std::string>>;

void print(const Facts& facts, bool json) {
    std::string document = "{";
    for (const auto& fact : facts) {
        if (json) {
            document += (document.size() > 1 ? ", " : "") + kg::json_quoted(fact.first) + ": "
                        + kg::json_quoted(fact.second);
        } else {
            const std::size_t width = std::min<std::size_t>(fact.first.size(), 15);
            std::cout << fact.first << std::string(16 - width, ' ') << fact.second << "\n";
        }
    }
    if (json) {
        std::cout << document << "}\n";
    }
}

std::string cores_of(const std::vector<std::size_t>& cores) {
    std::string text;
    for (std::size_t i = 0; i < cores.size();) {
        std::size_t last = i;
        while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cores[i])
                + (last > i ? "-" + std::to_string(cores[last]) : "");
        i = last + 1;
    }
    return text;
}

std::string compiler() {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

void add_mpi(Facts& facts, const kg::Runtime& ranks) {
    const auto task = kg::launched_task();
#ifdef KAYGRAPH_WITH_MPI
    facts.emplace_back("MPI", kg::mpi::library_name());
    const std::string not_started = !task ? "not started: no launcher"
                                    : task->n_tasks == 1
                                        ? "not started: one task"
                                        : "not started: it would not know the launcher";
    facts.emplace_back(
        "MPI threads",
        ranks.communicator() == nullptr
            ? not_started
            : std::string{to_string(ranks.communicator()->thread_level())}
    );
#else
    static_cast<void>(ranks);
    facts.emplace_back("MPI", "none in this build");
#endif
    if (task) {
        facts.emplace_back(
            "launcher",
            task->launcher + ": task " + std::to_string(task->rank) + " of "
                + std::to_string(task->n_tasks) + " (" + task->variable + ")"
        );
    }
}

/// word2vec has the same extension.
bool begins_as_fasttext(const std::string& path) {
    constexpr std::array magic{std::byte{0xBA}, std::byte{0x16}, std::byte{0x4F}, std::byte{0x2F}};
    std::array<std::byte, 4> found{};
    const auto file = kg::posix_files().open(path, kg::OpenMode::read);
    return file->read_at(0, found) == found.size() && found == magic;
}

bool is_model(const std::string& path, std::string& spec) {
    const auto status = kg::posix_files().status(path);
    if (status && status->is_directory) {
        spec = "static:" + path;
        return true;
    }
    const auto ends_with = [&](std::string_view end) {
        return path.size() >= end.size()
               && std::string_view{path}.substr(path.size() - end.size()) == end;
    };
    if (ends_with(".ftz") || (ends_with(".bin") && begins_as_fasttext(path))) {
        spec = "fasttext:" + path;
        return true;
    }
    if (ends_with(".vec") || ends_with(".bin")) {
        spec = "vec:" + path;
        return true;
    }
    return false;
}

void add_model(Facts& facts, const std::string& spec, const kg::Runtime& ranks) {
    const auto model = kg::models::open_embedder(spec, {.log = log_of(ranks)});
    facts.emplace_back("model", spec);
    facts.emplace_back("dimension", std::to_string(model->dimension()));
    facts.emplace_back("description", model->description());
}

void add_matrix(Facts& facts, const kg::MatrixReader& reader) {
    const auto& info = reader.info();
    facts.emplace_back("format", std::string{to_string(info.format)});
    facts.emplace_back("elements", std::string{to_string(info.type)});
    facts.emplace_back("rows", std::to_string(info.rows));
    facts.emplace_back("cols", std::to_string(info.cols));
    facts.emplace_back("order", info.is_fortran ? "columns (Fortran)" : "rows (C)");
    facts.emplace_back("data at byte", std::to_string(info.data_offset));
    if (const auto status = kg::posix_files().status(reader.path())) {
        facts.emplace_back("bytes", std::to_string(status->bytes));
    }
}

/// Text names nothing of what it holds: a matrix where its first rows are numbers, else word vectors, as GloVe's are, or
/// neither.
void add_text(Facts& facts, const std::string& path, const kg::Runtime& ranks) {
    constexpr std::uint64_t enough_rows = 1000;
    std::string no_matrix;
    try {
        const kg::MatrixReader reader{path};
        reader.check(0, std::min(reader.info().rows, enough_rows));
        add_matrix(facts, reader);
        return;
    } catch (const kg::FormatError& error) {
        no_matrix = error.what();
    }
    try {
        add_model(facts, "vec:" + path, ranks);
    } catch (const kg::FormatError& error) {
        throw kg::FormatError(
            kg::ErrorCode::malformed,
            "neither a matrix nor word vectors; embed takes its lines for texts\n  no matrix: "
                + no_matrix + "\n  no word vectors: " + error.what()
        );
    }
}

}  // namespace

int show_info(bool json, const kg::Runtime& ranks) {
    const kg::RankPlace here = kg::this_place();
    const kg::Placement placement = ranks.communicator() != nullptr
                                        ? ranks.communicator()->placement()
                                        : kg::place_ranks({here}, 0);
    if (ranks.rank() != 0) {
        return complete;
    }
    Facts facts{
        {"kaygraph", std::string{kg::version()}},
        {"compiler", compiler()},
        {"SIMD", std::string{kg::kernels::to_string(kg::kernels::simd_level())}}};
    add_mpi(facts, ranks);
    facts.emplace_back(
        "ranks",
        std::to_string(ranks.size()) + " on " + std::to_string(placement.n_nodes)
            + (placement.n_nodes == 1 ? " node" : " nodes") + ", "
            + std::to_string(placement.ranks_on_node) + " on " + placement.host
    );
    facts.emplace_back(
        "cores", std::to_string(placement.cores) + " of rank 0: " + cores_of(here.cores)
    );
    facts.emplace_back("threads", std::to_string(placement.threads) + " a rank");
    facts.emplace_back(
        "binding", placement.is_bound_to_one_core ? "to one core" : "to none, or several cores"
    );
    std::vector<std::string> hints = placement.hints(placement.threads);
    if (std::string lone = lone_task(ranks); !lone.empty()) {
        hints.push_back(std::move(lone));
    }
    for (const std::string& hint : hints) {
        facts.emplace_back("hint", hint);
    }
    print(facts, json);
    return complete;
}

int show_file(const std::string& path, bool json, const kg::Runtime& ranks) {
    if (ranks.rank() != 0) {
        return complete;
    }
    if (!kg::posix_files().status(path)) {
        throw kg::IoError(kg::ErrorCode::io, "no such file", {.file = path});
    }
    Facts facts{{"file", path}};
    std::string spec;
    if (is_model(path, spec)) {
        add_model(facts, spec, ranks);
    } else if (kg::format_of_path(path) == kg::MatrixFormat::text) {
        add_text(facts, path, ranks);
    } else {
        add_matrix(facts, kg::MatrixReader{path});
    }
    print(facts, json);
    return complete;
}

}  // namespace command
