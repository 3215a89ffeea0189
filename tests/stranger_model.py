#!/usr/bin/env python3
"""Exact models again, from docs/formats-models.md alone: which checkpoint a file is, whether weights are
those of sums, what they answer, and the features of a picture. Integers from end to end.

usage: stranger_model.py FOLDER            weights, proof and sums: do they belong together?
       stranger_model.py FOLDER FILE.pgm.. and what do the weights say of these grey pictures?
Exits 0, or 4 when something does not hold, 2 when it cannot start. Needs Python 3.9 alone.
"""
import array
import math
import os
import re
import struct
import sys

from stranger_bytes import (
    H, Wrong, leaf, listed, members, number, parse, root_of, text, u64, unbase64, unhex, want)

# ---- files of tensors ----

def tensors(raw, form):
    """Metadata, and of each tensor its shape and numbers; only the one form is read."""
    want(len(raw) >= 8, "shorter than a header")
    size = struct.unpack("<Q", raw[:8])[0]
    want(size <= 16 << 20 and size % 8 == 0 and 8 + size <= len(raw), "no header")
    head = raw[8:8 + size]
    header = parse(head.rstrip(b" "))
    want(len(head) - len(head.rstrip(b" ")) < 8, "more spaces than needed")
    meta, data, at, found = header.pop("__metadata__"), raw[8 + size:], 0, {}
    want(all(isinstance(v, str) for v in meta.values()) and meta.get("format") == form, form)
    for name in sorted(header):
        t = header[name]
        members(t, ("dtype", "shape", "data_offsets"))
        count = 1
        for n in listed(t["shape"]):
            count *= number(n)
        want(t["dtype"] == "I64" and t["data_offsets"] == [at, at + 8 * count], name)
        values = array.array("q", data[at:at + 8 * count])
        if sys.byteorder == "big":
            values.byteswap()
        want(len(values) == count, "data that end early")
        found[name], at = (t["shape"], values), at + 8 * count
    want(at == len(data), "data that nobody names")
    return meta, found

def labels_of(meta, count):
    if meta.get("kind") == "numbers":
        want("labels" not in meta, "labels of numbers")
        return None
    want(meta.get("kind") == "labels", "kind")
    labels = parse(meta["labels"].encode())
    want(len(listed(labels)) == count and labels == sorted(set(labels), key=str.encode), "labels")
    want(all(0 < len(text(s).encode()) <= 255 for s in labels), "labels")
    return labels

def rows_of(found):
    want(set(found) == {"b", "w"}, "tensors of weights")
    (k, d), w = found["w"]
    want(found["b"][0] == [k] and 1 <= k <= 16384 and 1 <= d <= 8192, "shapes of weights")
    return [list(w[c * d:(c + 1) * d]) + [found["b"][1][c]] for c in range(k)], d

class Weights:
    def __init__(self, raw):
        meta, found = tensors(raw, "rescind-weights/1")
        self.rows, self.d = rows_of(found)
        self.labels = labels_of(meta, len(self.rows))
        self.features, self.kind, self.sha256 = meta["features"], meta["kind"], H(raw)
        want(meta["unit"] == "2^-30" and re.fullmatch("[1-9][0-9]*", meta["lambda"]), "lambda")
        self.strength, self.proof = int(meta["lambda"]), None
        for row in self.rows:
            want(128 * sum(map(abs, row[:-1])) <= 1 << 61 and abs(row[-1]) <= 1 << 61, "too large")

    def prove(self, raw):
        meta, found = tensors(raw, "rescind-proof/1")
        self.proof, d = rows_of(found)
        want(meta["weights_sha256"] == self.sha256.hex() and d == self.d and
             len(self.proof) == len(self.rows) and meta["unit"] == "2^-92", "of other weights")

    def scores(self, x):
        return [sum(map(int.__mul__, x, row)) + row[-1] for row in self.rows]

