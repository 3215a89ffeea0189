#!/bin/sh
# Each kind of file rots: one byte flipped, its end cut off, or gone. What the next command, fsck and
# fsck --deep make of it is a table. Nothing crashes, nothing of the log's history is cut off, and after a repair
# everything is as it was.
. "$(dirname "$0")/lib.sh"

story
take_back source:partner-osk
jpegs more 3 later-3 later-
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
must 0 ingest drawn-osk more --use $use
erased=$(erased_now)
must 0 ls 'not erased'
cp out whole.ls
must 0 status
jq -cS 'del(.wrong)' out >whole.status
must 0 fsck --deep
snapshot mirrored
: >keys/mirror # none
sed -i 's/^mirror .*/mirror /' repo/.rescind/format
must 0 fsck --deep
[ ! -s err ] || die "without a mirror: $(cat err)"
snapshot alone

entries_of() { python3 "$tests/entries.py" "$1/.rescind/log/facts" dump 2>/dev/null; }
entries_of repo >whole.facts
[ "$(wc -l <whole.facts)" -gt 20 ] || die 'the log has no facts'

wrong() { problem="${problem:-}$1: $(head -c 150 out | tr '\n' ' ') $(head -c 200 err | tr '\n' ' '); "; }
# usage: seen WORD; what a command made of it. quiet: exit 0, nothing said; mended: exit 0, and what is told;
# said: exit 1 or 4, and WORD is in it.
seen() {
	grep -E -q 'Sanitizer|runtime error' err && wrong crash
	case $code in
	0) if [ -s err ] || jq -e '.repaired // [] | length > 0' out >/dev/null 2>&1; then class=mended; else class=quiet; fi ;;
	1 | 4) class=said && { cat out err | grep -q -E "$1" || wrong "\"$1\" is not in it"; } ;;
	*) class=exit$code ;;
	esac
}
# Everything as it was, and nothing more to say.
is_whole() {
	run status
	jq -cS 'del(.wrong)' out | cmp -s - whole.status || wrong 'status differs'
	run ls 'not erased'
	cmp -s out whole.ls || wrong 'ls differs'
	run fsck --deep
	{ [ "$code" -eq 0 ] && [ ! -s err ] && jq -e '.repaired == []' out >/dev/null; } || wrong 'a second fsck --deep'
}
add='source add after-rot --controller X --kind synthetic --people none --licence CC0-1.0 --terms papers/letter-wyrm.txt'
history_is_there() {
	entries_of repo >now.facts
	[ ! -s now.facts ] || head -n "$(wc -l <whole.facts)" now.facts | cmp -s - whole.facts || wrong 'the history is another'
}
nothing_is_back() {
	run ls erased
	[ "$code" -ne 0 ] || [ "$(jq -c .pos out | sort -n | tr '\n' ' ')" = "$erased" ] || wrong 'erased ones are back'
}
damaged() {
	restore "$world"
	python3 "$tests/rot.py" "$how" "$file" || die "$file cannot be damaged"
}
# usage: rot NAME WORLD FILE WORD FLIP CUT GONE; each of the last is READ,FSCK,DEEP; '-' is not tried
rot() {
	cell=$1 world=$2 file=$3 word=$4
	shift 4
	for how in flip cut gone; do
		want=$1
		shift
		[ "$want" != - ] || continue
		problem=
		damaged
		run ls 'record:0-7'
		seen "$word"
		is=$class
		damaged
		run fsck
		seen "$word"
		is=$is,$class
		damaged
		run fsck --deep
		seen "$word"
		is=$is,$class
		[ "$class" != mended ] || is_whole
		nothing_is_back
		damaged
		run $add --allow "$use"
		seen .
		[ "$class" != said ] || [ "$(grep -c '^{"error"' err)" -eq 1 ] || wrong 'not one line of error'
		history_is_there
		nothing_is_back
		[ "$is" = "$want" ] || problem="it is $is; $problem"
		check "${cell}_${how}_$(echo "$want" | tr , _)" "$problem" [ -z "$problem" ]
	done
}

