#!/bin/sh
# A dataset is in use, as by a run under way, when an order opens: what the run makes is recorded, and is
# born withdrawn.
. "$(dirname "$0")/lib.sh"

story
must 0 dataset create clean-osk --use $use --where source:volunteers-osk
head -c 9000 /dev/urandom >models/run-under-way
head -c 9001 /dev/urandom >models/run-on-clean
must 0 order open source:partner-osk --authority 'Inspectorate Mzimba' --reason 'unlawful-kqz' \
	--document papers/demand-wyrm.txt
order=$(answer .order)

run model add late-osk models/run-under-way --dataset faces-osk
check the_model_is_denied "exit $code: $(cat err)" [ "$code" -eq 3 ]
check it_is_recorded_and_withdrawn "it says $(head -c 300 out)" [ "$(answer '"\(.model)@\(.version) \(.state)"')" = \
	'late-osk@1 withdrawn' ]
check the_reason_is_the_order "it says $(head -c 300 out)" says '.reasons | tostring | test("order-open")'
must 0 model show late-osk
check it_stays_withdrawn "it says $(head -c 300 out)" [ "$(answer .state)" = withdrawn ]
check it_says_why "it says $(head -c 300 out)" says '.reasons | tostring | test("order-open")'
run model add child-osk models/run-under-way --parent late-osk
check what_grows_from_it_is_withdrawn_too "exit $code: $(head -c 300 out)" \
	[ "$code-$(answer .state)" = 3-withdrawn ]
run model add fine-osk models/run-on-clean --dataset clean-osk
check what_does_not_rest_on_it_lives "exit $code: $(head -c 300 out)" [ "$code-$(answer .state)" = 0-live ]
run dataset create after-osk --use $use
check a_dataset_made_now_leaves_them_out "exit $code: $(head -c 300 out)" \
	[ "$code-$(answer '"\(.records) \(.excluded) \(.reasons | keys | join(","))"')" = '0-8 8 order-open' ]
run explain late-osk --use infer:IdentityVerification
check explain_denies_it "exit $code" [ "$code" -eq 3 ]
run impact source:partner-osk
check impact_knows_it "$(head -c 300 out)" says '[.models[].model] | index("late-osk@1")'

must 0 order plan "$order"
plan=$(answer .plan)
check the_plan_reaches_it "$(jq -c .steps out | head -c 300)" \
	says '[.steps[] | select(.do == "withdraw") | .target] | index("late-osk@1")'
check the_plan_spares_the_clean_one "$(jq -c .steps out | head -c 300)" \
	says '[.steps[].target | strings | select(test("fine-osk|clean-osk"))] == []'
must 0 order approve "$order" "$plan" --as sentinelrole

# A model that comes between plan and execution changes the plan.
head -c 9002 /dev/urandom >models/run-too-late
run model add later-osk models/run-too-late --dataset faces-osk
check one_after_the_plan_is_withdrawn_too "exit $code: $(head -c 300 out)" [ "$code-$(answer .state)" = 3-withdrawn ]
run order execute "$order"
check a_changed_plan_is_not_executed "exit $code: $(head -c 300 err)" [ "$code" -eq 1 ]
check and_it_says_so "$(head -c 300 err)" one_line err
[ -z "$(erased_now)" ] || not_ok nothing_is_erased_yet "erased are $(erased_now)"
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
for model in late-osk child-osk later-osk facenet-osk mobile-osk; do
	must 0 model show $model
	[ "$(answer .state)" = erased ] || not_ok "${model}_is_erased" "it is $(answer .state)"
done
check their_files_are_gone "$(ls models)" [ "$(ls models)" = run-on-clean ]
must 0 model show fine-osk
check the_clean_one_lives "it is $(answer .state)" [ "$(answer .state)" = live ]
must 0 fsck --deep
finish
