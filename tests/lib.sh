# Read by the whole-program tests: a repository of the story in a folder of its own, and how a check
# is said. Each script prints a line for each check, `ok NAME`, `not ok NAME: why` or `skip NAME: why`, and
# exits 1 when any is not ok. RESCIND: the program. KEEP=1: the folder stays, and is named.
set -u
LC_ALL=C
export LC_ALL
tests=$(cd "$(dirname "$0")" && pwd)
RESCIND=${RESCIND:-$tests/../build/rescind}
RESCIND=$(cd "$(dirname "$RESCIND")" && pwd)/$(basename "$RESCIND")
NO_COLOR=1 PYTHONDONTWRITEBYTECODE=1
export NO_COLOR RESCIND PYTHONDONTWRITEBYTECODE
unset RESCIND_FAULT RESCIND_REPO XDG_DATA_HOME || :
[ -x "$RESCIND" ] || { echo "$0: no program at $RESCIND" >&2; exit 1; }

# Where syncing costs nothing, unless TMPDIR says otherwise.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm
export TMPDIR="${TMPDIR:-/tmp}"
work=$(mktemp -d) failed=0 code=0 pids=
work=$(cd "$work" && pwd -P)
end() {
	kill $pids 2>/dev/null
	if [ -n "${KEEP:-}" ]; then echo "kept: $work" >&2; else rm -rf "$work"; fi
}
trap end EXIT
trap 'exit 130' INT TERM
TMPDIR=$work/tmp
mkdir "$TMPDIR"
cd "$work" || exit 1

# --- how a check is said ---
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; failed=1; }
skip() { echo "skip $1: $2"; }
finish() { exit "$failed"; }
# usage: check NAME WHY COMMAND..; the command's success is the check
check() {
	name=$1 why=$2
	shift 2
	if "$@"; then ok "$name"; else not_ok "$name" "$why"; fi
}
die() {
	echo "not ok $(basename "$0" .sh): $1" # the world itself could not be made
	exit 1
}

# --- the program ---
# usage: run WORDS..; its answer in out, its stories in err, its exit code in $code; the words in typed
run() {
	code=0
	printf '%s\n' "$@" >>"$work/typed"
	"$RESCIND" --repo "$work/repo" --json "$@" >"$work/out" 2>"$work/err" || code=$?
}
# usage: must CODE WORDS..; another exit code ends the test
must() {
	wanted=$1
	shift
	run "$@"
	[ "$code" -eq "$wanted" ] || die "rescind $*: exit $code instead of $wanted: $(head -c 300 "$work/err")"
}
answer() { jq -r "$1" "$work/out"; }
says() { jq -e "$1" "$work/out" >/dev/null; } # FILTER, true of the answer
one_line() { [ "$(wc -l <"$1")" -eq 1 ] && [ -s "$1" ]; }
status_of() { run status && answer "$1"; }
erased_now() { run ls erased && jq -c .pos "$work/out" | sort -n | tr '\n' ' '; }

# --- files ---
jpegs() { python3 "$tests/jpegs.py" "$@" || die "no photos could be drawn"; }
paper() { printf '%s\n' "$2" >"$1"; } # FILE TEXT

