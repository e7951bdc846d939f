// The command. Public headers only: what it can do, a program of yours can.
#include "effective_options.hpp"
#include "launch.hpp"
#include "stop_requests.hpp"
#include "verbs.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace kg = kaygraph;
using command::JobOptions;
using kg::ElementType;

/// What a verb does once the command line is read.
using Run = std::function<int(const kg::Runtime&)>;

/// The words that an option takes, and what they mean.
template <class T>
using Words = std::map<std::string, T>;

/// What vectors are written as.
const Words<ElementType> vector_types{
    {"f32", ElementType::f32},
    {"f16", ElementType::f16},
    {"i8", ElementType::i8}};

/// CLI11's own say the whole range of a double.
const CLI::Validator above_zero{
    [](std::string& text) {
        return CLI::PositiveNumber(text).empty() ? std::string{}
                                                 : "expected a number above 0, found " + text;
    },
    "NUMBER"};
const CLI::Validator zero_or_more{
    [](std::string& text) {
        return CLI::NonNegativeNumber(text).empty()
                   ? std::string{}
                   : "expected a number, 0 or above, found " + text;
    },
    "NUMBER"};

/// An option that takes one of a few words.
template <class T, class Set>
void add_choice(
    CLI::App& verb,
    const std::string& name,
    const Words<T>& words,
    const std::string& help,
    Set set
) {
    std::string names;
    for (const auto& word : words) {
        names += (names.empty() ? "" : " | ") + word.first;
    }
    const auto choose = [name, names, words, set](const std::string& word) {
        const auto found = words.find(word);
        if (found == words.end()) {
            throw CLI::ValidationError(name, "expected " + names + ", found " + word);
        }
        set(found->second);
    };
    verb.add_option_function<std::string>(name, choose, names + ": " + help);
}

void add_job_options(CLI::App& verb, JobOptions& job) {
    verb.add_option("--threads", job.threads, "Threads of each rank; default: its cores")
        ->check(above_zero);
    const Words<command::ShowProgress> shows{
        {"auto", command::ShowProgress::automatic},
        {"always", command::ShowProgress::always},
        {"never", command::ShowProgress::never}};
    add_choice(verb, "--progress", shows, "how far long work is", [&job](auto show) {
        job.progress = show;
    });
    verb.add_option(
            "--stop-after", job.stop_after, "Seconds after which the job ends in order, with 75"
    )
        ->check(above_zero);
    verb.add_option(
            "--stall-timeout",
            job.stall_timeout,
            "Seconds that a rank waits for others that do not answer; 0 for ever; default: 600"
    )
        ->check(zero_or_more);
    verb.add_option(
        "--metrics", job.metrics, "A file for the figures of the run, as Prometheus text"
    );
    verb.add_option(
        "--trace", job.trace, "A file for what each thread did, for Perfetto and Chrome"
    );
    verb.add_option("--report", job.report, "A file for the page of the run, HTML");
    const Words<kg::LogLevel> levels{
        {"debug", kg::LogLevel::debug},
        {"info", kg::LogLevel::info},
        {"warning", kg::LogLevel::warning},
        {"error", kg::LogLevel::error}};
    add_choice(
        verb,
        "--log-level",
        levels,
        "what is worth telling; default: warning",
        [&job](auto level) { job.log_level = level; }
    );
    verb.add_option(
        "--config",
        job.config,
        "A file of options, name = value; [verb] begins those of one verb. The command line and "
        "KAYGRAPH_NAME "
        "variables weigh more"
    );
    verb.add_flag("--json", job.json, "The result as one JSON object on standard output");
    verb.add_flag("--quiet", job.quiet, "Nothing but warnings and errors on standard error");
}

void add_dry_run(CLI::App& verb, JobOptions& job) {
    verb.add_flag(
        "--dry-run", job.dry_run, "Tell what would be done and how large it is; write nothing"
    );
}

