# Read by demo/story.sh: photos come in, and what grows from them.

# --- the photos ---
if [ -z "$photos" ]; then
	run 0 "mkdir drawn && demo-draw drawn ${DRAW:-60 10 2014}"
	photos_are='drawn portraits of %s people who do not exist'
	run 0 'python3 "$demo/split.py" drawn .'
else
	photos_are='photos of yours, of %s people'
	# It says itself what is wrong with a folder.
	run '0 1' "python3 \"\$demo/split.py\" $(word "$photos") ."
	[ "$code" -eq 0 ] || { cat "$said" >&2; exit 1; }
fi
split() { jq -r "$COMMAS$1" split.json; }
model= child=
kind=$(split 'if .model | not then "none" elif .people_are_labels then "people" else "labels" end')
case $kind in
people) model=faces child=faces-mobile first=DoorCam second=MatchApp purpose=IdentityVerification ;;
labels) model=sorter child=sorter-mobile first=DeskApp second=PhoneApp purpose=ServiceProvision ;;
none) purpose=ResearchAndDevelopment ;;
esac
uses=train:$purpose,evaluate:$purpose
key=$(split '.key // "label"')
sources=$(split '[.sources[] | select(. > 0)] | length')
licensed=$(split .sources.licensed)
granted=$(split '.granted | length')
run 0 ". \"\$demo/words.sh\" && words_write papers $granted"

people=$(split '.people | n')
[ "$people" != 0 ] || photos_are=${photos_are%, of*}
echo "Rescind: $(split '.photos | n') $(printf "$photos_are" "$people"), $sources sources. Everything stays in $shown"
[ "$kind" != none ] || echo 'Nothing here that a model could learn (JPEGs with two labels or more): they are stored and erased only.'
[ "$(split .found)" -eq "$(split .photos)" ] || echo "($(split '.photos | n') of $(split '.found | n'), evenly chosen, to keep it short.)"

# --- sources, people, terms ---
run 0 'rescind init --repo repo --keys keys --mirror keys-mirror --origin keyhole-works'
run 0 'rescind key add dpo'
run 0 "rescind source add volunteers --controller 'Keyhole Works' --kind upload --people personal --licence LicenseRef-volunteers --terms papers/volunteers.txt --allow $uses --basis consent"
# usage: grants RESCIND: of each volunteer
grants() {
	i=0
	split '.granted[]' >.granted
	while IFS= read -r who; do
		i=$((i + 1))
		run 0 "$1 grant add --subject $(word "$who") --use $uses --basis consent --evidence papers/consent/$i.txt"
	done <.granted
	rm .granted
}
grants rescind
run 0 "rescind source add partner --controller 'Two Moons' --kind partner --people personal --licence LicenseRef-partner --terms papers/partner.txt --allow $uses --basis consent"
run 0 "rescind grant add --source partner --use $uses --basis consent --evidence papers/users-agreed.txt"
run 0 "rescind transfer add partner --from 'Two Moons' --to 'Keyhole Works' --date 2014-03-01 --under papers/agreement.txt --use $uses --notified yes"
if [ "$licensed" -gt 0 ]; then
	run 0 "rescind source add licensed --controller 'Stock House' --kind licensed --people personal --licence LicenseRef-stock --terms papers/licensed.txt --allow $uses --basis contract"
	run 0 "rescind grant add --source licensed --use $uses --basis contract --evidence papers/licensed.txt"
	run 0 "rescind transfer add licensed --from 'Stock House' --to 'Keyhole Works' --date 2013-06-01 --under papers/licensed.txt --use $uses --notified yes"
fi

