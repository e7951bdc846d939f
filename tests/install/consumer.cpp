// What a user's program does first: texts from a file, vectors from models, a graph over the public headers; linked from
// outside the project. It needs all libraries that kaygraph itself was built with.
#include <kaygraph/files/text_source.hpp>
#include <kaygraph/kaygraph.hpp>
#include <kaygraph/models/embedder.hpp>

#ifdef _OPENMP
#    include <omp.h>
#endif

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace kg = kaygraph;

// What programs derive from the library's classes, and what holds its objects: no compiler may warn of it.
struct NoWords : kg::Error {
    NoWords() : kg::Error(kg::ErrorCode::malformed, "no words") {}
};
struct NoSink final : kg::Sink {
    void open(const kg::SinkShape& /*shape*/) override {}
    void write(const kg::Block& /*block*/, const kg::BlockOutput& /*output*/) override {}
    void finish() override {}
};
struct One : kg::Node {
    int exec() const { return 1; }
    void post(kg::Store& shared, int one) const { shared.set("one", one); }
};
struct Job {
    kg::Graph graph{"job"};
    kg::Store shared = {};
};

namespace {

/// A static model of three tokens, with rows (i, 10 i); its tokenizer takes accents away.
std::string write_model() {
    const std::filesystem::path folder = "model";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "tokenizer.json"}
        << R"({"version": "1.0", "added_tokens": [], "normalizer": {"type": "BertNormalizer", "clean_text": true,
            "handle_chinese_chars": true, "strip_accents": true, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"type": "WordPiece", "unk_token": "[UNK]",
            "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "ou": 2}}})";
    std::ofstream{folder / "config.json"} << R"({"normalize": false})";
    const std::string head =
        R"({"embeddings":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}})";
    const std::uint64_t length = head.size();
    const float rows[] = {0, 0, 1, 10, 2, 20};
    std::ofstream tensors{folder / "model.safetensors", std::ios::binary};
    tensors.write(reinterpret_cast<const char*>(&length), sizeof(length));
    tensors << head;
    tensors.write(reinterpret_cast<const char*>(rows), sizeof(rows));
    return "static:" + folder.string();
}

std::vector<float> vector_of(const std::string& model, std::string_view text) {
    const auto embedder = kg::models::open_embedder(model);
    std::vector<float> row(embedder->dimension());
    const auto scratch = embedder->make_scratch();
    embedder->embed({&text, 1}, {row.data(), 1, row.size()}, *scratch);
    return row;
}

/// Whether the program's own teams are what they should be, beside those of the library.
bool own_threads_count() {
#ifdef _OPENMP
    int sum = 0;
#    pragma omp parallel num_threads(3) reduction(+ : sum)
    sum += omp_get_num_threads() == 3 ? 1 << omp_get_thread_num() : 0;
    return sum == 7;
#else
    return true;
#endif
}

bool expect(bool is_so, const char* what) {
    if (!is_so) {
        std::printf("%s\n", what);
    }
    return is_so;
}

}  // namespace

int main(int /*argc*/, char** argv) {
    const std::vector<kg::TextInput> inputs =
        kg::list_text_inputs(std::vector<std::string>{argv[0]}, {.whole_files = true});
    bool is_right = expect(kg::count_texts(inputs, kg::cut_texts(inputs).at(0)) == 1, "no text");
    is_right &= expect(vector_of("hash:8", "some words").size() == 8, "no hash vector");
    is_right &=
        expect(vector_of(write_model(), "O\u00d9") == std::vector<float>{2, 20}, "a wrong vector");

    Job job;
    job.graph.add("one", One{});
    job.graph.run(job.shared);
    is_right &= expect(job.shared.get<int>("one") == 1, "not one");

    kg::Graph graph{"consumer"};
    graph.add(
        "sum",
        kg::parallel_batch_node(
            [](const kg::Store&) { return kg::Indices{1000}; },
            [](std::size_t i) { return static_cast<long>(i); },
            [](kg::Store& shared, const kg::BatchResult<long>& values) {
                long sum = 0;
                for (const long value : values.values()) {
                    sum += value;
                }
                shared.set("sum", sum);
            }
        )
    );
    kg::Store shared;
    graph.run(shared, {.threads = 2});
    is_right &= expect(shared.get<long>("sum") == 499500, "a wrong sum");
    try {
        (void)shared.get<int>("sum");  // exceptions cross the border of the library
        is_right = expect(false, "nothing was thrown");
    } catch (const kg::StoreError&) {
    }
    is_right &= expect(own_threads_count(), "the program's own threads are miscounted");
    std::printf("kaygraph %s: %s\n", std::string{kg::version()}.c_str(), is_right ? "ok" : "wrong");
    return is_right ? 0 : 1;
}
