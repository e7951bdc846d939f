#!/usr/bin/env bash
# overwrite.sh KAYGRAPH [ranks]: nothing is overwritten by mistake: what a job writes is none of its inputs, models and other
# files, whatever their names; a file that no run made stays; what cannot be written is found before the work.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
printf '{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n' >in.jsonl
printf 'one\ntwo\n' >a.txt
printf '2 3\none 1 2 3\ntwo 4 5 6\n' >m.vec
mkdir folder && cp a.txt folder/b.txt
ends 0 embed a.txt --model hash:3 --out axes.npy --quiet
printf 'model = hash:8\n' >set.toml

# refused TEXT ARGUMENT...: with 2, and every file is as it was
state() { find . ! -name lock ! -name said ! -name printed ! -type d -printf '%p %i %y %s %T@\n' | sort; }
refused() {
    local text=$1 before
    shift
    before=$(state)
    ends 2 "$@"
    says "$text"
    diff <(echo "$before") <(state) || { echo "kaygraph $* changed something"; exit 1; }
}
refused 'also an input' embed in.jsonl --out a.npy --metrics in.jsonl
refused 'also an input' embed in.jsonl --out a.npy --trace ./in.jsonl
refused 'also an input' embed in.jsonl --out a.npy --report folder/../in.jsonl
refused 'also an input' embed a.txt --out a.txt --format npy
refused 'also an input' embed folder --out a.npy --report folder/b.txt
refused 'also an input' embed 'fold*/*.txt' --out a.npy --report folder/b.txt
refused 'also an input' embed folder a.txt --out a.txt --format npy
cp in.jsonl k.npy.ids.jsonl
refused 'also an input' embed k.npy.ids.jsonl --id-field id --out k.npy
cp in.jsonl p.jsonl && ln p.jsonl p.npy.part
refused 'also an input' embed p.jsonl --out p.npy
ln in.jsonl hard.npy
refused 'also an input' embed in.jsonl --out hard.npy
refused 'also an input' embed in.jsonl --out x.npy --metrics hard.npy --overwrite
ln -s folder way
refused 'also an input' embed way/b.txt --out x.npy --report folder/b.txt
refused 'also a file of the model' embed a.txt --model vec:m.vec --out m.vec --format npy
refused 'also a file of the model' embed a.txt --model vec:m.vec --out x.npy --trace m.vec
refused 'also the projection' embed a.txt --model hash:2 --project axes.npy --out axes.npy
refused 'also the projection' embed a.txt --model hash:2 --project axes.npy --out x.npy --report axes.npy
refused 'also the file of --config' embed a.txt --out x.npy --config set.toml --report set.toml
refused 'also the file of --config' embed a.txt --out set.toml --format npy --config set.toml
refused 'also the output' embed a.txt --out x.npy --report x.npy
refused 'also the output' embed a.txt --out x.npy --report folder/../x.npy
refused 'also the output' embed a.txt --out folder/x.npy --metrics way/x.npy
refused 'unfinished' embed a.txt --out x.npy --metrics x.npy.part
refused 'also the file of --metrics' embed a.txt --out x.npy --metrics m --trace m
refused 'also the file of the ids' embed in.jsonl --id-field id --out x.npy --metrics x.npy.ids.jsonl
refused 'also a part of the ids' embed in.jsonl --id-field id --out x.npy --metrics x.npy.ids.jsonl.segment.0
refused 'also the file of the row numbers' embed in.jsonl --on-reject skip --out x.npy --metrics x.npy.rows.npy
refused 'the folder of the run' embed a.txt --out x.npy --metrics x.npy.run
refused 'a file of the run' embed a.txt --out x.npy --metrics x.npy.run/metrics.json
refused 'a file of the run' embed a.txt --out x.npy --trace x.npy.run/journal.7
refused 'also the input' convert axes.npy axes.npy
refused 'also the input' convert axes.npy x.npy --metrics axes.npy
refused 'also the input' fit-projection axes.npy -d 2 --out axes.npy
refused 'also the input' fit-projection axes.npy -d 2 --out x.npy --report axes.npy
ends 0 embed in.jsonl --id-field id --out r.npy --quiet
cp r.npy.run/run.json r.npy.run/rejects.jsonl
refused 'a file of the run' embed r.npy.run/rejects.jsonl --out r.npy --fresh
rm r.npy.run/rejects.jsonl
refused 'the output of the run' report r.npy --out r.npy
refused 'a file that the run made' report r.npy --out r.npy.ids.jsonl --overwrite
refused 'a file that the run read' report r.npy --out in.jsonl --overwrite
refused 'a file of the run' report r.npy --out r.npy.run/run.json --overwrite
rm -rf way p.* k.* hard.npy

