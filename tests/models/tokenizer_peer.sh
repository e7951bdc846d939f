#!/usr/bin/env bash
# Compares token ids with the reference implementation on texts of odd Unicode.
#
#   tokenizer_peer.sh PRINT_TOKEN_IDS FOLDER [DATA]
#
# The npm package "tokenizers" is put into FOLDER. Ends with 77, and the reason, where it cannot be had.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
print_token_ids=$1 folder=$2 data=${3:-${KAYGRAPH_TEST_DATA:-}}
version=0.23.2

skip() { echo "skipped: $1"; exit 77; }
command -v node >/dev/null || skip "there is no node"
mkdir -p "$folder"
if [ ! -d "$folder/node_modules/tokenizers" ]; then
    command -v npm >/dev/null || skip "there is no npm"
    echo '{"private": true}' >"$folder/package.json"
    (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --silent "tokenizers@$version") \
        || skip "npm cannot get tokenizers@$version"
fi
node -e 'require(process.argv[1])' "$(cd "$folder" && pwd)/node_modules/tokenizers" 2>/dev/null \
    || skip "tokenizers@$version does not run on this machine"

cases=$folder/cases
rm -rf "$cases"
mkdir -p "$cases"
real=$data/static-model/tokenizer.json
[ -n "$data" ] && [ -f "$real" ] || { real=; echo "no real tokenizer: KAYGRAPH_TEST_DATA is not set"; }
node "$here/tokenizer_peer.mjs" "$folder" "$cases" ${real:+"$real"}

failed=0 n_cases=0 n_texts=0
for case in "$cases"/*/; do
    "$print_token_ids" "$case/tokenizer.json" "$case/texts" >"$case/found" || failed=1
    n=$(wc -l <"$case/expected")
    n_cases=$((n_cases + 1)) n_texts=$((n_texts + n))
    if ! cmp -s "$case/expected" "$case/found"; then
        failed=1
        echo "$(basename "$case"): other ids for $(diff "$case/expected" "$case/found" | grep -c '^<') of $n texts; the first:"
        paste -d '|' "$case/texts" "$case/expected" "$case/found" | awk -F '|' '$2 != $3 { print; if (++n == 3) exit }' | cut -c 1-600
    fi
done
[ "$n_cases" -gt 0 ] && [ $failed -eq 0 ] && echo "the same ids for $n_texts texts and $n_cases tokenizers"
exit $failed
