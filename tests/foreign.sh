#!/bin/sh
# Logs read by somebody else's program: Go's sumdb packages (Debian's golang-golang-x-mod-dev) prove every
# record and every pair of heads, of logs of awkward sizes and of a repository, over HTTP from a static server.
# usage: foreign.sh LOG-MAKE, with RESCIND. Without Go: skipped, with the reason.
make=$(realpath "$1")
. "$(dirname "$0")/lib.sh"
. "$tests/foreign_lib.sh"
modules=/usr/share/gocode
if ! command -v go >/dev/null || [ ! -d "$modules/src/golang.org/x/mod/sumdb" ]; then
	skip 'every record and every pair of heads is proved by a foreign reader' \
		'no Go with golang-golang-x-mod-dev (tools/deps foreign installs them)'
	finish
fi
GO111MODULE=off GOPATH=$modules GOCACHE=$work/go-cache GOFLAGS= GOTOOLCHAIN=local
export GO111MODULE GOPATH GOCACHE GOFLAGS GOTOOLCHAIN
go build -o "$work/foreign" "$tests/foreign/foreign.go" >"$work/err" 2>&1 || die "go build: $(head -c 400 "$work/err")"

mkdir served
serve served

# usage: read_by_others NAME FOLDER VKEY [HEAD..]
read_by_others() {
	name=$1 folder=$2
	shift 2
	if "$work/foreign" "$url/$folder" "$@" >said 2>&1; then ok "$name ($(cat said))"; else not_ok "$name" "$(head -c 300 said)"; fi
}
# usage: sizes FOLDER SIZE..
sizes() {
	folder=$1
	shift
	vkey=$("$make" "served/$folder" "example.org/$folder" "$@") || die "log-make $*"
	heads=
	for size; do heads="$heads served/$folder/heads/$size"; done
	read_by_others "a log of $* is proved by a foreign reader" "$folder" "$vkey" $heads
}
sizes empty 0
sizes one 0 1
sizes two 1 2
sizes small 1 2 3 7 8 100 255 256 257 300 511 512 513
sizes large 1 255 65535 65536 65537 70000

# A reader that believes everything proves nothing: one bit of a tile, of an entry, of the root.
cp -r served/small served/bent
python3 - served/bent/tile/0/000 <<'PY'
import sys
b = bytearray(open(sys.argv[1], 'rb').read()); b[40] ^= 1; open(sys.argv[1], 'wb').write(b)
PY
vkey=$("$make" served/again example.org/small 513)
"$work/foreign" "$url/bent" "$vkey" >said 2>&1 && not_ok 'a bent tile is refused by the foreign reader' "$(cat said)" ||
	ok 'a bent tile is refused by the foreign reader'

serve_repository
for log in facts records; do
	read_by_others "the $log of a repository are proved by a foreign reader" "$log" "$(cat "served/$log/vkey")"
done
finish
