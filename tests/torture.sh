#!/bin/sh
# usage: tests/torture.sh [SECONDS]. The real program, whose system calls fail one by one (strace), and
# which is killed at any moment while others read and write beside it, for SECONDS (default 20).
. "$(dirname "$0")/lib.sh"
seconds=${1:-20}
# How many calls of each kind are made to fail in each command.
each=${TORTURE_EACH:-2}

wrong() { echo "$case: $1: $(head -c 200 err | tr '\n' ' ')" >>problems; }
look_after() {
	run status
	[ "$code" -eq 0 ] || { wrong "status: exit $code"; return; }
	heads_seen
	run status
	[ ! -s err ] || wrong 'the second command repairs again'
}
finish_case() {
	run fsck --deep
	[ "$code" -eq 0 ] || wrong "fsck --deep: exit $code: $(jq -c .problems out)"
	heads_seen
	heads_agree || wrong "a size has two roots: $(sort -u heads | tr '\n' ';')"
}

# --- the commands, and what must be there when they have come to their end ---
do_source() { echo source add more-osk --controller C --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/volunteers-terms-wyrm.txt --allow $use; }
after_source() {
	run source ls
	jq -r .source out | grep -q -x more-osk || {
		[ "$1" -ne 0 ] || wrong 'it was said to be done'
		run $(do_source)
		[ "$code" -eq 0 ] || wrong "again: exit $code"
	}
}
do_ingest() { echo ingest drawn-osk more --use $use; }
after_ingest() {
	run ls 'path:extra-*'
	[ "$1" -ne 0 ] || [ "$(wc -l <out)" -eq 3 ] || wrong 'it was said to be done'
	run $(do_ingest)
	[ "$code" -eq 0 ] || wrong "again: exit $code"
	run ls 'path:extra-*'
	[ "$(wc -l <out)" -eq 3 ] || wrong "$(wc -l <out) records of 3"
}
do_execute() { echo order execute "$order"; }
after_execute() {
	run order status "$order"
	[ "$(answer .state)" = certified ] || {
		[ "$1" -ne 0 ] || wrong 'it was said to be done'
		run order execute "$order"
		[ "$code" -eq 0 ] || wrong "again: exit $code"
	}
	run order status "$order"
	[ "$(answer .state)" = certified ] || wrong 'not certified'
	[ "$(erased_now)" = "0 1 " ] || wrong "erased are $(erased_now)"
	[ -z "$(find in/volunteers -name "*$first*")" ] || wrong 'files are still in place'
}
do_compact() { echo compact; }
after_compact() {
	run compact
	[ "$code" -eq 0 ] || wrong "again: exit $code"
}

# --- system calls that fail ---
# usage: calls_of COMMAND CALL: which calls of its kind concern our files, as the program makes them
calls_of() {
	restore before
	strace -f -y -o trace -e trace="$2" "$RESCIND" --repo "$work/repo" --json $("do_$1") >out 2>err || :
	awk -v work="$work/" 'NR == 1 { main = $1 } $1 == main && /\(/ { n++; if (index($0, work)) print n }' trace
}
# usage: chosen COUNT: so many of the lines of the standard input, evenly
chosen() { awk -v k="$1" '{ a[NR] = $0 } END { for (i = 0; i < k && i < NR; i++) print a[int(i * NR / (k < NR ? k : NR)) + 1] }'; }
# usage: fail_at COMMAND CALL WHAT N
fail_at() {
	case="$1, $2 $4 $3"
	restore before
	: >heads
	heads_seen
	code=0
	strace -f -o trace -e trace="$2" -e inject="$2:$3:when=$4" \
		"$RESCIND" --repo "$work/repo" --json $("do_$1") >out 2>err || code=$?
	grep -q -e INJECTED -e KILL trace || return 0
	faults=$((faults + 1))
	[ "$code" -ge 0 ] && [ "$code" -ne 139 ] && [ "$code" -ne 134 ] || wrong "exit $code"
	told=$code
	[ "$told" -eq 0 ] || [ "$told" -eq 137 ] || [ -s err ] || [ -s out ] || wrong 'no word of why'
	look_after
	"after_$1" "$told"
	finish_case
}

story_begin
must 0 ingest volunteers-osk in/volunteers --use $use --subjects subjects-wyrm.csv --in-place
head -c 20000 /dev/urandom >models/facenet
must 0 dataset create faces-osk --use $use
must 0 model add facenet models/facenet --dataset faces-osk
first=vexwood-karolina
order_approved "subject:$first"
jpegs more 3 extra-3 extra-
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
snapshot before