CLI::Option* add_format(CLI::App& verb, const char* name, std::optional<kg::MatrixFormat>& format) {
    return verb.add_option_function<std::string>(
        name,
        [&format](const std::string& text) { format = kg::parse_format(text); },
        "npy | fbin | u8bin | i8bin | ibin | fvecs | bvecs | ivecs | text; default: by the file's "
        "name"
    );
}

/// What a job takes that goes on where an earlier run was.
template <class Options>
void add_resume(CLI::App& verb, Options& options) {
    verb.add_flag("--fresh", options.resume.fresh, "Begin anew, whatever an earlier run left");
    verb.add_flag(
        "--verify",
        options.resume.verify_all,
        "Look at every block of an earlier run, not only at the latest"
    );
    const Words<kg::runs::Durability> words{
        {"block", kg::runs::Durability::block},
        {"batch", kg::runs::Durability::batch},
        {"none", kg::runs::Durability::none}};
    add_choice(
        verb,
        "--durability",
        words,
        "what a power cut may cost: nothing, a second of work, all; default: batch",
        [&options](auto durability) { options.durability = durability; }
    );
}

/// "12" is a count, "1.5%" a share.
kg::ErrorBudget parse_budget(const std::string& text) {
    const bool is_share = !text.empty() && text.back() == '%';
    const char* last = text.data() + text.size() - (is_share ? 1 : 0);
    double share = 0;
    std::size_t count = 0;
    const auto read = is_share ? std::from_chars(text.data(), last, share)
                               : std::from_chars(text.data(), last, count);
    if (read.ec != std::errc{} || read.ptr != last || share < 0 || share > 100) {
        throw CLI::ValidationError(
            "--max-errors", "expected a number or a share as 1%, found " + text
        );
    }
    return is_share ? kg::ErrorBudget{.share = share / 100} : kg::ErrorBudget{.count = count};
}

struct Embed {
    kg::jobs::EmbedOptions options;
    JobOptions job;
    bool has_budget = false;
    bool has_policy = false;

    void add_input(CLI::App& verb) {
        verb.add_option(
                "INPUT",
                options.inputs,
                "Files, patterns, directories, - for standard input; a text a line (.txt), a JSON "
                "object a line (.jsonl .ndjson .jsonlines; others as they begin), each also .gz "
                "and .zst"
        )
            ->required();
        verb.add_flag("--whole-files", options.whole_files, "Each file is one text");
        verb.add_option(
                "--include",
                options.include,
                "Names of files in directories, once for each; default: texts and JSON lines. What "
                "is "
                "hidden and what runs made is left out"
        )
            ->allow_extra_args(false)
            ->take_all();
        const Words<kg::TextFormat> formats{
            {"lines", kg::TextFormat::lines}, {"jsonl", kg::TextFormat::jsonl}};
        add_choice(
            verb,
            "--input-format",
            formats,
            "what files hold; default: by their names or first lines",
            [this](auto format) { options.input_format = format; }
        );
        verb.add_option(
                "--field",
                options.field,
                "Field of a JSON record that is the text; a.b walks into objects"
        )
            ->capture_default_str();
        verb.add_option(
            "--id-field", options.id_field, "Field whose values go to OUT.ids.jsonl, a line a row"
        );
    }

    void add_output(CLI::App& verb) {
        verb.add_option(
                "--model", options.model, "hash:DIM | fasttext:FILE | vec:FILE | static:DIR"
        )
            ->capture_default_str();
        verb.add_option("--out", options.out, "The matrix: row i is text i")->required();
        add_format(verb, "--format", options.format);
        add_choice(
            verb,
            "--dtype",
            vector_types,
            "elements of the matrix; default: f32",
            [this](auto type) { options.type = type; }
        );
        verb.add_option("--i8-scale", options.i8_scale, "i8 holds round(value x scale), within 127")
            ->capture_default_str();
        const Words<kg::jobs::Normalize> lengths{
            {"model", kg::jobs::Normalize::model},
            {"none", kg::jobs::Normalize::none},
            {"l2", kg::jobs::Normalize::l2}};
        add_choice(
            verb,
            "--normalize",
            lengths,
            "what happens to lengths; default: model",
            [this](auto length) { options.normalize = length; }
        );
        verb.add_option("--project", options.project, "A matrix file to multiply every vector by");
    }

