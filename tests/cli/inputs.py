"""inputs.py: writes the files of inputs.sh: what people's files are really like."""
import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import zipfile

MARK = b"\xef\xbb\xbf"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 1234\n"
ROWS = ((1, 2, 3), (4, 5, 6), (7, 8, 9))
WORDS = ("alpha", "beta", "gamma")


def write(name, content):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())


def vectors(words=WORDS, rows=ROWS, head=True):
    return (f"{len(words)} {len(rows[0])}\n" if head else "") + "".join(
        word + "".join(f" {number}" for number in row) + "\n" for word, row in zip(words, rows))


def binary_vectors(words, newline=b"\n"):
    return b"%d 3\n" % len(words) + b"".join(
        word + b" " + struct.pack("<3f", *row) + newline for word, row in zip(words, ROWS))


def npy(descr, data, shape="(2, 3)", order="False"):
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def safetensors(tensors, data):
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + data


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", content)
    return packed.getvalue()


def tar_gz(content):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("vectors.bin")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def word_vectors():
    write("words.txt", "alpha\nbeta\ngamma\n")
    write("mark.vec", MARK + vectors().encode())
    write("plus.vec", vectors().replace(" 1 2", " +1.0 +2e0"))
    write("glove_marked.txt", MARK + vectors(head=False).encode())
    write("packed.vec.gz", gzip.compress(vectors().encode()))
    write("packed_without_ending.vec", gzip.compress(vectors().encode()))
    write("spaces.txt", vectors(WORDS + (". . .", ". ."), ROWS + ROWS[:2], head=False))  # GloVe 840B
    write("space.vec", vectors(WORDS + (" ",), ROWS + ROWS[:1]))  # GoogleNews as text
    write("tab.vec", vectors(WORDS + ("\t",), ROWS + ROWS[:1]))  # crawl-300d-2M
    write("nbsp.vec", vectors(WORDS + ("\u00a0",), ROWS + ROWS[:1]))
    write("no_newlines.bin", binary_vectors([word.encode() for word in WORDS], b""))
    write("no_utf8.bin", b"4 3\n" + binary_vectors([word.encode() for word in WORDS])[4:] +
          b"\xe4\xb8\xad\xe6 " + struct.pack("<3f", 1, 2, 3) + b"\n")
    # not these
    write("sparse.vec", "3 3\nalpha 0:0.1 2:0.3\nbeta 1:0.2\ngamma 0:1\n")  # PPMI of Chinese-Word-Vectors
    write("merge.txt", "<<<<<<< HEAD\n" + vectors(head=False) + ">>>>>>> 9b45bd8\n")
    write("cut.vec", vectors()[:-3])
    write("fewer.vec", vectors().replace("3 3", "4 3", 1))
    write("cut.bin", binary_vectors([word.encode() for word in WORDS])[:-6])
    write("space.bin", binary_vectors([b"New York", b"beta", b"gamma"]))
    write("word2vec.model", pickle.dumps({"vectors": b"", "index": {}}))
    write("glove.zip", zipped(vectors()))
    write("vectors.bin.tar.gz", tar_gz(binary_vectors([b"alpha"])))
    write("pointer.bin.gz", POINTER)
    write("fasttext.bin", struct.pack("<ii", 793712314, 12) + bytes(64))


