#!/bin/sh
# The story of ./run is played and held against what the commands said; then demo-out/commands.sh is run
# in another folder, and must be told the same. One line a check: "ok NAME" or "not ok NAME".
# usage: tests/play.sh BUILD   (the folder with rescind and tests/demo-*)
set -u
[ $# -eq 1 ] || { echo "usage: tests/play.sh BUILD" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd) || exit 2
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
folder=$(mktemp -d "${TMPDIR:-/tmp}/rescind-play-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$folder" || exit 1
unset RESCIND_FAULT RESCIND_REPO XDG_DATA_HOME
NO_COLOR=1
export NO_COLOR
failed=0

# usage: holds NAME COMMAND..: the command succeeds
holds() {
	name=$1
	shift
	if "$@" >why 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name: $*"
		head -n 5 why | cut -c1-500
		failed=$((failed + 1))
	fi
}
# usage: is NAME HAVE WANT; two words are the same
is() {
	if [ "$2" = "$3" ]; then
		echo "ok $1"
	else
		echo "not ok $1: have $2, want $3"
		failed=$((failed + 1))
	fi
}
# The log of a story as a list of {"words","code","answers":[..]}.
calls_of() {
	jq -Rnc '[inputs] | reduce .[] as $l ([];
		if $l | startswith("$ rescind ") then . + [{words: $l[10:], answers: []}]
		elif $l | test("^\\(exit [0-9]+\\)$") then .[-1].code = ($l[6:-1] | tonumber)
		elif $l | startswith("{") then .[-1].answers += [$l | fromjson]
		else . end)' "$1"
}
# The same without what is new each time: times, salted hashes, keys, folders.
lasting() {
	jq -c --arg folder "$2" '.[] | walk(
		if type == "object" then del(.milliseconds, .prove_milliseconds, .seconds, .salt)
			| with_entries(if .key | IN("weights_sha256", "sha256") then .value |= "= \(.)" else . end)
		elif type == "string" and (startswith("= ") | not) then
			gsub($folder; "FOLDER") | gsub("[0-9a-f]{16,}"; "HEX") | gsub("[+][0-9a-f]{8}[+][A-Za-z0-9+/=]+"; "+KEY")
			| gsub("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"; "TIME")
		else . end)' "$1"
}
# usage: said WORDS FILTER: of the calls that begin with these words, as a list
said() { jq -r --arg words "$1" "map(select(.words | startswith(\$words))) | $2" calls; }
# usage: told_as WORD: the texts of the lines with this word, below each other
told_as() { sed -n "s/^.\{6\}$1 *//p" told; }
rescind() { "$build/rescind" --repo out/repo --json "$@"; }
count() { find "$1" -type f 2>/dev/null | wc -l | tr -d ' '; }

# --- the story ---
DRAW='12 5 7' "$root/demo/story.sh" "$build" out >told 2>complaints
is 'the story comes to its end without complaints' "$? $(wc -c <complaints)" '0 0'
[ "$failed" -eq 0 ] || { cat told complaints; tail -n 20 out/log; exit 1; }
calls_of out/log >calls
is 'it has every line, in this order' "$(sed '1d; /^Done/,$d' told | cut -c7-15 | sed 's/ *$//' | tr '\n' '|')" \
	'in|refused|trained|knows|in use|ask|A documen|ask|reach|plan|approve|kill -9|photos|weights|ask|knows|proof|still?|back?|person|issued|verify|forge|||'

# --- what the lines claim, held against what was said ---
is 'each photo counts once' "$(said ingest 'map(.answers[0] | .accepted + .refused)[:3] | add')" "$(count out/drawn | awk '{ print $1 - 1 }')"
is 'who gave no grant is not in' "$(said 'ingest volunteers' '.[0].answers[0].reasons["no-grant"]')" "$(told_as refused | cut -d: -f1)"
is 'the gate says yes, no, and yes again' "$(said gate 'map(.answers[0].decision) | join(" ")')" 'allow deny allow'
is 'the no is about those who were not told' "$(said gate '.[1].answers[0].counts | keys | join(" ")')" no-notice
first=$(said 'train faces' '.[0].answers[0].weights_sha256')
second=$(said 'model show faces' '.[0].answers[0].weights_sha256')
fresh=$(said '--repo fresh/repo train' '.[0].answers[0].weights_sha256')
is 'the weights forgot' "$([ "$first" != "$second" ] && echo differ)" differ
is 'and are those of a repository that never had the photos' "$fresh" "$second"
six() { echo "$1" | cut -c1-6; }
holds 'the line says so' grep -q "faces@1 $(six "$first") -> faces@2 $(six "$second") in [0-9.]* ms" told
holds 'and this one' grep -q "never had them: $(six "$second"), 0 bits differ" told
is 'training again gives the same' "$(said 'order execute o1' '.[1].answers[0].models[0].reproduced')" true
is 'it was killed, and went on where it was' \
	"$(said 'order execute o1' 'map(.code) | map(tostring) | join(" ")') $(said 'order status o1' '.[0].answers[0].steps | .done > 0 and .left > 0')" '137 0 true'
is 'not by the one who opened it' "$(said 'order approve o1' 'map(.code) | map(tostring) | join(" ")')" '1 0'
label=$(told_as 'still?' | sed 's/.*before "\(.*\)", after.*/\1/')
is 'a person was known' "$(said 'predict faces' '.[-2].answers[0].label')" "$label"
is 'and is no label any more' "$(said 'model show faces' ".[0].answers[0].label_names | index(\"$label\")")" null
is 'the return is refused' "$(said 'ingest partner' '.[1].answers[0] | "\(.accepted) \(.refused == .reasons["never-again"])"')" '0 true'
is 'what a stranger can check holds' "$(said 'verify o1' '.[0] | "\(.code) \(.answers[0].valid) \(.answers[0].checks | length >= 15 and all(.ok))"')" '0 true true'
for lie in byte proof kept; do
	is "a forgery is refused: $lie" "$(said "verify $lie" '.[0] | "\(.code) \(.answers[0].valid)"')" '4 false'