    void add_policy(CLI::App& verb) {
        const Words<kg::jobs::OnReject> policies{
            {"error", kg::jobs::OnReject::error},
            {"skip", kg::jobs::OnReject::skip},
            {"zero-row", kg::jobs::OnReject::zero_row}};
        add_choice(
            verb,
            "--on-reject",
            policies,
            "a record that cannot be embedded ends the job, has no row, has a zero row; default: "
            "error, with --max-errors zero-row",
            [this](auto policy) {
                options.on_reject = policy;
                has_policy = true;
            }
        );
        verb.add_option_function<std::string>(
            "--max-errors",
            [this](const std::string& text) {
                options.max_errors = parse_budget(text);
                has_budget = true;
            },
            "Rejected records that are tolerated: N or P%; default 0, also with --on-reject skip"
        );
        verb.add_option("--block", options.block, "Texts in a block; default: by their number")
            ->check(above_zero);
    }

    Run add(CLI::App& app) {
        CLI::App* verb = app.add_subcommand("embed", "Turn texts into a matrix of their vectors");
        verb->footer(
            "Examples:\n"
            "  kaygraph embed notes.txt --out notes.npy\n"
            "  mpirun -n 2 kaygraph embed corpus/ --model fasttext:wiki.bin --out corpus.fbin "
            "--max-errors 1%"
        );
        add_input(*verb);
        add_output(*verb);
        add_policy(*verb);
        add_resume(*verb, options);
        add_job_options(*verb, job);
        add_dry_run(*verb, job);
        return [this](const kg::Runtime& ranks) {
            if (has_budget && !has_policy) {
                options.on_reject = kg::jobs::OnReject::zero_row;
            }
            return run_embed(options, job, ranks);
        };
    }
};

struct Convert {
    kg::jobs::ConvertOptions options;
    JobOptions job;

    Run add(CLI::App& app) {
        CLI::App* verb =
            app.add_subcommand("convert", "Copy a matrix into a file of another layout");
        verb->footer(
            "Examples:\n"
            "  kaygraph convert vectors.fvecs vectors.npy\n"
            "  kaygraph convert vectors.npy small.npy --dtype f16"
        );
        verb->add_option("IN", options.input, "A matrix file")->required();
        verb->add_option("OUT", options.out, "Where it goes; its name tells the layout")
            ->required();
        add_format(*verb, "--input-format", options.input_format);
        add_format(*verb, "--format", options.format);
        verb->add_option(
            "--tensor", options.tensor, "Of a safetensors file; default: its only matrix"
        );
        verb->add_option_function<std::string>(
            "--dtype",
            [this](const std::string& name) { options.type = kg::parse_element_type(name); },
            "f16 | f32 | f64 | i8 | u8 | i32 | i64: elements of OUT; default: as they are, or what "
            "the layout holds"
        );
        verb->add_option(
                "--i8-scale",
                options.i8_scale,
                "Floats become i8 as round(value x scale), within 127; integers stay as they are"
        )
            ->capture_default_str();
        add_resume(*verb, options);
        add_job_options(*verb, job);
        add_dry_run(*verb, job);
        return [this](const kg::Runtime& ranks) {
            return run_convert(options, job, ranks);
        };
    }
};

struct FitProjection {
    kg::jobs::FitProjectionOptions options;
    JobOptions job;

    Run add(CLI::App& app) {
        CLI::App* verb = app.add_subcommand(
            "fit-projection", "Find the axes along which vectors vary most (PCA)"
        );
        verb->footer(
            "Examples:\n"
            "  kaygraph fit-projection vectors.npy -d 64 --out axes.npy\n"
            "  kaygraph embed notes.txt --project axes.npy --out notes64.npy"
        );
        verb->add_option("VECTORS", options.input, "A matrix file")->required();
        verb->add_option("-d,--dimension", options.n_axes, "Number of axes")
            ->required()
            ->check(above_zero);
        verb->add_option("--out", options.out, "The matrix to multiply with, for embed --project")
            ->required();
        add_job_options(*verb, job);
        add_dry_run(*verb, job);
        return [this](const kg::Runtime& ranks) {
            return run_fit_projection(options, job, ranks);
        };
    }
};

