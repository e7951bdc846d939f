#!/usr/bin/env bash
# embed.sh KAYGRAPH [ranks]: the command as people use it: what it makes, what it says, how it ends.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

printf 'one text\n\nanother text, où\n' >a.txt
printf '{"id": 7, "text": "one text"}\n{"id": 8, "body": "no text"}\n{"id": 9, "text": "another text, o\\u00f9"}\n' >b.jsonl

# numpy reads what was written
ends 0 embed a.txt --model hash:32 --out a.npy
says '1 rank x' 'hash:32' 'a.npy: 3 x 32 f32' '1 empty text in'
ends 0 embed a.txt --model hash:32 --out a.fbin --quiet
[ ! -s said ]
/usr/bin/python3 - <<'PY'
import numpy as np
a = np.load("a.npy")
n, d = np.fromfile("a.fbin", "<u4", 2)
assert a.dtype == np.float32 and a.shape == (3, 32) == (n, d)
assert (np.fromfile("a.fbin", "<f4", offset=8).reshape(n, d) == a).all()
assert np.allclose(np.linalg.norm(a, axis=1), [1, 0, 1])
PY

# standard input, compressed or not, gives the same bytes, and nothing is left of it
ends 0 embed - --model hash:32 --out c.npy --quiet --fresh <a.txt
cmp a.npy c.npy
gzip -c a.txt | "$kaygraph" embed - --model hash:32 --out c.npy --quiet --fresh
cmp a.npy c.npy
zstd -qc a.txt | "$kaygraph" embed - --model hash:32 --out c.npy --quiet --fresh
cmp a.npy c.npy
[ ! -e c.npy.run/stdin ] && [ ! -e c.npy.part ]

# one JSON document on standard output
ends 0 embed a.txt --model hash:32 --out c.npy --json --fresh
/usr/bin/python3 -c 'import json; d = json.load(open("printed")); assert d["rows"] == 3 and d["empty_texts"] == 1, d'

# records that cannot be embedded
ends 65 embed b.jsonl --model hash:8 --out b.npy
says 'b.jsonl' 'offset 30' "'text'"
[ ! -e b.npy ] && [ ! -e b.npy.part ]
ends 0 embed b.jsonl --model hash:8 --out b.npy --max-errors 34%
says '1 rejected: see b.npy.run/rejects.jsonl'
grep -q '"row":1,"file":"b.jsonl","offset":30' b.npy.run/rejects.jsonl
ends 3 embed b.jsonl --model hash:8 --out x.npy --on-reject zero-row
ends 3 embed b.jsonl --model hash:8 --out x.npy --max-errors 1%
ends 0 embed b.jsonl --model hash:8 --out s.npy --on-reject skip --max-errors 1 --id-field id
[ "$(tr '\n' ' ' <s.npy.ids.jsonl)" = '7 9 ' ]
/usr/bin/python3 -c 'import numpy as np; assert np.load("s.npy").shape == (2, 8); assert np.load("s.npy.rows.npy").tolist() == [0, 2]'
[ ! -e x.npy ]

# another run on the same output is refused, the same one is complete; a run that was stopped goes on
ends 2 embed a.txt --model hash:16 --out a.npy
says 'model: hash:16, was hash:32' '--fresh'
ends 0 embed a.txt --model hash:32 --out a.npy
says 'already complete, 3 x 32'
for _ in $(seq 5000); do cat a.txt; done >long.txt
ends 75 embed long.txt --model hash:64 --out l.npy --stop-after 0.001 --quiet
says 'nothing is lost'
[ ! -e l.npy ]
milliseconds=20 code=75
while [ $code -eq 75 ]; do
    code=0
    "$kaygraph" embed long.txt --model hash:64 --out l.npy --block 16 --stop-after "$(printf '%d.%03d' $((milliseconds / 1000)) $((milliseconds % 1000)))" \
        >printed 2>said || code=$?
    milliseconds=$((milliseconds * 3 / 2))
