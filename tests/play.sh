#!/bin/sh
# The whole program plays the story: photos in, two checkpoints, an order, a stranger's check, a
# withdrawal; and is killed at every step on the way. One line a check: "ok NAME" or "not ok NAME".
# usage: tests/play.sh RESCIND DRAW|PHOTOS   (the drawing program, or a folder of photos)
set -u
[ $# -eq 2 ] || { echo "usage: tests/play.sh RESCIND DRAW|PHOTOS" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
rescind=$(realpath "$1") || exit 2
photos=$(realpath "$2") || exit 2
. "$root/demo/words.sh"

folder=$(mktemp -d "${TMPDIR:-/tmp}/rescind-play-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir state empty
unset RESCIND_FAULT XDG_DATA_HOME
RESCIND_REPO=$folder/state/repo
export RESCIND_REPO
answer=$folder/answer said=$folder/said
failed=0

ok() { echo "ok $*"; }
not_ok() {
	echo "not ok $*"
	failed=$((failed + 1))
	echo "  exit $code of: $words"
	sed 's/^/  answer: /' "$answer" 2>/dev/null | cut -c1-2000
	sed 's/^/  stderr: /' "$said" 2>/dev/null | head -n 5
}
# usage: does CODE WORDS..; runs, and remembers whether the exit code was that one
does() {
	want=$1 words=$*
	shift
	"$rescind" --json "$@" >"$answer" 2>"$said"
	code=$?
}
# usage: check NAME [FILTER]; the exit code was as wanted, and of the answer FILTER is true
check() {
	if [ "$code" -eq "$want" ] && { [ $# -eq 1 ] || jq -e "$2" "$answer" >/dev/null 2>>"$said"; }; then
		ok "$1"
	else
		not_ok "$1"
	fi
}
# usage: is NAME HAVE WANT; two words are the same
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		echo "not ok $1"
		echo "  have: $2"
		echo "  want: $3"
		failed=$((failed + 1))
	fi
}
have() { jq -r "$1" "$answer"; }
files_in() { find "$1" -type f | wc -l | tr -d ' '; }

# --- what there is ---
if [ ! -d "$photos" ]; then
	mkdir drawn
	"$photos" drawn 6 2 7 || exit 1
	photos=$folder/drawn
fi
"$root/demo/split.sh" "$photos" state/photos || exit 1
words_write papers state/photos/subjects
mkdir state/models
words_weights state/models/faces 1
words_weights state/models/faces-mobile 2
volunteers=$(files_in state/photos/volunteers)
partner=$(files_in state/photos/partner)
identity=IdentityVerification

# --- sources, people, terms ---
does 0 init --repo state/repo --keys state/keys --mirror state/mirror --origin play
check 'a new repository says its origin and its key' '.origin == "play" and (.vkey | startswith("play/facts+"))'
does 1 init --repo state/repo --keys state/other-keys
check 'the same folder is not made a repository twice'
does 0 key add dpo
check 'a role is enrolled' '.role == "dpo" and (.key | test("^[0-9a-f]{64}$"))'
does 0 source add volunteers --controller 'Open Faces' --kind upload --people personal \
	--licence LicenseRef-volunteers --terms papers/volunteers.txt --allow train:$identity --basis consent
check 'a source of volunteers' '.source == "volunteers"'
does 0 source add partner --controller 'Two Moons' --kind partner --people personal \
	--licence LicenseRef-partner --terms papers/partner.txt --allow train:$identity --basis consent
check 'a source that is a partner' '.source == "partner"'
does 2 source add nobody --controller X --kind friend --people personal --licence MIT \
	--terms papers/partner.txt --allow train:$identity
check 'a kind of source that does not exist is wrong usage'
does 2 source add nobody --controller X --kind upload --licence MIT --terms papers/partner.txt \
	--allow train:IdentityVerfication
check 'a purpose that is misspelt is wrong usage'

does 3 ingest volunteers state/photos/volunteers --use train:$identity --subjects state/photos/subjects.csv
check 'without a grant nothing comes in' ".accepted == 0 and .refused == $volunteers and .reasons.\"no-grant\" > 0"
granted=0
while IFS= read -r who; do
	does 0 grant add --subject "$who" --use train:$identity --basis consent \
		--evidence "papers/consent/$who.txt"
	granted=$((granted + (code == 0)))
done <state/photos/subjects
is 'every volunteer grants' $granted "$(wc -l <state/photos/subjects | tr -d ' ')"
does 0 grant add --source partner --use train:$identity --basis consent --evidence papers/users-agreed.txt
check 'the partner says that its users agreed' '.grant | test("^g[0-9]+$")'
does 3 ingest partner state/photos/partner --use train:$identity
check 'from a partner nothing comes in without a transfer' ".accepted == 0 and .refused == $partner and .reasons.transfer > 0"
does 0 transfer add partner --from 'Two Moons' --to 'Keyhole Works' --date 2014-03-01 \
	--under papers/agreement.txt --use train:$identity --notified yes
check 'a transfer' '.transfer == "t1"'

# --- photos in ---
does 0 ingest volunteers state/photos/volunteers --use train:$identity \
	--subjects state/photos/subjects.csv --in-place
[ "$code" -ne 5 ] || want=5
check 'the volunteers are in, each file counted once' \
	".accepted > 0 and .accepted + .refused + .copies == $volunteers and .first == 0 and .quarantined == 0"
own=$(have .accepted)
does 0 ingest partner state/photos/partner --use train:$identity --transfer t1 --in-place
[ "$code" -ne 5 ] || want=5
check "the partner's photos are in, each file counted once" \
	".accepted > 0 and .accepted + .refused + .copies == $partner and .first == $own and .last == .first + .accepted - 1"
theirs=$(have .accepted) their_refused=$(have .refused)
does 0 ingest volunteers state/photos/volunteers --use train:$identity --subjects state/photos/subjects.csv --in-place
[ "$code" -ne 5 ] || want=5
check 'the same folder again brings nothing new' '.accepted == 0 and .batch == null'
does 0 ls source:partner
is 'ls picks the records of a source' "$(jq -s length "$answer")" "$theirs"
does 0 show 0
check 'a record is shown with what is known' \
	'.pos == 0 and .source == "volunteers" and .status == "live" and (.sha256 | test("^[0-9a-f]{64}$")) and (.subjects | length) == 1'
is 'no photo lies unsealed in the repository' \
	"$(grep -rlaF JFIF state/repo state/keys state/mirror | wc -l | tr -d ' ')" 0
who=$(head -n 1 state/photos/subjects)
does 0 ls "subject:$who"
hers=$(jq -s length "$answer")

# --- what grows from them ---
does 0 dataset create faces-data --use train:$identity
check 'a dataset freezes what may be used' \
	".dataset == \"faces-data\" and .version == 1 and .records == $((own + theirs)) and .excluded == 0"
does 0 model add faces state/models/faces --dataset faces-data
check 'a checkpoint made elsewhere' '.model == "faces" and .version == 1 and .state == "live" and .grade == "declared"'
does 0 model add faces-mobile state/models/faces-mobile --parent faces
check 'a checkpoint made from it' '.state == "live" and .records == '$((own + theirs))
does 0 explain faces --use infer:$identity
check 'the checkpoint may be used' '.decision == "allow" and .reasons == []'
does 3 explain faces --use infer:Marketing
check 'for another purpose it may not' '.decision == "deny"'
does 3 explain 0 --use share:$identity
check 'nor may a record be shared when only training was agreed' '.decision == "deny"'

# --- the correction ---
does 0 transfer correct t1 --notified no --under papers/letter.txt
check 'a correction of the transfer'
does 3 explain faces --use infer:$identity
check 'counts at once: no notice' \
	'.decision == "deny" and [.reasons[].code] == ["no-notice"] and .reasons[0].records == '$theirs
does 3 explain faces-mobile --use infer:$identity
check 'and reaches what was made from the checkpoint' '.decision == "deny"'
does 0 status
facts=$(have .facts)
does 0 impact source:partner
check 'impact names what grew from the source' \
	".records == $theirs and [.datasets[].dataset] == [\"faces-data@1\"] and
	 [.models[].model] == [\"faces@1\", \"faces-mobile@1\"] and [.models[].distance] == [1, 2] and
	 .people.contactable == 0 and .people.not == $theirs"
does 0 status
check 'and changes nothing' ".facts == $facts"

# --- the order ---
does 0 order open source:partner --authority 'the commissioner' --reason 'nobody was told' \
	--document papers/demand.txt
check 'an order is opened' ".order == \"o1\" and .state == \"open\" and .records == $theirs and (.demand | test(\"^[0-9a-f]{64}$\"))"
demand=$(have .demand)
does 3 explain "$own" --use train:$identity
check 'and denies at once' '[.reasons[].code] | index("order-open") != null'
does 1 order execute o1
check 'nothing is done without a plan'
does 0 order plan o1
check 'a plan with steps, and nothing that it cannot reach' \
	'.state == "planned" and (.plan | test("^[0-9a-f]{64}$")) and .not_reached == [] and
	 [.steps[].do] == ["withdraw", "withdraw", "subset", "delete", "destroy", "search"]'
plan=$(have .plan)
does 1 order approve o1 "$plan"
check 'the opener does not approve'
does 1 order approve o1 "$demand" --as dpo
check 'another hash is not approved'
does 0 order approve o1 "$plan" --as dpo
check 'another role approves exactly that plan' ".state == \"approved\" and .plan == \"$plan\""
does 0 status
vkey=$(have .vkey)

# --- killed on the way, at every step that has a name ---
cp -a state before
back() { rm -rf state && cp -a "$1" state; }
does 0 help faults
"$rescind" help faults >faults 2>/dev/null
while IFS= read -r fault; do
	# No part of this order.
	[ "$fault" != compact_written ] && [ "$fault" != order_unlearned ] || continue
	for n in 1 4; do
		back before
		words="order execute o1, to be killed at $fault:$n"
		RESCIND_FAULT=$fault:$n "$rescind" --json order execute o1 >"$answer" 2>"$said"
		code=$?
		# Not every step is passed four times on the way.
		[ $n -eq 1 ] || [ $code -ne 0 ] || continue
		want=137
		check "an order is killed at $fault:$n"
		does 0 order execute o1
		check "and goes on to its end from $fault:$n" \
			'.state == "certified" and .steps == {"done": 6, "failed": 0, "left": 0}'
		does 0 fsck --deep
		check "and nothing is wrong after $fault:$n" '.ok and .problems == []'
		is "and no photo of the partner is left after $fault:$n" \
			"$(files_in state/photos/partner)" "$their_refused"
	done
done <faults
back before

does 0 order execute o1
check 'the order is executed and certified' \
	'.state == "certified" and .steps == {"done": 6, "failed": 0, "left": 0}'
is 'its files are deleted' "$(files_in state/models)" 0
does 0 ls source:partner
is 'of an erased record only its place and commitment are told' \
	"$(jq -sc 'map(keys) | unique' "$answer")" '[["commitment","pos","source","status"]]'
does 0 ls 'source:partner and not erased'
is 'no record of the partner is left' "$(jq -s length "$answer")" 0
does 0 show faces
check 'the checkpoint is erased' '.state == "erased"'
does 0 show faces-data
check 'the dataset has a next version without them' ".version == 2 and .records == $own and .erased == 0"
does 3 explain faces --use infer:$identity
check 'an erased checkpoint may not be used'

# --- a stranger ---
"$rescind" certificate o1 -o o1.certificate --html o1.html >"$answer" 2>"$said"
is 'a certificate for people has their language and no script' \
	"$(grep -c '<html' o1.html) $(grep -ci '<script' o1.html)" '1 0'
cp o1.certificate empty/
words_forge o1.certificate empty/forged
stranger() { # CODE WORDS..
	want=$1 words="verify $*"
	shift
	(cd empty && unset RESCIND_REPO && "$rescind" --json verify "$@") >"$answer" 2>"$said"
	code=$?
}
stranger 0 o1.certificate --key "$vkey" --order "$demand"
check 'verifies in an empty folder' '.valid and ([.checks[] | select(.ok | not)] == []) and (.checks | length) >= 10'
check 'and says what it does not prove' '(.asserted | length) > 0 and (.not_covered | length) > 0 and (.signed_by_others | length) > 0'
is 'and does not name the photos' "$(grep -cE '\.jpe?g|\.png' empty/o1.certificate)" 0
stranger 4 forged --key "$vkey" --order "$demand"
check 'a forged copy does not' '.valid == false and ([.checks[] | select(.name == "signature").ok] == [false])'
stranger 4 o1.certificate --order "$demand"
check 'nor without a pinned key' '.valid == false'
stranger 4 o1.certificate --key "$vkey" --order "$plan"
check 'nor as the answer to another demand' '.valid == false'
printf 'no certificate\n' >empty/text
stranger 4 text --key "$vkey"
check 'nor does any text'
head -c 5000 empty/o1.certificate >empty/cut
stranger 4 cut --key "$vkey"
check 'nor one that is cut off' '.valid == false'
stranger 1 missing --key "$vkey"
check 'a file that is missing is a failure of its own'

# --- never again, and a person's no ---
does 0 transfer correct t1 --notified yes --under papers/agreement.txt
does 3 ingest partner state/photos/partner-again --use train:$identity --transfer t1
check 'the same photos are refused, whatever the transfer says' \
	'.accepted == 0 and .reasons."never-again" >= '$theirs
does 0 grant withdraw --subject "$who"
check 'a person takes the consent back' ".records == $hers and .order == \"o2\" and (.withdrawn | length) == 1"
does 0 order plan o2
plan=$(have .plan)
does 0 order approve o2 "$plan" --as dpo
does 0 order execute o2
check 'and the photos go' ".state == \"certified\" and .records == $hers"
does 0 ls 'not erased'
is 'the others stay' "$(jq -s length "$answer")" $((own - hers))
is 'and nobody of that name is in them' \
	"$(jq -s --arg who "$who" 'map(select(.subjects | index($who))) | length' "$answer")" 0

# --- the stores ---
does 0 fsck --deep
check 'every byte is well' '.ok and .problems == []'
does 0 compact
check 'dead ciphertext is removed' '.after < .before'
does 0 fsck --deep
check 'and all is still well' '.ok and .problems == []'
does 0 fsck --rebuild
check 'the catalog is made again from the log' '.ok'
does 0 status
check 'with the same figures' \
	".records == $((own + theirs)) and .erased == $((theirs + hers)) and .orders_open == 0 and .wrong == []"
"$rescind" certificate o1 -o again.certificate 2>"$said"
cmp o1.certificate again.certificate >"$said" 2>&1
is 'the certificate is the same bytes whenever it is asked for' $? 0

[ "$failed" -eq 0 ] || { echo "$failed checks failed"; exit 1; }
