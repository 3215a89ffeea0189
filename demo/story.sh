#!/bin/sh
# Play the story of README.md and tell it: one line for each thing that happens.
# usage: demo/story.sh RESCIND DRAW OUT [PHOTOS]
# OUT is made anew. PHOTOS: a folder of photos, read and not changed; without it DRAW draws some.
set -eu
[ $# -eq 3 ] || [ $# -eq 4 ] || { echo "usage: demo/story.sh RESCIND DRAW OUT [PHOTOS]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1") draw=$(realpath "$2") photos=${4:+$(realpath "$4")}
people=12 each=4 seed=2014
. "$here/words.sh"

mkdir -p "$3"
out=$(cd "$3" && pwd)
answer=$out/.answer said=$out/.said
unset RESCIND_FAULT || :
RESCIND_REPO=$out/repo NO_COLOR=1
export RESCIND_REPO NO_COLOR

# --- how it is told ---
bold='' plain=''
[ ! -t 1 ] || { bold=$(printf '\033[1m') plain=$(printf '\033[0m'); }
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
tell() { printf '   %s\n' "$*"; }
figures() { jq -r "$1" "$answer"; } # FILTER, of the last answer
tell_figures() { figures "$1" | sed 's/^/   /'; }

# The words as they can be typed in a shell.
typed() {
	for word; do
		case $word in
		*[!A-Za-z0-9_./:=@%+,-]* | '') printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

# usage: try CODES WORDS..; an exit code that is not among CODES ends the story.
try() {
	codes=$1 code=0
	shift
	echo "rescind$(typed "$@")" >>commands.sh
	"$program" --json "$@" >"$answer" 2>"$said" || code=$?
	{ echo "\$ rescind$(typed "$@")"; cat "$said" "$answer"; echo "(exit $code)"; } >>log
	case " $codes " in *" $code "*) return 0 ;; esac
	echo "story: rescind$(typed "$@"): exit $code" >&2
	cat "$said" >&2
	exit 1
}

