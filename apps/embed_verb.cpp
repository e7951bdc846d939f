#include "job_talk.hpp"
#include "launch.hpp"
#include "standard_output.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/json_text.hpp>

#include <chrono>
#include <utility>

namespace command {
namespace kg = kaygraph;
namespace {

std::string rate_of(double n, double seconds) {
    return kg::short_decimal(seconds > 0 ? n / seconds : 0, 3);
}

/// A line on what was found in directories and not taken.
std::string told(const kg::LeftOut& left_out) {
    const std::string text = left_out.describe();
    return text.empty() ? "" : "\n  left out of the inputs: " + text;
}

std::string json_of(const kg::LeftOut& left_out) {
    std::string text;
    const auto add = [&](const char* reason, std::uint64_t n) {
        text += (text.empty() ? "{" : ", ") + kg::json_quoted(reason) + ": " + std::to_string(n);
    };
    add("hidden", left_out.hidden);
    add("run_directories", left_out.run_directories);
    add("products", left_out.products);
    add("other_names", left_out.other_names);
    add("other_json", left_out.other_json);
    add("no_files", left_out.no_files);
    return text + "}";
}

std::string sentence(const kg::jobs::EmbedOptions& options, const kg::jobs::EmbedResult& done) {
    if (done.was_complete) {
        return options.out + ": already complete, " + std::to_string(done.rows) + " x "
               + std::to_string(done.cols) + "; --fresh makes it anew" + told(done.left_out);
    }
    const double elapsed = done.report.elapsed.count();
    std::string text = options.out + ": " + std::to_string(done.rows) + " x "
                       + std::to_string(done.cols) + " " + std::string{to_string(options.type)}
                       + " in " + kg::short_decimal(elapsed, 3) + " s, "
                       + rate_of(static_cast<double>(done.rows), elapsed) + " texts/s, "
                       + rate_of(static_cast<double>(done.counts.tokens), elapsed) + " tokens/s";
    const auto add = [&](std::uint64_t n, const std::string& what) {
        if (n != 0) {
            text += "\n  " + what;
        }
    };
    text += told(done.left_out);
    add(done.n_resumed, counted(done.n_resumed, "text") + " embedded by earlier runs");
    add(done.counts.empty_texts,
        counted(done.counts.empty_texts, "empty text") + " in this run: zero rows");
    add(done.counts.unknown_texts,
        counted(done.counts.unknown_texts, "text")
            + " without a token that the model knows: zero rows");
    text += done.losses.describe(options.type);
    add(done.n_rejected,
        std::to_string(done.n_rejected) + " rejected"
            + (options.stream ? "" : ": see " + options.out + ".run/rejects.jsonl"));
    return text;
}

int tell_plan(
    JobTalk& talk,
    const kg::jobs::EmbedOptions& options,
    const kg::jobs::EmbedPlan& plan
) {
    const auto number = [](auto n) {
        return std::to_string(n);
    };
    const std::uint64_t n_blocks = (plan.n_items + plan.block_size - 1) / plan.block_size;
    const auto megabytes = [](std::uint64_t bytes) {
        return kg::short_decimal(static_cast<double>(bytes) * 1e-6, 4) + " MB";
    };
    talk.end(
        "would embed " + counted(plan.n_items, "text") + " of " + counted(plan.n_inputs, "file")
            + ", " + megabytes(plan.input_bytes) + ", in " + counted(n_blocks, "block") + " of "
            + number(plan.block_size) + told(plan.left_out) + "\n  model: " + plan.model + "\n  "
            + options.out + ": " + number(plan.n_items) + " x " + number(plan.cols) + " "
            + std::string{to_string(options.type)} + ", " + megabytes(plan.output_bytes)
            + "\n  memory of a rank: about " + megabytes(plan.memory_bytes)
            + "\n  nothing was written",
        {{"dry_run", "true"},
         {"inputs", number(plan.n_inputs)},
         {"left_out", json_of(plan.left_out)},
         {"input_bytes", number(plan.input_bytes)},
         {"items", number(plan.n_items)},
         {"blocks", number(n_blocks)},
         {"block_size", number(plan.block_size)},
         {"cols", number(plan.cols)},
         {"output_bytes", number(plan.output_bytes)},
         {"memory_bytes", number(plan.memory_bytes)}}
    );
    return 0;
}

int embed_texts(kg::jobs::EmbedOptions options, const JobOptions& job, const kg::Runtime& ranks) {
    JobTalk talk{"embed", job, ranks};
    talk.listen_to(options);
    use_standard_output(options, job, ranks);
    if (job.dry_run) {
        return tell_plan(talk, options, kg::jobs::plan_embed(options, talk.run_options()));
    }
    const kg::jobs::EmbedResult done = kg::jobs::embed(options, talk.run_options());
    const auto number = [](auto n) {
        return std::to_string(n);
    };
    talk.end(
        "model: " + done.model + "\n" + sentence(options, done),
        {{"output", kg::json_quoted(options.out)},
         {"rows", number(done.rows)},
         {"cols", number(done.cols)},
         {"dtype", kg::json_quoted(to_string(options.type))},
         {"model", kg::json_quoted(done.model)},
         {"inputs", number(done.n_inputs)},
         {"left_out", json_of(done.left_out)},
         {"input_bytes", number(done.input_bytes)},
         {"texts", number(done.counts.texts)},
         {"empty_texts", number(done.counts.empty_texts)},
         {"unknown_texts", number(done.counts.unknown_texts)},
         {"tokens", number(done.counts.tokens)},
         {"unknown_tokens", number(done.counts.unknown_tokens)},
         {"rejected", number(done.n_rejected)},
         {"resumed", number(done.n_resumed)},
         {"was_complete", done.was_complete ? "true" : "false"},
         {"clamped", number(done.losses.clamped)},
         {"infinite", number(done.losses.infinite)},
         {"not_numbers", number(done.losses.not_numbers)},
         {"ranks", number(ranks.size())},
         {"seconds", kg::short_decimal(done.report.elapsed.count(), 6)}}
    );
    return 0;
}

}  // namespace

int run_embed(kg::jobs::EmbedOptions options, const JobOptions& job, const kg::Runtime& ranks) {
    return with_a_reader(ranks, [&] { return embed_texts(std::move(options), job, ranks); });
}

}  // namespace command
