#!/bin/sh
# Time stamps (RFC 3161) of an authority on loopback, `openssl ts -reply` behind HTTP: what it signs
# verifies here and with openssl alone, and what liars send is refused, in words that say why.
# usage: stamp.sh STAMP-ASK     RESCIND: the program.
ask=$(realpath "${1:?usage: stamp.sh STAMP-ASK}")
. "$(dirname "$0")/lib.sh"

for tool in curl openssl python3; do
	command -v $tool >/dev/null || { skip 'time stamps' "no $tool"; finish; }
done
beside tsa python3 "$tests/tsa.py" tsa
url=$(cat tsa.out)
paper data 'the list of files of a certificate'
paper data2 'another list'

# usage: asked WHAT FILE; the token in WHAT.tsr, the chain in WHAT.pem
asked() { code=0; "$ask" "$url/$1" "$2" "$1.tsr" "$1.pem" >out 2>err || code=$?; }
judged() { code=0; "$ask" -c "$@" >out 2>err || code=$?; }
: >o.out
by_openssl() { openssl ts -verify -token_in "$@" >o.out 2>&1; }
not_by_openssl() { ! by_openssl "$@"; }
# usage: refused NAME CODE WORDS: the last command was, with this in what it said
refused() { check "$1" "exit $code: $(cat out err)" [ "$code/$(grep -c "$3" err)" = "$2/1" ]; }

# --- an honest one ---
"$ask" "$url/" data honest.tsr honest.pem >out 2>err || die "no stamp: $(cat err)"
check 'a stamp says when, and who signed' "$(cat out)" grep -q "^$(date -u +%Y-).*Z 01 1.3.6.1.4.1.55555.1 CN=authority,O=Glade Test$" out
check 'openssl alone finds it true' "$(cat o.out)" by_openssl -data data -in honest.tsr -CAfile tsa/root.pem -untrusted honest.pem
check 'and without what lies beside it' "$(cat o.out)" by_openssl -data data -in honest.tsr -CAfile tsa/root.pem
later=$(($(date +%s) + 20 * 365 * 86400))
check 'openssl refuses it when the certificates have ended' "$(cat o.out)" not_by_openssl -data data -in honest.tsr -CAfile tsa/root.pem -attime $later
check 'unless it is given the time of the stamp' "$(cat o.out)" by_openssl -data data -in honest.tsr -CAfile tsa/root.pem -attime "$(date -d "$(cut -d' ' -f1 out)" +%s)"
cat tsa/between.pem >middle.pem
check 'a root may be on the way' "$(cat o.out)" by_openssl -data data -in honest.tsr -CAfile middle.pem -partial_chain
judged honest.tsr data middle.pem
check 'here too' "$(cat err)" [ "$code" -eq 0 ]
check 'and not of other data' "$(cat o.out)" not_by_openssl -data data2 -in honest.tsr -CAfile tsa/root.pem
check 'the chain has both certificates' "$(cat honest.pem)" [ "$(grep -c BEGIN honest.pem)" -eq 2 ]
judged honest.tsr data tsa/root.pem
check 'it leads to the root' "$(cat err)" [ "$code" -eq 0 ]
judged honest.tsr data
check 'it holds by itself' "$(cat err)" [ "$code" -eq 0 ]
judged honest.tsr data2 tsa/root.pem
refused 'it is of these bytes alone' 7 'other data'
judged honest.tsr data tsa/other-root.pem
refused 'and leads to no other root' 7 'certificate'
printf x >>honest.tsr
judged honest.tsr data tsa/root.pem
refused 'a byte more is no stamp' 6 'not a time stamp'

# --- by openssl, kept by whoever ---
openssl ts -query -data data -sha512 -no_nonce -out bare.tsq 2>/dev/null
curl -sf -H 'Content-Type: application/timestamp-query' --data-binary @bare.tsq "$url/" >bare.answer || die 'no answer to curl'
openssl ts -reply -in bare.answer -token_out -out bare.tsr 2>/dev/null
judged bare.tsr data tsa/root.pem
refused 'a stamp without its certificate needs one' 7 'certificate of its signer'
cat tsa/authority.pem tsa/between.pem >both.pem
judged bare.tsr data tsa/root.pem both.pem
check 'and holds with the chain beside it' "$(cat err)" [ "$code" -eq 0 ]
check 'openssl agrees' "$(cat o.out)" by_openssl -data data -in bare.tsr -CAfile tsa/root.pem -untrusted both.pem
openssl ts -query -data data -sha256 -cert -out short.tsq 2>/dev/null
curl -sf -H 'Content-Type: application/timestamp-query' --data-binary @short.tsq "$url/" >short.answer
openssl ts -reply -in short.answer -token_out -out short.tsr 2>/dev/null
judged short.tsr data tsa/root.pem
refused 'a stamp over SHA-256 is not taken' 7 'SHA-512'

# --- liars ---
asked data data
refused 'a stamp of other data is refused' 7 'other data'
asked nonce data
refused 'a stamp with another nonce is refused' 7 'nonce'
asked replay data
check 'a first answer is taken' "$(cat err)" [ "$code" -eq 0 ]
asked replay data
refused 'and not once more' 7 'nonce'
asked refuse data
refused 'a refusal is told with its reason' 8 'refused (status 2): bad data format: Bad request format'
asked expired data
refused 'a certificate that had ended signs nothing' 7 'expired'
asked usage data
refused 'nor does one of another use' 7 'purpose'
asked sha1 data
refused 'nothing is signed over SHA-1' 7 'SHA-2'
asked garbage data
refused 'what is no answer is said to be none' 6 'not an answer with a time stamp'
asked type data
refused 'nor is what says that it is something else' 6 'type'
asked status data
refused 'a status that is not 200 is told' 2 'status 500'
asked endless data
refused 'an answer without an end has one' 5 'more than 69632 bytes'
for what in data nonce refuse expired usage sha1 garbage type status endless; do
	[ ! -e "$what.tsr" ] || not_ok 'nothing refused is kept' "$what.tsr"
done
ok 'nothing refused is kept'
began=$(date +%s)
asked silent data
refused 'who does not answer is not waited for long' 2 'imeout'
[ $(($(date +%s) - began)) -le 15 ] && ok 'ten seconds' || not_ok 'ten seconds' 'it took longer'
kill $pid
wait $pid 2>/dev/null
asked honest data
refused 'who is not there is told' 2 "time stamp of $url/honest"
code=0
"$ask" ftp://127.0.0.1/ data x.tsr x.pem 2>err >out || code=$?
refused 'a URL is of http or https' 10 'URL'
finish
