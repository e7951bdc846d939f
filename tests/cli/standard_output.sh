#!/usr/bin/env bash
# standard_output.sh KAYGRAPH [ranks]: --out -: the bytes of the file that would have been made, by any number of threads and ranks,
# and nothing beside them; no file is ever called -.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
export TMPDIR=$work/scratch
mkdir scratch
words_file a.txt
printf '{"id": 7, "text": "one text"}\n{"id": 8, "body": "no text"}\n{"id": 9, "text": "another"}\n' >b.jsonl
nothing_beside() {
    [ ! -e ./- ] && [ ! -e ./-.run ] && [ ! -e ./-.part ] && [ -z "$(ls scratch)" ] || { echo 'files were made:'; ls; exit 1; }
}
for format in npy fbin fvecs text; do
    out=wanted.$format
    [ $format != text ] || out=wanted.txt
    ends 0 embed a.txt --model hash:40 --out $out --quiet
    for threads in 1 4; do # over 64 MB of rows: several windows
        ends 0 embed a.txt --model hash:40 --out - --format $format --threads $threads --quiet
        cmp printed $out
        [ ! -s said ]
    done
    nothing_beside
done
ends 0 embed a.txt --model hash:400 --out large.npy --dtype f16 --quiet
ends 0 embed a.txt --model hash:400 --out - --dtype f16 # several windows of rows
cmp printed large.npy
says '-: 60000 x 400 f16'
ends 0 embed - --model hash:40 --out - --quiet <a.txt
cmp printed wanted.npy
nothing_beside
: >empty.txt
ends 0 embed empty.txt --model hash:4 --out - --quiet
cp printed got
ends 0 embed empty.txt --model hash:4 --out empty.npy --quiet
cmp got empty.npy

# rejects are told, for want of a file
ends 0 embed b.jsonl --model hash:4 --out - --max-errors 1 --quiet
says 'rejected row 1' 'b.jsonl'
cp printed got
ends 0 embed b.jsonl --model hash:4 --out b.npy --max-errors 1 --quiet
cmp got b.npy
ends 3 embed b.jsonl --model hash:4 --out - --max-errors 0
ends 65 embed b.jsonl --model hash:4 --out -
says 'b.jsonl' 'offset 30'
nothing_beside

# the others
ends 0 convert wanted.npy - --quiet
cmp printed wanted.npy
ends 0 convert wanted.npy - --format text --quiet
cmp printed wanted.txt
ends 0 convert wanted.npy - --dtype i8 --i8-scale 50 --quiet
cp printed got
ends 0 convert wanted.npy small.npy --dtype i8 --i8-scale 50 --quiet
cmp got small.npy
ends 0 fit-projection wanted.npy -d 3 --out axes.npy --quiet
ends 0 fit-projection wanted.npy -d 3 --out - --quiet
cmp printed axes.npy
ends 0 report wanted.npy --out -
cp printed page
ends 0 report wanted.npy
cmp page wanted.npy.run/report.html
nothing_beside

# what cannot be
for command in 'embed a.txt --out -' 'convert wanted.npy -' 'fit-projection wanted.npy -d 2 --out -'; do
    # shellcheck disable=SC2086
    ends 2 $command --json
    says '--json'
    code=0
    # shellcheck disable=SC2086
    "$kaygraph" $command >/dev/full 2>said || code=$?
    [ $code -eq 74 ] || { echo "full output ended with $code"; cat said; exit 1; }
    says 'standard output'
done
ends 2 embed b.jsonl --id-field id --out -
ends 2 embed b.jsonl --on-reject skip --max-errors 1 --out -
ends 2 embed a.txt --out - --metrics a.txt
says 'also a file that is read'
ends 2 embed a.txt --out ./- --metrics - --format npy
ends 0 embed a.txt --model hash:4 --out - --quiet --metrics m.prom --report r.html --trace t.json
[ -s m.prom ] && [ -s r.html ] && [ -s t.json ]
nothing_beside
# nothing of it is kept
ends 75 embed a.txt --model hash:4 --out - --stop-after 0.000001
says 'the same command begins anew'
printf '{"text": "a"}\n{broken\n' >r.jsonl
ends 0 embed r.jsonl --model hash:4 --out - --max-errors 1
says '1 rejected'
! grep -F -e '-.run' said
nothing_beside
# one who reads no further is no fault, and nothing is left
for command in 'embed a.txt --model hash:400 --out -' 'embed - --model hash:400 --out -' 'convert wanted.npy -'; do
    # shellcheck disable=SC2086
    { "$kaygraph" $command --quiet 2>said && echo 0 >code || echo $? >code; } <a.txt | head -c 100 >/dev/null || true
    [ "$(cat code)" -eq 141 ] && [ ! -s said ] || { echo "without a reader: $(cat code)"; cat said; exit 1; }
done
nothing_beside
if [ "${2:-}" = ranks ]; then
    for n in 1 2 3; do
        ranks $n embed a.txt --model hash:40 --out - --quiet >printed
        cmp printed wanted.npy
        ranks $n convert wanted.npy - --format text --quiet >printed
        cmp printed wanted.txt
        ranks $n fit-projection wanted.npy -d 3 --out - --quiet >printed
        cmp printed axes.npy
    done
    code=0
    ranks 2 embed - --model hash:40 --out - <a.txt >printed 2>said || code=$?
    [ $code -eq 2 ]
    says 'one process'
    nothing_beside
fi
echo "standard output gets the bytes of the file"