# A source of volunteers with consents of their own, and a partner's with a transfer. In words that
# are found nowhere else: the tests look for them.
people='vexwood-karolina brzeczyk-tobias ottermole-ines quillfeather-yan'
use=train:IdentityVerification
volunteers_csv() {
	echo path,subject
	n=0
	for who in $people; do
		n=$((n + 1))
		echo "dorf-album/zq-$n$who.jpg,$who"
		echo "dorf-album/zq-$n$who-two.jpg,$who"
	done
}
attributes_csv() {
	echo path,key,value
	n=0
	for who in $people; do
		n=$((n + 1))
		echo "dorf-album/zq-$n$who.jpg,scarkind,scar-of-$who-nkvj"
	done
}
story_files() {
	mkdir -p papers in/volunteers/dorf-album models
	jpegs "$work/drawn" 8 volunteers-7
	jpegs "$work/in/partner/lunasweep-dump" 8 partner-7 mnd-frame-
	set -- drawn/*.jpg
	n=0
	for who in $people; do
		n=$((n + 1))
		mv "$1" "in/volunteers/dorf-album/zq-$n$who.jpg"
		mv "$2" "in/volunteers/dorf-album/zq-$n$who-two.jpg"
		shift 2
		paper "papers/consent-$who.txt" "$who says yes to the volunteers' terms"
	done
	paper papers/volunteers-terms-wyrm.txt 'terms of the volunteers, glimmerfax edition'
	paper papers/partner-terms-wyrm.txt 'policy of the partner, glimmerfax edition'
	paper papers/agreement-wyrm.txt 'hand-over of photos, glimmerfax edition'
	paper papers/letter-wyrm.txt 'nobody was told, glimmerfax edition'
	paper papers/demand-wyrm.txt 'take it back, glimmerfax edition'
	volunteers_csv >subjects-wyrm.csv
	attributes_csv >attrs-wyrm.csv
}
# The repository before anything is ingested.
story_begin() {
	story_files
	must 0 init --origin glade.example --keys "$work/keys" --mirror "$work/mirror"
	must 0 key add sentinelrole
	must 0 source add volunteers-osk --controller 'Freeface Gliwice' --kind upload --people personal \
		--licence LicenseRef-glimmer --terms papers/volunteers-terms-wyrm.txt --allow $use --basis consent
	for who in $people; do
		must 0 grant add --subject "$who" --use $use --basis consent \
			--evidence "papers/consent-$who.txt"
	done
	must 0 source add partner-osk --controller 'Lunasweep GmbH' --kind partner --people personal \
		--licence LicenseRef-glimmer --terms papers/partner-terms-wyrm.txt --allow $use --basis consent
	must 0 grant add --source partner-osk --use $use --basis consent \
		--evidence papers/agreement-wyrm.txt
	must 0 transfer add partner-osk --from 'Lunasweep GmbH' --to 'Keyhole Ostrava' --date 2014-03-01 \
		--under papers/agreement-wyrm.txt --use $use --notified yes
}
# Positions 0-7 are the volunteers', two for each; 8-15 the partner's.
story_ingest() {
	must 0 ingest volunteers-osk in/volunteers --use $use --subjects subjects-wyrm.csv \
		--attrs attrs-wyrm.csv --in-place
	must 0 ingest partner-osk in/partner --use $use --transfer t1
}
story_grow() {
	head -c 20000 /dev/urandom >models/faces-wyrm.weights
	head -c 20000 /dev/urandom >models/mobile-wyrm.weights
	must 0 dataset create faces-osk --use $use
	must 0 model add facenet-osk models/faces-wyrm.weights --dataset faces-osk
	must 0 model add mobile-osk models/mobile-wyrm.weights --parent facenet-osk
}
story() { story_begin && story_ingest && story_grow; }

# --- orders ---
order_approved() { # SELECTOR
	must 0 order open "$1" --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz collection' \
		--document papers/demand-wyrm.txt
	order=$(answer .order) demand=$(answer .demand)
	must 0 order plan "$order"
	plan=$(answer .plan)
	must 0 order approve "$order" "$plan" --as sentinelrole
}
take_back() { order_approved "$1" && must 0 order execute "$order"; }

# --- stores ---
# usage: snapshot NAME; restore NAME: everything, keys too
snapshot() { rm -rf "snap-$1" && mkdir "snap-$1" && cp -a repo keys mirror in models "snap-$1"; }
restore() { rm -rf repo keys mirror in models && cp -a "snap-$1"/* .; }

# --- servers, until the end ---
# usage: await NAME COMMAND..: until it succeeds; what a server NAME has to say is in NAME.err
await() {
	awaited=$1 tries=0
	shift
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || die "$awaited does not listen: $(tail -n 3 "$awaited.err")"
		sleep 0.1
	done
}
# usage: beside NAME COMMAND..: it runs beside, $pid; the line that says where it listens is in NAME.out
beside() {
	beside=$1
	shift
	"$@" >"$beside.out" 2>"$beside.err" &
	pid=$!
	pids="$pids $pid"
	await "$beside" [ -s "$beside.out" ]
}
# usage: witness_new NAME: a witness of our own for the logs of repo, its state in the folder NAME. witness_begin NAME [PORT]: it
# listens at $address. witness_key NAME
witness_new() {
	"$RESCIND" log cosign new "$1.example/cosigner" --state "$1" >/dev/null || die "witness $1"
	for log in facts records; do
		"$RESCIND" log cosign add "glade.example/$log" "$(cat "repo/.rescind/log/$log/vkey")" --state "$1" >/dev/null ||
			die "the $log of witness $1"
	done
}
witness_begin() {
	beside "$1" "$RESCIND" --json log cosign --state "$1" --listen "127.0.0.1:${2:-0}"
	address=$(jq -r .listening "$1.out")
}
witness_key() { "$RESCIND" --json log cosign show --state "$1" | jq -r '.vkeys[0]'; }

# --- heads ---
# heads_seen remembers the public heads in the file heads. No size may ever have two roots.
heads_seen() {
	for log in facts records; do
		[ -f "repo/.rescind/log/$log/checkpoint" ] || continue
		{ read -r origin && read -r size && read -r root; } <"repo/.rescind/log/$log/checkpoint"
		echo "$log $size $root" >>heads
	done
}
heads_agree() { [ -z "$(sort -u heads | cut -d' ' -f1,2 | uniq -d)" ]; }
