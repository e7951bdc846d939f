#!/usr/bin/env bash
# surroundings.sh KAYGRAPH: what a run tells of itself, odd outputs and streams, the verbs report, selftest and verify.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
printf 'one\ntwo words\n\nthree of them\n' >a.txt
python() { /usr/bin/python3 -c "$@"; }

# what a run tells of itself
printf '{"text": "good"}\n{broken <b>\n{"text": "good, too"}\n' >r.jsonl
ends 0 embed r.jsonl --max-errors 1 --out r.npy --metrics r.prom --trace r.json --report r.html --durability block
python '
import json
d = json.load(open("r.npy.run/metrics.json"))
t, r = d["totals"], d["report"]
assert t["items"] == t["rows"] + t["rejected"] == 3 and t["rejected"] == 1, t
phases = sum(n["times"][p]["sum_s"] for n in r["nodes"] for p in ("prep", "exec", "post") if p in n["times"])
assert abs(phases - r["elapsed_s"]) < 0.02 * r["elapsed_s"] + 0.002, (phases, r["elapsed_s"])
events = json.load(open("r.json"))["traceEvents"]
assert {e["name"] for e in events if e["ph"] == "X"} >= {"embed", "embed exec", "open prep"}, events
page = open("r.html").read()
assert "&lt;b&gt;" in page and "<b>{broken" not in page and "http" not in page
'
grep -q '^kaygraph_total{job="embed",name="rejected"} 1$' r.prom
[ "$(awk -F'\t' 'NR == 2 { print NF, $7 }' r.npy.run/joblog.tsv)" = "9 0" ]
ends 0 report r.npy
cmp r.html r.npy.run/report.html
ends 0 report r.npy.run --out page.html
cmp r.html page.html
mkdir empty
ends 2 report empty
says 'metrics.json'
printf '{"format": 1}' >r.npy.run/metrics.json
ends 65 report r.npy
says 'metrics.json' 'started'
ends 74 embed a.txt --out m.npy --metrics nowhere/m.prom --quiet
says 'nowhere/m.prom'

# what would be done
ends 0 embed a.txt --out plan.npy --dtype f16 --dry-run
says 'would embed 4 texts' '4 x 256 f16'
ends 2 embed - --out plan.npy --dry-run
ends 0 embed a.txt --out a.npy --model hash:6 --dtype f16 --quiet
ends 0 convert a.npy plan.fbin --dry-run
says '4 x 6 f16 (npy)' 'plan.fbin: 4 x 6 f32 (fbin)' 'nothing was written'
ends 0 fit-projection a.npy -d 2 --out plan.npy --dry-run
says 'plan.npy: 6 x 2 f32'
! ls -d plan* 2>/dev/null

# outputs that are no plain files, closed and full streams
ln -s a.npy link.npy
mkfifo pipe.npy
mkdir folder && cp a.txt folder/b.md
for out in link.npy pipe.npy folder; do
    ends 2 embed a.txt --out $out --format npy
    says "$out"
    ends 2 convert a.npy $out --format npy
done
[ -L link.npy ] && [ -p pipe.npy ]
code=0
"$kaygraph" embed - --out s.npy <&- >printed 2>said || code=$?
[ $code -eq 74 ] || { echo "closed input ended with $code"; cat said; exit 1; }
code=0
"$kaygraph" embed a.txt --out s.npy --json >/dev/full 2>said || code=$?
[ $code -eq 74 ] || { echo "full output ended with $code"; cat said; exit 1; }
code=0
for _ in $(seq 8); do cat a.txt; done >more.txt
code=0
(ulimit -f 2000 && exec "$kaygraph" embed more.txt --model hash:65536 --out big.npy) >printed 2>said || code=$?
[ $code -eq 74 ] || { echo "a limit on files ended with $code"; cat said; exit 1; }
ends 0 embed more.txt --model hash:65536 --out big.npy --quiet

# a run's own products are none of its inputs
ends 0 embed folder --include '*' --out folder/o.npy --quiet
ends 0 embed folder --include '*' --out folder/o.npy
says 'already complete'

# one of what is counted
printf 'only\n' >one.txt
ends 0 embed one.txt --out one.npy --dry-run
says 'would embed 1 text of 1 file,' 'in 1 block of'

