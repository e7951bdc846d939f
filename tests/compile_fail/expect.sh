#!/usr/bin/env bash
# expect.sh COMPILER INCLUDE_FOLDER FILE: the file must not compile, with one error, which says what its
# `// expect:` lines say. A file without such lines must compile: it proves that the others fail for
# their fault alone.
set -euo pipefail
compiler=$1 include=$2 file=$3

said=$("$compiler" -std=c++20 -fsyntax-only -I"$include" "$file" 2>&1) && compiled=1 || compiled=0
mapfile -t expected < <(sed -n 's|^// expect: ||p' "$file")

if [ ${#expected[@]} -eq 0 ]; then
    [ "$compiled" = 1 ] || { printf 'must compile, but:\n%s\n' "$said"; exit 1; }
    exit 0
fi
[ "$compiled" = 0 ] || { echo "compiled, but must not"; exit 1; }
errors=$(grep -cE '(^|[^a-z])error:' <<<"$said")
[ "$errors" = 1 ] || { printf '%s errors instead of one sentence:\n%s\n' "$errors" "$said"; exit 1; }
said_in_one_line=$(tr '\n' ' ' <<<"$said")
for part in "${expected[@]}"; do
    grep -qF -- "$part" <<<"$said_in_one_line" || { printf 'missing: %s\nin: %s\n' "$part" "$said"; exit 1; }
done
grep -E 'error:' <<<"$said"
