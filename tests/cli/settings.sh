#!/usr/bin/env bash
# settings.sh KAYGRAPH: options from variables and files, their weights, and settings that are not understood: those are errors
# that name what may have been meant.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
printf 'one\ntwo words\n\nthree of them\n' >a.txt
shape() { /usr/bin/python3 -c 'import numpy as np, sys; print(*np.load(sys.argv[1]).shape)' "$1"; }

# the command line weighs more than variables, and those more than a file
cat >set.toml <<'END'
# of all
threads = 1
model = "hash:5"  # five
tensor = x
[embed]
model = "hash:6"
dtype = f16
; of another
[convert]
dtype = "i8"
END
ends 0 embed a.txt --out a.npy --config set.toml
[ "$(shape a.npy)" = "4 6" ]
KAYGRAPH_MODEL=hash:7 ends 0 embed a.txt --out b.npy --config set.toml
[ "$(shape b.npy)" = "4 7" ]
KAYGRAPH_MODEL=hash:7 KAYGRAPH_QUIET=true ends 0 embed a.txt --out c.npy --model hash:8
[ "$(shape c.npy)" = "4 8" ] && [ ! -s said ]
KAYGRAPH_CONFIG=set.toml ends 0 embed a.txt --out d.npy
[ "$(shape d.npy)" = "4 6" ]
KAYGRAPH_MODEL='' ends 0 embed a.txt --out e.npy --config set.toml
[ "$(shape e.npy)" = "4 6" ]
grep -q '"command": "kaygraph embed a.txt --out a.npy --config set.toml .*--model=hash:6' a.npy.run/run.json
mkdir folder && cp a.txt folder/b.md && cp a.txt folder/c.text && cp a.txt folder/d.txt
cat >list.toml <<'END'
[embed]
include = [
    "*.md", # one
    '*.text' ]
quiet = true
END
ends 0 embed folder --out f.npy --config list.toml
[ "$(shape f.npy)" = "8 256" ] && [ ! -s said ]

# refused LINES TEXT...: a file of options that is not understood
refused() {
    printf '%b' "$1" >wrong.toml
    shift
    ends 2 embed a.txt --out x.npy --config wrong.toml
    says wrong.toml "$@"
    [ ! -e x.npy ] && [ ! -e x.npy.run ]
}
refused '[embed]\nmodle = "hash:6"\n' 'line 2' "no option 'modle'" "did you mean 'model'"
refused 'thread = 1\n' 'line 1' "an option 'thread'" "'threads'"
refused 'max_errors = 1%\n' "'max-errors'"
refused '[convert]\ndtyp = f16\n' "'convert' has no option 'dtyp'" "'dtype'"
refused '[embd]\nmodel = hash:6\n' '[embd]' "'embed'"
refused 'model hash:6\n' 'line 1' 'name = value' 'model hash:6'
refused 'quiet\n' 'name = value'
refused '= 5\n' 'name = value'
refused 'model =\n' 'a value'
refused 'model = hash:5\n\nmodel = hash:6\n' 'line 3' "'model' was set in line 1"
refused '[embed]\nmodel = hash:5\n[convert]\n[embed]\nmodel = hash:6\n' 'line 5' 'line 2'
refused 'model = "hash:6\n' 'expected "'
refused 'model = "hash:6" hash:7\n' 'the end of the line'
refused '[embed\n' '[verb]'
refused '[]\n' 'the name of a verb'
refused 'include = ["*.md"\n' 'expected ]'
refused 'config = other.toml\n' "'config'"
refused 'help = true\n' "'help'"
refused 'binary\x01\n' 'name = value'
printf 'dtype = f61\n' >wrong.toml
ends 2 embed a.txt --out x.npy --config wrong.toml
says '--dtype' 'f16 | f32 | i8' "'f16'" 'line 1 of wrong.toml'
printf 'quiet = perhaps\n' >wrong.toml
ends 2 embed a.txt --out x.npy --config wrong.toml
says '--quiet' 'perhaps' 'line 1 of wrong.toml'
printf 'model = [hash:5, hash:6]\n' >wrong.toml
ends 2 embed a.txt --out x.npy --config wrong.toml
says '--model'
ends 74 embed a.txt --out x.npy --config none.toml
says none.toml
ends 2 embed a.txt --out x.npy --config folder
says folder

# variables: of options, of the library, and those that set nothing
KAYGRAPH_SIMD=foo ends 2 embed a.txt --out x.npy
says KAYGRAPH_SIMD 'baseline' foo
KAYGRAPH_SIMD=AVX2 ends 2 embed a.txt --out x.npy
says "did you mean 'avx2'"
KAYGRAPH_SIMD=foo ends 2 info
KAYGRAPH_QUIET=perhaps ends 2 embed a.txt --out x.npy
says '--quiet' 'perhaps' KAYGRAPH_QUIET
KAYGRAPH_THREADS=many ends 2 embed a.txt --out x.npy
says '--threads' 'many' KAYGRAPH_THREADS
KAYGRAPH_FORMAT=xyz ends 2 embed a.txt --out x.npy
says 'xyz'
KAYGRAPH_DURABILITY=blocks ends 2 embed a.txt --out x.npy
says "did you mean 'block'" KAYGRAPH_DURABILITY
KAYGRAPH_MAX_ERRORS=nan% ends 2 embed a.txt --out x.npy
says 'nan%'
[ ! -e x.npy ] && [ ! -e x.npy.run ]
KAYGRAPH_MAX_EROR=1 KAYGRAPH_ZZZ_YYY=2 KAYGRAPH_ROOT=/opt ends 0 embed a.txt --out x.npy --quiet
says "KAYGRAPH_MAX_EROR (did you mean 'KAYGRAPH_MAX_ERRORS'?)" KAYGRAPH_ZZZ_YYY
[ "$(grep -c warning said)" -eq 1 ] && ! grep -q KAYGRAPH_ROOT said
KAYGRAPH_TENSOR=weights ends 0 embed a.txt --out x.npy --quiet # of another verb
[ ! -s said ]

