#!/bin/sh
# A log really loses its end: another one goes on (docs/rollback.md). It is refused where nothing is lost; what is
# left is the same, byte for byte; no size of a log has two roots; nothing that was erased comes back; orders
# go on; killed anywhere, the next command ends it or nothing was done. RESCIND: the program.
. "$(dirname "$0")/lib.sh"

wrong() { echo "$case: $1: $(head -c 200 err | tr '\n' ' ')" >>problems; }
case=begin
begin() {
	case=$1
	: >problems
}
done_with() { check "$case" "$(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]; }

# Each log by its name: a successor has sizes of its own.
heads_seen() {
	for log in repo/.rescind/log*/facts repo/.rescind/log*/records; do
		[ -f "$log/checkpoint" ] || continue
		{ read -r origin && read -r size && read -r root; } <"$log/checkpoint"
		echo "$origin $size $root" >>heads
	done
}
entries_of() { python3 "$tests/entries.py" "$1/facts" dump; }
facts_in() { sed -n 2p "$1/.rescind/log/facts/checkpoint"; }
origin_now() { sed -n 2p repo/.rescind/format; }

# --- the world ---
story_begin
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
cp repo/.rescind/log/records/checkpoint few.head
story_ingest
story_grow
take_back subject:vexwood-karolina
must 0 certificate "$order" -o old.certificate
must 0 certificate "$order" --archive old.archive -o old.again
old_order=$order old_demand=$demand old_vkey=$(status_of .vkey)
order_approved subject:brzeczyk-tobias
going=$order going_demand=$demand
snapshot before
cp keys/log.key old.key
# What will be lost: an order that was carried out, new records, a role, an order's beginning.
take_back source:partner-osk
must 0 certificate "$order" -o lost.certificate
lost_demand=$demand
jpegs more 3 later-3 later-
must 0 ingest drawn-osk more --use $use
must 0 key add laterrole
cp repo/.rescind/log/facts/checkpoint facts.head
cp repo/.rescind/log/records/checkpoint records.head
"$RESCIND" --repo "$work/repo" log head >both.head # a note of each
left=$(facts_in snap-before/repo) all=$(facts_in repo)
snapshot after
"$RESCIND" --repo "$work/other" init --origin glade.example --keys "$work/other-keys" --solo >/dev/null 2>&1 &&
	for n in 1 2 3 4 5 6; do "$RESCIND" --repo "$work/other" key add "r$n" >/dev/null 2>&1; done ||
	die 'no other repository'

put_back() { # STORE..
	for store; do
		case $store in
		keys | mirror) rm -rf "$store" && cp -a "snap-before/$store" . ;;
		catalog) rm -f repo/.rescind/catalog.db* && cp -a snap-before/repo/.rescind/catalog.db* repo/.rescind ;;
		*) rm -rf "repo/.rescind/$store" && cp -a "snap-before/repo/.rescind/$store" repo/.rescind ;;
		esac
	done
}
lose() { restore after && put_back catalog log; }
succeed() { run log successor --lost facts.head --reason 'the disk, nvkj' --drop; }

# --- refused ---
# usage: refused CODE WORDS OPTIONS..; and nothing has changed
refused() {
	wanted=$1 words=$2
	shift 2
	run status # what opening it repairs is not of this
	find repo keys mirror -type f ! -name lock ! -name '*.db*' -exec sha256sum {} + | sort >was
	run log successor "$@"
	[ "$code" -eq "$wanted" ] || wrong "log successor $*: exit $code, not $wanted"
	grep -q -e "$words" err || wrong "log successor $* does not say $words"
	[ ! -s out ] || wrong "log successor $* answers"
	find repo keys mirror -type f ! -name lock ! -name '*.db*' ! -path '*/keyring/*' ! -path '*/vault/*' -exec sha256sum {} + | sort >is
	grep -v -e /keyring/ -e /vault/ was | cmp -s - is || wrong "log successor $* changed $(diff was is | head -n 3)"
}
because="--reason nvkj"
begin refused_where_nothing_is_lost
restore after
refused 1 'nothing is lost' --lost facts.head $because
refused 1 'nothing is lost' --lost anchor $because
refused 1 'nothing is lost' --lost snap-before/repo/.rescind/log/facts/checkpoint $because
must 0 key add stillgoeson
done_with

