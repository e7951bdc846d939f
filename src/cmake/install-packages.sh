#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says nothing where none is.
#
#   install-packages.sh build           what the library and its programs need
#   install-packages.sh build test      and its tests
#   install-packages.sh build test check    and clang, its sanitizers and linter
set -euo pipefail

build=(ca-certificates cmake g++ libcli11-dev libeigen3-dev libopenmpi-dev libutf8proc-dev libxsimd-dev libxxhash-dev libzstd-dev
    ninja-build nlohmann-json3-dev openmpi-bin zlib1g-dev)
test=(clang-format-14 fasttext libgtest-dev librapidcheck-dev munge pkg-config procps python3-numpy slurm-client slurmctld
    slurmd strace zstd)
check=(clang clang-tidy-14 clang-tools-14 libclang-rt-14-dev libomp-14-dev llvm-14)
bench=(libbenchmark-dev time)

missing=()
for group in "$@"; do
    declare -n packages=$group
    for package in "${packages[@]}"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing+=("$package")
    done
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
