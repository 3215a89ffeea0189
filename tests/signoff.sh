#!/bin/sh
# People sign a certificate: with the key of a role, a PEM file, a key in a token (SoftHSM2). What they sign
# lies beside it, holds for these bytes alone, and openssl agrees.
. "$(dirname "$0")/lib.sh"
command -v openssl >/dev/null || { skip signoff 'no openssl'; finish; }

story
take_back source:partner-osk
must 0 certificate "$order" -o cert.json
vkey=$(status_of .vkey)
cp cert.json as-issued

# usage: sign CAPACITY NAME WORDS..; the sign-off is at NAME.json
sign() {
	as=$1 who=$2
	shift 2
	run certificate sign cert.json --capacity "$as" --name "$who" -o "$who.json" "$@"
}
# usage: holds WORDS..: is cert.json valid with these?
holds() { run verify cert.json --key "$vkey" "$@" && [ "$code" -eq 0 ]; }
signoffs_say() { says "[.checks[] | select(.name == \"signoffs\")] | length == 1 and ($1)"; }

# --- by openssl alone, as docs/signoffs.md says it ---
openssl_agrees() { # SIGNOFF STATEMENT
	jq -r .payload "$1" | base64 -d >body
	type=$(jq -r .payloadType "$1")
	{ printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c <body)" && cat body; } >pae
	jq -r '.signatures[0].sig' "$1" | base64 -d >sig
	jq -r .predicate.key body | base64 -d >key.der
	openssl pkey -pubin -inform DER -in key.der -out key.pem &&
		[ "$(sha256sum <key.der | cut -d' ' -f1)" = "$(jq -r '.signatures[0].keyid' "$1")" ] &&
		[ "$(jq -r .predicateType body)" = urn:rescind:signoff:1 ] &&
		[ "$(sha256sum <"$2" | cut -d' ' -f1)" = "$(jq -r '.subject[0].digest.sha256' body)" ] &&
		[ "$(sha512sum <"$2" | cut -d' ' -f1)" = "$(jq -r '.subject[0].digest.sha512' body)" ] &&
		if openssl pkey -pubin -in key.pem -noout -text | grep -q ED25519; then
			openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile sig >/dev/null 2>&1
		else
			openssl dgst -sha256 -verify key.pem -signature sig pae >/dev/null 2>&1
		fi
}
openssl_refuses() { ! openssl_agrees "$@"; }

# --- the key of a role ---
sign performed operator-osk --title Operator --organisation 'Keyhole Ostrava' --as operator
check the_role_key_signs "exit $code: $(cat err)" \
	says '.algorithm == "Ed25519" and .capacity == "performed" and .statement.origin == "glade.example"'
check what_is_signed_is_told_before "$(cat err)" grep -q "sha256 $(sha256sum <cert.json | cut -d' ' -f1)" err
jq -j .public_key out >operator.pem
must 0 key ls
check it_is_the_key_of_the_role "$(cat out)" [ "$(jq -r 'select(.role == "operator").key' out)" = \
	"$(openssl pkey -pubin -in operator.pem -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')" ]
check openssl_agrees_with_ed25519 'not so' openssl_agrees operator-osk.json cert.json
# --- a PEM file, without any repository ---
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out auditor.key 2>/dev/null
openssl pkey -in auditor.key -pubout -out auditor.pem
code=0
(cd / && exec "$RESCIND" --json certificate sign "$work/cert.json" --capacity verified --name auditor-osk --location Łódź \
	--words 'I saw the "logs"' --key "$work/auditor.key" -o "$work/auditor-osk.json") >out 2>err || code=$?