# what stands in a folder under the name of an output is an input, but where a run is known to have made it
mkdir d && cp in.jsonl d/c.jsonl && cp in.jsonl d/e.jsonl && ln -s d around
for made_by in nobody 'an empty folder' 'a run without ids'; do
    [ "$made_by" != 'an empty folder' ] || mkdir d/c.jsonl.run d/o.npy.run
    if [ "$made_by" = 'a run without ids' ]; then
        rmdir d/c.jsonl.run d/o.npy.run
        ends 0 embed in.jsonl --out d/o.npy --quiet
    fi
    refused 'the output is also an input' embed d --out d/c.jsonl --overwrite --format npy
    refused 'the output is also an input' embed 'd/*.jsonl' --out d/c.jsonl --overwrite --format npy
    refused 'the output is also an input' embed around --out d/c.jsonl --overwrite --format npy
    cp in.jsonl d/o.npy.ids.jsonl
    refused 'the file of the ids is also an input' embed d --id-field id --out d/o.npy --fresh --overwrite
    rm d/o.npy.ids.jsonl
done
rm -r d/o.npy*
ends 0 embed d --out d/t.jsonl --format text --quiet
ends 0 embed d --out d/t.jsonl --format text --fresh --overwrite
says '1 product of a run'
cp in.jsonl d/t.jsonl # in its place
refused 'the output is also an input' embed d --out d/t.jsonl --format text --fresh --overwrite
cp in.jsonl d/t.jsonl2 && ends 0 embed in.jsonl --out d/t.jsonl2 --format text --overwrite --quiet
rm d/t.jsonl
ends 0 embed d --include '*.jsonl*' --out d/t.jsonl --format text --fresh
says '4 x' '1 product of a run'
rm -r d around

# links, devices, directories and standard output are no files to make
ln -s nowhere dangling
mkfifo pipe
for side in --metrics --trace --report; do
    for path in dangling pipe folder folder/ - /dev/null; do
        refused "the file of $side" embed a.txt --out x.npy $side $path
    done
done
[ -L dangling ] && [ -p pipe ] && [ -c /dev/null ] && [ ! -e nowhere ] && [ ! -e ./- ]
refused 'a directory' embed a.txt --out folder/ --format npy
printf x >file.npy.run
refused 'the folder in which' embed a.txt --out file.npy
mkdir mine.npy.run && echo notes >mine.npy.run/notes
refused 'something else is there' embed a.txt --out mine.npy
ends 0 embed a.txt --out mine.npy --overwrite --quiet
[ -e mine.npy.run/notes ]

# a file that no run made stays, unless that is asked for
echo precious >o.npy
for more in --quiet --fresh; do
    refused --overwrite embed a.txt --out o.npy $more
    refused --overwrite convert axes.npy o.npy $more
    refused --overwrite fit-projection axes.npy -d 2 --out o.npy $more
done
[ ! -e o.npy.run ]
: >empty.npy
refused --overwrite embed a.txt --out empty.npy
echo precious >q.npy.ids.jsonl
refused --overwrite embed in.jsonl --id-field id --out q.npy
echo precious >q.npy.part
refused --overwrite embed in.jsonl --out q.npy
echo precious >notes.html
for side in --metrics --trace --report; do
    refused --overwrite embed a.txt --out x.npy $side notes.html
    refused --overwrite convert axes.npy x.npy $side notes.html
    refused --overwrite fit-projection axes.npy -d 2 --out x.npy $side notes.html
