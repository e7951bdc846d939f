#!/usr/bin/env bash
# Rules of the house that a machine can see in the sources. Prints every place; fails where there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
# forbid PATTERN WHY PATH...: no line of the code (comments aside) may match.
forbid() {
    local pattern=$1 why=$2
    shift 2
    local found
    # mpi::Session and MapGuard are what applications ask for.
    found=$(grep -rnE --include='*.hpp' --include='*.cpp' --exclude=mpi_session.cpp --exclude=map_guard.cpp -- "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(//|///)' || true)
    if [ -n "$found" ]; then
        printf '%s:\n%s\n' "$why" "$found"
        status=1
    fi
}

forbid 'std::(cout|cerr|clog)|\b(f|v|vf)?printf\(|\bputs\(|std::format' 'the library prints nothing, and formats with to_chars' include src
forbid '\b(abort|_exit|exit|quick_exit)\(|std::terminate' 'the library never ends the process' include src
forbid '\bMPI_COMM_WORLD|MPI_Abort|MPI_Init(_thread)?\b|MPI_Finalize\b' 'only mpi::Session may do this' include src
forbid 'std::random_device|\brand\(|std::rand\b' 'random numbers are seeded' include src tests
forbid '^using namespace' 'no names poured into headers or files' include src
forbid 'setlocale|signal\(|sigaction\(|fesetround|omp_set_' 'settings belong to the host' include src

# Debian's MPICH reduces every unsigned type as a signed one, Open MPI 4.1.4 MPI_UNSIGNED_LONG: see parallel/signed_order.hpp.
found=$(grep -rlPzi --include='*.hpp' --include='*.cpp' \
    'MPI_I?(all)?(reduce|scan|exscan)\w*\([^;]*(MPI_U|MPI_BYTE|MPI_AINT|MPI_COUNT|MPI_OFFSET|MPI_CHAR|MPI_WCHAR)' include src apps tests || true)
if [ -n "$found" ]; then
    printf 'reductions are over signed types of MPI:\n%s\n' "$found"
    status=1
fi

# One idea a file.
while read -r file; do
    lines=$(wc -l <"$file")
    case $file in *.hpp) most=400 ;; *) most=600 ;; esac
    case $file in include/*) lines=$((lines - 4)) ;; esac # the pragmas of visibility
    if [ "$lines" -gt "$most" ]; then
        echo "$file has $lines lines, $most are allowed"
        status=1
    fi
done < <(find include src apps tests -name '*.hpp' -o -name '*.cpp')

# Every public header is installed: its layer lists it.
while read -r file; do
    path=${file#include/kaygraph/}
    layer=src/${path%%/*}/CMakeLists.txt
    [ -e "$layer" ] || layer=src/CMakeLists.txt
    if ! grep -qE "(^|[ (/])${path#*/}([ )\"]|\$)" "$layer" src/CMakeLists.txt CMakeLists.txt; then
        echo "$file is in no list of headers of $layer: it would not be installed"
        status=1
    fi
done < <(find include -name '*.hpp')

# Every public header says how it behaves under MPI and threads.
while read -r file; do
    case $file in */detail/* | */export.hpp | */kaygraph.hpp | */codec_core.hpp) continue ;; esac
    for tag in '@par MPI' '@par Threads'; do
        if ! grep -q "$tag" "$file"; then
            echo "$file has no '$tag' in a documentation comment"
            status=1
        fi
    done
done < <(find include -name '*.hpp')

[ $status -eq 0 ] && echo "sources: the rules of the house are kept"
exit $status
