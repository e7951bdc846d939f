#!/usr/bin/env bash
# Reads the includes of a source tree and fails where one runs uphill: a layer may include itself and
# lower floors only (src/cmake/layers.txt). Also: mpi.h, omp.h, Asio and Eigen only where they belong.
#
#   layers.sh [TREE]       judge a tree (default: the one this script is in)
#   layers.sh --self-test  prove that planted faults turn it red
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

judge() {
    local tree=$1
    (cd "$tree" && find include/kaygraph src apps -name '*.hpp' -o -name '*.cpp' | sort) | while read -r file; do
        awk -v file="$file" '
            function layer_of(path,   parts) {
                sub(/^include\/kaygraph\//, "", path)
                sub(/^src\//, "", path)
                if (path ~ /^apps\//) return "apps"
                split(path, parts, "/")
                return path ~ /\// ? parts[1] : ""      # files of the top: kaygraph.hpp, version.hpp
            }
            FNR == NR { if ($1 ~ /^[0-9]+$/) floor_of[$2] = $1; next }
            /^[ \t]*#[ \t]*include/ {
                if (!match($0, /[<"][^>"]+[>"]/)) next
                target = substr($0, RSTART + 1, RLENGTH - 2)
                own = layer_of(file)
                if (target == "mpi.h" && file !~ /parallel\/(mpi\.hpp|.*\.cpp)$/) bad("mpi.h belongs into parallel/mpi.hpp and the sources of parallel/")
                if (target == "omp.h" && file != "src/parallel/team.cpp") bad("omp.h belongs into src/parallel/team.cpp")
                if (target ~ /^asio/ && file !~ /graph\/async\.hpp$|^src\/graph\//) bad("Asio belongs into graph/async.hpp")
                if (target ~ /^Eigen\// && file !~ /kernels\//) bad("Eigen belongs into kernels/")
                other = ""
                if (target ~ /^kaygraph\//) { sub(/^kaygraph\//, "", target); if (target !~ /\//) { if (target == "kaygraph.hpp" && own != "apps" && own != "") bad("the umbrella header is for users"); next } split(target, parts, "/"); other = parts[1] }
                else if (target ~ /^[a-z]+\//) { split(target, parts, "/"); if (parts[1] in floor_of) other = parts[1] }
                if (other == "" || own == "" || own == other) next
                if (own == "apps" && $0 ~ /"/) bad("apps include public headers only")
                if (!(own in floor_of)) bad("folder " own " is in no layer")
                if (floor_of[other] >= floor_of[own]) bad("runs uphill: " own " (floor " floor_of[own] ") may not include " other " (floor " floor_of[other] ")")
            }
            function bad(why) { print file ":" FNR ": " why; failed = 1 }
            END { exit failed }
        ' "$here/src/cmake/layers.txt" "$tree/$file" || touch "$failures"
    done
    [ ! -e "$failures" ]
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=$work/failed

if [ "${1:-}" != --self-test ]; then
    judge "${1:-$here}" && echo "layers: every include runs downhill"
    exit
fi

# A tree with one planted fault must turn red.
planted() {
    local file=$1 line=$2
    rm -rf "$work/tree" "$failures"
    mkdir -p "$work/tree"
    cp -r "$here/include" "$here/src" "$here/apps" "$work/tree"
    printf '%s\n' "$line" >>"$work/tree/$file"
    if judge "$work/tree" >"$work/said"; then
        echo "not seen: $line in $file" >&2
        exit 1
    fi
    cat "$work/said"
}
planted include/kaygraph/base/error.hpp '#include <kaygraph/graph/store.hpp>'
planted src/parallel/team.cpp '#include <kaygraph/metrics/summary.hpp>'
planted src/metrics/summary.cpp '#include "graph/walk.hpp"'
planted include/kaygraph/graph/store.hpp '#include <kaygraph/kaygraph.hpp>'
planted src/graph/walk.cpp '#include <mpi.h>'
planted include/kaygraph/graph/node.hpp '#include <Eigen/Dense>'
rm -rf "$failures"
judge "$here"
echo "layers: planted faults turn the check red"
