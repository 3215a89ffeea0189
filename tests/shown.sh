#!/bin/sh
# What people read: deployments and outputs listed, lineage of one thing marked, folders of a plan by their
# numbers, and a checkpoint that says where its figure flatters or it can answer one word only.
. "$(dirname "$0")/lib.sh"

text() { "$RESCIND" --repo "$work/repo" "$@" >text 2>told || :; }
reads() { # NAME PATTERN [FILE]
	check "$1" "$(head -c 600 "${3:-text}")" grep -q -e "$2" "${3:-text}"
}
not_there() { # NAME PATTERN
	check "$1" "$(head -c 600 text)" sh -c '! grep -q -e "$1" text' sh "$2"
}

story
ask=infer:IdentityVerification
must 0 deploy facenet-osk --to 'Door "Cam"' --use $ask --recipient 'Door Ltd' --endpoint https://door.example \
	--from 2014-06-01
must 0 output add index-osk --model facenet-osk --kind templates --at /srv/index --erase 'rm -f x'
must 0 deploy ls
check 'deployments are listed' "$(cat out)" says '.deployment == "d1" and .recipient == "Door Ltd" and .days > 1000'
must 0 deploy show d1
check 'and one is shown' "$(cat out)" says '.endpoint == "https://door.example" and .until == null'
must 0 show d1
check 'by its id alone too' "$(cat out)" says '.deployment == "d1"'
must 0 show index-osk
check 'as an output by its name' "$(cat out)" says '.at == "/srv/index" and .erase == "rm -f x" and .since'
text deploy ls
reads 'and in a table' 'd1 .*facenet-osk@1 .*Door Ltd'
run deploy show d7
check 'what is not there is not shown' "exit $code" [ "$code" -eq 1 ]

must 0 trace d1
check 'the lineage of a deployment goes up alone' "$(cat out)" says \
	'[.nodes[] | select(.asked).id] == ["deployment:d1"] and ([.nodes[].kind] | index("output") | not)'
text trace d1
reads 'what was asked is marked' 'd1 in Door "Cam" of Door Ltd \*  in use'
not_there 'and siblings are not drawn' 'mobile-osk\|index-osk'
text trace d1 --format dot
reads 'a label is escaped for Graphviz' 'label="deployment\\nd1 in Door \\"Cam\\" of Door Ltd\\nin use", penwidth=3\];'

must 0 ls 'signal:DataMining'
check 'no record has a signal yet' "$(cat out)" [ ! -s out ]

must 0 dataset create one-osk --use $use --where subject:ottermole-ines
"$RESCIND" --repo "$work/repo" train single --dataset one-osk --target subject >text 2>told
reads 'a checkpoint of one label says so' 'one label only' told
text evaluate single --dataset one-osk
reads 'and that what it knows flatters it' '^2 of these 2 it was trained on'
not_there 'the rows of labels are for machines' 'hit'
text evaluate single --dataset one-osk --exact-loo
reads 'where each was left out' '^loo  *2$'
not_there 'nothing flatters' 'it was trained on: '
must 0 evaluate single --dataset one-osk
check 'machines get them' "$(cat out)" says \
	'.per_label == [{"label":"ottermole-ines","n":2,"hit":2}] and .trained_on == 2 and .interval[1] == 1'

printf 'subject,note\nguest-1,a\n"guest, 2",b\nguest-1,c\n' >guests.csv
printf 'subject\nguest-3\n"bad\001name"\n' >bad.csv
printf 'person\nguest-4\n' >nocolumn.csv
printf 'subject\n' >nobody.csv
{ echo subject; seq 100001; } >toomany.csv
facts=$(status_of .facts)
for csv in bad nocolumn nobody missing toomany; do
	run grant add --subjects $csv.csv --use $use --basis consent --evidence papers/letter-wyrm.txt
	check "no grants of $csv.csv" "exit $code: $(cat err)" [ "$code" -ne 0 ]
done
run grant add --subjects guests.csv --subject x --use $use --basis consent --evidence papers/letter-wyrm.txt
check 'one way to name people at a time' "exit $code" [ "$code" -eq 2 ]
check 'nothing was granted by halves' "$(status_of .facts)" [ "$(status_of .facts)" = "$facts" ]
must 0 grant add --subjects guests.csv --use $use --basis consent --evidence papers/letter-wyrm.txt
check 'many grants are one change' "$(cat out)" says '.grants == ["g6", "g7"]'
must 0 grant show g7
check 'each is a grant of its own' "$(cat out)" says '.subject == "guest, 2" and .basis == "consent"'

run explain 0 --use train:Marketing
check 'a decision is explained as the gate answers' "$(cat out)" says \
	'(.reasons | all(type == "string")) and .counts[.reasons[0]] == 1 and .details[0].sentence'

must 0 order open record:0-1 --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz collection'
text order plan o1
reads 'folders of a plan have the numbers that its steps name' "^   1  $work/in/volunteers\$"
reads 'as in this step' 'files in folder 1'
finish
