#!/usr/bin/env bash
# launchers.sh KAYGRAPH: tasks that do not see each other are refused before anything is touched, and told why; what is meant
# to work alone works: batch scripts, shells of salloc, single tasks, scripts submitted from inside a step.
set -euo pipefail
kaygraph=$(realpath "$1")
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
cluster 2
printf 'one text\nanother text\n' >texts.txt

# tried NAME CODE COMMAND...: in a script; its codes and words are looked at afterwards.
cat >tried.sh <<'E2'
tried() {
    local name=$1 code=0
    shift
    "$@" >"$name.printed" 2>"$name.said" </dev/null || code=$?
    echo "$name $code" >>codes
}
E2
cat >job.sh <<E2
#!/usr/bin/env bash
. ./tried.sh
mpirun() { command ${mpiexec[*]} "\$@"; }
tried script $kaygraph embed texts.txt --out script.npy
tried tasks srun --mpi=none -n 2 $kaygraph embed texts.txt --out tasks.npy
tried info srun --mpi=none -n 2 $kaygraph info
tried one srun --mpi=none -N 1 -n 1 $kaygraph embed texts.txt --out one.npy
tried alone srun --mpi=none -n 2 sh -c '$kaygraph embed texts.txt --alone --out alone\$SLURM_PROCID.npy'
tried mpirun mpirun -n 2 $kaygraph embed texts.txt --out mpirun.npy
srun --mpi=none -N 1 -n 2 sh -c '[ \$SLURM_PROCID = 1 ] || sbatch --parsable -N 1 -n 1 --output=$work/inner.out inner.sh >inner.id'
E2
cat >inner.sh <<E2
#!/usr/bin/env bash
. ./tried.sh
env | grep ^SLURM_ | sort
tried inner $kaygraph embed texts.txt --out inner.npy
E2
id=$(sbatch --parsable --nodes=2 --ntasks-per-node=2 --output="$work/job.out" job.sh)
[ "$(ended "$id")" = COMPLETED ]
[ "$(ended "$(cat inner.id)")" = COMPLETED ]
. ./tried.sh
# shellcheck disable=SC2016
tried shell salloc -Q -N 1 -n 2 sh -c "$kaygraph embed texts.txt --out shell.npy"

status=0
wrong() {
    echo "$*"
    tail -n 20 "${1%%:*}.said" job.out || true
    status=1
}
for expected in script:0 tasks:2 info:0 one:0 alone:0 mpirun:0 inner:0 shell:0; do
    name=${expected%:*}
    grep -qx "$name ${expected#*:}" codes || wrong "$name: expected $expected, found $(grep "^$name " codes)"
done
for name in script one alone0 alone1 mpirun inner shell; do
    [ -e $name.npy ] || wrong "$name: made nothing"
done
ls -d tasks.npy* 2>/dev/null && wrong "tasks: something was touched"
for text in 'task 0 of 2' 'task 1 of 2' SLURM_STEP_NUM_TASKS 'srun --mpi=list' --alone; do
    grep -qF -- "$text" tasks.said || wrong "tasks: expected '$text'"
done
grep -q '^launcher .*task 1 of 2' info.printed && grep -q '^hint .*each task would do the whole job' info.printed \
    || wrong "info: does not tell"
[ $status -eq 0 ] && echo "slurm: tasks that do not see each other are refused, all else works"
exit $status
