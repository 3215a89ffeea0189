#!/bin/sh
# A certificate is refused, exit code 4, when anything in it or about it is not as it was signed.
. "$(dirname "$0")/lib.sh"

story
must 0 train persons --dataset faces-osk --target subject
take_back source:partner-osk
first=$order first_demand=$demand
must 0 grant withdraw --subject vexwood-karolina
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
must 0 order status "$order"
demand=$(answer .demand)
vkey=$(status_of .vkey)
run certificate "$first" -o one.certificate
run certificate "$order" -o two.certificate
[ -s one.certificate ] && [ -s two.certificate ] || die "no certificates: $(cat err)"
mv repo keys mirror "$TMPDIR" # from here on, nobody has a repository

# usage: verify_is CODE NAME WORDS..
verify_is() {
	wanted=$1 name=$2
	shift 2
	code=0
	(cd "$TMPDIR" && "$RESCIND" --json verify "$@") >out 2>err || code=$?
	check "$name" "exit $code instead of $wanted: $(cat err out | head -c 300)" [ "$code" -eq "$wanted" ]
	case $wanted in
	0) jq -e '.valid and (.checks | length > 10 and all(.ok))' out >/dev/null ;;
	*) jq -e '.valid == false' out >/dev/null ;;
	esac || not_ok "$name" "its answer is $(head -c 200 out)"
}
verify_is 0 the_first_is_valid "$work/one.certificate" --key "$vkey" --order "$first_demand"
verify_is 0 the_second_is_valid "$work/two.certificate" --key "$vkey" --order "$demand"
verify_is 4 for_another_order "$work/one.certificate" --key "$vkey" --order "$demand"
verify_is 4 for_no_order_that_is "$work/one.certificate" --key "$vkey" --order \
	0000000000000000000000000000000000000000000000000000000000000000
verify_is 4 without_a_pinned_key "$work/one.certificate" --order "$first_demand"
"$RESCIND" --json init --repo "$work/other" --origin glade.example --keys "$work/otherkeys" >out 2>err
stranger=$(jq -r .vkey out)
[ "$stranger" != "$vkey" ] || die 'two repositories have one key'
verify_is 4 with_the_key_of_another_repository "$work/one.certificate" --key "$stranger" --order "$first_demand"
renamed=$(echo "$vkey" | sed 's/^glade/glide/')
code=0
"$RESCIND" --json verify one.certificate --key "$renamed" --order "$first_demand" >out 2>err || code=$?
check with_the_key_under_another_name "exit $code" [ "$code" -ne 0 ]
: >empty
verify_is 4 an_empty_file "$work/empty" --key "$vkey"
head -c 5000 /dev/urandom >noise
verify_is 4 noise "$work/noise" --key "$vkey"
seed=${SEED:-$(date +%j)}
# The second one also tells of a checkpoint that unlearned.
python3 "$tests/tamper.py" "$RESCIND" "$vkey" "$demand" two.certificate one.certificate \
	"${SAMPLE:-300}" "$seed" || failed=1
finish
