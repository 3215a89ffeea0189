#!/bin/sh
# An order takes records out of exact models: the weights afterwards are, bit for bit, those of a
# repository that never had them. Old ones open nowhere; killed anywhere, the next command goes on.
# usage: tests/unlearn.sh [DRAW]   (the drawing program; else beside $RESCIND)
draw=${1:+$(realpath "$1")}
. "$(dirname "$0")/lib.sh"
draw=${draw:-$(dirname "$RESCIND")/tests/demo-draw}
[ -x "$draw" ] || die "no drawing program at $draw"

# --- the world: 6 people with 4 photos each, in two batches ---
# usage: photos GLOB..: their names
photos() {
	(cd all && ls $*)
}
rows_of() { # PHOTO PATH: the person, and a number that differs from photo to photo
	echo "$2,who,${1%%-*}"
	number=${1%.jpg}
	echo "$2,shots,$((${number#*-0} * 7 - 20))"
}
csv_of() { # NAME.. of photos in a folder
	echo path,key,value
	for name; do rows_of "$name" "$name"; done
}
ingest() { # FOLDER
	must 0 ingest drawn "$1" --use $use --attrs "$1.csv" --in-place
}
begin() {
	mkdir drawn && "$draw" drawn 6 4 11 >/dev/null || die 'nothing was drawn'
	mkdir all in in/a in/b papers models
	for file in drawn/P???-??.jpg; do
		name=$(basename "$file" .jpg)
		cp "$file" "all/p${name#P}.jpg"
	done
	paper papers/terms.txt terms
	paper papers/demand-wyrm.txt 'take it back'
	(cd all && cp p00[1-4]-* ../in/a && cp p00[56]-* ../in/b)
	for part in a b; do (cd in/$part && csv_of *) >in/$part.csv; done
	new_repo
	ingest in/a
	ingest in/b
	must 0 dataset create faces --use $use
	must 0 train faces --dataset faces --target who
	old=$(answer .weights_sha256)
	must 0 train shots --dataset faces --target shots --numbers --features pixels --lambda 4096
}
new_repo() {
	must 0 init --origin un.example --keys "$work/keys" --mirror "$work/mirror"
	must 0 key add sentinelrole
	must 0 source add drawn --controller 'Freeface Gliwice' --kind synthetic --people none \
		--licence CC0-1.0 --terms papers/terms.txt --allow $use
}
# usage: fresh NAME..: the weights that a repository trains which had these photos alone, under
# other names, in another order, in batches of five
fresh() {
	[ $# -gt 0 ] || die 'no photos are left'
	rm -rf other other-keys again
	mkdir again
	n=0
	for name in $(printf '%s\n' "$@" | sort -r); do
		part=again/$((n / 5))
		[ -d $part ] || { mkdir $part && echo path,key,value >$part.csv; }
		cp "all/$name" "$part/f$n.jpg"
		rows_of "$name" "f$n.jpg" >>$part.csv
		n=$((n + 1))
	done
	alone init --origin other.example --keys "$work/other-keys"
	alone source add drawn --controller X --kind synthetic --people none --licence CC0-1.0 \
		--terms papers/terms.txt --allow $use
	for part in again/*.csv; do
		alone ingest drawn "${part%.csv}" --use $use --attrs "$part"
	done
	alone dataset create faces --use $use
	alone train shots --dataset faces --target shots --numbers --features pixels --lambda 4096
	jq -r .weights_sha256 other.out >shots.weights
	alone train faces --dataset faces --target who
	jq -r .weights_sha256 other.out
}
alone() {
	"$RESCIND" --repo "$work/other" --json "$@" >other.out 2>other.err ||
		die "in another repository: $* $(head -c 300 other.err)"
}
weights() { run model show "$1" && answer '.weights_sha256 // .digest // "none"'; }
# usage: executed NAME WORDS..: the order goes to its end, and its certificate holds
executed() {
	what=$1
	shift
	run order execute "$@"
	check "$what" "exit $code: $(head -c 300 err)" [ "$code-$(answer .state)" = 0-certified ]
	cp out executed
	certified "$what" "$1" "$(answer .demand)"
}
certified() { # NAME ORDER DEMAND
	must 0 certificate "$2" -o file.certificate
	code=0
	"$RESCIND" --json verify file.certificate --key "$vkey" --order "$3" >out 2>err || code=$?
	check "$1: its certificate holds" "exit $code: $(jq -c '[.checks[] | select(.ok | not)]' out)" \
		[ "$code" -eq 0 ]
}
made() { jq -e "$1" executed >/dev/null; } # FILTER, true of what was executed
like_fresh() { # NAME MODEL GLOB..: the model's weights are those of these photos alone
	what=$1 model=$2
	shift 2
	is=$(weights "$model") wanted=$(fresh $(photos "$@"))
	check "$what" "$is instead of $wanted" [ "$is" = "$wanted" ]
	check "$what: numbers too" "other weights" [ "$(weights shots)" = "$(cat shots.weights)" ]
}

begin
vkey=$(status_of .vkey)
is=$(fresh $(photos '*'))
check training_does_not_see_order_names_or_batches "$old and $is" [ "$old" = "$is" ]
must 0 gate faces --use infer:IdentityVerification
head -c 9000 /dev/urandom >models/child
must 0 model add child models/child --parent faces --kind finetune
must 0 model export faces "$work/exported"
snapshot begun

# --- some photos of two people ---
order_approved 'path:p001-0[12]* or path:p005-01*'
must 0 order plan "$order"
check the_plan_says_in_which_order "$(jq -c '[.steps[].do]' out)" \
	says '[.steps[].do] == ["withdraw","subset","unlearn","unlearn","delete","delete","delete","destroy","search"]'
check the_plan_prices_it "$(jq -c .steps out)" \
	says '[.steps[] | select(.do == "unlearn") | .target, .cost.items, .cost.of] == ["faces@1",3,24,"shots@1",3,24]'
executed some_photos_leave "$order"
check the_answer_tells_old_and_new "$(jq -c .models executed)" made \
	".models[0] | .from == \"faces@1\" and .to == \"faces@2\" and .weights_before == \"$old\" and
	 .weights_after != .weights_before and .subtracted == 3 and .records == 21 and .milliseconds >= 0 and
	 (has(\"labels_gone\") | not)"
like_fresh weights_are_as_if_they_had_never_been_there faces 'p001-0[34]*' 'p00[2346]*' 'p005-0[234]*'
check the_answer_told_these_weights "$is" made ".models[0].weights_after == \"$is\""
run model show faces@1
check old_weights_have_no_digest "$(head -c 300 out)" \
	says '.state == "erased" and ([.. | strings | select(test("^[0-9a-f]{64}$"))] == [])'
run model export faces@1 "$work/never"
check old_weights_are_not_exported "exit $code" [ "$code" -ne 0 ]
check and_it_says_why "$(cat out)" says ".decision == \"deny\" and (.reasons | index(\"erased\"))"
check exported_files_are_gone "$(ls exported)" [ -z "$(find exported -name '*.safetensors')" ]
run gate faces@1 --use infer:IdentityVerification
check the_old_one_may_not_be_used "exit $code" [ "$code" -eq 3 ]
run gate faces --use infer:IdentityVerification
check the_next_one_may "exit $code: $(cat out)" [ "$code" -eq 0 ]
run predict faces@1 all/p002-01.jpg
check the_old_one_does_not_predict "exit $code" [ "$code" -eq 3 ]
run predict faces all/p002-01.jpg
check the_next_one_does "$(head -c 300 out)" [ "$code-$(answer .label)" = 0-p002 ]
run model show child
check a_declared_child_is_erased "$(head -c 300 out)" [ "$(answer .state)" = erased ]
check its_file_is_gone "$(ls models)" [ ! -e models/child ]
run dataset show faces
check it_rests_on_the_next_dataset "$(head -c 300 out)" [ "$(answer '"\(.version) \(.records)"')" = '2 21' ]
must 0 order execute "$order"
check what_is_certified_is_told_again "$(jq -c .models out)" \
	says ".models[0].to == \"faces@2\" and .models[0].weights_after == \"$is\" and (.models[0] | has(\"weights_before\") | not)"
must 0 fsck --deep

# --- what was put back opens nothing ---
mv repo kept && cp -a snap-begun/repo repo
run model show faces@1
check an_older_repository_says_erased "$(head -c 300 out)" \
	says '.state == "erased" and ([.. | strings | select(test("^[0-9a-f]{64}$"))] == [])'
run model export faces@1 "$work/never"
check and_exports_nothing "exit $code" [ "$code" -ne 0 -a ! -e never/weights.safetensors ]
rm -rf repo && mv kept repo
must 0 compact
must 0 fsck --deep
snapshot some

# --- a person leaves wholly, and it is trained again ---
order_approved 'attr:who=p003'
executed a_person_leaves "$order" --prove
check a_label_is_gone "$(jq -c .models executed)" made '.models[0] | .labels_gone == 1 and .reproduced == true'
like_fresh without_the_label_it_is_the_same faces 'p001-0[34]*' 'p00[246]*' 'p005-0[234]*'
run model show faces
check it_is_reproduced "$(head -c 500 out)" says '.reproduced | length == 1'
run predict faces all/p003-01.jpg
check nobody_is_called_that_any_more "$(cat out)" [ "$(answer .label)" != p003 ]

# --- two orders one after the other: the second needs another plan ---
order_approved 'path:p002-01*'
first=$order
order_approved 'path:p004-0[12]*'
executed the_first_of_two "$first"
run order execute "$order"
check the_plan_of_the_second_does_not_hold "exit $code: $(cat err)" [ "$code" -eq 1 ]
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
executed the_second_of_two "$order"
like_fresh two_orders_are_as_one faces 'p001-0[34]*' 'p002-0[234]*' 'p004-0[34]*' 'p006*' 'p005-0[234]*'
check versions_rise "$(jq -c .models executed)" made '.models[0] | .from == "faces@4" and .to == "faces@5"'

# --- two orders together ---
restore some
order_approved 'attr:who=p003'
first=$order first_demand=$demand
order_approved 'path:p002-01* or path:p003-02*'
snapshot both
executed two_together "$first" --batch
check both_are_named "$(jq -c .batch executed)" made ".batch == [\"$first\",\"$order\"]"
check only_one_version_is_made "$(jq -c .models executed)" made '.models[0] | .from == "faces@2" and .to == "faces@3"'
must 0 order status "$order"
check the_other_is_certified_too "$(cat out)" says '.state == "certified" and .models[0].to == "faces@3"'
certified the_other "$order" "$demand"
like_fresh together_they_are_as_one faces 'p001-0[34]*' 'p002-0[234]*' 'p00[46]*' 'p005-0[234]*'
together=$is
run model ls
check one_version_is_live "$(jq -c '[.model,.version,.state]' out)" \
	[ "$(jq -r 'select(.state == "live") | "\(.model)@\(.version)"' out | tr '\n' ' ')" = 'faces@3 shots@3 ' ]
must 0 fsck --deep

# --- together they would leave nothing: then one does not go along ---
restore some
order_approved 'attr:who=p003 or attr:who=p002 or attr:who=p001'
first=$order
order_approved 'attr:who=p004 or attr:who=p005 or attr:who=p006'
executed one_goes_alone "$first" --batch
check it_says_who_stays "$(cat err)" made ".batch == [\"$first\"]"
order_approved 'source:drawn'
must 0 order plan "$order"
check what_leaves_nothing_is_withdrawn "$(jq -c .steps out)" \
	says '[.steps[] | select(.fact) | .do] == ["withdraw","withdraw","subset"]'
executed all_leave "$order"
run model show faces
check nothing_is_live "$(head -c 300 out)" [ "$(answer .state)" = erased ]

# --- held ---
restore some
order_approved 'attr:who=p003'
must 0 hold 'path:p003-01*' --reason 'court zeta' --until 2099-01-01
run order execute "$order"
check held_is_not_executed "exit $code: $(cat out)" [ "$code-$(answer .state)" = 3-held ]
run order execute "$order" --batch
check nor_in_a_batch "exit $code" [ "$code" -eq 3 ]
must 0 hold release h1
executed released_it_is "$order"

# --- an order that was begun, and another that came in between ---
restore some
must 0 deploy faces --to door --use infer:IdentityVerification --stop true
order_approved 'attr:who=p003'
first=$order first_demand=$demand
code=0
RESCIND_FAULT=order_step_noted:1 "$RESCIND" --repo "$work/repo" --json order execute "$first" >out 2>err || code=$?
check it_was_begun "exit $code" [ "$code" -eq 137 ]
order_approved 'path:p002-01*'
executed another_comes_in_between "$order"
executed the_first_goes_on "$first"
check it_goes_on_from_the_latest "$(jq -c .models executed)" made '.models[0] | .from == "faces@3" and .to == "faces@4"'
run model show faces@3
check what_came_in_between_is_erased "$(head -c 300 out)" [ "$(answer .state)" = erased ]
like_fresh and_it_is_the_same faces 'p001-0[34]*' 'p002-0[234]*' 'p00[46]*' 'p005-0[234]*'
must 0 fsck --deep
run fsck --rebuild
check a_rebuilt_catalog_knows_it "exit $code: $(cat out)" [ "$code" -eq 0 ]
must 0 order status "$first"
check and_what_was_made_of_what "$(jq -c .models out)" says '.models[0].from == "faces@3" and .models[0].to == "faces@4"'
check with_the_same_weights "$is" [ "$(weights faces)" = "$is" ]

# --- killed ---
# usage: killed SNAPSHOT FAULT:N WEIGHTS WORDS..
killed() {
	restore "$1"
	point=$2 wanted_weights=$3
	shift 3
	code=0
	RESCIND_FAULT=$point "$RESCIND" --repo "$work/repo" --json "$@" >out 2>err || code=$?
	[ "$code" -eq 137 ] || { echo "$point: exit $code" >>problems; return; }
	run "$@"
	[ "$code-$(answer .state)" = 0-certified ] || echo "$point: then exit $code: $(head -c 200 err)" >>problems
	[ "$(weights faces)" = "$wanted_weights" ] || echo "$point: other weights" >>problems
	run fsck
	[ "$code" -eq 0 ] || echo "$point: fsck: $(jq -c .problems out)" >>problems
}
restore some
order_approved 'attr:who=p003'
snapshot approved
wanted=$(fresh $(photos 'p001-0[34]*' 'p00[246]*' 'p005-0[234]*'))
: >problems
for point in order_unlearned:1 order_unlearned:2 order_step_intent:2 order_step_effect:3 order_step_noted:1 \
	order_step_noted:2 order_step_noted:3 order_step_effect:5 order_step_noted:5 catalog_before_commit:4 catalog_committed:4; do
	killed approved $point "$wanted" order execute "$order"
done
check killed_anywhere_it_subtracts_once "$(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
: >problems
restore both
first=$(run order ls && jq -r 'select(.state == "approved").order' out | head -n 1)
for point in order_unlearned:2 order_step_noted:2 certificate_written:1 order_step_intent:8; do
	killed both $point "$together" order execute "$first" --batch
	run order ls
	[ -z "$(jq -r 'select(.state != "certified").order' out)" ] || echo "$point: not all are certified" >>problems
done
check a_killed_batch_goes_on "$(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
finish
