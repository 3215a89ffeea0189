#!/bin/sh
# How fast and how large the spine is: one run, each line with the size of its input and the figure
# that was asked for. Usage: bench/spine.sh [BINARY]; needs jq and python3; 2 GB below TMPDIR.
set -eu
R=$(realpath "${1:-build/rescind}")
work=$(mktemp -d "${TMPDIR:-/tmp}/rescind-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
use=train:IdentityVerification
now() { date +%s%N; }
say() { printf '%-58s %12s   asked: %s\n' "$1" "$2" "$3"; }
quiet() { "$R" --quiet "$@" >/dev/null; }
begin() { # FOLDER
	mkdir -p "$1"
	quiet --repo "$1" init --origin bench --keys "$work/$1-keys" --mirror "$work/$1-mirror"
	quiet --repo "$1" key add dpo
	echo terms >terms.txt
	for s in partner other; do
		quiet --repo "$1" source add $s --controller Bench --kind synthetic --licence CC0-1.0 \
			--terms terms.txt --allow train:Purpose --people none
	done
}
# Median of 5 runs in ms, of a whole process.
median() {
	for _ in 1 2 3 4 5; do
		t=$(now); "$@" >/dev/null 2>&1; echo $((($(now) - t) / 10000))
	done | sort -n | sed -n 3p | awk '{ printf "%.2f", $1 / 100 }'
}

# --- ingest: 10,000 JPEGs of 11 KB, all different ---
python3 - <<'P'
import os, random, struct
# Noise in a baseline grey JPEG of 128 x 128: every block has the code "EOB" or a few coefficients;
# filled up with comments to 11 kB, as cameras do.
def jpeg(n):
    rnd = random.Random(n)
    q = bytes([0xff,0xdb,0,67,0]) + bytes([16]*64)
    f = bytes([0xff,0xc0,0,11,8,0,128,0,128,1,1,0x11,0])
    dc = bytes([0xff,0xc4,0,31,0, 0,1,5,1,1,1,1,1,1,0,0,0,0,0,0,0] + list(range(12)))
    ac = bytes([0xff,0xc4,0,22,0x10, 0,2,1,0,0,0,0,0,0,0,0,0,0,0,0,0, 0x00,0x01,0x11])
    s = bytes([0xff,0xda,0,8,1,1,0,0,63,0])
    bits = ''
    codes = {0:'00',1:'010',2:'011',3:'100',4:'101'}
    for _ in range(256):
        d = rnd.randint(-7, 7)
        k = abs(d).bit_length()
        bits += codes[k] + (format(d if d > 0 else d + (1 << k) - 1, '0%db' % k) if k else '')
        for _ in range(rnd.randint(0, 20)):
            bits += '01' + rnd.choice('01')
        bits += '00'
    bits += '1' * (-len(bits) % 8)
    data = bytes(int(bits[i:i+8], 2) for i in range(0, len(bits), 8)).replace(b'\xff', b'\xff\0')
    head = b'\xff\xd8' + q + f + dc + ac
    pad = 11000 - len(head) - len(s) - len(data) - 6
    com = b'\xff\xfe' + struct.pack('>H', pad + 2) + rnd.randbytes(pad)
    return head + com + s + data + b'\xff\xd9'
for n in range(10000):
    d = 'photos/%02d' % (n % 50)
    os.makedirs(d, exist_ok=True)
    open('%s/%05d.jpg' % (d, n), 'wb').write(jpeg(n))
P
begin photosrepo
find photos -type f -exec cat {} + >/dev/null
"$R" --quiet --repo photosrepo ingest other photos --use $use --json >ingest.json
jq -e '.accepted == 10000' ingest.json >/dev/null
rate=$(jq -r '(.accepted / (.milliseconds / 1000)) | floor' ingest.json)
say "ingest, 10,000 JPEGs of 11 KB, sealed: records/s (all cores)" "$rate" ">= 2,000 per core"

# --- 100,000 records, 10,000 of them the partner's ---
python3 - <<'P'
import os
for n in range(100000):
    d = ('partner' if 40000 <= n < 50000 else 'a' if n < 40000 else 'b') + '/%03d' % (n // 1000)
    os.makedirs(d, exist_ok=True)
    open('%s/%06d' % (d, n), 'w').write('record number %d\n' % n)
P
begin big
quiet --repo big ingest other a --use $use
quiet --repo big ingest partner partner --use $use
quiet --repo big ingest other b --use $use
i=0
while [ $i -lt 100 ]; do
	quiet --repo big dataset create d$i --use $use --where "record:$((i % 10 * 100))-99999"
	echo "weights $i" >m$i
	quiet --repo big model add m$i m$i --dataset d$i
	i=$((i + 1))
done
bytes=$(stat -c %s big/.rescind/catalog.db)
say "catalog, 100,000 records: bytes per record" $((bytes / 100000)) "<= 700"
a=$(median "$R" --repo big status)
b=$(median "$R" --repo big impact source:partner)
say "impact, 10,000 of 100,000, 100 datasets, 100 models: ms" \
	"$(awk "BEGIN { printf \"%.2f\", $b - $a }")" "<= 20 (less status: $a)"
quiet --repo big order open source:partner --authority Bench --reason bench
plan=$("$R" --quiet --repo big order plan o1 --json | jq -r .plan)
quiet --repo big --as dpo order approve o1 "$plan"
t=$(now)
quiet --repo big order execute o1
say "order, 10,000 of 100,000 (10 selections), execute: ms" $((($(now) - t) / 1000000)) "<= 5,000"
"$R" --quiet --repo big certificate o1 -o o1.certificate
say "its certificate: bytes" "$(stat -c %s o1.certificate)" "<= 200,000"
key=$("$R" --repo big status --json | jq -r .vkey)
say "its verification, whole process: ms" "$(median "$R" verify o1.certificate --key "$key")" "<= 100"
