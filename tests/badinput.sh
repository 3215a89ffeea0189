#!/bin/sh
# What is not as it should be is refused in one clear line, the rest goes in, and the exit code says so.
. "$(dirname "$0")/lib.sh"
shared=${RESCIND_SHARED:-$tests/../../shared}

story_begin
must 0 source add drawn-osk --controller X --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use

# usage: counts FILTER: [accepted, refused, copies]
counts() { [ "$(answer '[.accepted, .refused, .copies, .quarantined] | join(" ")')" = "$1" ]; }
# usage: ingest_is NAME CODE COUNTS WORDS..; each refused file has one line
ingest_is() {
	name=$1 wanted=$2 numbers=$3
	shift 3
	run ingest "$@" --use $use
	if [ "$code" -eq "$wanted" ] && counts "$numbers" &&
		[ "$(grep -c '^refused ' err)" = "$(answer .refused)" ]; then
		ok "$name"
	else
		not_ok "$name" "exit $code: $(head -c 300 out) $(head -n 3 err | head -c 300)"
	fi
}
# usage: error_is NAME CODE PATTERN WORDS..; one line, which has the pattern and ends with what to do; nothing on stdout
error_is() {
	name=$1 wanted=$2 pattern=$3
	shift 3
	run "$@"
	if [ "$code" -eq "$wanted" ] && one_line err && grep -q "$pattern" err && [ ! -s out ] &&
		jq -e '.error.code and .error.message' err >/dev/null; then
		ok "$name"
	else
		not_ok "$name" "exit $code: $(head -c 300 err out)"
	fi
	"$RESCIND" --repo "$work/repo" "$@" >out 2>err
	one_line err && grep -q '^rescind: .* (.*)$' err || not_ok "$name" "in words: $(head -c 300 err)"
}

# --- files that are none ---
jpegs odd 3 odd good-
: >odd/empty.jpg
mkfifo odd/fifo.jpg
ln -s "$work/papers/letter-wyrm.txt" odd/out-of-here.jpg
ln -s / odd/out-of-here
ln -s nowhere odd/broken.jpg
ingest_is what_is_no_file_is_refused 5 '3 5 0 0' drawn-osk odd
for f in empty.jpg fifo.jpg out-of-here.jpg out-of-here broken.jpg; do
	grep -q "^refused odd/$f: " err || not_ok "a_line_for_$f" "$(cat err)"
done
run ls 'path:*letter*'
check nothing_beyond_a_symlink_is_in "$(cat out)" [ ! -s out ]
ingest_is the_same_again_is_nothing_new 5 '0 5 3 0' drawn-osk odd
ln -s odd link-to-odd
run ingest drawn-osk link-to-odd --use $use
check a_symlink_as_the_path_is_not_followed "exit $code: $(cat out err | head -c 300)" [ "$code" -ne 0 ]
if [ "$(id -u)" -eq 0 ]; then
	skip an_unreadable_file_is_refused 'root reads everything'
else
	jpegs locked 2 locked locked-
	chmod 0 locked/locked-01.jpg
	ingest_is an_unreadable_file_is_refused 5 '1 1 0 0' drawn-osk locked
fi

# --- many ---
mkdir empties
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13; do
	: >empties/$n.jpg
done
ingest_is each_of_many_is_told_with_json 5 '0 13 0 0' drawn-osk empties
"$RESCIND" --repo "$work/repo" ingest drawn-osk empties --use $use >out 2>err
check the_first_of_many_are_told "$(cat err)" [ "$(grep -c '^refused empties/' err)" -eq 10 ]
check and_how_many_there_are "$(cat err)" grep -q '^empty: 13 files in all' err

