#!/bin/sh
# What a certificate says in the terms of NIST SP 800-88: every field of section 4.6 and of 3.2.5, nothing
# that is not known, and no method of NIST's for what is none.
. "$(dirname "$0")/lib.sh"

story
must 0 train lens-osk --dataset faces-osk --target scarkind

# --- what the operator states ---
must 0 certificate media
check media_are_found "$(cat out)" says '.media | length > 0 and all(.holds and .type and .serial)'
check nothing_is_stated_yet "$(cat out)" says '.form == {}'
echo '{"destination": "a", "purged": "all"}' >form.json
run certificate media form.json
check a_form_of_other_members_is_refused "exit $code: $(cat err)" [ "$code" -eq 1 ]
order_approved source:partner-osk
echo '{"media"' >keys/sanitization.json
cp keys/sanitization.json mirror/
run order execute "$order"
check what_cannot_be_said_is_known_before_the_first_step "exit $code: $(cat err)" \
	[ "$code" -eq 1 -a -z "$(erased_now | tr -d ' ')" ]
cat >form.json <<'FORM'
{"people": {"performed": {"name": "Inés Łęcka", "title": "Operator", "contact": "ines-kqz@keyhole.example"},
            "validated": {"name": "Karolina Vex"}},
 "backups": [{"location": "tape vault Brno", "until": "2027-01-01", "covered": "no"}],
 "confidentiality": {"pre": "biometric"}}
FORM
must 0 certificate media form.json
check it_is_kept_in_both_places "$(ls keys mirror)" sh -c 'cmp -s form.json keys/sanitization.json && cmp -s form.json mirror/sanitization.json'

# --- an order that withdraws, makes anew and erases ---
must 0 order execute "$order"
must 0 certificate "$order" -o cert.json --html cert.html
jq -r .payload cert.json | base64 -d | jq .predicate >predicate
jq -c .sanitization predicate >out
check every_field_is_there "$(cat out)" says '[.standard, .media, .source, .confidentiality, .items, .purgeHoldsIf, .tool, .cryptographicErase,
	.verification, .validation, .people, .backups, .destination, .notAddressed] | all'
check all_ten_of_cryptographic_erase "$(cat out)" says '.cryptographicErase | [.product, .keyGeneration, .encryption, .keyLevel, .areas,
	.keyLifeCycle, .keySanitization, .keyCopies, .errors, .interface] | all(type == "string" and length > 10)'
check it_is_small "$(wc -c <out) bytes" [ "$(wc -c <out)" -lt 4096 ]
check records_are_purged_by_their_keys "$(cat out)" says '.items[] | select(.kind | startswith("records")) |
	.count == 8 and .method == "purge" and .technique == "cryptographic erase"'
check nor_is_withdrawing "$(cat out)" says '[.items[] | select(.kind == "checkpoints withdrawn")] |
	length == 1 and .[0].count == 2 and (.[0].method | contains("not a method"))'
check only_what_is_sealed_here_is_purged "$(cat out)" says '[.items[] | select(.method == "purge") | .kind] | all(endswith("as sealed here"))'
check nothing_is_called_cleared "$(cat out)" says '[.items[] | select(.method == "clear" or .method == "destroy")] == []'
check what_was_stated_is_said "$(cat out)" says '.people.performed.name == "Inés Łęcka" and .people.performed.role == "operator" and
	.confidentiality == {"pre": "biometric", "post": "not stated"} and .backups[0].location == "tape vault Brno"'
check who_is_not_named_is_not_stated "$(cat out)" says '.people.verified.name == "not stated" and .people.validated.name == "Karolina Vex"'
check when_is_of_the_last_step "$(cat out)" says '(.people.performed.date | length) == 17 and (.people.validated.date == null)'
check nothing_was_validated_here "$(cat out)" says '.validation.decision | startswith("not in this file")'
check the_second_look_is_told "$(cat out)" says '.verification.looked > 0 and .verification.found == 0'
check the_mirror_is_told "$(cat out)" says '(.cryptographicErase.keySanitization | contains("mirror")) and any(.media[]; .holds | contains("mirror"))'
check the_page_shows_it "$(grep -c . cert.html)" sh -c 'grep -q "Inés Łęcka" cert.html && grep -q "tape vault Brno" cert.html &&
	grep -q "not a method of SP 800-88" cert.html && grep -q "Key sanitization" cert.html'
check nobody_witnessed_it "$(jq .signed_by_others predicate)" sh -c 'jq -e "any(.signed_by_others[]; . == \"witnessed by: nobody\")" predicate >/dev/null'
run verify cert.json --key "$(status_of .vkey)"
check it_verifies "exit $code" [ "$code" -eq 0 ]
check no_name_is_public 'a name is in the log' sh -c '! grep -rqa -e Łęcka -e ines-kqz repo/.rescind'

# --- files in place, weights that forget, and nothing stated ---
rm keys/sanitization.json mirror/sanitization.json
take_back subject:vexwood-karolina
must 0 certificate "$order" -o second.json
jq -r .payload second.json | base64 -d | jq -c .predicate.sanitization >out
check a_deleted_file_is_less_than_clear "$(cat out)" says '.items[] | select(.kind == "files outside") |
	.count == 2 and (.method | contains("not a method")) and (.technique | contains("less than clear"))'
check unlearning_is_no_method_of_nist "$(cat out)" says '[.items[] | select(.technique | startswith("unlearning"))] |
	length == 1 and .[0].count == 1 and (.[0].method | contains("not a method"))'
check what_was_unlearned_is_purged_only_as_sealed "$(cat out)" says '[.items[] | select(.method == "purge") | .kind] ==
	["records, as sealed here", "weights, sums and cards of checkpoints that ended, as sealed here"]'
check nothing_that_is_not_known_is_said "$(cat out)" says '.backups == "not stated" and .people.performed.name == "not stated" and
	.confidentiality.pre == "not stated"'
finish
