// Writes cases for tokenizer_peer.sh: tokenizers, texts of odd Unicode from a fixed seed and by hand, and the ids
// that the reference implementation (the npm package "tokenizers") gives them.
//
//   node tokenizer_peer.mjs MODULES FOLDER [TOKENIZER_JSON]
import fs from "fs";
import path from "path";
import { createRequire } from "module";

const [modules, folder, real] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "index.js"));
const { Tokenizer } = require("tokenizers");

// ---- random numbers with a seed: mulberry32
let state = Number(process.env.KAYGRAPH_SEED ?? 20261124);
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const times = (n, make) => Array.from({ length: n }, make);

// ---- left out: what Unicode got after version 15, which utf8proc 2.8 has, where a pattern asks what is a letter, a digit or
// a symbol.
const newer = [
  [0x897, 0x897], [0x2ffc, 0x2fff], [0x31e3, 0x31ef], [0x1c89, 0x1c8a], [0xa7cb, 0xa7dc], [0x105c0, 0x105f3], [0x10d40, 0x10d85], [0x10ec2, 0x10efc], [0x11380, 0x113e2],
  [0x116d0, 0x116e3], [0x11bc0, 0x11bf9], [0x11f5a, 0x11f5a], [0x13460, 0x143fa], [0x16100, 0x16139], [0x16d40, 0x16d79],
  [0x16ea0, 0x16ed3], [0x18cff, 0x18cff], [0x1ccf0, 0x1ccf9], [0x1e5d0, 0x1e5fa], [0x2ebf0, 0x2ee5d],
];
const isSurrogate = (c) => c >= 0xd800 && c <= 0xdfff;
const isNewer = (text) => [...text].some((c) => newer.some(([a, b]) => c.codePointAt(0) >= a && c.codePointAt(0) <= b));

