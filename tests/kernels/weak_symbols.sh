#!/usr/bin/env bash
# weak_symbols.sh OBJECT...: fails where an object of a level has symbols that the linker shares between files: it could
# take a function compiled for a newer CPU for the one of common code. --self-test OBJECT: one that has some is seen.
set -euo pipefail
judge() {
    local object=$1 found
    found=$(nm -C "$object" | grep -E ' [VWu] ' || true)
    [ -z "$found" ] || { printf '%s holds\n%s\n' "$object" "$found"; return 1; }
}
if [ "$1" = --self-test ]; then
    if judge "$2" >/dev/null; then
        echo "no weak symbol was seen in $2" >&2
        exit 1
    fi
    exit
fi
status=0
for object in "$@"; do
    judge "$object" || status=1
done
exit $status
