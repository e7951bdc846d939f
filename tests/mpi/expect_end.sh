#!/usr/bin/env bash
# expect_end.sh PROGRAM FAULT RANKS CODE TEXT: the job ends within seconds, with a code, and says a text.
set -uo pipefail
program=$1 fault=$2 ranks=$3 code=$4 text=$5
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
start=$SECONDS
output=$(timeout -k 1 20 mpirun -n "$ranks" --oversubscribe --bind-to none "$program" "$fault" 2>&1)
got=$?
elapsed=$((SECONDS - start))
echo "$output" | head -20
echo "code $got after $elapsed s"
[ "$got" = "$code" ] || { echo "expected code $code"; exit 1; }
case $output in *"$text"*) ;; *) echo "expected to read: $text"; exit 1 ;; esac
[ $elapsed -le 8 ] || { echo "took longer than 8 s"; exit 1; }
sleep 0.5
if pgrep -f "^$program $fault\$" >/dev/null; then echo "processes are left"; pkill -KILL -f "^$program $fault\$"; exit 1; fi
