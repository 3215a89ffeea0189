# Read after lib.sh by tests that use other people's programs from package registries, into $folder.

# usage: fetched NAME TEST COMMAND..: $folder/NAME holds what COMMAND, run beside it, installs into the folder NAME;
# fetched once, under another name first. TEST, run in it, says whether it is whole. Else: false, and $why.
fetched() {
	name=$1 whole=$2 why=
	shift 2
	if [ ! -d "$folder/$name" ] && [ -z "${CI:-}${RESCIND_FETCH:-}" ]; then
		why='nothing is fetched but in CI, or with RESCIND_FETCH=1'
		return 1
	fi
	[ -d "$folder/$name" ] || {
		rm -rf "$folder/fetching-$name"
		mkdir -p "$folder/fetching-$name" && cd "$folder/fetching-$name" || die "$folder/fetching-$name"
		timeout 300 "$@" >"$work/fetched" 2>&1 && [ -d "$name" ] && mv "$name" "$folder/$name" ||
			why="$1 did not fetch it: $(tail -n 2 "$work/fetched" | tr '\n' ' ' | head -c 200)"
		cd "$work" && rm -rf "$folder/fetching-$name"
	}
	[ -z "$why" ] || return 1
	(cd "$folder/$name" && PYTHONPATH=. eval "$whole") >"$work/fetched" 2>&1 ||
		why="$name is not whole: $(tail -n 1 "$work/fetched" | head -c 200)"
	[ -z "$why" ]
}