class Sums:
    def __init__(self, raw):
        meta, f = tensors(raw, "rescind-sums/1")
        self.kind, self.features = meta.get("kind"), meta["features"]
        want(set(f) == {"G", "X", "n", "s", "sum"} | ({"t2"} if self.kind == "numbers" else set()),
             "tensors of sums")
        (k, d), x = f["X"]
        want(f["G"][0] == [d * (d + 1) // 2] and f["n"][0] == [1] and f["s"][0] == [d] and
             f["sum"][0] == [k], "shapes of sums")
        self.labels, self.d, self.n = labels_of(meta, k), d, f["n"][1][0]
        self.g, self.s, self.sum = f["G"][1], f["s"][1], f["sum"][1]
        self.x = [x[c * d:(c + 1) * d] for c in range(k)]
        want(0 < self.n <= 1 << 32, "no records")
        want(all(abs(g) <= 16384 * self.n for g in self.g), "products that cannot be")
        want(all(self.n * self.g[i * (i + 1) // 2 + i] >= self.s[i] ** 2 for i in range(d)),
             "a square below 0")
        want(self.labels is None or (sum(self.sum) == self.n and min(self.sum) > 0), "labels")

    def strength(self):
        total = sum(self.n * self.g[i * (i + 1) // 2 + i] - self.s[i] ** 2 for i in range(self.d))
        most = total // (4 * self.n * self.d)
        return min(1 << max(most.bit_length() - 1, 0), 1 << 46)

    def right(self, c):
        if self.labels is None:
            return list(self.x[c]) + [self.sum[c]]
        return [2 * x - s for x, s in zip(self.x[c], self.s)] + [2 * self.sum[c] - self.n]

    def full(self):
        """The lower triangle as rows of the whole square."""
        rows = [list(self.g[i * (i + 1) // 2:(i + 1) * (i + 2) // 2]) for i in range(self.d)]
        for i, row in enumerate(rows):
            row += [rows[j][i] for j in range(i + 1, self.d)]
        return rows

def left(g, sums, strength, u):
    """The left side of the system for weights and intercept u."""
    v, mul = u[:-1], int.__mul__
    return [sum(map(mul, row, v)) + strength * v[i] + sums.s[i] * u[-1]
            for i, row in enumerate(g)] + [sum(map(mul, sums.s, v)) + sums.n * u[-1]]

def root_up(x):
    r = math.isqrt(x)
    return r + (r * r < x)

def check_weights(w, sums, asked=0):
    """Are these the weights of these sums? asked: lambda of the recipe."""
    want((w.kind, w.features, w.d, w.labels, len(w.rows)) ==
         (sums.kind, sums.features, sums.d, sums.labels, len(sums.x)), "of other features or labels")
    want(w.strength == (asked or sums.strength()), "another strength")
    want(w.proof, "no proof")
    g, half = sums.full(), 1 << 61
    squares = root_up(sum(s * s for s in sums.s))
    for c, (row, more) in enumerate(zip(w.rows, w.proof)):
        first, second = left(g, sums, w.strength, row), left(g, sums, w.strength, more)
        r = [((a << 30) - b << 62) - m for a, b, m in zip(sums.right(c), first, second)]
        off = sum(abs(sums.n * ri - si * r[-1]) for ri, si in zip(r, sums.s))
        e = -(-off // (sums.n * w.strength))
        bounds = [e] * w.d + [-(-(abs(r[-1]) + squares * e) // sums.n)]
        want(all(-half <= p - b and p + b < half for p, b in zip(more, bounds)),
             "output %d is not of these sums" % c)

# ---- checkpoint.json ----

def commitment(field):
    name = field["field"].encode()
    if "commitment" in field:
        members(field, ("field", "commitment"))
        return None, unhex(field["commitment"], 32)
    members(field, ("field", "salt", "value"))
    salt, value = unbase64(field["salt"]), unbase64(field["value"])
    want(len(salt) == 64, "a salt of another length")
    return value, H(b"rescind/commit/v1\0", u64(len(name)), name, u64(len(salt)), salt,
                    u64(len(value)), value)

def digest_of(raw, weights, sums=None):
    """The digest that a checkpoint.json opens for the bytes of these weights (and sums)."""
    want(raw[-1:] == b"\n", "no final newline")
    j = parse(raw[:-1])
    members(j, ("card", "digest", "fact", "format", "model", "origin", "recipe", "version"))
    want(number(j["format"]) == 1, "a format that is not known")
    want([f.get("field") for f in listed(j["card"])] == ["weights", "sums"], "not a card")
    (of_weights, a), (of_sums, b) = map(commitment, j["card"])
    want(of_weights == H(weights), "a card of other weights")
    want(of_sums is None or sums is None or of_sums == H(sums), "a card of other sums")
    digest = H(b"rescind/fields/v1\0", u64(2), root_of([leaf(a), leaf(b)]))
    want(digest == unhex(j["digest"], 32), "the card leads to another digest")
    return digest, j

# ---- features ----

def square(samples, width, height, side):
    """Means of a square of grey, times 16: samples are those of one channel."""
    def shares(length):
        return [[(p, min((part + 1) * length, (p + 1) * side) - max(part * length, p * side))
                 for p in range(part * length // side, ((part + 1) * length - 1) // side + 1)]
                for part in range(side)]
    across, down = shares(width), shares(height)
    lines = [[sum(samples[y * width + x] * k for x, k in cell) for cell in across]
             for y in range(height)]
    return [[256 * sum(lines[y][x] * k for y, k in cell) // (16 * width * height)
             for x in range(side)] for cell in down]

WAYS = ((256, 0), (181, 181), (0, 256), (-181, 181), (-256, 0), (-181, -181), (0, -256), (181, -181))

def edges(image):
    cells = [[[0] * 8 for _ in range(6)] for _ in range(6)]
    for y in range(48):
        for x in range(48):
            across = image[y][min(x + 1, 47)] - image[y][max(x - 1, 0)]
            down = image[min(y + 1, 47)][x] - image[max(y - 1, 0)][x]
            size = math.isqrt(across * across + down * down)
            for k, (u, v) in enumerate(WAYS):
                m = u * across + v * down - 181 * size
                if m <= 0:
                    continue
                column, right = divmod(2 * x + 9, 16)
                row, below = divmod(2 * y + 9, 16)
                for r, by in ((row, 16 - below), (row + 1, below)):
                    for c, bx in ((column, 16 - right), (column + 1, right)):
                        if 1 <= r <= 6 and 1 <= c <= 6:
                            cells[r - 1][c - 1][k] += m // 75 * by * bx // 16
    power = [[sum(v * v for v in cell) for cell in row] for row in cells]
    inside, out = lambda i: min(max(i, 0), 5), []
    for y in range(6):
        for x in range(6):
            sizes = [200 + math.isqrt(sum(power[inside(b)][inside(a)] for b in (y, y + j)
                                          for a in (x, x + i))) for j in (-1, 1) for i in (-1, 1)]
            for v in cells[y][x]:
                z = sum(min(v * 256 // size, 60) for size in sizes)
                out.append(math.isqrt(z // 4 * 127 * 127 // 60))
    return out

def features(name, samples, width, height):
    if name == "pixels@2ac1fc944b9302d35b2d708ebd2ef5de":
        return [v // 32 for row in square(samples, width, height, 32) for v in row]
    want(name == "bands1@f084a6e266d1fbb5236da91639fbf350", "features that are not known")
    e = edges(square(samples, width, height, 48))
    stream = b"".join(H(b"rescind/features/bands1/%d" % i) for i in range(1024 * 288 // 256))
    out, total = [], sum(e)
    for f in range(1024):
        bits = int.from_bytes(stream[36 * f:36 * f + 36], "little")
        plus = sum(v for i, v in enumerate(e) if bits >> i & 1)
        out.append(min(abs(2 * plus - total) // 32, 127))
    return out

def pgm(raw):
    m = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", raw)
    want(m and len(raw) == m.end() + int(m[1]) * int(m[2]), "not a grey picture")
    return raw[m.end():], int(m[1]), int(m[2])

# ---- the program ----

def load(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None

def look(folder, pictures):
    raw = load(folder, "weights.safetensors")
    w = Weights(raw)
    sums, proof, card = (load(folder, n) for n in ("sums.safetensors", "proof.safetensors",
                                                   "checkpoint.json"))
    asked = 0
    if card is not None:
        digest, j = digest_of(card, raw, sums)
        asked = number(j["recipe"]["lambda"])
        print("ok card: %s@%d is %s" % (j["model"], j["version"], digest.hex()))
    if proof is not None:
        w.prove(proof)
    if sums is not None:
        check_weights(w, Sums(sums), asked)
        print("ok weights: %d outputs of %d features, to the last unit" % (len(w.rows), w.d))
    for path in pictures:
        with open(path, "rb") as f:
            scores = w.scores(features(w.features, *pgm(f.read())))
        best = max(range(len(scores)), key=lambda i: (scores[i], -i))
        print("%s %d" % (w.labels[best] if w.labels else "number", scores[best]))

def main(args):
    if len(args) < 2:
        sys.stderr.write(__doc__)
        return 2
    try:
        look(args[1], args[2:])
    except (Wrong, KeyError, TypeError, ValueError, AttributeError, UnicodeError) as e:
        print("not ok: %s" % (e if isinstance(e, Wrong) else "cannot be looked at"))
        return 4
    except OSError as e:
        sys.stderr.write("stranger_model.py: %s\n" % e)
        return 2
    return 0

if __name__ == "__main__":
    sys.exit(main(sys.argv))
