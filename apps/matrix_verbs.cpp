#include "job_talk.hpp"
#include "standard_output.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace command {
namespace kg = kaygraph;
namespace {

/// Tells what would be made of a matrix, by its header alone.
void tell_plan(
    JobTalk& talk,
    const kg::MatrixReader& reader,
    const std::string& out,
    const kg::MatrixInfo& made
) {
    const auto shape = [](const kg::MatrixInfo& info) {
        return std::to_string(info.rows) + " x " + std::to_string(info.cols) + " "
               + std::string{to_string(info.type)} + " (" + std::string{to_string(info.format)}
               + ")";
    };
    const std::uint64_t bytes = made.rows * made.cols * kg::size_of(made.type);
    talk.end(
        "would read " + reader.path() + ": " + shape(reader.info()) + "\n  " + out + ": "
            + shape(made) + ", " + kg::short_decimal(static_cast<double>(bytes) * 1e-6, 4)
            + " MB\n  nothing was written",
        {{"dry_run", "true"},
         {"output", kg::json_quoted(out)},
         {"rows", std::to_string(made.rows)},
         {"cols", std::to_string(made.cols)},
         {"dtype", kg::json_quoted(to_string(made.type))},
         {"output_bytes", std::to_string(bytes)}}
    );
}

kg::MatrixFormat format_for(const std::string& out, std::optional<kg::MatrixFormat> format) {
    return format ? *format : kg::format_of_path(out);
}

int convert_matrix(
    kg::jobs::ConvertOptions options,
    const JobOptions& job,
    const kg::Runtime& ranks
) {
    JobTalk talk{"convert", job, ranks};
    talk.listen_to(options);
    use_standard_output(options, job, ranks);
    if (job.dry_run) {
        const kg::MatrixReader reader{options.input, options.input_format, options.tensor};
        kg::MatrixInfo made = reader.info();
        made.format = format_for(options.out, options.format);
        made.type = kg::jobs::type_of_converted(options, made.format, made.type);
        tell_plan(talk, reader, options.out, made);
        return 0;
    }
    const kg::jobs::ConvertResult done = kg::jobs::convert(options, talk.run_options());
    const std::string shape = std::to_string(done.rows) + " x " + std::to_string(done.cols);
    std::string text = options.out + ": " + shape + " " + std::string{to_string(done.to)} + " ("
                       + std::string{to_string(done.format)} + ") from "
                       + std::string{to_string(done.from)} + " ("
                       + std::string{to_string(done.input_format)} + ") in "
                       + kg::short_decimal(done.report.elapsed.count(), 3) + " s";
    if (done.was_complete) {
        text = options.out + ": already complete, " + shape + "; --fresh makes it anew";
    } else if (done.n_resumed != 0) {
        text += "\n  " + std::to_string(done.n_resumed) + " rows copied by earlier runs";
    }
    text += done.losses.describe(done.to);
    talk.end(
        text,
        {{"output", kg::json_quoted(options.out)},
         {"rows", std::to_string(done.rows)},
         {"cols", std::to_string(done.cols)},
         {"from", kg::json_quoted(to_string(done.from))},
         {"dtype", kg::json_quoted(to_string(done.to))},
         {"clamped", std::to_string(done.losses.clamped)},
         {"infinite", std::to_string(done.losses.infinite)},
         {"not_numbers", std::to_string(done.losses.not_numbers)},
         {"rounded", std::to_string(done.losses.rounded)},
         {"resumed", std::to_string(done.n_resumed)},
         {"was_complete", done.was_complete ? "true" : "false"},
         {"seconds", kg::short_decimal(done.report.elapsed.count(), 6)}}
    );
    return 0;
}

int fit_matrix(
    kg::jobs::FitProjectionOptions options,
    const JobOptions& job,
    const kg::Runtime& ranks
) {
    JobTalk talk{"fit-projection", job, ranks};
    talk.listen_to(options);
    use_standard_output(options, job, ranks);
    if (job.dry_run) {
        const kg::MatrixReader reader{options.input};
        kg::MatrixInfo made = reader.info();
        made.format = format_for(options.out, options.format);
        made.type = kg::ElementType::f32;
        made.rows = made.cols;
        made.cols = options.n_axes;
        tell_plan(talk, reader, options.out, made);
        return 0;
    }
    const kg::jobs::FitProjectionResult done =
        kg::jobs::fit_projection(options, talk.run_options());
    double explained = 0;
    std::string shares;
    for (const double share : done.explained_shares) {
        explained += share;
        shares += (shares.empty() ? "" : ", ") + kg::short_decimal(share, 6);
    }
    talk.end(
        options.out + ": " + (done.was_complete ? "already complete, " : "")
            + std::to_string(done.cols) + " x " + std::to_string(done.explained_shares.size())
            + " from " + std::to_string(done.rows) + " vectors, explains "
            + kg::fixed_decimal(100 * explained, 1) + " % of their variance"
            + (done.was_complete ? "; --fresh makes it anew" : ""),
        {{"output", kg::json_quoted(options.out)},
         {"rows", std::to_string(done.rows)},
         {"cols", std::to_string(done.cols)},
         {"explained_shares", "[" + shares + "]"},
         {"was_complete", done.was_complete ? "true" : "false"},
         {"seconds", kg::short_decimal(done.report.elapsed.count(), 6)}}
    );
    return 0;
}

}  // namespace

int run_convert(kg::jobs::ConvertOptions options, const JobOptions& job, const kg::Runtime& ranks) {
    return with_a_reader(ranks, [&] { return convert_matrix(std::move(options), job, ranks); });
}

int run_fit_projection(
    kg::jobs::FitProjectionOptions options,
    const JobOptions& job,
    const kg::Runtime& ranks
) {
    return with_a_reader(ranks, [&] { return fit_matrix(std::move(options), job, ranks); });
}

}  // namespace command
