// Ids of the real tokenizer, where its data is there, as the reference implementation (tokenizers 0.23.2) gives them.
#include "models/tokenizer_files.hpp"

#include <kaygraph/models/tokenizer.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace kaygraph::models {
namespace {

struct Golden {
    std::string_view text;
    std::string_view ids;
};

// clang-format off
constexpr Golden all_golden[] = {
    {"\ufeffhello", "6598"},
    {"hello\u00adworld", "6598 10114"},
    {"hel\u200blo", "6598"},
    {"x\u200dy", "66 1106"},
    {"a\302\205b", "10119"},
    {"a\013b\014c", "4931"},
    {"a\u2028b\u2029c", "43 44 45"},
    {"a\u00a0b\u1680c\u2000d\u202fe\u205ff\u3000g", "43 44 45 46 47 48 49"},
    {"a\ufffdb", "10119"},
    {"\u0130stanbul ISPARTA \u0131\u015f\u0131k", "8966 1009 18368 1702 110 1021 10728 1249"},
    {"STRASSE stra\u00dfe STRA\u1e9eE", "1364 7186 2372 1364 26813 1364 26813"},
    {"\u039f\u0394\u039f\u03a3 \u039f\u03b4\u03cc\u03c2 \u1f40\u03b4\u03cc\u03c2 \u03a3\u0391\u03a3", "175 28728 28736 28739 175 28728 14303 175 28728 14303 179 13614 28739"},
    {"\uff21\uff42\uff43\uff11\uff12\uff13\uff01\uff1f", "1 992 1000"},
    {"\ufb01 \ufb02 \ufb03 \ufb05", "990 991 1 1"},
    {"\u13e3\u13b3\u13a9 \uabb3\uab83\uab79", "1 1"},
    {"\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8", "870 882 956 677 29245 29233 29239 29246"},
    {"\u6f22\u5b57kanji\u6f22\u5b57", "910 1 21833 3484 910 1"},
    {"\u4e2d\u6587\uff0c\u6a19\u9ede\u3002", "752 867 995 1 1 642"},
    {"\U0002b820\U0002b91f\U0002b920", "1 1"},
    {"\uf900\ufa10", "1 1"},
    {"\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "475 29012 29027 28997 29020 29026 29005 29014 475 29012 29027"},
    {"\u3131\u3134\u3137", "1"},
    {"\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "272 28805 28798 28806"},
    {"\u0627\u0644\u0633\u064e\u0651\u0644\u0627\u0645\u064f", "276 22679 28830 22679 24579 21198"},
    {"\u0928\u092e\u0938\u094d\u0924\u0947", "333 28873 28880 28865"},
    {"\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "1"},
    {"\u1781\u17d2\u1798\u17c2\u179a", "1"},
    {"\u0f56\u0f7c\u0f51\u0f0b\u0f61\u0f72\u0f42", "437 28970 430 1"},
    {"\u1019\u103c\u1014\u103a\u1019\u102c", "1"},
    {"\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac", "165 28733 28733 23830 15183 17205 28732 13614"},
    {"\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0401\u043b\u043a\u0430 \u0439", "201 28754 28753 28753 22931 14420 191 28442 27604 194"},
    {"\u0110\u1eb7ng Ti\u1ebfng Vi\u1ec7t", "108 4660 4501 2076 18716"},
    {"e\u0301\u0323 e\u0323\u0301 \u0301", "47 47"},
    {"a\u0300\u0301\u0302\u0303", "43"},
    {"\U0001d15e\U0001d160", "1"},
    {"Z\u0351\u036b\u0343a\u0363lgo", "22570 1146 3001"},
    {"\U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308 \u263a\ufe0e 1\ufe0f\u20e3", "1 1 1 1 1"},
    {"\U0001f1e9\U0001f1ea", "1"},
    {"don't can't l'\u00e9t\u00e9", "1129 11 62 1070 11 62 54 11 2808 1069"},
    {"U.S.A. $3.50 50% a_b-c", "63 18 61 18 43 18 8 23 18 1759 1759 9 43 41 44 17 45"},
    {"foo@bar.com http://x.y/z\?a=b&c#d", "28385 36 2353 18 3018 7305 30 19 19 66 18 67 19 68 35 43 33 44 10 45 7 46"},
    {"\u00a1Hola! \u00bfQu\u00e9\?", "73 6576 1727 5 100 9867 35"},
    {"\u00abguillemets\u00bb \u201equotes\u201c \u2018x\u2019 \u2039y\u203a", "83 25464 5222 10374 1021 96 531 15620 529 526 66 527 1 67 539"},
    {"\u2014\u2013\u2010\u2011\u2012\u2015\u2026\u00b7\u2022\u2020\u2021", "523 522 519 520 521 524 535 93 534 532 533"},
    {"\u2030\u2032\u2033\u2034\u203b\u2047", "536 537 538 1 1 1"},
    {"\u2e2e\u2e3a\u2e40\u2e42\u2e43", "1 1 1 1 1"},
    {"\ufe30\ufe31\ufe50\ufe51\ufe52", "1 1 1 1 1"},
    {"\u3001\u3002\u3003\u3008\u3009\u300a\u300b\u300c\u300d", "641 642 1 643 644 645 646 647 648"},
    {"\u066a\u061f\u060c\u061b", "1 1 274 1"},
    {"\u17d4\u17d5\u17d6", "1 1 1"},
    {"\u0f0e\u0f0f", "1 1"},
    {"\u2116 \u2122 \u00a9 \u00ae \u00b0 \u00b1 \u00d7 \u00f7", "584 586 81 85 86 87 101 105"},
    {"\u00bd \u00bc \u00b2 \u00b3 \u2082 \u2163 \u2173 \u24b6 \u24d0", "98 97 88 89 555 1 1 1 1"},
    {"\u2080\u2081\u2082 \u00b9\u00b2\u00b3", "553 10877 7235 94 9707 17113"},
    {"\u00aa \u00ba \u00b5", "82 95 91"},
    {"K \u00c5 \u03a9", "53 43 185"},
    {"\U00010400\U00010428", "1"},
    {"\U0001e900\U0001e922", "1"},
    {"\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130\u0130", "2529 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960 27960"},
    {"abcdefghijklmno", "4931 2213 1552 27897 14998 12734 2636"},
    {"abcdefghijklmnop", "4931 2213 1552 27897 14998 12734 2636 1367"},
    {"abcdefghijklmnopq", "4931 2213 1552 27897 14998 12734 2636 1367 3166"},
    {"internationalization Internationalisierung", "1254 2995 1254 16423 1127 4581"},
    {"[UNK] [unk] [PAD][CLS]hello[SEP] [MASK]", "1 37 3901 1249 39 0 2 6598 3 4"},
    {"x[PAD]y", "66 0 67"},
    {"[[UNK]]", "37 1 39"},
    {"[UNK", "37 3901 1249"},
    {"UNK]", "3901 1249 39"},
    {"[ UNK ]", "37 3901 1249 39"},
    {"##ing ing## # #", "7 7 12755 12755 7 7 7 7"},
    {"\u0301[UNK]\u0301", "1"},
    {"\ufffe\uffff", "1"},
    {"\U0010ffff", "1"},
    {"\u0378", "1"},
    {"\u202ehello\u202c", "6598"},
    {"\u2066x\u2069", "66"},
    {"\u0890\u08e2", "1"},
    {"\U000110cd", "1"},
    {"\U00013430", "1"},
    {"\u166d", "1"},
    {"\U000111c9", "1"},
    {"\u1ac0\u0898", "1"},
    {"\u09fd\u0a76", "1"},
    {"\u2e43\u2e52", "1"},
    {"\u16fe2", "1"},
    {"x\u1ac0y", "1"},
    {"x\u0898y", "1"},
    {"\u4ded\U0002b892\u1084\U0001e91f\012bY\013boat <a\012\u0371\U0001fa28\013\u2063\033\u200b", "1 1017 10981 32 43 1"},
    {"\u01c4 \u018e\u12d3\U000e00aa\u2003", "1 1"},
    {"(\u2003+\015\012\u05ed\015\012<x>\011&\u3000e\u0301\u3000\u0470\u0179\u00a0REGULATED\u00a0", "12 15 1 32 66 34 10 47 1 11228"},
    {"prakash  \u05eb\013l6O8JwWY4iuh\u200bLinebacker Parochial", "21239 1 27779"},
    {"usions\u00a05vXF7UUSHFOUvwK5  ", "1155 7502 25 1621 1601 1552 1587 1232 19674 13882 1232 1621 25297 1635"},
    {"personality\u200b\U0002f9fd\U0002f97a\011.  Clutches\u00a0", "5186 1 1 18 28503"},
    {"_\u2003XD08ABvwPEz39 \u0605\013Terrorists\u00a0] \u1e9e\u00c9T\u00c9!\u0fb8\u0ff8\u0f08\u0f1f ", "41 66 1100 1698 1626 6881 1621 1866 4057 1486 22505 14560 39 102 11876 5 1 1 1"},
    {"\u4dbe\302\222\u3000\ufb01  \uacbc\uac24\uaca1\u2003Relationship w\011DISMISS\302\205\u2082<mask>\u24b6\015\012\ua098\U0001e912  \u0973\u03d7\u33e3\u0135  FLEET\302\205", "1 990 1 2282 65 18782 7235 32 6314 34 1 1 1 3176"},
    {"\u245eDISAGREED\015\012Ry\011A\u034bs\u0330\u032aN\u030eN\u0301e\u032ex\u0311J\u0343\u031eb\u0344T\u0359\u033cE\u0340\u0353g\u0f76\u3470\ua7ed\u200b", "1 28437 1010 9093 1601 2507 18285 12916 1 1"},
    {"\027\u10ea\u10d9[PAD]\302\205\ue000\ue007\ue010\ue008\u3000/\011\u00a0\302\206\302\203\012", "1 0 19"},
    {"\u138d\u12e7\u12ed\u1307\u132c\u00a0QUASI\u00a0Lille \U0001fa0c\ufec5\u184c\u1edb\u3000<mask>\u00a0VNqAbxaWtru8 ", "1 16988 21485 1 32 6314 34 64 1084 18068 1503 17690 25683 5826 1626"},
    {"`  \U0002b875\u0e00\u0131", "42 1"},
    {"UmVEhfeEYRWn jldyzJsvuv0rsLhgrA\013", "7535 2732 1238 6965 2246 1105 6968 52 5398 1106 1486 21584 18728 1621 1698 1875 1146 24625 1533"},
    {"Pamphlets} Ees\u200bF\u036e\u031aT\u032a1\u0359jh\u035d\u03326\u0352A2J\u0329\u031el9\u0300a\u0312P\u03179\u0366j\u032d\u3000belongs  word", "23758 71 24218 21753 1108 1493 2507 1238 1581 1056 1481 2507 1146 1689 8337 1689 2507 6466 1779"},
    {"e\u0301 f\u031fyH\u0334 \u0326\u0325\u0363\u036c\u035b \u1d6f\u1d21\302\205", "47 48 1106 1238 1"},
    {"\u0130 ", "51"},
    {"\u03c2\011\\\015\012\u2e4f\u2c82  ", "178 38 1"},
    {"\u0ef6\u0e91\u200b\u01c5\u3000PREDICTED KT9QO2mg6ijjjiaD\302\205\u0131\015\012", "1 9179 53 1108 1689 3166 1086 1481 23804 1581 27424 2507 25547 1100 10728"},
    {"]\015\012Wetlands", "39 15636"},
    {"Judge \U0001f1e9\U0001f1ea gqE1 <mask>.\302\205\u0130\u2003Dvd1\u0313T\011\u02cd\ua765\u00a0\u0baa\013", "2654 1 49 3166 1069 1493 32 6314 34 18 51 3972 1493 1108 1 394"},
    {"M\u0327\u0303X\u034ae\u033ap\u0360X\u036fl\u032f\u034bO6\u0368\u030dfx\u034f\u034em\u0306\u0332D\u0348r\u3000SEALING\015\012\u1100\u1161\u11a8\015\012\u00c9T\u00c9!\u00a0\u201a\011\u01c4\302\205", "24636 12705 1601 3141 1581 1552 1601 25882 1105 22044 461 29012 29026 2808 1069 5 528 1"},
    {"\u0561\U000e0167  AratINTERMITTENT\302\205infamous  Specializing\u200b", "225 18033 6635 2340 21936 5534 6635 6017 26717 13061"},
    {"publisher\302\205^ ", "5680 40"},
    {"attorney\u3000Fresco\u3000Xinjiang\u200b3vO16MAmbGwTE\u209a\u2003\u01c0\012\"\u2003b\u030f8{\015\012Closet\u200b", "3911 25997 24910 1515 5773 15054 1869 13911 1296 25683 1069 29103 1 6 44 1626 69 8352"},
    {"johannesburgY  frJK\u3000", "14982 1106 9430 14998"},
    {"\u2fa9\015\012Jo\u0308Ji\u0362u\u3000MACON\u571f\u3000FIX\u00a0Bladder  symmetrical\u3000\?\u200bn\u031c0\u036e8\u0351v\u036e\u0311 $ \ufec7\u13f6\u00a0", "1 7189 3484 1232 19031 807 7087 23182 22482 35 56 1698 1626 1621 8 1"},
    {"Band\011depicting  \u0f6e\u2ed3\u0121\ua08d ", "1322 9781 1"},
    {"\U0001d4f8\U0001d4f2\U0001d46b\U0001d476\U0001d4c5\U0001d49e \uac01 paid\u200b\u1f82\u00a0\u1100\u1161\u11a8 \u1297\u02c0\012Relatives OCTAVE\013\u0130\013\u1f82hello\011", "1 461 29012 29026 2831 13614 461 29012 29026 1 8070 20823 1078 13614 17229 1086"},
    {"LjhmXkDPDvU\012<left>\302\205\u1e9e\013\U000118f9\U000114aa\U00011a23\U00011704\U000117fc\U000111af\012\u0564\u0586\u057b\u055d\u057f\u0545\u200b[PAD]\015\012\u0957\u186d\uf950\u048a\u00a0<mask>\u00df\011", "54 2507 13233 1601 1249 17933 1100 18728 32 1193 34 1 1 1 242 28783 0 1 1 1 32 6314 34 102"},
    {"<both> temporal\u3000", "32 1125 34 14856"},
    {":\302\205\"\u20036\u0356\u0331A\u0353n\u031e\u03563\u032fc\u0346\u0324c\u0340\u030eK5\u031bd\u03100\u3000Ec  GaMv\012", "30 6 26 1325 1515 8474 1249 1635 1100 1698 13931 10727 1219 1621"},
    {"camouflage <a\013LivelyvkE13x\u2003", "20362 32 3148 1141 1621 2495 16140 1601"},
    {"TEXANS\u200b", "22252"},
    {"\u0d04\u0a48\u0c01\u0a0c  CONVINCES\302\205\U00010068\u2e28\u0fef\uab4d rite\011:\011\u00bc\011Doubted", "1 1 1 1 13040 30 97 11985"},
    {"KY\u0327\u0360Ugkg34S\u030a\u034br\u034b\u033cdmB\u036d\u0365DsE\u3000= ", "17718 14922 1249 1296 21028 20344 21123 1503 4110 1069 33"},
    {"ATA \u025e\U00011c3f\u1111\ue00d Summers  @\u3000,\u124a\u12c9\u132e\u1230\013\u00df\012j\u0317X\u0334 PH\015\012radcliffe\012\u00df\u00ff\012", "28539 1 9951 36 16 1 52 1601 5893 21609 102 1106"},
    {",\015\012", "16"},
    {"\u0391\u03a3\302\205REPAY\ufb01\013\u0391\u03a3\u00a0\u0131 vEvYkroj FairF\u031b\u0350\015\012\u096e\u1dae\u200barmoured ", "161 28739 1896 3508 1106 29516 13614 28739 110 1316 9742 20644 28153 3195 1552 1"},
    {"paths /\u2003Mile\013221nfNKBSEF\012eed ", "9431 19 2548 18323 1493 1084 1552 7956 4916 11885 24218 1100"},
};
// clang-format on

std::string ids_of(const Tokenizer& tokenizer, std::string_view text, TokenizerScratch& scratch) {
    std::vector<std::uint32_t> ids;
    tokenizer.encode(text, ids, scratch);
    std::string all;
    for (const std::uint32_t id : ids) {
        all += (all.empty() ? "" : " ") + std::to_string(id);
    }
    return all;
}

TEST(TokenizerGolden, TheRealOneGivesTheReferencesIds) {
    const std::filesystem::path model = test::real_static_model();
    if (model.empty()) {
        GTEST_SKIP() << "KAYGRAPH_TEST_DATA does not name the folder with static-model";
    }
    for (const std::size_t cached_words : {0U, 2U, 1024U}) {
        const auto tokenizer =
            load_tokenizer((model / "tokenizer.json").string(), {.cached_words = cached_words});
        EXPECT_EQ(tokenizer->vocabulary_size(), 29'528U);
        EXPECT_EQ(tokenizer->id_bound(), 29'528U);
        EXPECT_EQ(tokenizer->unknown_id(), 1U);
        const auto scratch = tokenizer->make_scratch();
        for (const Golden& golden : all_golden) {
            EXPECT_EQ(ids_of(*tokenizer, golden.text, *scratch), golden.ids) << golden.text;
            EXPECT_EQ(ids_of(*tokenizer, golden.text, *scratch), golden.ids)
                << "again " << golden.text;
        }
        EXPECT_EQ(ids_of(*tokenizer, std::string(101, 'a'), *scratch), "1");
        EXPECT_EQ(
            ids_of(*tokenizer, std::string("a\0b", 3), *scratch), ids_of(*tokenizer, "ab", *scratch)
        );
    }
}

}  // namespace
}  // namespace kaygraph::models
