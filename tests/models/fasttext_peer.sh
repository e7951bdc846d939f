#!/usr/bin/env bash
# fasttext_peer.sh KAYGRAPH FOLDER: trains models of every kind with the official program and compares what it prints for
# sentences with ours: the largest difference may be one unit in the last printed digit.
set -euo pipefail
kaygraph=$1 folder=$2
command -v fasttext >/dev/null || { echo "skipped: there is no fasttext"; exit 77; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$folder"
cd "$folder"

# A corpus of our own, always the same, English and others; what is there of real text comes on top.
/usr/bin/python3 - "${KAYGRAPH_TEST_DATA:-}" <<'PY'
import os, random, sys
random.seed(7)
words = ("the graph of nodes runs on ranks and threads where each block has its place in the output où est la gare "
         "naïve Ärger über Straße 日本語 の テキスト привет мир 🙂 data, bytes. (embedding) it's x-y 3.14 internationalization").split()
lines = [" ".join(random.choice(words) + random.choice(["", "", "s", "ing", str(random.randint(0, 99))])
                  for _ in range(random.randint(3, 25))) for _ in range(3000)]
if sys.argv[1] and os.path.exists(sys.argv[1] + "/wikitext2-valid.txt"):
    lines += [l.strip()[:400] for l in open(sys.argv[1] + "/wikitext2-valid.txt", encoding="utf-8") if l.strip()][:1500]
open("corpus.txt", "w", encoding="utf-8").write("\n".join(lines) + "\n")
open("labelled.txt", "w", encoding="utf-8").write("".join("__label__%d %s\n" % (random.randint(0, 4), l) for l in lines))
texts = random.sample(lines, 600) + [
    "", " ", "\t \t", "où est la gare ?", "日本語 の テキスト", "\ta\tb\v c\f d  e ", "__label__1 hello world", "🙂 naïve __label__unknown Ärger",
    "unseenword anotherunseenword", "a", "</s>x", "__label__", "  leading and trailing  ", "word " * 300, "x" * 500]
open("texts.txt", "w", encoding="utf-8").write("\n".join(texts) + "\n")
PY

quiet="-thread 1 -verbose 0"
small="-dim 30 -epoch 1 -minCount 2 -bucket 20000"
# shellcheck disable=SC2086  # several words
{
    fasttext skipgram -input corpus.txt -output skipgram $small $quiet
    fasttext cbow -input corpus.txt -output cbow $small $quiet
    fasttext skipgram -input corpus.txt -output words -dim 30 -epoch 1 -minCount 2 -minn 0 -maxn 0 $quiet
    fasttext supervised -input labelled.txt -output labels -dim 20 -epoch 2 $quiet
    fasttext supervised -input labelled.txt -output labels2 -dim 20 -epoch 2 -wordNgrams 2 -bucket 20000 $quiet
    fasttext supervised -input labelled.txt -output labels3 -dim 20 -epoch 2 -wordNgrams 3 -minn 2 -maxn 4 -bucket 20000 $quiet
    for model in plain norms pruned; do cp labels3.bin $model.bin; done
    fasttext quantize -input labelled.txt -output plain $quiet
    fasttext quantize -input labelled.txt -output norms -qnorm $quiet
    fasttext quantize -input labelled.txt -output pruned -qnorm -cutoff 3000 -retrain -epoch 1 $quiet
} >/dev/null 2>&1

models=(skipgram.bin cbow.bin words.bin labels.bin labels2.bin labels3.bin plain.ftz norms.ftz pruned.ftz)
real=${KAYGRAPH_TEST_DATA:-}/fasttext/lee_fasttext.bin
[ ! -e "$real" ] || models+=("$real")
for model in "${models[@]}"; do
    fasttext print-sentence-vectors "$model" <texts.txt >printed.txt
    "$kaygraph" embed texts.txt --model "fasttext:$model" --out ours.npy --quiet --fresh
    /usr/bin/python3 "$here/compare_printed.py" "$(basename "$model")" printed.txt ours.npy
done

# A text does not depend on the file it stands in: a mark at its start and no newline at its end make no other rows than
# the official program prints of the whole lines; of the file itself it prints others, as the documentation says.
printf 'the graph of nodes\nranks and threads\n' >lines.txt
printf '\357\273\277the graph of nodes\nranks and threads' >marked.txt
for model in skipgram.bin labels3.bin; do
    fasttext print-sentence-vectors "$model" <lines.txt >printed.txt
    "$kaygraph" embed marked.txt --model "fasttext:$model" --out ours.npy --quiet --fresh
    /usr/bin/python3 "$here/compare_printed.py" "$model, a mark and no newline" printed.txt ours.npy
    fasttext print-sentence-vectors "$model" <marked.txt >marked_printed.txt
    ! diff <(head -1 printed.txt) <(head -1 marked_printed.txt) >/dev/null || { echo 'the mark is no part of a word'; exit 1; }
done
! diff <(tail -1 printed.txt) <(tail -1 marked_printed.txt) >/dev/null || { echo 'a line ends without a newline'; exit 1; }
