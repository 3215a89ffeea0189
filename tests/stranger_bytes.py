"""Bytes of docs/formats-bytes.md for stranger.py: spellings, sets, trees, keys and notes."""
import base64
import binascii
import calendar
import hashlib
import json
import os
import re
import struct
import subprocess
import tempfile
import time

BLOCK = 65536

class Wrong(Exception):
    pass

def want(true, why):
    if not true:
        raise Wrong(why)

def H(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()

def u64(n):
    return struct.pack(">Q", n)

def leaf(entry):
    return H(b"\0", entry)

def node(left, right):
    return H(b"\1", left, right)

# ---- bytes and JSON in their one form ----

def unhex(text, size):
    want(isinstance(text, str) and re.fullmatch("[0-9a-f]{%d}" % (2 * size), text), "hex")
    return bytes.fromhex(text)

def unbase64(text):
    want(isinstance(text, str), "base64")
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise Wrong("base64")
    want(base64.b64encode(raw).decode() == text, "base64 has one spelling")
    return raw

def hashes(text):
    raw = unbase64(text)
    want(len(raw) % 32 == 0, "a list of hashes")
    return [raw[i:i + 32] for i in range(0, len(raw), 32)]

def escape(match):
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    return short.get(ord(match[0])) or "\\u%04X" % ord(match[0])

def spell(j):
    if isinstance(j, str):
        return '"' + re.sub('[\\x00-\\x1f"\\\\]', escape, j) + '"'
    if isinstance(j, dict):
        keys = sorted(j, key=lambda k: k.encode())
        return "{" + ",".join(spell(k) + ":" + spell(j[k]) for k in keys) + "}"
    if isinstance(j, list):
        return "[" + ",".join(map(spell, j)) + "]"
    return {True: "true", False: "false", None: "null"}[j] if j is None or isinstance(j, bool) \
        else str(j)

def depth(j):
    inside = j.values() if isinstance(j, dict) else j if isinstance(j, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)

def no_real(text):
    raise Wrong("a real number")

def parse(raw):
    try:
        j = json.loads(raw.decode(), parse_float=no_real, parse_constant=no_real)
        want(spell(j).encode() == raw and depth(j) <= 32, "JSON that is not in its one form")
    except (ValueError, RecursionError, UnicodeError) as e:
        raise Wrong("JSON: %s" % e)
    return j

def members(o, names, maybe=()):
    want(isinstance(o, dict) and set(names) <= set(o) <= set(names) | set(maybe),
         "members are not %s" % sorted(names))

def number(n, least=0):
    want(isinstance(n, int) and not isinstance(n, bool) and least <= n < 2 ** 63, "a number")
    return n

def text(s):
    want(isinstance(s, str) and "\0" not in s, "a text")
    return s

def listed(j):
    want(isinstance(j, list), "a list")
    return j

def when(s, form):
    try:
        t = time.strptime(text(s), form)
    except ValueError:
        raise Wrong("a time")
    want(time.strftime(form, t) == s, "a time has one spelling")
    return calendar.timegm(t)

# ---- sets as text: ascending maximal runs, both ends included ----

def runs(s):
    out = []
    for part in text(s).split(",") if s else []:
        m = re.fullmatch("(0|[1-9][0-9]{0,19})(?:-([1-9][0-9]{0,19}))?", part)
        want(m, "positions: not a list of runs")
        first, last = int(m[1]), int(m[2] or m[1])
        want((not m[2] or last > first) and last < 2 ** 64, "positions: a run does not ascend")
        want(not out or first > out[-1][1] + 1, "positions: runs are not apart")
        out.append((first, last))
    return out

def size_of(rs):
    return sum(last - first + 1 for first, last in rs)

def within(rs, first, last):
    return [(max(a, first), min(b, last)) for a, b in rs if a <= last and b >= first]

def union(*lists):
    out = []
    for first, last in sorted(r for rs in lists for r in rs):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return out

# ---- trees ----

def root_of(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else H()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:k]), root_of(leaves[k:]))

def path_root(h, index, count, path):
    """Path from the leaf upwards, as in RFC 9162 section 2.1.3."""
    want(0 <= index < count, "no such place")
    sides, first, last = [], 0, count
    while last - first > 1:
        k = first + (1 << (last - first - 1).bit_length() - 1)
        sides.append(index < k)
        first, last = (first, k) if index < k else (k, last)
    want(len(path) == len(sides), "a path of another length")
    for sibling, is_left in zip(path, reversed(sides)):
        h = node(h, sibling) if is_left else node(sibling, h)
    return h

