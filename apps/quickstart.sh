#!/usr/bin/env bash
# From a fresh clone on Debian 12 to a first result: installs what is missing, builds, and counts the words
# of the texts that every Debian machine has.
#
#   quickstart.sh [FILE...]   default: the licenses and the packages' copyright files
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash src/cmake/install-packages.sh build
[ -e build/release/build.ninja ] || cmake --preset release
cmake --build --preset release --target word_count

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
    mapfile -t files < <(find /usr/share/common-licenses -type f && find /usr/share/doc -name copyright -type f)
fi
echo "== in one process"
build/release/apps/examples/word_count "${files[@]}"
echo "== on two ranks"
if [ "$(id -u)" -eq 0 ]; then  # Open MPI asks twice
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
exec mpirun -n 2 --oversubscribe --bind-to none build/release/apps/examples/word_count "${files[@]}"
