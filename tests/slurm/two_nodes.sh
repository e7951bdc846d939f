#!/usr/bin/env bash
# two_nodes.sh SBATCH PROGRAM: submits the batch file to two nodes for two ranks that talk over TCP, and checks the result.
set -euo pipefail
sbatch_file=$(realpath "$1") program=$(realpath "$2")
# shellcheck source=tests/slurm/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
cluster 1

# What is counted, and what must come out.
mkdir texts
for i in $(seq 40); do
    for _ in $(seq $((i * 25))); do echo "the cat and the hat $i"; done >"texts/$i.txt"
done
expected=$(cat texts/*.txt | tr -s ' ' '\n' | grep -c '^the$')

id=$(sbatch --parsable --nodes=2 --output="$work/job.out" "$sbatch_file" "$program" "$work"/texts/*.txt)
state=$(ended "$id")
cat job.out
[ "$state" = COMPLETED ] || { echo "the job ended as $state"; exit 1; }
grep -q "\"the\" $expected times" job.out || { echo "expected $expected times 'the'"; exit 1; }
grep -q "on 2 ranks" job.out || { echo "expected two ranks"; exit 1; }
echo "slurm: two nodes, two ranks, the right count"
