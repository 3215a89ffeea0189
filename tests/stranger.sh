#!/bin/sh
# A second verifier, written from docs/ in another language, finds what ours finds: of an order against a
# source, of one about a person, and of one over records of which some are gone already.
. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null || { skip stranger 'no openssl'; finish; }

# usage: both_agree NAME CODE CERTIFICATE DEMAND
both_agree() {
	code=0
	"$RESCIND" verify "$3" --key "$vkey" --order "$4" >ours 2>&1 || code=$?
	check "$1_ours" "exit $code: $(grep -a 'NOT OK' ours | head -c 300)" [ "$code" -eq "$2" ]
	code=0
	python3 "$tests/stranger.py" "$3" "$vkey" "$4" >theirs 2>&1 || code=$?
	check "$1_theirs" "exit $code: $(grep -av '^ok' theirs | head -c 300)" [ "$code" -eq "$2" ]
}

story
must 0 grant withdraw --subject vexwood-karolina
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
must 0 order status "$order"
person=$order person_demand=$(answer .demand)
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

# Killed before it was certified, and something else was said since.
must 0 grant withdraw --subject quillfeather-yan
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
RESCIND_FAULT=certificate_written:1 "$RESCIND" --repo repo order execute "$order" >/dev/null 2>&1
must 0 key add latecomer
must 0 order execute "$order"
must 0 order status "$order"
demand=$(answer .demand)
run certificate "$order" -o late.certificate
both_agree an_order_certified_after_a_later_fact 0 late.certificate "$demand"
finish
