# Read after lib.sh by tests that use other people's programs.

# usage: serve FOLDER: over HTTP from a static server, at $url
serve() {
	beside http python3 -c '
import functools, http.server, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
print(s.server_address[1], flush=True)
s.serve_forever()' "$1"
	url=http://127.0.0.1:$(cat http.out)
}

# A repository of some facts and 300 records; its logs are copied to served/facts and served/records.
serve_repository() {
	must 0 init --keys keys --solo
	must 0 source add s --controller Us --kind synthetic --people none --licence CC0-1.0 \
		--terms "$tests/foreign.sh" --allow train:ResearchAndDevelopment
	mkdir in
	i=0
	while [ $i -lt 300 ]; do echo $i >in/$i; i=$((i + 1)); done
	must 0 ingest s in --use train:ResearchAndDevelopment
	for log in facts records; do
		cp -r "repo/.rescind/log/$log" "served/$log"
		[ -s "served/$log/vkey" ] || die "no vkey beside the $log log"
	done
}

# usage: fetched NAME TEST COMMAND..: $folder/NAME holds what COMMAND, run beside it, brings from a package registry
# into the folder NAME; once, under another name first. TEST, run in it, says whether it is whole. Else: false, and $why.
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
		"$@" >"$work/fetched" 2>&1 && [ -d "$name" ] && mv "$name" "$folder/$name" ||
			why="$* did not bring it: $(tail -n 2 "$work/fetched" | tr '\n' ' ' | head -c 200)"
		cd "$work" && rm -rf "$folder/fetching-$name"
	}
	[ -z "$why" ] || return 1
	(cd "$folder/$name" && PYTHONPATH=. eval "$whole") >"$work/fetched" 2>&1 ||
		why="$name is not whole: $(tail -n 1 "$work/fetched" | head -c 200)"
	[ -z "$why" ]
}
