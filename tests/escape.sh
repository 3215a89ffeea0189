#!/bin/sh
# What comes while an order is under way does not escape it; and what is not seen is not called deleted.
. "$(dirname "$0")/lib.sh"
use=train:ResearchAndDevelopment

# A repository with some files, a dataset and a checkpoint made elsewhere; an order on record 0, approved.
world() { # [read: at first the files were only read]
	rm -rf repo keys in other
	mkdir in other
	for i in 1 2 3; do echo "file $i" >in/$i; done
	cp in/1 other/again
	echo weights >w
	echo child >child
	echo terms >terms.txt
	must 0 init --keys keys --solo
	must 0 source add s --controller Us --kind synthetic --people none --licence CC0-1.0 --terms terms.txt --allow $use
	[ $# -eq 0 ] || must 0 ingest s in --use $use
	must 0 ingest s in --use $use --in-place
	must 0 dataset create d --use $use
	must 0 model add m w --dataset d
	must 0 order open 'path:1' --authority them --reason because
	must 0 order plan o1
	must 0 order approve o1 "$(answer .plan)"
}
refused() { # CODE NAME WORDS..
	wanted=$1 name=$2
	shift 2
	run "$@"
	check "$name" "exit $code: $(head -c 200 "$work/err")" [ "$code" -eq "$wanted" ]
}

world
RESCIND_FAULT=order_step_noted:1
export RESCIND_FAULT
run order execute o1
unset RESCIND_FAULT
[ "$code" -ne 0 ] || die 'the order was not killed'
refused 1 'a child of what an order takes back is not added while it is under way' model add c child --parent m
refused 1 'an output of it is not noted either' output add t --model m --kind templates --at "$work/t"
refused 3 'a file with the same bytes is no copy then' ingest s other --use $use
check 'and the reason is the order' "$(cat out)" says '.reasons["order-open"] == 1'
refused 1 'an order that has begun is not refused' order refuse o1 --reason no
must 0 order execute o1
check 'it goes on to its end' "$(cat out)" says '.state == "certified"'
must 0 fsck --deep

world
mv in away
must 0 order execute o1
must 0 certificate o1
check 'a file that was not at its place is not counted as deleted' "$(cat out)" \
	sh -c 'jq -er .payload "$1/out" | base64 -d | jq -e "(.predicate.not_covered | any(test(\"1 files were not at their places\"))) and (.predicate.summary.reached | all(.kind != \"files\" or .count == 1))"' - "$work"

world read
must 0 order plan o1
check 'a file that was read first and handed over later is not said to be left' "$(cat out)" \
	says '([.steps[] | select(.do == "delete") | .target] == ["1 files in folder 1"]) and all(.not_reached[]; test("not handed over") | not)'
must 0 order execute o1
check 'and it is deleted' "$(ls in)" [ "$(ls in | tr '\n' ' ')" = '2 3 ' ]
finish