const blocks = [
  [0x01, 0x20], [0x20, 0x7e], [0x7f, 0xa0], [0xa0, 0xff], [0x100, 0x24f], [0x250, 0x2af], [0x2b0, 0x2ff],
  [0x300, 0x36f], [0x370, 0x3ff], [0x400, 0x52f], [0x530, 0x58f], [0x590, 0x5ff], [0x600, 0x6ff], [0x700, 0x8ff],
  [0x900, 0x97f], [0x980, 0xdff], [0xe00, 0xeff], [0xf00, 0xfff], [0x1000, 0x109f], [0x10a0, 0x10ff],
  [0x1100, 0x11ff], [0x1200, 0x139f], [0x13a0, 0x13ff], [0x1680, 0x17ff], [0x1800, 0x18af], [0x1ab0, 0x1aff],
  [0x1c80, 0x1cbf], [0x1d00, 0x1dff], [0x1e00, 0x1fff], [0x2000, 0x206f], [0x2070, 0x20ff], [0x2100, 0x218f],
  [0x2190, 0x24ff], [0x2500, 0x27bf], [0x2c00, 0x2e5d], [0x2e80, 0x303f], [0x3040, 0x33ff], [0x3400, 0x34ff],
  [0x4db0, 0x4e20], [0x9ff0, 0xa0ff], [0xa640, 0xa7ff], [0xab30, 0xabff], [0xac00, 0xad00], [0xd7a0, 0xd7ff],
  [0xe000, 0xe010], [0xf8f0, 0xfb4f], [0xfb50, 0xfdff], [0xfe00, 0xfeff], [0xff00, 0xffff], [0x10000, 0x10fff],
  [0x11000, 0x11fff], [0x1d100, 0x1d1ff], [0x1d400, 0x1d4ff], [0x1e900, 0x1e95f], [0x1f300, 0x1f6ff],
  [0x1f900, 0x1faff], [0x20000, 0x20010], [0x2a6d0, 0x2a710], [0x2b730, 0x2b930], [0x2ceA0, 0x2ceb0],
  [0x2f800, 0x2fa20], [0xe0000, 0xe01ef], [0xffff0, 0x10ffff], [0x0, 0x10ffff],
];
function point(block = pick(blocks)) {
  for (;;) {
    const c = block[0] + below(block[1] - block[0] + 1);
    if (!isSurrogate(c)) return String.fromCodePoint(c);
  }
}
const ascii = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const asciiWord = () => times(1 + below(18), () => pick(ascii)).join("");
const recase = (word) => pick([word, word.toUpperCase(), word[0].toUpperCase() + word.slice(1)]);
const gap = () => pick([" ", " ", " ", " ", "", "", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\v", "\u0085"]);
const accents = () => times(below(3), () => point([0x300, 0x36f])).join("");

function text(words, added) {
  const parts = [
    () => recase(pick(words)), () => recase(pick(words)), () => recase(pick(words)),
    () => asciiWord(),
    () => pick([...".,;:!?-'\"()[]{}<>/\\|@#$%^&*+=~`_"]),
    () => { const block = pick(blocks); return times(1 + below(6), () => point(block)).join(""); },
    () => times(1 + below(4), () => point()).join(""),
    () => [...asciiWord()].map((c) => c + accents()).join(""),
    () => pick(["İ", "ı", "ß", "ẞ", "ΑΣ", "Σ", "ς", "ﬁ", "ﬀ", "Ǆ", "ǅ", "ŉ", "👩‍👩‍👧", "🇩🇪", "각", "\u1100\u1161\u11a8", "e\u0301", "\u0344", "\u1f82"]),
    () => pick(added),
  ];
  return times(1 + below(14), () => pick(parts)() + gap()).join("");
}

const byHand = [
  "", " ", "\t\n\r", "\u0000", "a\u0000b", "\ufeffhello", "hello\u00adworld", "hel\u200blo", "x\u200dy", "\u0085", "a\u0085b", "a\vb\fc",
  "a\u2028b\u2029c", "a\u00a0b\u1680c\u2000d\u202fe\u205ff\u3000g", "\u180e", "\ufffd", "a\ufffdb",
  "İstanbul ISPARTA ışık", "STRASSE straße STRAẞE", "ΟΔΟΣ Οδός ὀδός ΣΑΣ", "Ａｂｃ１２３！？", "ﬁ ﬂ ﬃ ﬅ", "ᏣᎳᎩ ꮳꮃꭹ",
  "日本語のテキスト", "漢字kanji漢字", "中文，標點。", "\u{2b820}\u{2b91f}\u{2b920}", "\uf900\ufa10", "한국어 \u1112\u1161\u11ab", "ㄱㄴㄷ",
  "שָׁלוֹם", "السَّلامُ", "नमस्ते", "สวัสดี", "ខ្មែរ", "བོད་ཡིག", "မြန်မာ", "Ελληνικά", "Русский Ёлка й", "Đặng Tiếng Việt",
  "e\u0301\u0323 e\u0323\u0301 \u0301", "a\u0300\u0301\u0302\u0303", "\u{1d15e}\u{1d160}", "Z\u0351\u036b\u0343a\u0363lgo",
  "👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 ☺︎ 1️⃣", "\u{1f1e9}\u{1f1ea}", "don't can't l'été", "U.S.A. $3.50 50% a_b-c", "foo@bar.com http://x.y/z?a=b&c#d",
  "¡Hola! ¿Qué?", "«guillemets» „quotes“ ‘x’ ‹y›", "—–‐‑‒―…·•†‡", "‰′″‴※⁇", "⸮⸺⹀⹂⹃", "︰︱﹐﹑﹒", "、。〃〈〉《》「」", "٪؟،؛", "។៕៖", "༎༏",
  "№ ™ © ® ° ± × ÷", "½ ¼ ² ³ ₂ Ⅳ ⅳ Ⓐ ⓐ", "₀₁₂ ¹²³", "ª º µ", "K Å Ω", "\u{10400}\u{10428}", "\u{1e900}\u{1e922}",
  "a".repeat(99), "a".repeat(100), "a".repeat(101), "é".repeat(100), "é".repeat(101), "e\u0301".repeat(101), "ß".repeat(100), "\u{1d400}".repeat(101),
  "A".repeat(100) + "\u00ad" + "B", "İ".repeat(60), "abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq", "internationalization Internationalisierung",
  "[UNK] [unk] [PAD][CLS]hello[SEP] [MASK]", "x[PAD]y", "[[UNK]]", "[UNK", "UNK]", "[ UNK ]", "##ing ing## # #", "\u0301[UNK]\u0301",
  "\ue000\uf8ff", "\ufffe\uffff", "\u{10ffff}", "\u0378", "\u{e0001}\u{e0020}", "\u202ehello\u202c", "\u2066x\u2069", "\u061c", "\u0890\u08e2", "\u{110cd}", "\u{13430}",
  "\u1734", "\u166d", "\u{111c9}", "\u1ac0\u0898", "\u09fd\u0a76", "\u2e43\u2e52", "\u16fe2", "x\u1ac0y", "x\u0898y",
];

const spaced = ["  two  spaces ", " a", "\ta b", "a\r\nb\r\n", "\n", "a\n\nb\n", "▁a ▁b", "``quoted''", "aaab aab ab b", "abcabcd bcd", "x1 22 333", "e\u0301e\u0301", "か\u3099か", "thethe the", "}{]["];

// ---- tokenizers of our own
const bert = (options) => ({ type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true, ...options });
const token = (id, content, options) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...options });
const letters = [..."abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const odd = [..."éÉäßıiİσςΣжЖ漢字の한ᄒ\u1161\u11ab\u0301\u0307!?.,-'\"()[]{}<>#_«»、。👍‍ \u0130"];
const pieces = ["th", "the", "he", "in", "ing", "an", "er", "on", "re", "hello", "world", "ab", "abc", "bc", "été", "ΟΔ"];
function wordPiece(options = {}, extra = {}) {
  const vocab = {};
  for (const word of ["[UNK]", ...letters, ...odd, ...pieces]) vocab[word] ??= Object.keys(vocab).length;
  for (const word of [...letters, ...odd, ...pieces].slice(7)) vocab[(extra.prefix ?? "##") + word] ??= Object.keys(vocab).length;
  return {
    version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: bert(options),
    pre_tokenizer: { type: "BertPreTokenizer" }, post_processor: null, decoder: null,
    model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: extra.prefix ?? "##", max_input_chars_per_word: extra.max ?? 100, vocab },
    ...extra.root,
  };
}
const nPieces = Object.keys(wordPiece().model.vocab).length;
function unigram(preTokenizer, extra = {}) {
  const vocab = [["<unk>", 0]];
  const add = (piece, score) => { if (!vocab.some(([p]) => p === piece)) vocab.push([piece, score]); };
  add("▁", -2.5);
  for (const piece of pieces) { add("▁" + piece, -3 - random() * 4); add(piece, -4 - random() * 4); }
  for (const piece of [...letters, ...odd].slice(5)) add(piece, -6 - random() * 6);
  for (let i = 0; i < 200; ++i) add(times(1 + below(4), () => pick(letters)).join(""), -5 - random() * 8);
  if (extra.bytes) for (let b = 0; b < 256; ++b) add(`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`, -12);
  return {
    version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: preTokenizer,
    post_processor: null, decoder: null, model: { type: "Unigram", unk_id: 0, vocab, byte_fallback: extra.bytes ?? false }, ...extra.root,
  };
}
const metaspace = (options) => ({ type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true, ...options });

