#!/bin/sh
# A folder may include itself and lower floors. Run by `meson test`.
floor() {
	case $1 in
	base) echo 0 ;; crypto) echo 1 ;; set | wire) echo 2 ;;
	log | catalog | vault | rights | media | near) echo 3 ;;
	proof | learn) echo 4 ;; repo | watch | verify | page) echo 5 ;; flow) echo 6 ;; cli | http) echo 7 ;;
	*) echo "floors: unknown folder $1" >&2; exit 1 ;;
	esac
}
grep -rHo '^#include "[a-z]*/' --include='*.[ch]' src |
sed 's|^src/\([a-z]*\)/.*#include "\([a-z]*\)/|\1 \2|' | sort -u |
while read -r from to; do
	a=$(floor "$from") && b=$(floor "$to") || exit 1
	[ "$from" = "$to" ] || [ "$a" -gt "$b" ] ||
		{ echo "src/$from includes $to/, which is not below it"; exit 1; }
	case $from-$to in proof-base | proof-crypto | proof-set | proof-wire | proof-proof) ;;
	verify-base | verify-crypto | verify-set | verify-wire | verify-proof | verify-verify) ;;
	page-base | page-crypto | page-set | page-wire | page-proof | page-page) ;;
	page-*) echo "src/page makes pages from bytes alone: it may not include $to/"; exit 1 ;;
	proof-* | verify-*) echo "$from/ is the stranger's verifier: it may not include $to/"; exit 1 ;; esac
done