struct Verify {
    kg::jobs::VerifyOptions options;
    JobOptions job;

    Run add(CLI::App& app) {
        CLI::App* verb = app.add_subcommand(
            "verify",
            "Compare an output with what its run wrote down of it; 65 where it differs, 75 where "
            "it is not "
            "complete"
        );
        verb->footer(
            "Examples:\n"
            "  kaygraph verify notes.npy\n"
            "  mpirun -n 8 kaygraph verify corpus.npy"
        );
        verb->add_option("FILE", options.file, "An output that has its FILE.run")->required();
        add_job_options(*verb, job);
        return [this](const kg::Runtime& ranks) {
            return run_verify(options, job, ranks);
        };
    }
};

struct Report {
    std::string directory;
    std::string out;

    Run add(CLI::App& app) {
        CLI::App* verb =
            app.add_subcommand("report", "Make the page of a run: open it in a browser");
        verb->footer(
            "Examples:\n"
            "  kaygraph report notes.npy.run\n"
            "  kaygraph report notes.npy --out notes.html"
        );
        verb->add_option("RUN", directory, "A run directory, OUT.run, or its output")->required();
        verb->add_option("--out", out, "Where the page goes; default: RUN/report.html");
        return [this](const kg::Runtime& ranks) {
            return command::run_report(directory, out, ranks);
        };
    }
};

struct SelfTest {
    std::string directory = ".";

    Run add(CLI::App& app) {
        CLI::App* verb = app.add_subcommand(
            "selftest", "Try on this machine what the promises rest on: kernels, files, ranks"
        );
        verb->footer(
            "Examples:\n"
            "  kaygraph selftest\n"
            "  mpirun -n 4 kaygraph selftest --directory /scratch/me"
        );
        verb->add_option("--directory", directory, "A folder that all ranks share, to write into")
            ->capture_default_str();
        return [this](const kg::Runtime& ranks) {
            return command::run_selftest(directory, ranks);
        };
    }
};

struct Info {
    std::string file;
    bool json = false;

    Run add(CLI::App& app) {
        CLI::App* verb = app.add_subcommand(
            "info", "Tell of this build, its ranks, threads and cores; or of a file"
        );
        verb->footer(
            "Examples:\n"
            "  kaygraph info\n"
            "  kaygraph info vectors.npy\n"
            "  mpirun -n 2 --bind-to none kaygraph info    where the ranks of a job are"
        );
        verb->add_option(
            "FILE", file, "A matrix, a fastText model, word vectors, or a model's directory"
        );
        verb->add_flag("--json", json, "One JSON object on standard output");
        return [this](const kg::Runtime& ranks) {
            return file.empty() ? command::show_info(json, ranks)
                                : command::show_file(file, json, ranks);
        };
    }
};

/// What a file of options says for a verb: names of options and their values.
std::map<std::string, std::vector<std::string>> options_of_file(
    const std::string& path,
    const std::string& verb,
    const std::vector<command::KnownOption>& known
) {
    std::map<std::string, std::vector<std::string>> values;
    for (const CLI::ConfigItem& item : CLI::ConfigTOML{}.from_file(path)) {
        const bool is_section = item.name == "++" || item.name == "--";
        const bool is_of_verb = item.parents.empty() || item.parents.front() == verb;
        if (is_section || !is_of_verb) {
            continue;
        }
        const bool is_known =
            std::any_of(known.begin(), known.end(), [&](const command::KnownOption& option) {
                return option.name == item.name;
            });
        if (!is_known && !item.parents.empty()) {
            throw kg::ArgumentError(
                "'" + verb + "' has no option '" + item.name + "'", {.file = path}
            );
        }
        if (is_known) {  // what is above the sections is for verbs that have it
            values[item.name] = item.inputs;
        }
    }
    return values;
}