# --- names ---
mkdir names
n=0
for name in 'new
line.jpg' "$(printf 'in\377valid.jpg')" ' blank .jpg' '"quoted,".jpg' "$(printf 'tab\tx.jpg')" '-dash.jpg' \
	"$(printf '\033[31mred.jpg')"; do
	n=$((n + 1))
	jpegs one-$n 1 "name-$n"
	mv one-$n/*.jpg "names/$name"
done
: >"names/$(printf 'empty\nand\377bad\033.jpg')"
ingest_is strange_names_go_in 5 '7 1 0 0' drawn-osk names
check they_are_printed_escaped "$(head -n 2 err)" grep -q -F 'refused names/empty\nand\xff' err
run ls "source:drawn-osk"
check each_is_one_line_of_JSON "$(wc -l <out) lines" [ "$(jq -c .path out 2>/dev/null | wc -l)" -eq 10 ]
check no_control_character_is_printed "$(cat -v out | head -c 300)" [ "$(tr -d '\n\040-\176\200-\377' <out | wc -c)" -eq 0 ]
"$RESCIND" --repo "$work/repo" ls source:drawn-osk >out 2>err
check nor_in_words "$(cat -v out | grep -a 'M-\|\^' | head -n 3)" [ "$(tr -d '\n\040-\176' <out | wc -c)" -eq 0 ]
check bytes_that_are_no_text_are_escaped_in_words "$(cat -v out | head -c 300)" grep -q -F 'in\xffvalid.jpg' out

# --- malformed photos ---
if [ -e "$shared/data/malformed-jpeg/malformed.tar.gz" ]; then
	mkdir malformed && tar -xzf "$shared/data/malformed-jpeg/malformed.tar.gz" -C malformed
	jpegs malformed 2 m fine-
	run ingest drawn-osk malformed --use $use
	files=$(find malformed -type f | wc -l)
	check malformed_photos_are_counted_each "exit $code: $(head -c 300 out)" \
		says ".accepted + .refused + .copies == $files and .accepted >= 2"
	case $code-$(answer '.refused > 0') in
	5-true | 0-false) ok malformed_photos_end_in_the_right_code ;;
	*) not_ok malformed_photos_end_in_the_right_code "exit $code, $(answer .refused) refused" ;;
	esac
	check fine_ones_among_them_are_in "$(grep fine err)" [ -z "$(grep fine err)" ]
	check each_refused_one_has_a_line "$(grep -c '^refused ' err) lines" \
		[ "$(grep -c '^refused ' err)" -eq "$(answer .refused)" ]
else
	skip malformed_photos 'no shared data here'
fi
jpegs cut 1 cut cut-
head -c 300 cut/cut-01.jpg >cut/half.jpg
cp papers/letter-wyrm.txt cut/text.jpg
run ingest drawn-osk cut --use $use
check halves_are_counted "exit $code: $(cat out err | head -c 400)" says '.accepted + .refused == 3 and .accepted >= 1'

# --- CSV ---
jpegs csv 2 csv csv-
printf 'file,person\ncsv-01.jpg,someone\n' >no-column.csv
printf 'path,subject\ncsv-01.jpg\n' >short-row.csv
printf 'path,subject\n"csv-01.jpg,open\n' >open-quote.csv
printf 'path,subject\ncsv-01.jpg,bad\377name\n' >no-utf8.csv
printf 'path,subject\ncsv-01.jpg,a\n' | head -c 0 >empty.csv
for f in no-column short-row open-quote no-utf8 empty; do
	error_is "a_CSV_with_$f" 1 "$f.csv" ingest volunteers-osk csv --use $use --subjects $f.csv
done
error_is a_CSV_that_is_not_there 1 absent.csv ingest volunteers-osk csv --use $use --subjects absent.csv
printf 'path,key,value\ncsv-01.jpg,bad key,x\n' >bad-key.csv
error_is an_attribute_without_a_good_key 1 bad-key.csv ingest volunteers-osk csv --use $use --attrs bad-key.csv
[ "$(status_of .records)" -gt 0 ] || not_ok records_are_there "$(cat out)"
run ls 'path:csv-*'
check nothing_went_in_with_a_bad_CSV "$(head -c 200 out)" [ ! -s out ]

# --- words ---
error_is an_unknown_source 1 nosuch ingest nosuch csv --use $use
error_is a_path_that_is_not_there 1 absent ingest drawn-osk absent --use $use
error_is an_unknown_transfer 1 t99 ingest drawn-osk csv --use $use --transfer t99
for bad in train Train:IdentityVerification train:NoSuchPurpose 'train:' ':x' '' 'train:IdentityVerification;x'; do
	error_is "a_bad_use_($bad)" 2 . ingest drawn-osk csv --use "$bad"
done
for bad in yesterday 2014-13-01 2014-02-30 2014-01-01T25:00:00Z 2014-01-01T00:00:00 20140101 ''; do
	error_is "a_bad_time_($bad)" 2 . source add timed --controller X --kind synthetic --licence CC0-1.0 \
		--terms papers/letter-wyrm.txt --allow $use --from "$bad"
done
deep=$(printf '%5000s' '' | tr ' ' '(')
for bad in '' nosuch:thing source: 'source:drawn-osk and' '(source:drawn-osk' 'record:9-3' 'record:x' 'sha256:abc' \
	'or' 'source:drawn-osk source:drawn-osk' 'path:"open' "$(printf 'path:\377')" "$deep" 'record:0-99999999999999999999'; do
	error_is "a_bad_selector_($(printf %.20s "$bad" | tr -d '\377'))" 2 . ls "$bad"
done
for bad in Upper -dash 'with blank' "$(printf '%101s' '' | tr ' ' a)" ''; do
	error_is "a_bad_name_($(printf %.12s "$bad"))" 2 . source add "$bad" --controller X --kind synthetic --licence CC0-1.0 \
		--terms papers/letter-wyrm.txt --allow $use
done
error_is an_unknown_verb 2 . dance
error_is an_unknown_option 2 . ls record:0 --dance
error_is a_missing_word 2 . order approve o1
error_is an_unknown_order 1 o77 order plan o77
error_is an_unknown_role 1 nobody source add roled --controller X --kind synthetic --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use --as nobody
error_is an_unknown_thing 1 nosuch show nosuch
error_is a_file_of_terms_that_is_not_there 1 absent source add absent --controller X --kind synthetic \
	--licence CC0-1.0 --terms papers/absent.txt --allow $use
error_is the_same_source_twice 1 drawn-osk source add drawn-osk --controller X --kind synthetic --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use
error_is an_order_without_a_certificate 1 o77 certificate o77
error_is a_demand_pinned_where_none_is_answered 2 demand verify repo/.rescind/log/facts/checkpoint \
	--key "$(cat repo/.rescind/log/facts/vkey)" --order "$(printf '%064d' 0)"
run dataset create none --use train:Marketing
check a_dataset_of_nothing_is_said_whole "exit $code: $(cat out)" says \
	'[.dataset, .version, .records, .root] == ["none", 0, 0, null] and .excluded > 0 and .reasons["use-not-allowed"] > 0'
check and_denied "exit $code" [ "$code" -eq 3 ]
error_is a_second_init 1 . init --origin again.example --keys "$work/keys2"
run fsck --deep
check all_is_well_after_all_of_it "exit $code: $(jq -c .problems out | head -c 300)" [ "$code" -eq 0 ]

# --- streams that are closed ---
run status
cp out status.json
"$RESCIND" --repo "$work/repo" --json status <&- 2>&- >out
check without_stdin_and_stderr_it_answers "$(cat out)" cmp -s out status.json
code=0
"$RESCIND" --repo "$work/repo" --json status >&- 2>err || code=$?
check without_stdout_it_fails_in_a_line "exit $code: $(cat err)" [ "$code-$(grep -c '^{"error".*stdout' err)" = 1-1 ]
"$RESCIND" --repo "$work/repo" source add unseen --controller X --kind synthetic --people none --licence CC0-1.0 \
	--terms papers/letter-wyrm.txt --allow $use <&- >&- 2>&-
run source show unseen
check and_did_what_was_asked "exit $code" [ "$code" -eq 0 ]
run fsck --deep
check no_answer_went_into_a_store "exit $code: $(cat out)" says '.ok and .repaired == []'

# --- two writers at once ---
mkdir many
python3 -c 'for i in range(6000): open("many/%d.txt" % i, "w").write("many %d\n" % i)'
"$RESCIND" --repo "$work/repo" --json ingest drawn-osk many --use $use >long.out 2>long.err &
long=$!
said=0 good=0
for n in 1 2 3 4 5 6; do
	run source add "beside-$n" --controller X --kind synthetic --people none --licence CC0-1.0 \
		--terms papers/letter-wyrm.txt --allow $use
	if [ "$code" -eq 0 ]; then good=$((good + 1)); elif [ "$code" -eq 1 ] && one_line err; then said=$((said + 1)); fi
done
code=0
wait "$long" || code=$?
check a_second_writer_waits_or_says_so "$good were done, $said refused in one line" [ $((good + said)) -eq 6 ]
check the_first_writer_ends_well "exit $code: $(head -c 200 long.err)" \
	[ "$code-$(jq -r .accepted long.out)" = 0-6000 ]
run source ls
check what_was_done_is_there "$good were done" [ "$(grep -c '"beside-' out)" -eq "$good" ]
run fsck --deep
check all_is_well_after_two_writers "exit $code" [ "$code" -eq 0 ]
finish