def many_root(indices, leaves, size, proof, begins=()):
    """The proof: roots of the maximal subtrees that hold none of the indices, left to right. begins: for each of
    some of the indices a list, which gets the roots of the subtrees that make up all before it."""
    rest = iter(proof)

    def walk(first, last, low, high):
        if low == high:
            h = next(rest, None)
            want(h is not None, "a proof that is too short")
            return h
        if last - first == 1:
            return leaves[low]
        k = first + (1 << (last - first - 1).bit_length() - 1)
        cut = next((i for i in range(low, high) if indices[i] >= k), high)
        left = walk(first, k, low, cut)
        for n in begins:
            if k <= n < last:
                begins[n].append(left)
        return node(left, walk(k, last, cut, high))

    want(indices == sorted(set(indices)) and indices and indices[-1] < size, "indices")
    root = walk(0, size, 0, len(indices))
    want(next(rest, None) is None, "a proof that is too long")
    return root

def grown(seed, depth):
    """Root of a subtree whose leaves all have bit 0, from its seed."""
    row = [seed]
    for _ in range(16 - depth):
        row = [H(b"rescind/grow/v1\0", s, side) for s in row for side in (b"\0", b"\1")]
    row = [H(b"rescind/bit/v1\0", s, b"\0") for s in row]
    while len(row) > 1:
        row = [node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]

def container_root(opened, opening):
    """opened: runs in the container. Seeds of what is opened whole, hashes of what is not."""
    want(len(opening) % 32 == 0, "an opening is 32 bytes each")
    rest = iter(opening[i:i + 32] for i in range(0, len(opening), 32))

    def walk(depth, first, rs):
        last = first + (BLOCK >> depth) - 1
        if not rs or rs == [(first, last)]:
            h = next(rest, None)
            want(h is not None, "an opening that is too short")
            return grown(h, depth) if rs else h
        middle = first + (BLOCK >> depth + 1)
        left = walk(depth + 1, first, within(rs, first, middle - 1))
        return node(left, walk(depth + 1, middle, within(rs, middle, last)))

    root = walk(0, 0, opened)
    want(next(rest, None) is None, "an opening that is too long")
    return root

# ---- Ed25519, keys and notes ----

def signed_by(key, signature, message):
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as d:
        names = [os.path.join(d, n) for n in ("key", "sig", "msg")]
        for name, raw in zip(names, (der, signature, message)):
            with open(name, "wb") as f:
                f.write(raw)
        said = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0],
             "-rawin", "-sigfile", names[1], "-in", names[2]], capture_output=True)
    want(len(signature) == 64 and said.returncode == 0, "the signature does not hold")

def name_id(name, key):
    return H(name.encode(), b"\n\1", key)[:4]

def vkey_of(name, key):
    return "%s+%s+%s" % (name, name_id(name, key).hex(),
                         base64.b64encode(b"\1" + key).decode())

def key_of(vkey):
    parts = vkey.strip().split("+", 2)
    want(len(parts) == 3, "not a verifier key")
    raw = unbase64(parts[2])
    want(len(raw) == 33 and raw[0] == 1 and vkey_of(parts[0], raw[1:]) == vkey.strip(),
         "not an Ed25519 verifier key")
    return parts[0], raw[1:]

def head(note, name, key):
    body, gap, tail = note.rpartition("\n\n")
    want(gap and tail.endswith("\n"), "not a note")
    found = 0
    for line in tail[:-1].split("\n"):
        m = re.fullmatch("\u2014 ([^ +]+) ([^ ]+)", line)
        want(m, "not a signature line")
        raw = unbase64(m[2])
        if m[1] == name and raw[:4] == name_id(name, key):
            signed_by(key, raw[4:], (body + "\n").encode())
            found += 1
    lines = body.split("\n")
    want(found and len(lines) >= 3 and lines[0] == name, "a head of another log or key")
    want(re.fullmatch("0|[1-9][0-9]*", lines[1]), "a head without a size")
    root = unbase64(lines[2])
    want(len(root) == 32, "a head without a root")
    return int(lines[1]), root
