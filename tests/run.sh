#!/usr/bin/env bash
# From a fresh clone on Debian 12: installs what is missing, builds, and runs the tests.
#
#   run.sh             gcc, every check on, all tests but the slow ones
#   run.sh --checks    clang, AddressSanitizer with UBSan, ThreadSanitizer, shared libraries, no MPI, a part of the tests on
#                      ranks with MPICH, clang-tidy on what the last commit changed
#   run.sh --all       both, and the slow tests, all with MPICH, kernels and models on 64-bit ARM in an emulator
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=${1:---tests}
case $mode in --tests | --checks | --all) ;; *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
jobs=$(nproc)

# built PRESET [TARGET...]: configured and built, quietly as long as all is well.
built() {
    local preset=$1 log=build/$1.log targets=()
    [ $# -eq 1 ] || targets=(--target "${@:2}")
    mkdir -p build
    echo "== building $preset"
    { cmake --preset "$preset" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1 ||
        { tail -50 "$log"; exit 1; }
}

# tested PRESET: ctest, whose summary is the last thing one sees.
tested() { ctest --preset "$1" --parallel "$jobs" --progress --output-on-failure "${@:2}"; }

# tidied: clang-tidy on the sources that the last commit changed (another base: KAYGRAPH_TIDY_BASE), and with
# --all on all of them: it takes ten seconds a file.
tidied() {
    local files=()
    if [ $mode = --all ]; then
        files=("$PWD/(src|apps)/.*")
    else
        mapfile -t files < <(git diff --name-only --diff-filter=d "${KAYGRAPH_TIDY_BASE:-HEAD~1}" -- src apps |
            grep '\.cpp$' | sed "s|^|$PWD/|")
    fi
    echo "== clang-tidy"
    [ ${#files[@]} -gt 0 ] || { echo "clang-tidy: no source was changed"; return; }
    run-clang-tidy-14 -quiet -j "$jobs" -p build/clang "${files[@]}" >build/tidy.log 2>&1 ||
        { grep -E '(error|warning):' build/tidy.log | sort -u; exit 1; }
    echo "clang-tidy: no findings"
}

checks() {
    bash src/cmake/install-packages.sh build test check
    for preset in clang asan tsan shared no-mpi; do
        built $preset
        tested $preset
    done
    if [ $mode = --all ]; then
        bash src/cmake/install-packages.sh cross
        for preset in mpich aarch64; do
            built $preset
            tested $preset
        done
    else
        built mpich kaygraph_command kaygraph_{communicator,ranks}_tests kaygraph_{failing,host}_program kaygraph_red_test
        tested mpich -R '^(mpi\.(communicator|ends|host|meta|ranks)|cli\.embed$)'
    fi
    tidied
}

bash src/cmake/install-packages.sh build test
[ $mode = --tests ] || checks
if [ $mode != --checks ]; then
    built dev
    tested dev
    [ $mode != --all ] || ctest --test-dir build/dev -L slow --parallel "$jobs" --output-on-failure
fi
