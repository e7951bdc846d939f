#!/usr/bin/env bash
# signals.sh KAYGRAPH ROUNDS [MPI_ROUNDS]: SIGUSR1, SIGTERM and SIGINT at random moments, to the process, to the ranks, through
# their launcher: the exit codes are those that README promises, what was finished is not done again, and the output is that of a
# run without signals. KAYGRAPH_SEED replays the moments.
sbatch_file=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../slurm" && pwd)/embed.sbatch
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
rounds=$2 mpi_rounds=${3:-0}
RANDOM=${KAYGRAPH_SEED:-$$}
echo "seed ${KAYGRAPH_SEED:-$$}"
words_file texts.txt
command=("$kaygraph" embed texts.txt --model hash:64 --quiet --block 64 --out out.npy)
start=$(date +%s%N)
"${command[@]}" --threads 1
took=$((($(date +%s%N) - start) / 1000000))
mv out.npy wanted.npy
rm -rf out.npy*

# each finished item stands once in the journals: nothing was done again
none_twice() {
    /usr/bin/python3 - <<'PY'
import glob, struct
done = []
for path in glob.glob("out.npy.run/journal.*"):
    data = open(path, "rb").read()
    at = 0
    while at < len(data):
        magic, size, _, kind, _, first, last = struct.unpack_from("<4sIQIIQQ", data, at)
        assert magic == b"KGJ1"
        if kind == 2:
            done.append((first, last))
        at += size
done.sort()
assert all(a[1] <= b[0] for a, b in zip(done, done[1:])), "items were done twice"
assert sum(b - a for a, b in done) == 60000, sum(b - a for a, b in done)
PY
}

# round SIGNAL WHERE: one interrupted run, then the same command until it is done.
round() {
    local signal=$1 where=$2 code=0 pid delay threads=$((1 + RANDOM % 2)) n=$((1 + RANDOM % 3)) allowed
    rm -rf out.npy*
    case $where in
        alone)
            "${command[@]}" --threads $threads 2>said &
            delay=$((RANDOM % took))
            allowed='0 75'
            ;;
        *)
            "${mpiexec[@]}" -n $n "${command[@]}" --threads $threads 2>said &
            delay=$((RANDOM % took))
            allowed='0 75'
            # mpirun of Open MPI gives its ranks two seconds and then says 1, whatever they say
            [ "$where" = ranks ] || [ "$signal" = USR1 ] || allowed='0 1 75'
            ;;
    esac
    pid=$!
    within 600 listens || { echo "it does not start"; exit 1; }
    sleep "$(awk -v d=$delay 'BEGIN { print d / 1000 }')"
    if [ "$where" = ranks ]; then
        ranks_here "$kaygraph" | xargs -r kill "-$signal" 2>/dev/null || true
    else
        kill "-$signal" $pid 2>/dev/null || true
    fi
    wait $pid || code=$?
    case " $allowed " in
        *" $code "*) ;;
        *)
            echo "$signal to $where ended with $code, not one of $allowed"
            cat said
            exit 1
            ;;
    esac
    [ $code -eq 0 ] || stopped=$((stopped + 1))
    within 600 none_left "$kaygraph" || { echo "ranks are left"; exit 1; }
    "${command[@]}" --threads 2
    cmp wanted.npy out.npy
    [ $code -eq 1 ] || none_twice
}
listens() { [ -e out.npy.run/lock ] || ! kill -0 $pid 2>/dev/null; }
stopped=0
for ((i = 0; i < rounds; ++i)); do
    round "$(printf '%s\n' USR1 TERM INT | sed -n "$((1 + i % 3))p")" alone
done
for ((i = 0; i < mpi_rounds; ++i)); do
    round "$(printf '%s\n' USR1 TERM INT | sed -n "$((1 + i / 2 % 3))p")" "$(printf '%s\n' launcher ranks | sed -n "$((1 + i % 2))p")"
done
echo "$stopped of $((rounds + mpi_rounds)) runs were stopped, none did finished work again"

# A run that waits for its input ends in order.
mkfifo pipe
sleep 1000 >pipe & # holds the pipe open
holder=$!
"$kaygraph" embed - --model hash:64 --quiet --out wait.npy <pipe 2>said &
pid=$!
listens_there() { [ -e wait.npy.run/stdin ] || ! kill -0 $pid 2>/dev/null; }
within 600 listens_there
kill -TERM $pid
code=0
wait $pid || code=$?
[ $code -eq 75 ] && [ ! -e wait.npy.run/stdin ] || { echo "a stop of a run that waits for its input: ended with $code, not 75"; exit 1; }
kill $holder

