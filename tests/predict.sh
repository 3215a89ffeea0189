#!/bin/sh
# Exact models are asked: what they say, when they are silent, and that leave-one-out is what training
# without each record would say.
# usage: predict.sh DRAW   demo/draw.c, built
draw=$(realpath "$1")
. "$(dirname "$0")/lib.sh"

mkdir drawn
"$draw" drawn 5 3 11 >/dev/null || die 'no photos drawn'
(
	echo path,key,value
	cd drawn && ls ./*.jpg | sed -n 's|^\./\(\(.*\)-[0-9]*\.jpg\)$|\1,person,\2|p'
) >attrs.csv
count=$(($(wc -l <attrs.csv) - 1))
use=ResearchAndDevelopment
echo 'You may train on these.' >terms.txt
must 0 init --keys keys --solo
must 0 source add drawn --controller Us --kind synthetic --people none --licence CC0-1.0 --terms terms.txt \
	--allow "train:$use,evaluate:$use"
must 0 ingest drawn drawn --use "train:$use" --attrs attrs.csv
must 0 dataset create all --use "train:$use"
must 0 train faces --dataset all --target person --lambda 200000
first=$(sed -n 2p attrs.csv | cut -d, -f1)
person=$(sed -n 2p attrs.csv | cut -d, -f3)

# --- rows and exit codes ---
must 0 predict faces "drawn/$first"
check 'a photo that was learned is known' "$(cat out)" says ".label == \"$person\" and .score > 0"
check 'a score is a whole number of units' "$(cat out)" says '(.score_units | . == floor) and
	((.score * 1073741824 - .score_units) | fabs) < 1'
must 0 predict faces drawn/*.jpg
check 'every file has its row' "$(wc -l <out) rows" test "$(wc -l <out)" -eq "$count"
run predict faces terms.txt "drawn/$first" nowhere.jpg
check 'a file that is no picture is named and the others are answered: 5' "$code" test "$code" -eq 5
check 'each of them has its reason' "$(cat out)" test "$(jq -c '[has("error"), has("label")]' out | paste -sd' ')" = \
	'[true,false] [false,true] [true,false]'
run predict faces terms.txt
check 'nothing answered: 1' "$code" test "$code" -eq 1
run predict faces
check 'no file: 2' "$code" test "$code" -eq 2

# --- leave-one-out ---
must 0 evaluate faces --dataset all
check 'what it learned it knows' "$(cat out)" says ".n == $count and .accuracy == 1 and (has(\"loo\") | not)"
must 0 evaluate faces --dataset all --exact-loo
check 'every record is left out' "$(cat out)" says ".loo == $count and .n == $count"
said=$(answer ".accuracy * $count | round")
right=0 pos=0
while [ "$pos" -lt "$count" ]; do
	must 0 ls "record:$pos"
	path=$(answer '.path') person=$(answer '.attrs.person')
	must 0 dataset create rest --use "train:$use" --where "not record:$pos"
	must 0 train without --dataset rest --target person --lambda 200000
	must 0 predict without "drawn/$path"
	! says ".label == \"$person\"" || right=$((right + 1))
	pos=$((pos + 1))
done
check 'leave-one-out is as often right as models trained without each' "$said instead of $right of $count" \
	test "$said" -eq "$right"

# --- silence ---
must 0 dataset create other --use "evaluate:$use"
must 0 evaluate faces --dataset other
must 0 order open record:0 --authority DPA --reason 'a demand'
for words in "predict faces drawn/$first" 'evaluate faces --dataset all'; do
	run $words
	check "${words%% *} under an open order: 3" "$code: $(cat out)" test "$code" -eq 3
	check "${words%% *} says why" "$(cat out)" says '.decision == "deny" and (.reasons | index("order-open"))'
done
finish
