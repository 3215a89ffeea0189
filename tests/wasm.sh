#!/bin/sh
# The verifying page says in headless Chromium, without a network, what rescind-verify says in a terminal.
# usage: wasm.sh PAGE
page=$(realpath "${1:-.}") # before lib.sh goes elsewhere
. "$(dirname "$0")/lib.sh"
. "$tests/verifier_world.sh"
[ -f "$page" ] || { skip wasm 'the page was not built'; finish; }
command -v chromium >/dev/null || { skip wasm 'no chromium'; finish; }

makes_certificates
makes_successor
changes person.certificate

# usage: job NAME FILE KEY ORDER [true: dropped]: one line of names and of jobs.json; what `rescind verify` says goes to want/NAME
mkdir want said
job() {
	echo "$1" >>names
	jq -nc --arg file "$2" --arg key "$3" --arg order "$4" --argjson drop "${5:-false}" \
		'{$file, $key, $order, $drop}' >>jobs.json
	"$RESCIND" --json verify "$2" ${3:+--key "$3"} ${4:+--order "$4"} 2>/dev/null |
		jq -S '{verdict: (if .valid then "valid" else "NOT VALID" end), checks,
			lists: {"Signed by others": .signed_by_others, "Asserted by the operator": .asserted,
				"Not covered": .not_covered} | map_values(if . == [] then ["nothing"] else . end)}' >"want/$1"
}
job a_person person.certificate "$vkey" "$person_demand"
job a_source source.certificate "$vkey" "$source_demand"
job what_is_dropped person.certificate "$vkey" "$person_demand" true
job without_an_order source.certificate "$vkey" ''
job without_a_key source.certificate '' ''
job another_log source.certificate "$other_vkey" ''
job another_demand source.certificate "$vkey" "$person_demand"
job a_checkpoint checkpoint.attestation "$vkey" ''
job a_persons_records person.receipt "$vkey" ''
job a_record_that_is_gone record.receipt "$vkey" ''
job a_receipt_of_another_log person.receipt "$other_vkey" ''
job a_log_that_follows follows.certificate "$follows_vkey" "$follows_demand"
job the_key_before_it follows.receipt "$vkey" ''
job another_key_follows follows.attestation "$other_vkey" ''
for file in changed/*; do
	[ "$file" != changed/hidden ] || continue
	job "changed_${file#changed/}" "$file" "$vkey" ''
done
python3 "$tests/browser.py" "$page" ${PICTURE:+--picture "$PICTURE"} <jobs.json >answers 2>err ||
	die "the browser: $(tail -n 3 err)"

# Why a text is no JSON at all is said in other words, by another reader: then only ok and name count.
alike() {
	cmp -s "$1" "$2" && return
	jq -e '.checks[0] | .name == "encoding" and (.ok | not)' "$1" >/dev/null || return
	jq '.checks |= map({name, ok})' "$1" >a && jq '.checks |= map({name, ok})' "$2" >b && cmp -s a b
}
n=0
while read -r name; do
	n=$((n + 1))
	sed -n "${n}p" answers | jq -S '{verdict, checks, lists}' >"said/$name"
	check "the_page_agrees_on_$name" "$(diff "want/$name" "said/$name" | head -c 400)" alike "want/$name" "said/$name"
done <names
check a_person_is_valid "$(head -c 200 said/a_person)" [ "$(jq -r .verdict said/a_person)" = valid ]
valid=$(jq -r .verdict said/* | grep -c '^valid$')
check nothing_else_is "$valid" [ "$valid" -eq 9 ]
tail -n 1 answers | jq -r '.requests[]' | grep -v '^file:' >requests
check it_asks_the_network_for_nothing "$(head -c 300 requests)" [ ! -s requests ]
check the_browser_has_nothing_to_complain "$(tail -n 1 answers | head -c 400)" \
	[ "$(tail -n 1 answers | jq '.errors | length')" -eq 0 ]

# A key and a demand that are none; and words that would hide others.
jq -nc --arg key nonsense '{file: "person.certificate", $key}' >jobs.json
jq -nc --arg key "$vkey" '{file: "person.certificate", $key, order: "00"}' >>jobs.json
jq -nc --arg key "$vkey" '{file: "changed/hidden", $key}' >>jobs.json
python3 "$tests/browser.py" "$page" <jobs.json >answers 2>err || die "the browser: $(tail -n 3 err)"
check a_key_that_is_none_is_said "$(head -n 2 answers)" \
	[ "$(head -n 2 answers | jq -r .verdict | sort -u)" = 'Not checked' ]

check nothing_that_is_said_hides_anything "$(sed -n 3p answers | head -c 400)" \
	eval 'sed -n 3p answers | jq -e ".lists[\"Asserted by the operator\"][0] |
		startswith(\"\\\\u{1b}[31m\\\\u{202e}\\\\u{85}\\\\u{200f}\")" >/dev/null'

# A browser that knows no Ed25519 never says valid, and says why.
jq -nc --arg key "$vkey" '{file: "person.certificate", $key}' >jobs.json
python3 "$tests/browser.py" "$page" --without-ed25519 <jobs.json >answers 2>err || die "the browser: $(tail -n 3 err)"
check without_ed25519_nothing_is_decided "$(head -c 300 answers)" [ "$(head -n 1 answers | jq -r .verdict)" = 'Not decided' ]
check without_ed25519_signatures_are_not_ok "$(head -c 300 answers)" \
	eval 'head -n 1 answers | jq -e ".checks[] | select(.name == \"signature\") | .ok == false" >/dev/null'
finish
