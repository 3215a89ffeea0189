#!/bin/sh
# What leaves by the door of sharing: whole, by safe names, signed so that openssl can check it, and
# reached by the next order. What is denied leaves nothing, and a kill leaves nothing that was noted.
. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null || { skip share 'no openssl'; finish; }

share_use=share:IdentityVerification
uses=$use,$share_use
# --- photos under names that attack, of people who said yes ---
jpegs "$work/drawn" 10 shared
mkdir -p one two/terms two/deep papers
set -- drawn/*.jpg
cp "$1" one/same.jpg
cp "$2" two/same.jpg
cp "$3" "one/two
lines.jpg"
cp "$4" 'one/comma, "quote".jpg'
cp "$5" 'one/..\..\back.jpg'
cp "$6" one/-rf.jpg
cp "$7" one/manifest.csv
cp "$8" two/terms/agreed.jpg
cp "$9" two/deep/kim.jpg
cp "${10}" "two/$(printf 'bad\377utf').jpg" 2>/dev/null || cp "${10}" two/plain.jpg
paper papers/terms.txt 'terms'
paper papers/agreement.txt 'the agreement with the receiver'
printf 'path,subject\ndeep/kim.jpg,kim-osk\n' >subjects.csv
printf 'path,key,value\ndeep/kim.jpg,label,"a, b"\n' >attrs.csv
must 0 init --origin glade.example --keys "$work/keys" --solo
for name in first-osk second-osk; do
	must 0 source add $name --controller 'Freeface Gliwice' --kind upload --people none \
		--licence LicenseRef-glimmer --terms papers/terms.txt --allow "$uses" --basis consent
done
must 0 grant add --subject kim-osk --use "$uses" --basis consent --evidence papers/terms.txt
must 0 ingest first-osk one --use $use
must 0 ingest second-osk two --use $use --subjects subjects.csv --attrs attrs.csv
must 0 dataset create faces-osk --use $use

# usage: share_to DIR; the answer in out, the code in $code
share_to() {
	run share faces-osk --to 'Receiver GmbH' --use $share_use --under papers/agreement.txt "$1"
}
in_all() { find "$1" -type f | wc -l; }

# --- the files ---
share_to "$work/given"
check ten_records_are_shared "exit $code: $(cat err)" [ "$code" -eq 0 ]
check the_answer_is_the_transfer "$(cat out)" \
	says '.transfer == "out1" and .records == 10 and .to == "Receiver GmbH"'
cat >manifest.py <<'PY'
import csv, hashlib, os, sys
folder = sys.argv[1]
rows = list(csv.DictReader(open(os.path.join(folder, "manifest.csv"), newline="", encoding="utf-8")))
assert len(rows) == int(sys.argv[2]), len(rows)
assert len({r["path"] for r in rows}) == len(rows)
for r in rows:
    path = r["path"]
    assert not path.startswith("/") and ".." not in path.split("/"), path
    assert path.isprintable() and "\\" not in path, path
    data = open(os.path.join(folder, path), "rb").read()
    assert hashlib.sha256(data).hexdigest() == r["sha256"], path
    assert len(data) == int(r["bytes"]), path
PY
check every_file_is_as_its_list_says 'manifest.csv' python3 manifest.py given 10
# 10 photos, the list, the statement, the terms of two sources.
check nothing_else_lies_there "$(find given -type f)" [ "$(in_all given)" -eq 14 ]
check names_that_attack_are_made_safe "$(ls -b given)" [ -f given/same.jpg -a -f given/same-2.jpg -a \
	-f given/two_lines.jpg -a -f given/.._.._back.jpg -a -f given/manifest-2.csv -a \
	-f given/terms-2/agreed.jpg ]
check who_is_in_it_stays_here 'a person is named' sh -c '! grep -rq kim-osk given'

# --- the statement, by openssl alone ---
cat >envelope.py <<'PY'
import base64, json, sys
e = json.load(open(sys.argv[1]))
body = base64.b64decode(e["payload"])
kind = e["payloadType"].encode()
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
key = base64.b64decode(sys.argv[2].split("+", 2)[2])[1:]
open("pae", "wb").write(pae)
open("sig", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))
open("key.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key)
open("body.json", "wb").write(body)
PY
openssl_agrees() {
	openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in pae -sigfile sig >/dev/null 2>&1
}
vkey=$(status_of .vkey)
python3 envelope.py given/handover.json "$vkey" || die 'the envelope cannot be read'
check openssl_verifies_the_statement 'the signature does not hold' openssl_agrees
sum() { sha256sum "$1" | cut -d' ' -f1; }
is_statement() {
	jq -e --arg m "$(sum given/manifest.csv)" --arg u "$(sum papers/agreement.txt)" '.predicateType == "urn:rescind:handover:1" and
		.subject[0].digest.sha256 == $m and .predicate.under == $u and
		.predicate.to == "Receiver GmbH" and .predicate.id == "out1" and .predicate.count == 10' \
		body.json >checked
}
check the_statement_is_of_this_list "$(cat body.json)" is_statement
run verify given/handover.json --key "$vkey" --data given/manifest.csv
check it_verifies "exit $code: $(cat out)" says '.valid and ([.checks[].name] == ["encoding","signature","key","head","manifest"])'
run verify given/handover.json --key "$vkey" --data papers/terms.txt
check another_list_does_not "exit $code" [ "$code" -eq 4 ]
run verify given/handover.json
check nor_without_a_key "exit $code" [ "$code" -eq 4 ]
run verify given/handover.json --key "$vkey" --data given
check a_folder_is_no_list "exit $code: $(cat err)" [ "$code" -eq 1 ]
sed -i 's/"count":10/"count":11/' body.json
python3 - <<'PY'
body = open("body.json", "rb").read()
kind = b"application/vnd.in-toto+json"
open("pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body))
PY
check another_count_is_refused 'openssl accepts it' sh -c '! openssl pkeyutl -verify -pubin \
	-keyform DER -inkey key.der -rawin -in pae -sigfile sig >/dev/null 2>&1'

# --- to ourselves ---
run dataset export faces-osk "$work/own"
check an_export_lists_what_is_known "$code $(cat own/attrs.csv own/subjects.csv)" \
	grep -qx 'deep/kim.jpg,label,"a, b"' own/attrs.csv
check an_export_names_people 'subjects.csv' grep -qx 'deep/kim.jpg,kim-osk' own/subjects.csv
run dataset export faces-osk "$work/shards" --format webdataset
check one_shard_holds_ten_records "exit $code: $(cat err)" says '.shards == 1'
mkdir untarred
check tar_reads_a_shard 'tar' tar -C untarred -xf shards/shard-000000.tar
check each_photo_has_its_words "$(ls untarred)" [ "$(ls untarred/*.jpg | wc -l) $(ls untarred/*.json | wc -l)" = '10 10' ]
check the_words_are_those_of_the_card 'attributes' [ "$(jq -s \
	'map(select(.attrs.label == "a, b" and .subjects == ["kim-osk"])) | length' untarred/*.json)" = 1 ]
check a_shard_is_as_its_list_says 'manifest.csv' python3 manifest.py shards 1

# --- what is not empty, or ours, or for another use ---
share_to "$work/given"
check a_folder_that_is_not_empty_is_left_alone "exit $code" [ "$code" -eq 1 -a "$(in_all given)" -eq 14 ]
share_to "$work/repo/.rescind/out"
check the_repository_is_no_place_to_share_into "exit $code" [ "$code" -eq 2 -a ! -e repo/.rescind/out ]
run share faces-osk --to R --use $use --under papers/agreement.txt "$work/other"
check training_is_no_sharing "exit $code" [ "$code" -eq 2 -a ! -e other ]

# --- killed before it was noted ---
RESCIND_FAULT=catalog_before_commit:1 "$RESCIND" --repo repo share faces-osk --to 'Receiver GmbH' \
	--use $share_use --under papers/agreement.txt "$work/torn" >/dev/null 2>&1
check a_kill_leaves_files "$(find torn)" [ "$(in_all torn)" -eq 14 ]
run transfer ls
check a_kill_notes_nothing "$(cat out)" [ "$(grep -c '"direction":"out"' out)" -eq 3 ]
share_to "$work/torn"
check the_next_command_says_what_to_do "$(cat err)" grep -q 'delete it' err
rm -r torn
share_to "$work/torn"
check then_it_is_shared "exit $code: $(cat err)" says '.transfer == "out4"'

# --- the way back ---
run impact subject:kim-osk
check impact_names_the_receiver_and_the_copies "$(cat out)" \
	says '([.recipients[] | select(.recipient == "Receiver GmbH") | .transfer] == ["out1", "out4"]) and .copies == 3'
run ls transfer:out1
check what_was_handed_over_can_be_picked "$(cat out)" [ "$(wc -l <out)" -eq 10 ]
kim=$(sum given/deep/kim.jpg)
must 0 grant withdraw --subject kim-osk
order=$(answer .order)
share_to "$work/late"
check one_withdrawal_refuses_all "exit $code: $(cat out)" says '.decision == "deny" and .denied == 1 and .counts."order-open" == 1'
check what_is_denied_leaves_nothing "exit $code" [ "$code" -eq 3 -a ! -e late ]
must 0 order plan "$order"
check a_plan_names_who_must_be_told "$(cat out)" \
	says '[.not_reached[] | select(contains("Receiver GmbH"))] | length == 2'
must 0 order approve "$order" "$(answer .plan)"
must 0 order execute "$order"
check an_order_deletes_what_was_shared "$(find given torn own -name 'kim*')" \
	[ -z "$(find given torn own -name 'kim*')" -a -f given/same.jpg ]
check an_order_deletes_shards_and_lists_of_it "$(ls given own shards torn)" [ ! -e given/manifest.csv -a \
	! -e own/subjects.csv -a ! -e own/attrs.csv -a ! -e shards/shard-000000.tar ]
check no_trace_of_the_person_is_left "$(grep -rl -e kim-osk -e "$kim" given own shards torn)" \
	sh -c "! grep -rq -e kim-osk -e $kim given own shards torn"
must 0 fsck --rebuild
run fsck --deep
check all_of_it_is_whole "$(cat out)" says .ok
run transfer show out1
check what_left_is_remembered "$(cat out)" says '.to == "Receiver GmbH" and .records == 10'
# --- who only a copy names leaves with the rest ---
rm -rf repo keys one
mkdir one
echo same >one/a
echo same >one/b
printf 'path,subject\na,anna\nb,bert\n' >who.csv
echo terms >terms.txt
must 0 init --keys keys --solo
must 0 source add s --controller Us --kind synthetic --people none --licence CC0-1.0 --terms terms.txt --allow train:ResearchAndDevelopment
for who in anna bert; do
	must 0 grant add --subject $who --use train:ResearchAndDevelopment --basis consent --evidence terms.txt
done
must 0 ingest s one --use train:ResearchAndDevelopment --subjects who.csv
must 0 dataset create both --use train:ResearchAndDevelopment
must 0 dataset export both "$work/both"
check 'people that a copy names are exported once' "$(cat both/subjects.csv)" \
	[ "$(tail -n +2 both/subjects.csv | tr -d '\r' | sort | paste -sd' ')" = 'a,anna a,bert' ]
finish