/// The command line, with what variables and a file add to it.
std::vector<std::string> effective_arguments(const CLI::App& app, int argc, char** argv) {
    std::vector<std::string> arguments{argv + 1, argv + argc};
    const auto verbs = app.get_subcommands([&](const CLI::App* verb) {
        return !arguments.empty() && verb->get_name() == arguments[0];
    });
    if (verbs.empty()) {
        if (!arguments.empty() && arguments[0].rfind('-', 0) != 0) {
            throw kg::ArgumentError(
                "there is no verb '" + arguments[0] + "'; kaygraph --help tells all"
            );
        }
        return arguments;
    }
    const CLI::App* verb = verbs.front();
    std::vector<command::KnownOption> known;
    for (const CLI::Option* option : verb->get_options()) {
        for (const std::string& name : option->get_lnames()) {
            if (name != "help" && name != "config") {
                known.push_back({name, option->get_items_expected_max() > 0});
            }
        }
    }
    std::string config = command::value_of(arguments, "--config");
    if (config.empty() && verb->get_option_no_throw("--config") != nullptr) {
        config = command::environment(command::variable_of("config")).value_or("");
    }
    std::map<std::string, std::vector<std::string>> of_file;
    if (!config.empty()) {
        of_file = options_of_file(config, arguments[0], known);
    }
    command::refuse_unknown(arguments, known);
    command::add_settings(arguments, known, of_file, command::environment);
    return arguments;
}

/// A verb, and its options as a job.
struct Verb {
    Run run;
    JobOptions* job = nullptr;
};

int run_command(int argc, char** argv) {
    CLI::App app{"Batch jobs on CPU clusters: the same bytes for any number of ranks and threads."};
    app.set_version_flag("--version", std::string{kg::version()});
    app.require_subcommand(1);
    app.footer("Each verb tells more: kaygraph embed --help");
    Embed embed;
    Convert convert;
    FitProjection fit;
    Verify verify;
    Report report;
    SelfTest selftest;
    Info info;
    const std::map<std::string, Verb> verbs{
        {"embed", {embed.add(app), &embed.job}},
        {"convert", {convert.add(app), &convert.job}},
        {"fit-projection", {fit.add(app), &fit.job}},
        {"verify", {verify.add(app), &verify.job}},
        {"report", {report.add(app)}},
        {"selftest", {selftest.add(app)}},
        {"info", {info.add(app)}}};
    std::vector<std::string> arguments;
    try {
        arguments = effective_arguments(app, argc, argv);
        std::vector<std::string> reversed{
            arguments.rbegin(), arguments.rend()};  // as CLI11 takes them
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        if (!command::is_spokesman()) {  // one rank tells
            return error.get_exit_code() == 0 ? command::complete : command::usage;
        }
        return app.exit(error) == 0 ? command::complete : command::usage;
    }
    const std::string name = app.get_subcommands().front()->get_name();
    const Verb& verb = verbs.at(name);
    std::optional<double> stall_timeout;
    if (verb.job != nullptr) {
        arguments.insert(arguments.begin(), "kaygraph");
        command::listen_to_signals();  // before MPI starts: a signal may come at any time
        verb.job->command = command::as_typed(arguments);
        stall_timeout = verb.job->stall_timeout;
    }
    const int code = command::run_on_ranks(argc, argv, name, stall_timeout, verb.run);
    if (!std::cout.flush() && code == command::complete) {
        std::cerr << "kaygraph " << name << ": cannot write to standard output\n";
        return command::io_failed;
    }
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    command::open_standard_streams();
    try {
        return run_command(argc, argv);
    } catch (const kg::Error& error) {  // of an option's value
        if (command::is_spokesman()) {
            std::cerr << "kaygraph: " << error.what() << "\n";
        }
        return command::exit_code(error.code());
    } catch (const std::exception& error) {
        std::cerr << "kaygraph: " << error.what() << "\n";
        return command::failed;
    }
}