const without = (json, key) => { delete json.model[key]; return json; };
const again = (json) => { json.model.vocab.push(["ab", -30], ["", -1], ["the", -2], ["ab", -3]); return json; };

const added = [
  token(nPieces, "<mask>", { single_word: true }), token(nPieces + 1, "<left>", { lstrip: true }),
  token(nPieces + 2, "<both>", { lstrip: true, rstrip: true, special: true }), token(nPieces + 3, "<a", {}), token(nPieces + 4, "<ab>", {}),
];
const addedNormalized = [token(nPieces, "HeLLo", { normalized: true }), token(nPieces + 1, "Été!", { normalized: true, single_word: true }), token(nPieces + 2, "<x>", { special: true })];
const addedTexts = ["<mask>", "<left>", "<both>", "<a", "<ab>", "hello", "ÉTÉ!", "été!", "<x>", "[UNK]", "[PAD]", "_<mask>", "₂<mask>Ⓐ"];

// ---- the rules of a Precompiled normalizer: a double-array trie of what is replaced, and what stands for it
function charsmap(rules) {
  let replacements = Buffer.alloc(0);
  const root = { children: new Map(), value: null };
  for (const [from, to] of Object.entries(rules)) {
    let node = root;
    for (const byte of Buffer.from(from, "utf8")) {
      if (!node.children.has(byte)) node.children.set(byte, { children: new Map(), value: null });
      node = node.children.get(byte);
    }
    node.value = replacements.length;
    replacements = Buffer.concat([replacements, Buffer.from(to + "\0", "utf8")]);
  }
  const units = [0];
  const taken = new Set([0]);
  const place = (node, at) => {
    const labels = [...node.children.keys(), ...(node.value === null ? [] : [0])];
    if (labels.length === 0) return;
    let base = 1;
    while (labels.some((label) => taken.has(base ^ label))) ++base;
    for (const label of labels) taken.add(base ^ label);
    const offset = at ^ base;
    units[at] = ((units[at] ?? 0) | (offset << 10) | (node.value === null ? 0 : 1 << 8)) >>> 0;
    if (node.value !== null) units[base] = (node.value | (1 << 31)) >>> 0;
    for (const [label, child] of node.children) units[base ^ label] = label;
    for (const [label, child] of node.children) place(child, base ^ label);
  };
  place(root, 0);
  units[(units.length | 0xff) + 256] = 0;  // the reference looks up any byte behind any unit
  const blob = Buffer.alloc(4 + 4 * units.length);
  blob.writeUInt32LE(4 * units.length, 0);
  for (let i = 0; i < units.length; ++i) blob.writeUInt32LE(units[i] ?? 0, 4 + 4 * i);
  return { type: "Precompiled", precompiled_charsmap: Buffer.concat([blob, replacements]).toString("base64") };
}
const rules = {
  "\t": " ", "\n": " ", "\r": " ", "\u00a0": " ", "\u3000": " ", "\u2003": " ", "\u200b": "", "\u00ad": "", "\ufeff": "", "ﬁ": "fi", "ﬀ": "ff",
  "½": "1⁄2", "①": "1", "Ａ": "A", "ｂ": "b", "ß": "ss", "e\u0301": "é", "a\u0308": "ä", "か\u3099": "が", "ㄱ": "ᄀ", "İ": "i\u0307", "É": "é", "x": "y",
  "\u0344": "\u0308\u0301", "…": "...", "👍": ":)", "\u{1d15e}": "\u{1d157}\u{1d165}", "\u0300": "", "ﷺ": "صلى الله عليه وسلم",
};

