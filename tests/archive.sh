#!/bin/sh
# An archive of a certificate holds here, and by the words of its own VERIFY.md with tar, a shell and openssl
# alone: every block of it is run as it stands. It grows by layers, names nobody else, and what is
# changed in it is noticed both ways. RESCIND: the program.
. "$(dirname "$0")/lib.sh"

for tool in openssl python3; do
	command -v $tool >/dev/null || { skip 'archives' "no $tool"; finish; }
done
beside tsa python3 "$tests/tsa.py" tsa
url=$(cat tsa.out)/

# --- what VERIFY.md asks for, and nothing else ---
mkdir tools
for tool in sh tar openssl sed awk sha512sum sha256sum od tr cat head tail sort ls mkdir mv cp rm wc date printf; do
	ln -s "$(command -v $tool)" tools/$tool
done
# usage: unpack FILE FOLDER; blocks FOLDER: each in turn; those that failed are in $fails
unpack() { rm -rf "$2" && mkdir "$2" && tar -xf "$1" -C "$2"; }
blocks() {
	fails= count=0
	rm -rf "$1/blocks" && mkdir "$1/blocks"
	awk -v d="$1/blocks" '/^```sh$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print >sprintf("%s/%02d.sh", d, n) }' \
		"$1/certificate/VERIFY.md"
	for block in "$1"/blocks/*.sh; do
		count=$((count + 1))
		number=$(basename "$block" .sh)
		(cd "$1/certificate" && env -i PATH="$work/tools" ${root:+CA="$root"} "$work/tools/sh" "../blocks/$number.sh") \
			>"$1/blocks/$number.out" 2>&1 || fails="$fails $number"
	done
}
root= fails= broken= count=0
# usage: by_hand NAME FILE: a check
by_hand() {
	unpack "$2" x
	blocks x
	check "$1" "$fails: $(cat x/blocks/*.out)" [ "$count/$fails" = 9/ ]
}
printed() { cat x/blocks/*.out; }

key() { cat repo/.rescind/log/facts/vkey; }
# usage: verified FILE WORDS..; in out, the checks that failed in $broken
verified() {
	code=0
	"$RESCIND" --json verify "$@" --key "$(key)" >out 2>err || code=$?
	broken=$(jq -r '[.checks[] | select(.ok | not) | .name] | join(" ")' out)
}

# --- one layer ---
story
take_back source:partner-osk
cp repo/.rescind/log/facts/checkpoint early.head
must 0 certificate "$order" -o c.json --archive bare.tar
must 0 certificate "$order" -o c.json --archive again.tar
check 'the same repository gives the same bytes' "" cmp -s bare.tar again.tar
verified bare.tar
check 'an archive holds' "$broken: $(cat err)" [ "$code" -eq 0 ]
check 'by all checks of the certificate and four more' "$(cat out)" says '([.checks[].name] | .[0] == "encoding" and .[-4:] == ["archive", "certified", "signoffs", "stamps"])'
by_hand 'and by hand' bare.tar
# What echo of some shells makes of a backslash is not what stands there.
lie='lie.example/facts\0053c0ffee00\0053QUJD\c'
{ printf '\001'; openssl pkey -pubin -in x/certificate/keys/log.pem -outform DER | tail -c 32; } >key.bytes
lie="$lie+$({ printf '%s\n' "$lie"; cat key.bytes; } | sha256sum | head -c 8)+$(base64 -w0 key.bytes)"
printf '{"keyid":"%s"}\n' "$lie" >x/certificate/certificate.json
blocks x
check 'by hand the key is spelled as it stands' "$(cat x/blocks/04.out)" [ "$(cat x/blocks/04.out)" = "ok: the key is $lie" ]
unpack bare.tar x
check 'the certificate in it is the one issued' "" cmp -s x/certificate/certificate.json c.json
must 0 certificate "$order" --html c.html
check 'and the page is the page' "" cmp -s x/certificate/certificate.html c.html
# Since 1.35 it leaves the numbers of devices, of which a file has none, empty instead of 0.
if tar --version 2>/dev/null | grep -qE 'GNU tar\) 1\.([0-9]|[12][0-9]|3[0-4])(\.|$)'; then
	tar -tf bare.tar >names
	(cd x && tar --format=ustar -b1 --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0644 -cf ../theirs.tar -T ../names)
	check 'GNU tar makes the same bytes' "" cmp -s bare.tar theirs.tar
else
	skip 'GNU tar makes the same bytes' 'no GNU tar, or 1.35 and later'
fi

# --- who signed, who stamped ---
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key 2>/dev/null
openssl pkey -in ec.key -pubout -out ec.pem 2>/dev/null
must 0 certificate sign c.json --capacity verified --name 'Ines Lecka' --key ec.key -o s1.json
must 0 certificate sign c.json --capacity performed --name 'Jan Novak' --as sentinelrole -o s2.json
must 0 certificate "$order" -o c.json --archive one.tar --tsa "$url" --signoff s1.json --signoff s2.json
verified one.tar --tsa-ca tsa/root.pem --signer ec.pem
check 'with stamps and sign-offs too' "$broken: $(cat err)" [ "$code" -eq 0 ]
check 'told with whom nobody pinned' "$(cat out)" says '[.signed_by_others[] | select(test("key not pinned"))] | length == 1'
check 'and whom somebody did' "$(cat out)" says '[.signed_by_others[] | select(test("by a pinned key|time stamp of layer 1: .* \\(by a root of tsa/root.pem\\)"))] | length == 2'
by_hand 'by hand they hold' one.tar
check 'and are told' "$(printed)" [ "$(printed | grep -c 'ok: 1/0\|verified, Ines Lecka, key\|performed, Jan Novak, key')" -eq 3 ]
root=$work/tsa/root.pem
by_hand 'by hand the stamp leads to a root' one.tar
root=$work/tsa/other-root.pem
unpack one.tar x && blocks x
check 'and to no other' "$fails" [ "$fails" = ' 09' ]
root=
verified one.tar --tsa-ca tsa/other-root.pem
check 'nor here' "$broken" [ "$broken" = stamps ]
openssl genpkey -algorithm ED25519 -out other.key 2>/dev/null
openssl pkey -in other.key -pubout -out other.pem 2>/dev/null
verified one.tar --signer other.pem
check 'who was to sign and did not is missed' "$broken" [ "$broken" = signoffs ]

# --- layers ---
cp one.tar two.tar
must 0 key add more
must 0 certificate renew two.tar --tsa "$url"
check 'a layer is told' "$(cat out)" says '.layer == 2 and (.stamps | length == 1)'
must 0 key add evenmore
must 0 certificate sign c.json --capacity validated --name 'Later Person' --key other.key -o s3.json
must 0 certificate renew two.tar --tsa "$url" --signoff s3.json -o three.tar
verified three.tar --tsa-ca tsa/root.pem --signer ec.pem --signer other.pem
check 'three layers hold' "$broken: $(cat err)" [ "$code" -eq 0 ]
by_hand 'by hand too' three.tar
head -c $(($(wc -c <one.tar) - 1024)) one.tar >one.files
head -c "$(wc -c <one.files)" three.tar >three.files
check 'nothing that was there has changed' "" cmp -s one.files three.files
must 0 certificate renew c.json -o renewed.tar
verified renewed.tar
check 'a certificate is renewed as an archive' "$broken: $(cat err)" [ "$code" -eq 0 ]
must 0 certificate renew c.json -o -
cp out piped.tar
verified piped.tar
check 'to stdout goes the archive and nothing else' "$broken: $(cat err)" [ "$code" -eq 0 ]
run certificate renew c.json
check 'which is to be said where' "exit $code" [ "$code" -eq 2 ]

cp one.tar both.tar
"$RESCIND" --repo repo certificate renew both.tar --tsa "$url" >/dev/null 2>first.err & first=$!
run certificate renew both.tar --tsa "$url"
second=$code
wait $first && first=0 || first=1
check 'of two who renew at once one is told' "$first, $second: $(cat first.err err)" [ $((first + second)) -eq 1 ]
verified both.tar
check 'and the other has its layer' "$broken" says '.valid and any(.checks[]; .name == "archive" and (.detail | contains("in 2 layers")))'

# --- witnesses ---
witness_new w
witness_begin w
must 0 log witness add "http://$address/" "$(witness_key w)" --name nearby
"$RESCIND" --repo repo log witness policy >policy || die 'no policy'
verified three.tar --policy policy
check 'nobody has witnessed the head of an archive' "$broken" [ "$broken" = witnesses ]
must 0 certificate renew three.tar -o seen.tar
verified seen.tar --policy policy
check 'the head of the newest layer is witnessed, and that is asked' "$broken: $(cat err)" [ "$code" -eq 0 ]
check 'and told' "$(cat out)" says '[.signed_by_others[] | select(test("^witnessed by: nearby .*\\(the head of layer 4\\)"))] | length == 1'
verified seen.tar
check 'without a policy too, as what nobody pinned' "$(cat out)" says '.valid and ([.signed_by_others[] | select(test("^witnessed by: nearby .*not pinned: named by the archive"))] | length == 1)'
by_hand 'by hand it holds as before' seen.tar

# --- what is refused leaves nothing ---
refused() { [ "$code" -ne 0 ] && [ ! -e not.tar ] && [ ! -e not.json ] && [ ! -e not.html ] && one_line err; }
run certificate "$order" -o not.json --html not.html --archive not.tar --tsa "$url" --tsa http://127.0.0.1:9/
check 'an authority that does not answer' "exit $code: $(cat err)" refused
run certificate renew one.tar -o not.tar --tsa http://127.0.0.1:9/
check 'nor when it is renewed' "exit $code: $(cat err)" refused
cp one.tar same.tar
run certificate renew same.tar --tsa http://127.0.0.1:9/
check 'and the old one stays' "exit $code" cmp -s one.tar same.tar
run certificate "$order" -o not.json --tsa "$url"
check 'a stamp is for an archive' "exit $code" [ "$code" -eq 2 ]
sed 's/"sig":"ME/"sig":"MF/' s1.json >s1.bad
run certificate "$order" -o not.json --archive not.tar --signoff s1.bad
check 'a sign-off that is none' "exit $code: $(cat err)" refused
run certificate renew one.tar -o not.tar --signoff s1.json
check 'a sign-off that is there' "exit $code: $(cat err)" refused

# --- orders of others ---
first=$order
take_back subject:ottermole-ines
must 0 certificate "$order" -o p.json --archive person.tar --tsa "$url"
verified person.tar
check 'an order against a person has an archive too' "$broken: $(cat err)" [ "$code" -eq 0 ]
by_hand 'by hand it holds' person.tar
# usage: named IN-FILES..; whoever and whatever is told of the other people and of paths
named() {
	for word in vexwood brzeczyk quillfeather ottermole zq- mnd-frame scar-of nkvj dorf-album lunasweep-dump "$work"; do
		cat "$@" | grep -qi -- "$word" && { echo "$word"; return 0; }
	done
	return 1
}
names_somebody() { named "$@" >who; }
names_nobody() { ! names_somebody "$@"; }
for f in x/certificate/certificate.json; do jq -r .payload "$f" | base64 -d >x/payload; done
for f in x/certificate/1/certified.tlog-proof; do sed -n 's/^extra //p' "$f" | base64 -d >x/entry; done
jq -r '.. | strings' x/payload | grep -E '^[A-Za-z0-9+/]+=*$' | while read -r text; do printf %s "$text" | base64 -d 2>/dev/null; echo; done >x/opened
check 'a file that names people is told' "$(cat who 2>/dev/null)" names_somebody subjects-wyrm.csv
check 'the archive names neither her nor anybody else, nor a path' "$(cat who 2>/dev/null)" names_nobody person.tar x/payload x/entry x/opened

# --- lies, with the sums counted again ---
# usage: recount FOLDER: every list of sums, as whoever changed something would
recount() {
	(cd "$1/certificate" && for n in $(ls -d [0-9]* | sort -n); do
		tar -tf "$work/$base" | sed 's|^certificate/||' | awk -v end="$n/SHA512SUMS" '$0 == end { exit } { print }' |
			while read -r f; do [ ! -f "$f" ] || sha512sum "$f"; done >"$n/SHA512SUMS"
	done)
}
pack() { # FOLDER FILE
	(cd "$1" && tar -tf "$work/$base" | while read -r f; do [ ! -f "$f" ] || echo "$f"; done |
		xargs python3 "$tests/ustar.py" "$work/$2")
}
# usage: lie NAME BLOCK CHECK SCRIPT: what the script does to the files of three.tar is noticed by that block
# and by that check. Stamps are over the sums, so they fail with all that is recounted.
base=three.tar
lie() {
	unpack "$base" y
	(cd y/certificate && eval "$4") || die "lie: $1"
	recount y
	blocks y
	check "$1, by hand" "$fails" has "$fails" "$2"
	pack y lie.tar
	verified lie.tar
	check "$1, here" "$broken" has "$broken" "$3"
	check "$1 is not valid" "exit $code" [ "$code" -eq 4 ]
}
has() { case " $1 " in *" $2 "*) return 0 ;; esac; return 1; }
# In base64 or hex: one letter to another.
other_letter() { awk -v at="$1" '{ i = index($0, at); if (i && !done) { i += length(at); c = substr($0, i, 1); $0 = substr($0, 1, i - 1) (c == "A" ? "B" : "A") substr($0, i + 1); done = 1 } print }' "$2" >new && mv new "$2"; }
line_of() { awk -v n="$1" -v text="$2" 'NR == n { print text; next } { print }' "$3" >new && mv new "$3"; }

lie 'a changed signature' 03 signature 'other_letter "\"sig\":\"" certificate.json'
lie 'a changed statement' 03 signature 'other_letter "\"payload\":\"eyJ" certificate.json'
lie 'the certificate of another order' 06 certified 'cp "$work/p.json" certificate.json'
lie 'another key' 03 archive 'openssl pkey -in "$work/other.key" -pubout -out keys/log.pem'
lie 'a changed entry' 05 certified 'other_letter "extra eyJ" 2/certified.tlog-proof'
lie 'the entry of another order' 06 certified 'tar -xf "$work/person.tar" -O certificate/1/certified.tlog-proof >3/certified.tlog-proof'
lie 'openings of another order' 06 certified 'tar -xf "$work/person.tar" -O certificate/1/certified.json >3/certified.json'
lie 'a changed salt' 06 certified 'other_letter "\"salt\":\"" 1/certified.json'
lie 'a changed digest' 06 certified 'other_letter "\"value\":\"" 1/certified.json'
lie 'another index' 05 certified 'line_of 3 "index 1" 1/certified.tlog-proof'
lie 'a changed hash of the proof' 05 certified 'other_letter "$(sed -n 4p 1/certified.tlog-proof | head -c 8)" 1/certified.tlog-proof'
lie 'a changed size of a head' 05 certified 'awk "p && !d && /^[0-9]+\$/ { \$0 = \$0 + 1; d = 1 } /^\$/ { p = 1 } { print }" 2/certified.tlog-proof >new && mv new 2/certified.tlog-proof'
lie 'a layer in the place of a newer one' 07 certified 'cp 1/certified.tlog-proof 1/certified.json 3/'
lie 'a layer that does not grow from the one before' 07 certified 'cp 3/certified.json 2/certified.json'
lie 'a changed growth' 07 certified 'other_letter "\"growth\":\"" 3/certified.json'
lie 'a changed sign-off' 08 signoffs 'other_letter "\"sig\":\"" 1/signoffs/001.json'
lie 'a sign-off that says something else' 08 signoffs 'other_letter "\"payload\":\"eyJ" 1/signoffs/002.json'
lie 'a stamp of another layer' 09 stamps 'cp 1/001.tsr 2/001.tsr'
lie 'no stamp' 09 stamps 'echo none >2/001.tsr'

# Without counting again: one byte of each file.
unpack three.tar y
for f in $(cd y/certificate && ls VERIFY.md certificate.html keys/log.pem 1/policy 1/001.tsr 1/001.pem 2/SHA512SUMS); do
	unpack three.tar y
	printf 'x' >>"y/certificate/$f"
	(cd y/certificate && sha512sum --status -c 3/SHA512SUMS 2>/dev/null) && not_ok "a byte more in $f" 'the sums hold' || ok "a byte more in $f"
done
unpack three.tar y
rm -r y/certificate/2
pack y lie.tar
verified lie.tar
check 'a layer left out' "$broken" has "$broken" archive

# --- another VERIFY.md ---
must 0 certificate renew p.json -o plain.tar
base=plain.tar
unpack plain.tar y
pack y same.tar
check 'files packed again are the same archive' "$(ls -l plain.tar same.tar)" cmp -s plain.tar same.tar
echo 'All is well.' >y/certificate/VERIFY.md
recount y
pack y words.tar
verified words.tar
check 'another VERIFY.md is told' "$(cat out)" says '.not_covered | any(startswith("VERIFY.md is none that this program knows"))'
must 0 certificate renew words.tar -o words-2.tar
check 'also when it is renewed' "$(cat err)" grep -q '^VERIFY.md is none that this program knows' err
must 0 certificate renew plain.tar -o plain-2.tar
check 'our own is not' "$(cat err)" [ -z "$(grep VERIFY.md err)" ]
verified plain-2.tar
check 'nor when it is verified' "$(cat out)" says '.not_covered | any(startswith("VERIFY.md is none")) | not'

# --- another log, an older one ---
snapshot now
run certificate renew three.tar -o ok.tar
must 0 key add latest
must 0 certificate renew three.tar -o newest.tar
restore now
code=0
"$RESCIND" --repo repo certificate renew newest.tar -o not.tar >out 2>err || code=$?
check 'a repository that was put back does not renew what it has not seen' "exit $code: $(cat err)" refused
mkdir elsewhere && mv repo keys mirror elsewhere/
must 0 init --origin glade.example --keys "$work/keys" --mirror "$work/mirror" --solo
run certificate renew three.tar -o not.tar
check 'nor does another' "exit $code: $(cat err)" refused
finish