# A request that comes twice at once, as of scancel to a step and through its mpirun, is one; so is one after the time that
# --stop-after gave. The second ends it at once: here a run whose output nobody takes, and that cannot end in order.
head -2000 texts.txt >few.txt
for first in signal timer; do
    rm -f got
    { head -c 200 >got && exec sleep 1000; } <pipe & # some of the first rows
    holder=$!
    stop_after=1000
    [ $first = signal ] || stop_after=3
    "$kaygraph" embed few.txt --model hash:64 --quiet --stop-after $stop_after --out - >pipe 2>said &
    pid=$!
    writes() { [ -s got ] || ! kill -0 $pid 2>/dev/null; }
    within 600 writes
    [ $first = signal ] || sleep 3.2
    for signal in STOP USR1 TERM CONT; do # both are there when it goes on
        kill -$signal $pid 2>/dev/null || true
    done
    sleep 1.5
    code=0 wanted=143
    kill -TERM $pid 2>/dev/null || wanted=75 # it has ended, in order
    wait $pid || code=$?
    [ $code -eq $wanted ] || { echo "a request that came twice, and a second one: ended with $code, not $wanted"; exit 1; }
    kill $holder
done

# the batch script: stopped before its end it queues itself again, but not where it came no further
mkdir bin
printf '#!/bin/sh\nshift 2\nexec "$@"\n' >bin/mpirun
# as Slurm ends the script of a job that is queued again, or refuses to do that
printf '#!/bin/sh\n[ ! -e no_requeue ] || exit 1\necho "$@" >>requeued\nkill $PPID\n' >bin/scontrol
chmod +x bin/*
batch() { # in a shell of its own
    exec env PATH="$work/bin:$PATH" KAYGRAPH="$kaygraph" SLURM_JOB_ID=7 bash "$sbatch_file" texts.txt --model hash:64 --block 64 \
        --durability block --threads 1 --out out.npy "$@" >printed 2>&1
}
ended() { # NAME CODE queued|"" TEXT: how a start of the script must have ended
    [ $code -eq "$2" ] || { echo "$1: the batch script ended with $code, not $2"; cat printed; exit 1; }
    if [ -n "$3" ]; then grep -qx 'requeue 7' requeued; else [ ! -e requeued ]; fi || { echo "$1: queued again, or not"; cat printed; exit 1; }
    [ -z "$4" ] || grep -q -- "$4" printed || { echo "$1: expected '$4'"; cat printed; exit 1; }
    rm -rf requeued no_requeue
}
for allowed in yes no; do
    rm -rf out.npy*
    [ $allowed = yes ] || touch no_requeue
    (batch) &
    pid=$!
    has_begun() { [ -s out.npy.run/journal.0 ] || ! kill -0 $pid 2>/dev/null; }
    within 600 has_begun
    kill -USR1 $pid 2>/dev/null || true
    code=0
    wait $pid 2>/dev/null || code=$?
    if [ -e out.npy ]; then
        ended "a start that was done before its signal" 0 "" "60000"
    elif [ $allowed = yes ]; then
        ended "a start that was stopped" 143 queued ""
    else
        ended "a site without requeueing" 75 "" "the same sbatch goes on"
    fi
done
rm -rf out.npy*
code=0
(batch --stop-after 0.0001) || code=$?
ended "a start that came no further" 75 "" "no progress"
rm -rf out.npy*
for death in KILL 205; do # of mpirun, or what mpirun says where it has lost a node
    printf '#!/bin/sh\ncase %s in KILL) kill -KILL $$ ;; *) exit %s ;; esac\n' $death $death >bin/mpirun
    code=0
    (batch) 2>/dev/null || code=$?
    ended "a death ($death)" 143 queued "queued again"
    code=0
    (SLURM_RESTART_COUNT=20 batch) 2>/dev/null || code=$?
    [ $death = 205 ] || death=137
    ended "a death too many ($death)" $death "" "too often"
done
for final in 1 2 3 65 74; do
    printf '#!/bin/sh\nexit %s\n' $final >bin/mpirun
    code=0
    (batch) || code=$?
    ended "an end of its own" $final "" ""
done
echo "the batch script queues itself again where it makes sense"
