#!/usr/bin/env bash
# two_nodes.sh SBATCH PROGRAM: brings up a real Slurm cluster of two nodes on this machine, on loopback ports
# of its own, submits the batch file for two ranks that talk over TCP, and checks the result.
set -euo pipefail
sbatch_file=$(realpath "$1") program=$(realpath "$2")
for tool in munged slurmctld slurmd sbatch; do
    command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: slurmd wants to be root"; exit 77; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

work=$(mktemp -d /tmp/kaygraph-slurm.XXXXXX)
chmod 755 "$work"
finish() {
    local code=$?
    [ $code -eq 0 ] || tail -n 20 "$work"/*.log "$work"/job.out 2>/dev/null || true
    for daemon in slurmctld n1 n2 munge; do
        [ ! -e "$work/$daemon.pid" ] || kill "$(cat "$work/$daemon.pid")" 2>/dev/null || true
    done
    sleep 1
    rm -rf "$work"
    exit $code
}
trap finish EXIT

# Ports that are free with near certainty: by process number.
base=$((20000 + $$ % 10000))
host=$(hostname -s)

# munge, with a key and a socket of its own
mkdir -p "$work/munge"
chmod 700 "$work/munge"
dd if=/dev/urandom of="$work/munge/key" bs=1024 count=1 status=none
chmod 400 "$work/munge/key"
chown -R root "$work/munge"
mkdir -p "$work/run" && chmod 755 "$work/run"
munged --force --key-file="$work/munge/key" --socket="$work/run/munge.socket" --pid-file="$work/munge.pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" --num-threads=2

mkdir -p "$work/state" "$work/spool.n1" "$work/spool.n2"
cat >"$work/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/run/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerType=sched/backfill
ReturnToService=2
MpiDefault=none
SlurmdTimeout=60
InactiveLimit=0
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 1)) CPUs=1 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 2)) CPUs=1 State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -i -f "$SLURM_CONF"
slurmd -N n1 -f "$SLURM_CONF"
slurmd -N n2 -f "$SLURM_CONF"
for _ in $(seq 60); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null | head -1)" = 2 ] && break
    sleep 0.5
done
sinfo

# What is counted, and what must come out.
mkdir "$work/texts"
for i in $(seq 40); do
    for _ in $(seq $((i * 25))); do echo "the cat and the hat $i"; done >"$work/texts/$i.txt"
done
expected=$(cat "$work"/texts/*.txt | tr -s ' ' '\n' | grep -c '^the$')

cd "$work"
# Both nodes are this machine: ranks must not think so, and speak TCP.
export OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
id=$(sbatch --parsable --nodes=2 --output="$work/job.out" "$sbatch_file" "$program" "$work"/texts/*.txt)
for _ in $(seq 120); do
    state=$(scontrol show job "$id" -o | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')
    case $state in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) break ;; esac
    sleep 0.5
done
cat "$work/job.out"
[ "$state" = COMPLETED ] || { echo "the job ended as $state"; exit 1; }
grep -q "\"the\" $expected times" "$work/job.out" || { echo "expected $expected times 'the'"; exit 1; }
grep -q "on 2 ranks" "$work/job.out" || { echo "expected two ranks"; exit 1; }
echo "slurm: two nodes, two ranks, the right count"
