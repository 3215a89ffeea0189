#!/bin/sh
# Statements read by somebody else's programs: PyPI's securesystemslib and in-toto-attestation, and npm's
# @sigstore/verify. usage: foreign_statements.sh FOLDER, with RESCIND. They are fetched into FOLDER once, where CI or
# RESCIND_FETCH says that it may be; what cannot be had is skipped, with the reason.
folder=$(mkdir -p "$1" && realpath "$1")
. "$(dirname "$0")/lib.sh"
. "$tests/foreign_lib.sh"
. "$tests/verifier_world.sh"
pypi='securesystemslib==1.6.0 in-toto-attestation==0.9.3 cryptography'
npm='@sigstore/verify@3.1.1 @sigstore/bundle@4.0.0'

python_reads() { PYTHONPATH=$folder/python python3 "$tests/foreign/statements.py" "$@"; }
node_reads() { NODE_MODULES=$folder/npm/node_modules node "$tests/foreign/statements.mjs" "$@"; }

made=
world() {
	[ -z "$made" ] || return 0
	makes_certificates
	must 0 source add open-osk --controller 'Freeface Gliwice' --kind upload --people none --licence CC0-1.0 \
		--terms papers/letter-wyrm.txt --allow "$use,share:IdentityVerification"
	jpegs "$work/in/open" 1 open-7
	must 0 ingest open-osk in/open --use $use
	must 0 dataset create open-osk --use $use --where source:open-osk
	must 0 share open-osk --to 'Door Ltd' --use share:IdentityVerification --under papers/letter-wyrm.txt handed
	made=1
}
# usage: read_by READER: what it says, and that it came to its end
read_by() {
	world
	code=0
	"$1" "$vkey" "$other_vkey" person.certificate source.certificate handed/handover.json >said 2>err || code=$?
	cat said
	[ "$code" -eq 0 ] && [ "$(grep -c '^ok ' said)" -ge 9 ] || not_ok "$1 came to its end" "exit $code: $(tail -n 3 err)"
	! grep -q '^not ok ' said || failed=1
}

if fetched python 'python3 -c "import in_toto_attestation.v1.statement, securesystemslib.signer, cryptography"' \
	timeout 300 python3 -m pip install --quiet --disable-pip-version-check --no-input --target python $pypi; then
	read_by python_reads
else
	skip 'securesystemslib and in-toto-attestation read our statements' "$why"
fi
if command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' &&
	fetched npm 'test -d node_modules/@sigstore/verify' \
	timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix npm $npm; then
	read_by node_reads
else
	skip '@sigstore/verify reads our statements as bundles' "${why:-no Node 20}"
fi
finish
