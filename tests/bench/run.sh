#!/usr/bin/env bash
# Builds the benchmarks and prints their table: medians of interleaved repetitions, beside what is
# required and, where there is one, beside the peer in the same run.
#
#   run.sh [REPETITIONS]   default 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repetitions=${1:-25}

bash src/cmake/install-packages.sh build bench
cmake --preset bench >/dev/null
cmake --build --preset bench >/dev/null

results=$(mktemp)
trap 'rm -f "$results"' EXIT
build/bench/tests/bench/kaygraph_engine_bench \
    --benchmark_min_time=0.1 --benchmark_repetitions="$repetitions" --benchmark_enable_random_interleaving=true \
    --benchmark_report_aggregates_only=true --benchmark_format=csv 2>/dev/null |
    awk -F, '/_median/ { gsub(/"/, "", $1); sub(/\/real_time_median$/, "", $1); print $1, $NF * 1e9 }' >"$results"

nanoseconds() { awk -v name="$1" '$1 == name { print $2 }' "$results"; }
row() { printf '| %-44s | %12s | %22s |\n' "$1" "$2" "$3"; }
rounded() { awk -v x="$1" 'BEGIN { printf "%.3g", x }'; }

# Seconds that a source file which only includes the umbrella header takes to compile.
include_seconds() {
    local source=$results.cpp
    echo '#include <kaygraph/kaygraph.hpp>' >"$source"
    for _ in 1 2 3 4 5; do
        /usr/bin/env bash -c "TIMEFORMAT=%R; time g++ -std=c++20 -Iinclude -c -o /dev/null '$source'" 2>&1
    done | sort -n | sed -n 3p
    rm -f "$source"
}

omp=$(nanoseconds omp_parallel_for)
printf '%s, %s cores, %s, %s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
    "$(g++ --version | head -1)" "$(date +%F)"
row 'engine' 'median' 'required'
row '---' '---' '---'
row 'visit of a node in a walk' "$(rounded "$(nanoseconds visit/metrics_off)") ns" '<= 200 ns'
row 'the same, metrics on' "$(rounded "$(nanoseconds visit/metrics_on)") ns" '<= 400 ns'
row 'run of a graph of one empty node' "$(rounded "$(nanoseconds run)") ns" '-'
row 'sequential batch item' "$(rounded "$(nanoseconds sequential_item)") ns" '<= 5 ns'
row 'hand-written omp parallel for, an item' "$(rounded "$omp") ns" '-'
row 'ParallelBatchNode, the same items' "$(rounded "$(nanoseconds parallel_item/metrics_off)") ns" \
    "$(rounded "$(awk -v a="$(nanoseconds parallel_item/metrics_off)" -v b="$omp" 'BEGIN { print a / b }')") x, <= 1.05 x"
row 'the same, metrics on' "$(rounded "$(nanoseconds parallel_item/metrics_on)") ns" \
    "$(rounded "$(awk -v a="$(nanoseconds parallel_item/metrics_on)" -v b="$omp" 'BEGIN { print a / b }')") x"
row 'compiling #include <kaygraph/kaygraph.hpp>' "$(include_seconds) s" '<= 1.5 s'
