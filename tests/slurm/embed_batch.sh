#!/usr/bin/env bash
# embed_batch.sh SBATCH KAYGRAPH: the batch script of embed on two nodes: scancel's signal, which comes twice, stops it in order
# and it goes on; it goes on after a node was lost, too; where jobs are not queued again it ends with 75. The bytes are always
# those of one process.
set -euo pipefail
sbatch_file=$(realpath "$1") kaygraph=$(realpath "$2")
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
cluster 2
/usr/bin/python3 - <<'PY'
import random
r = random.Random(3)
words = ["w%d" % i for i in range(5000)]
with open("texts.txt", "w") as out:
    for _ in range(40000):
        out.write(" ".join(r.choice(words) for _ in range(r.randrange(1, 40))) + "\n")
PY
options=(texts.txt --model hash:64 --block 16 --durability block --quiet)
"$kaygraph" embed "${options[@]}" --out wanted.npy
export KAYGRAPH=$kaygraph

# submitted OPTION...: the job at work.
submitted() {
    rm -rf out.npy*
    id=$(sbatch --parsable --nodes=2 --output="$work/job.out" "$@" "$sbatch_file" "${options[@]}" --threads 1 --out out.npy)
    within 600 is_at_work || { echo "the job does not start"; cat job.out; exit 1; }
}
is_at_work() { [ -s out.npy.run/journal.1 ] || job_is_over "$id"; }
restarts() { scontrol show job "$id" -o | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p'; }
# A requeued job waits two minutes by default, for what it left behind; some it must, to be told from its last start.
started_soon() { within 600 may_start && scontrol update jobid="$id" starttime=now+5; }
may_start() { [ "$(job_state "$id")" = PENDING ]; }
completed() { # NAME
    local state
    state=$(ended "$id")
    [ "$state" = COMPLETED ] || { echo "$1: the job ended as $state"; cat job.out; exit 1; }
    cmp wanted.npy out.npy
}

submitted
if [ ! -e out.npy ]; then
    scancel --signal=USR1 --full "$id" # the batch shell, mpirun and the ranks, each by itself
    started_soon
    completed "after a signal"
    [ "$(restarts)" -ge 1 ] || { echo "it was not stopped"; cat job.out; exit 1; }
    grep -q 'stopped before the end; nothing is lost' job.out || { echo "not stopped in order"; cat job.out; exit 1; }
fi

submitted
if [ ! -e out.npy ]; then
    pgrep -f "^/[^ ]*orted .*ess_base_jobid" | head -1 | xargs -r kill -KILL # a node's daemon
    started_soon
    completed "after a node was lost"
    grep -q 'lost communication with a remote daemon' job.out || { echo "no node was lost"; cat job.out; exit 1; }
fi

submitted --no-requeue
if [ ! -e out.npy ]; then
    scancel --signal=USR1 --full "$id"
    state=$(ended "$id")
    [ "$state" = FAILED ] && scontrol show job "$id" -o | grep -q ' ExitCode=75:0' || {
        echo "without requeueing: ended as $state"
        scontrol show job "$id" -o
        cat job.out
        exit 1
    }
fi
echo "slurm: the batch script goes on where it was"
