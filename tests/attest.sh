#!/bin/sh
# What a buyer of a checkpoint is told: signed, checked by a stranger, and with nobody's name or path in
# it. Before an order and after it; of an exact checkpoint, one made elsewhere, and a child of that.
. "$(dirname "$0")/lib.sh"

# --- the world: volunteers who agreed themselves, and a partner whose users are said to have agreed ---
partner_attrs() {
	echo path,key,value
	(cd in/partner && find . -name '*.jpg') | sort | while read -r path; do
		echo "${path#./},scarkind,scar-of-partner-nkvj"
	done
}
more_attrs() { # the second photo of each volunteer
	n=0
	for who in $people; do
		n=$((n + 1))
		echo "dorf-album/zq-$n$who-two.jpg,scarkind,scar-of-$who-nkvj"
	done
}
must_say() { [ -s "$1" ] || die "nothing in $1"; }
story_begin
more_attrs >>attrs-wyrm.csv
partner_attrs >partner-attrs.csv
must 0 ingest volunteers-osk in/volunteers --use $use --subjects subjects-wyrm.csv --attrs attrs-wyrm.csv --in-place
must 0 ingest partner-osk in/partner --use $use --transfer t1 --attrs partner-attrs.csv
must 0 source add leftover-osk --controller 'Nobody Ltd' --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use
jpegs "$work/in/leftover" 3 leftover
must 0 ingest leftover-osk in/leftover --use $use
must 0 dataset create faces-osk --use $use --where 'source:volunteers-osk or source:partner-osk'
must 0 dataset create own-osk --use $use --where source:volunteers-osk
must 0 train exact-osk --dataset faces-osk --target scarkind
head -c 20000 /dev/urandom >models/made-wyrm.weights
head -c 20000 /dev/urandom >models/child-wyrm.weights
head -c 20000 /dev/urandom >models/stray-wyrm.weights
must 0 model add made-osk models/made-wyrm.weights --dataset own-osk
must 0 model add child-osk models/child-wyrm.weights --parent made-osk --kind finetune
run model add stray-osk models/stray-wyrm.weights # nobody says what it was made of
vkey=$(status_of .vkey)

# usage: attested NAME MODEL: FILE is $2.attestation, its statement $2.json, its predicate $2.said
attested() {
	must 0 attest "$2" -o "$2.attestation"
	must_say "$2.attestation"
	jq -r .payload "$2.attestation" | base64 -d >"$2.json"
	jq .predicate "$2.json" >"$2.said"
	code=0
	"$RESCIND" --json verify "$2.attestation" --key "$vkey" >verdict 2>err || code=$?
	check "$1" "exit $code: $(jq -c '[.checks[] | select(.ok | not)]' verdict)" [ "$code" -eq 0 ]
}
said() { jq -e "$2" "$1.said" >/dev/null; } # MODEL FILTER

# --- an exact checkpoint of two sources ---
attested an_exact_checkpoint_is_attested exact-osk
check it_says_what_it_is "$(jq -c .summary.checkpoint exact-osk.said)" said exact-osk \
	'.summary.checkpoint | .name == "exact-osk" and .version == 1 and .kind == "train" and .state == "live" and
	 .grade == "enforced" and .exact and .records == 16 and .erased == 0 and .reproduced_by == []'
check it_rests_on_two_sources "$(jq -c '[.summary.sources[] | [.source, .records]]' exact-osk.said)" said exact-osk \
	'[.summary.sources[] | [.source, .records]] == [["volunteers-osk", 8], ["partner-osk", 8]]'
check it_says_on_what_terms "$(jq -c .summary.sources[1] exact-osk.said)" said exact-osk \
	'.summary.sources[1] | .kind == "partner" and .people == "personal" and .controller == "Lunasweep GmbH" and
	 .terms.version == 1 and .terms.licence == "LicenseRef-glimmer" and .terms.basis == "consent" and
	 .terms.allow == "train:IdentityVerification" and .terms.until == null'
sum() { sha256sum "$1" | cut -d' ' -f1; }
check with_the_digests_of_their_documents 'terms' [ "$(jq -r '.summary.sources[1].terms.document' exact-osk.said)" \
	= "$(sum papers/partner-terms-wyrm.txt)" ]
