#!/usr/bin/env bash
# bare_machine.sh FOLDER COMMAND...: runs a command in a copy of this source tree on a bare Debian 12: what debootstrap makes in
# FOLDER (kept for the next time), without /sys and so without a cgroup file system, with a host name that does not resolve, so
# that each mpirun takes seconds more. As root, and with a network for the packages:
#
#   bare_machine.sh /var/tmp/bare bash apps/quickstart.sh
#   bare_machine.sh /var/tmp/bare bash tests/run.sh
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
shift
if [ ! -e "$folder/etc/debian_version" ]; then
    command -v debootstrap >/dev/null || { echo "install debootstrap first" >&2; exit 1; }
    mkdir -p "$folder"
    debootstrap --variant=minbase bookworm "$folder"
fi
folder=$(cd "$folder" && pwd)
cp /etc/resolv.conf "$folder/etc/"
mkdir -p "$folder/kaygraph"
find "$folder/kaygraph" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
(cd "$source" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -c) | tar -x -C "$folder/kaygraph"

# shellcheck disable=SC2016  # expanded inside
exec unshare --mount --uts --pid --fork bash -c '
    set -e
    folder=$1
    shift
    hostname bare-machine
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    exec chroot "$folder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        sh -c "cd /kaygraph && exec \"\$@\"" sh "$@"
' bash "$folder" "$@"
