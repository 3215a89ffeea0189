# Read by demo/story.sh: how the story is told, and how a command is run and written down.

started=$(date +%s)
bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m')
	red=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

# usage: paint TEXT: its words of yes and no in colour
paint() {
	[ -n "$plain" ] || { printf '%s' "$1"; return; }
	printf '%s' "$1" | sed "s/\\bYES\\b\\|REFUSED/$green&$plain/g; s/\\bNO\\b/$red&$plain/g"
}
# usage: tell YEAR WORD TEXT; ends a line of the story, with the commands since the last one
tell() {
	printf '%s%-6s%s%s%-9s%s%s\n' "$bold" "$1" "$plain" "$dim" "$2" "$plain" "$(paint "$3")"
	{
		printf '\n# %s\n' "$(printf '%-6s%-9s%s' "$1" "$2" "$3" | sed 's/^ *//')"
		cat "$pending"
	} >>"$out/commands.sh"
	: >"$pending"
}
figure() { jq -r "$COMMAS$1" "$answer"; } # FILTER, of the last answer
# In filters: n as people write it, 1,234; "3 photos"; days and bytes as people say them; what an order
# does not reach, in a word.
COMMAS='
def n: tostring | explode | reverse | [range(0; length; 3) as $i | .[$i:$i+3]] | map(implode) | join(",")
	| explode | reverse | implode;
def s($one): "\(n) \($one)\(if . == 1 then "" else "s" end)";
def age: (. / 365.2425 | floor) as $y | ((. - $y * 365.2425) / 30.436875 | floor) as $m | "\($y) y \($m) m";
def beyond: if test("recall it") then "\(split(":")[0]) (recall it)"
	elif test(": tell them$") then "\(split(" has ")[0]) (tell them)" else split(":")[0] end;
def size: if . < 1000000 then "\(. / 1000 | floor) kB" else "\(. / 100000 | floor / 10) MB" end;
'

KNOWS='"\(.accuracy * 100 | round) %: \(.accuracy * .n | round | n) of \(.n | s("photo"))"'

# usage: word TEXT: as it can be typed in a shell
word() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

# usage: run CODES COMMAND: in this shell, from OUT; an exit code that is not among CODES ends the story
run() {
	codes=$1 code=0
	printf '%s%s\n' "$2" "$(case $1 in *0*) ;; *) echo " # exit $1" ;; esac)" >>"$pending"
	{ eval "$2"; } >"$answer" 2>"$said" || code=$?
	case " $codes " in *" $code "*) return 0 ;; esac
	echo "story: $2: exit $code" >&2
	tail -n 3 "$said" >&2
	exit 1
}

begin() {
	answer=$out/.answer said=$out/.said pending=$out/.pending
	cd "$out"
	rm -rf repo keys keys-mirror photos partner unseen unpacked drawn fresh lists texts split.json papers products \
		index models empty commands.sh log .told ./*.certificate ./*.html
	: >log
	: >"$pending"
	PROGRAM=$build/rescind TOLD=$out/log PATH=$demo/told:$build/tests:$PATH
	RESCIND_REPO=$out/repo NO_COLOR=1 PYTHONDONTWRITEBYTECODE=1
	export PROGRAM TOLD PATH RESCIND_REPO NO_COLOR PYTHONDONTWRITEBYTECODE
	unset RESCIND_FAULT || :
	cat >commands.sh <<E2
# The commands behind each line of the story, in order. Type them in a shell, one by one, in a new folder,
# or run them all: sh commands.sh FOLDER. Where a command should fail, its exit code stands behind it.
mkdir -p "\${1:-by-hand}" && cd "\${1:-by-hand}" || exit
demo=$(word "$demo")
PATH=\${TOLDBY:-$(word "$build")}:$(word "$build/tests"):\$PATH RESCIND_REPO=\$PWD/repo
export PATH RESCIND_REPO
E2
}

end() {
	printf '\necho "Done. Open $PWD/o1.html"\n' >>commands.sh
	rm -f "$answer" "$said" "$pending" log.answer log.said
	cat <<E2
Done in $(($(date +%s) - started)) s. Open $shown/o1.html: the page a privacy officer would send.
Your photos:  ./run FOLDER
Your model:   build/rescind --repo $shown/repo model add NAME FILE --dataset ${model:-photos}-data
Each line above is a command or a few: $shown/commands.sh; what they answered: $shown/log
E2
}
