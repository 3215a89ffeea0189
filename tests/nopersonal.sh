#!/bin/sh
# No word that somebody typed, no name of a file and no digest of one is in what a log makes public.
. "$(dirname "$0")/lib.sh"

story
must 0 model add spare-osk models/mobile-wyrm.weights --dataset faces-osk --kind distil
must 0 model withdraw spare-osk --reason 'withdrawn-by-hand pzq'
must 0 transfer correct t1 --notified no --under papers/letter-wyrm.txt
must 0 dataset create subset-osk --use $use --where 'attr:scarkind=scar-of-ottermole-ines-nkvj'
must 0 source terms volunteers-osk papers/letter-wyrm.txt --from 2025-02-03 \
	--licence LicenseRef-glimmer2 --allow "$use,evaluate:IdentityVerification" --deny share:Marketing \
	--basis legitimate-interest
take_back source:partner-osk
must 0 grant withdraw --subject vexwood-karolina
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
must 0 order open 'path:"dorf-album/zq-2*"' --authority 'Inspectorate Mzimba' --reason 'mistaken-identity jvq'
must 0 order refuse "$(answer .order)" --reason 'unfounded-demand xqp'
run ingest partner-osk in/partner --use $use --transfer t1
[ "$code" -eq 3 ] || die "the partner's photos came in again: exit $code"


# The verbs and options are ours; every other word is the user's, and so are parts of it.
facts=$(status_of .facts)
{
	grep -v -e '^--' -e glade.example typed
	grep -v -e '^--' -e glade.example typed | tr -s ' ,/:=@"' '\n' | grep -x '.*[a-z]\{5,\}.*'
	tr ',' '\n' <subjects-wyrm.csv
	tr ',' '\n' <attrs-wyrm.csv
	find in papers models drawn -type f | sed 's|.*/||'
	echo glimmerfax
	pwd
} | sort -u | grep -v -x -e init -e key -e add -e source -e terms -e grant -e transfer -e ingest -e dataset -e create \
	-e model -e order -e open -e plan -e approve -e execute -e correct -e withdraw -e refuse -e status \
	-e records -e withdrawn | sed 's/^/text:/' >patterns
find papers drawn in models -type f | sed 's/^/file:/' >>patterns
words=$(grep -c ^text: patterns)
[ "$words" -gt 60 ] || die "only $words words were typed"
python3 "$tests/scan.py" patterns repo/.rescind/log >found || die 'the scan failed'
check "none_of_${words}_words_is_in_the_log" "$(head -n 3 found | tr '\n' ';')" [ ! -s found ]

python3 "$tests/entries.py" repo/.rescind/log/facts >found || die 'the entries cannot be read'
check entries_hold_only_what_the_program_says "$(head -n 3 found | tr '\n' ';')" \
	[ "$(cat found)" = "$facts entries" ]

# What would be found is found.
echo text:glade.example >origin
python3 "$tests/scan.py" origin repo/.rescind/log >found
check the_origin_is_found 'nothing was found' grep -q checkpoint found
bundle=$(find repo/.rescind/log/facts/tile/entries -type f | head -n 1)
for word in vexwood-karolina 'Lunasweep GmbH' "$(sha256sum papers/demand-wyrm.txt | cut -c1-64)"; do
	rm -rf planted && mkdir planted
	cp "$bundle" planted/bundle
	printf '%s' "$word" >>planted/bundle
	python3 "$tests/scan.py" patterns planted >found
	check "a_planted_$(printf %.7s "$word")_is_found" 'nothing was found' [ -s found ]
done
finish