check it_says_who_handed_them_over "$(jq -c .summary.sources[1].transfer exact-osk.said)" said exact-osk \
	'.summary.sources[1].transfer | .from == "Lunasweep GmbH" and .to == "Keyhole Ostrava" and .notified == "yes" and
	 .date == "2014-03-01T00:00:00Z" and (.documents | length) == 1 and .corrections == []'
check what_the_partner_says_is_asserted "$(jq -c .asserted exact-osk.said)" said exact-osk \
	'[.asserted[] | select(contains("8 records of partner-osk (t1) agreed") and contains("Lunasweep GmbH"))] | length == 1'
check nobody_has_named_the_partners_people "$(jq -c .summary.unknown exact-osk.said)" said exact-osk \
	'[.summary.unknown[] | select(contains("8 records of partner-osk") and contains("nobody has named them"))] | length == 1'
check terms_without_an_end_are_unknown "$(jq -c .summary.unknown exact-osk.said)" said exact-osk \
	'[.summary.unknown[] | select(contains("an end of the terms"))] | length == 2'
check nobody_witnessed_it 'signed_by_others' said exact-osk \
	'(.signed_by_others | index("witnessed by: nobody")) and ([.summary.unknown[] | select(contains("no witness"))] | length == 1)'
check another_source_is_proved_absent "$(jq -c .absent exact-osk.said)" [ "$(jq -r .absent exact-osk.said)" = 16-18 ]
check it_does_not_name_that_source 'leftover' sh -c '! grep -q leftover exact-osk.json'

# --- nobody's name, path or record ---
: >strings
nothing_personal() { # FILE: neither in it, nor in what it opens
	jq -r '.. | strings' "$1" >strings
	jq -r '.predicate.openings[]?.value' "$1" | while read -r v; do printf %s "$v" | base64 -d; echo; done >>strings
	for word in $people dorf-album lunasweep-dump mnd-frame scar-of scarkind "$work" zq- wyrm Mzimba; do
		! grep -a -q -e "$word" strings || return 1
	done
	for file in in/volunteers/dorf-album/*.jpg in/partner/*/*.jpg; do
		! grep -a -q "$(sum "$file")" strings || return 1
	done
}
check it_names_no_person_and_no_path "$(grep -a -m1 -e dorf -e scar strings)" nothing_personal exact-osk.json

# --- one made elsewhere, a child of it, and one of which nobody knows anything ---
attested a_declared_checkpoint_is_attested made-osk
check its_digest_is_that_of_its_file "$(jq -c .subject made-osk.json)" \
	[ "$(jq -r .subject[0].digest.sha256 made-osk.json)" = "$(sum models/made-wyrm.weights)" ]
check its_lineage_is_only_declared "$(jq -c .summary made-osk.said)" said made-osk \
	'.summary.checkpoint.grade == "declared" and ([.summary.unknown[] | select(contains("that was declared"))] | length == 1)'
check the_partner_is_proved_absent "$(jq -c .absent made-osk.said)" [ "$(jq -r .absent made-osk.said)" = 8-18 ]
check one_source_is_shown 'partner-osk' sh -c '! grep -q partner-osk made-osk.said'
run verify made-osk.attestation --key "$vkey" --data models/made-wyrm.weights
check a_buyer_knows_the_file_by_it "exit $code: $(cat out)" [ "$code" -eq 0 ]
run verify made-osk.attestation --key "$vkey" --data models/child-wyrm.weights
check and_another_file_is_not_it "exit $code" [ "$code" -eq 4 ]
attested a_child_is_attested child-osk
check it_shows_the_way_here "$(jq -c .summary.inputs child-osk.said)" said child-osk \
	'[.summary.inputs[] | [.input, .from, .to, .kind, .grade, .records]] ==
	 [["model","made-osk@1","child-osk@1","finetune","declared",8],["dataset","own-osk@1","made-osk@1","train","declared",8]]'
