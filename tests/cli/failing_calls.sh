#!/usr/bin/env bash
# failing_calls.sh KAYGRAPH [EVERY]: every system call of a small run that touches its files fails once (EIO, ENOSPC, EINTR), or
# is the last (SIGKILL). Each run must end with the right result or with another exit code, and the same command, without
# the fault, must then end with the right result. EVERY: only each n-th call.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
every=${2:-1}
command -v strace >/dev/null || { echo 'skipped: there is no strace'; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo 'skipped: strace may not trace here'; exit 77; }

for i in $(seq 300); do
    if [ $((i % 100)) -eq 50 ]; then echo '{broken'; else echo "{\"id\": $i, \"text\": \"text number $i\"}"; fi
done >texts.jsonl
gzip -k texts.jsonl
run=(texts.jsonl texts.jsonl.gz --model hash:16 --block 64 --threads 1 --on-reject skip --max-errors 2% --id-field id --quiet
    --durability block)
ends 0 embed "${run[@]}" --out wanted.npy
same() {
    cmp wanted.npy out.npy && cmp wanted.npy.rows.npy out.npy.rows.npy && cmp wanted.npy.ids.jsonl out.npy.ids.jsonl \
        && cmp wanted.npy.run/rejects.jsonl out.npy.run/rejects.jsonl
}

# Only calls on these files: loading the program is left alone.
names=(texts.jsonl texts.jsonl.gz out.npy out.npy.part out.npy.unfiltered.part out.npy.rows.npy out.npy.rows.npy.part out.npy.ids.jsonl
    out.npy.ids.jsonl.part out.npy.ids.jsonl.segment.0 out.npy.run out.npy.run/lock out.npy.run/run.json out.npy.run/run.json.part
    out.npy.run/journal.0 out.npy.run/rejects.jsonl out.npy.run/rejects.jsonl.part .)
paths=()
for name in "${names[@]}"; do paths+=(-P "$name" -P "$PWD/$name"); done

n_faults=0 n_failed=0
for call in openat read pread64 write pwrite64 ftruncate fsync fdatasync rename unlink mkdir close flock newfstatat getdents64 faccessat2 statfs mmap; do
    n=0
    while :; do
        n=$((n + every))
        hit=
        for fault in error=EIO error=ENOSPC error=EINTR signal=KILL; do
            rm -rf out.npy*
            code=0
            # in a shell of its own, which may say that it was killed
            (
                strace -f -qq -o trace "${paths[@]}" -e "trace=$call" -e "inject=$call:$fault:when=$n" "$kaygraph" embed \
                    "${run[@]}" --out out.npy >printed 2>said
                exit $?
            ) 2>/dev/null || code=$?
            [ "$(wc -l <trace)" -ge "$n" ] || break
            hit=yes n_faults=$((n_faults + 1))
            case $code in
                0) same || { echo "$call $n $fault: ended with 0, but with other bytes"; exit 1; } ;;
                137) n_failed=$((n_failed + 1)) ;;
                1 | 65 | 74 | 75)
                    n_failed=$((n_failed + 1))
                    [ -s said ] || { echo "$call $n $fault: ended with $code without a word"; exit 1; }
                    ;;
                *) echo "$call $n $fault: ended with $code"; cat said; exit 1 ;;
            esac
            ends 0 embed "${run[@]}" --out out.npy
            same || { echo "$call $n $fault: then, without the fault, other bytes"; exit 1; }
            [ ! -e out.npy.part ] && [ ! -e out.npy.unfiltered.part ] && [ ! -e out.npy.rows.npy.part ] \
                || { echo "$call $n $fault: something is left"; ls out.npy*; exit 1; }
        done
        [ -n "$hit" ] || break
    done
    echo "$call: $((n > every ? (n - every) / every : 0)) calls"
done
echo "$n_faults faults, $n_failed failed runs, each went on to the right result"
[ $n_faults -gt 100 ]
