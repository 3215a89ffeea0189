"""Certificates with one thing changed: each must be refused with exit code 4, and its whole answer said.
tamper.py RESCIND VKEY DEMAND CERTIFICATE OTHER SAMPLE SEED"""
import base64
import copy
import json
import os
import random
import subprocess
import sys

program, vkey, demand, mine, other = sys.argv[1:6]
sample, seed = int(sys.argv[6]), int(sys.argv[7])
tried, passed = {}, {}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def verify(data):
    path = os.path.join(os.environ["TMPDIR"], "variant")
    with open(path, "wb") as f:
        f.write(data)
    p = subprocess.run([program, "--json", "verify", path, "--key", vkey, "--order", demand],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        answer = json.loads(p.stdout)
    except ValueError:
        answer = None
    return p.returncode, answer


def refused(group, what, data, more_than_signature=False):
    """True where it was refused as it should be; counts it."""
    code, answer = verify(data)
    tried[group] = tried.get(group, 0) + 1
    wrong = None
    if code != 4:
        wrong = "exit %d" % code
    elif not answer or answer.get("valid") is not False:
        wrong = "no answer that says valid: false"
    elif more_than_signature and not [c for c in answer["checks"]
                                      if not c["ok"] and c["name"] != "signature"]:
        wrong = "only the signature refuses it"
    if wrong:
        passed.setdefault(group, []).append("%s: %s" % (what, wrong))


def compact(j):
    return json.dumps(j, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def envelope(payload):
    """The old signature over another body."""
    j = json.loads(whole)
    j["payload"] = base64.b64encode(compact(payload)).decode()
    return compact(j)


def paths(j, at=()):
    """Every member and every item, from the outside in."""
    children = j.items() if isinstance(j, dict) else enumerate(j) if isinstance(j, list) else ()
    for k, v in children:
        yield at + (k,)
        yield from paths(v, at + (k,))


def place(j, at):
    for k in at[:-1]:
        j = j[k]
    return j, at[-1]


def another(v, rng):
    if isinstance(v, bool):
        return not v
    if isinstance(v, int):
        return v + 1
    if isinstance(v, str):
        if not v:
            return "x"
        n = rng.randrange(len(v))
        return v[:n] + ("0" if v[n] != "0" else "1") + v[n + 1:]
    return None


def bytes_changed(rng):
    # Both ends whole, and a sample of what is between.
    ends = set(range(120)) | set(range(len(whole) - 220, len(whole)))
    places = sorted(ends | set(rng.sample(range(len(whole)), sample)))
    for i in places:
        for flip in (1, 0x20):
            refused("a_byte_changed", "byte %d" % i, whole[:i] + bytes([whole[i] ^ flip]) + whole[i + 1:])
    for i in places[::4]:
        refused("a_byte_dropped", "byte %d" % i, whole[:i] + whole[i + 1:])
        refused("a_byte_added", "before byte %d" % i,
                whole[:i] + bytes([rng.choice(whole)]) + whole[i:])
    for tail in (b"\n", b" ", b"\0", b"{}", whole):
        refused("a_byte_added", "at the end: %r" % tail[:4], whole.rstrip(b"\n") + b"\n" * whole.endswith(b"\n") + tail)
    for n in (0, 1, len(whole) // 2, len(whole) - 2):
        refused("cut_off", "after %d bytes" % n, whole[:n])


def envelope_changed():
    j = json.loads(whole)
    for name in j:
        k = copy.deepcopy(j)
        del k[name]
        refused("the_envelope_changed", "without " + name, compact(k))
    for name in j["signatures"][0]:
        k = copy.deepcopy(j)
        del k["signatures"][0][name]
        refused("the_envelope_changed", "no signature's " + name, compact(k))
    for what, change in (
            ("no signature", {"signatures": []}),
            ("two signatures", {"signatures": j["signatures"] * 2}),
            ("a member more", {"more": 1}),
            ("another type", {"payloadType": "application/json"}),
            ("the other's body", {"payload": json.loads(read(other))["payload"]}),
            ("the other's signature", {"signatures": json.loads(read(other))["signatures"]})):
        refused("the_envelope_changed", what, compact(dict(j, **change)))
    refused("the_envelope_changed", "spread over lines", json.dumps(j, indent=1).encode())
    refused("the_envelope_changed", "members in another order",
            json.dumps(dict(reversed(list(j.items()))), separators=(",", ":")).encode())


def body_changed(rng):
    every = list(paths(body))
    # All of the upper floors; of the many openings and facts a sample.
    upper = [p for p in every if len(p) <= 3]
    for at in upper + rng.sample([p for p in every if len(p) > 3], sample // 3):
        k = copy.deepcopy(body)
        parent, name = place(k, at)
        value = another(parent[name], rng)
        del parent[name]
        refused("a_part_dropped", "/".join(map(str, at)), envelope(k))
        if value is not None:
            k = copy.deepcopy(body)
            parent, name = place(k, at)
            parent[name] = value
            refused("a_part_changed", "/".join(map(str, at)), envelope(k))


def words_only(name):
    """What people read, and only the signature covers."""
    return name in ("summary", "asserted", "signed_by_others", "not_covered", "sanitization", "issued",
                    "tool", "format", "origin", "key")


def parts_swapped():
    theirs = json.loads(base64.b64decode(json.loads(read(other))["payload"]))
    for name in body["predicate"]:
        if body["predicate"][name] == theirs["predicate"][name]:
            continue
        k = copy.deepcopy(body)
        k["predicate"][name] = theirs["predicate"][name]
        refused("a_part_of_the_other_order", name, envelope(k), not words_only(name))
    k = copy.deepcopy(body)
    k["subject"] = theirs["subject"]
    refused("a_part_of_the_other_order", "subject", envelope(k), True)
    k["predicate"] = theirs["predicate"]
    refused("a_part_of_the_other_order", "everything but the signature", envelope(k))


whole = read(mine)
body = json.loads(base64.b64decode(json.loads(whole)["payload"]))
if compact(json.loads(whole)) != whole.rstrip(b"\n") or verify(whole)[0] != 0:
    sys.exit("tamper: the certificate itself is not in the one form, or not valid")
if json.loads(envelope(body)) != json.loads(whole):
    sys.exit("tamper: the body is not in the one form")
rng = random.Random(seed)
bytes_changed(rng)
envelope_changed()
body_changed(rng)
parts_swapped()
for group in tried:
    if group in passed:
        print("not ok %s: %d of %d (seed %d); %s" % (group, len(passed[group]), tried[group], seed,
                                                     "; ".join(passed[group][:4])))
    else:
        print("ok %s: %d" % (group, tried[group]))
sys.exit(1 if passed else 0)
