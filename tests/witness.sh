#!/bin/sh
# Two witnesses of our own on loopback sign the heads of a log that grows. What is put back to an older
# state, or forked, they refuse, and the next command that asks says so; they remember across a restart,
# and a dead one holds up nothing. RESCIND: the program.
. "$(dirname "$0")/lib.sh"

# usage: begin_witness N [PORT]; its address in address_N, its process in pid_N
begin_witness() {
	witness_begin "w$1" ${2:-}
	eval "address_$1=$address pid_$1=$pid"
}
end_witness() { # N
	eval "pid=\$pid_$1"
	kill "$pid" && wait "$pid"
}
cosigned() { # LOG COUNT: cosignatures on the public head
	[ "$(grep -c '^— w[0-9].example/' "repo/.rescind/log/$1/checkpoint")" -eq "$2" ]
}
facts_size() { sed -n 2p repo/.rescind/log/facts/checkpoint; }
one_more() { must 0 key add "role$1"; }
warned() { grep -q "^WARNING: witness $1: .*$2" err; }
said() { jq -e --arg w "$1" --arg s "$2" '[.witnesses[] | select(.witness == $w) | .said | contains($s)] | any' out >/dev/null; }

listed() { jq -es 'length == 2 and all(.facts > 0 and .records == 0)' out >/dev/null; }

# --- who they are ---
must 0 init --origin glade.example --keys "$work/keys" --mirror "$work/mirror" --solo
for n in 1 2; do
	witness_new w$n
	begin_witness $n
done
run log witness ask
check 'without witnesses nobody is asked' "exit $code" [ "$code" -eq 1 ]
must 0 log witness add "http://$address_1/" "$(witness_key w1)" --name one
must 0 log witness add "http://$address_2" "$(witness_key w2)" --name two
run log witness add "http://$address_2" "$(witness_key w2)" --name three
check 'one key is one witness' "exit $code" [ "$code" -ne 0 ]
run log witness add "ftp://$address_2" "$(witness_key w2)" --name three
check 'a witness has a URL of http' "exit $code" [ "$code" -eq 2 ]
must 0 log witness ask
check 'both sign both heads' "$(cat out)" says '[.witnesses[].cosigned] == [true, true, true, true]'
must 0 log witness ls
check 'they are listed with what they have signed' "$(cat out)" listed

# --- a log that grows ---
cp -a repo/.rescind/log/facts/checkpoint small.head
for i in 1 2 3; do
	one_more "$i"
	check "head $(facts_size) is cosigned by both" "$(cat err)" cosigned facts 2
done
mkdir in models
for i in 1 2 3 4 5; do echo "$i" >"in/$i"; done
paper terms 'terms'
must 0 source add s --controller Us --kind synthetic --people none --licence CC0-1.0 --terms terms --allow train:ResearchAndDevelopment
must 0 ingest s in --use train:ResearchAndDevelopment
check 'the head of records is cosigned by both' "$(cat err)" cosigned records 2
"$RESCIND" --repo repo log witness policy >policy || die 'no policy'
must 0 verify repo/.rescind/log/records/checkpoint --policy policy
check 'a head holds by the policy alone' "$(cat out)" says '.valid and (.signed_by_others | length == 2)'
check 'and says by whom, and when' "$(cat out)" says '.signed_by_others[0] | test("^witnessed by: one \\(w1.example/cosigner\\) at 20..-")'

# --- proofs and certificates ---
"$RESCIND" --repo repo log prove 2 --log records --format tlog-proof >p.tlog-proof || die 'no proof'
must 0 verify p.tlog-proof --policy policy
check 'a tlog-proof holds by the policy' "$(cat out)" says '[.checks[].name] == ["encoding", "head", "witnesses", "entry"]'
sed 's/^index 2$/index 3/' p.tlog-proof >lie.tlog-proof
run verify lie.tlog-proof --policy policy
check 'of another index it does not' "exit $code" [ "$code" -eq 4 ]
grep -v w2.example p.tlog-proof >less.tlog-proof
run verify less.tlog-proof --policy policy
check 'without a cosignature there is no quorum' "exit $code" [ "$code" -eq 4 ]
sed 's/^group all-of-them all/group all-of-them any/' policy >any.policy
must 0 verify less.tlog-proof --policy any.policy
ok 'one of two is one when any will do'
printf 'quorum nobody\n' >bad.policy
run verify p.tlog-proof --policy bad.policy
check 'a policy that is none is refused' "exit $code" [ "$code" -eq 2 ]
must 0 order open source:s --authority 'Us' --reason 'a test'
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)"
must 0 order execute "$order"
must 0 certificate "$order" -o o.certificate
must 0 verify o.certificate --policy policy
check 'a certificate holds by the policy' "$(cat out)" says '.valid and ([.checks[] | select(.name == "witnesses")] | length == 1)'
check 'and names the witnesses' "$(cat out)" says '[.signed_by_others[] | select(test("^witnessed by: (one|two) "))] | length == 4'
must 0 verify o.certificate --key "$(cat repo/.rescind/log/facts/vkey)"
check 'without a policy their signatures are told as unknown' "$(cat out)" says '([.checks[] | select(.name == "witnesses")] == []) and ([.not_covered[] | select(startswith("signatures of others"))] | length == 1)'
"$RESCIND" log cosign new other.example --state w3 >/dev/null || die 'witness 3'
run log cosign add glade.example/records "$(cat repo/.rescind/log/facts/vkey)" --state w3
check "a log's key need not bear its origin's name" "exit $code $(cat err)" [ "$code" -eq 0 ]
check 'and then both are told' "$(cat out err)" grep -q "name is glade.example/facts, the log's origin glade.example/records" err
check 'also in the answer' "$(cat out)" says '.origin == "glade.example/records" and .key_name == "glade.example/facts"'
run log cosign add glade.example/facts "$(cat repo/.rescind/log/facts/vkey)" --state w3
check 'a key of that name needs no word' "exit $code $(cat err)" [ "$code,$(wc -c <err)" = 0,0 ]
{ sed '/^group/d; /^quorum/d' policy; echo "witness three $(witness_key w3)"; echo 'quorum three'; } >strict.policy
run verify o.certificate --policy strict.policy
check 'a quorum that did not sign refuses it' "exit $code" [ "$code" -eq 4 ]
check 'by that check alone' "$(cat out)" says '[.checks[] | select(.ok | not) | .name] == ["witnesses"]'

