// The command. Public headers only: what it can do, a program of yours can.
#include "common_options.hpp"
#include "effective_options.hpp"
#include "launch.hpp"
#include "nearest.hpp"
#include "stop_requests.hpp"
#include "verbs.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/version.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace kg = kaygraph;
using command::add_choice;
using command::JobOptions;
using command::Words;

/// What a verb does once the command line is read.
using Run = std::function<int(const kg::Runtime&)>;

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
                "Names of files in directories, once for each; default: texts and JSON lines, "
                "with --whole-files all. What is hidden and what runs made is left out"
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
            "Field of a JSON record that is the text; a.b is that key, or walks into objects; "
            "default: text"
        );
        verb.add_option(
            "--id-field", options.id_field, "Field whose values go to OUT.ids.jsonl, a line a row"
        );
    }

    void add_output(CLI::App& verb) {
        verb.add_option(
                "--model", options.model, "hash:DIM | fasttext:FILE | vec:FILE | static:DIR"
        )
            ->capture_default_str();
        verb.add_option("--out", options.out, "The matrix: row i is text i; - for standard output")
            ->required();
        command::add_format(verb, "--format", options.format);
        add_choice(
            verb,
            "--dtype",
            command::output_types,
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
                options.max_errors = command::parse_budget(text);
                has_budget = true;
            },
            "Rejected records that are tolerated: N or P%; default 0, also with --on-reject skip"
        );
        verb.add_option("--block", options.block, "Texts in a block; default: by their number")
            ->check(command::above_zero);
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
        command::add_resume(*verb, options);
        command::add_job_options(*verb, job);
        return [this, verb](const kg::Runtime& ranks) {
            if (has_budget && !has_policy) {
                options.on_reject = kg::jobs::OnReject::zero_row;
            }
            require_effect(*verb);
            return run_embed(options, job, ranks);
        };
    }

    /// What is asked for and would do nothing is a mistake.
    void require_effect(const CLI::App& verb) const {
        if (verb.count("--i8-scale") != 0 && options.type != kg::ElementType::i8) {
            throw kg::ArgumentError("--i8-scale is for --dtype i8");
        }
        if (has_policy && options.on_reject == kg::jobs::OnReject::error
            && options.max_errors.count.value_or(1) != 0) {
            throw kg::ArgumentError(
                "--on-reject error ends with the first rejected record: --max-errors needs "
                "--on-reject skip or zero-row"
            );
        }
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
        verb->add_option(
                "OUT",
                options.out,
                "Where it goes; its name tells the layout; - for standard output"
        )
            ->required();
        command::add_format(*verb, "--input-format", options.input_format);
        command::add_format(*verb, "--format", options.format);
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
            "Floats become i8 as round(value x scale), within 127; integers stay as they are, and "
            "without this those of a text; default: 127"
        );
        command::add_resume(*verb, options);
        command::add_job_options(*verb, job);
        return [this, verb](const kg::Runtime& ranks) {
            require_effect(*verb);
            return run_convert(options, job, ranks);
        };
    }

    void require_effect(const CLI::App& verb) const {
        const auto format_of = [](const auto& given, const std::string& path) {
            return given ? *given : path == "-" ? kg::MatrixFormat::npy : kg::format_of_path(path);
        };
        const bool is_i8 = options.type
                               ? *options.type == kg::ElementType::i8
                               : format_of(options.format, options.out) == kg::MatrixFormat::i8bin;
        if (verb.count("--i8-scale") != 0 && !is_i8) {
            throw kg::ArgumentError("--i8-scale is for --dtype i8");
        }
        if (!options.tensor.empty()
            && format_of(options.input_format, options.input) != kg::MatrixFormat::safetensors) {
            throw kg::ArgumentError("--tensor is for an input of safetensors");
        }
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
            ->check(command::above_zero);
        verb->add_option("--out", options.out, "The matrix to multiply with, for embed --project")
            ->required();
        command::add_format(*verb, "--format", options.format);
        command::add_begin(*verb, options);
        command::add_job_options(*verb, job);
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
        command::add_talk_options(*verb, job);
        return [this](const kg::Runtime& ranks) {
            return run_verify(options, job, ranks);
        };
    }
};

struct Report {
    std::string directory;
    std::string out;
    bool overwrite = false;

