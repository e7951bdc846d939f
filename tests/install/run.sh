#!/usr/bin/env bash
# run.sh BUILD_FOLDER COMPILER: installs what was built into a fresh prefix and links a program against it in
# three ways: the CMake package, pkg-config, and the source tree as a subdirectory.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$1
export CXX=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # nothing may depend on the folder that one stands in

cmake --install "$build" --prefix "$work/prefix" >/dev/null
libdir=$(dirname "$(find "$work/prefix" -name 'libkaygraph_base.*' | head -1)")

echo "== the CMake package"
cmake -S "$here/package" -B package -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build package >/dev/null
LD_LIBRARY_PATH=$libdir package/consumer
if cmake -S "$here/package" -B refused -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_PROJECT_consumer_INCLUDE="$here/wrong_component.cmake" >refused.log 2>&1; then
    echo "a component that does not exist was found"
    exit 1
fi
grep -q 'weather' refused.log

echo "== pkg-config"
export PKG_CONFIG_PATH=$libdir/pkgconfig
# shellcheck disable=SC2046  # several flags
"$CXX" -std=c++20 $(pkg-config --cflags kaygraph) "$here/consumer.cpp" -o consumer \
    $(pkg-config --libs kaygraph)
LD_LIBRARY_PATH=$libdir ./consumer

echo "== a subdirectory of another project"
cmake -S "$here/subdirectory" -B subdirectory -G Ninja -DKAYGRAPH_SOURCE="$source" >/dev/null
cmake --build subdirectory --target consumer >/dev/null
subdirectory/consumer
