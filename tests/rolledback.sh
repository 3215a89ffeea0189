#!/bin/sh
# An older copy of the repository, of one of its stores or of its keys is put back after an order. The
# next command notices; what was erased stays erased, and nothing else is; nothing is signed twice.
. "$(dirname "$0")/lib.sh"

story_begin
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
story_ingest
story_grow
snapshot before
take_back source:partner-osk
jpegs more 3 later-3 later-
must 0 ingest drawn-osk more --use $use
erased=$(erased_now)
[ "$erased" = "8 9 10 11 12 13 14 15 " ] || die "erased are $erased"
must 0 ls 'not erased'
cp out retained.ls
must 0 status
jq -cS 'del(.wrong)' out >after.status
snapshot after

entries_of() { python3 "$tests/entries.py" "$1/.rescind/log/facts" dump 2>err; }
# One of them begins with the other.
one_line_of_history() {
	entries_of snap-after/repo >one
	entries_of repo >two
	n=$(cat one two | wc -l)
	n=$((n - $(wc -l <two)))
	[ "$(wc -l <two)" -ge "$n" ] || n=$(wc -l <two)
	[ "$n" -ge 15 ] && head -n "$n" one >one.head && head -n "$n" two | cmp -s - one.head
}

wrong() { echo "$1: $(head -c 200 err | tr '\n' ' ')" >>problems; }
put_back() { # STORE..
	for store; do
		case $store in
		all) rm -rf repo && cp -a snap-before/repo . ;;
		keys | mirror) rm -rf "$store" && cp -a "snap-before/$store" . ;;
		keys_without_epoch) put_back keys && rm keys/keyring/epoch-* ;;
		mirror_without_epoch) put_back mirror && rm mirror/keyring/epoch-* ;;
		anchors) cp -p snap-before/keys/anchor keys && cp -p snap-before/mirror/anchor mirror ;;
		keyrings)
			rm -rf keys/keyring mirror/keyring
			cp -a snap-before/keys/keyring keys && cp -a snap-before/mirror/keyring mirror
			;;
		never_lists) rm -rf keys/never mirror/never ;; # there were none
		catalog) rm -f repo/.rescind/catalog.db* && cp -a snap-before/repo/.rescind/catalog.db* repo/.rescind ;;
		*) rm -rf "repo/.rescind/$store" && cp -a "snap-before/repo/.rescind/$store" repo/.rescind ;;
		esac
	done
}
# usage: look all|less; what a reader sees. Less: the three later records are not there, or lost.
# (That all stores and keys together went back is noticed by witnesses alone.)
look() {
	run status
	[ "$code" -eq 0 ] || wrong "status: exit $code"
	heads_seen
	[ "$(erased_now)" = "$erased" ] || wrong "erased are $(erased_now)"
	for pos in $erased; do
		run show "$pos"
		jq -e '.status == "erased" and (has("sha256") | not)' out >/dev/null || wrong "record $pos is back"
	done
	run ls 'not erased'
	[ "$code" -eq 0 ] || [ "$1" = less ] || wrong "ls: exit $code"
	run ls record:0-7
	[ "$code" -eq 0 ] || wrong "ls record:0-7: exit $code"
	cp out first.eight
	jq -c 'select(.pos < 8)' retained.ls | cmp -s - first.eight || wrong 'the first eight are not what they were'
	[ "$1" = less ] || { run ls 'not erased' && cmp -s out retained.ls; } || wrong 'what is retained is not what it was'
}
# usage: rolled NAME WRITING SEEN STORE..; WRITING is yes, no, or any; SEEN as look's
rolled() {
	name=$1 writing=$2 seen=$3
	shift 3
	restore after
	: >problems
	: >heads
	heads_seen
	put_back "$@"
	heads_seen
	run status
	[ -s err ] || wrong 'nothing is noticed'
	cp err noticed
	look "$seen"
	run fsck --deep
	fsck=$code
	[ "$code" -eq 0 ] || [ "$code" -eq 4 ] || wrong "fsck --deep: exit $code"
	jq -e '.ok == ('"$fsck"' == 0)' out >/dev/null || wrong "fsck says $(head -c 200 out)"
	[ "$writing" != no ] || [ "$fsck" -eq 4 ] || wrong 'fsck finds nothing, but nothing may be written'
	[ "$fsck" -eq 0 ] || jq -e '.problems | length > 0' out >/dev/null || wrong 'fsck does not say what'
	run source add "after-${name%%_*}" --controller X --kind synthetic --people none --licence CC0-1.0 \
		--terms papers/letter-wyrm.txt --allow $use
	case $writing-$code in
	yes-0 | no-1 | any-0 | any-1) ;;
	*) wrong "writing: exit $code" ;;
	esac
	[ "$code" -eq 0 ] || [ "$(grep -c '^{"error"' err)" -eq 1 ] || wrong 'not one line of error'
	written=$code
	look "$seen"
	heads_agree || wrong "a size has two roots: $(sort -u heads | tr '\n' ';')"
	one_line_of_history || wrong 'the log was begun anew'
	if [ "$written" -eq 0 ]; then
		run fsck --deep
		[ "$code" -eq "$fsck" ] || wrong "after writing, fsck --deep: exit $code: $(jq -c .problems out | head -c 200)"
	fi
	check "$name" "$(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
}

