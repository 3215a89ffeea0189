#!/bin/sh
# Run each fuzzer over its seeds, in build-fuzz/ with clang.
# usage: tools/fuzz.sh MINUTES [NAME]   MINUTES for each, 0: the seeds alone; NAME: only this one,
# as in fuzz/NAME
# What is found new is kept in build-fuzz/corpus/NAME; what breaks, in build-fuzz/NAME-crash-*.
# Exit code 1 when anything broke.
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in '' | *[!0-9]*) echo "usage: tools/fuzz.sh MINUTES [NAME]" >&2; exit 2 ;; esac
tools/deps fuzz
[ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true -Dtests=false >/dev/null
ninja -C build-fuzz >build-fuzz/make.log || { cat build-fuzz/make.log; exit 1; }

broken=0 ran=0 limit=-max_total_time=$(($1 * 60))
[ "$1" -gt 0 ] || limit=-runs=0
for fuzzer in $(find build-fuzz/src -maxdepth 2 -name '*-fuzz' -type f | sort); do
	name=${fuzzer##*/}
	name=${name%-fuzz}
	name=${name#*-}
	[ -z "${2:-}" ] || [ "$2" = "$name" ] || continue
	seeds=
	[ ! -d "fuzz/$name" ] || seeds=fuzz/$name
	mkdir -p "build-fuzz/corpus/$name"
	ran=$((ran + 1))
	if "$fuzzer" $limit -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="build-fuzz/$name-" "build-fuzz/corpus/$name" $seeds \
		>"build-fuzz/$name.log" 2>&1; then
		echo "ok $name: $(awk '/stat::number_of_executed_units/ { print $2 }' "build-fuzz/$name.log") runs," \
			"$(awk '/cov:/ { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) } END { print c + 0 }' "build-fuzz/$name.log") edges"
	else
		echo "not ok $name: see build-fuzz/$name.log"
		broken=1
	fi
done
[ "$ran" -gt 0 ] || { echo "fuzz: no fuzzer ${2:-at all}" >&2; exit 2; }
exit $broken
