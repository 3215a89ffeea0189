#!/bin/sh
# Make the two sources of the story out of one folder of photos.
# usage: demo/split.sh PHOTOS OUT
# By order of names, the first half of the JPEGs and PNGs is copied to OUT/volunteers and the second
# to OUT/partner, and to OUT/partner-again, for when the partner sends them once more. OUT/subjects.csv
# says who is in the volunteers' photos (the subfolder, else the first part of the name), and
# OUT/subjects lists these people, one to a line.
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 2 ] && [ -d "$1" ] || { echo "usage: demo/split.sh PHOTOS OUT" >&2; exit 2; }
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$1"

newline='
'
find . -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' \) ! -name "*$newline*" \
	! -path "*$newline*" | sed 's|^\./||' | sort >"$out/names"
total=$(wc -l <"$out/names")
[ "$total" -ge 4 ] || { echo "split: $1 holds $total photos; the story needs 4 or more" >&2; exit 1; }
half=$((total / 2))

copy_to() { # FOLDER, names from stdin
	while IFS= read -r name; do
		case $name in */*) mkdir -p "$out/$1/${name%/*}" ;; *) mkdir -p "$out/$1" ;; esac
		cp -- "$name" "$out/$1/$name"
	done
}
head -n "$half" "$out/names" | copy_to volunteers
tail -n "+$((half + 1))" "$out/names" | copy_to partner
tail -n "+$((half + 1))" "$out/names" | copy_to partner-again

# A name is quoted as CSV asks; a person is what stands before the first / or else - _ . or space.
head -n "$half" "$out/names" | awk '
	BEGIN { print "path,subject" }
	{
		who = $0
		if (who ~ /\//) sub(/\/.*/, "", who); else sub(/[-_. ].*/, "", who)
		gsub(/[^A-Za-z0-9]/, "-", who)
		name = $0
		gsub(/"/, "\"\"", name)
		print "\"" name "\"," (who == "" ? "someone" : who)
	}' >"$out/subjects.csv"
sed 's/.*",//' "$out/subjects.csv" | tail -n +2 | sort -u >"$out/subjects"
