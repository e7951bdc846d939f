#!/usr/bin/env bash
# Fails where what a public header declares is not hidden in the program that includes it, but for what is marked as exported
# (base/export.hpp): a pragma stands before its first namespace, and another is its last line (`--fix` writes them); and where
# a class that is exported is declared ahead without the mark, which clang refuses in a shared build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
push='#pragma GCC visibility push(hidden)' pop='#pragma GCC visibility pop'

status=0
while read -r file; do
    grep -q '^namespace' "$file" || continue
    has_push=$(grep -B 2 -m 1 '^namespace' "$file" | grep -cxF "$push" || true)
    has_pop=$(tail -n 1 "$file" | grep -cxF "$pop" || true)
    [ "$has_push$has_pop" != 11 ] || continue
    if [ "${1:-}" = --fix ]; then
        [ "$has_push" = 1 ] || sed -i "0,/^namespace/s/^namespace/$push\n\n&/" "$file"
        [ "$has_pop" = 1 ] || printf '\n%s\n' "$pop" >>"$file"
        continue
    fi
    echo "$file: '$push' before its first namespace, '$pop' as its last line"
    status=1
done < <(find include -name '*.hpp')

exported=$(grep -rhoE '^(class|struct) KAYGRAPH_EXPORT \w+( |$)' include | awk '{ print $3 }' | sort -u | paste -sd '|')
if grep -rnE "^(class|struct) ($exported);" include; then
    echo "visibility: declared ahead without KAYGRAPH_EXPORT"
    status=1
fi
[ $status -eq 0 ] && echo "visibility: headers keep to themselves what is not marked"
exit $status