begin refused_for_what_is_no_head_of_it
lose
sed "2s/.*/$((all + 5))/" facts.head >typed
printf '%s\n' 60 >numbers
refused 4 'not a head' --lost typed $because
refused 4 'not a head' --lost numbers $because
refused 4 'not a head' --lost other/.rescind/log/facts/checkpoint $because
refused 1 'nothing is lost' --lost old.certificate $because
sed 's/"sig":"..../"sig":"AAAA/' lost.certificate >typed
refused 4 'not a statement' --lost typed $because
printf '{}\n' >typed
refused 4 'not a statement' --lost typed $because
refused 1 'no such\|No such' --lost nowhere $because
refused 2 'last head' --lost records.head $because
refused 2 lost $because
refused 2 reason --lost facts.head
refused 2 reason --lost facts.head --reason ''
refused 1 'nothing is lost' --lost snap-before/repo/.rescind/log/facts/checkpoint $because
refused 1 'of the lost part 3 records, 0 files of checkpoints, 1 certificates' --lost facts.head $because
run key add more
[ "$code" -eq 1 ] && grep -q 'log successor\|older state' err || wrong 'it is written'
done_with

begin refused_where_the_tiles_still_have_it
restore after
put_back catalog
cp snap-before/repo/.rescind/log/facts/checkpoint repo/.rescind/log/facts/checkpoint
cp snap-before/repo/.rescind/log/records/checkpoint repo/.rescind/log/records/checkpoint
refused 1 'the log still has all' --lost facts.head $because
cp facts.head repo/.rescind/log/facts/checkpoint
cp records.head repo/.rescind/log/records/checkpoint
must 0 status
[ "$(answer .facts)" -eq "$all" ] || wrong 'it is not healed by that'
must 0 key add heals
done_with

begin refused_where_the_keys_are_older
restore after
put_back keys mirror
refused 4 'older' --lost facts.head $because
done_with

