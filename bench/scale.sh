#!/bin/sh
# Certificates of a large repository: RECORDS made-up records (3,000,000) of six sources, the partner's
# 500,000 of them in three batches, 100 checkpoints over sibling datasets; an order against the partner, and
# one for a person in ten scattered records. One run, with the figures that were asked for.
# usage: bench/scale.sh [BUILD-DIR] [RECORDS]; needs jq and 12 GB below TMPDIR; 15 minutes.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build} records=${2:-3000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/rescind-scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
ninja -C "$build" rescind src/flow/fill >"$work/log" || { tail "$work/log"; exit 1; }
R=$build/rescind
cd "$work"
use=train:Purpose
now() { date +%s%N; }
say() { printf '%-66s %10s   asked: %s\n' "$1" "$2" "$3"; }
quiet() { "$R" --quiet "$@" >/dev/null; }
# Median of 5 runs in ms, of a whole process.
median() {
	for _ in 1 2 3 4 5; do
		t=$(now); "$@" >/dev/null 2>&1; echo $((($(now) - t) / 10000))
	done | sort -n | sed -n 3p | awk '{ printf "%.0f", $1 / 100 }'
}
fill() { "$build/src/flow/fill" . "$@"; }
quiet init --origin scale --keys keys --mirror mirror
quiet key add dpo
echo terms >terms.txt
for s in partner a b c d e; do
	quiet source add $s --controller Bench --kind synthetic --licence CC0-1.0 \
		--terms terms.txt --allow $use --people none
done
t=$(now)
sixth=$((records / 6))
fill a $sixth 16384
fill partner $((sixth / 3)) $sixth
fill b $sixth 16384
fill partner $((sixth / 3)) $sixth
fill c $sixth 16384 ada
fill partner $((sixth - 2 * (sixth / 3))) $sixth
fill d $sixth 16384
fill e $sixth 16384
took=$((($(now) - t) / 1000000))
echo "$records records filled in $((took / 1000)) s; $(du -sh .rescind | cut -f1) in the repository, $(du -sh keys | cut -f1) of keys"
# Ten selections, each leaving out 1,000 records of its own; ten checkpoints over each.
t=$(now)
i=0
while [ $i -lt 10 ]; do
	quiet dataset create d$i --use $use --where "not record:$((i * 1000))-$((i * 1000 + 999))"
	k=0
	while [ $k -lt 10 ]; do
		echo "weights $i $k" >m$i-$k
		quiet model add m$i-$k m$i-$k --dataset d$i
		k=$((k + 1))
	done
	i=$((i + 1))
done
echo "10 datasets, 100 checkpoints in $((($(now) - t) / 1000000)) ms"
ordered() { # ID SELECTOR BYTES MS
	quiet order open "$2" --authority Bench --reason bench
	plan=$("$R" --quiet order plan "$1" --json | jq -r .plan)
	quiet --as dpo order approve "$1" "$plan"
	t=$(now)
	quiet order execute "$1"
	say "$2: execute, ms" $((($(now) - t) / 1000000)) "-"
	"$R" --quiet certificate "$1" -o "$1.json"
	say "its certificate: bytes" "$(stat -c %s "$1.json")" "<= $3"
	key=$("$R" status --json | jq -r .vkey)
	"$R" verify "$1.json" --key "$key" >verified || { cat verified; exit 1; }
	say "its verification, whole process: ms" "$(median "$R" verify "$1.json" --key "$key")" "<= $4"
}
ordered o1 subject:ada 200,000 200
# The checkpoints are withdrawn now: others over what is retained.
i=0
while [ $i -lt 10 ]; do
	k=0
	while [ $k -lt 10 ]; do
		echo "again $i $k" >m$i-$k
		quiet model add m$i-$k m$i-$k --dataset d$i
		k=$((k + 1))
	done
	i=$((i + 1))
done
ordered o2 source:partner 2,000,000 2000