def matrices():
    data = struct.pack("<6f", *range(6))
    write("u1.npy", npy("'<u1'", bytes(range(6))))  # cnpy
    write("bytes.npy", npy("'|u1'", bytes(range(6))))
    write("comma.npy", npy("'<f4'", data, "(2,3,)"))
    write("native.npy", npy("'=f4'", data))
    write("long.npy", npy("'<f4'", data, "(2L, 3L)"))
    write("columns.npy", npy("'<f4'", struct.pack("<6f", 0, 3, 1, 4, 2, 5), order="True"))
    write("header.txt", "# two columns\n0 1 2\n3 4 5\n# the end\n")
    write("commas.txt", "# a,b,c\n0.0,1.0,2.0\n3.0,4.0,5.0\n")
    write("big.npy", npy("'>f4'", struct.pack(">6f", *range(6))))
    write("numpy2.npy", npy("'<f4'", data, "(np.int64(2), np.int64(3))"))
    write("objects.npy", npy("'|O'", pickle.dumps([1])))
    write("cnpy.npy", npy("'<?24'", data))
    write("short.npy", npy("'<f4'", data, "(5, 3)"))
    write("zip.npy", zipped(npy("'<f4'", data)))
    whole = {"t": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    write("whole.safetensors", safetensors(whole, data))
    write("trailing.safetensors", safetensors(whole, data + b"\0\0\0\0"))
    write("gap.safetensors", safetensors({"t": {"dtype": "F32", "shape": [2, 3], "data_offsets": [4, 28]}}, bytes(4) + data))
    write("pointer.safetensors", POINTER)
    write("bf16.safetensors", safetensors({"t": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}, bytes(12)))
    write("huge.safetensors", struct.pack("<Q", 132095296) + data)
    write("fvecs.fbin", b"".join(struct.pack("<i3f", 3, *row) for row in ROWS))
    write("fbin.fvecs", struct.pack("<II6f", 2, 3, *range(6)))
    write("long_head.fbin", struct.pack("<QQ6f", 2, 3, *range(6)))
    write("truth.ibin", struct.pack("<II6i6f", 2, 3, *range(12)))
    write("cropped.u8bin", struct.pack("<II", 1000000000, 4) + bytes(40))
    write("large.npy", npy("'<f4'", struct.pack("<6f", 65519, 65520, -1e9, 1, float("nan"), 300)))
    write("integers.npy", npy("'|u1'", bytes((0, 1, 127, 128, 200, 255))))
    write("small_integers.npy", npy("'|u1'", bytes((0, 1, 2, 3, 126, 127))))


def texts():
    record = b'{"id": 1, "text": "one text"}\n{"id": 2, "text": "another"}\n'
    write("plain.jsonl", record)
    write("plain.txt", "one text\nanother\n")
    for name in ("a.ndjson", "a.jsonlines", "a.json", "no_ending"):
        write(name, record)
    write("marked.json", MARK + record)
    write("shard.json.gz", gzip.compress(record[:30]) + gzip.compress(record[30:]))
    write("padded.jsonl.gz", gzip.compress(record) + bytes(17))
    write("overflow.jsonl", record.replace(b'"id"', b'"score": 1e400, "n": 123456789012345678901234567890, "id"'))
    write("half.jsonl", record.replace(b'"id"', b'"tool": "cut \\ud83d", "id"'))
    write("separators.jsonl", '{"text": "one\u2028text"}\n{"text": "an\u0085other"}\n')
    write("separators.txt", "one\u2028text\nan\u0085other\n")
    write("array.json", '[{"text": "one"}, {"text": "two"}]')
    write("half_text.jsonl", record.replace(b"another", b"an\\ud83dother"))
    write("utf16.txt", "one text\r\nanother\r\n".encode("utf-16"))
    write("utf16_without_mark.jsonl", '{"text": "one"}\r\n'.encode("utf-16-le"))
    write("utf32.txt", "one text\n".encode("utf-32"))
    write("packed.txt", gzip.compress(b"one text\n"))
    write("archive.txt", zipped("one text\n"))
    write("tar.txt.gz", tar_gz(b"one text\n"))
    write("pointer.txt", POINTER)
    write("pointer.jsonl.gz", POINTER)
    write("parquet.jsonl", b"PAR1\x15\x04\x15" + bytes(40))
    write("garbage.jsonl.gz", gzip.compress(record) + b"garbage")
    write("cut.jsonl.gz", gzip.compress(record * 100)[:-12])
    write("nan.jsonl", '{"text": "one", "x": NaN}\n')
    # a folder as it lies on a disk
    write("corpus/b.txt", "one text\nanother\n")
    write("corpus/c/d.jsonl", record)
    write("corpus/._b.txt", b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    write("corpus/.DS_Store", b"\0\0\0\1Bud1\x80")
    write("corpus/.ipynb_checkpoints/b-checkpoint.txt", "one text\n")
    write("corpus/.cache/huggingface/download/d.jsonl", record)
    write("corpus/dataset_infos.json", '{\n  "features": {}\n}\n')
    write("corpus/README.md", "# A corpus\n")


def tokenizers():
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = {"[UNK]": 0, **{letter: i + 1 for i, letter in enumerate(letters)},
                  **{"##" + letter: i + 27 for i, letter in enumerate(letters)}}
    word_piece = {
        "version": "1.0", "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [{
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
            "lowercase": True}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "BertPreTokenizer"}]},
        "model": {"unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": vocabulary}}
    unigram = {
        "version": "1.0", "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": None, "vocab": [["\u2581", -2], ["a", -3], ["b", -3]]}}
    table = struct.pack("<106f", *range(106))
    embeddings = {"embeddings": {"dtype": "F32", "shape": [53, 2], "data_offsets": [0, 424]}}
    few = {"embeddings": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]}}
    for folder, tokenizer, model in (
            ("pointer", word_piece, POINTER), ("word_piece", word_piece, safetensors(embeddings, table)),
            ("unigram", unigram, safetensors(few, table[:24])), ("other", unigram, safetensors(embeddings, table))):
        write(folder + "/tokenizer.json", json.dumps(tokenizer))
        write(folder + "/config.json", '{"normalize": false}')
        write(folder + "/model.safetensors", model)
    write("letters.txt", "A B\nab\n")
    write("wide.txt", "\uff41  \uff42\nab\nz\n")


word_vectors()
matrices()
tokenizers()
texts()
