#!/bin/sh
# The gate answers with what is true now: each correction, withdrawal, order and ended grant reaches it with
# the very next command; a hold does not. And it says of how many records, for which reasons.
. "$(dirname "$0")/lib.sh"

ask=infer:IdentityVerification

# usage: gate NAME CODE FILTER WORDS..; the gate's exit code, and what is true of its answer
gate() {
	name=$1 wanted=$2 filter=$3
	shift 3
	run gate "$@"
	if [ "$code" -ne "$wanted" ]; then
		not_ok "$name" "exit $code instead of $wanted: $(head -c 300 "$work/err")"
	elif ! says "$filter"; then
		not_ok "$name" "it says $(head -c 300 "$work/out")"
	else
		ok "$name"
	fi
}
line() { # NAME TEXT: what people read
	got=$("$RESCIND" --repo "$work/repo" gate facenet-osk --use $ask 2>/dev/null) || :
	check "$1" "it says: $got" [ "$got" = "$2" ]
}
allowed='.decision == "allow" and .reasons == [] and .denied == 0 and .records == 16 and .counts == {}'

story
gate 'what may be used is allowed' 0 "$allowed" facenet-osk --use $ask
line 'and told in one line' 'ALLOW  16 of 16 records'
gate 'who asks is repeated' 0 '.agent == "doorcam-7"' facenet-osk --use $ask --agent doorcam-7
gate 'as_of is the last fact' 0 ".as_of == $(status_of .facts) - 1" facenet-osk --use $ask

must 0 hold source:partner-osk --reason 'tax office of Mzimba' --until 2090-01-01
gate 'a hold changes no answer' 0 "$allowed" facenet-osk --use $ask

must 0 transfer correct t1 --notified no --under papers/letter-wyrm.txt
gate 'a correction is heard with the next command' 3 \
	'.decision == "deny" and .reasons == ["no-notice"] and .denied == 8 and .counts == {"no-notice":8}' \
	facenet-osk --use $ask
line 'and counted' 'DENY  8 of 16 records: no-notice 8'
gate 'a child is denied with its parent' 3 '.denied == 8' mobile-osk --use $ask
run deploy facenet-osk --to DoorCam --use $ask
check 'nor is it deployed' "exit $code" [ "$code" -eq 3 ]
check 'and the refusal counts' "$(head -c 300 out)" says \
	'.deployment == null and .counts == {"no-notice":8} and .denied == 8 and .records == 16'
must 0 transfer correct t1 --notified yes --under papers/letter-wyrm.txt
gate 'and corrected back' 0 "$allowed" facenet-osk --use $ask

must 0 order open record:0-2 --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz collection'
gate 'an order denies as soon as it is open' 3 '.counts == {"order-open":3} and .denied == 3' \
	facenet-osk --use $ask
must 0 transfer correct t1 --notified no --under papers/letter-wyrm.txt
must 0 order open record:8 --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz collection'
gate 'a record denied twice counts once' 3 \
	'.counts == {"order-open":4,"no-notice":8} and .denied == 11' facenet-osk --use $ask
must 0 transfer correct t1 --notified yes --under papers/letter-wyrm.txt
must 0 order refuse o1 --reason 'not ours'
must 0 order refuse o2 --reason 'not ours'
gate 'and not when it is refused' 0 "$allowed" facenet-osk --use $ask

must 0 grant withdraw --subject ottermole-ines
gate 'a withdrawal is heard with the next command' 3 \
	'.denied == 2 and (.counts | has("withdrawn")) and .counts["order-open"] == 2' \
	facenet-osk --use $ask
must 0 model withdraw mobile-osk --reason 'recalled'
gate 'what is wrong with the checkpoint itself is a reason without records' 3 \
	'(.reasons | index("withdrawn")) and .denied == 2' mobile-osk --use $ask

# A grant that ends by itself.
must 0 source add guests-osk --controller 'Freeface Gliwice' --kind upload --people personal \
	--licence LicenseRef-glimmer --terms papers/volunteers-terms-wyrm.txt --allow $use --basis consent
must 0 grant add --subject guest-uma --use $use --basis consent --evidence papers/agreement-wyrm.txt \
	--until 2090-01-01
jpegs "$work/in/guests" 2 guests-7
(cd in/guests && echo path,subject && for f in *; do echo "$f,guest-uma"; done) >guests.csv
must 0 ingest guests-osk in/guests --use $use --subjects guests.csv
must 0 dataset create guests --use $use --where source:guests-osk
must 0 model add guestnet models/faces-wyrm.weights --dataset guests
gate 'a grant holds until its end' 0 '.records == 2' guestnet --use $ask --at 2089-12-31
gate 'and not from then on' 3 '.counts["no-grant"] == 2 and .denied == 2' guestnet --use $ask \
	--at 2090-01-01

run gate nobody --use $ask
check 'a name that nothing has fails' "exit $code" [ "$code" -eq 1 ]
run gate facenet-osk --use teleport:IdentityVerification
check 'a use that is none is wrong usage' "exit $code" [ "$code" -eq 2 ]
run gate facenet-osk --use $use
check 'a checkpoint is not asked to be trained' "exit $code" [ "$code" -eq 2 ]
run gate facenet-osk
check 'and --use is needed' "exit $code" [ "$code" -eq 2 ]
before=$(status_of .facts)
run gate facenet-osk --use $ask
check 'asking leaves no fact' "$before facts before" [ "$(status_of .facts)" -eq "$before" ]

# The record, for people and for machines.
run model show facenet-osk --record
check 'the record has a row for each source and transfer' "$(head -c 300 out)" says \
	'[.record[] | [.source, .count, .transfer, .notified, .denied]] ==
	 [["volunteers-osk",8,null,null,2],["partner-osk",8,"t1","yes",0]]'
digest=$(sha256sum papers/partner-terms-wyrm.txt | cut -d' ' -f1)
check 'with the terms that it came on' "$(head -c 300 out)" says \
	".record[1] | .digest == \"$digest\" and .terms == 1 and .licence == \"LicenseRef-glimmer\" and
	 .basis == \"consent\" and .grade == \"declared\""
"$RESCIND" --repo "$work/repo" model show mobile-osk --record >page
check 'and a page for people' "$(cat page)" grep -q 'partner-osk  *personal  *1  *LicenseRef-glimmer' page
run model show facenet-osk
check 'which is not told unasked' "$(head -c 300 out)" says 'has("record") | not'

finish
