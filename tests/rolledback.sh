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
rolled the_mirror yes all mirror
rolled keys_and_mirror no less keys mirror
rolled catalog_and_log no less catalog log
rolled catalog_and_vault any less catalog vault
rolled log_and_vault any less log vault
finish
