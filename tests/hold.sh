#!/bin/sh
# A duty to keep suspends an order: nothing is done while it is active, by the real clock and by no
# other; it is denied to everybody all the same. When the hold is released, the order goes on.
. "$(dirname "$0")/lib.sh"

held() { # NAME: the order is held by h1
	run order status "$order"
	check "$1" "$(head -c 300 out)" says '.state == "held" and .holds[0].hold == "h1" and
		.holds[0].reason == "tax office of Mzimba: keep" and .holds[0].records == 4'
}
photos_there() { ls in/partner/lunasweep-dump | wc -l; }

story
order_approved source:partner-osk
must 0 hold record:8-11 --reason 'tax office of Mzimba: keep' --until 2090-01-01
check 'a hold says which orders it suspends' "$(cat out)" says \
	".hold == \"h1\" and .records == 4 and .orders == [\"$order\"] and .state == \"active\""
held 'an order that it meets is held'
run order plan "$order"
check 'and so says its plan' "exit $code: $(head -c 300 out)" says '.holds[0].hold == "h1"'
run order ls
check 'and the list' "$(head -c 300 out)" says '.state == "held"'
check 'status counts it' "$(status_of .holds)" [ "$(status_of .holds)" = 1 ]
facts=$(status_of .facts) files=$(photos_there)
run order execute "$order"
check 'a held order is denied' "exit $code" [ "$code" -eq 3 ]
check 'with its document' "$(head -c 300 out)" says '.state == "held" and .holds[0].hold == "h1"'
run order execute "$order" --at 2091-01-01
check 'a clock of our own does not end a hold' "exit $code" [ "$code" -eq 3 ]
run order execute "$order" --batch
check 'nor does a batch carry it along' "exit $code" [ "$code" -eq 3 ]
check 'nothing was done' "$(status_of .facts) facts, $(photos_there) files" \
	[ "$(status_of .facts) $(photos_there)" = "$facts $files" ]
run order status "$order" --at 2090-01-01
check 'a report of a later time says it will go on' "$(head -c 300 out)" says \
	'.state == "approved" and .holds == []'
run gate facenet-osk --use infer:IdentityVerification
check 'the records are denied all the same' "exit $code" [ "$code" -eq 3 ]
must 0 fsck --rebuild
held 'a rebuilt catalog holds the same'
must 0 show h1
check 'a hold is shown by its id' "$(head -c 300 out)" says '.selector == "record:8-11"'

run hold record:0 --reason x --until 2014-03-01
check 'an end that is over is wrong usage' "exit $code" [ "$code" -eq 2 ]
run hold record:0 --until 2090-01-01
check 'a reason is needed' "exit $code" [ "$code" -eq 2 ]
run hold source:nobody --reason x --until 2090-01-01
check 'what nothing answers to cannot be held' "exit $code" [ "$code" -eq 1 ]
run hold release h7
check 'nor what is not there released' "exit $code" [ "$code" -eq 1 ]

must 0 hold release h1 --reason 'the case of Mzimba is closed'
check 'a released hold says so' "$(cat out)" says '.state == "released" and .orders == []'
must 0 hold ls
check 'and is listed' "$(cat out)" says '.hold == "h1" and .state == "released"'
must 0 order execute "$order"
check 'the order goes on' "$(head -c 300 out)" says '.state == "certified" and .holds == []'
check 'no word of a hold is in the open' 'found in repo' sh -c \
	'! grep -rlaE "Mzimba: keep|case of Mzimba" repo/.rescind'

finish
