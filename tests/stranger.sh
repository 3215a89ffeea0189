#!/bin/sh
# A second verifier, written from docs/ in another language, finds what ours finds: of an order against a
# source, of one about a person, and of one over records of which some are gone already; of what checkpoints
# rest on and of receipts. It knows the checkpoints that unlearned by their files, and holds their
# weights against their sums.
. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null || { skip stranger 'no openssl'; finish; }

# usage: both_agree NAME CODE STATEMENT [DEMAND]
both_agree() {
	code=0
	"$RESCIND" verify "$3" --key "$vkey" ${4:+--order "$4"} >ours 2>&1 || code=$?
	check "$1_ours" "exit $code: $(grep -a 'NOT OK' ours | head -c 300)" [ "$code" -eq "$2" ]
	code=0
	python3 "$tests/stranger.py" "$3" "$vkey" ${4:+"$4"} >theirs 2>&1 || code=$?
	check "$1_theirs" "exit $code: $(grep -av '^ok' theirs | head -c 300)" [ "$code" -eq "$2" ]
}

# usage: theirs_say NAME CODE PATTERN SCRIPT WORDS..
theirs_say() {
	said=$1 wanted=$2 pattern=$3 script=$4
	shift 4
	code=0
	python3 "$tests/$script" "$@" >theirs 2>&1 || code=$?
	check "$said" "exit $code: $(grep -av '^ok' theirs | head -c 300)" [ "$code" -eq "$wanted" ]
	grep -aq "$pattern" theirs || not_ok "$said" "does not say $pattern: $(head -c 300 theirs)"
}

story
must 0 train persons --dataset faces-osk --target subject
must 0 model export persons "$work/first" --sums
cp -r first kept # somebody's copy
must 0 grant withdraw --subject vexwood-karolina
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
must 0 order status "$order"
person=$order person_demand=$(answer .demand)
check files_that_were_exported_are_gone "$(ls first)" [ -z "$(ls first)" ]
must 0 model export persons "$work/second" --sums
must 0 order open record:8-9 --authority somebody-else --reason first-two
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
take_back source:partner-osk
vkey=$(status_of .vkey)
run certificate "$person" -o person.certificate
run certificate "$order" -o source.certificate
both_agree an_order_about_a_person 0 person.certificate "$person_demand"
both_agree an_order_over_records_of_which_some_are_gone 0 source.certificate "$demand"
both_agree another_demand 4 source.certificate "$person_demand"

# Which checkpoint is this file?
theirs_say the_new_checkpoint_is_known 0 '^ok checkpoint: an unlearn step made it' stranger.py \
	person.certificate "$vkey" --checkpoint second
theirs_say the_old_checkpoint_is_known 0 '^ok checkpoint: it was unlearned' stranger.py \
	person.certificate "$vkey" --checkpoint kept
theirs_say the_certificate_of_another_order_knows_neither 4 '^not ok checkpoint: none' stranger.py \
	source.certificate "$vkey" --checkpoint second
cp -r second mixed
cp kept/checkpoint.json mixed
theirs_say a_card_of_other_weights 4 '^not ok checkpoint: a card of other' stranger.py \
	person.certificate "$vkey" --checkpoint mixed
for of in kept second; do
	theirs_say "weights_of_their_sums_$of" 0 'to the last unit' stranger_model.py $of
done
cp second/checkpoint.json mixed
cp kept/sums.safetensors mixed
theirs_say sums_of_another_card 4 'a card of other sums' stranger_model.py mixed
rm mixed/checkpoint.json
theirs_say weights_of_other_sums 4 'not ok' stranger_model.py mixed
cp second/sums.safetensors kept/proof.safetensors mixed
theirs_say the_proof_of_other_weights 4 'of other weights' stranger_model.py mixed
cp second/proof.safetensors mixed
python3 - mixed/weights.safetensors mixed/proof.safetensors <<'PY'
# One weight a unit more, and a proof that says it is of these weights.
import hashlib, struct, sys
w, p = (bytearray(open(n, "rb").read()) for n in sys.argv[1:])
was = hashlib.sha256(w).hexdigest().encode()
at = len(w) - 8
w[at:] = struct.pack("<q", struct.unpack("<q", w[at:])[0] + 1)
p = p.replace(was, hashlib.sha256(w).hexdigest().encode())
open(sys.argv[1], "wb").write(w)
open(sys.argv[2], "wb").write(p)
PY
theirs_say a_weight_one_unit_off 4 'is not of these sums' stranger_model.py mixed

# What checkpoints rest on, and what became of a person's records. The first is an attestation while it
# lasts: what an order took back is in its set.
run attest persons -o persons.attestation
both_agree a_checkpoint_that_unlearned 0 persons.attestation
theirs_say an_attestation_knows_its_checkpoint 0 '^ok checkpoint: what it is about' stranger.py \
	persons.attestation "$vkey" --checkpoint second
theirs_say and_not_the_one_before 4 '^not ok checkpoint: none' stranger.py \
	persons.attestation "$vkey" --checkpoint kept
head -c 20000 /dev/urandom >models/late.weights
must 0 model add late-osk models/late.weights --dataset faces-osk
run attest late-osk -o late.attestation
both_agree a_checkpoint_made_elsewhere 0 late.attestation
head -c 20000 /dev/urandom >models/other.weights
for file in late other; do
	code=0
	"$RESCIND" --json verify late.attestation --key "$vkey" --data models/$file.weights >ours 2>&1 || code=$?
	check "the_file_of_a_checkpoint_$file" "exit $code: $(jq -c .data ours)" \
		[ "$code" -eq "$([ $file = late ] && echo 0 || echo 4)" ]
done
for about in 'of_a_person --subject ottermole-ines' 'of_a_person_who_withdrew --subject vexwood-karolina' \
	'of_a_record 4' 'of_what_is_erased 8'; do
	set -- $about
	name=$1
	shift
	run receipt "$@" -o "$name.receipt"
	both_agree "a_receipt_$name" 0 "$name.receipt"
done
both_agree a_receipt_answers_no_order 4 of_a_record.receipt "$person_demand"

# Killed before it was certified, and something else was said since.
must 0 grant withdraw --subject quillfeather-yan
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
RESCIND_FAULT=certificate_written:1 "$RESCIND" --repo repo order execute "$order" >/dev/null 2>&1
must 0 model prove persons --as sentinelrole
must 0 key add latecomer
must 0 order execute "$order"
must 0 order status "$order"
demand=$(answer .demand)
run certificate "$order" -o late.certificate
both_agree an_order_certified_after_a_later_fact 0 late.certificate "$demand"
check who_made_it_again_is_named "$(grep -a again ours theirs | head -c 300)" \
	grep -aq 'trained again.*another than' theirs
grep -aq 'another key than that which made it' ours || not_ok who_made_it_again_is_named "$(head -c 300 ours)"
finish
