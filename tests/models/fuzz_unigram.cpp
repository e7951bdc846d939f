// Any bytes as a text for Unigram: ids below the bound, and the same ones again.
#include <kaygraph/models/tokenizer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using kaygraph::models::Tokenizer;

std::shared_ptr<const Tokenizer> make_tokenizer(
    const std::string& pre_tokenizer,
    const std::string& normalizer = "null"
) {
    const std::string json =
        R"({"version":"1.0","normalizer":)" + normalizer + R"(,"pre_tokenizer":)" + pre_tokenizer
        + R"(,"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0.0],["\u2581",-2.0],["a",-3.0],)"
          R"(["b",-3.5],["ab",-4.0],["\u2581ab",-5.0],["\u00e9",-6.0],["\u6f22\u5b57",-7.0],["<0xC3>",-9.0],["<0xA9>",-9.0]]}})";
    return kaygraph::models::parse_tokenizer(std::as_bytes(std::span{json}), "fuzz");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::array<std::shared_ptr<const Tokenizer>, 8> tokenizers{
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"a","prepend_scheme":"never","split":true})"
        ),
        make_tokenizer(
            R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"\u2581"}]})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true})",
            R"({"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false})",
            R"({"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"},{"type":"Prepend","prepend":"\u2581"}]})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true})",
            R"({"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKD"},{"type":"Replace","pattern":{"String":"a"},"content":"bb"},{"type":"NFC"}]})"
        ),
        make_tokenizer(
            R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true})",
            R"json({"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"Regex":"(?<=a)\\s+|\\bb*$"},"content":""},{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}]})json"
        )};
    if (size == 0) {
        return 0;
    }
    const Tokenizer& tokenizer = *tokenizers[data[0] % tokenizers.size()];
    const std::vector<char> text(data + 1, data + size);
    const auto scratch = tokenizer.make_scratch();
    std::array<std::vector<std::uint32_t>, 2> ids;
    for (auto& each : ids) {
        tokenizer.encode({text.data(), text.size()}, each, *scratch);
    }
    bool is_sound = ids[0] == ids[1];
    for (const std::uint32_t id : ids[0]) {
        is_sound = is_sound && id < tokenizer.id_bound();
    }
    if (!is_sound) {
        __builtin_trap();
    }
    return 0;
}