check a_child_names_no_person_either strings nothing_personal child-osk.json
attested one_of_nothing_is_attested stray-osk
check it_says_that_nobody_knows "$(jq -c .summary stray-osk.said)" said stray-osk \
	'.summary.checkpoint.grade == "unknown" and .summary.checkpoint.state == "withdrawn" and .summary.sources == [] and
	 ([.summary.unknown[] | select(contains("nobody said"))] | length == 1)'

# --- what a stranger finds ---
code=0
"$RESCIND" verify exact-osk.attestation >/dev/null 2>&1 || code=$?
check without_a_key_it_is_not_valid "exit $code" [ "$code" -eq 4 ]
changed() { # FILTER: other bytes under the old signature
	jq -c "$1" exact-osk.json | tr -d '\n' | base64 -w0 >payload
	jq -c --rawfile p payload '.payload = $p' exact-osk.attestation >changed.attestation
	code=0
	"$RESCIND" verify changed.attestation --key "$vkey" >/dev/null 2>&1 || code=$?
	[ "$code" -eq 4 ]
}
check another_count_is_refused "exit $code" changed '.predicate.summary.sources[1].records = 7'
check another_subject_is_refused "exit $code" changed '.subject[0].digest.sha256 = "00" * 32'
sed 's/"payload":"e/"payload":"f/' exact-osk.attestation >changed.attestation
code=0
"$RESCIND" verify changed.attestation --key "$vkey" >/dev/null 2>&1 || code=$?
check a_changed_byte_is_refused "exit $code" [ "$code" -eq 4 ]
run attest exact-osk --json
check json_is_the_statement "$(head -c 200 out)" says '.payloadType == "application/vnd.in-toto+json"'

# --- words that are none ---
run attest nobody-osk
check an_unknown_model_is_not_attested "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -s out ]
run attest exact-osk@7
check nor_an_unknown_version "exit $code" [ "$code" -eq 1 ]
run attest exact-osk --format spdx
check another_format_is_refused "exit $code: $(cat err)" [ "$code" -eq 2 ]
check and_it_says_which_there_are "$(cat err)" grep -q 'intoto, html' err
run attest
check a_model_is_needed "exit $code" [ "$code" -eq 2 ]

# --- a correction counts at once ---
must 0 transfer correct t1 --notified no --under papers/letter-wyrm.txt
attested a_corrected_transfer_is_attested exact-osk
check the_correction_is_shown "$(jq -c .summary.sources[1].transfer exact-osk.said)" said exact-osk \
	'.summary.sources[1].transfer | .notified == "no" and (.corrections | length) == 1 and .corrections[0].notified == "no"'

# --- an order that unlearns ---
cp exact-osk.attestation before.attestation
take_back source:partner-osk
attested after_an_order_it_is_attested exact-osk
check it_is_the_next_version "$(jq -c .summary.checkpoint exact-osk.said)" said exact-osk \
	'.summary.checkpoint | .version == 2 and .records == 8 and .erased == 0'
check the_order_is_named "$(jq -c .summary.orders exact-osk.said)" said exact-osk \
	'.summary.orders | length == 1 and .[0].order == "o1" and .[0].state == "certified" and .[0].records == 8 and
	 .[0].holds == 0 and .[0].what == "source:partner-osk" and (.[0].made | index("exact-osk@2"))'
must 0 certificate o1 -o o1.certificate
check with_its_certificate "$(jq -c .summary.orders exact-osk.said)" \
	[ "$(jq -r .summary.orders[0].certificate exact-osk.said)" = "$(sum o1.certificate)" ]
check what_was_taken_back_is_absent "$(jq -c .absent exact-osk.said)" [ "$(jq -r .absent exact-osk.said)" = 8-18 ]
check only_one_source_is_left "$(jq -c '[.summary.sources[].source]' exact-osk.said)" said exact-osk \
	'[.summary.sources[].source] == ["volunteers-osk"]'
must 0 model prove exact-osk
attested a_reproduced_checkpoint_is_attested exact-osk
check it_says_by_which_key "$(jq -c .summary.checkpoint exact-osk.said)" said exact-osk \
	'(.summary.checkpoint.reproduced_by | length) == 1 and ([.signed_by_others[] | select(contains("made again"))] | length == 1)'