# --- it goes on ---
# usage: goes_on N LOST; the log is glade.example~N now, and all of this holds
goes_on() {
	run status
	[ "$code" -eq 0 ] || wrong "status: exit $code"
	jq -e --arg o "glade.example~$1" '(.origin | startswith($o + "@")) and .wrong == []' out >/dev/null || wrong "status: $(head -c 300 out)"
	jq -e ".follows | length == $(($1 - 1)) and .[-1].reason == \"the disk, nvkj\"" out >/dev/null || wrong 'status does not tell'
	run status
	[ ! -s err ] || wrong 'the second command repairs again'
	heads_seen
	for deep in '' --deep --rebuild --deep; do
		run fsck $deep
		[ "$code" -eq 0 ] && says '.problems == [] and .repaired == []' ||
			wrong "fsck $deep: exit $code: $(jq -c '[.problems, .repaired]' out | head -c 300)"
	done
	[ "$(ls keys mirror | grep -c '^log.*key$')" -eq 2 ] || wrong "the keys are $(ls keys mirror | grep '^log.*key$')"
	[ "$(find repo keys mirror -name '*successor*' -o -name '*.new' -o -name '*.tmp' | wc -l)" -eq 0 ] ||
		wrong "left over: $(find repo keys mirror -name '*successor*' -o -name '*.new')"
	grep -r -q -F "$(cut -d+ -f5- old.key)" keys mirror && wrong 'the old key is still there'
	heads_agree || wrong "a size has two roots: $(sort -u heads | tr '\n' ';')"
}
# The old log's first entries, and what was erased.
is_grown() {
	entries_of snap-before/repo/.rescind/log >one 2>>noise
	entries_of repo/.rescind/log 2>>noise | head -n "$left" | cmp -s one - || wrong 'its first entries are others'
	run log consistency "$left" "$(facts_in repo)" --log facts
	root=$(sed -n 3p snap-before/repo/.rescind/log/facts/checkpoint | base64 -d | od -An -vtx1 | tr -d ' \n')
	[ "$(answer .old.root)" = "$root" ] || wrong 'it did not grow from the old head'
	diff -r snap-before/repo/.rescind/log "repo/.rescind/log~1" >/dev/null || wrong 'the old log is not what it was'
}
carry_on() {
	run verify old.certificate --key "$old_vkey" --order "$old_demand"
	[ "$code" -eq 0 ] || wrong "the old certificate by the old key: exit $code"
	run verify lost.certificate --key "$old_vkey" --order "$lost_demand"
	[ "$code" -eq 0 ] || wrong "the lost certificate by the old key: exit $code"
	new_vkey=$(status_of .vkey)
	run verify old.certificate --key "$new_vkey" --order "$old_demand"
	[ "$code" -eq 4 ] || wrong "the old certificate by the new key: exit $code"
	for pos in 8 12 15 16 18; do
		run show "$pos"
		says '.status == "erased" and (has("sha256") | not)' || wrong "record $pos is back"
	done
	run explain 17 --use $use
	[ "$code" -eq 3 ] && says '.reasons | contains(["erased", "no-terms"])' || wrong 'a lost record may be used'
	run ingest partner-osk in/partner --use $use --transfer t1
	[ "$code" -eq 3 ] && says '.reasons["never-again"] == 8' || wrong "what was erased comes in again: $(head -c 200 out)"
	run ingest drawn-osk more --use $use
	[ "$code" -eq 0 ] && says '.accepted == 3 and .first == 19 and .last == 21' || wrong "a position is given twice: $(head -c 200 out)"
	run key add laterrole
	[ "$code" -eq 0 ] || wrong 'a role of the lost part is not enrolled again'
	run order execute "$going"
	[ "$code" -eq 0 ] && says '.state == "certified"' || wrong "the order under way: exit $code"
	certified "$going" "$going_demand"
	order_approved subject:ottermole-ines
	run order execute "$order"
	[ "$code" -eq 0 ] || wrong "a new order: exit $code"
	certified "$order" "$demand"
	run receipt 5 -o new.receipt
	run verify new.receipt --key "$new_vkey"
	[ "$code" -eq 0 ] && says '.not_covered | map(test("follows another")) | any' || wrong "a receipt: exit $code"
	run receipt 17
	[ "$code" -eq 1 ] && grep -q 'record 17 stands for one that the log lost' err || wrong "a receipt of a lost position: exit $code"
	run order open record:17 --authority A --reason B
	[ "$code" -eq 1 ] && grep -q 'no record that is still here' err || wrong "an order about a lost position: exit $code"
	run certificate "$old_order" -o again.certificate
	[ "$code" -eq 0 ] && cmp -s old.certificate again.certificate && grep -q -F "by the log before this one: it is verified with that one's key, $old_vkey" err ||
		wrong 'a certificate of before is not said to be'
	run certificate "$old_order" --archive again.archive
	[ "$code" -ne 0 ] && grep -q 'is of glade.example, a log before' err || wrong "its archive: exit $code"
	for file in old.archive lost.certificate; do
		run certificate renew $file -o again.archive
		[ "$code" -ne 0 ] && grep -q 'is of glade.example, a log before' err || wrong "$file is renewed: exit $code"
	done
	heads_seen
}
certified() { # ORDER DEMAND
	run certificate "$1" -o new.certificate
	[ "$code" -eq 0 ] || wrong "certificate $1: exit $code"
	run verify new.certificate --key "$new_vkey" --order "$2"
	[ "$code" -eq 0 ] || wrong "$1 by the new key: exit $code: $(jq -c '[.checks[] | select(.ok | not)]' out)"
	says '.not_covered | map(test("follows another from fact [0-9]+ on, which had at least [0-9]+ facts and 3 records more that are lost")) | any' ||
		wrong 'the loss is not said'
	answer '.not_covered[]' | grep -q -F "its vkey was $old_vkey, its last known head is of" || wrong 'the old vkey is not said'
	for key in "$new_vkey" "$old_vkey"; do
		python3 "$tests/stranger.py" new.certificate "$key" "$2" >theirs 2>&1 || wrong "the stranger refuses $1: $(grep -v '^ok' theirs)"
	done
	run verify new.certificate --key "$old_vkey" --order "$2"
	[ "$code" -eq 0 ] && says '.checks[] | select(.name == "key") | .detail | test("of the log before: fact [0-9]+, signed by it, names the key")' ||
		wrong "$1 by the old key: exit $code"
}