done
refused --overwrite report r.npy --out notes.html
ends 0 embed a.txt --out o.npy --overwrite --quiet --report notes.html
ends 0 verify o.npy
grep -q '<title>kaygraph embed' notes.html
# what runs made is replaced without a word: by the same command, by another, for another output
for _ in 1 2; do
    side=(--quiet --metrics m.prom --trace t.json --report notes.html)
    ends 0 embed a.txt --out o.npy --fresh "${side[@]}"
    ends 0 embed a.txt --out o2.npy --fresh "${side[@]}"
    ends 0 embed a.txt --out o2.npy "${side[@]}"
    ends 0 convert axes.npy o3.npy --fresh "${side[@]}"
    ends 0 fit-projection axes.npy -d 2 --out o4.npy --fresh "${side[@]}"
    ends 0 report o.npy --out notes.html
    ends 0 report o.npy
done
ends 0 embed a.txt --out o5.npy --quiet --report o5.npy.run/report.html --trace o5.npy.run/trace.json
[ -s o5.npy.run/report.html ] && [ -s o5.npy.run/trace.json ]
/usr/bin/python3 -c 'import json; json.load(open("t.json"))["traceEvents"]'
# a run that does not know its files yet tells nobody
cp in.jsonl wrong.jsonl
ends 74 embed none.txt --out x.npy --metrics wrong.jsonl
cmp in.jsonl wrong.jsonl
# an output that somebody has replaced since is not the run's any more
echo precious >o.npy
refused --overwrite embed a.txt --out o.npy --fresh
ends 65 embed a.txt --out o.npy
says --overwrite

# what cannot be written is found before the work
for path in none/x.npy a.txt/x.npy; do
    ends 74 embed a.txt --out $path
    says "$path" 'folder'
    ends 74 embed a.txt --out x.npy --metrics $path
    says "$path" 'folder'
    ends 74 fit-projection axes.npy -d 2 --out x.npy --report $path
    ends 74 report r.npy --out $path
done
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 sealed
    sealed=sealed
else
    sealed=/proc
fi
ends 74 embed a.txt --out $sealed/x.npy
says $sealed/x.npy
ends 74 embed a.txt --out x.npy --trace $sealed/t.json
says $sealed/t.json
[ ! -e x.npy ] && [ ! -e x.npy.run ]

# a disk without room, where this machine lets us have a small one
cat >small.sh <<'END'
mkdir small && mount -t tmpfs -o size=400k none small || exit 77
for _ in $(seq 20); do cat "$2"; done >many.txt
code=0
"$1" embed many.txt --model hash:4096 --out small/o.npy >said 2>&1 || code=$?
[ $code -eq 74 ] && grep -q 'the disk has room for' said && [ ! -e small/o.npy.part ] && [ ! -e small/o.npy ] || exit 1
# twice its size would not fit, but it takes the place of what the run before made
"$1" embed many.txt --model hash:1500 --out small/o.npy --quiet || exit 2
"$1" embed many.txt --model hash:1500 --out small/o.npy --quiet --fresh || exit 3
"$1" verify small/o.npy --quiet
END
code=0
unshare -Urm true 2>/dev/null || code=77
[ $code -eq 77 ] || unshare -Urm bash small.sh "$kaygraph" a.txt || code=$?
case $code in
    0) echo 'a small disk is found full before the work' ;;
    77) echo 'no small disk here: not tried' ;;
    *) echo "on a small disk: $code" && cat said && exit 1 ;;
esac

if [ "${2:-}" = ranks ]; then
    code=0
    ranks 2 embed in.jsonl --out rk.npy --metrics in.jsonl 2>said || code=$?
    [ $code -eq 2 ] && [ "$(grep -c 'also an input' said)" -eq 1 ] || { echo "on ranks: $code"; cat said; exit 1; }
    cmp in.jsonl wrong.jsonl
    [ ! -e rk.npy.run ]
fi
echo "nothing is overwritten by mistake"
