#!/bin/sh
# What an order took back is in no byte of the stores, old copies do not open it, and a catalog that is
# made again does not bring it back.
. "$(dirname "$0")/lib.sh"

story
# What is to be gone, from outside: the partner's photos, and everything about the first volunteer.
gone=vexwood-karolina
must 0 ls "source:partner-osk or subject:$gone"
{
	jq -r '"hex:\(.sha256)", "text:\(.path)"' "$work/out"
	for f in in/partner/lunasweep-dump/*.jpg in/volunteers/dorf-album/*$gone*.jpg models/*.weights; do
		cp "$f" "$TMPDIR-$(basename "$f")"
		echo "file:$TMPDIR-$(basename "$f")"
		echo "text:$(basename "$f")"
	done
	for f in in/volunteers/dorf-album/*; do
		case $f in *$gone*) ;; *) echo "not:$f" ;; esac
	done
	echo text:$gone
	echo "text:subject:$gone"
	echo "text:scar-of-$gone-nkvj"
	echo text:source:partner-osk
	echo "text:unlawful-kqz"
} >patterns
jq -c 'del(.commitment)' out | grep -c sha256 >count
[ "$(cat count)" -eq 10 ] || die "10 records were to go, not $(cat count)"
must 0 ls 'not erased'
cp out before-order.ls
cp -a repo repo-before
cp -a keys keys-before

take_back source:partner-osk
must 0 grant withdraw --subject $gone
order=$(answer .order)
must 0 order plan "$order"
must 0 order approve "$order" "$(answer .plan)" --as sentinelrole
must 0 order execute "$order"
erased=$(erased_now)
check ten_records_are_erased "erased are $erased" [ "$erased" = "0 1 8 9 10 11 12 13 14 15 " ]
must 0 ls 'not erased'
cp out retained.ls
jq -c .pos out | sort -n >retained.pos
sealed=$(du -sb repo/.rescind/vault | cut -f1)
must 0 compact

# --- bytes ---
# The epoch keys of before would still open what old copies of the keyring hold.
for f in keys-before/keyring/epoch-*; do
	echo "hex:$(od -An -v -tx1 "$f" | tr -d ' \n')"
done >epochs
[ "$(grep -c '^hex:[0-9a-f]\{64\}$' epochs)" -eq 1 ] || die "the epoch keys of before are $(cat epochs)"
python3 "$tests/scan.py" patterns repo/.rescind keys mirror "$TMPDIR" >found || die 'the scan failed'
check no_byte_of_the_erased_is_left "$(head -n 3 found | tr '\n' ';')" [ ! -s found ]
python3 "$tests/scan.py" epochs repo/.rescind keys mirror "$TMPDIR" >found || die 'the scan failed'
check no_epoch_key_of_before_is_left "$(head -n 3 found | tr '\n' ';')" [ ! -s found ]
python3 "$tests/scan.py" epochs keys-before >found
check it_is_found_in_a_copy_of_before 'nothing was found' [ -s found ]
check one_epoch_key_in_each_place "$(ls keys/keyring mirror/keyring | tr '\n' ' ')" \
	[ "$(ls keys/keyring mirror/keyring | grep -c '^epoch-')" -eq 2 ]
cp -a repo/.rescind planted
victim=$(ls "$TMPDIR"-mnd-frame-0*.jpg | head -n 1)
pack=$(find planted/vault -type f | head -n 1)
dd if="$victim" bs=1 skip=300 count=24 >>"$pack" 2>/dev/null
python3 "$tests/scan.py" patterns planted >found
check twenty_four_planted_bytes_are_found 'nothing was found' grep -q "bytes of $victim" found
for what in "$gone" "$(sed -n 's/^hex://p' patterns | head -n 1)"; do
	rm -rf planted && mkdir planted
	printf '%s' "$what" >planted/x
	python3 "$tests/scan.py" patterns planted >found
	check "a_planted_$(printf %.8s "$what")_is_found" 'nothing was found' [ -s found ]
done
check dead_packs_are_smaller 'compact left every byte' [ "$(du -sb repo/.rescind/vault | cut -f1)" -lt "$sealed" ]

# --- a copy of before, keys of now ---
opens_nothing() { # NAME; the old copy is at repo
	run ls erased
	[ "$code" -eq 0 ] || { not_ok "$1" "ls erased: exit $code: $(cat err)"; return; }
	if [ "$(jq -c .pos out | sort -n | tr '\n' ' ')" != "$erased" ]; then
		not_ok "$1" "erased there: $(jq -c .pos out | tr '\n' ' ')"
		return
	fi
	jq -c 'keys - ["pos","source","status","commitment"] | select(length > 0)' out >more
	for pos in $erased; do
		run show "$pos"
		jq -c 'keys - ["pos","source","status","commitment"] | select(length > 0)' out >>more
	done
	for digest in $(sed -n 's/^hex://p' patterns); do
		run ls "sha256:$digest"
		[ "$code" -eq 0 ] && cat out >>more
	done
	for words in subject:$gone "attr:scarkind=scar-of-$gone-nkvj" "path:*$gone*" 'path:lunasweep-dump/*'; do
		run ls "$words"
		[ "$code" -eq 0 ] && jq -c 'select(.sha256 or .path or .subjects)' out >>more
	done
	check "$1" "it opens $(head -n 2 more | head -c 300)" [ ! -s more ]
	run ls 'not erased'
	jq -c .pos out | sort -n >kept.pos
	check "$1_and_what_is_retained_opens" "$(wc -l <kept.pos) records, $(jq -c 'select(.sha256 and .path)' out |
		wc -l) opened; exit $code" sh -c \
		'cmp -s kept.pos retained.pos && [ "$(jq -c "select(.sha256 and .path)" out | wc -l)" -eq 6 ]'
}
mv repo repo-now
cp -a keys keys-now
cp -a mirror mirror-now
cp -a repo-before repo
opens_nothing the_old_copy_in_the_same_place
rm -rf repo keys mirror
cp -a repo-before repo
mkdir elsewhere
cp -a keys-now elsewhere/keys
cp -a mirror-now elsewhere/mirror
for f in repo/.rescind/format elsewhere/keys/mirror; do
	sed "s|$work/keys|$work/elsewhere/keys|; s|$work/mirror|$work/elsewhere/mirror|" "$f" >edited
	cat edited >"$f"
done
opens_nothing the_old_copy_with_its_keys_elsewhere

# --- the catalog deleted ---
rm -rf repo elsewhere
mv repo-now repo && mv keys-now keys && mv mirror-now mirror
everything() { # FILE
	: >"$1"
	for list in 'ls record:0-15' 'dataset ls' 'model ls' 'order ls' 'source ls' 'transfer ls' status \
		'show volunteers-osk' 'show partner-osk' 'show b1' 'show t1' 'ls expired' \
		'ls subject:ottermole-ines' 'ls attr:scarkind=scar-of-brzeczyk-tobias-nkvj'; do
		run $list
		echo "== $list: $code" >>"$1"
		jq -cS . out | sort >>"$1"
	done
}
everything before
rm -f repo/.rescind/catalog.db*
run fsck --rebuild
check the_catalog_is_made_again "exit $code: $(cat err)" [ "$code" -eq 0 ]
everything after
check everything_is_back_but_the_erased "$(diff before after | head -n 4 | head -c 400)" cmp -s before after
must 0 ls 'not erased'
check the_same_records_as_before "$(diff retained.ls out | head -c 300)" cmp -s retained.ls out
must 0 fsck --deep
finish