begin it_goes_on
: >heads
restore after
heads_seen
lose
heads_seen
succeed
[ "$code" -eq 0 ] || wrong "exit $code"
grep -q 'back up repository and keys directory now' err || wrong 'it does not say that older backups are of another log'
jq -e --argjson m "$left" --argjson n "$all" '.origin == "glade.example~2@\($m)" and .follows == "glade.example" and .fact == $m
	and .keys and .lost.facts == $n - $m and .lost.records == 3 and .dropped == {records: 3, files: 0, certificates: 1, sets: 1}' out >/dev/null || wrong "it says $(cat out)"
[ "$(answer .follows_vkey)" = "$old_vkey" ] && answer .vkey >said.vkey
goes_on 2
[ "$(status_of .vkey)" = "$(cat said.vkey)" ] && [ "$(answer '.follows[0].vkey')" = "$old_vkey" ] || wrong "the keys: $(cat out)"
is_grown
snapshot first
carry_on
goes_on 2
run log tail 1000
[ "$(jq -r 'select(.type == "successor") | .n' out)" = "$left" ] || wrong 'log tail does not show it'
must 0 log head
[ "$(answer .facts | head -n 1)" = "glade.example~2@$left/facts" ] || wrong 'the head has another name'
done_with
snapshot second

begin the_fact_is_in_each_statement
must 0 certificate "$going" -o new.certificate
python3 - "$tests" new.certificate <<'P' || wrong 'the certificate is not as it should be'
import base64, json, sys
p = json.loads(base64.b64decode(json.load(open(sys.argv[2]))["payload"]))["predicate"]
facts = [json.loads(f["entry"]) for f in p["facts"]]
s = [f for f in facts if f["type"] == "successor"]
assert len(s) == 1 and s[0]["lost"] > 0 and "~2@" in p["origin"]
P
done_with

begin what_is_found_later_is_not_mixed_with_it
restore second
rm -rf repo && cp -a snap-after/repo .
for verb in status 'key add mixed' fsck 'log successor --lost anchor --reason x'; do
	run $verb
	[ "$code" -ne 0 ] && cat out err | grep -q 'is of another log' || wrong "$verb: exit $code"
done
diff -r snap-after/repo/.rescind/log repo/.rescind/log >/dev/null || wrong 'the old log has changed'
restore second
put_back keys mirror
run status
[ "$code" -ne 0 ] && grep -q 'is of another log' err || wrong "old keys: exit $code"
for where in keys mirror; do
	restore second
	: >heads
	put_back $where
	goes_on 2
	must 0 key add "after$where"
	goes_on 2
done
run ingest partner-osk in/partner --use $use --transfer t1
[ "$code" -eq 3 ] && says '.reasons["never-again"] == 8' || wrong 'what was erased comes in again'
# Tiles and heads of the log before, in place of those of this one.
for from in before after; do
	restore second
	: >heads
	rm -rf repo/.rescind/log && cp -a snap-$from/repo/.rescind/log repo/.rescind
	run status
	[ "$code" -ne 0 ] && grep -q 'the log is one before (take the folder log away' err || wrong "the log of $from: exit $code"
	diff -r snap-$from/repo/.rescind/log repo/.rescind/log >/dev/null || wrong 'the old log is changed'
	rm -rf repo/.rescind/log
	goes_on 2
	must 0 key add "on$from"
	goes_on 2
done
restore second
cp snap-after/repo/.rescind/format repo/.rescind
run status
[ "$code" -ne 0 ] && grep -q 'is of another log' err || wrong "the old file format: exit $code"
restore second
put_back vault
run status
[ "$code" -eq 0 ] || wrong 'an older vault is not read'
done_with

# The catalog of the log before has more facts than the new one, or fewer.
begin the_catalog_of_the_log_before_is_made_again
while read -r now from verb; do
	restore $now
	: >heads
	rm -f repo/.rescind/catalog.db* && cp -a snap-$from/repo/.rescind/catalog.db* repo/.rescind
	run $verb
	[ "$code" -eq 0 ] && cat out err | grep -q 'is of another log than glade.example~2' || wrong "$now, $from: $verb: exit $code"
	goes_on 2
