#!/bin/sh
# A stranger with files of a checkpoint, in an empty folder: are the weights those of the sums, and
# are they what a certificate speaks of? One unit, other sums, another strength, other weights: no.
# usage: tests/weights.sh [DRAW]   (the drawing program; else beside $RESCIND)
draw=${1:+$(realpath "$1")}
. "$(dirname "$0")/lib.sh"
draw=${draw:-$(dirname "$RESCIND")/tests/demo-draw}
[ -x "$draw" ] || die "no drawing program at $draw"

# --- four people, an order against one of them, and files of before and after ---
mkdir drawn papers models in mirror && "$draw" drawn 4 5 11 >/dev/null || die 'nothing was drawn'
paper papers/terms.txt terms
paper papers/demand-wyrm.txt 'take it back'
find drawn -name 'P*.jpg' | sort | awk -F/ 'BEGIN { print "path,key,value" }
	{ path = $0; sub("^drawn/", "", path); print path ",who," substr($NF, 1, 4) }' >attrs.csv
must 0 init --origin wt.example --keys "$work/keys" --mirror "$work/mirror"
must 0 key add sentinelrole
must 0 source add drawn --controller Glade --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/terms.txt --allow $use
must 0 ingest drawn drawn --use $use --attrs attrs.csv
must 0 dataset create faces --use $use
must 0 train faces --dataset faces --target who --features pixels
must 0 train strong --dataset faces --target who --features pixels --lambda 123456
must 0 dataset create few --use $use --where 'not record:0-4'
must 0 train few --dataset few --target who --features pixels
for model in faces strong few; do must 0 model export $model "$work/handed/$model" --sums; done
mkdir stranger && cp -R handed/* stranger && cp drawn/"$(sed -n '2s/,.*//p' attrs.csv)" stranger/photo.jpg
take_back 'record:0-4'
must 0 model export faces "$work/handed/made" --sums
cp -R handed/made stranger/made
must 0 certificate "$order" -o stranger/certificate
vkey=$(status_of .vkey)
cd stranger || exit 1

# usage: verdict CODE NAME WORDS..; its document in ../out.json
verdict() {
	wanted=$1 what=$2
	shift 2
	code=0
	(cd "$work/stranger" && "$RESCIND" --json verify "$@") >"$work/out.json" 2>"$work/err" || code=$?
	check "$what" "exit $code: $(head -c 300 "$work/err") $(jq -c '[.checks[]? | select(.ok | not)]' "$work/out.json")" \
		[ "$code" -eq "$wanted" ]
}
told() { jq -e "$1" "$work/out.json" >/dev/null; }
# usage: altered FILE FROM TO: one place of a file, of the same length
altered() {
	python3 -c 'import sys
path, old, new = sys.argv[1:]
data = open(path, "rb").read()
old, new = old.encode(), new.encode()
assert data.count(old) == 1 and len(old) == len(new)
open(path, "wb").write(data.replace(old, new))' "$@" || die "$1 could not be altered"
}
# usage: nudged FILE: its last number one more
nudged() {
	python3 -c 'import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
data[-8:] = struct.pack("<q", struct.unpack("<q", bytes(data[-8:]))[0] + 1)
open(sys.argv[1], "wb").write(data)' "$1" || die "$1 could not be nudged"
}

# --- weights and sums ---
verdict 0 weights_are_those_of_their_sums faces/weights.safetensors --data faces/sums.safetensors
check every_check_is_named "$(jq -c . "$work/out.json")" \
	told '[.checks[].name] == ["encoding","features","residual","records"] and .valid and (.asserted | length) == 1'
verdict 0 with_the_card_too faces/weights.safetensors --data faces/sums.safetensors --data faces/checkpoint.json
verdict 0 also_those_that_are_left made/weights.safetensors --data made/sums.safetensors
check what_is_left_is_what_never_had_them 'other weights' cmp made/weights.safetensors few/weights.safetensors
check and_the_same_sums 'other sums' cmp made/sums.safetensors few/sums.safetensors
verdict 4 without_sums_nothing_is_shown faces/weights.safetensors
verdict 4 sums_of_other_records faces/weights.safetensors --data few/sums.safetensors
verdict 4 a_proof_of_other_weights faces/weights.safetensors --data faces/sums.safetensors --data few/proof.safetensors
verdict 4 a_card_of_other_weights faces/weights.safetensors --data faces/sums.safetensors --data few/checkpoint.json
verdict 0 a_strength_that_was_asked_for strong/weights.safetensors --data strong/sums.safetensors \
	--data strong/checkpoint.json
altered strong/checkpoint.json '"lambda":123456' '"lambda":654321'
verdict 4 a_strength_that_was_not strong/weights.safetensors --data strong/sums.safetensors \
	--data strong/checkpoint.json
cp -R faces forged
nudged forged/weights.safetensors
verdict 4 one_unit_off forged/weights.safetensors --data forged/sums.safetensors
cp faces/weights.safetensors forged
nudged forged/sums.safetensors
verdict 4 one_unit_off_in_the_sums forged/weights.safetensors --data forged/sums.safetensors
verdict 4 cut_short certificate --data faces/weights.safetensors
verdict 1 what_is_not_there nowhere
verdict 1 sums_that_are_not_there faces/weights.safetensors --data nowhere
verdict 2 an_order_of_weights faces/weights.safetensors --order "$(printf '%064d' 0)"

# --- a certificate and files ---
verdict 0 the_certificate_speaks_of_what_was_made certificate --key "$vkey" --data made/weights.safetensors \
	--data made/checkpoint.json --data made/sums.safetensors
check it_says_so "$(jq -c .data "$work/out.json")" \
	told '.data | length == 3 and all(.answer | endswith("made by the order"))'
verdict 0 it_knows_what_should_be_gone certificate --key "$vkey" --data faces/weights.safetensors \
	--data faces/checkpoint.json
check it_says_that_it_should "$(jq -c .data "$work/out.json")" \
	told '.data | all(.answer | contains("should be gone"))'
verdict 4 the_same_weights_of_another_checkpoint certificate --key "$vkey" --data few/weights.safetensors \
	--data few/checkpoint.json
nudged forged/weights.safetensors
verdict 4 weights_that_nothing_opens certificate --key "$vkey" --data forged/weights.safetensors \
	--data made/checkpoint.json
verdict 0 photos_are_not_opened certificate --key "$vkey" --data photo.jpg
check it_says_opening_destroyed "$(jq -c .data "$work/out.json")" told '.data[0].answer == "opening destroyed"'
finish
