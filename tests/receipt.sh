#!/bin/sh
# A receipt for a person: true of their records, checked by a stranger, and without a byte of anybody
# else who is in them; after an order it says that they are erased, and opens nothing of them.
. "$(dirname "$0")/lib.sh"

anna=vexwood-karolina bert=brzeczyk-tobias share_use=share:IdentityVerification
uses=$use,$share_use
# 0 both, with attributes; 1 Anna; 2 Bert. By a transfer 3, nobody, and a copy that names Anna; 4 Anna.
jpegs "$work/drawn" 5 receipt-osk
mkdir -p in/album-zq partner/copies-zq papers
set -- drawn/*.jpg
cp "$1" in/album-zq/1-pair-nkvjfjord.jpg
cp "$2" in/album-zq/2-one-nkvjfjord.jpg
cp "$3" in/album-zq/3-other-nkvjfjord.jpg
cp "$4" partner/4-nobody-nkvjfjord.jpg
cp "$5" partner/5-sent-nkvjfjord.jpg
cp "$4" partner/copies-zq/again-nkvjfjord.jpg
cat >subjects.csv <<CSV
path,subject
album-zq/1-pair-nkvjfjord.jpg,$anna
album-zq/1-pair-nkvjfjord.jpg,$bert
album-zq/2-one-nkvjfjord.jpg,$anna
album-zq/3-other-nkvjfjord.jpg,$bert
CSV
cat >sent.csv <<CSV
path,subject
copies-zq/again-nkvjfjord.jpg,$anna
5-sent-nkvjfjord.jpg,$anna
CSV
cat >attrs.csv <<CSV
path,key,value
album-zq/1-pair-nkvjfjord.jpg,scarkind,scar-of-both-wyrm
album-zq/2-one-nkvjfjord.jpg,scarkind,scar-of-one-wyrm
CSV
for name in terms agreement consent; do paper papers/$name.txt "the $name, glimmerfax edition"; done
printf weights >faces.weights
must 0 init --origin glade.example --keys "$work/keys"
must 0 key add sentinelrole
must 0 source add album-osk --controller 'Freeface Gliwice' --kind upload --people personal \
	--licence LicenseRef-glimmer --terms papers/terms.txt --allow "$uses" --basis consent
must 0 source add sent-osk --controller 'Lunasweep GmbH' --kind partner --people personal \
	--licence LicenseRef-glimmer --terms papers/terms.txt --allow "$uses" --basis consent
must 0 transfer add sent-osk --from 'Lunasweep GmbH' --to 'Keyhole Ostrava' --date 2014-03-01 \
	--under papers/agreement.txt --use "$uses" --notified unknown
must 0 transfer correct t1 --notified yes --under papers/agreement.txt
for who in $anna $bert; do
	must 0 grant add --subject $who --use "$uses" --basis consent --evidence papers/consent.txt
done
must 0 grant add --source sent-osk --use "$uses" --basis consent --evidence papers/consent.txt
must 0 ingest album-osk in --use $use --subjects subjects.csv --attrs attrs.csv
must 0 ingest sent-osk partner --use $use --transfer t1 --subjects sent.csv
must 0 dataset create faces-osk --use $use
must 0 model add facenet-osk faces.weights --dataset faces-osk
must 0 deploy facenet-osk --to DoorCam --use infer:IdentityVerification --recipient 'Door AG' \
	--endpoint https://door.example/api
must 0 output add templates-hidden --model facenet-osk --kind templates --at /srv/templates-hidden
must 0 share faces-osk --to 'Receiver GmbH' --use $share_use --under papers/agreement.txt "$work/handed-zq"
must 0 hold record:1 --reason 'secret duty of Mzimba' --until 2090-01-01
must 0 order open record:2 --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz'
vkey=$(status_of .vkey)

# --- read as a stranger does ---
cat >receipt.py <<'PY'
import base64, json, sys
raw = open(sys.argv[1], "rb").read()
envelope = json.loads(raw)
body = base64.b64decode(envelope["payload"])
statement = json.loads(body)
predicate = statement["predicate"]
opened = [base64.b64decode(o["value"]) for o in predicate["openings"] + predicate["record_openings"]]
# What anybody could ever find in it, however it is encoded.
open("everything", "wb").write(b"\n".join([raw, body] + opened))
predicate["type"] = statement["predicateType"]
predicate["subjects"] = [s["digest"]["sha256"] for s in statement["subject"]]
predicate["card_fields"] = sorted({o["field"] for o in predicate["record_openings"]})
predicate["told"] = [[o["p"], o["field"], base64.b64decode(o["value"]).decode("latin-1")]
                     for o in predicate["record_openings"] if o["field"] != "content"]
json.dump(predicate, open("out", "w"))
PY
receipt() { # FILE WORDS..: made, and read into out and everything
	to=$1
	shift
	must 0 receipt "$@" -o "$to"
	python3 receipt.py "$to" || die "$to cannot be read"
}
silent() { ! grep -qaF -e "$1" everything; }
none_of() { # NAME WORDS..
	name=$1 found=
	shift
	for word in "$@"; do silent "$word" || found="$found $word"; done
	check "$name" "found$found" [ -z "$found" ]
}
# What is nobody's business, whoever asks; in words that do not turn up in base64 by chance.
private='nkvjfjord scarkind -wyrm album-zq copies-zq Inspectorate unlawful-kqz Mzimba templates-hidden handed-zq'

# --- of a person ---
receipt anna.receipt --subject $anna --contact 'privacy@freeface.example' --html anna.html
none_of 'nobody else is in it, no path, no attribute, no reason' $bert $private
check 'it is of the records that are known to be about them' "$(jq -c .records out)" \
	says '[.records[].p] == [0,1,3,4] and .subjects == [.records[].commitment]'
check 'it opens these fields of cards and no others' "$(jq -c .card_fields out)" \
	says '.card_fields == ["content","decision","source","subject","terms","transfer"]'
check 'and of persons them alone, where a card names them' "$(jq -c .told out)" says \
	"[.told[] | select(.[1] == \"subject\")] == [[0,\"subject\",\"$anna\"],[1,\"subject\",\"$anna\"],[4,\"subject\",\"$anna\"]]"
check 'what only a copy says is words' "$(jq -c .summary.records out)" says \
	'[.summary.records[] | select(.named_by == "copy") | .positions] == ["3"] and
	([.not_covered[] | select(contains("only a copy"))] | length == 1)'
check 'on what terms' "$(jq -c .summary.terms out)" says '[.summary.terms[] |
	[.positions, .source, .controller, .version, .basis, .transfer.notified]] ==
	[["0-1","album-osk","Freeface Gliwice",1,"consent",null],["3-4","sent-osk","Lunasweep GmbH",1,"consent","yes"]]'
check 'from whom to whom, and what was corrected' "$(jq -c .summary.terms out)" says '.summary.terms[1].transfer |
	.from == "Lunasweep GmbH" and .to == "Keyhole Ostrava" and (.corrections | length == 1)'
check 'what they granted' "$(jq -c .summary.grants out)" says \
	'[.summary.grants[] | [.grant, .withdrawn]] == [["g1", false]]'
check 'what was made of them' "$(jq -c .summary.made out)" says '[.summary.made[] |
	[.what, .name, .version, .records, .of, .state]] ==
	[["dataset","faces-osk",1,4,5,"latest"],["checkpoint","facenet-osk",1,4,5,"live"]]'
check 'where that runs' "$(jq -c .summary.runs out)" says '[.summary.runs[] | [.product, .endpoint, .recipient, .until]] ==
	[["DoorCam","https://door.example/api","Door AG",null]]'
check 'who was given it' "$(jq -c .summary.given_to out)" says \
	'[.summary.given_to[] | [.to, .records]] == [["Receiver GmbH",4],["Door AG",4]]'
check 'what was kept, by its kind alone' "$(jq -c .summary.kept_outputs out)" says \
	'[.summary.kept_outputs[] | [.kind, .state]] == [["templates","kept"]]'
check 'a duty to keep, without why' "$(jq -c .summary.holds out)" says \
	'.summary.holds == ["1 of these records is kept until 2090-01-01 because of a duty to keep"]'
check 'an order on the other one is not theirs' "$(jq -c .summary.orders out)" says '.summary.orders == []'
check 'how to take it back' "$(jq -r .summary.withdraw out)" says ".summary.withdraw |
	contains(\"Freeface Gliwice\") and contains(\"privacy@freeface.example\") and
	contains(\"positions 0-1, 3-4\") and contains(\"glade.example\") and
	contains(\"\`rescind grant withdraw --subject $anna\`\") and
	contains(\"\`rescind order open 'record:0-1 or record:3-4' --authority\")"
types='[.facts[].entry | fromjson | .type] | unique'
check 'each of that is a fact of the log' "$(jq -c "$types" out)" says "($types) == [\"batch\",\"correction\",
	\"dataset\",\"deployment\",\"grant\",\"handover\",\"init\",\"model\",\"output\",\"source\",\"terms\",\"transfer\"]"
check 'who witnessed it' "$(jq -c .signed_by_others out)" says '.signed_by_others[0] == "witnessed by: nobody"'
check 'a receipt is for one pair of eyes' "$(ls -l anna.receipt anna.html)" \
	[ "$(stat -c %a anna.receipt anna.html | tr '\n' ' ')" = '600 600 ' ]

# --- checked without the repository ---
verify() { # FILE WORDS..
	code=0
	(cd / && "$RESCIND" --json verify "$@") >"$work/out" 2>"$work/err" || code=$?
}
verify "$work/anna.receipt" --key "$vkey"
check 'a stranger can verify it' "exit $code: $(head -c 600 out)" says '.valid and ([.checks[].ok] | all)'
verify "$work/anna.receipt"
check 'not without a key' "exit $code" [ "$code" -eq 4 ]
verify "$work/anna.receipt" --key "$vkey" --data "$work/in/album-zq/1-pair-nkvjfjord.jpg"
check 'a photo is what it speaks of' "exit $code: $(jq -c .data out)" \
	says '.valid and .data[0].answer == "record 0: it is what this speaks of"'
verify "$work/anna.receipt" --key "$vkey" --data "$work/in/album-zq/3-other-nkvjfjord.jpg"
check 'another photo is not' "exit $code: $(jq -c .data out)" \
	[ "$code" -eq 4 -a "$(jq -r '.data[0].answer' out)" = 'not what it speaks of' ]
cat >change.py <<'PY'
import base64, json, sys
envelope = json.load(open("anna.receipt"))
body = bytearray(base64.b64decode(envelope["payload"]))
at = body.index(sys.argv[1].encode()) + int(sys.argv[2])
body[at] ^= 1
envelope["payload"] = base64.b64encode(bytes(body)).decode()
json.dump(envelope, open("changed", "w"), separators=(",", ":"), sort_keys=True)
open("changed", "a").write("\n")
PY
for at in 'commitment":"' 'record_openings":[{"count":16,"field":"c' 'withdraw":"To' 'records_proof":"'; do
	python3 change.py "$at" ${#at} || die "no $at in it"
	verify "$work/changed" --key "$vkey"
	check "a byte changed at $at is noticed" "exit $code" [ "$code" -eq 4 ]
done

# --- of a record ---
receipt pair.receipt record:0 --html pair.html
none_of 'of a record nobody is opened' $anna $bert $private
check 'nor is what anybody granted' "$(jq -c .summary out)" says \
	'.summary.grants == [] and ([.openings[].field] | index("subject") | not) and .card_fields == ["content","decision","source","terms","transfer"]'
verify "$work/pair.receipt" --key "$vkey" --data "$work/in/album-zq/1-pair-nkvjfjord.jpg"
check 'and it holds' "exit $code: $(head -c 600 out)" says '.valid'
receipt bert.receipt --subject $bert
none_of 'nor is the first in the receipt of the second' $anna $private
check 'an order open on theirs is in it' "$(jq -c .summary.orders out)" says \
	'[.summary.orders[] | [.order, .state, .records, .erased]] == [["o1","open",1,0]]'

# --- asked for badly ---
run receipt --subject nobody-osk
check 'a person whom nobody knows is not found' "exit $code: $(cat err)" [ "$code" -eq 1 ]
check 'and that is one line' "$(cat err)" one_line err
run receipt 99
check 'nor a record that is not there' "exit $code" [ "$code" -eq 1 ]
run receipt
check 'nothing asked for is wrong usage' "exit $code" [ "$code" -eq 2 ]
run receipt 1 --subject $anna
check 'so are both at once' "exit $code" [ "$code" -eq 2 ]
run receipt faces-osk
check 'and what is no record' "exit $code" [ "$code" -eq 2 ]
run receipt 1 --contact 'two
lines'
check 'and an address of two lines' "exit $code" [ "$code" -eq 2 ]

# --- taken back ---
must 0 hold release h1
must 0 undeploy d1
must 0 grant withdraw --subject $anna
order=$(answer .order)
receipt withdrawn.receipt --subject $anna
check 'a withdrawal is in it, and its order' "$(jq -c '.summary | .grants, .orders' out)" says \
	".summary.grants[0].withdrawn and .summary.orders[0].order == \"$order\" and .summary.orders[0].records == 4"
check 'as facts too' "$(jq -c "$types" out)" says "($types) | contains([\"order\",\"undeployment\",\"withdrawal\"])"
check 'and a product that stopped' "$(jq -c .summary.runs out)" says '.summary.runs[0].until != null'
verify "$work/withdrawn.receipt" --key "$vkey"
check 'and that verifies' "exit $code: $(head -c 600 out)" says '.valid'
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
receipt erased.receipt --subject $anna --html erased.html
check 'of what is erased nothing opens' "$(jq -c .record_openings out | head -c 200)" says \
	'.record_openings == [] and [.records[].p] == [0,1,3,4]'
check 'and it says by which order' "$(jq -c .summary.records out)" says \
	"[.summary.records[] | [.state, .order]] == [[\"erased\",\"$order\"],[\"erased\",\"$order\"]]"
check 'nothing is left to take back' "$(jq -r .summary.withdraw out)" says \
	'.summary.withdraw | startswith("Nothing of these records is left")'
none_of 'and nobody else is in it' $bert $private
verify "$work/erased.receipt" --key "$vkey" --data "$work/in/album-zq/1-pair-nkvjfjord.jpg"
check 'it verifies, and no photo is told any more' "exit $code: $(head -c 600 out)" \
	says '.valid and (.data[0].answer | startswith("opening destroyed"))'
receipt one.receipt 0
check 'a record alone says it too' "$(jq -c .summary.records out)" says \
	".summary.records[0].state == \"erased\" and .summary.records[0].order == \"$order\" and .record_openings == []"
receipt later.receipt --subject $bert
check 'the other keeps what is theirs alone' "$(jq -c .summary.records out)" says '[.records[].p] == [2]'
verify "$work/anna.receipt" --key "$vkey"
check 'an older receipt still holds' "exit $code" says '.valid'

# --- the pages ---
for page in anna pair erased; do
	check "the page $page.html runs nothing" "$page.html" sh -c \
		"! grep -qi '<script\|javascript:\|<img\|<link\|onload=' $page.html"
done
check 'a page says what the person asked' 'anna.html' grep -q 'What is kept about you' anna.html
check 'and not what is about others' 'anna.html' sh -c "! grep -q '$bert' anna.html pair.html"
check 'an erased one says so' 'erased.html' grep -q '<strong>Erased</strong> by order' erased.html
[ -z "${RESCIND_PAGES:-}" ] || cp anna.html pair.html erased.html "$RESCIND_PAGES"

finish