check a_pem_file_signs_without_a_repository "exit $code: $(cat err)" says '.algorithm == "ECDSA P-256"'
jq -j .public_key out >told.pem
check the_public_key_is_told_as_openssl_writes_it "$(cat told.pem)" cmp -s told.pem auditor.pem
check openssl_agrees_with_p256 'not so' openssl_agrees auditor-osk.json cert.json
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:kqz-sesame -out sealed.key 2>/dev/null
echo kqz-sesame >passphrase
sign validated judge-osk --key sealed.key --passphrase passphrase
check a_passphrase_opens_a_key "exit $code: $(cat err)" [ "$code" -eq 0 ]
openssl pkey -in sealed.key -passin file:passphrase -pubout -out judge.pem
echo wrong >wrong
sign validated nobody --key sealed.key --passphrase wrong
check a_wrong_one_does_not "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
sign validated nobody --key sealed.key </dev/null
check without_one_nothing_hangs "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out other.key 2>/dev/null
sign validated nobody --key other.key
check another_curve_is_refused "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
sign validated nobody --key 'pkcs11:token=nowhere-osk'
check a_token_that_is_not_there_is_refused "exit $code: $(cat err)" [ "$code" -ne 0 -a ! -e nobody.json ]

# --- elsewhere: a key service signs what it is given ---
run certificate sign cert.json --capacity verified --name service-osk --key auditor.pem --message message
check what_is_to_be_signed_is_written "exit $code: $(cat err)" says '.message == "message"'
openssl dgst -sha256 -sign auditor.key -out elsewhere message
run certificate sign cert.json --message message --signature elsewhere -o service-osk.json
check a_signature_comes_back "exit $code: $(cat err)" says '.name == "service-osk" and .capacity == "verified"'
check openssl_agrees_with_a_service 'not so' openssl_agrees service-osk.json cert.json
openssl pkey -in sealed.key -passin file:passphrase -out judge.key
openssl dgst -sha256 -sign judge.key -out wrong-one message
run certificate sign cert.json --message message --signature wrong-one -o nobody.json
check anothers_does_not "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
run certificate sign cert.json --message message --signature elsewhere --name nobody -o nobody.json
check a_message_is_signed_as_it_is "exit $code: $(cat err)" [ "$code" -eq 2 -a ! -e nobody.json ]

# --- to stdout, and nothing beside it ---
must 0 certificate sign cert.json --capacity verified --name auditor-osk --key auditor.key -o -
cp out piped.json
must 0 verify cert.json --key "$vkey" --signoff piped.json --signer auditor.pem
must 0 certificate sign cert.json --capacity verified --name service-osk --key auditor.pem --message -
check to_stdout_goes_the_file_and_nothing_else "$(head -c 200 out)" [ "$(cut -d' ' -f1 out | head -n 1)" = DSSEv1 -a ! -e - ]

# --- what holds ---
check the_statement_is_as_it_was 'it changed' cmp -s cert.json as-issued
holds --signoff operator-osk.json --signoff auditor-osk.json --signoff judge-osk.json
check three_sign_offs_hold "exit $code: $(cat out)" signoffs_say '.[0].ok'
check who_signed_is_told_beside "$(cat out)" says '[.signed_by_others[] | select(contains("key not pinned"))] | length == 3'
check in_which_capacity "$(cat out)" says 'any(.signed_by_others[]; startswith("verified, on ") and endswith("auditor-osk, Łódź: \"I saw the \"logs\"\""))'
holds --signoff operator-osk.json --signoff auditor-osk.json --signer auditor.pem
check a_pinned_key_is_told "$(cat out)" says 'any(.signed_by_others[]; startswith("verified, on ") and contains(", by a pinned key ("))'
check the_other_one_is_not "$(cat out)" says 'any(.signed_by_others[]; startswith("performed, on ") and contains(", key not pinned ("))'
holds --signoff operator-osk.json --signoff auditor-osk.json --signer auditor.pem --signer operator.pem
check all_pinned "exit $code: $(cat out)" signoffs_say '.[0].ok and (.[0].detail | contains("by pinned keys"))'
"$RESCIND" verify cert.json --key "$vkey" --signoff auditor-osk.json >page
check people_can_read_it "$(cat page)" grep -q 'verified, on .*auditor-osk' page

