#include "job_talk.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/json_text.hpp>

namespace command {
namespace kg = kaygraph;

int run_convert(kg::jobs::ConvertOptions options, const JobOptions& job, const kg::Runtime& ranks) {
    JobTalk talk{"convert", job, ranks};
    talk.listen_to(options);
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
    if (done.n_clamped != 0) {
        text += "\n  " + std::to_string(done.n_clamped)
                + " elements clamped to i8: a smaller --i8-scale keeps them";
    }
    talk.end(
        text,
        {{"output", kg::json_quoted(options.out)},
         {"rows", std::to_string(done.rows)},
         {"cols", std::to_string(done.cols)},
         {"from", kg::json_quoted(to_string(done.from))},
         {"dtype", kg::json_quoted(to_string(done.to))},
         {"clamped", std::to_string(done.n_clamped)},
         {"seconds", kg::short_decimal(done.report.elapsed.count(), 6)}}
    );
    return 0;
}

int run_fit_projection(
    kg::jobs::FitProjectionOptions options,
    const JobOptions& job,
    const kg::Runtime& ranks
) {
    JobTalk talk{"fit-projection", job, ranks};
    talk.listen_to(options);
    const kg::jobs::FitProjectionResult done =
        kg::jobs::fit_projection(options, talk.run_options());
    double explained = 0;
    std::string shares;
    for (const double share : done.explained_shares) {
        explained += share;
        shares += (shares.empty() ? "" : ", ") + kg::short_decimal(share, 6);
    }
    talk.end(
        options.out + ": " + std::to_string(done.cols) + " x "
            + std::to_string(done.explained_shares.size()) + " from " + std::to_string(done.rows)
            + " vectors, explains " + kg::fixed_decimal(100 * explained, 1)
            + " % of their variance",
        {{"output", kg::json_quoted(options.out)},
         {"rows", std::to_string(done.rows)},
         {"cols", std::to_string(done.cols)},
         {"explained_shares", "[" + shares + "]"},
         {"seconds", kg::short_decimal(done.report.elapsed.count(), 6)}}
    );
    return 0;
}

}  // namespace command
