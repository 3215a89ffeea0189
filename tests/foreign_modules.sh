#!/bin/sh
# Our logs and heads before programs of others, from the Go proxy: tessera's fsck makes every tile of a log again
# from its entries; torchwood's litewitness signs heads only of a log that grows.
# usage: foreign_modules.sh LOG-MAKE FOLDER, with RESCIND. They are fetched and built in FOLDER, as foreign_statements.sh
# has it; what cannot be had is skipped, with the reason.
make=$(realpath "$1")
folder=$(mkdir -p "$2" && realpath "$2")
. "$(dirname "$0")/lib.sh"
. "$tests/foreign_lib.sh"

# Built with the versions of foreign/go.mod, whatever is newer; what they import is told by their own.
build_go() {
	version=$(go version 2>/dev/null | sed 's/^go version go1\.\([0-9]*\).*/\1/')
	[ "${version:-0}" -ge 24 ] || { echo "Go 1.24 is needed, here is 1.${version:-none}"; return 1; }
	mkdir go && cp "$tests/foreign/go.mod" . && GO111MODULE=on GOPATH=$PWD/path GOCACHE=$PWD/cache GOTOOLCHAIN=local \
		GOFLAGS="${GOFLAGS:-} -modcacherw" timeout 400 go build -mod=mod -o go/ filippo.io/torchwood/cmd/litewitness \
		github.com/transparency-dev/tessera/cmd/fsck
}
if ! fetched go 'test -x fsck && test -x litewitness' build_go; then
	skip "every tile is made again by tessera's fsck" "$why"
	skip 'litewitness signs the heads of a log that grows' "$why"
	finish
fi

# --- tessera's fsck ---
mkdir served
serve served
# Its exit code is always 0, and it waits for ever beside a tile that is wrong: only what it says counts.
# usage: fsck FOLDER [SECONDS]
fsck() {
	timeout "${2:-120}" "$folder/go/fsck" --storage_url="$url/$1/" --public_key="served/$1/vkey" --ui=false >said 2>&1
	grep -q "Successfully fsck'd log with size $(sed -n 2p "served/$1/checkpoint") " said && ! grep -q 'fsck failed' said
}
made_again() { # FOLDER NAME [SECONDS]
	if fsck "$1" "${3:-}"; then ok "$2 is made again by fsck"; else not_ok "$2 is made again by fsck" "$(tail -c 300 said)"; fi
}
# usage: sizes FOLDER SIZE..
sizes() {
	name=$1
	shift
	"$make" "served/$name" "example.org/$name" "$@" >vkey || die "log-make $*"
	mv vkey "served/$name/vkey"
	made_again "$name" "a log of $*"
}
sizes empty 0
sizes one 0 1
sizes small 1 2 3 7 8 100 255 256 257 300 511 512 513
sizes large 1 255 65535 65536 65537 70000
cp -r served/small served/straight
made_again straight 'an unbent copy, in five seconds,' 5
serve_repository
for log in facts records; do
	made_again $log "the $log of a repository"
done
# usage: bent NAME FILE: one bit of it
bent() {
	rm -rf served/bent && cp -r served/small served/bent
	python3 -c 'import sys
b = bytearray(open(sys.argv[1], "rb").read()); b[40] ^= 1; open(sys.argv[1], "wb").write(b)' "served/bent/$2"
	fsck bent 5 && not_ok "fsck refuses $1" "$(tail -c 300 said)" || ok "fsck refuses $1"
}
bent 'a bent tile' tile/0/000
bent 'a bent entry' tile/entries/001
bent 'a bent head' checkpoint

# --- torchwood's litewitness ---
command -v ssh-agent >/dev/null || { skip 'litewitness signs the heads of a log that grows' 'no ssh-agent'; finish; }
ssh-keygen -q -t ed25519 -N '' -C witness -f witness.key || die ssh-keygen
beside agent ssh-agent -D -a "$work/agent"
SSH_AUTH_SOCK=$work/agent ssh-add -q witness.key || die ssh-add
print=$(ssh-keygen -l -f witness.key.pub | cut -d' ' -f2)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
begin_witness() {
	"$folder/go/litewitness" -db witness.db -ssh-agent agent -name lite.example/witness -key "$print" \
		-listen "127.0.0.1:$port" >witness.err 2>&1 &
	witness=$!
	pids="$pids $witness"
	await witness python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null
}
facts_size() { sed -n 2p repo/.rescind/log/facts/checkpoint; }
cosigned() { [ "$(grep -c '^— lite.example/witness ' "repo/.rescind/log/$1/checkpoint")" -eq 1 ]; }
refused() { jq -e --arg s "$1" '[.witnesses[] | .said | contains($s)] | any' out >/dev/null; }
begin_witness
vkey=$(sed -n 's/.*vkey=//p' witness.err | tr -d '"' | head -n 1)
# As its witnessctl would.
python3 - witness.db served/facts/vkey served/records/vkey <<'PY' || die 'the logs could not be added to litewitness'
import base64, hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for name in sys.argv[2:]:
    key = open(name).read().strip()
    empty = base64.b64encode(hashlib.sha256(b'').digest()).decode()
    db.execute('INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)', (key.split('+')[0], empty))
    db.execute('INSERT INTO key (origin, key) VALUES (?, ?)', (key.split('+')[0], key))
db.commit()
PY
must 0 log witness add "http://127.0.0.1:$port" "$vkey" --name lite
must 0 log witness ask
check 'litewitness signs both heads' "$(cat out)" says '[.witnesses[].cosigned] == [true, true]'
must 0 key add one
check 'and the next one as the log grows' "$(cat err)" cosigned facts
"$RESCIND" --repo repo log witness policy >policy || die 'no policy'
must 0 verify repo/.rescind/log/facts/checkpoint --policy policy
check 'a head holds by its cosignature' "$(cat out)" says '.signed_by_others[0] | test("^witnessed by: lite ")'
kill $witness && wait $witness
begin_witness
must 0 key add two
check 'after a restart it goes on' "$(cat err)" cosigned facts
mkdir in models mirror 2>/dev/null
snapshot before
must 0 key add three
later=$(facts_size)
snapshot after
restore before
run log witness ask
check 'what was put back is refused (409)' "exit $code: $(cat out)" refused "signed $later entries"
check 'with exit 4' "exit $code" [ "$code" -eq 4 ]
must 0 key add three-and-other
must 0 key add four
run log witness ask
check 'what was forked is refused (422)' "exit $code: $(cat out)" refused 'the log was forked'
check 'and its head is not signed' "$(cat repo/.rescind/log/facts/checkpoint)" eval '! cosigned facts'
restore after
must 0 log witness ask
check 'the true one goes on' "$(cat out)" cosigned facts
finish
