#!/bin/sh
# What an operator with the signing key may try, as the tests of src/proof tell it: the second verifier
# (tests/stranger.py) refuses each by exactly the same checks as ours, and finds the same to be valid.
# usage: stranger_lies.sh TEST..   proof-lies-test, proof-unlearned-test, proof-attestation-test, ..
tests=$(cd "$(dirname "$0")" && pwd)
command -v openssl >/dev/null || { echo 'skip stranger_lies: no openssl'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for test; do
	mkdir "$work/lies"
	RESCIND_LIES=$work/lies "$test" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
	PYTHONDONTWRITEBYTECODE=1 python3 "$tests/stranger_lies.py" "$work/lies" || exit 1
	rm -r "$work/lies"
done
