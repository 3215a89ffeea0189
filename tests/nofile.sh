#!/bin/sh
# A pipe, a folder or a device in place of a file of the repository or its keys: nothing waits, nothing crashes,
# and what cannot go on says so and names the file.
. "$(dirname "$0")/lib.sh"

story
take_back source:partner-osk
snapshot whole

# usage: look WORDS..; within a time that is long for any of them
look() {
	code=0
	timeout -s KILL 60 "$RESCIND" --repo "$work/repo" --json "$@" >out 2>err || code=$?
	case $code in
	0) ;;
	1 | 4) cat out err | grep -q -F "$named" || wrong="$wrong$kind: $1: not named: $(head -c 200 err); " ;;
	*) wrong="$wrong$kind: $1: exit $code: $(head -c 200 err); " ;;
	esac
	! grep -E -q 'Sanitizer|runtime error' err || wrong="$wrong$kind: $1: crash; "
}
{
	find repo/.rescind keys -type f | grep -v -E '/(tile|pack)/'
	find repo/.rescind -type f -path '*/tile/*' | sort | head -n 1
	find repo/.rescind -type f -path '*/pack/*' | sort | head -n 1
	echo mirror/anchor mirror/log.key mirror/keyring/current | tr ' ' '\n'
	echo repo/.rescind/catalog.db-journal
} | sort -u >files
while read -r file; do
	wrong='' named=$(basename "$file" | sed 's/^0*//')
	case $file in */pack/*) named=pack ;; esac
	for kind in pipe folder device; do
		for verb in ls dataset fsck; do
			restore whole
			rm -f "$file"
			case $kind in
			pipe) mkfifo "$file" ;;
			folder) mkdir "$file" ;;
			device) ln -s /dev/zero "$file" ;;
			esac
			case $verb in
			ls) look ls 'not erased' ;;
			dataset) look dataset create again-osk --use $use ;;
			fsck) look fsck ;;
			esac
		done
	done
	check "no_file_is_$(echo "$file" | tr -c 'a-zA-Z0-9\n' _)" "$wrong" [ -z "$wrong" ]
done <files
finish
