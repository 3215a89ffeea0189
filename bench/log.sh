#!/bin/sh
# How fast entries become durable and public, beside SQLite taking the same bytes: what bench/log.c says.
# Usage: bench/log.sh [BUILD-DIR]; without one, and where it was not built for release, it is built anew
# below TMPDIR. 3 GB there; some minutes. Run it on a disk, not in memory, with nothing else at work.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/rescind-log.XXXXXX")
trap 'rm -rf "$work"' EXIT
build=${1:-$root/build}
if ! grep -q '"buildtype", "value": "release"' "$build/meson-info/intro-buildoptions.json" 2>/dev/null; then
	build=$work/release
	meson setup "$build" "$root" --buildtype=release -Dtests=false >"$work/log" 2>&1 ||
		{ tail -20 "$work/log"; exit 1; }
fi
ninja -C "$build" src/repo/log-bench >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)," \
	"$(stat -f -c %T "$work")"
"$build/src/repo/log-bench" "$work/run"
