#!/usr/bin/env bash
# Sentence vectors, whole processes: trains a fastText model on the corpus, then runs the official program and ours in
# turn, and prints the table of medians.
#
#   embed.sh [REPETITIONS]   default 5. KAYGRAPH_TEST_DATA names the folder that has wikitext2-valid.txt, and
#                            static-model/ where the static model is to be measured, too.
#
# Ours write to /dev/shm, the official program prints to /dev/null: a disk would be the slowest of all. Threads and
# ranks share a corpus that is eight times as long, and write f16; their seconds are those of the run itself, and mpirun's start stands
# beside them. Needs 2 GB of /dev/shm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repetitions=${1:-5}
data=${KAYGRAPH_TEST_DATA:?names the folder with wikitext2-valid.txt}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 KAYGRAPH_TEST_DATA
python=/usr/bin/python3  # the one that has the numpy of the package
work=${KAYGRAPH_BENCH_FOLDER:-build/bench-embed}

bash src/cmake/install-packages.sh build test bench
cmake --preset bench >/dev/null
cmake --build --preset bench --target kaygraph_command kaygraph_models_bench >/dev/null
kaygraph=$PWD/build/bench/apps/kaygraph
models_bench=$PWD/build/bench/tests/bench/kaygraph_models_bench
out=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$out"' EXIT
mkdir -p "$work"
cd "$work"

# The corpus: sentences between " . ", the sample twenty times, each time in another order, always the same ones.
[ -s corpus.txt ] || "$python" - "$data/wikitext2-valid.txt" corpus.txt <<'PY'
import random, sys
sentences = [s.strip() for line in open(sys.argv[1], encoding="utf-8") for s in line.split(" . ") if s.strip()]
with open(sys.argv[2], "w", encoding="utf-8") as out:
    for seed in range(20):
        random.Random(seed).shuffle(sentences)
        out.write("".join(s + "\n" for s in sentences))
PY
[ -s long.txt ] || for ((i = 0; i < 8; ++i)); do cat corpus.txt; done >long.txt
[ -s model.bin ] || fasttext skipgram -input corpus.txt -output model -dim 100 -minn 3 -maxn 6 -bucket 200000 -epoch 1 \
    -minCount 5 -thread 2 -verbose 0 >/dev/null 2>&1
# A table for the real tokenizer: 256 columns of f32, made of a hash.
if [ -d "$data/static-model" ] && [ ! -s static/model.safetensors ]; then
    mkdir -p static
    cp "$data/static-model/tokenizer.json" static/
    echo '{"normalize": true}' >static/config.json
    "$python" - "$data/static-model/tokenizer.json" static/model.safetensors <<'PY'
import json, struct, sys
import numpy as np
n = len(json.load(open(sys.argv[1], encoding="utf-8"))["model"]["vocab"])
table = np.random.default_rng(1).standard_normal((n, 256), dtype=np.float32)
head = json.dumps({"embeddings": {"dtype": "F32", "shape": [n, 256], "data_offsets": [0, table.nbytes]}}).encode()
head += b" " * (-len(head) % 8)
open(sys.argv[2], "wb").write(struct.pack("<Q", len(head)) + head + table.tobytes())
PY
fi

sentences=$(wc -l <corpus.txt)
tokens=$(wc -w <corpus.txt)
bytes=$(wc -c <corpus.txt)

# timed NAME COMMAND...: seconds and peak mebibytes of a whole process, appended to NAME.
timed() {
    local name=$1
    shift
    /usr/bin/time -f '%e %M' -o "$name.last" "$@" >/dev/null 2>"$name.err" || { cat "$name.err" >&2; exit 1; }
    awk '{ print $1, $2 / 1024 }' "$name.last" >>"$name.times"
}
ours() { # NAME CORPUS SPEC THREADS [OPTION...]
    timed "$1" "$kaygraph" embed "$2.txt" --model "$3" --out "$out/$1.npy" --quiet --threads "$4" --fresh "${@:5}"
}

