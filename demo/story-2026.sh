# Read by demo/story.sh: the correction, what it reaches, and the order.

run 0 'rescind transfer correct t1 --notified no --under papers/letter.txt'
tell 2026 'A document surfaces: ' "the partner's users were never told.   transfer correct t1 --notified no"
run 3 "$ask"
tell '' ask "$asked${model:+@1}?   $(answer_of)"

# --- what it reaches, and the plan ---
run 0 'rescind impact source:partner'
tell '' reach "$(figure '"\(.records | s("photo"))" + ([
	(.datasets | length | select(. > 0) | s("dataset")),
	(.models | length | select(. > 0) | s("model")),
	(.deployments | select(length > 0) | "\(length | s("product")), \(map(.days) | max | age) in use"),
	(.outputs | select(length > 0) | "\(length) index")] | map(" · " + .) | add) + "   \(.milliseconds) ms"')"
run 0 "rescind order open source:partner --authority 'the commissioner' --reason 'nobody was told' --document papers/demand.txt"
run 0 'rescind order plan o1'
steps=$(figure '.steps | length') plan=$(figure .plan)
cannot=$(figure '.not_reached | map(beyond) | join(", ")')
# The part of the order in which the process is to be killed: the weights' where there are some.
part=$(figure '[.steps[].do] as $do | [range(0; $do | length) as $i | select($i == 0 or $do[$i] != $do[$i - 1]) | $do[$i]]
	| 1 + (index("unlearn") // index("delete"))')
tell '' plan "$(echo "$plan" | cut -c1-6): $steps steps${cannot:+; cannot reach: $cannot}"
run 0 'PLAN=$(rescind --json order status o1 | jq -r .plan)'
run 1 'rescind order approve o1 "$PLAN" # who opened it may not'
run 0 'rescind order approve o1 "$PLAN" --as dpo'
tell '' approve "by a second role; execute $(echo "$plan" | cut -c1-6), nothing else"

# --- executed, with a kill on the way ---
kept=photos/volunteers
[ "$licensed" -eq 0 ] || kept="$kept photos/licensed"
execute="rescind order execute o1${model:+ --prove}"
lost="demo-scan partner texts $kept -- repo keys keys-mirror photos papers"
[ -z "$model" ] || lost="$lost products models \$(ls -d index 2>/dev/null)"
run '1 0' "$lost # exit 1: here they still are"
there=$(figure .found)
run 137 "env RESCIND_FAULT=order_step_effect:$part $execute"
run 0 'rescind order status o1'
at=$(($(figure .steps.done) + 1))
run 0 "$execute"
[ "$(figure .steps.done)" -eq "$steps" ]
records=$(figure '.records | n') forgot=$(figure '.models[0].milliseconds // empty') again=$(figure '.models[0].prove_milliseconds // empty')
tell '' 'kill -9' "in step $at of $steps ... the next command went on at step $at"
run 0 "$lost"
tell '' photos "$records keys destroyed; searched $(figure '"\(.bytes | size) for \(.pieces + .texts | n)"') traces: $(figure .found) found (before: $(echo "$there" | jq -r "$COMMAS n"))"
