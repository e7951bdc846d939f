#!/usr/bin/env bash
# fuzz.sh [SECONDS [NAME...]]: attacks every parser with libFuzzer, 60 seconds each, two at a time, from its kept
# inputs on. Prints what broke, and where the input is that broke it: it belongs to the kept ones once mended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
command -v clang++ >/dev/null || { echo 'skipped: there is no clang++'; exit 77; }

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz >build/fuzz.log 2>&1 || { tail -50 build/fuzz.log; exit 1; }
mapfile -t names < <(if [ $# -gt 1 ]; then printf '%s\n' "${@:2}"; else
    find build/fuzz/tests -name 'fuzz_*' -type f -executable -printf '%f\n' | sed 's/^fuzz_//' | sort; fi)
[ ${#names[@]} -gt 0 ]

attack() { # NAME SECONDS
    local program found=build/fuzz/found/$1
    program=$(find build/fuzz/tests -name "fuzz_$1" -type f -executable)
    mkdir -p "$found"
    if "$program" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -artifact_prefix="$found-" "$found" \
        "$(find tests -path "*/fuzz_inputs/$1" -type d)" >"$found.log" 2>&1; then
        echo "$1: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 inputs/p' "$found.log")"
    else
        echo "$1: broke, see $found.log"
        grep -E 'ERROR|SUMMARY|Test unit written' "$found.log"
        return 1
    fi
}
export -f attack
printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c "attack {} $seconds"
