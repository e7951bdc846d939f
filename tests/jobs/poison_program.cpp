// poison_program IN OUT THREADS [clean]: the embed job with a model that some texts end. The test behind it starts it again
// and again: tests/jobs/poison.sh.
#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/runs/crash_note.hpp>
#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/mpi.hpp>
#endif

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace kg = kaygraph;

class Scratch final : public kg::models::EmbedScratch {};

/// Gives each text its length and its first byte, unless the text has other plans.
class Poisoned final : public kg::models::Embedder {
public:
    explicit Poisoned(bool is_clean) : is_clean_(is_clean) {}

    std::size_t dimension() const noexcept override { return 2; }
    std::string description() const override { return "poisoned"; }
    std::unique_ptr<kg::models::EmbedScratch> make_scratch() const override {
        return std::make_unique<Scratch>();
    }
    void embed(
        std::span<const std::string_view> texts,
        kg::MatrixView<float> out,
        kg::models::EmbedScratch& scratch
    ) const override {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (!is_clean_) {
                act(texts[i]);
            }
            out.row(i)[0] = static_cast<float>(texts[i].size());
            out.row(i)[1] = texts[i].empty() ? 0.0F : static_cast<float>(texts[i][0]);
            ++scratch.counts.texts;
        }
    }

private:
    static void act(std::string_view text) {
        if (text == "please throw") {
            throw std::runtime_error("as planned");
        }
        if (text == "please take a terabyte") {
            const std::vector<char> bytes(std::size_t{1} << 40U, 'x');
            std::cerr << bytes[7] << "\n";
        }
        if (text == "please crash") {
            volatile int* nowhere = nullptr;
            *nowhere = 1;
        }
        if (text == "please be killed") {
            std::raise(SIGKILL);
        }
    }

    bool is_clean_;
};

void on_crash(int number) {
    kg::runs::note_crash();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

int run(const std::vector<std::string>& arguments, const kg::Runtime& ranks) {
    const bool is_clean = arguments.size() > 3;
    kg::jobs::EmbedOptions options{
        .inputs = {arguments.at(0)},
        .model = "poisoned",
        .embedder = std::make_shared<Poisoned>(is_clean),
        .out = arguments.at(1)};
    options.on_reject = kg::jobs::OnReject::zero_row;
    options.max_errors = {.count = 1000};
    options.block = 64;
    kg::RunOptions run{.threads = std::stoul(arguments.at(2)), .ranks = ranks};
    if (ranks.rank() == 0) {
        run.log = kg::Log{[](const kg::LogRecord& record) {
            std::cerr << record.text << "\n";
        }};
    }
    try {
        const auto done = kg::jobs::embed(options, run);
        if (ranks.rank() == 0) {
            std::cout << done.n_rejected << " rejected\n";
        }
        return 0;
    } catch (const kg::CommunicationError&) {
        throw;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGSEGV, on_crash);
    const std::vector<std::string> arguments{argv + 1, argv + argc};
#ifdef KAYGRAPH_WITH_MPI
    if (kg::launched_task()) {
        return kg::mpi::Session::run(argc, argv, [&](kg::mpi::Session& session) {
            return run(arguments, session.runtime());
        });
    }
#endif
    return run(arguments, {});
}
