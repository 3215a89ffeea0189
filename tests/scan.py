"""Where are bytes that should be gone? scan.py PATTERNS FOLDER..: PATTERNS has a line for each,
`text:VALUE`, `hex:BYTES`, `file:PATH` (every 16 bytes of it) or `not:PATH` (a file whose bytes do not count).
Texts are looked for as they are, in hex and in base64, and by their SHA-256. A line for each find."""
import base64
import hashlib
import os
import sys

WINDOW = 16
SHORTEST = 5


def read(path):
    with open(path, "rb") as f:
        return f.read()


def windows(data):
    # Runs such as zeros are found anywhere, and say nothing.
    return {data[i:i + WINDOW] for i in range(len(data) - WINDOW + 1)
            if len(set(data[i:i + WINDOW])) > 8}


def shapes(text):
    yield "", text
    yield "in hex ", text.hex().encode()
    yield "in HEX ", text.hex().upper().encode()
    for pad in range(3):
        # Without the ends, which depend on the neighbours.
        b = base64.b64encode(b"\0" * pad + text)
        yield "in base64 ", b[(4 if pad else 0):len(b) - (4 if (pad + len(text)) % 3 else 0)]
    digest = hashlib.sha256(text).digest()
    yield "SHA-256 of ", digest
    yield "SHA-256 in hex of ", digest.hex().encode()
    yield "SHA-256 in HEX of ", digest.hex().upper().encode()
    yield "SHA-256 in base64 of ", base64.b64encode(digest)[:40]


def patterns(path):
    exact, pieces, spared = [], {}, set()
    for line in read(path).decode().splitlines():
        kind, value = line.split(":", 1)
        if kind == "text":
            exact += [(what + value, p) for what, p in shapes(value.encode())]
        elif kind == "hex":
            raw = bytes.fromhex(value)
            exact += [("bytes " + value, raw), ("hex " + value, value.lower().encode()),
                      ("HEX " + value, value.upper().encode()),
                      ("base64 of " + value, base64.b64encode(raw)[:40])]
        elif kind == "file":
            data = read(value)
            exact.append(("digest of " + value, hashlib.sha256(data).digest()))
            exact.append(("digest in hex of " + value, hashlib.sha256(data).hexdigest().encode()))
            pieces.update((w, value) for w in windows(data))
        elif kind == "not":
            spared |= windows(read(value))
    exact = [(what, p) for what, p in exact if len(p) >= SHORTEST]
    return exact, {w: value for w, value in pieces.items() if w not in spared}


def files(folders):
    for folder in folders:
        if os.path.isfile(folder):
            yield folder
        for at, _, names in os.walk(folder):
            yield from (os.path.join(at, n) for n in names)


def main():
    exact, pieces = patterns(sys.argv[1])
    if not exact and not pieces:
        sys.exit("scan: no patterns")
    for path in files(sys.argv[2:]):
        if not os.path.isfile(path):
            continue
        data, name = read(path), os.fsencode(path)
        for what, p in exact:
            if p in data or p in name:
                print("%s: %s" % (path, what))
        if pieces:
            for i in range(len(data) - WINDOW + 1):
                if data[i:i + WINDOW] in pieces:
                    print("%s: at %d, bytes of %s" % (path, i, pieces[data[i:i + WINDOW]]))
                    break


main()
