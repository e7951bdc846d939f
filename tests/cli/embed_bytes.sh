#!/usr/bin/env bash
# embed_bytes.sh KAYGRAPH: the same bytes from every level of the kernels, ranks, threads, blocks, packing and grouping of
# the texts; on real text where KAYGRAPH_TEST_DATA names it.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
data=${KAYGRAPH_TEST_DATA:-}

if [ -n "$data" ]; then
    cp "$data/wikitext2-valid.txt" all.txt
else
    for _ in 1 2 3 4; do cat /usr/share/common-licenses/*; done >all.txt
fi
models=(hash:64)
[ -z "$data" ] || models+=("fasttext:$data/fasttext/lee_fasttext.bin" "static:$data/static-model")

# The same lines in 200 files, some of which are packed; the order of their names is the order of the lines.
mkdir small
split -n l/200 -d -a 3 --additional-suffix=.txt all.txt small/part
for file in small/part*[05].txt; do gzip -q "$file"; done
for file in small/part*[37].txt; do zstd -q --rm "$file"; done
gzip -k all.txt
zstd -qk all.txt
half=$(($(wc -l <all.txt) / 2))
head -n "$half" all.txt >first.txt
tail -n +$((half + 1)) all.txt >second.txt

n_runs=0
same() { # the last run's out.npy
    cmp "$1" out.npy || { echo "other bytes: ${*:2}"; exit 1; }
    n_runs=$((n_runs + 1))
    rm -rf out.npy out.npy.run
}
for model in "${models[@]}"; do
    ends 0 embed all.txt --model "$model" --out wanted.npy --quiet --threads 1 --fresh
    for level in scalar baseline avx2 avx512; do
        KAYGRAPH_SIMD=$level ends 0 embed all.txt --model "$model" --out out.npy --quiet
        same wanted.npy "$model, $level"
    done
    for n_ranks in 1 2 3 4; do
        for threads in 1 2 4; do
            for block in 17 1000; do
                for input in all.txt all.txt.gz all.txt.zst small; do
                    ranks $n_ranks embed $input --model "$model" --out out.npy --quiet --threads $threads --block $block
                    same wanted.npy "$model, $n_ranks ranks x $threads threads, blocks of $block, $input"
                done
            done
        done
    done
    ends 0 embed first.txt second.txt --model "$model" --out out.npy --quiet
    same wanted.npy "$model, first.txt second.txt"
    ends 0 embed second.txt first.txt --model "$model" --out turned.npy --quiet --fresh
    ranks 3 embed second.txt first.txt --model "$model" --out out.npy --quiet --threads 2
    same turned.npy "$model, second.txt first.txt"
done
echo "$n_runs runs, the same bytes"