// ---- normalizers: all bytes are pieces, so that every difference is seen
const replace = (pattern, content) => ({ type: "Replace", pattern: { String: pattern }, content });
const regex = (pattern, content) => ({ type: "Replace", pattern: { Regex: pattern }, content });
const strip = (left, right) => ({ type: "Strip", strip_left: left, strip_right: right });
const prepend = (text) => ({ type: "Prepend", prepend: text });
const type = (name) => ({ type: name });
const sequence = (...normalizers) => ({ type: "Sequence", normalizers });
const spaces = sequence(...[..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"].map((c) => replace(c, ` ${c} `)), regex("\\s+", " "), strip(false, true));
const normalizers = {
  nfc: type("NFC"), nfd: type("NFD"), nfkc: type("NFKC"), nfkd: type("NFKD"), lowercase: type("Lowercase"), accents: type("StripAccents"), nmt: type("Nmt"),
  strip_left: strip(true, false), strip_right: strip(false, true), strip_both: strip(true, true), strip_none: strip(false, false),
  prepend: prepend("▁"), prepend_two: prepend(" ab"), replace: replace("th", "θ"), replace_space: replace(" ", "▁"), replace_gone: replace("e", ""),
  replace_longer: replace("aa", "a"), replace_nothing: replace("", "-"), bert_step: sequence(bert(), type("NFC")),
  sequence_of_one: sequence(type("NFKC")), sequence_of_none: sequence(), nested: sequence(sequence(type("NFD")), sequence(type("StripAccents"), sequence(type("Lowercase")))),
  precompiled: charsmap(rules), xlm_r: sequence(charsmap(rules), regex(" {2,}", " ")), t5: sequence(charsmap(rules), strip(false, true), regex(" {2,}", "▁")),
  albert: sequence(replace("``", '"'), replace("''", '"'), type("NFKD"), type("StripAccents"), type("Lowercase"), charsmap(rules), regex(" {2,}", " ")),
  llama: sequence(prepend("▁"), replace(" ", "▁")), trained: sequence(type("Nmt"), type("NFKC"), regex(" {2,}", " ")), model2vec: spaces,
  clip: sequence(type("NFC"), regex("\\s+", " "), type("Lowercase")), forms: sequence(type("NFKD"), type("NFC"), type("NFD"), type("NFKC")),
};
const patterns = [
  " {2,}", "\\s+", "[\\n\\r\\t]", "a|ab|abc", "(?:ab|a)(?:c|bcd)?", "(a|b)*c", "a*", "a*?b", "a+?", "(?:a|b){2,3}?", "x{0}", "[^a-z ]+", "[a-cx-z]", "\\d{2}", "\\w+",
  "\\W", "\\bth", "\\Be", "^a", "^", "$", "e$", "\\A.", ".\\z", "\\s+\\Z", ".", "[[:space:]]+", "[[:punct:]]", "\\p{Lu}", "\\P{L}+", "\\p{^L}", "[\\p{N}\\s]", "\\x41", "\\u00e9",
  "\\x{1F44D}", "(?=e)", "t(?=h)", "t(?!h)", "(?<=t)h", "(?<!t)h", "(?<!\\n)^", "\\s+(?!\\S)", "\\.", "[.,]", "[\\]a]", "[a\\-z]", "[-a]", "[^\\s]", "{", "a{,2}", "a{2", "(|a)b", "(a?)*b",
  "((a*)b)*", "é|e\u0301", "[é-ö]", "\\h+", "\\e|\\t", "a||b", "(?:)", "日本?", "(?:the|in|ing)\\b",
];

const own = {
  plain: wordPiece(),
  cased: wordPiece({ lowercase: false }),
  cased_stripped: wordPiece({ lowercase: false, strip_accents: true }),
  accents_kept: wordPiece({ strip_accents: false }),
  not_cleaned: wordPiece({ clean_text: false }),
  no_ideographs: wordPiece({ handle_chinese_chars: false }),
  nothing: wordPiece({ clean_text: false, handle_chinese_chars: false, lowercase: false, strip_accents: false }),
  short_words: wordPiece({}, { max: 7 }),
  other_prefix: wordPiece({}, { prefix: "_" }),
  no_prefix: wordPiece({}, { prefix: "" }),
  added: wordPiece({}, { root: { added_tokens: added } }),
  added_normalized: wordPiece({}, { root: { added_tokens: addedNormalized } }),
  cut_right: wordPiece({}, { root: { truncation: { direction: "Right", max_length: 9, strategy: "LongestFirst", stride: 0 } } }),
  cut_left: wordPiece({}, { root: { truncation: { direction: "Left", max_length: 9, strategy: "OnlyFirst", stride: 2 } } }),
  unigram_always: unigram(metaspace()),
  unigram_first: unigram(metaspace({ prepend_scheme: "first" }), { root: { added_tokens: [token(0, "<unk>", { special: true })] } }),
  unigram_never: unigram(metaspace({ prepend_scheme: "never" })),
  unigram_unsplit: unigram(metaspace({ split: false })),
  unigram_bytes: unigram(metaspace(), { bytes: true }),
  unigram_words: unigram({ type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace()] }),
  unigram_words_first: unigram({ type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace({ prepend_scheme: "first" })] }),
  unigram_words_after: unigram({ type: "Sequence", pretokenizers: [metaspace(), { type: "WhitespaceSplit" }] }),
  unigram_words_alone: unigram({ type: "WhitespaceSplit" }),
  unigram_no_spaces: unigram(null),
  unigram_sequence_of_one: unigram({ type: "Sequence", pretokenizers: [{ type: "Sequence", pretokenizers: [metaspace()] }] }),
  unigram_added: unigram(metaspace(), { bytes: true, root: { added_tokens: [...added, token(0, "ab", { lstrip: true }), token(9, "<unk>", { special: true })] } }),
  unigram_added_again: unigram(metaspace(), { root: { added_tokens: [token(70, "<mask>"), token(0, ""), token(70, "<mask>"), token(90, "<left>"), token(91, "<left>", { lstrip: true }), token(3, "<x>")] } }),
  unigram_first_stripped: unigram(metaspace({ prepend_scheme: "first" }), { bytes: true, root: { normalizer: strip(true, true), added_tokens: addedNormalized } }),
  unigram_first_prepended: unigram(metaspace({ prepend_scheme: "first" }), { bytes: true, root: { normalizer: prepend("ab "), added_tokens: addedNormalized } }),
  unigram_first_words: unigram({ type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace({ prepend_scheme: "first" })] }, { bytes: true, root: { normalizer: sequence(prepend(" "), replace("a", "b a")) } }),
  unigram_first_dropped: unigram(metaspace({ prepend_scheme: "first" }), { bytes: true, root: { normalizer: sequence(type("NFD"), type("StripAccents"), replace("a", "")) } }),
  unigram_first_rules: unigram(metaspace({ prepend_scheme: "first" }), { bytes: true, root: { normalizer: charsmap(rules) } }),
  unigram_added_rules: unigram(metaspace(), { bytes: true, root: { normalizer: sequence(charsmap(rules), type("Lowercase")), added_tokens: [...addedNormalized, token(0, " \u00ad", { normalized: true })] } }),
  unigram_untyped: without(unigram(metaspace()), "type"),
  unigram_pieces_again: again(unigram(metaspace())),
  wordpiece_untyped: without(wordPiece(), "type"),
  wordpiece_sequence_of_one: wordPiece({}, { root: { normalizer: sequence(bert()), pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "BertPreTokenizer" }] } } }),
  wordpiece_sequence: wordPiece({}, { root: { normalizer: sequence(type("NFKC"), bert({ lowercase: false }), type("Lowercase")) } }),
  wordpiece_normalizers: wordPiece({}, { root: { normalizer: sequence(type("NFD"), type("Lowercase"), type("StripAccents")), added_tokens: addedNormalized } }),
  wordpiece_none: wordPiece({}, { root: { normalizer: null } }),
  wordpiece_gap: wordPiece({}, { root: { added_tokens: [token(nPieces + 50, "<mask>"), token(nPieces + 60, ""), token(nPieces + 70, "<left>", { lstrip: true })] } }),
};
for (const [name, normalizer] of Object.entries(normalizers)) own[`normalizer_${name}`] = unigram(metaspace(), { bytes: true, root: { normalizer } });
patterns.forEach((pattern, i) => { own[`pattern_${i}`] = unigram(null, { bytes: true, root: { normalizer: regex(pattern, pick(["#", "", "-+"])) } }); });

