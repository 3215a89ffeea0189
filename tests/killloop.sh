#!/bin/sh
# usage: tests/killloop.sh [SECONDS [SEED]] (20; now). Several writers of the real program at once, each killed at any
# moment, and what must hold of what they leave (killloop.py). The seed is printed; given again, the same is tried.
. "$(dirname "$0")/lib.sh"
seconds=${1:-20} seed=${2:-$(date +%s)}

must 0 init --origin glade.example --keys "$work/keys" --mirror "$work/mirror"
must 0 key add sentinelrole
paper terms 'terms of everybody'
must 0 source add drawn-osk --controller 'Freeface Gliwice' --kind synthetic --people none \
	--licence CC0-1.0 --terms terms --allow $use
code=0
python3 "$tests/killloop.py" "$RESCIND" "$work" "$seconds" "$seed" >told 2>&1 || code=$?
cat told >&2
check killed_under_load "seed $seed: $(grep -c '^wrong' told) things; $(grep '^wrong' told | head -n 3 | tr '\n' ';')" \
	[ "$code" -eq 0 ]
finish
