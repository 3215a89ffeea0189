# Read by demo/story.sh: that it is gone, that it stays so, and what a stranger can check.

six() { cut -c1-6; }
if [ -n "$model" ]; then
	run 0 "rescind model show $model"
	after=$(figure .weights_sha256) left=$(figure .records) version=$(figure .version)
	tell '' weights "$model@1 $(echo "$before" | six) -> $model@$version $(echo "$after" | six) in $forgot ms (training again $again ms); $child@1 withdrawn"
	run 0 "rescind model export $model models/$model-$version"
	run 0 "rescind deploy $model --to $first --use infer:$purpose"
	run 0 "$ask"
	tell '' ask "$asked@$version?   $(answer_of)"
	if [ "$held_out" -gt "$(split .held_out.partner)" ]; then
		run 0 "rescind evaluate $model --dataset $model-test"
		tell '' knows "$(figure "$KNOWS") $unseen"
	fi

	# --- the same from a repository that never had them ---
	fresh='rescind --repo fresh/repo'
	run 0 'rescind init --repo fresh/repo --keys fresh/keys --origin fresh'
	if [ "$licensed" -gt 0 ]; then
		run 0 "$fresh source add licensed --controller 'Stock House' --kind licensed --people personal --licence LicenseRef-stock --terms papers/licensed.txt --allow $uses --basis contract"
		run 0 "$fresh grant add --source licensed --use $uses --basis contract --evidence papers/licensed.txt"
		run 0 "$fresh transfer add licensed --from 'Stock House' --to 'Keyhole Works' --date 2013-06-01 --under papers/licensed.txt --use $uses --notified yes"
		run 0 "$fresh ingest licensed fresh/licensed --use train:$purpose --attrs fresh/licensed.attrs.csv --transfer t1"
	fi
	run 0 "$fresh source add volunteers --controller 'Keyhole Works' --kind upload --people personal --licence LicenseRef-volunteers --terms papers/volunteers.txt --allow $uses --basis consent"
	grants "$fresh"
	run '0 5' "$fresh ingest volunteers fresh/volunteers --use train:$purpose --attrs fresh/volunteers.attrs.csv --subjects fresh/volunteers.subjects.csv"
	[ "$held_out" -eq 0 ] || where=" --where 'not attr:split=test'"
	run 0 "$fresh dataset create $model-data --use train:$purpose${where:-}"
	run 0 "$fresh train $model --dataset $model-data --target $key"
	[ "$(figure .records)" -eq "$left" ]
	anew=$(figure .weights_sha256)
	run 0 "$fresh model export $model fresh/$model"
	run 0 "cmp models/$model-$version/weights.safetensors fresh/$model/weights.safetensors"
	tell '' proof "a fresh repository that never had them: $(echo "$anew" | six), 0 bits differ"

	if [ -n "$known" ]; then
		run 0 "rescind model show $model"
		[ "$(jq --arg l "$label" '.label_names | index($l) == null' "$answer")" = true ]
		run 0 "rescind predict $model $known"
		[ "$(figure .label)" != "$label" ]
		[ "$kind" = people ] && of="'s user $label" || of="'s"
		tell '' 'still?' "a photo of the partner$of: before \"$label\", after: no such label"
	fi
fi

# --- it stays away ---
run 3 "rescind ingest partner partner --use train:$purpose --transfer t1"
tell '' 'back?' "the same $(figure '.refused | n') photos again: refused $(figure '.reasons["never-again"] | n'), never again (order o1)"

# --- one person ---
who=$(split .withdraws)
run 0 "rescind grant withdraw --subject $(word "$who")"
records=$(figure '.records | s("photo")')
run 0 'rescind order plan o2'
run 0 'PLAN=$(rescind --json order status o2 | jq -r .plan)'
run 0 'rescind order approve o2 "$PLAN" --as dpo'
run 0 'rescind order execute o2'
text=
if [ -n "$model" ]; then
	text=$(figure '.models | map(": \(.to) in \(.milliseconds) ms") | add // ""')
fi
tell '' person "one volunteer withdraws $records$text"

# --- what a stranger can check ---
run 0 'rescind certificate o1 -o o1.certificate --html o1.html'
run 0 'rescind certificate o2 -o o2.certificate --html o2.html'
tell '' issued "$shown/o1.certificate ($(wc -c <o1.certificate | jq -r "$COMMAS size")) and $shown/o1.html"
run 0 'KEY=$(rescind --json status | jq -r .vkey) DEMAND=$(rescind --json order status o1 | jq -r .demand)'
run 0 'mkdir empty && cp o1.certificate empty'
verify='(cd empty && unset RESCIND_REPO && rescind verify %s --key "$KEY" --order "$DEMAND")'
run 0 "$(printf "$verify" o1.certificate)"
named=$(figure '[.not_covered[] | select(test("recall it|: tell them$")) | beyond] | map("; not covered: " + .)[:1] | add // ""')
tell '' verify "empty folder, no repository, pinned key: $(figure '"\(.checks | map(select(.ok)) | length) of \(.checks | length)"') hold$named"
run 0 'python3 "$demo/forge.py" byte o1.certificate >empty/byte'
run 0 'python3 "$demo/forge.py" proof o1.certificate o2.certificate | demo-sign keys/log.key >empty/proof'
run 0 'python3 "$demo/forge.py" kept o1.certificate | demo-sign keys/log.key >empty/kept'
# usage: refused_by LIE: the checks that do not hold
refused_by() {
	run 4 "$(printf "$verify" "$1")"
	figure '[.checks[] | select(.ok | not).name] | join(", ")'
}
byte=$(refused_by byte) || exit 1
proof=$(refused_by proof) || exit 1
kept=$(refused_by kept) || exit 1
tell '' forge "one byte changed: REFUSED ($byte)"
tell '' '' "another order's proof inside, signed by the operator: REFUSED ($proof)"
tell '' '' "a record kept, signed by the operator: REFUSED ($kept)"