done <<'X'
first after status
first after key add again
first after fsck --rebuild
second before status
X
rm -f repo/.rescind/catalog.db* && cp -a snap-after/repo/.rescind/catalog.db* repo/.rescind
rm -rf repo/.rescind/log
run status
[ "$code" -ne 0 ] || wrong 'it is read without its log'
done_with

begin it_may_happen_again
restore second
: >heads
must 0 ingest drawn-osk in/volunteers --use $use
cp repo/.rescind/log/facts/checkpoint again.head
snapshot third
for store in catalog.db log; do rm -rf repo/.rescind/$store* && cp -a snap-second/repo/.rescind/$store* repo/.rescind; done
run log successor --lost facts.head $because
[ "$code" -eq 4 ] || wrong "a head of the log before: exit $code"
run log successor --lost again.head --reason 'the disk, nvkj' --drop
[ "$code" -eq 0 ] || wrong "exit $code"
goes_on 3
new_vkey=$(status_of .vkey)
order_approved subject:quillfeather-yan
must 0 order execute "$order"
must 0 certificate "$order" -o new.certificate
run verify new.certificate --key "$new_vkey" --order "$demand"
[ "$code" -eq 0 ] && says '[.not_covered[] | select(test("follows another"))] | length == 2' || wrong "its certificate: exit $code"
goes_on 3
done_with

# --- other losses ---
# usage: lost_by NAME HEAD..; after what was done to the stores
lost_by() {
	begin "$1"
	: >heads
	heads_seen
	shift
	run log successor "$@" --reason 'the disk, nvkj' --drop
	[ "$code" -eq 0 ] || wrong "exit $code"
	goes_on 2
	run status
	new_vkey=$(answer .vkey)
	run order plan "$going"
	[ "$code" -eq 0 ] || wrong "plan: exit $code"
	plan=$(answer .plan)
	run order status "$going"
	[ "$(answer .state)" = approved ] || { run order approve "$going" "$plan" --as sentinelrole && [ "$code" -eq 0 ]; } || wrong approve
	run order execute "$going"
	[ "$code" -eq 0 ] || wrong "execute: exit $code"
	run certificate "$going" -o new.certificate
	run verify new.certificate --key "$new_vkey" --order "$going_demand"
	[ "$code" -eq 0 ] || wrong "its certificate: exit $code"
	goes_on 2
	done_with
}
lose
rm -rf repo/.rescind/log
lost_by the_log_is_gone --lost anchor
lose
rm -f repo/.rescind/catalog.db*
lost_by the_catalog_is_gone --lost facts.head
lose
cp facts.head repo/.rescind/log/facts/checkpoint
cp records.head repo/.rescind/log/records/checkpoint
lost_by the_heads_are_there_without_their_tiles --lost repo/.rescind/log/facts/checkpoint
lose
put_back vault
lost_by the_vault_too --lost facts.head
restore after
must 0 compact
cp -a repo/.rescind/vault compacted
lose
rm -rf repo/.rescind/vault && cp -a compacted repo/.rescind/vault
lost_by compacted_since --lost facts.head

