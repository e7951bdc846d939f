#!/usr/bin/env bash
# faults.sh KAYGRAPH [ranks]: what goes wrong beside the records: inputs that shrink or vanish, ranks that stop or die. Each
# ends with its exit code and a message, and the same command then makes the right output.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
words_file texts.txt
cp -p texts.txt kept.txt
options=(embed texts.txt --model hash:64 --quiet --block 64 --out out.npy)
start=$(date +%s%N)
"$kaygraph" "${options[@]}" --threads 1
took=$((($(date +%s%N) - start) / 1000000))
mv out.npy wanted.npy

goes_on() {
    ends 0 "${options[@]}"
    cmp wanted.npy out.npy
}
listens() { [ -e out.npy.run/lock ] || ! kill -0 $pid 2>/dev/null; }
wait_ms() { sleep "$(awk -v d="$1" 'BEGIN { print d / 1000 }')"; }

# inputs that change under the run: an error that names it, or all had been read
for fault in shrink vanish; do
    for part in 1 2 3 5; do
        rm -rf out.npy*
        code=0
        "$kaygraph" "${options[@]}" --threads 1 2>said &
        pid=$!
        within 600 listens || { echo "it does not start"; exit 1; }
        wait_ms $((took * part / 6))
        if [ $fault = shrink ]; then truncate -s 100000 texts.txt; else rm texts.txt; fi
        wait $pid || code=$?
        cp -p kept.txt texts.txt
        case $code in
            0) cmp wanted.npy out.npy ;;
            65 | 74) says texts.txt && [ ! -e out.npy ] ;;
            *) echo "$fault ended with $code" && cat said && exit 1 ;;
        esac
        goes_on
    done
done

# a directory that nobody may write into, as far as there is somebody who is not root
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 sealed
    ends 74 embed texts.txt --out sealed/o.npy
    says sealed
fi

[ "${2:-}" = ranks ] || { echo "faults end as they should"; exit 0; }
longest=$(patience 3)
started() { # N OPTION...: a job that is at work, or done already
    rm -rf out.npy*
    "${mpiexec[@]}" -n "$1" "$kaygraph" "${options[@]}" --threads 1 --durability block "${@:2}" 2>said &
    pid=$!
    within "$longest" is_at_work || { echo "a job does not start"; cat said; exit 1; }
}
is_at_work() { [ -s out.npy.run/journal.1 ] || has_ended; }
has_ended() { ! kill -0 $pid 2>/dev/null; }
# The job must end, and no rank may be left. Which code the launcher tells where a rank was killed, or the job was ended from
# inside, is its business; that of an error it is not.
ended() {
    local code=0
    within "$longest" has_ended || { echo "it hangs: no end after $longest s"; cat said; exit 1; }
    wait $pid || code=$?
    case $code in 2 | 3 | 65 | 74) echo "ended with $code" && cat said && exit 1 ;; esac
    [ $code -ne 0 ] || [ -e out.npy ] || { echo "ended with 0 before the end"; exit 1; }
    within "$longest" none_left "$kaygraph" || { echo "a rank is left"; exit 1; }
}
rank_of() { ranks_here "$kaygraph" | sed -n "$1p"; }

# a rank that stands still: the others wait as long as they are told, and name it
started 2 --stall-timeout 2
victim=$(rank_of 2)
if [ -n "$victim" ] && kill -STOP "$victim" 2>/dev/null; then
    ended
    [ -e out.npy ] || says 'did not arrive at'
    goes_on
fi
# ranks that die
for signal in KILL SEGV ABRT; do
    started 3
    kill -$signal "$(rank_of 2)" 2>/dev/null || true
    ended
    goes_on
done
# the launcher dies: no rank stays
started 2
kill -KILL $pid
ended
goes_on
# an error of one rank is everybody's, and told once
rm -rf out.npy*
printf '{broken\n' >broken.jsonl
code=0
ranks 3 embed texts.txt broken.jsonl --out out.npy --block 64 2>said || code=$?
[ $code -eq 65 ] || { echo "65 did not arrive, but $code"; cat said; exit 1; }
says broken.jsonl
[ "$(grep -c 'kaygraph embed: ' said)" -eq 2 ]  # what it uses, and the error
echo "faults end as they should"