must 0 model export exact-osk "$work/exported"
run verify exact-osk.attestation --key "$vkey" --data exported
check a_buyer_knows_exported_weights_by_it "exit $code: $(cat out)" [ "$code" -eq 0 ]
attested the_old_one_is_attested_as_erased exact-osk@1
check it_says_what_it_still_holds "$(jq -c .summary exact-osk@1.said)" said exact-osk@1 \
	'.summary.checkpoint.state == "erased" and .summary.checkpoint.erased == 8 and .summary.orders[0].holds == 8 and
	 ([.summary.unknown[] | select(contains("order o1 took back"))] | length == 1)'
code=0
"$RESCIND" verify before.attestation --key "$vkey" >/dev/null 2>&1 || code=$?
check what_was_attested_before_still_verifies "exit $code" [ "$code" -eq 0 ]

# --- an order about a person: nothing of them is told ---
set -- $people
must 0 grant withdraw --subject "$1"
open_order=$(answer .order)
attested under_an_open_order_it_is_attested exact-osk
check the_open_order_is_told "$(jq -c .summary.orders exact-osk.said)" said exact-osk \
	'.summary.orders[-1] | .state == "open" and .holds == 2 and .what == null and .certificate == null'
must 0 hold 'source:volunteers-osk' --reason 'a court asks' --until 2099-01-01
attested under_a_hold_it_is_attested exact-osk
check the_order_is_told_as_held "$(jq -c .summary.orders exact-osk.said)" said exact-osk \
	'(.summary.orders[-1].state == "held") and (tostring | contains("court") | not)'
must 0 hold release h1
must 0 order plan "$open_order"
must 0 order approve "$open_order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$open_order"
attested after_it_a_third_version_is_attested exact-osk
check both_orders_are_named "$(jq -c .summary.orders exact-osk.said)" said exact-osk \
	'[.summary.orders[] | .order, .state, .holds] == ["o1", "certified", 0, "o2", "certified", 0] and
	 .summary.orders[1].what == null and .summary.checkpoint.version == 3'
check an_order_about_a_person_names_nobody strings nothing_personal exact-osk.json
run attest made-osk
check an_erased_file_is_not_attested "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -s out ]
check and_why "$(cat err)" grep -q 'is erased' err

# --- the page ---
must 0 attest exact-osk --format html -o page.html
check there_is_a_page "$(head -c 100 page.html)" grep -q '<h1>Attestation of a checkpoint</h1>' page.html
check it_holds 'it says that it does not hold' sh -c '! grep -q "does not hold" page.html'
check it_loads_and_runs_nothing "$(grep -n -m1 -e '<script' -e 'src=' -e 'href=' page.html)" \
	sh -c '! grep -q -e "<script" -e "src=" -e "href=" page.html'
check it_has_every_section "$(grep -o '<h2[^>]*>[^<]*' page.html)" [ "$(grep -c '<h2 ' page.html)" -eq 7 ]
page_is_discreet() {
	for word in $people dorf-album lunasweep-dump scar-of "$work"; do
		! grep -q -e "$word" page.html || return 1
	done
}
check the_page_names_nobody 'page.html' page_is_discreet
[ -z "${RESCIND_PAGES:-}" ] || cp page.html "$RESCIND_PAGES/attestation.html"
must 0 fsck --deep

# --- with a witness ---
witness_new w1
witness_begin w1
must 0 log witness add "http://$address/" "$(witness_key w1)" --name one
must 0 log witness ask
attested a_witnessed_checkpoint_is_attested exact-osk
check it_says_by_whom "$(jq -c .signed_by_others exact-osk.said)" said exact-osk \
	'([.signed_by_others[] | select(contains("cosigned by witnesses") and contains("one"))] | length == 1) and
	 ([.summary.unknown[] | select(contains("no witness"))] == [])'
"$RESCIND" --repo repo log witness policy >policy || die 'no policy'
run verify exact-osk.attestation --policy policy
check it_holds_by_a_policy "exit $code: $(jq -c '[.checks[] | select(.ok | not)]' out)" \
	says '.valid and ([.signed_by_others[] | select(contains("witnessed by: one"))] | length == 2)'
finish