q=quiet,quiet,quiet m=mended,mended,mended s=said,said,said
log=repo/.rescind/log pack=repo/.rescind/vault/pack
# Tiles are not read by whoever asks the catalog.
rot tile_of_facts mirrored "$log/facts/tile/0/000.p/*" tile quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot bundle_of_facts mirrored "$log/facts/tile/entries/000.p/*" tile quiet,quiet,mended quiet,quiet,mended quiet,quiet,mended
rot older_bundle_of_facts mirrored "$log/facts/tile/entries/000.p/2?" tile quiet,quiet,mended quiet,quiet,mended -
rot tile_of_records mirrored "$log/records/tile/0/000.p/*" tile quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot bundle_of_records mirrored "$log/records/tile/entries/000.p/*" tile quiet,quiet,mended quiet,quiet,mended quiet,quiet,mended
rot head_of_facts mirrored $log/facts/checkpoint head $m $m $m
rot head_of_records mirrored $log/records/checkpoint head $m $m $m
rot public_key mirrored $log/facts/vkey vkey quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot pack_at_its_head alone $pack/000000000001@0 'pack 1' quiet,quiet,said quiet,quiet,said quiet,said,said
rot pack_in_a_chunk alone $pack/000000000001@60 'fact 0' quiet,quiet,said quiet,quiet,said -
rot last_pack_at_its_end alone "$pack/*@-5" 'pack 2' quiet,quiet,said quiet,quiet,said mended,said,said

for world in mirrored alone; do
	[ $world = mirrored ] && h=$m || h=$s
	rot keyring_current_$world $world keys/keyring/current keyring $h $h $h
	rot epoch_key_$world $world 'keys/keyring/epoch-*' keyring $h $h $h
	rot page_table_$world $world 'keys/keyring/table-*' keyring $h $h $h
	rot log_key_$world $world keys/log.key log.key $h $h $h
	rot tags_key_$world $world keys/tags.key tags.key $h $h $h
	rot never_key_$world $world keys/never.key never.key $h $h $h
done
rot anchor_mirrored mirrored keys/anchor anchor quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot anchor_alone alone keys/anchor anchor $s $s $s
rot page_mirrored mirrored 'keys/keyring/pages-*' keyring quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot page_alone alone 'keys/keyring/pages-*' keyring said,said,said said,said,said said,said,said
rot role_key_mirrored mirrored keys/roles/sentinelrole.key sentinelrole quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot role_key_alone alone keys/roles/sentinelrole.key sentinelrole quiet,said,said quiet,said,said quiet,said,said
rot never_list_mirrored mirrored keys/never/o1 never/o1 quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot never_list_alone alone keys/never/o1 never/o1 quiet,said,said quiet,said,said quiet,said,said
rot digests_mirrored mirrored keys/digests digests quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot digests_alone alone keys/digests digests quiet,mended,mended quiet,mended,mended quiet,mended,mended
rot path_of_the_mirror mirrored keys/mirror@-2 mirror quiet,mended,mended quiet,mended,mended $m
# A digit in the place of a digit is another id; what is no digit is no id.
digit=$(grep -a -b -o '[0-9]' keys/id | head -n 1 | cut -d : -f 1)
rot id_of_the_keys mirrored "keys/id@$digit" keys said,said,said $m $m
for file in log.key tags.key never.key never/o1 roles/sentinelrole.key digests anchor 'keyring/epoch-*' 'keyring/table-*' \
	'keyring/pages-*' keyring/current; do
	case $file in
	keyring/pages*) h=quiet,mended,mended ;;
	keyring/current) h=$m ;;
	*) h=quiet,mended,mended ;;
	esac
	rot "mirrors_$(echo $file | tr -c 'a-z0-9\n' _)" mirrored "mirror/$file" "$file" $h $h $h
done

db=repo/.rescind/catalog.db row=quiet,quiet,mended
rot catalog_header alone $db@3 catalog $m $m $m
rot catalog_format alone $db@63 catalog $m $m $m
rot catalog_page alone $db@20000 catalog - $m -
rot catalog_page_of_records alone "$db@#record" catalog said,mended,mended - -
rot catalog_page_of_tags alone "$db@#tag" catalog quiet,mended,mended - -
rot catalog_name alone "$db@?SELECT 'volunteers-osk'" catalog $row - -
rot catalog_date alone "$db@?SELECT '\"date\":' || json_extract(body, '\$.date') FROM thing WHERE kind = 4" catalog $row - -
rot catalog_tag alone "$db@?SELECT tag FROM tag WHERE kind = 3 AND pos = 2" catalog $row - -
rot catalog_fact alone "$db@?SELECT entry FROM fact WHERE n = 4" catalog $row - -
rot catalog_commitment alone "$db@?SELECT hashes FROM commitment" catalog $row - -
rot catalog_never_again alone "$db@?SELECT tag FROM never" catalog $row - -
rot format alone repo/.rescind/format 'format|repository|keys' - $s $s
rot lock alone repo/.rescind/lock lock $q $q $q
finish
