#!/bin/sh
# How fast exact models are, and that they are the same bits everywhere: one run, each line with the
# figure that was asked for. Usage: bench/models.sh [BUILD-DIR]; without one, and where models-bench
# was not built for release, it is built anew below TMPDIR. Figures are no tests: always 0.
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/rescind-models.XXXXXX") || exit 0
trap 'rm -rf "$work"' EXIT
say() { printf '%-62s %9s   asked: %s\n' "$1" "$2" "$3"; }

# --- speed ---
build=${1:-$work/release}
if ! grep -q '"buildtype", "value": "release"' "$build/meson-info/intro-buildoptions.json" 2>/dev/null; then
	build=$work/release
	meson setup "$build" "$root" --buildtype=release -Dtests=false >>"$work/log" 2>&1
fi
ninja -C "$build" src/learn/models-bench >>"$work/log" 2>&1 ||
	{ tail -20 "$work/log"; echo "models-bench does not build"; exit 0; }
bench=$build/src/learn/models-bench
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
"$bench"
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
	echo "on one core:"
	taskset -c 0 "$bench" | grep 'labels:'
fi

# --- the same bits ---
bits() { # COMPILER FLAGS
	command -v "$1" >/dev/null || { say "weights, $1 $2" skipped "the same bits"; return; }
	dir=$work/bits-$1
	rm -rf "$dir"
	tests='src/learn/learn-solve-test src/learn/learn-residual-test src/learn/learn-gram-test'
	# shellcheck disable=SC2086 # three words
	if CC=$1 meson setup "$dir" "$root" --buildtype=plain "-Dc_args=$2" >>"$work/log" 2>&1 &&
	   ninja -C "$dir" $tests >>"$work/log" 2>&1 &&
	   (for t in $tests; do "$dir/$t" >>"$work/log" 2>&1 || exit 1; done); then
		say "weights, $1 $2" "same" "the same bits"
	else
		tail -20 "$work/log"
		say "weights, $1 $2" "NOT SAME" "the same bits"
	fi
}
for compiler in gcc clang; do
	for flags in '-O0' '-O3 -march=native'; do
		bits "$compiler" "$flags"
	done
done
# The vectors that those tests compare with, by whole numbers of any size, in Python.
if python3 "$root/tests/exact_weights.py" --vectors 2>/dev/null | cmp -s - "$root/src/learn/solve_vectors.h"; then
	say "weights of 60 systems, by tests/exact_weights.py" same "the same bits"
else
	say "weights of 60 systems, by tests/exact_weights.py" "NOT SAME" "the same bits"
fi
exit 0