# Everything, keys too: only a head that somebody kept knows. What was erased may be back, and that is said.
restore after
rm -rf repo && cp -a snap-before/repo .
put_back keys mirror
begin nobody_inside_knows
refused 2 'head of the records log' --lost facts.head $because
refused 1 'nothing is lost' --lost anchor $because
mkdir here
refused 1 'give the one that goes with' --lost facts.head --lost few.head $because
cp -a repo keys mirror here
run log successor --lost lost.certificate --reason 'the disk, nvkj'
[ "$code" -eq 0 ] && says '.keys == false and .lost.records == 0' || wrong "a certificate: exit $code: $(cat out)"
rm -rf repo keys mirror && mv here/* .
run log successor --lost facts.head --lost records.head --reason 'the disk, nvkj'
[ "$code" -eq 0 ] && says '.keys == false and .lost.records == 3' || wrong "exit $code: $(cat out)"
: >heads
goes_on 2
new_vkey=$(status_of .vkey)
run receipt 5 -o new.receipt
run verify new.receipt --key "$new_vkey"
[ "$code" -eq 0 ] && says '.not_covered | map(test("its keys were put back too, and what was erased then may be there again")) | any' ||
	wrong 'that is not said'
take_back source:partner-osk
certified "$order" "$demand"
done_with

# Nothing here is sure of what the tiles have, until an older head says so.
begin without_a_catalog_the_heads_are_ahead_of_their_tiles
head_of() { # LOG CERTIFICATE
	jq -r .payload "$2" | base64 -d | jq -j ".predicate.heads.$1"
}
lose
rm -f repo/.rescind/catalog.db*
cp facts.head repo/.rescind/log/facts/checkpoint
cp records.head repo/.rescind/log/records/checkpoint
for verb in status 'log successor --lost facts.head --reason x'; do
	run $verb
	[ "$code" -ne 0 ] && grep -q 'an older head in its place' err || wrong "$verb: exit $code"
done
for log in facts records; do head_of $log old.certificate >repo/.rescind/log/$log/checkpoint; done
run log successor --lost facts.head --reason 'the disk, nvkj' --drop
[ "$code" -eq 0 ] || wrong "exit $code"
: >heads
goes_on 2
done_with

# Old keys, an old catalog and old tiles, but the newest heads: these are taken away, and given.
begin only_the_heads_are_newer
restore after
put_back keys mirror catalog log
cp facts.head repo/.rescind/log/facts/checkpoint
cp records.head repo/.rescind/log/records/checkpoint
for verb in status 'log successor --lost facts.head --reason x'; do
	run $verb
	[ "$code" -ne 0 ] && grep -q 'log successor' err || wrong "$verb: exit $code"
done
rm repo/.rescind/log/*/checkpoint
run log successor --lost both.head --reason 'the disk, nvkj' --drop
[ "$code" -eq 0 ] && says '.keys == false and .lost.records == 3' || wrong "exit $code: $(cat out)"
: >heads
goes_on 2
done_with

# --- killed ---
kill_at() { # FAULT N; 1 where the point is not passed so often
	case="killed at $1:$2"
	lose
	: >heads
	heads_seen
	code=0
	RESCIND_FAULT=$1:$2 "$RESCIND" --repo "$work/repo" --json log successor --lost facts.head \
		--reason 'the disk, nvkj' --drop >out 2>err || code=$?
	[ "$code" -eq 137 ] || return 1
	run status
	[ "$code" -eq 0 ] || wrong "status: exit $code"
	heads_seen
	if origin_now | grep -q '~2@'; then
		[ "$(facts_in repo)" -gt "$left" ] || wrong 'half of it is done'
	else
		case $1 in successor_[!m]*) wrong 'what was begun is not ended' ;; esac
		succeed
		[ "$code" -eq 0 ] || wrong "again: exit $code"
	fi
	run order execute "$going"
	[ "$code" -eq 0 ] || wrong "execute: exit $code"
	goes_on 2
	is_grown
}
begin kills
kills=0
for fault in $("$RESCIND" help faults); do
	for n in 1 2; do
		kill_at "$fault" "$n" 2>>noise || break
		kills=$((kills + 1))
		echo "$fault" >>reached
	done
done
seed=${SEED:-$(date +%s)} random=0
for turn in 1 2 3 4 5 6; do
	seconds=$(awk -v s="$seed$turn" 'BEGIN { srand(s % 2147483647); rand(); printf "%.4f", 0.005 + rand() * 0.05 }')
	case="killed after $seconds s, seed $seed"
	lose
	: >heads
	heads_seen
	timeout -s KILL "$seconds" "$RESCIND" --repo "$work/repo" log successor --lost facts.head --reason 'the disk, nvkj' --drop >out 2>err
	[ $? -eq 137 ] && random=$((random + 1))
	run status
	[ "$code" -eq 0 ] || wrong "status: exit $code"
	origin_now | grep -q '~2@' || succeed
	[ "$code" -eq 0 ] || wrong "again: exit $code"
	run fsck --deep # a file that was half written is left over
	goes_on 2
	is_grown
