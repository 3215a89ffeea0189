#!/bin/sh
# Killed at every named point of every command that writes, and at random moments: the next command
# goes on without help, and what was said to be done is done.
. "$(dirname "$0")/lib.sh"

wrong() { echo "$case: $1: $(head -c 200 err | tr '\n' ' ')" >>problems; }
# After a kill: what must hold whatever was going on.
look_after() {
	run status
	[ "$code" -eq 0 ] || { wrong "status: exit $code"; return; }
	heads_seen
	committed=$(grep -c 'batch [0-9]* committed' killed.err)
	[ "$(answer .batches)" -ge $((2 + committed)) ] || wrong "a committed batch is not there"
	run ls "$gone"
	[ "$(jq -c 'select(.status == "erased" and (has("sha256") | not))' out | wc -l)" -eq 8 ] ||
		wrong 'erased records are back'
	run status
	[ ! -s err ] || wrong 'the second command repairs again'
}
# usage: again CODE WORDS..: the command once more, or what it says when it was done before
again() {
	wanted=$1
	shift
	run "$@"
	heads_seen
	[ "$code" -eq "$wanted" ] || wrong "again: exit $code"
}

# --- the commands; each knows how to go on, and what there must be then ---
do_ingest() { echo ingest drawn-osk more --use $use; }
after_ingest() {
	again 0 ingest drawn-osk more --use $use
	run ls 'path:extra-*'
	[ "$(wc -l <out)" -eq 3 ] || wrong "$(wc -l <out) records of 3"
}
do_batches() { echo ingest drawn-osk many --use $use; }
after_batches() {
	again 0 ingest drawn-osk many --use $use
	run ls 'path:tiny-*'
	[ "$(wc -l <out)" -eq 4100 ] || wrong "$(wc -l <out) records of 4100"
}
do_dataset() { echo dataset create second --use $use; }
after_dataset() {
	run dataset ls
	jq -e 'select(.dataset == "second")' out >/dev/null || again 0 dataset create second --use $use
	run dataset ls
	[ "$(jq -c 'select(.dataset == "second" and .records == 6)' out | wc -l)" -eq 1 ] || wrong 'not one dataset'
}
do_model() { echo model add spare models/spare --dataset faces-osk --kind distil; }
after_model() {
	run model ls
	jq -e 'select(.model == "spare")' out >/dev/null ||
		again 3 model add spare models/spare --dataset faces-osk --kind distil
	run model ls
	[ "$(jq -c 'select(.model == "spare" and .state == "withdrawn")' out | wc -l)" -eq 1 ] || wrong 'not one model'
}
do_execute() { echo order execute "$order"; }
after_execute() {
	run order status "$order"
	[ "$(answer .state)" = certified ] || again 0 order execute "$order"
	run order status "$order"
	jq -e '.state == "certified" and .steps.failed == 0 and .steps.left == 0' out >/dev/null || wrong "not certified"
	[ "$(erased_now)" = "0 1 8 9 10 11 12 13 14 15 " ] || wrong "erased are $(erased_now)"
	[ -z "$(find in/volunteers -name "*$first*")" ] || wrong 'files are still in place'
	[ ! -e models/facenet ] || wrong 'weights are still there'
	run model show exactnet
	[ "$(answer '"\(.version) \(.weights_sha256)"')" = "$unlearned" ] || wrong "it unlearned to $(answer .weights_sha256)"
	run certificate "$order" -o killed.certificate
	code=0
	"$RESCIND" --json verify killed.certificate --key "$vkey" --order "$demand" >out 2>err || code=$?
	[ "$code" -eq 0 ] || wrong "its certificate: exit $code: $(jq -c '[.checks[] | select(.ok | not)]' out)"
}
do_compact() { echo compact; }
after_compact() { again 0 compact; }

# usage: kill_at WHAT FAULT N; 1 where the point is not passed so often
kill_at() {
	case="$1 at $2:$3"
	restore before
	: >heads
	heads_seen
	code=0
	RESCIND_FAULT=$2:$3 "$RESCIND" --repo "$work/repo" --json $("do_$1") >out 2>killed.err || code=$?
	heads_seen
	[ "$code" -eq 137 ] || return 1
	look_after
	finish_case "$1"
}
finish_case() {
	"after_$1"
	run fsck --deep
	[ "$code" -eq 0 ] || wrong "fsck --deep: exit $code: $(jq -c .problems out)"
	heads_seen
	heads_agree || wrong "a size has two roots: $(sort -u heads | tr '\n' ';')"
	return 0
}
# usage: kill_everywhere WHAT NS FAULT..
kill_everywhere() {
	what=$1 numbers=$2 kills=0
	shift 2
	: >problems
	for fault; do
		for n in $numbers; do
			if kill_at "$what" "$fault" "$n" 2>>noise; then
				kills=$((kills + 1))
				echo "$fault" >>reached
			else
				break
			fi
		done
	done
	[ "$kills" -gt 0 ] || echo "no point is passed" >problems
	check "killed_in_$what" "$(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
}

story_begin
story_ingest
head -c 20000 /dev/urandom >models/facenet
must 0 dataset create faces-osk --use $use
must 0 model add facenet models/facenet --dataset faces-osk
take_back source:partner-osk # erased before everything: it stays so
gone=record:8-15
head -c 20000 /dev/urandom >models/facenet
must 0 dataset create faces-osk --use $use
must 0 model add facenet models/facenet --dataset faces-osk
must 0 train exactnet --dataset faces-osk --target subject
first=vexwood-karolina
order_approved "subject:$first"
vkey=$(status_of .vkey)
head -c 20000 /dev/urandom >models/spare
jpegs more 3 extra-3 extra-
mkdir many
python3 -c 'for i in range(4100): open("many/tiny-%d.txt" % i, "w").write("tiny %d\n" % i)'
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
snapshot before
must 0 order execute "$order"
unlearned="2 $(answer '.models[0].weights_after')"
must 0 model show exactnet
[ "$(answer '"\(.version) \(.weights_sha256)"')" = "$unlearned" ] || die "exactnet is not what was told: $unlearned"

: >reached
faults=$("$RESCIND" help faults | grep -v '^successor_') # these: successor.sh
kill_everywhere ingest '1 2' $faults
kill_everywhere batches '1 2' head_published catalog_before_commit
kill_everywhere dataset '1 2' $faults
kill_everywhere model '1 2' $faults
kill_everywhere execute '1 2 3' $faults
kill_everywhere compact '1 2' $faults
missed=$(for f in $faults; do grep -q -x "$f" reached || echo "$f"; done | tr '\n' ' ')
check every_point_is_passed "never: $missed" [ -z "$missed" ]

# --- at random moments ---
seed=${SEED:-$(date +%s)}
: >problems
kills=0
for turn in 1 2 3 4 5 6; do
	for what in ingest execute compact; do
		seconds=$(awk -v s="$seed$turn" -v w="$what" 'BEGIN { srand((s + length(w)) % 2147483647); rand(); printf "%.4f", 0.001 + rand() * 0.04 }')
		case="$what after $seconds s"
		restore before
		: >heads
		heads_seen
		code=0
		timeout -s KILL "$seconds" "$RESCIND" --repo "$work/repo" --json $("do_$what") >out 2>killed.err || code=$?
		[ "$code" -eq 137 ] && kills=$((kills + 1))
		look_after
		finish_case "$what"
	done
done 2>>noise
echo "killed.sh: SEED=$seed, $kills of 18 were killed" >&2
check killed_at_random_moments "seed $seed: $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
finish