done
is 'also where the signature holds' "$(said 'verify ' 'map(select(.words | test("proof|kept")).answers[0].checks[] | select(.name == "signature").ok) | unique | join(" ")')" true
is 'traces were found before, and none after' \
	"$(told_as photos | sed 's/.*traces: \([0-9,]*\) found (before: [1-9][0-9,]*)$/\1/')" 0

# --- what is there at the end ---
is "the partner's files are gone" "$(count out/photos/partner)" 0
is 'the index is gone, and the child' "$(ls -d out/index out/models/faces-mobile.weights 2>/dev/null)" ''
is 'one product was stopped, the other could not be' "$(ls out/products)" MatchApp.running
rescind ls 'source:partner and not erased' >answer
is 'no record of the partner is live' "$(wc -l <answer | tr -d ' ')" 0
rescind ls "subject:$(jq -r .withdraws out/split.json)" >answer
is 'nor of who withdrew' "$(wc -l <answer | tr -d ' ')" 0
is 'there is a third checkpoint' "$(said 'order execute o2' '.[0].answers[0].models[0].to')" faces@3
holds 'every byte is well' rescind fsck --deep
rescind status >before
holds 'the catalog is made again from the log' rescind fsck --rebuild
rescind status >after
is 'with the same figures' "$(jq -cS . after)" "$(jq -cS . before)"
rescind certificate o1 -o again
holds 'the certificate is the same whenever it is asked for' cmp again out/o1.certificate
is 'a certificate for people has their language and no script' \
	"$(grep -c '<html' out/o1.html) $(grep -ci '<script' out/o1.html)" '1 0'
is 'and names no photo' "$(grep -cE 'P0[0-9]+-' out/o1.certificate out/o1.html | cut -d: -f2 | tr '\n' ' ')" '0 0 '

# --- by hand ---
: >by-hand.log
TOLDBY=$root/demo/told PROGRAM=$build/rescind TOLD=$folder/by-hand.log sh out/commands.sh by-hand >by-hand.said 2>&1
is 'commands.sh runs as a whole' "$?" 0
calls_of by-hand.log >by-hand.calls
lasting calls "$folder/out" >one
lasting by-hand.calls "$folder/by-hand" >other
holds 'and is told the same, command by command' diff one other
holds 'up to the last bit of the certificate it verifies' test -s by-hand/o1.html

# --- killed in other steps than the story does (tests/killed.sh has every point there is) ---
sed '/RESCIND_FAULT/,$d' out/commands.sh >until-then.sh
TOLDBY=$build sh until-then.sh halfway >by-hand.said 2>&1
# A repository knows where its keys are: it goes back to its own place.
cp -a halfway snapshot
"$build/rescind" help faults | grep order_ >faults
while read -r fault; do
	for n in 1 5; do
		rm -rf halfway && cp -a snapshot halfway
		code=0
		sh -c 'cd halfway && RESCIND_FAULT=$1 "$2" --repo repo order execute o1; exit $?' killed \
			"$fault:$n" "$build/rescind" >why 2>&1 || code=$?
		# Not every point is passed five times on the way.
		[ "$n" -eq 1 ] || [ "$code" -ne 0 ] || continue
		is "an order is killed at $fault:$n" "$code" 137
		(cd halfway && "$build/rescind" --repo repo --json order execute o1) >answer 2>why
		is "and goes on to its end from $fault:$n" "$(jq -r .state answer)" certified
		"$build/rescind" --repo halfway/repo --json model show faces >answer
		is "with the same weights after $fault:$n" "$(jq -r .weights_sha256 answer)" "$second"
	done
done <faults
is 'there are such points' "$([ "$(wc -l <faults)" -gt 2 ] && echo many)" many

# --- folders of other people ---
# usage: plays NAME FOLDER LINES: the story of this folder, and how many lines it has
plays() {
	"$root/demo/story.sh" "$build" other-out "$2" >told 2>complaints
	is "$1" "$? $(wc -l <told | tr -d ' ') $(head -n 1 complaints)" "0 $3 "
}
strange='strange photos'
mkdir -p "$strange/it's a label" "$strange/two
lines" "$strange/-d"
for i in 1 2 3; do
	cp "out/drawn/P001-0$i.jpg" "$strange/it's a label/\$(photo) $i.jpg"
	cp "out/drawn/P002-0$i.jpg" "$strange/two
lines/pho
to$i.JPG"
	cp "out/drawn/P003-0$i.jpg" "$strange/-d/-$i.jpeg"
done
plays 'names may be strange' "$strange" 29
mkdir texts
for i in 1 2 3 4 5; do echo "no picture $i" >"texts/$i.png"; done
plays 'files that are no JPEG are stored and erased' texts 22
holds 'and that is said' grep -q 'stored and erased only' told
mkdir few && cp out/drawn/P001-01.jpg few
"$root/demo/story.sh" "$build" other-out few >told 2>complaints
is 'one photo is too few, and that is said' "$? $(wc -c <told | tr -d ' ') $(wc -l <complaints | tr -d ' ')" '1 0 1'
"$root/demo/story.sh" "$build" out out/drawn >told 2>complaints
is 'what is made anew is not read from' "$? $(wc -l <complaints | tr -d ' ')" '2 1'

[ "$failed" -eq 0 ] || { echo "$failed checks failed"; exit 1; }