rolled everything no less all
rm -rf repo && cp -a snap-after/repo .
: >problems
run status
jq -cS 'del(.wrong)' out | cmp -s - after.status || wrong "status is not what it was: $(cat out)"
look all
run fsck --deep
[ "$code" -eq 0 ] || wrong "fsck --deep: exit $code: $(jq -c .problems out)"
run source add later --controller X --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use
[ "$code" -eq 0 ] || wrong "writing: exit $code"
check everything_and_the_newer_again "$(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]

rolled the_log yes all log
rolled the_catalog yes all catalog
rolled the_vault any less vault
rolled the_keys yes all keys
rolled the_keys_without_their_epoch_key yes all keys_without_epoch
rolled the_mirror yes all mirror
rolled keys_and_mirror no less keys mirror
rolled the_anchors no less anchors
rolled the_keyrings no less keyrings
rolled catalog_and_log no less catalog log
rolled catalog_and_vault any less catalog vault
rolled log_and_vault any less log vault
rolled catalog_and_keys yes all catalog keys
rolled log_and_keys yes all log keys
rolled keys_mirror_and_vault no less keys mirror vault
rolled keys_mirror_and_log no less keys mirror log

# usage: refused NAME WORDS STORE..; nobody knows what was erased since, or nothing opens: no command reads anything,
# each says why in a line, and with the newer stores again everything is there.
refused() {
	name=$1 words=$2
	shift 2
	restore after
	: >problems
	put_back "$@"
	for verb in status 'ls record:8-15' 'show 8' fsck 'fsck --deep' 'fsck --rebuild' 'source ls' \
		'dataset create again --use train:IdentityVerification'; do
		run $verb
		case $verb-$code in
		fsck*-[14] | [!f]*-1) ;;
		*) wrong "$verb: exit $code" ;;
		esac
		if [ "$code" -eq 4 ]; then
			says '.ok == false and (.problems | length) == 1 and has("checked") == false' &&
				grep -q -E "$words" out || wrong "$verb does not say why"
			continue
		fi
		[ "$(grep -c '^{"error"' err)" -eq 1 ] && grep -q -E "$words" err || wrong "$verb does not say why"
		[ ! -s out ] || wrong "$verb reads"
	done
	for store in repo keys mirror; do rm -rf $store && cp -a snap-after/$store .; done
	look all
	check "$name" "$(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
}
refused keys_mirror_and_catalog 'keys directory.*older' keys mirror catalog
refused keyrings_and_catalog 'keys directory.*older' keyrings catalog
refused all_but_the_log 'keys directory.*older' keys mirror catalog vault
refused keys_and_mirror_without_their_epoch_keys 'keyring: a part is missing' keys_without_epoch mirror_without_epoch

# A list that is gone is missed by fsck, though no command needs it; what was erased stays out all the same.
restore after
put_back never_lists
: >problems
run status
[ "$code" -eq 0 ] && [ ! -s err ] || wrong 'status says something'
for verb in fsck 'fsck --deep'; do
	run $verb
	[ "$code" -eq 4 ] && jq -e '.problems[] | select(test("never/o1.*missing"))' out >/dev/null || wrong "$verb does not miss it"
done
run ingest partner-osk in/partner --use $use --transfer t1
[ "$code" -eq 3 ] && jq -e '.reasons["never-again"] == 8' out >/dev/null || wrong 'what was erased comes in again'
check never_lists "$(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]

# All of it, keys too: nobody in the house can know. An old certificate is still valid, and its holder sees that
# the log has lost what it is about; so does a witness.
restore after
must 0 certificate "$order" -o old.certificate
must 0 status
vkey=$(answer .vkey) demand=$(jq -r .demand out)
: >problems
old_size=$(sed -n 2p repo/.rescind/log/facts/checkpoint)
put_back all keys mirror
for verb in status fsck 'fsck --deep' 'ls record:8-15'; do
	run $verb
	[ "$code" -eq 0 ] && [ ! -s err ] || wrong "$verb notices: unexpected"
done
[ "$(sed -n 2p repo/.rescind/log/facts/checkpoint)" -lt "$old_size" ] || wrong 'the log is not shorter'
run verify old.certificate --key "$vkey"
[ "$code" -eq 0 ] || wrong "verify of an old certificate: exit $code"
check everything_with_its_keys_is_noticed_by_nobody_inside "$(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
finish
