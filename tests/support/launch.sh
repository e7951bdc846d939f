# Sourced by tests that start ranks. KAYGRAPH_MPIEXEC: the mpiexec of the MPI that was built with, and its options, which CTest
# sets; it starts more ranks than there are cores, too.
read -ra mpiexec <<<"${KAYGRAPH_MPIEXEC:-mpirun --bind-to none --oversubscribe}"
unset KAYGRAPH_MPIEXEC # the command knows no such option
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# ranks_here PROGRAM: the processes of a program that work in this folder, whoever started them and is left of that.
ranks_here() {
    local program pid
    program=$(readlink -f "$1")
    for pid in $(pgrep -- "^$(basename "$program" | cut -c 1-15)"); do
        if [ "$(readlink "/proc/$pid/exe")" = "$program" ] && [ "$(readlink "/proc/$pid/cwd")" = "$PWD" ]; then
            echo "$pid"
        fi
    done
}

# patience N: after so many seconds a job of N ranks that should have ended hangs. It follows from what one takes here and now
# that does nothing: no test knows how fast a machine is, nor what else it does.
patience() {
    local start=$SECONDS
    "${mpiexec[@]}" -n "$1" true >/dev/null 2>&1 || true
    echo $((60 + 30 * (SECONDS - start + 1)))
}

# within SECONDS COMMAND...: waits until the command succeeds.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}
none_left() { [ -z "$(ranks_here "$1")" ]; }
