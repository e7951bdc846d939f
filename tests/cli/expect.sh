# Sourced by the tests of the command: runs it, and asks for its exit code and what it said.
set -euo pipefail
kaygraph=$1
# shellcheck source=tests/support/launch.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/launch.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# ends CODE ARGUMENT...: kaygraph must end so; its standard error is in the file said.
ends() {
    local wanted=$1 code=0
    shift
    "$kaygraph" "$@" >printed 2>said || code=$?
    [ "$code" -eq "$wanted" ] || { echo "kaygraph $* ended with $code, not $wanted"; cat printed said; exit 1; }
}
# says TEXT...: the last run must have said it on standard error.
says() {
    local text
    for text in "$@"; do
        grep -qF -- "$text" said || { echo "expected '$text' in:"; cat said; exit 1; }
    done
}
# ranks N ARGUMENT...: the same on ranks, on a machine of any size.
ranks() {
    local n=$1
    shift
    "${mpiexec[@]}" -n "$n" "$kaygraph" "$@"
}
# words_file NAME: 60,000 texts of up to 40 words, always the same.
words_file() {
    /usr/bin/python3 - "$1" <<'PY'
import random, sys
r = random.Random(2)
words = ["w%d" % i for i in range(5000)]
with open(sys.argv[1], "w") as out:
    for _ in range(60000):
        out.write(" ".join(r.choice(words) for _ in range(r.randrange(1, 40))) + "\n")
PY
}