    Run add(CLI::App& app) {
        CLI::App* verb =
            app.add_subcommand("report", "Make the page of a run: open it in a browser");
        verb->footer(
            "Examples:\n"
            "  kaygraph report notes.npy.run\n"
            "  kaygraph report notes.npy --out notes.html"
        );
        verb->add_option("RUN", directory, "A run directory, OUT.run, or its output")->required();
        verb->add_option(
            "--out", out, "Where the page goes, - for standard output; default: RUN/report.html"
        );
        verb->add_flag("--overwrite", overwrite, "Replace a file that is no page of a run");
        return [this](const kg::Runtime& ranks) {
            return command::run_report(directory, out, overwrite, ranks);
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

/// The options of each verb, as settings elsewhere may name them.
command::KnownVerbs known_verbs(const CLI::App& app) {
    command::KnownVerbs verbs;
    for (const CLI::App* verb : app.get_subcommands({})) {
        std::vector<command::KnownOption>& known = verbs[verb->get_name()];
        for (const CLI::Option* option : verb->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                if (name != "help" && name != "config") {
                    known.push_back({name, option->get_items_expected_max() > 0});
                }
            }
        }
    }
    return verbs;
}

/// A verb, and its options as a job.
struct Verb {
    Run run;
    JobOptions* job = nullptr;
};

/// The verbs, and what a command line is read into.
struct CommandLine {
    CLI::App app{"Batch jobs on CPU clusters: the same bytes for any number of ranks and threads."};
    Embed embed;
    Convert convert;
    FitProjection fit;
    Verify verify;
    Report report;
    SelfTest selftest;
    Info info;
    std::map<std::string, Verb> verbs;

    CommandLine() {
        app.set_version_flag("--version", std::string{kg::version()});
        app.require_subcommand(1);
        app.footer("Each verb tells more: kaygraph embed --help");
        verbs = {
            {"embed", {embed.add(app), &embed.job}},
            {"convert", {convert.add(app), &convert.job}},
            {"fit-projection", {fit.add(app), &fit.job}},
            {"verify", {verify.add(app), &verify.job}},
            {"report", {report.add(app)}},
            {"selftest", {selftest.add(app)}},
            {"info", {info.add(app)}}};
    }

    void parse(const std::vector<std::string>& arguments) {
        app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});  // CLI11's order
    }
};

/// Adds to a command line what variables and a file say; `origins` gets from where each option is that it did not have.
void add_surroundings(
    const CLI::App& app,
    const command::KnownVerbs& verbs,
    std::vector<std::string>& arguments,
    command::Origins& origins
) {
    if (arguments.empty() || arguments[0].rfind('-', 0) == 0) {
        return;
    }
    const auto verb = verbs.find(arguments[0]);
    if (verb == verbs.end()) {
        std::vector<std::string> names;
        for (const auto& [name, options] : verbs) {
            names.push_back(name);
        }
        throw kg::ArgumentError(
            "there is no verb '" + arguments[0] + "'" + command::did_you_mean(arguments[0], names)
            + "; kaygraph --help tells all"
        );
    }
    command::refuse_unknown(arguments, verb->second);
    command::refuse_wrong_variables();
    std::string config = command::value_of(arguments, "--config");
    if (config.empty()
        && app.get_subcommand(verb->first)->get_option_no_throw("--config") != nullptr) {
        config = command::environment(command::variable_of("config")).value_or("");
        if (!config.empty()) {
            arguments.push_back("--config=" + config);
        }
    }
    command::ConfigFile file;
    if (!config.empty()) {
        file = command::read_config_file(config);
        command::refuse_unknown(file, config, verbs);
    }
    CommandLine trial;
    const auto parse = [&](const std::vector<std::string>& tried) {
        try {
            trial.parse(tried);
        } catch (const CLI::RequiredError&) {  // values are judged before
        }
    };
    command::refuse_wrong_values(
        verbs, verb->first, file, config, command::environment, parse, origins
    );
    origins = command::add_settings(arguments, verb->second, file, config, command::environment);
}

int run_command(int argc, char** argv) {
    CommandLine line;
    CLI::App& app = line.app;
    std::vector<std::string> arguments{argv + 1, argv + argc};
    command::Origins origins;
    const auto tell = [](const std::string& text) {
        if (!text.empty() && command::is_spokesman()) {  // one rank tells
            std::cerr << "kaygraph: " << text << "\n";
        }
    };
    try {
        const command::KnownVerbs known = known_verbs(app);
        add_surroundings(app, known, arguments, origins);
        tell(command::unknown_variables(known));
        line.parse(arguments);
    } catch (const CLI::ParseError& error) {
        const bool is_error = error.get_exit_code() != 0;
        if (is_error && command::is_spokesman()) {
            app.exit(error);
            tell(command::origins_in(error.what(), origins));
        } else if (command::is_spokesman()) {
            app.exit(error);
        }
        return is_error ? command::usage : command::complete;
    } catch (const kg::Error& error) {  // of an option's value
        tell(error.what());
        tell(command::origins_in(error.what(), origins));
        return command::exit_code(error.code());
    }
    const std::string name = app.get_subcommands().front()->get_name();
    const Verb& verb = line.verbs.at(name);
    command::Together together{.lone_tasks = name == "info"};
    if (verb.job != nullptr) {
        arguments.insert(arguments.begin(), "kaygraph");
        command::listen_to_signals();  // before MPI starts: a signal may come at any time
        verb.job->command = command::as_typed(arguments);
        together.stall_timeout = verb.job->stall_timeout;
        together.alone = verb.job->alone;
    }
    const int code = command::run_on_ranks(argc, argv, name, together, verb.run);
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
    } catch (const std::exception& error) {
        std::cerr << "kaygraph: " << error.what() << "\n";
        return command::failed;
    }
}