done
[ $code -eq 0 ]
says 'texts embedded by earlier runs'
ends 0 embed long.txt --model hash:64 --out whole.npy --quiet --threads 1
cmp l.npy whole.npy
ends 0 verify l.npy
says 'complete, 15000 of 15000 items compared, all as they were written'
ends 0 verify s.npy
says 'complete, 3 of 3 items'
cp l.npy damaged.npy && cp -r l.npy.run damaged.npy.run
printf 'x' | dd of=damaged.npy bs=1 seek=100000 conv=notrunc status=none
ends 65 verify damaged.npy
says 'not as they were written: '
ends 2 verify texts.npy
says 'there is no run of this output'
flock l.npy.run/lock sleep 2 &
sleep 0.3
ends 2 embed long.txt --model hash:64 --out l.npy
says 'another run works on this output'
wait

# wrong calls, missing files, full disks
ends 2 embed a.txt
ends 2 embed a.txt --out a.xyz
says '.npy'
ends 2 embed a.txt --out a.txt --format npy
says 'also an input'
ends 2 embed a.txt --out c.npy --max-errors many
ends 2 embed a.txt --out c.npy --model nothing:5 --fresh
says 'hash, fasttext, vec and static'
ends 2 embed a.txt --out c.npy --dtype f64
ends 74 embed none.txt --out c.npy
says 'none.txt'
ends 74 embed a.txt --out none/c.npy
says 'none/c.npy' 'no folder'
ends 65 embed a.txt --model fasttext:a.txt --out c.npy --fresh
says 'fastText model' 'a.txt'
head -c 1000 /dev/zero >cut.npy
ends 65 convert cut.npy c.fbin
says 'cut.npy' 'x93NUMPY'

# conversions, projections, what files hold
ends 0 convert a.npy h.npy --dtype f16
ends 0 convert a.npy a.fvecs
ends 0 convert a.fvecs back.fbin --quiet
cmp a.fbin back.fbin
ends 0 fit-projection a.npy -d 2 --out axes.npy
says '32 x 2' '%'
ends 0 embed a.txt --model hash:32 --project axes.npy --out small.npy
says 'small.npy: 3 x 2 f32'
ends 2 embed a.txt --model hash:16 --project axes.npy --out small.npy --fresh
says 'a projection of 16 rows' '32 x 2'
ends 0 info a.fvecs
grep -q 'fvecs' printed && grep -q '^rows *3' printed
ends 0 info --json
/usr/bin/python3 -c 'import json; json.load(open("printed"))'
for verb in embed convert fit-projection verify info; do
    ends 0 $verb --help
    [ "$(grep -c '^  \(mpirun .* \)\?kaygraph' printed)" -ge 2 ] || { echo "$verb --help has not two examples"; exit 1; }
done

if [ "${2:-}" = ranks ]; then
    for n in 2 3; do
        ranks $n embed a.txt --model hash:32 --out r.npy --quiet --fresh
        cmp a.npy r.npy
        ranks $n embed - --model hash:32 --out r.npy --quiet --fresh <a.txt
        cmp a.npy r.npy
    done
    code=0
    ranks 2 embed b.jsonl --model hash:8 --out x.npy 2>said || code=$?
    [ $code -eq 65 ] || { echo "65 did not arrive, but $code"; cat said; exit 1; }
    says 'b.jsonl'
    [ "$(grep -c 'kaygraph embed: expected' said)" -eq 1 ] || { echo "not told once"; cat said; exit 1; }
    code=0
    "${mpiexec[@]}" -n 1 "$kaygraph" embed a.txt --model hash:8 --out x.npy : \
        -n 1 env KAYGRAPH_MODEL=hash:9 "$kaygraph" embed a.txt --out x.npy 2>said || code=$?
    [ $code -eq 2 ] || { echo "ranks with other options ended with $code"; cat said; exit 1; }
    says 'different options' 'hash:9'
    code=0
    ranks 2 embed --wrong 2>said || code=$?
    [ $code -eq 2 ] || { echo "2 did not arrive, but $code"; cat said; exit 1; }
    # the mpirun of another MPI, where there is one
    other=mpiexec.mpich
    ! "$kaygraph" info | grep -q '^MPI  *MPICH' || other=mpirun.openmpi
    if command -v $other >/dev/null; then
        code=0
        $other -n 2 "$kaygraph" embed a.txt --model hash:8 --out lone.npy 2>said || code=$?
        [ $code -eq 2 ] || { echo "the wrong mpirun ended with $code"; cat said; exit 1; }
        says 'task 0 of 2' 'task 1 of 2'
        [ ! -e lone.npy.run ] && [ ! -e lone.npy ]
    fi
fi
echo "the command does what it says"
