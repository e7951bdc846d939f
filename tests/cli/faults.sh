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
wait_ms() { sleep "$(awk -v d="$1" 'BEGIN { print d / 1000 }')"; }

# inputs that change under the run: an error that names it, or all had been read
for fault in shrink vanish; do
    for part in 1 2 3 5; do
        rm -rf out.npy*
        code=0
        "$kaygraph" "${options[@]}" --threads 1 2>said &
        pid=$!
        for _ in $(seq 1000); do [ ! -e out.npy.run/lock ] && kill -0 $pid 2>/dev/null || break; sleep 0.01; done
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
started() { # N OPTION...
    rm -rf out.npy*
    mpirun -n "$1" --oversubscribe --bind-to none "$kaygraph" "${options[@]}" --threads 1 --durability block "${@:2}" 2>said &
    pid=$!
    for _ in $(seq 100); do [ -s out.npy.run/journal.1 ] && break; sleep 0.02; done
}
ended() { # CODES SECONDS
    local code=0 begin=$SECONDS
    wait $pid || code=$?
    case " $1 " in *" $code "*) ;; *) echo "ended with $code, not $1" && cat said && exit 1 ;; esac
    [ $((SECONDS - begin)) -le "$2" ] || { echo "it took $((SECONDS - begin)) s to end"; exit 1; }
    for _ in $(seq 100); do pgrep -f -- '--out out.npy' >/dev/null || return 0; sleep 0.1; done
    echo "a rank is left"
    exit 1
}
rank_of() { pgrep -P $pid | sed -n "$1p"; }

# a rank that stands still: the others wait as long as they are told, and name it
started 2 --stall-timeout 2
victim=$(rank_of 2)
kill -STOP "$victim"
(sleep 5 && kill -KILL "$victim" 2>/dev/null) &
ended '75 0' 12
goes_on
# ranks that die
for signal in KILL SEGV ABRT; do
    started 3
    kill -$signal "$(rank_of 2)" 2>/dev/null || true
    ended '137 139 134 0' 5
    goes_on
done
# the launcher dies: no rank stays
started 2
kill -KILL $pid
ended '137 0' 5
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
