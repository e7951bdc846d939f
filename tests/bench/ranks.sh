#!/usr/bin/env bash
# Threads and ranks beside a hand-written loop: medians of alternating runs, as ratios to the loop (uniform
# work) or to perfect balance (skewed work). For two cores; REPETITIONS=7 by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
bash src/cmake/install-packages.sh build bench
cmake --preset bench >/dev/null
cmake --build --preset bench --target ranks_bench >/dev/null
bench=build/bench/tests/bench/ranks_bench
on_ranks() { mpirun -n "$1" --oversubscribe --bind-to none "$bench" "${@:2}"; }

repetitions=${REPETITIONS:-7}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for _ in $(seq "$repetitions"); do
    "$bench" omp uniform 2 >>"$results/omp"
    on_ranks 1 graph uniform 2 stealing >>"$results/1x2"
    on_ranks 2 graph uniform 1 stealing >>"$results/2x1"
    "$bench" omp skewed 2 >>"$results/skewed_omp"
    "$bench" omp skewed 1 >>"$results/skewed_serial"
    on_ranks 2 graph skewed 1 static >>"$results/skewed_static"
    on_ranks 2 graph skewed 1 stealing >>"$results/skewed_stealing"
done
median() { sort -n "$results/$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }
ideal=$(awk -v t="$(median skewed_serial)" 'BEGIN {print t / 2}')
echo "| | seconds | efficiency | wanted |"
echo "| --- | --- | --- | --- |"
echo "| uniform, hand-written omp, 2 threads | $(median omp) | 1 | |"
echo "| uniform, 1 rank x 2 threads | $(median 1x2) | $(ratio "$(median omp)" "$(median 1x2)") | 0.95 |"
echo "| uniform, 2 ranks x 1 thread | $(median 2x1) | $(ratio "$(median omp)" "$(median 2x1)") | 0.95 |"
echo "| skewed, one thread / 2 (ideal) | $ideal | 1 | |"
echo "| skewed, hand-written omp dynamic, 2 threads | $(median skewed_omp) | $(ratio "$ideal" "$(median skewed_omp)") | |"
echo "| skewed, 2 ranks x 1 thread, static | $(median skewed_static) | $(ratio "$ideal" "$(median skewed_static)") | at most 0.7 |"
echo "| skewed, 2 ranks x 1 thread, stealing | $(median skewed_stealing) | $(ratio "$ideal" "$(median skewed_stealing)") | 0.95 |"