done 2>>noise
echo "successor.sh: SEED=$seed, $random of 6 were killed at random" >&2
missed=$("$RESCIND" help faults | grep ^successor | grep -v -x -F -f reached | tr '\n' ' ')
case=killed_anywhere
[ -z "$missed" ] || wrong "never: $missed"
[ "$kills" -ge 12 ] || wrong "only $kills kills"
done_with
# Undone: killed before it was begun, the newer stores are put back.
begin undone_before_it_is_begun
lose
RESCIND_FAULT=successor_made:1 "$RESCIND" --repo "$work/repo" log successor --lost facts.head --reason x --drop >out 2>err
rm -rf repo && cp -a snap-after/repo .
must 0 key add undone
run fsck --deep
[ "$code" -eq 0 ] || wrong "fsck --deep: exit $code: $(jq -c .problems out)"
[ "$(find repo keys mirror -name '*successor*' -o -name '*.new' | wc -l)" -eq 0 ] || wrong 'something is left over'
done_with

# usage: stop_at FAULT; the loss, followed until there
stop_at() {
	case="$1, then $2"
	lose
	: >heads
	heads_seen
	RESCIND_FAULT=$1:1 "$RESCIND" --repo "$work/repo" log successor --lost facts.head --reason 'the disk, nvkj' --drop >out 2>err
	[ $? -eq 137 ] || wrong 'it was not killed'
}
everything() { find repo keys mirror -type f ! -name lock ! -name '*.db*' -exec sha256sum {} + | sort; }
# usage: is_refused WORDS; by each command, and nothing is changed
is_refused() {
	everything >was
	for verb in status 'key add undone' fsck 'fsck --rebuild'; do
		run $verb
		[ "$code" -ne 0 ] && cat out err | grep -q "$1" || wrong "$verb: exit $code"
	done
	everything | cmp -s was - || wrong "it changed $(everything | diff was - | head -n 3)"
}
is_undone() {
	run status
	[ "$code" -eq 0 ] && says '.origin == "glade.example"' || wrong "status: exit $code"
	must 0 key add undone
	run fsck --deep
	[ "$code" -eq 0 ] || wrong "fsck --deep: exit $code: $(jq -c .problems out)"
	[ "$(find repo keys mirror -name '*successor*' -o -name '*.new' -o -name 'log~*' | wc -l)" -eq 0 ] || wrong 'something is left over'
}

# Begun, and then the newer repository is put back: until the anchor is the other's it goes on as it was, with its key.
begin undone_after_it_is_begun
for fault in successor_begun successor_logs successor_named; do
	stop_at $fault 'the newer repository'
	rm -rf repo && cp -a snap-after/repo .
	is_undone
done
for fault in successor_anchored successor_keyed; do
	stop_at $fault 'the newer repository'
	mv repo gone
	cp -a snap-after/repo .
	is_refused 'gone over to glade.example~2'
	rm -rf repo && mv gone repo
	goes_on 2
	is_grown
done
case=undone_after_it_is_begun
done_with

# The keys directory of before, or of begun, beside the mirror.
begin the_mirror_ends_it
for fault in successor_begun successor_logs successor_named successor_anchored successor_keyed; do
	stop_at $fault 'an older keys directory'
	put_back keys
	goes_on 2
	is_grown
	must 0 key add onwards
	goes_on 2
done
stop_at successor_begun 'the whole switch, then its keys directory'
cp -a keys midway
must 0 status
for place in keys mirror; do
	rm -rf $place && cp -a midway $place
	goes_on 2
	must 0 key add "$place"
done
rm -rf midway
case=the_mirror_ends_it
done_with

# log.new is of a try that did not come to the switch.
begin another_trys_log_is_not_taken
stop_at successor_made 'its repository'
cp -a repo other.try
must 0 status
for fault in successor_begun successor_logs successor_named successor_anchored; do
	stop_at $fault 'the repository of another try'
	rm -rf repo && cp -a other.try repo
	case $fault in
	successor_anchored) is_refused 'gone over to glade.example~2' ;;
	*)
		run status
		[ "$code" -eq 0 ] && says '.origin == "glade.example"' || wrong "status: exit $code"
		[ -f keys/log.key ] && [ ! -d repo/.rescind/log.new ] || wrong 'it is not undone'
		succeed
		[ "$code" -eq 0 ] || wrong "again: exit $code"
		goes_on 2
		is_grown
		;;
	esac
