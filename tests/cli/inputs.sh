#!/usr/bin/env bash
# inputs.sh KAYGRAPH: files as people have them are read for what they are, or refused by what they are.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/cli/expect.sh
. "$here/expect.sh"
/usr/bin/python3 "$here/inputs.py"

# matrix FILE OPTION...: converts a file, and shows it as text, a line a row, without other words.
matrix() {
    ends 0 convert "$1" shown.txt --quiet --fresh "${@:2}"
    tr '\n' '/' <shown.txt
}
is() { # WHAT EXPECTED FOUND
    [ "$2" = "$3" ] || { echo "$1: expected $2, found $3"; exit 1; }
}
refused() { # TEXT... -- ARGUMENT...: exit 65 that names what the file is
    local texts=()
    while [ "$1" != -- ]; do texts+=("$1"); shift; done
    shift
    ends 65 "$@" --quiet --fresh
    says "${texts[@]}"
}

# word vectors
for file in mark.vec plus.vec glove_marked.txt packed.vec.gz packed_without_ending.vec nbsp.vec no_newlines.bin; do
    ends 0 embed words.txt --model "vec:$file" --out v.npy --quiet --fresh
    [ ! -s said ]
    is "$file" '1 2 3/4 5 6/7 8 9/' "$(matrix v.npy)"
done
for file in spaces.txt space.vec tab.vec no_utf8.bin; do
    ends 0 embed words.txt --model "vec:$file" --out v.npy --quiet --fresh
    says "$file" ' word'
    is "$file" '1 2 3/4 5 6/7 8 9/' "$(matrix v.npy)"
done
vec() { refused "${@:2}" -- embed words.txt --model "vec:$1" --out v.npy; }
vec sparse.vec "'0:0.1'" 'line 2'
vec merge.txt "'HEAD'" 'line 1'
vec cut.vec 'line 4'
vec fewer.vec 'expected 4 lines' 'found 3'
vec cut.bin 'bytes of a vector'
vec space.bin 'a word before it may hold a space'
vec word2vec.model 'a Python pickle'
vec glove.zip 'a zip archive'
vec vectors.bin.tar.gz 'a tar archive'
vec pointer.bin.gz 'a Git LFS pointer'
vec fasttext.bin 'a fastText model' 'fasttext:FILE'
refused 'vec:FILE' -- embed words.txt --model fasttext:mark.vec --out v.npy
refused 'a Git LFS pointer' -- embed words.txt --model fasttext:pointer.bin.gz --out v.npy

# matrices
for file in u1.npy bytes.npy comma.npy native.npy long.npy columns.npy header.txt commas.txt whole.safetensors; do
    is "$file" '0 1 2/3 4 5/' "$(matrix "$file")"
done
converted() { refused "${@:2}" -- convert "$1" m.npy; }
converted big.npy "'>f4'"
converted numpy2.npy 'np.int64(2)'
converted objects.npy "'|O'"
converted cnpy.npy "'<?24'"
converted short.npy 'expected 60 bytes' 'found 24'
converted zip.npy 'a zip archive'
converted trailing.safetensors '4 bytes at the end'
converted gap.safetensors 'offset'
converted pointer.safetensors 'a Git LFS pointer'
converted bf16.safetensors "'BF16'"
converted huge.safetensors '132095296'
converted fvecs.fbin '65536 columns at most'
converted fbin.fvecs 'offset'
converted long_head.fbin 'one column at least'
converted truth.ibin 'expected 24 bytes' 'found 48'
converted cropped.u8bin 'expected 4000000000 bytes' 'found 40'
converted utf16.txt 'UTF-16'

# static models
refused 'a Git LFS pointer' -- embed words.txt --model static:pointer --out v.npy
refused '53' '3' -- embed words.txt --model static:other --out v.npy
ends 0 embed letters.txt --model static:word_piece --out v.npy --quiet --fresh
is letters '3 4/29 30/' "$(matrix v.npy)" # the mean of a and b; of a and ##b
refused "'z'" 'unk_id is null' "'wide.txt', offset 12" -- embed wide.txt --model static:unigram --out v.npy
ends 0 embed wide.txt --model static:unigram --out v.npy --on-reject skip --max-errors 1 --fresh --quiet
is wide '1.5 2.5/2 3/' "$(matrix v.npy)" # marks count, and two spaces are one

# numbers
ends 0 convert large.npy n.npy --dtype f16 --fresh
says '2 elements too large for f16: infinite'
ends 0 convert large.npy n.npy --dtype u8 --fresh
says '4 elements clamped to the range of u8' '1 element NaN, which u8 does not have: 0'
is u8 '255 255 0/1 0 255/' "$(matrix n.npy)"
ends 0 convert large.npy n.npy --dtype i8 --i8-scale 1 --fresh --json
/usr/bin/python3 -c 'import json; d = json.load(open("printed")); assert (d["clamped"], d["not_numbers"], d["infinite"]) == (4, 1, 0), d'
is integers '0 1 2/3 126 127/' "$(ends 0 convert small_integers.npy n.i8bin --fresh --quiet; matrix n.i8bin)"
refused "i8" 'row 1' '128' -- convert integers.npy n.i8bin
ends 0 embed words.txt --model vec:plus.vec --dtype i8 --i8-scale 20 --out v.npy --fresh
says '3 elements clamped to the range of i8: a smaller --i8-scale keeps them'