# verify, and what a complete run must still be
ends 0 embed a.txt --out c.npy --model hash:8 --quiet
ends 0 verify c.npy
cp c.npy kept.npy
printf x | dd of=c.npy bs=1 seek=200 conv=notrunc status=none
ends 65 verify c.npy
ends 65 embed a.txt --out c.npy --model hash:8 --verify
says '--fresh'
truncate -s 150 c.npy
ends 65 embed a.txt --out c.npy --model hash:8
says '--fresh' '150'
sed 's/<f4/<i4/' kept.npy >c.npy
ends 65 verify c.npy
says 'i32'
cp kept.npy c.npy
head -c "$(stat -c %s c.npy)" /dev/zero >c.npy # of the same size
ends 65 embed a.txt --out c.npy --model hash:8
says 'others of the same number' '--fresh --overwrite'
rm c.npy
ends 65 verify c.npy
says 'c.npy: gone; the same command makes it again'
! grep 'the journals say nothing' said
cp kept.npy c.npy

# a complete run keeps its figures, whoever repeats its command; of times the last digit may be rounded
same_figures() { diff <(grep -v _seconds first.prom) <(grep -v _seconds "$1"); }
figures=(--metrics m.prom --report m.html --trace m.json)
ends 0 embed a.txt --out m.npy --model hash:8 --threads 2 --quiet "${figures[@]}"
grep -q '"threads": "2"' m.npy.run/run.json
cp m.prom first.prom
cp m.json first.json
cp m.html first.html
ends 0 embed a.txt --out m.npy --model hash:8 --threads 2 "${figures[@]}"
says 'already complete'
same_figures m.prom
counted() { grep -Eo '[0-9,]+ (items|rows|tokens)' "$1" | sort; }
[ -n "$(counted m.html)" ] && diff <(counted first.html) <(counted m.html)
cmp first.json m.json
rm m.prom m.json
ends 0 embed a.txt --out m.npy --model hash:8 "${figures[@]}"
same_figures m.prom
[ -s m.json ]
ends 0 convert m.npy m16.npy --dtype f16 --quiet --metrics c.prom
cp c.prom first.prom
ends 0 convert m.npy m16.npy --dtype f16 --quiet --metrics c.prom
same_figures c.prom
ends 0 fit-projection m.npy -d 2 --out axes.npy --quiet --metrics f.prom
cp f.prom first.prom
ends 0 fit-projection m.npy -d 2 --out axes.npy --quiet --metrics f.prom
same_figures f.prom

echo garbage >c.npy.run/journal.0
ends 65 verify c.npy
says '0 of 4'

# one of several tasks of a launcher that does not see the others is refused before anything is touched
lone() { env "${task[@]}" "$kaygraph" "$@" >printed 2>said; }
for task in 'SLURM_PROCID=1 SLURM_NTASKS=2 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2' 'OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2' \
    'PMI_RANK=1 PMI_SIZE=2'; do
    read -ra task <<<"$task"
    code=0
    lone embed a.txt --out lone.npy || code=$?
    [ $code -eq 2 ] || { echo "${task[*]} ended with $code"; cat said; exit 1; }
    says 'task 1 of 2' "${task[-1]%=*}" '--alone'
    ! ls -d lone.npy* 2>/dev/null
    lone info
    grep -q '^launcher .*task 1 of 2' printed && grep -q '^hint .*each task would do the whole job' printed
    lone embed a.txt --out lone.npy --alone
    rm -r lone.npy*
done
task=(SLURM_PROCID=0 SLURM_NTASKS=4) # a batch script
lone embed a.txt --out lone.npy
task=(OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1)
lone embed a.txt --out lone.npy

mkdir kaygraph-selftest && echo mine >kaygraph-selftest/thesis.txt # somebody's
ends 0 selftest
[ "$(grep -c '^ok' printed)" -eq 3 ] && [ "$(ls -d kaygraph-selftest*)" = kaygraph-selftest ]
[ "$(cat kaygraph-selftest/thesis.txt)" = mine ]
ends 74 selftest --directory /proc
says proc
echo "the surroundings are as they should be"
