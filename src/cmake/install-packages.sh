#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says nothing where none is.
#
#   install-packages.sh build           what the library and its programs need
#   install-packages.sh build test      and its tests
#   install-packages.sh build test check    and clang, its sanitizers and linter, MPICH beside Open MPI
#   install-packages.sh cross           a compiler, libraries and an emulator for 64-bit ARM, an architecture more for dpkg
set -euo pipefail

build=(ca-certificates cmake g++ libcli11-dev libeigen3-dev libopenmpi-dev libutf8proc-dev libxsimd-dev libxxhash-dev libzstd-dev
    ninja-build nlohmann-json3-dev openmpi-bin zlib1g-dev)
test=(clang-format-14 fasttext libgtest-dev librapidcheck-dev munge pkg-config procps python3-numpy slurm-client slurmctld
    slurmd strace zstd)
check=(clang clang-tidy-14 clang-tools-14 libclang-rt-14-dev libmpich-dev libomp-14-dev llvm-14 mpich)
cross=(g++-aarch64-linux-gnu libgomp1:arm64 libgtest-dev:arm64 librapidcheck-dev:arm64 libstdc++6:arm64
    libutf8proc-dev:arm64 libzstd-dev:arm64 qemu-user zlib1g-dev:arm64)
bench=(libbenchmark-dev time)

# A package may be there for several architectures: this machine's counts, or the one that is named.
native=$(dpkg --print-architecture)
is_installed() {
    local name=${1%:*} architecture=$native
    [ "$name" = "$1" ] || architecture=${1#*:}
    dpkg-query -W -f '${Architecture} ${db:Status-Status}\n' "$name:*" 2>/dev/null |
        grep -qE "^($architecture|all) installed\$"
}

missing=()
for group in "$@"; do
    declare -n packages=$group
    for package in "${packages[@]}"; do
        is_installed "$package" || missing+=("$package")
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
case " ${missing[*]} " in *:arm64*) "${as_root[@]}" dpkg --add-architecture arm64 ;; esac
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