# integers of a text stay what they are, in i8 as in other types; what else is asked for has to be said
printf '0 1 -1\n1 0 0\n' >signs.txt
is signs '0 1 -1/1 0 0/' "$(ends 0 convert signs.txt n.i8bin --fresh --quiet; matrix n.i8bin)"
is signs '0 50 -50/50 0 0/' "$(ends 0 convert signs.txt n.i8bin --i8-scale 50 --fresh --quiet; matrix n.i8bin)"
printf '0.5 nan 300\n' >mixed.txt
refused 'i8 can hold' "'0.5'" '--i8-scale' -- convert mixed.txt n.i8bin
refused 'u8 can hold' "'0.5'" 'to a .npy of f64 first' -- convert mixed.txt n.u8bin
ends 0 convert mixed.txt n64.npy --dtype f64 --fresh --quiet
is mixed '0 0 255/' "$(ends 0 convert n64.npy n.u8bin --fresh --quiet; matrix n.u8bin)"
printf '0,1   0,2\n0,3   0,4\n' >decimal.txt
refused "'0,1'" 'row 0' -- convert decimal.txt n.npy
ends 65 info decimal.txt

# info tells what is in a .txt
info() { ends 0 info "$1"; tr -s ' ' <printed | tr '\n' '/'; }
printf 'alpha 1 2 3\nbeta 4 5 6\n' >glove.txt
info glove.txt | grep -q '/model vec:glove.txt/dimension 3/'
info signs.txt | grep -q '/format text/elements f32/rows 2/cols 3/'
printf 'alpha\nbeta, and gamma\n' >prose.txt
ends 65 info prose.txt
says 'neither a matrix nor word vectors' "'alpha'"
mkdir no_model
ends 74 info no_model
says 'model.safetensors and tokenizer.json, found neither'

# texts
printf '{"meta.text": "a b"}\n{"meta": {"text": "c"}}\n' >dotted.jsonl
printf 'a b\nc\n' >undotted.txt
ends 0 embed dotted.jsonl --field meta.text --model hash:64 --out t.npy --quiet --fresh
ends 0 embed undotted.txt --model hash:64 --out u.npy --quiet --fresh
cmp t.npy u.npy
refused "'meta.body', as one key or as 'body' within 'meta'" -- embed dotted.jsonl --field meta.body --model hash:64 --out t.npy
printf 'id,text\n1,one\n' >table.csv
ends 0 embed table.csv --model hash:8 --out t.npy --fresh
says 'table.csv: its lines are texts as they are' 'JSON lines'
embedded() { # FILE SAME: they give the same rows
    ends 0 embed "$1" --model hash:64 --out t.npy --quiet --fresh
    ends 0 embed "$2" --model hash:64 --out u.npy --quiet --fresh
    cmp t.npy u.npy
}
for file in a.ndjson a.jsonlines a.json no_ending marked.json shard.json.gz padded.jsonl.gz overflow.jsonl half.jsonl; do
    embedded "$file" plain.txt
    [ ! -s said ]
done
embedded separators.jsonl separators.txt
"$kaygraph" embed - --model hash:64 --out t.npy --quiet --fresh <plain.jsonl
"$kaygraph" embed - --model hash:64 --out u.npy --quiet --fresh <plain.txt
cmp t.npy u.npy
ends 0 embed overflow.jsonl --model hash:64 --id-field n --out t.npy --quiet --fresh
is ids '123456789012345678901234567890' "$(head -1 t.npy.ids.jsonl)"
ends 0 embed array.json --model hash:8 --out t.npy --quiet --fresh
says 'array.json: its first line is no JSON object' '--input-format jsonl'
cp plain.jsonl records.txt
ends 0 embed records.txt --model hash:8 --out t.npy --quiet --fresh
says 'records.txt: its first line is a JSON object' '--input-format jsonl'
text() { refused "${@:2}" -- embed "$1" --model hash:8 --out t.npy; }
text half_text.jsonl "half of a surrogate pair" "'text'"
text utf16.txt 'UTF-16 text' 'iconv'
text utf16_without_mark.jsonl 'UTF-16 text'
text utf32.txt 'UTF-32 text'
text packed.txt 'gzip data' '.gz'
text archive.txt 'a zip archive'
text tar.txt.gz 'a tar archive'
text pointer.txt 'a Git LFS pointer'
text pointer.jsonl.gz 'a Git LFS pointer'
text parquet.jsonl 'a Parquet file'
text garbage.jsonl.gz "'garbage'"
text cut.jsonl.gz 'end of the file'
text nan.jsonl 'nan.jsonl'
text "$kaygraph" 'found'

# a folder: what is hidden and what runs made is no text
ends 0 embed corpus --model hash:8 --out corpus/o.txt
says 'corpus/o.txt: 4 x 8' '4 hidden' '1 file of another name' '1 .json without JSON lines'
ends 0 embed corpus --model hash:8 --id-field id --out corpus/p.txt --json
/usr/bin/python3 -c 'import json; d = json.load(open("printed")); l = d["left_out"]; assert d["rows"] == 4 and l["products"] == 1 and l["run_directories"] == 1 and l["hidden"] == 4, d'
ends 0 embed corpus --model hash:8 --out q.npy --dry-run
says 'would embed 4 texts of 2 files' '2 run directories' '3 products of runs'
ends 0 embed corpus/o.txt corpus/.ipynb_checkpoints/b-checkpoint.txt --model hash:8 --out q.npy  # these are named
says 'q.npy: 5 x 8'
ends 0 embed 'corpus/*.txt' --model hash:8 --out q.npy --fresh
says 'q.npy: 2 x 8' '2 products of runs'
