#!/usr/bin/env bash
# From a fresh clone on Debian 12 to a first result: installs what is missing, builds, embeds the texts that
# every Debian machine has on two ranks, and shows what was made.
#
#   quickstart.sh [INPUT...]   default: the licenses, a text a line
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash src/cmake/install-packages.sh build
[ -e build/release/build.ninja ] || cmake --preset release
cmake --build --preset release --target kaygraph_command

inputs=("$@")
# Many of the licenses are links to others: files, so that each is read once.
[ ${#inputs[@]} -gt 0 ] || mapfile -t inputs < <(find /usr/share/common-licenses -type f | sort)
if [ "$(id -u)" -eq 0 ]; then  # Open MPI asks twice
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
kaygraph=build/release/apps/kaygraph
out=build/quickstart.npy
echo "== embed ${#inputs[@]} inputs on two ranks"
mpirun -n 2 --oversubscribe --bind-to none $kaygraph embed "${inputs[@]}" --out $out --fresh
echo "== what was made"
exec $kaygraph info $out