# --- photos and papers ---
cd "$out"
rm -rf repo keys keys-mirror photos papers models drawn commands.sh log ./*.certificate ./*.html
: >log
cat >commands.sh <<E2
# Every command of the story, in order. Read it, or copy lines out of it; it is not meant to be run
# as a whole: the names of plans are different each time.
# cd $out
# PATH=${program%/*}:\$PATH RESCIND_REPO=$out/repo; export PATH RESCIND_REPO
E2
if [ -z "$photos" ]; then
	mkdir drawn
	"$draw" drawn $people $each $seed
	photos=$out/drawn
	what="$((people * each)) photos of $people people who do not exist, drawn for this"
else
	what="the photos in $photos"
fi
"$here/split.sh" "$photos" photos
words_write papers photos/subjects
mkdir models
words_weights models/faces.weights 1
words_weights models/faces-mobile.weights 2

title "Rescind, with $what"

title '2014: photos come in'
try 0 init --repo repo --keys keys --mirror keys-mirror
tell "a repository, $(figures .origin); its keys lie apart from it, in two places"
try 0 key add dpo
tell 'a second role, dpo: nobody takes data back alone'
try 0 source add volunteers --controller 'Open Faces' --kind upload --people personal \
	--licence LicenseRef-volunteers --terms papers/volunteers.txt \
	--allow train:IdentityVerification --basis consent
count=0
while IFS= read -r who; do
	try 0 grant add --subject "$who" --use train:IdentityVerification --basis consent \
		--evidence "papers/consent/$who.txt"
	count=$((count + 1))
done <photos/subjects
tell "source volunteers: $count people, each with a consent of their own"
try 0 source add partner --controller 'Two Moons' --kind partner --people personal \
	--licence LicenseRef-partner --terms papers/partner.txt \
	--allow train:IdentityVerification --basis consent
try 0 grant add --source partner --use train:IdentityVerification --basis consent \
	--evidence papers/users-agreed.txt
try 0 transfer add partner --from 'Two Moons' --to 'Keyhole Works' --date 2014-03-01 \
	--under papers/agreement.txt --use train:IdentityVerification --notified yes
transfer=$(figures .transfer)
tell "source partner: a dating service that says its users agreed; handed over 2014-03-01 ($transfer)"

ingested='"\(.accepted) photos in, \(.refused) refused, \(.copies) copies, \(.bytes / 1000 | floor) kB sealed in \(.milliseconds) ms"'
try '0 5' ingest volunteers photos/volunteers --use train:IdentityVerification \
	--subjects photos/subjects.csv --in-place
tell "volunteers: $(figures "$ingested")"
try '0 5' ingest partner photos/partner --use train:IdentityVerification --transfer "$transfer" \
	--in-place
tell "partner: $(figures "$ingested")"

title 'What grows from them'
try 0 dataset create faces-data --use train:IdentityVerification
tell_figures '"\(.dataset)@\(.version): \(.records) records frozen, \(.excluded) left out"'
try 0 model add faces models/faces.weights --dataset faces-data
tell_figures '"\(.model)@\(.version), trained on it elsewhere: \(.state), lineage \(.grade)"'
try 0 model add faces-mobile models/faces-mobile.weights --parent faces
tell_figures '"\(.model)@\(.version), made from faces: \(.state), lineage \(.grade)"'
decided='"may faces be used for identity verification? \(.decision)" +
	(.reasons | map("; \(.code), \(.records) records: \(.sentence)") | add // "")'
try 0 explain faces --use infer:IdentityVerification
tell_figures "$decided"

title '2026: the people were never told'
try 0 transfer correct "$transfer" --notified no --under papers/letter.txt
tell "a letter comes; $transfer is corrected"
try 3 explain faces --use infer:IdentityVerification
tell_figures "$decided"
try 0 impact source:partner
tell_figures '"what grew from partner: \(.records) records, \(.datasets | length) dataset, \(.models | length) checkpoints (found in \(.milliseconds) ms)"'
tell_figures '.models[] | "  \(.model): \(.share * 1000 | round / 10) % of what it rests on, \(.distance) step\(if .distance > 1 then "s" else "" end) away"'

title 'Taking it back'
try 0 order open source:partner --authority 'the commissioner' --reason 'nobody was told' \
	--document papers/demand.txt
order=$(figures .order) demand=$(figures .demand)
tell_figures '"order \(.order): \(.records) records; their use is denied from now on"'
try 0 order plan "$order"
plan=$(figures .plan)
tell_figures '"its plan, \(.plan[0:16]).., says what would be done:"'
tell_figures '.steps[] | "  \(.n). \(.do) \(.target)"'
try 1 order approve "$order" "$plan"
tell 'the operator who opened it may not approve it'
try 0 order approve "$order" "$plan" --as dpo
tell 'dpo approves exactly that plan'
try 0 order execute "$order"
tell_figures '"\(.steps.done) steps done, \(.steps.failed) failed, \(.steps.left) left: \(.state)"'
tell "photos left in photos/partner: $(find photos/partner -type f | wc -l); weights left in models: $(find models -type f | wc -l)"

title 'What a stranger can check'
try 0 status
vkey=$(figures .vkey)
echo "rescind certificate $order -o $order.certificate --html $order.html" >>commands.sh
"$program" certificate "$order" -o "$order.certificate" --html "$order.html" 2>>log
tell "$order.certificate, $(wc -c <"$order.certificate") bytes, and $order.html for people"

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
cp "$order.certificate" "$elsewhere/certificate"
words_forge "$order.certificate" "$elsewhere/forged"
stranger() { # CODE FILE
	echo "rescind verify $2 --key $vkey --order $demand # in an empty folder" >>commands.sh
	code=0
	(cd "$elsewhere" && unset RESCIND_REPO &&
		"$program" --json verify "$2" --key "$vkey" --order "$demand") >"$answer" 2>"$said" || code=$?
	{ echo "\$ rescind verify $2"; cat "$said" "$answer"; echo "(exit $code)"; } >>log
	[ "$code" -eq "$1" ] || { echo "story: verify $2: exit $code" >&2; cat "$answer" "$said" >&2; exit 1; }
}
stranger 0 certificate
tell_figures '"in an empty folder, with the key and the demand alone: \(if .valid then "valid" else "NOT VALID" end), \(.checks | map(select(.ok)) | length) of \(.checks | length) checks hold"'
tell_figures '"not checked, but asserted by the operator: \(.asserted | length) sentences; not covered: \(.not_covered | length)"'
stranger 4 forged
tell_figures '"a copy dated to another year: \(if .valid then "valid" else "not valid" end) (\(.checks | map(select(.ok | not).name) | join(", ")))"'

title 'It stays away'
try 3 ingest partner photos/partner-again --use train:IdentityVerification --transfer "$transfer"
tell_figures '"the partner sends the photos again: \(.accepted) in, \(.refused) refused (\(.reasons | to_entries | map("\(.key) \(.value)") | join(", ")))"'

title 'One person says no'
who=$(head -n 1 photos/subjects)
try 0 grant withdraw --subject "$who"
order=$(figures .order)
tell_figures "\"$who takes the consent back: \\(.records) records, order \\(.order) is open\""
try 0 order plan "$order"
plan=$(figures .plan)
try 0 order approve "$order" "$plan" --as dpo
try 0 order execute "$order"
tell_figures '"planned, approved, \(.steps.done) steps done: \(.order) is \(.state)"'
"$program" certificate "$order" -o "$order.certificate" --html "$order.html" 2>>log
echo "rescind certificate $order -o $order.certificate --html $order.html" >>commands.sh
try 0 ls 'not erased'
tell "records that are left: $(wc -l <"$answer"); with $who in them: $(jq -s --arg who "$who" 'map(select((.subjects // []) | index($who))) | length' "$answer")"

title 'The stores themselves'
try 0 fsck --deep
tell_figures '"every byte read again: \(if .ok then "all is well" else "something is wrong" end), \(.problems | length) problems"'
try 0 compact
tell_figures '"dead ciphertext removed: \(.before) bytes before, \(.after) after"'
try 0 status
tell_figures '"\(.facts) facts, \(.records) records (\(.erased) erased), \(.orders) orders, \(.orders_open) open"'
rm -f "$answer" "$said"