# --- put back ---
snapshot before
one_more later
later=$(facts_size)
snapshot after
restore before
run log witness ask
check 'a repository put back with its keys is refused' "exit $code" [ "$code" -eq 4 ]
check 'and told how much more the witness has seen' "$(cat out)" said one "signed $later entries of glade.example/facts, and here are $((later - 1))"
one_more forked
check 'the next change is told that the log was forked' "$(cat err)" warned one forked
check 'by both' "$(cat err)" warned two forked
check 'and its head is not cosigned' "$(cat repo/.rescind/log/facts/checkpoint)" cosigned facts 0
one_more forked-again
check 'and told again' "$(cat err)" warned one forked
run verify repo/.rescind/log/facts/checkpoint --policy policy
check 'whoever has the policy refuses the fork' "exit $code" [ "$code" -eq 4 ]
restore after
must 0 log witness ask
ok 'the true one goes on'

# --- a restart ---
port=${address_1##*:}
end_witness 1
one_more while-one-was-away
check 'a witness that is away holds up nothing' "$(cat err)" cosigned facts 1
began=$(date +%s)
for i in 1 2 3 4 5; do one_more "away$i"; done
[ $(($(date +%s) - began)) -lt 10 ] && ok 'not five commands either' || not_ok 'not five commands either' 'they took 10 s'
begin_witness 1 "$port"
must 0 log witness ask
check 'after a restart it goes on from what it had signed' "$(cat repo/.rescind/log/facts/checkpoint)" cosigned facts 2
snapshot after
end_witness 1
begin_witness 1 "$port"
restore before
run log witness ask
check 'and still refuses what was put back' "exit $code" [ "$code" -eq 4 ]
restore after

# --- one that never answers ---
beside silent python3 -c '
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
print(s.getsockname()[1], flush=True)
time.sleep(300)'
must 0 log witness add "http://127.0.0.1:$(cat silent.out)" "$(witness_key w3)" --name silent
began=$(date +%s)
for i in 1 2 3 4 5 6; do one_more "silent$i"; done
[ $(($(date +%s) - began)) -lt 15 ] && ok 'one that never answers is waited for once' || not_ok 'one that never answers is waited for once' 'six commands took 15 s'
check 'and the others sign' "$(cat err)" cosigned facts 2
run log witness ask
check 'asked for, that is told' "exit $code" [ "$code" -eq 5 ]
must 0 log witness rm silent
must 0 log witness ask
ok 'a witness can be removed'

# --- what a witness is sent by others ---
at=http://$address_2
status() { curl -s -o body -w '%{http_code}' "$@"; }
if command -v curl >/dev/null; then
	head=repo/.rescind/log/facts/checkpoint
	size=$(facts_size)
	{ printf 'old %s\n\n' "$size" && cat "$head"; } >same.request
	{ printf 'old 0\n\n' && cat "$head"; } >zero.request
	{ printf 'old 0\n\n' && sed 's/^glade/glede/' "$head"; } >unknown.request
	{ printf 'old %s\n\n' "$size" && grep -v '^— glade' "$head"; } >unsigned.request
	{ printf 'old %s\n\n' $((size + 1)) && cat "$head"; } >beyond.request
	{ printf 'old %s\n%s\n\n' "$size" "$(sed -n 3p "$head")" && cat "$head"; } >proof.request
	for what in 'same 200' 'zero 409' 'unknown 404' 'unsigned 403' 'beyond 400' 'proof 422'; do
		file=${what% *}.request
		got=$(status --data-binary "@$file" "$at/add-checkpoint")
		check "a request that is ${what% *} is answered ${what#* }" "$got" [ "$got" = "${what#* }" ]
	done
	got=$(status --data-binary @zero.request "$at/add-checkpoint")
	check 'a conflict says the size' "$(cat body)" [ "$(cat body)" = "$size" ]
	hex=$(printf %s glade.example/facts | sha256sum | cut -d' ' -f1)
	got=$(status "$at/$hex/checkpoint")
	check 'the last head is served, with the signatures of log and witness' "$got $(cat body)" [ "$got $(grep '^— ' body | cut -d' ' -f2 | sort -u | tr '\n' ' ')" = '200 glade.example/facts w2.example/cosigner ' ]
	got=$(status "$at/../key")
	check 'and nothing else' "$got" [ "$got" = 404 ]
	head -c 300000 /dev/zero >large.request
	got=$(status --data-binary @large.request "$at/add-checkpoint")
	check 'what is too large is refused' "$got" [ "$got" = 413 ]
else
	skip 'a witness answers as the specification has it' 'no curl'
fi
run log cosign --state w2 --listen 127.0.0.1:0
check 'one state is served by one process' "exit $code" [ "$code" -eq 1 ]
finish
