#!/bin/sh
# Heads signed by ML-DSA-44 beside Ed25519: pinned, they must bear it, in heads, proofs, certificates and hand-overs.
# Without ML-DSA-44 in libcrypto that is said, and nothing holds that pins it. RESCIND: the program.
. "$(dirname "$0")/lib.sh"
. "$tests/verifier_world.sh"

fails() { jq -e --arg name "$1" --arg why "$2" '[.checks[] | select(.ok | not)][0] |
	.name == $name and (.detail | contains($why))' out >/dev/null; }
# usage: holds NAME WORDS..; refused NAME CHECK WHY WORDS..
holds() {
	name=$1
	shift
	run verify "$@"
	check "$name" "exit $code: $(head -c 300 out err)" [ "$code" -eq 0 ]
}
refused() {
	name=$1 which=$2 because=$3
	shift 3
	run verify "$@"
	check "$name" "exit $code: $(head -c 400 out err)" eval '[ "$code" -eq 4 ] && fails "$which" "$because"'
}
head=repo/.rescind/log/facts/checkpoint
lines() { grep -c '^— ' "$1"; }

makes_certificates
"$RESCIND" --repo repo log prove 2 --log facts --format tlog-proof >2.tlog-proof
mldsa=$(status_of '.vkey_mldsa // ""')
if [ -z "$mldsa" ]; then
	mldsa=$(python3 -c 'import base64, hashlib, sys
key = b"\6" + bytes(1312)
id = hashlib.sha256(sys.argv[1].encode() + b"\n" + key).hexdigest()[:8]
print("%s+%s+%s" % (sys.argv[1], id, base64.b64encode(key).decode()))' glade.example/facts)
	check 'a head has one line' "$(cat $head)" [ "$(lines $head)" -eq 1 ]
	check 'and no second vkey' "$(ls repo/.rescind/log/facts)" [ ! -e repo/.rescind/log/facts/vkey-mldsa ]
	holds 'a head holds by the first' $head --key "$vkey"
	none='there is no ML-DSA-44 here'
	refused 'a head is not held by what cannot be checked' head "$none" $head --key "$vkey" --key "$mldsa"
	refused 'nor a certificate' heads "$none" person.certificate --key "$vkey" --key "$mldsa"
	skip 'heads are signed by both' 'no ML-DSA-44 in libcrypto (OpenSSL 3.5 has it)'
	finish
fi
for log in facts records; do
	check "the head of $log has two lines" "$(cat repo/.rescind/log/$log/checkpoint)" \
		[ "$(lines repo/.rescind/log/$log/checkpoint)" -eq 2 ]
	check "and a vkey beside it" '' one_line repo/.rescind/log/$log/vkey-mldsa
done
check 'which status tells' "$mldsa" [ "$mldsa" = "$(cat repo/.rescind/log/facts/vkey-mldsa)" ]
records_mldsa=$(cat repo/.rescind/log/records/vkey-mldsa)
other_mldsa=$(cat other/.rescind/log/facts/vkey-mldsa)
{ head -n 3 $head; echo; sed -n 5p $head; } >without.head
{ head -n 3 $head; echo; sed -n 6p $head; } >only.head
for file in $head 2.tlog-proof; do
	holds "$file holds by the first" "$file" --key "$vkey"
	holds "$file holds by both" "$file" --key "$vkey" --key "$mldsa"
	holds "$file holds by the second alone" "$file" --key "$mldsa"
	holds "$file holds by the vkey of the other log" "$file" --key "$records_mldsa"
	refused "$file does not hold by another's" head 'of other logs' "$file" --key "$vkey" --key "$other_mldsa"
done
refused 'a head without the line does not hold' head 'by the pinned ML-DSA key' without.head --key "$vkey" --key "$mldsa"
holds 'but by the first' without.head --key "$vkey"
holds 'the second line holds alone' only.head --key "$mldsa"
refused 'and is not the first' head 'not signed by a known key' only.head --key "$vkey"
python3 - $head <<'PY'
import base64, sys
lines = open(sys.argv[1]).read().split('\n')
name, blob = lines[5].rsplit(' ', 1)
b = bytearray(base64.b64decode(blob)); b[1000] ^= 1
open('bent.head', 'w').write('\n'.join(lines[:5] + [name + ' ' + base64.b64encode(b).decode()] + lines[6:]))
PY
refused 'a bent line does not hold' head 'by the pinned ML-DSA key' bent.head --key "$vkey" --key "$mldsa"
holds 'a certificate holds by both' person.certificate --key "$vkey" --key "$mldsa" --order "$person_demand"
refused "but not by another's" heads 'of other logs' person.certificate --key "$vkey" --key "$other_mldsa"
run verify person.certificate --key "$mldsa"
check 'nor by the second alone: statements are signed by Ed25519' "exit $code" [ "$code" -eq 4 ]
run verify $head --key "$vkey" --key "$vkey"
check 'one key of each kind' "exit $code" [ "$code" -eq 2 ]

# --- from and to where there is none ---
cp repo/.rescind/log/facts/vkey-mldsa kept
printf 'nonsense\n' >repo/.rescind/log/facts/vkey-mldsa
run fsck
check 'a damaged vkey-mldsa is written again' "$(cat out)" cmp -s kept repo/.rescind/log/facts/vkey-mldsa
cp $head before.head
must 0 status
check 'a stored head is not signed again' "$(cat err)" cmp -s before.head $head
finish