async function write(name, file, words, n) {
  const at = path.join(folder, name);
  fs.mkdirSync(at, { recursive: true });
  const json = path.join(at, "tokenizer.json");
  fs.copyFileSync(file, json);
  const tokenizer = Tokenizer.fromFile(json);
  const asks = name.startsWith("pattern_");
  const texts = [...byHand, ...spaced, ...times(n, () => text(words, addedTexts))].filter((each) => !asks || !isNewer(each));
  const ids = [];
  for (const each of texts) {
    const encoding = await tokenizer.encode(each, null, { addSpecialTokens: false });
    ids.push([...encoding.getIds()].join(" "));
  }
  fs.writeFileSync(path.join(at, "texts"), texts.map((each) => Buffer.from(each, "utf8").toString("hex") + "\n").join(""));
  fs.writeFileSync(path.join(at, "expected"), ids.map((line) => line + "\n").join(""));
}

for (const [name, json] of Object.entries(own)) {
  const file = path.join(folder, "tokenizer.json");
  fs.writeFileSync(file, JSON.stringify(json));
  await write(name, file, [...pieces, ...letters], name.startsWith("pattern_") ? 60 : 400);
}
if (real) {
  const words = Object.keys(JSON.parse(fs.readFileSync(real, "utf8")).model.vocab);
  await write("real", real, words.map((word) => word.replace(/^##/, "")), 4000);
}