: >problems
: >heads
faults=0
if ! strace -o trace -e trace=none true 2>/dev/null; then
	skip every_system_call_may_fail 'strace is not here, or may not trace'
else
	for what in source ingest execute compact; do
		for call in openat read pread64 write pwrite64 fsync ftruncate rename unlink link mkdir fcntl; do
			calls_of $what $call >all
			for n in $(chosen "$each" <all); do
				fail_at $what $call error=EIO "$n"
				case $call in openat | write | pwrite64 | fsync | rename | link | mkdir)
					fail_at $what $call error=ENOSPC "$n" ;;
				esac
				case $call in write | pwrite64 | fsync | rename | unlink)
					fail_at $what $call signal=KILL "$n" ;;
				esac
			done
		done
	done 2>>noise
	echo "torture.sh: $faults system calls failed" >&2
	[ "$faults" -gt 50 ] || [ "$each" -eq 0 ] || echo "only $faults calls failed" >>problems
	check every_system_call_may_fail "$(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" \
		[ ! -s problems ]
fi

# --- killed under load ---
# What was told done is written down by a process that is not killed: a line for each file.
restore before
: >problems
: >heads
: >done-files
: >done-sources
seed=${SEED:-$(date +%s)}
end=$(($(date +%s) + seconds))
kills=0 turns=0 whole=
(while [ ! -e stop ]; do
	"$RESCIND" --repo "$work/repo" --json ls source:drawn-osk >read.out 2>read.err || echo "ls: $(head -c 200 read.err)" >>read.wrong
	"$RESCIND" --repo "$work/repo" --json status >read.out 2>read.err || echo "status: $(head -c 200 read.err)" >>read.wrong
done) &
reader=$!
(n=0
while [ ! -e stop ]; do
	n=$((n + 1))
	if "$RESCIND" --repo "$work/repo" --json source add "side-$n" --controller C --kind synthetic --people none \
		--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use >side.out 2>side.err; then
		echo "side-$n" >>done-sources
	else
		echo "source: $(head -c 200 side.err)" >>side.wrong
	fi
	sleep 0.2
done) &
writer=$!
while [ "$(date +%s)" -lt "$end" ]; do
	turns=$((turns + 1))
	mkdir -p "load/$turns"
	for i in 1 2 3; do echo "turn $turns file $i" >"load/$turns/t$turns-$i.txt"; done
	# Of the time that the first turn took, some more and some less.
	wait=$(awk -v s="$seed$turns" -v ms="${whole:-9999}" 'BEGIN { srand(s % 2147483647); rand(); printf "%.4f", 0.001 + rand() * ms / 800 }')
	[ -n "$whole" ] || wait=600
	began=$(date +%s%N)
	code=0
	timeout -s KILL "$wait" "$RESCIND" --repo "$work/repo" --json ingest drawn-osk "load/$turns" --use $use \
		>load.out 2>load.err || code=$?
	case $code in
	0)
		echo "$turns" >>done-files
		[ -n "$whole" ] || whole=$((($(date +%s%N) - began) / 1000000))
		;;
	137) kills=$((kills + 1)); ! grep -q 'batch [0-9]* committed' load.err || echo "$turns" >>done-files ;;
	*) echo "turn $turns: exit $code: $(head -c 200 load.err)" >>problems ;;
	esac
	heads_seen
done
: >stop
wait "$reader" "$writer"
case='under load'
look_after
run ls 'source:drawn-osk'
while read -r turn; do
	[ "$(grep -c "t$turn-[123].txt" out)" -eq 3 ] || wrong "turn $turn was told done and is not there"
done <done-files
run source ls
jq -r .source out >names
while read -r name; do
	grep -q -x "$name" names || wrong "$name was told done and is not there"
done <done-sources
finish_case
for f in read.wrong side.wrong; do [ ! -s $f ] || sed "s/^/$f: /" $f >>problems; done
echo "torture.sh: SEED=$seed, $kills of $turns were killed in $seconds s, $(wc -l <done-files) told done," \
	"$(wc -l <done-sources) sources beside" >&2
[ "$kills" -gt 0 ] || echo 'none was killed' >>problems
check killed_under_load "seed $seed: $(wc -l <problems) things; $(head -n 3 problems | tr '\n' ';')" [ ! -s problems ]
finish