# a wrong value is one whether or not it counts: the command line says the same option, or the value is another verb's
wrong() { # LINES TEXT... -- OPTION...
    local lines=$1 texts=()
    shift
    while [ "$1" != -- ]; do texts+=("$1"); shift; done
    printf '%b' "$lines" >wrong.toml
    ends 2 embed a.txt --out x.npy --config wrong.toml "${@:2}"
    says 'of wrong.toml' "${texts[@]}"
}
wrong 'threads = x\n' 'line 1' '--threads' -- --threads 1
wrong 'quiet = perhaps\n' '--quiet' 'perhaps' -- --quiet
wrong '[embed]\ndtype = f61\n' 'line 2' '--dtype' 'f61' -- --dtype f16
wrong '[convert]\nthreads = x\n' 'line 2' '--threads' --
wrong '[convert]\njson = perhaps\n' '--json' --
wrong '[verify]\nprogress = often\n' 'auto' --
wrong 'dimension = many\n' '--dimension' -- # of no verb but another
wrong '[embed]\ndtype = f64\n' 'f16 | f32 | i8' -- --dtype f16
KAYGRAPH_THREADS=x ends 2 embed a.txt --out x.npy --threads 1
says '--threads' KAYGRAPH_THREADS
KAYGRAPH_DIMENSION=many ends 2 embed a.txt --out x.npy
says '--dimension' KAYGRAPH_DIMENSION
KAYGRAPH_THREADS=x ends 2 info
KAYGRAPH_THREADS=x ends 2 embed a.txt --out x.npy --config list.toml --threads 1
printf 'dtype = f64\n[convert]\ndtype = f64\n' >right.toml # convert has it
ends 0 embed a.txt --out right.npy --dtype f16 --config right.toml --quiet
KAYGRAPH_DTYPE=f64 ends 0 embed a.txt --out right.npy --dtype f16 --quiet
ends 2 embed a.txt --out x.npy --config right.toml
says '--dtype' 'line 1 of right.toml'

# wrong words and numbers are told by name
ends 2 embed a.txt --out y.npy --nope
says 'no option --nope'
ends 2 embed a.txt --out y.npy --modle hash:5
says 'no option --modle' "did you mean 'model'"
ends 2 embed a.txt --out y.npy --dtype f64
says '--dtype' 'f16 | f32 | i8' 'f64'
ends 2 embed a.txt --out y.npy --threads 0
says 'above 0'
ends 2 embed a.txt --out y.npy --model hash:5 --model hash:6
says '--model'
ends 2 frob
says "no verb 'frob'"
ends 2 embde a.txt
says "did you mean 'embed'"

# what is asked for and would do nothing
printf '{"text": "a"}\n' >r.jsonl
ends 2 embed a.txt --out y.npy --field body
says 'a.txt' '--field' 'jsonl'
ends 2 embed a.txt --out y.npy --id-field id
says '--id-field'
ends 2 embed a.txt --out y.npy --field text --whole-files
KAYGRAPH_FIELD=body ends 2 embed a.txt --out y.npy
ends 2 embed a.txt --out y.npy --field body --dry-run
ends 2 embed - --out y.npy --field body <a.txt
ends 2 embed a.txt --out y.npy --include '*.md'
says '--include'
ends 2 embed a.txt --out y.npy --i8-scale 100
says '--i8-scale'
ends 2 embed a.txt --out y.npy --on-reject error --max-errors 3
says '--on-reject'
ends 2 embed a.txt --out y.npy --fresh --verify
says '--fresh' '--verify'
ends 2 convert a.npy y.fbin --i8-scale 100
ends 2 convert a.npy y.fbin --tensor weights
says '--tensor'
ends 2 verify a.npy --metrics m.prom
says 'no option --metrics'
[ ! -e y.npy ] && [ ! -e y.fbin ] && [ ! -e m.prom ]
ends 0 embed a.txt r.jsonl --out y.npy --field text --quiet
ends 0 embed r.jsonl --out z.npy --on-reject error --max-errors 0 --quiet
ends 0 embed a.txt --out i.npy --dtype i8 --i8-scale 100 --quiet
ends 0 convert a.npy i.i8bin --dtype i8 --i8-scale 100 --quiet
ends 0 embed --include '*.md' folder --out e.npy --fresh --quiet
echo "settings are understood, or errors"
