#!/usr/bin/env bash
# Fails where a file is not as clang-format 14 would write it; `--fix` writes it so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(find include src apps tests -name '*.hpp' -o -name '*.cpp' | sort)
if [ "${1:-}" = --fix ]; then
    clang-format-14 -i "${files[@]}"
else
    clang-format-14 --dry-run --Werror "${files[@]}" && echo "format: ${#files[@]} files are as clang-format writes them"
fi
