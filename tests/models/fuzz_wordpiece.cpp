// Any bytes as a text: the way through registers and cache gives the ids of the plain one.
#include <kaygraph/models/tokenizer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using kaygraph::models::Tokenizer;
using kaygraph::models::TokenizerScratch;

/// The first byte of an input chooses the flags.
std::string tokenizer_json(unsigned flags, bool is_slow) {
    const auto flag = [&](unsigned bit) {
        return std::string{(flags >> bit & 1U) != 0 ? "true" : "false"};
    };
    // An added token that is looked for in the normal form, and is not there: the plain way.
    const std::string never =
        R"(,{"id":29,"content":"\u20ac\u20ac\u20ac\u20ac\u20ac","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false})";
    return R"({"version":"1.0","added_tokens":[{"id":0,"content":"[U]","single_word":)" + flag(4)
           + R"(,"lstrip":)" + flag(5) + R"(,"rstrip":)" + flag(6)
           + R"(,"normalized":false,"special":true})" + (is_slow ? never : "")
           + R"(],"normalizer":{"type":"BertNormalizer","clean_text":)" + flag(0)
           + R"(,"handle_chinese_chars":)" + flag(1) + R"(,"strip_accents":)" + flag(2)
           + R"(,"lowercase":)" + flag(3)
           + R"(},"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"[U]",)"
             R"("continuing_subword_prefix":"##","max_input_chars_per_word":20,"vocab":{"[U]":0,"a":1,"b":2,"ab":3,)"
             R"("##a":4,"##b":5,"##ab":6,".":7,"[":8,"U":9,"]":10,"u":11,"\u00e9":12,"##\u00e9":13,"\u6f22":14,"##\u6f22":15,)"
             R"("\u0301":16,"##\u0301":17,"1":18,"##1":19,"A":20,"##A":21,"i":22,"##i":23,"##\u0307":24,"abababab":25,)"
             R"("##abababab":26,"\ufffd":27,"##\u0001":28}}})";
}

struct Pair {
    std::shared_ptr<const Tokenizer> fast;
    std::shared_ptr<const Tokenizer> slow;
    std::unique_ptr<TokenizerScratch> fast_scratch;
    std::unique_ptr<TokenizerScratch> slow_scratch;
};

std::vector<Pair> all_pairs() {
    std::vector<Pair> pairs(128);
    for (unsigned flags = 0; flags < pairs.size(); ++flags) {
        const auto parse = [&](bool is_slow) {
            const std::string json = tokenizer_json(flags, is_slow);
            return kaygraph::models::parse_tokenizer(
                std::as_bytes(std::span{json}), "fuzz", {.cached_words = is_slow ? 0U : 64U}
            );
        };
        Pair& pair = pairs[flags];
        pair.fast = parse(false);
        pair.slow = parse(true);
        pair.fast_scratch = pair.fast->make_scratch();
        pair.slow_scratch = pair.slow->make_scratch();
    }
    return pairs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<Pair> pairs = all_pairs();
    if (size == 0) {
        return 0;
    }
    const Pair& pair = pairs[data[0] % pairs.size()];
    const std::vector<char> text(data + 1, data + size);  // nothing may be read behind it
    const std::string_view view{text.data(), text.size()};
    std::vector<std::uint32_t> fast;
    std::vector<std::uint32_t> slow;
    pair.fast->encode(view, fast, *pair.fast_scratch);
    pair.slow->encode(view, slow, *pair.slow_scratch);
    if (fast != slow) {
        __builtin_trap();
    }
    return 0;
}
