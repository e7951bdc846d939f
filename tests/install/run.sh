#!/usr/bin/env bash
# run.sh BUILD_FOLDER COMPILER [subdirectory]: installs what was built, moves it elsewhere, and uses it from there as programs
# of others do, without LD_LIBRARY_PATH: with the CMake package and pkg-config, with this compiler and others that are there,
# in projects of C and C++, in a plug-in, with the wrong MPI; and the source tree as a subdirectory.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
build=$1 compiler=$2 with_subdirectory=${3:-}
unset LD_LIBRARY_PATH CC CXX CXXFLAGS CFLAGS LDFLAGS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # nothing may depend on the folder that one stands in

cmake --install "$build" --prefix "$work/prefix" >/dev/null
mkdir -p a/place
mv prefix "a/place/further down"
prefix="$work/a/place/further down"
libdir=$(dirname "$(find "$prefix" -name 'libkaygraph_base.*' | head -1)")
is_shared=
[ ! -e "$libdir/libkaygraph_base.so" ] || is_shared=yes
uses_mpi=
! grep -q KAYGRAPH_WITH_MPI "$libdir/pkgconfig/kaygraph.pc" || uses_mpi=yes

# quietly LOG COMMAND...: says what it said where it fails.
quietly() { "${@:2}" >"$1" 2>&1 || { echo "failed: ${*:2}"; tail -30 "$1"; return 1; }; }
# refused LOG TEXT COMMAND...: the command must fail and say the text.
refused() {
    if "${@:3}" >"$1" 2>&1; then echo "not refused: ${*:3}"; exit 1; fi
    tr -s ' \n' ' ' <"$1" | grep -qF -- "$2" || { echo "expected '$2' of ${*:3}"; cat "$1"; exit 1; }
}
# configured NAME FOLDER OPTION...: a project of this folder that looks for the installed package.
configured() { cmake -S "$here/$2" -B "$1" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" "${@:3}"; }

echo "== the installed tree names no place of this machine"
if grep -rlF -e "$work" -e "$build" -e "$source" --include='*.cmake' --include='*.pc' "$prefix"; then exit 1; fi
if grep -n '[;"]/[a-z]' "$libdir"/cmake/kaygraph/kaygraphTargets*.cmake; then exit 1; fi
if [ -e "$prefix/bin/kaygraph" ]; then "$prefix/bin/kaygraph" selftest >/dev/null; fi

compilers=("$compiler")
for other in g++ clang++; do
    if command -v $other >/dev/null && [ "$(realpath "$(command -v $other)")" != "$(realpath "$compiler")" ]; then
        compilers+=("$other")
    fi
done
export PKG_CONFIG_PATH=$libdir/pkgconfig
for cxx in "${compilers[@]}"; do
    name=$(basename "$cxx")
    echo "== $name, the CMake package"
    quietly log configured "package.$name" package -DCMAKE_CXX_COMPILER="$cxx"
    quietly log cmake --build "package.$name"
    for program in "package.$name"/consumer*; do "$program"; done
    echo "== $name, pkg-config"
    # shellcheck disable=SC2046  # several flags, words of a shell
    eval quietly log '"$cxx"' -std=c++20 -Wall -Wextra -Werror $(pkg-config --cflags kaygraph) '"$here/consumer.cpp"' -o consumer \
        $(pkg-config --libs kaygraph)
    ./consumer
done

echo "== projects of C, of C and C++"
for languages in C 'C;CXX' 'CXX;C'; do
    rm -rf languages
    quietly log configured languages languages -DLANGUAGES="$languages" -DCMAKE_CXX_COMPILER="$compiler"
    quietly log cmake --build languages
    languages/program_in_c
    [ "$languages" = C ] || languages/consumer
done

echo "== what does not fit is refused, and why"
refused log "no component 'weather'" configured wrong package -DCMAKE_CXX_COMPILER="$compiler" -DCOMPONENT=weather
for other in mpich openmpi; do
    if [ -n "$uses_mpi" ] && command -v mpicxx.$other >/dev/null \
        && ! grep -q "/${other}[/ ]" "$libdir/pkgconfig/kaygraph.pc"; then
        refused log "with which it does not link" \
            configured other package -DCMAKE_CXX_COMPILER="$compiler" -DMPI_CXX_COMPILER=mpicxx.$other
        printf '#include <kaygraph/parallel/mpi.hpp>\nint main() {}\n' >mpi.cpp
        # shellcheck disable=SC2046
        eval refused log "'another MPI'" mpicxx.$other -std=c++20 \
            $(pkg-config --cflags kaygraph | sed 's/-I[^ ]*mpi[^ ]*//g') -fsyntax-only mpi.cpp
    fi
done

if [ -z "$is_shared" ]; then
    echo "== a plug-in keeps to itself what it has of kaygraph"
    plug_in=package.$(basename "$compiler")/libplug_in.so
    # all but templates of the standard library, whose classes have a visibility of their own
    if nm -D --defined-only "$plug_in" | grep '8kaygraph' | grep -v ' _ZN\?K\?S[at]'; then exit 1; fi
fi

cmake -S "$source" -B plain -DKAYGRAPH_BUILD_TESTS=OFF -DCMAKE_CXX_COMPILER="$compiler" >log
grep -q '^CMAKE_BUILD_TYPE:STRING=Release$' plain/CMakeCache.txt || { echo "no build type is not Release"; exit 1; }

[ -n "$with_subdirectory" ] || exit 0
echo "== a subdirectory of another project, of another version, whose plug-in runs beside the installed one's"
mkdir later
cp -r "$source"/{CMakeLists.txt,apps,include,src,tests} later
sed -i 's/\(VERSION_MINOR\) .*/\1 99/' later/include/kaygraph/version.hpp
quietly log cmake -S "$here/subdirectory" -B subdirectory -G Ninja -DKAYGRAPH_SOURCE="$work/later" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0
quietly log cmake --build subdirectory --target consumer plug_in
subdirectory/consumer
quietly log "$compiler" "$here/plug_in_host.cpp" -o host -ldl
./host "package.$(basename "$compiler")/libplug_in.so" subdirectory/libplug_in.so
./host subdirectory/libplug_in.so "package.$(basename "$compiler")/libplug_in.so"
