#!/bin/sh
# rescind-verify says of every file what `rescind verify` says, and needs nothing but the file.
# rescind-verify-certificate says the same of certificates, and of nothing else.
# usage: verifier.sh RESCIND-VERIFY RESCIND-VERIFY-CERTIFICATE
small=$(realpath "${1:-.}") smaller=$(realpath "${2:-.}") # before lib.sh goes elsewhere
. "$(dirname "$0")/lib.sh"
. "$tests/verifier_world.sh"
[ -f "$small" ] || { skip verifier 'rescind-verify was not built'; finish; }

# usage: agree NAME CODE WORDS..: as a page and as JSON
agree() {
	name=$1 wanted=$2
	shift 2
	big_code=0 code=0
	"$RESCIND" verify "$@" >big 2>big.err || big_code=$?
	"$small" "$@" >said 2>said.err || code=$?
	check "$name" "exit $code and $big_code instead of $wanted: $(diff big said | head -c 300)" \
		eval '[ "$code" -eq "$wanted" ] && [ "$big_code" -eq "$wanted" ] && cmp -s big said'
	"$RESCIND" --json verify "$@" 2>big.err | jq -S . >big
	"$small" --json "$@" 2>said.err | jq -S . >said
	check "${name}_as_json" "$(diff big said | head -c 300)" cmp -s big said
	case $1 in *.attestation | *.receipt) return ;; esac
	again=0
	"$smaller" --json "$@" 2>said.err | jq -S . >again
	"$smaller" "$@" >/dev/null 2>&1 || again=$?
	check "${name}_to_the_smaller_too" "exit $again: $(diff said again | head -c 300)" \
		eval '[ "$again" -eq "$wanted" ] && cmp -s said again'
}

makes_certificates
agree a_person_is_valid 0 person.certificate --key "$vkey" --order "$person_demand"
agree a_source_is_valid 0 source.certificate --key "$vkey" --order "$source_demand"
agree without_an_order_it_is_valid 0 source.certificate --key "$vkey"
agree without_a_key_it_is_not 4 source.certificate
agree another_log_is_not_believed 4 source.certificate --key "$other_vkey"
agree another_demand_is_not_answered 4 source.certificate --key "$vkey" --order "$person_demand"
agree an_attestation_is_valid 0 checkpoint.attestation --key "$vkey"
agree an_attestation_answers_no_order 4 checkpoint.attestation --key "$vkey" --order "$person_demand"
agree a_receipt_is_valid 0 person.receipt --key "$vkey"
agree a_receipt_of_a_record_that_is_gone_is_valid 0 record.receipt --key "$vkey"
agree a_receipt_of_another_log_is_not_believed 4 person.receipt --key "$other_vkey"
makes_successor
agree a_log_that_follows_is_valid 0 follows.certificate --key "$follows_vkey" --order "$follows_demand"
agree the_key_before_stands_for_it 0 follows.certificate --key "$vkey" --order "$follows_demand"
agree its_attestation_is_valid 0 follows.attestation --key "$follows_vkey"
agree its_receipt_is_valid_by_the_key_before 0 follows.receipt --key "$vkey"
agree what_was_before_it_is_not_its_own 4 person.certificate --key "$follows_vkey"
agree another_log_does_not_follow 4 follows.certificate --key "$other_vkey"
changes person.certificate
for file in changed/*; do
	agree "changed_${file#changed/}" 4 "$file" --key "$vkey"
done
for words in '' --json; do
	"$small" changed/hidden --key "$vkey" $words >said
	check "nothing_that_is_said_moves_a_terminal$words" "$(head -c 300 said | od -c | head)" python3 -c '
text = open("said").read()
assert "[31m" in text and "\x1b" not in text
assert not __import__("sys").argv[1:] == [""] or not set(text) & set("\u202e\u0085\u200f")' "$words"
done
for file in checkpoint.attestation person.receipt; do
	"$smaller" "$file" --key "$vkey" >said && code=0 || code=$?
	check "the_smaller_reads_no_${file#*.}" "exit $code: $(head -c 300 said)" \
		eval '[ "$code" -eq 4 ] && grep -q "this program is for certificates alone" said'
done
truncate -s $((64 * 1024 * 1024 + 1)) large
"$small" large --key "$vkey" >said 2>said.err && code=0 || code=$?
check a_file_too_large_is_not_valid "exit $code: $(head -c 300 said)" eval '[ "$code" -eq 4 ] && grep -q "more than 67108864 bytes" said'
rm large

# usage: refuses NAME CODE WORDS..: nothing on stdout, a story on stderr
refuses() {
	name=$1 wanted=$2
	shift 2
	code=0
	"$small" "$@" >said 2>said.err || code=$?
	check "$name" "exit $code: $(head -c 200 said)" \
		eval '[ "$code" -eq "$wanted" ] && [ ! -s said ] && [ -s said.err ]'
}
refuses no_words 2
refuses two_files 2 person.certificate source.certificate
refuses a_word_unknown 2 person.certificate --data x
refuses two_keys 2 person.certificate --key "$vkey" --key "$vkey"
refuses a_key_that_is_none 2 person.certificate --key "${vkey%?}"
refuses a_key_without_words 2 person.certificate --key
refuses an_order_that_is_none 2 person.certificate --order 00
refuses no_such_file 1 nowhere.certificate --key "$vkey"
refuses a_folder 1 papers --key "$vkey"
"$small" person.certificate --key "$vkey" >/dev/full 2>said.err && code=0 || code=$?
check an_answer_that_cannot_be_written_is_no_yes "exit $code" [ "$code" -eq 1 ]

ldd "$small" >linked 2>&1
check it_is_static "$(cat linked)" grep -q 'not a dynamic executable' linked
if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
	skip it_opens_no_other_file 'no strace'
else
	OPENSSL_CONF=$work/papers/consent strace -f -e trace=%file,%network -o calls "$small" person.certificate \
		--key "$vkey" >/dev/null
	# Its own name is asked for before it begins.
	grep -vE 'execve\(|/proc/self/exe|person\.certificate|newfstatat\([0-9]+, ""| (\+\+\+|---) ' calls >others
	check it_opens_no_other_file "$(head -c 300 others)" [ ! -s others ]
	check it_makes_no_socket "$(grep socket calls)" eval '! grep -q socket calls'
fi
mkdir cell
cp "$small" person.certificate cell
if [ "$(id -u)" -eq 0 ] && chroot cell /rescind-verify --version >/dev/null 2>&1; then
	code=0
	chroot cell /rescind-verify person.certificate --key "$vkey" --order "$person_demand" >said 2>&1 || code=$?
	check it_runs_where_nothing_else_is "exit $code: $(head -c 300 said)" [ "$code" -eq 0 ]
elif unshare -rR cell /rescind-verify --version >/dev/null 2>&1; then
	code=0
	unshare -rR cell /rescind-verify person.certificate --key "$vkey" >said 2>&1 || code=$?
	check it_runs_where_nothing_else_is "exit $code: $(head -c 300 said)" [ "$code" -eq 0 ]
else
	skip it_runs_where_nothing_else_is 'neither root nor a user namespace'
fi
finish
