#!/usr/bin/env bash
# kill_loop.sh KAYGRAPH KILLS [MPI_KILLS]: kills the command at random moments, and goes on with other numbers of ranks and
# threads, until as many kills hit: every output must be that of a run that nobody killed. With MPI_KILLS the victims are a
# rank, all ranks, or their launcher.
# KAYGRAPH_SEED replays the moments.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
wanted_kills=$2 wanted_mpi_kills=${3:-0}
RANDOM=${KAYGRAPH_SEED:-$$}
echo "seed ${KAYGRAPH_SEED:-$$}"
longest=$(patience 4)

/usr/bin/python3 - <<'PY'
import json, random
r = random.Random(1)
words = ["w%d" % i for i in range(5000)]
with open("texts.jsonl", "w") as out:
    for i in range(30000):
        text = " ".join(r.choice(words) for _ in range(r.randrange(1, 40)))
        out.write("{broken\n" if i % 1000 == 999 else json.dumps({"id": i, "text": text}) + "\n")
PY
policies=('--on-reject zero-row --max-errors 1%' '--on-reject skip --max-errors 1% --id-field id')
options() { # POLICY: what decides the bytes, and little blocks
    echo "texts.jsonl --model hash:96 --quiet --block 64 ${policies[$1]}"
}
for policy in 0 1; do
    # shellcheck disable=SC2046
    ends 0 embed $(options $policy) --out "wanted$policy.npy" --threads 1
done
# milliseconds COMMAND...: what it takes here.
milliseconds() {
    local start
    start=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - start) / 1000000))
}
# shellcheck disable=SC2046
most_delay=$(milliseconds "$kaygraph" embed $(options 1) --out timed.npy)

same() { # POLICY
    cmp "wanted$1.npy" out.npy
    cmp "wanted$1.npy.run/rejects.jsonl" out.npy.run/rejects.jsonl
    [ "$1" -eq 0 ] || { cmp "wanted$1.npy.ids.jsonl" out.npy.ids.jsonl && cmp "wanted$1.npy.rows.npy" out.npy.rows.npy; }
    # and nothing is left of what was not finished
    ! ls -d out.npy*.part out.npy*.segment.* 2>/dev/null
}

# run N_RANKS THREADS POLICY DELAY VICTIM: starts, waits, kills. Returns the exit code.
run() {
    local n_ranks=$1 threads=$2 policy=$3 delay=$4 victim=$5 pid code=0
    # shellcheck disable=SC2046
    if [ "$n_ranks" -eq 0 ]; then
        "$kaygraph" embed $(options "$policy") --out out.npy --threads "$threads" >printed 2>said &
    else
        "${mpiexec[@]}" -n "$n_ranks" "$kaygraph" embed $(options "$policy") --out out.npy \
            --threads "$threads" >printed 2>said &
    fi
    pid=$!
    sleep "$delay"
    case $victim in
        alone | launcher) kill -9 "$pid" 2>/dev/null || true ;;
        rank) ranks_here "$kaygraph" | shuf -n 1 --random-source=<(yes "$RANDOM") | xargs -r kill -9 2>/dev/null || true ;;
        ranks) ranks_here "$kaygraph" | xargs -r kill -9 2>/dev/null || true ;;
    esac
    wait "$pid" 2>/dev/null || code=$?
    # ranks that lost their launcher end by themselves, and hold the lock until they do
    within "$longest" none_left "$kaygraph" || { echo "ranks are left after $longest s"; exit 1; }
    return $code
}

# loop KILLS mpi|alone
loop() {
    local n_kills=0 n_outputs=0 policy=0 n_ranks=0 victim=alone code
    # shellcheck disable=SC2046
    [ "$2" = alone ] || most_delay=$(milliseconds ranks 3 embed $(options 1) --out timed.npy --fresh)
    while [ "$n_kills" -lt "$1" ]; do
        if [ "$2" = mpi ]; then
            n_ranks=$((1 + RANDOM % 4))
            victim=$(printf '%s\n' rank ranks launcher | sed -n "$((1 + RANDOM % 3))p")
        fi
        code=0
        run "$n_ranks" $((1 + RANDOM % 4)) $policy "$(awk -v d=$((RANDOM % most_delay)) 'BEGIN { print d / 1000 }')" $victim || code=$?
        case $code in
            0)
                same $policy
                n_outputs=$((n_outputs + 1)) policy=$((1 - policy))
                rm -rf out.npy*
                ;;
            # killed: 137, or what the launcher says of a job one of whose ranks was killed
            2 | 3 | 65 | 74) echo "ended with $code:"; cat said; return 1 ;;
            *) n_kills=$((n_kills + 1)) ;;
        esac
    done
    ends 0 embed $(options $policy) --out out.npy
    same $policy
    rm -rf out.npy*
    echo "$2: $n_kills kills, $((n_outputs + 1)) outputs, none lost, none doubled, the same bytes"
}
loop "$wanted_kills" alone
[ "$wanted_mpi_kills" -eq 0 ] || loop "$wanted_mpi_kills" mpi
