#!/usr/bin/env bash
# expect_end.sh PROGRAM FAULT RANKS CODES TEXT: the job ends, with one of the codes ("any": all but 0), says a text, and leaves
# no process.
set -uo pipefail
program=$1 fault=$2 ranks=$3 codes=$4 text=$5
# shellcheck source=tests/support/launch.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/launch.sh"
work=$(mktemp -d)
trap 'ranks_here "$program" | xargs -r kill -KILL; rm -rf "$work"' EXIT
cd "$work" || exit 1

longest=$(patience "$ranks")
"${mpiexec[@]}" -n "$ranks" "$program" "$fault" >said 2>&1 &
job=$!
has_ended() { ! kill -0 $job 2>/dev/null; }
within "$longest" has_ended || { echo "it hangs: no end after $longest s"; head -20 said; kill -KILL $job; exit 1; }
wait $job
got=$?
head -20 said
echo "code $got"
case " $codes " in
    *" $got "*) ;;
    ' any ') [ $got -ne 0 ] || { echo "expected another code than 0"; exit 1; } ;;
    *) echo "expected code $codes"; exit 1 ;;
esac
[ -z "$text" ] || grep -qF -- "$text" said || { echo "expected to read: $text"; exit 1; }
within "$longest" none_left "$program" || { echo "processes are left"; exit 1; }