# --- what does not ---
run verify cert.json --key "$vkey" --signoff operator-osk.json --signer auditor.pem
check a_pinned_key_must_have_signed "exit $code" [ "$code" -eq 4 ]
check and_it_is_named "$(cat out)" signoffs_say '.[0].ok == false and (.[0].detail | contains("pinned key"))'
run verify cert.json --key "$vkey" --signer auditor.pem
check a_signer_without_sign_offs_is_none "exit $code" [ "$code" -eq 4 ]
run verify cert.json --signoff auditor-osk.json --signer auditor.pem
check a_sign_off_pins_no_log "exit $code" [ "$code" -eq 4 ]
must 0 certificate "$order" -o again.json
check a_certificate_is_the_same_bytes_again 'not' cmp -s again.json cert.json
must 0 order open record:0 --authority 'Inspectorate Mzimba' --reason 'one-kqz more'
other=$(answer .order)
must 0 order plan "$other"
must 0 order approve "$other" "$(answer .plan)" --as sentinelrole
must 0 order execute "$other"
must 0 certificate "$other" -o other.json
run verify other.json --key "$vkey" --signoff auditor-osk.json
check another_certificate_is_not_signed "exit $code: $(cat out)" [ "$code" -eq 4 ]
check that_is_why "$(cat out)" signoffs_say '.[0].detail | contains("another statement")'
check openssl_refuses_it_too 'it agrees' openssl_refuses auditor-osk.json other.json
run verify auditor-osk.json --key "$vkey"
check alone_it_says_nothing "exit $code: $(cat out)" [ "$code" -eq 4 ]
check and_says_what_is_missing "$(cat out)" signoffs_say '.[0].detail | contains("--signoff")'
run verify repo/.rescind/log/facts/checkpoint --key "$vkey" --signoff auditor-osk.json
check a_head_is_not_signed_off "exit $code" [ "$code" -eq 2 ]
run verify cert.json --key "$vkey" --signoff auditor-osk.json --signer auditor.key
check a_private_key_is_no_signer "exit $code" [ "$code" -eq 2 ]
python3 - <<'PY'
import base64, json
e = json.load(open("auditor-osk.json"))
body = base64.b64decode(e["payload"])
def put(name, body, sig=None):
    e2 = json.loads(json.dumps(e))
    e2["payload"] = base64.b64encode(body).decode()
    if sig: e2["signatures"][0]["sig"] = base64.b64encode(sig).decode()
    open(name, "w").write(json.dumps(e2, sort_keys=True, separators=(",", ":")) + "\n")
put("same.json", body)
put("capacity.json", body.replace(b"verified", b"performed"))
put("name.json", body.replace(b"auditor-osk", b"someone-osk"))
sig = bytearray(base64.b64decode(e["signatures"][0]["sig"]))
put("padded.json", body, bytes([0x30, sig[1] + 1, 2, sig[3] + 1, 0]) + bytes(sig[4:]))
# (r, n - s) is what ECDSA also takes; it is by the same key, of the same words.
n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
r, s = sig[4:4 + sig[3]], int.from_bytes(sig[6 + sig[3]:], "big")
def number(x): b = x.to_bytes(32, "big").lstrip(b"\0"); b = (b"\0" if b[0] & 128 else b"") + b; return bytes([2, len(b)]) + b
both = bytes([2, len(r)]) + r + number(n - s)
put("mirrored.json", body, bytes([0x30, len(both)]) + both)
PY
cmp -s same.json auditor-osk.json || die 'the sign-off is spelled otherwise'
for lie in capacity name padded; do
	run verify cert.json --key "$vkey" --signoff $lie.json
	check "a_changed_${lie}_is_refused" "exit $code" [ "$code" -eq 4 ]
done
holds --signoff mirrored.json --signer auditor.pem
check the_mirrored_signature_is_the_same_persons "exit $code: $(cat out)" [ "$code" -eq 0 ]

# --- the other statements ---
must 0 receipt --subject ottermole-ines -o receipt.json
must 0 dataset create late-osk --use $use
head -c 2000 /dev/urandom >models/late-wyrm.weights
must 0 model add late-osk models/late-wyrm.weights --dataset late-osk
must 0 attest late-osk -o attestation.json
for kind in receipt attestation; do
	run certificate sign $kind.json --capacity issued --name 'Keyhole Ostrava' --key auditor.key
	check "a_${kind}_is_signed" "exit $code: $(cat err)" [ "$code" -eq 0 ]
	run verify $kind.json --key "$vkey" --signoff $kind.json.issued.json --signer auditor.pem
	check "the_sign_off_of_a_${kind}_holds" "exit $code: $(cat out)" [ "$code" -eq 0 ]
