#!/bin/sh
# One model from the same photos by differently built programs: the same weights, bit for bit.
# usage: samebits.sh DRAW PROGRAM PROGRAM..   DRAW: demo/draw.c, built
RESCIND=$2
export RESCIND
draw=$(realpath "$1")
shift
programs=
for program; do programs="$programs $(realpath "$program")"; done
. "$(dirname "$0")/lib.sh"

mkdir drawn
"$draw" drawn 40 4 7 >/dev/null || die 'no photos drawn'
(
	echo path,key,value
	cd drawn && ls ./*.jpg | sed -n 's|^\./\(\(.*\)-[0-9]*\.jpg\)$|\1,person,\2|p'
) >attrs.csv
echo 'You may train on these.' >terms.txt

# usage: trained PROGRAM: the digests of the models of this program, in digests
trained() {
	RESCIND=$1
	rm -rf repo keys digests
	must 0 init --keys keys --solo
	must 0 source add drawn --controller Us --kind synthetic --people none --licence CC0-1.0 --terms terms.txt \
		--allow train:ResearchAndDevelopment
	must 0 ingest drawn drawn --use train:ResearchAndDevelopment --attrs attrs.csv
	must 0 dataset create all --use train:ResearchAndDevelopment
	for words in '' '--features pixels' '--lambda 1000'; do
		must 0 train faces --dataset all --target person $words
		answer '.weights_sha256' >>digests
	done
}
first=
for program in $programs; do
	trained "$program"
	if [ -z "$first" ]; then
		first=$program
		cp digests first
	else
		check "$(basename "$(dirname "$program")") makes the weights of $(basename "$(dirname "$first")")" \
			"$(paste -sd' ' digests) instead of $(paste -sd' ' first)" cmp -s first digests
	fi
done
finish
