#!/usr/bin/env bash
# whole.sh KAYGRAPH [ranks]: what a run made is one whole, and a run knows its inputs by their content.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
printf '{"id": 7, "text": "one text"}\n{"id": 8, "body": "no text"}\n{"id": 9, "text": "another"}\n' >b.jsonl
policy=(--model hash:8 --on-reject skip --max-errors 1 --id-field id)

# listed, verified, made again
ends 0 embed b.jsonl --out s.npy "${policy[@]}" --quiet
/usr/bin/python3 - <<'END'
import json, os
made = {p["file"]: p["bytes"] for p in json.load(open("s.npy.run/run.json"))["products"]}
assert set(made) == {"s.npy", "s.npy.ids.jsonl", "s.npy.rows.npy", "s.npy.run/rejects.jsonl"}, made
assert all(os.path.getsize(name) == size for name, size in made.items()), made
END
for lost in s.npy.ids.jsonl s.npy.rows.npy s.npy.run/rejects.jsonl s.npy; do
    cp $lost wanted
    before=$(stat -c %i s.npy s.npy.ids.jsonl s.npy.rows.npy)
    rm $lost
    ends 65 verify s.npy
    says "$lost: gone"
    ends 0 embed b.jsonl --out s.npy "${policy[@]}"
    cmp wanted $lost
    if [ $lost != s.npy ]; then
        says 'already complete' "$lost was lost"
        for same in s.npy s.npy.ids.jsonl s.npy.rows.npy; do # the others were left alone
            [ $same = $lost ] || grep -qx "$(stat -c %i $same)" <<<"$before" || { echo "$same was made again for $lost"; exit 1; }
        done
    fi
    ends 0 verify s.npy
    says 'all as they were written'
done
for changed in s.npy.ids.jsonl s.npy.rows.npy s.npy.run/rejects.jsonl s.npy; do
    cp -p $changed kept
    printf x | dd of=$changed bs=1 seek=3 conv=notrunc status=none
    ends 65 verify s.npy
    says "$changed"
    cp -p kept $changed
done

# removed together
ends 0 embed b.jsonl --out s.npy --model hash:8 --max-errors 1 --fresh --quiet
[ ! -e s.npy.ids.jsonl ] && [ ! -e s.npy.rows.npy ]
ends 0 convert s.npy c.npy --dtype f16 --quiet
ends 0 embed b.jsonl --out c.npy "${policy[@]}" --fresh --quiet
ends 0 convert s.npy c.npy --dtype f16 --fresh --quiet
[ ! -e c.npy.ids.jsonl ] && [ ! -e c.npy.rows.npy ] && [ ! -e c.npy.run/rejects.jsonl ]
ends 0 verify c.npy

# what is not of the run is told
rm -r c.npy.run && echo 7 >c.npy.ids.jsonl
ends 0 embed b.jsonl --out c.npy --model hash:8 --max-errors 1 --overwrite
says 'c.npy.ids.jsonl stands beside the output, and is not of its run'
ends 0 convert s.npy c.npy --dtype f16 --fresh --quiet

# rejects: listed where they were too many, and judged by the budget of today
ends 3 embed b.jsonl --out x.npy --model hash:8 --on-reject skip
grep -q '"row":1,"file":"b.jsonl","offset":30' x.npy.run/rejects.jsonl
ends 0 embed b.jsonl --out x.npy --model hash:8 --on-reject skip --max-errors 34%
ends 0 embed b.jsonl --out x.npy --model hash:8 --on-reject skip --max-errors 1
says 'already complete'
for budget in 0 33%; do
    ends 3 embed b.jsonl --out x.npy --model hash:8 --on-reject skip --max-errors $budget
    says '1 of 3 records' 'rejects.jsonl'
done
ends 3 embed b.jsonl --out s.npy --model hash:8
touch b.jsonl
ends 3 embed b.jsonl --out s.npy --model hash:8
ends 0 embed b.jsonl --out s.npy --model hash:8 --max-errors 1