# inside NAME: seconds of the run itself, by its own metrics.json, appended to NAME: without the start of mpirun.
inside() { sed -n 's/^ *"elapsed_s": \([0-9.e-]*\),$/\1/p' "$out/$1.npy.run/metrics.json" | head -1 >>"$1.inside.times"; }
on_ranks() { # NAME CORPUS SPEC
    timed "$1" mpirun -n 2 --bind-to none "$kaygraph" embed "$2.txt" --model "$3" --out "$out/$1.npy" --quiet \
        --threads 1 --fresh --dtype f16
}

rm -f ./*.times
specs=(fasttext:model.bin hash:256)
[ ! -d static ] || specs+=(static:static)
for ((i = 0; i < repetitions; ++i)); do
    timed official sh -c 'exec fasttext print-sentence-vectors model.bin <corpus.txt'
    for spec in "${specs[@]}"; do ours "${spec%%:*}" corpus "$spec" 1; done
    for spec in "${specs[@]}"; do
        name=${spec%%:*}
        ours "$name.long1" long "$spec" 1 --dtype f16
        ours "$name.long2" long "$spec" 2 --dtype f16
        cmp "$out/$name.long1.npy" "$out/$name.long2.npy"
        inside "$name.long1"
        inside "$name.long2"
        rm -rf "$out/$name.long2.npy"*
        on_ranks "$name.ranks2" long "$spec"
        cmp "$out/$name.long1.npy" "$out/$name.ranks2.npy"
        inside "$name.ranks2"
        rm -rf "$out/$name."*
    done
done

median() { sort -n "$1.times" | awk -v c="${2:-1}" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }
row() { # NAME LABEL BASE [COPIES]: seconds, sentences/s, tokens/s, MB/s, times the base, mebibytes
    awk -v s="$(median "$1")" -v b="$(median "$3")" -v m="$(median "$1" 2)" -v n="$sentences" -v t="$tokens" -v x="$bytes" -v l="$2" \
        -v c="${4:-1}" \
        'BEGIN { printf "| %-44s | %6.3f | %9.0f | %6.2f M | %6.1f | %6.2f | %5.0f |\n", l, s, c * n / s, c * t / s / 1e6, c * x / s / 1e6, b / s, m }'
}
printf '%s, %s cores, %s, fasttext %s, %s; %s sentences, %s words, %s bytes; medians of %s\n\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(g++ --version | head -1)" \
    "$(dpkg-query -W -f '${Version}' fasttext)" "$(date +%F)" "$sentences" "$tokens" "$bytes" "$repetitions"
echo '| whole process, 1 thread | s | sentences/s | words/s | MB/s | times | MiB |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
row official 'fasttext print-sentence-vectors' official
row fasttext 'kaygraph embed fasttext:' official
row hash 'kaygraph embed hash:256' official
[ ! -s static.times ] || row static 'kaygraph embed static:, 256 columns' official
echo
echo '| the corpus 8 times, f16 | 1 thread, s | 2 threads, s | times | 2 ranks, s | times | with mpirun, s | MiB, 2 threads |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
for spec in "${specs[@]}"; do
    name=${spec%%:*}
    awk -v l="$name:" -v a="$(median "$name.long1.inside")" -v b="$(median "$name.long2.inside")" \
        -v c="$(median "$name.ranks2.inside")" -v d="$(median "$name.ranks2")" -v m="$(median "$name.long2" 2)" \
        'BEGIN { printf "| %-10s | %6.3f | %6.3f | %5.2f | %6.3f | %5.2f | %6.3f | %5.0f |\n", l, a, b, a / b, c, a / c, d, m }'
done
echo
echo '| the model alone, 1 thread | s | tokens/s | MB/s |'
echo '| --- | --- | --- | --- |'
"$models_bench" corpus.txt "$repetitions" "${specs[@]}" |
    awk '{ printf "| %-44s | %6.3f | %6.2f M | %6.1f |\n", $1, $2, $3 / 1e6, $4 }'
