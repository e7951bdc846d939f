#!/usr/bin/env bash
# poison.sh PROGRAM [ranks]: a corpus with 1 % malformed records, one that throws, one that crashes the model, one that asks
# for a terabyte and one that gets the process killed without a word: the job, started again and again, must end with exactly
# these rejected, and all other rows as of a run without them.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
program=$1
/usr/bin/python3 - <<'PY'
import json
evil = {1234: "please throw", 2345: "please take a terabyte", 3456: "please crash", 4567: "please be killed"}
for name, plan in (("clean.jsonl", {}), ("evil.jsonl", evil)):
    with open(name, "w") as out:
        for i in range(6000):
            text = json.dumps({"text": plan.get(i, "text number %d" % i)})
            out.write(("{broken" if plan and i % 100 == 50 else text) + "\n")
PY
"$program" clean.jsonl clean.npy 1 clean >/dev/null

# until_done NAME MOST_STARTS COMMAND...: starts the program until it ends well.
until_done() {
    local name=$1 most=$2 starts=0
    shift 2
    rm -rf evil.npy*
    until "$@" evil.jsonl evil.npy $((1 + starts % 3)) >printed 2>said; do
        starts=$((starts + 1))
        [ $starts -lt "$most" ] || { echo "$name: not done after $starts starts"; cat printed said; exit 1; }
    done
    /usr/bin/python3 - <<'PY'
import json, numpy as np
rejects = [json.loads(line) for line in open("evil.npy.run/rejects.jsonl")]
planted = sorted({1234, 2345, 3456, 4567} | set(range(50, 6000, 100)))
assert [r["row"] for r in rejects] == planted, [r["row"] for r in rejects]
codes = {r["row"]: r["code"] for r in rejects}
assert codes[3456] == codes[4567] == "crashed" and codes[50] == "malformed", codes
clean, evil = np.load("clean.npy"), np.load("evil.npy")
kept = np.setdiff1d(np.arange(6000), planted)
assert (clean[kept] == evil[kept]).all() and (evil[planted] == 0).all()
PY
    echo "$name: done at start $((starts + 1))"
}
until_done "one process" 12 "$program"
[ "${2:-}" != ranks ] || until_done "two ranks" 12 "${mpiexec[@]}" -n 2 "$program"