done
rm -rf other.try
# Already moved, nothing is undone.
stop_at successor_logs 'the logs of another try'
cp -a repo/.rescind/log other.log
stop_at successor_logs 'the logs of another try'
mv repo/.rescind/log our.log
mv other.log repo/.rescind/log
is_refused 'gone over to glade.example~2'
rm -rf repo/.rescind/log && mv our.log repo/.rescind/log
goes_on 2
is_grown
# The log went on after it was undone.
stop_at successor_begun 'undone, and the repository of then'
cp -a repo other.try
cp -a keys other.place
rm -rf repo && cp -a snap-after/repo .
is_undone
mv repo newer
mv other.try repo
rm -rf keys && mv other.place keys
run status
[ "$code" -eq 0 ] && says '.origin == "glade.example"' || wrong "status: exit $code"
[ -f keys/log.key ] || wrong 'the key of a log that went on is destroyed'
rm -rf repo && mv newer repo
must 0 key add onwards
case=another_trys_log_is_not_taken
done_with

begin older_keyrings_do_not_stop_it
for fault in successor_begun successor_keyed; do
	stop_at $fault 'older keyrings'
	for place in keys mirror; do
		mv $place/keyring "$place.keyring"
		cp -a "snap-before/$place/keyring" $place
	done
	run status
	[ "$code" -eq 0 ] && grep -q 'keys directory is older' err || wrong "status: exit $code"
	run key add older
	[ "$code" -ne 0 ] && grep -q 'older' err || wrong "key add: exit $code"
	for place in keys mirror; do rm -rf $place/keyring && mv "$place.keyring" $place/keyring; done
	goes_on 2
	is_grown
done
case=older_keyrings_do_not_stop_it
done_with

begin a_switch_of_long_ago_renames_no_log
stop_at successor_begun 'the next log, then the keys directory of the kill'
cp -a keys midway
must 0 status
must 0 key add one
cp -a repo two
must 0 key add two
cp repo/.rescind/log/facts/checkpoint again.head
for store in catalog.db log; do rm -rf repo/.rescind/$store* && cp -a two/.rescind/$store* repo/.rescind; done
run log successor --lost again.head --reason 'the disk, nvkj' --drop
[ "$code" -eq 0 ] || wrong "exit $code"
for place in keys mirror; do
	: >heads
	rm -rf $place && cp -a midway $place
	goes_on 3
done
mv keys newer.keys && mv mirror newer.mirror
cp -a midway keys
cp -a midway mirror
is_refused 'older'
rm -rf keys mirror midway two && mv newer.keys keys && mv newer.mirror mirror
goes_on 3
case=a_switch_of_long_ago_renames_no_log
done_with

# --- a witness ---
begin a_witness_meets_a_new_log
restore after
witness_new w1
witness_begin w1
must 0 log witness add "http://$address/" "$(witness_key w1)" --name one
must 0 log witness ask
cp repo/.rescind/log/facts/checkpoint facts.head
lose
cp -a snap-after/keys/witnesses keys 2>>noise
succeed
[ "$code" -eq 0 ] || wrong "exit $code"
must 0 log witness add "http://$address/" "$(witness_key w1)" --name one
run log witness ask
[ "$code" -eq 5 ] && grep -q 'does not know' out err || wrong "it signs what it does not know: $code $(head -c 300 out)"
for log in facts records; do
	"$RESCIND" log cosign add "$(sed -n 1p "repo/.rescind/log/$log/checkpoint")" "$(cat repo/.rescind/log/$log/vkey)" --state w1 >/dev/null 2>err || wrong 'not added'
done
run log witness ask
[ "$code" -eq 0 ] && says '[.witnesses[].cosigned] | all' || wrong "ask: exit $code: $(head -c 300 out)"
kill "$pid"
done_with
finish