done
run verify receipt.json --key "$vkey" --signoff attestation.json.issued.json
check a_receipt_is_no_attestation "exit $code" [ "$code" -eq 4 ]

# --- what is not signed ---
sign performed operator-osk --as operator
check nothing_is_written_over "exit $code: $(cat err)" [ "$code" -eq 1 ]
run certificate sign cert.json --capacity issued --name 'Keyhole Ostrava' --key auditor.key
check beside_is_where_it_goes "$(ls)" [ "$code" -eq 0 -a -f cert.json.issued.json ]
sign approved nobody --key auditor.key
check there_are_four_capacities "exit $code: $(cat err)" [ "$code" -eq 2 -a ! -e nobody.json ]
run certificate sign cert.json --capacity issued --name "$(printf 'A\033[2J')" --key auditor.key -o nobody.json
check a_name_does_not_move_a_terminal "exit $code: $(cat err)" [ "$code" -eq 2 -a ! -e nobody.json ]
sed 's/"payload":"e/"payload":"f/' cert.json >broken.json
run certificate sign broken.json --capacity issued --name nobody --key auditor.key -o nobody.json
check what_does_not_hold_is_not_signed "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
run certificate sign auditor-osk.json --capacity issued --name nobody --key auditor.key -o nobody.json
check nor_is_a_sign_off "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]

# --- a token ---
if ! command -v softhsm2-util >/dev/null; then
	skip token 'no softhsm2'
	finish
fi
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$work" >softhsm.conf
export SOFTHSM2_CONF="$work/softhsm.conf"
softhsm2-util --init-token --free --label osk-card --pin 271828 --so-pin 314159 >/dev/null 2>&1 || die 'no token'
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out card.key 2>/dev/null
openssl pkey -in card.key -pubout -out card.pem
softhsm2-util --import card.key --token osk-card --label seal --id a1b2 --pin 271828 >/dev/null 2>&1 ||
	die 'the token takes no key'
module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
uri="pkcs11:token=osk-card;object=seal?module-path=$module"
sign validated card-osk --key "$uri&pin-value=271828"
if [ "$code" -eq 2 ] && grep -q 'without PKCS#11' err; then
	skip token 'built without PKCS#11'
	finish
fi
check a_token_signs "exit $code: $(cat err)" says '.algorithm == "ECDSA P-256"'
check openssl_agrees_with_a_token 'not so' openssl_agrees card-osk.json cert.json
holds --signoff card-osk.json --signer card.pem
check its_sign_off_holds "exit $code: $(cat out)" signoffs_say '.[0].ok'
echo 271828 >pin
sign validated card-by-id --key "pkcs11:token=osk-card;id=%a1%b2?module-path=$module" --passphrase pin
check a_pin_comes_from_a_file "exit $code: $(cat err)" [ "$code" -eq 0 ]
sign validated card-by-source --key "$uri&pin-source=file:$work/pin"
check or_from_the_uri "exit $code: $(cat err)" [ "$code" -eq 0 ]
sign validated nobody --key "$uri&pin-value=1111"
check a_wrong_pin_signs_nothing "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
sign validated nobody --key "$uri" </dev/null
check without_a_pin_the_token_is_not_asked "exit $code: $(cat err)" [ "$code" -eq 1 -a "$(grep -c 'no PIN was given' err)" -eq 1 ]
sign validated nobody --key "pkcs11:token=osk-card;object=none?module-path=$module&pin-value=271828"
check a_key_that_is_not_there_neither "exit $code: $(cat err)" [ "$code" -eq 1 -a ! -e nobody.json ]
softhsm2-util --init-token --free --label osk-card --pin 161803 --so-pin 314159 >/dev/null 2>&1
sign validated nobody --key "$uri&pin-value=271828"
check of_two_tokens_alike_none_gets_the_pin "exit $code: $(cat err)" grep -q '2 tokens' err
finish
