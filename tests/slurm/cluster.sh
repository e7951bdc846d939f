# Sourced by the tests of batch files: `cluster CPUS` brings up a real Slurm cluster on this machine, on loopback ports of its
# own: two nodes, n1 and n2, of so many cores each. It ends with the script. $work is its folder, and the current one.
for tool in munged slurmctld slurmd sbatch; do
    command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "skipped: slurmd wants to be root"; exit 77; }
# shellcheck source=tests/support/launch.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/launch.sh"

work=$(mktemp -d /tmp/kaygraph-slurm.XXXXXX)
chmod 755 "$work"
finish() {
    local code=$?
    [ $code -eq 0 ] || tail -n 20 "$work"/*.log "$work"/*.out 2>/dev/null || true
    for daemon in slurmctld n1 n2 munge; do
        [ ! -e "$work/$daemon.pid" ] || kill "$(cat "$work/$daemon.pid")" 2>/dev/null || true
    done
    sleep 1
    rm -rf "$work"
    exit $code
}
trap finish EXIT
cd "$work" || exit 1

cluster() {
    local cpus=$1 base host
    # Ports that are free with near certainty: by process number.
    base=$((20000 + $$ % 10000))
    host=$(hostname -s 2>/dev/null || hostname) # it need not resolve

    # munge, with a key and a socket of its own
    mkdir -p munge run state spool.n1 spool.n2
    chmod 700 munge
    chmod 755 run
    dd if=/dev/urandom of=munge/key bs=1024 count=1 status=none
    chmod 400 munge/key
    chown -R root munge
    munged --force --key-file="$work/munge/key" --socket="$work/run/munge.socket" --pid-file="$work/munge.pid" \
        --log-file="$work/munge/log" --seed-file="$work/munge/seed" --num-threads=2

    cat >slurm.conf <<CONF
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
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SchedulerType=sched/backfill
SchedulerParameters=requeue_setup_env_fail
ReturnToService=2
MpiDefault=none
SlurmdTimeout=60
InactiveLimit=0
KillWait=5
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 1)) CPUs=$cpus State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 2)) CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE
CONF
    export SLURM_CONF=$work/slurm.conf
    slurmctld -i -f "$SLURM_CONF"
    slurmd -N n1 -f "$SLURM_CONF"
    slurmd -N n2 -f "$SLURM_CONF"
    within 120 both_are_idle || { echo "the cluster does not come up"; sinfo; exit 1; }
    # Both nodes are this machine: ranks must not think so, and speak TCP.
    export OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
}
both_are_idle() { [ "$(sinfo -h -t idle -o %D 2>/dev/null | head -1)" = 2 ]; }

job_state() { scontrol show job "$1" -o | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p'; }
job_is_over() {
    case $(job_state "$1") in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) ;; *) return 1 ;; esac
}
# ended ID: waits for a job and returns its state.
ended() {
    within 600 job_is_over "$1" || { echo "job $1 does not end" >&2; squeue >&2; return 1; }
    job_state "$1"
}