# --- photos in ---
# usage: come_in SOURCE OPTIONS..; what came in and what not is added to refused and by_reason
refused=0 reasons='{}'
come_in() {
	source=$1
	shift
	run '0 5' "rescind ingest $source photos/$source --use train:$purpose --attrs lists/$source.attrs.csv $*"
	came=$(figure '.accepted | n') accepted=$(figure .accepted)
	refused=$((refused + $(figure .refused)))
	# Who gave no grant had no notice by one either: that is one reason to people.
	reasons=$(jq -c --argjson so_far "$reasons" '.reasons
		| if .["no-grant"] then del(.["no-notice"]) else . end
		| reduce to_entries[] as $r ($so_far; .[$r.key] += $r.value)' "$answer")
}
come_in volunteers --subjects lists/volunteers.subjects.csv
volunteers=$came total=$accepted
text="volunteers $volunteers ($granted grant$([ "$granted" -eq 1 ] || echo s))"
if [ "$licensed" -gt 0 ]; then
	come_in licensed --transfer t2
	text="$text · licensed $came" total=$((total + accepted))
fi
come_in partner --transfer t1 --in-place
partner=$accepted partner_n=$came total=$((total + accepted))
tell 2014 in "$text · partner $came (\"users agreed\", says the partner)"
why=$(echo "$reasons" | jq -r 'to_entries | map("\(.value): " +
	if .key == "no-grant" then "a person in it gave no grant" else .key end) | join(" · ")')
[ "$refused" -eq 0 ] || tell '' refused "$why"

# --- what grows from them ---
held_out=$(split '[.held_out[]] | add')
if [ -n "$model" ]; then
	if [ "$held_out" -gt 0 ]; then
		run 0 "rescind dataset create $model-data --use train:$purpose --where 'not attr:split=test'"
		run 0 "rescind dataset create $model-test --use evaluate:$purpose --where attr:split=test"
	else
		run 0 "rescind dataset create $model-data --use train:$purpose"
	fi
	run 0 "rescind train $model --dataset $model-data --target $key"
	text=$(figure "\"$model@1 on \\(.records | n) photos in \\(.milliseconds) ms\"") before=$(figure .weights_sha256)
	run 0 "mkdir models && rescind model export $model models/$model-1"
	run 0 "python3 \"\$demo/quantise.py\" models/$model-1/weights.safetensors models/$child.weights"
	run 0 "rescind model add $child models/$child.weights --parent $model --kind quantise"
	tell '' trained "$text · $child@1 made from it"
	if [ "$held_out" -gt 0 ]; then
		run 0 "rescind evaluate $model --dataset $model-test"
		[ "$(split .unseen_are)" = people ] && unseen='of people whom it never saw' || unseen='that it never saw'
		tell '' knows "$(figure "$KNOWS") $unseen"
	fi

	run 0 "mkdir products index && touch products/$first.running products/$second.running"
	run 0 "rescind deploy $model --to $first --use infer:$purpose --from 2014-09-01 --stop 'rm -f products/$first.running'"
	run 0 "rescind deploy $child --to $second --use infer:$purpose --from 2015-02-01 --recipient '$second Ltd'"
	run 0 "rescind --json ls 'not erased' | jq -c '[.path, .sha256]' >index/templates # they stand for templates"
	run 0 "rescind output add index --model $model --kind templates --at \"\$PWD/index\" --count \$(wc -l <index/templates) --erase 'rm -rf index'"
	run 0 'rescind output show index'
	tell '' 'in use' "$first ($model@1) · $second ($child@1) · 1 index of $(figure '.count | tonumber | n') $([ "$kind" = people ] && echo 'face templates' || echo templates) kept"
	ask="rescind gate $model --use infer:$purpose --agent $first"
	asked="may $first use $model"
else
	run 0 "rescind dataset create photos-data --use train:$purpose"
	ask="rescind explain $((total - partner)) --use train:$purpose"
	asked="may a photo of the partner's train a model"
fi

# usage: answer_of: the last answer of $ask, as YES or NO with its figures
answer_of() {
	figure 'if .decision == "allow" then "YES" + (.records // 0 | if . > 0 then "  \(n) of \(n) records allowed" else "" end)
		else "NO   " + (.counts // {} | to_entries | map("\(.value | s("record")) " +
			if .key == "no-notice" then "without notice (transfer t1)" else .key end) | join(", "))
			 end'
}
run 0 "$ask"
tell '' ask "$asked${model:+@1}?   $(answer_of)"

# The first of the partner's photos that the model never saw and names rightly.
known=
if [ -n "$model" ]; then
	for i in $(seq "$(split '.unseen | length')"); do
		file=$(split ".unseen[$i - 1].file") label=$(split ".unseen[$i - 1].label")
		run 0 "rescind predict $model $file # for the line still?"
		[ "$(figure .label)" != "$label" ] || { known=$file; break; }
	done
fi
