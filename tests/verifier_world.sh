# Read after lib.sh by the tests of other verifiers. makes_certificates: person.certificate, of an order that
# unlearned, and source.certificate; checkpoint.attestation; person.receipt and record.receipt; $vkey, $person_demand, $source_demand, and $other_vkey of another log.
makes_certificates() {
	story
	must 0 train persons --dataset faces-osk --target subject
	must 0 grant withdraw --subject vexwood-karolina
	order=$(answer .order)
	must 0 order plan "$order"
	must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
	must 0 order execute "$order"
	must 0 order status "$order"
	person=$order person_demand=$(answer .demand)
	take_back source:partner-osk
	source_demand=$demand
	vkey=$(status_of .vkey)
	must 0 certificate "$person" -o person.certificate
	must 0 certificate "$order" -o source.certificate
	must 0 attest persons -o checkpoint.attestation
	must 0 receipt --subject ottermole-ines -o person.receipt
	must 0 receipt 9 -o record.receipt
	"$RESCIND" --repo other --json init --origin other.example --keys "$work/other-keys" >other.json ||
		die 'no second repository'
	other_vkey=$("$RESCIND" --repo other --json status | jq -r .vkey)
}
# Afterwards: its log really lost its end, and is followed by another of the key $follows_vkey: follows.certificate (of
# $follows_demand), follows.receipt, follows.attestation.
makes_successor() {
	must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
		--licence CC0-1.0 --terms papers/volunteers-terms-wyrm.txt --allow $use
	mkdir older && cp -a repo/.rescind/catalog.db* older
	jpegs more 3 later-3 later-
	must 0 ingest drawn-osk more --use $use
	rm -rf repo/.rescind/log repo/.rescind/catalog.db* && cp -a older/* repo/.rescind
	must 0 log successor --lost anchor --reason 'the disk, nvkj' --drop
	follows_vkey=$(answer .vkey)
	take_back subject:brzeczyk-tobias
	follows_demand=$demand
	must 0 certificate "$order" -o follows.certificate
	must 0 receipt --subject ottermole-ines -o follows.receipt
	must 0 attest persons -o follows.attestation
}
# usage: changes FILE: copies of it in changed/ that differ in one byte of the body, of the signature or of the
# JSON around them, are cut short, or have something behind the end
changes() {
	mkdir -p changed
	python3 - "$1" <<'END' || die 'no changed files'
import base64, json, re, sys
whole = open(sys.argv[1], 'rb').read()
def keep(name, data): open('changed/' + name, 'wb').write(data)
def flip(at): return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
body = whole.index(b'"payload":"') + 11
for i in range(1, 10):
	keep('body-%d' % i, flip(body + (len(whole) - body) * i // 12))
keep('signature', flip(whole.index(b'"sig":"') + 20))
keep('bracket', flip(0))
keep('short', whole[:-2])
keep('behind', whole + b' ')
keep('nothing', b'')
keep('text', b'What was erased is erased.\n')
keep('deep', b'[' * 5000)
# A body that says something else, well spelt, under the old signature.
envelope = json.loads(whole)
text = base64.b64decode(envelope['payload'])
other = re.sub(rb'"issued":"2', b'"issued":"3', text, count=1)
def resaid(name, body):
	assert body != text
	envelope['payload'] = base64.b64encode(body).decode()
	keep(name, json.dumps(envelope, sort_keys=True, separators=(',', ':')).encode() + b'\n')
resaid('issued', other)
# And one whose words would move a terminal: escape, turn the line round, a C1 byte, mark of direction.
said = text.index(b'"asserted":["') + 13
resaid('hidden', text[:said] + '\\u001B[31m\u202e\u0085\u200f'.encode() + text[said:])
END
}