# inputs are known by their content
/usr/bin/python3 -c 'print("\n".join("%039d" % i for i in range(50000)))' >t.txt
touch -d 2026-01-01 t.txt
ends 0 embed t.txt --model hash:8 --out stale.npy --quiet
ends 0 embed t.txt --model hash:8 --out stale.npy
says 'already complete'
printf ABCD | dd of=t.txt bs=1 seek=988200 conv=notrunc status=none
touch -d 2026-01-01 t.txt
ends 2 embed t.txt --model hash:8 --out stale.npy
says 'belongs to another run' 't.txt' 'other bytes'
ends 0 embed t.txt --model hash:8 --out stale.npy --fresh --quiet
mkdir elsewhere && cp t.txt elsewhere/u.txt && rm t.txt && ln -s elsewhere way
for path in elsewhere/u.txt ./elsewhere/u.txt way/u.txt "$PWD/elsewhere/u.txt"; do
    ends 0 embed "$path" --model hash:8 --out stale.npy
    says 'already complete'
done
gzip -k elsewhere/u.txt
ends 0 embed elsewhere/u.txt.gz --model hash:8 --out packed.npy --quiet
cp elsewhere/u.txt.gz v.txt.gz
ends 0 embed v.txt.gz --model hash:8 --out packed.npy
says 'already complete'
gzip -1 -c elsewhere/u.txt >v.txt.gz
ends 2 embed v.txt.gz --model hash:8 --out packed.npy
says 'belongs to another run'
ends 0 embed - --model hash:8 --out piped.npy --quiet <elsewhere/u.txt
ends 0 embed - --model hash:8 --out piped.npy <elsewhere/u.txt
says 'already complete'
[ ! -e piped.npy.run/stdin ]
{ sed 1d elsewhere/u.txt && head -n 1 elsewhere/u.txt; } >turned.txt
ends 2 embed - --model hash:8 --out piped.npy <turned.txt
says 'belongs to another run'
[ ! -e piped.npy.run/stdin ]
# and models: the files of a directory, whatever it is called
printf '2 3\none 1 2 3\ntwo 4 5 6\n' >m.vec
ends 0 embed b.jsonl --model vec:m.vec --max-errors 1 --out m.npy --quiet
mv m.vec n.vec && touch n.vec
ends 0 embed b.jsonl --model vec:n.vec --max-errors 1 --out m.npy
says 'already complete'
printf '2 3\none 1 2 3\ntwo 4 5 7\n' >n.vec
ends 2 embed b.jsonl --model vec:n.vec --max-errors 1 --out m.npy
says 'model 0' 'other bytes'
# and matrices
ends 0 fit-projection s.npy -d 2 --out axes.npy --quiet
cp s.npy s2.npy
ends 0 fit-projection s2.npy -d 2 --out axes.npy
says 'already complete'
ends 0 verify axes.npy
ends 2 fit-projection c.npy -d 2 --out axes.npy
ends 0 convert s2.npy h.npy --dtype f16 --quiet
ends 0 convert s.npy h.npy --dtype f16
says 'already complete'

# a whole that was moved is one
mkdir moved && mv stale.npy stale.npy.run moved
ends 0 verify moved/stale.npy
ends 0 embed elsewhere/u.txt --model hash:8 --out moved/stale.npy
says 'already complete'

# rows of text: by any number of threads and ranks
ends 0 embed elsewhere/u.txt --model hash:3 --out one.txt --threads 1 --quiet
ends 0 embed elsewhere/u.txt --model hash:3 --out four.txt --threads 4 --quiet
cmp one.txt four.txt
[ "$(wc -l <one.txt)" -eq 50000 ]
ends 0 verify four.txt
ends 0 embed elsewhere/u.txt --model hash:3 --out m3.npy --quiet
for threads in 1 4; do
    ends 0 convert m3.npy conv$threads.txt --threads $threads --quiet
    cmp one.txt conv$threads.txt
done
! ls -d ./*.part ./*.unfiltered* 2>/dev/null
if [ "${2:-}" = ranks ]; then
    for n in 2 3; do
        ranks $n embed elsewhere/u.txt --model hash:3 --out r$n.txt --quiet
        cmp one.txt r$n.txt
        ranks $n convert m3.npy rc$n.txt --quiet
        cmp one.txt rc$n.txt
        ranks $n embed b.jsonl --out w$n.npy "${policy[@]}" --quiet
        rm w$n.npy.ids.jsonl w$n.npy.rows.npy
        ranks $n embed b.jsonl --out w$n.npy "${policy[@]}" --quiet
        [ "$(tr '\n' ' ' <w$n.npy.ids.jsonl)" = '7 9 ' ]
        ranks $n verify w$n.npy --quiet
        touch b.jsonl
        ranks $n embed b.jsonl --out w$n.npy "${policy[@]}" 2>said
        says 'already complete'
    done
fi
echo "runs are wholes, and know their inputs"
