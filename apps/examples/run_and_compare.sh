#!/usr/bin/env bash
# run_and_compare.sh SOURCE PROGRAM: runs an example and compares what it prints, line by line, with the
# lines behind "// Prints:" in its source; a * there stands for any text. Arguments follow from the line
# that shows how to call it ("//     word_count FOLDER"), if there is one.
set -euo pipefail
source=$1 program=$2

lines=$(wc -l <"$source")
[ "$lines" -le 80 ] || { echo "$source has $lines lines; an example has 80 at most"; exit 1; }

arguments=$(sed -n "s|^//     $(basename "$program") ||p" "$source")
mapfile -t expected < <(sed -n '/^\/\/ Prints:/,/^#include/ s|^//   ||p' "$source")
# shellcheck disable=SC2086  # several arguments in one line
mapfile -t printed < <("$program" $arguments)

status=0
[ ${#printed[@]} -eq ${#expected[@]} ] || status=1
for i in "${!expected[@]}"; do
    # shellcheck disable=SC2053  # a pattern on the right
    [[ ${printed[i]-} == ${expected[i]} ]] || status=1
done
if [ $status -ne 0 ]; then
    printf 'expected:\n'; printf '  %s\n' "${expected[@]}"
    printf 'printed:\n'; printf '  %s\n' "${printed[@]}"
fi
exit $status
