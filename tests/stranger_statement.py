"""What every statement of docs/formats.md section 3 and docs/formats-statements.md has: the envelope, the
log's facts and their fields, and sets that are opened. For stranger.py and stranger_kinds.py."""
import re

from stranger_bytes import (
    BLOCK, H, container_root, hashes, head, key_of, leaf, listed, many_root, members, node, number,
    parse, path_root, root_of, signed_by, text, u64, unbase64, unhex, vkey_of, want, when,
    within)

MEMBERS = {  # of the entries of the facts log, besides v, type, at, by and private
    "init": {"solo"}, "key": {"key"}, "source": {"source"},
    "terms": {"source", "version"}, "transfer": {"source", "transfer"}, "correction": {"transfer"},
    "grant": set(), "withdrawal": set(),
    "batch": {"records", "first", "last", "source", "transfer"},
    "dataset": {"records", "root"}, "model": {"records", "root", "inputs"},
    "order": {"records"}, "plan": {"order"}, "approval": {"order", "plan", "signature"},
    "step": {"order", "steps"}, "reproduced": {"model", "signature"}, "certified": {"order"},
    "deployment": {"model"}, "undeployment": {"deployment"}, "output": {"model"},
    "handover": {"of"},
    "successor": {"before", "key", "records", "root", "lost", "lost_root", "lost_records", "keys", "slots", "signature"},
}
COMMON = ("format", "origin", "key", "issued", "tool", "heads", "facts", "facts_proof", "openings",
          "summary", "asserted", "signed_by_others", "not_covered")

def commitment(o):
    name, salt, value = o["field"].encode(), unbase64(o["salt"]), unbase64(o["value"])
    return H(b"rescind/commit/v1\0", u64(len(name)), name, u64(len(salt)), salt, u64(len(value)), value)

def read_opening(o, of, withheld):
    members(o, (of, "field", "index", "count", "path") +
            (("commitment",) if withheld else ("salt", "value")))
    want(number(o["index"]) < number(o["count"]) <= 1024, "no such field")
    number(o[of]), hashes(o["path"])
    want(len(text(o["field"]).encode()) <= 32 and len(hashes(o["path"])) <= 64, "a field")
    if withheld:
        unhex(o["commitment"], 32)
    else:
        want(len(unbase64(o["salt"])) == 64, "a salt of another length")
        unbase64(o["value"])

def list_root(o, c):
    """The commitment of the list of fields that an opening leads to."""
    root = path_root(leaf(c), o["index"], o["count"], hashes(o["path"]))
    return H(b"rescind/fields/v1\0", u64(o["count"]), root)

class Statement:
    withholds = TAKES = False  # TAKES: its positions are taken back
    # Of a kind: TYPE, SUBJECT, SUBJECTS (the most of them), MEMBERS, TYPES (of facts), CHECKS

    def __init__(self, raw, pin, order):
        self.pin, self.order_pin, self.limits, self.of_models = pin, order, [], {}
        envelope = parse(raw[:-1])
        want(raw[-1:] == b"\n", "no final newline")
        members(envelope, ("payload", "payloadType", "signatures"))
        self.envelope, self.body = envelope, unbase64(envelope["payload"])
        j = parse(self.body)
        members(j, ("_type", "subject", "predicateType", "predicate"))
        want(j["_type"] == "https://in-toto.io/Statement/v1" and
             j["predicateType"] == self.TYPE, "not of this kind")
        want(1 <= len(listed(j["subject"])) <= self.SUBJECTS, "another number of subjects")
        for s in j["subject"]:
            members(s, ("name", "digest"))
            members(s["digest"], ("sha256",))
            want(s["name"] == self.SUBJECT, "not about this")
        self.subjects = [unhex(s["digest"]["sha256"], 32) for s in j["subject"]]
        members(j["predicate"], COMMON + self.MEMBERS)
        self.p = j["predicate"]
        self.read_common(self.p)
        self.read(self.p)

    def read_common(self, p):
        want(number(p["format"]) == 1, "a format that is not known")
        members(p["heads"], ("facts", "records"))
        for name in ("origin", "tool"):
            want(0 < len(text(p[name]).encode()) <= 195, name)
        self.origin = p["origin"]
        name = re.fullmatch(r"([^~]+)~([2-9])@(0|[1-9][0-9]*)", self.origin, re.S)
        self.base, self.number, self.begin = (name[1], int(name[2]), int(name[3])) if name else (
            self.origin, 0 if "~" in self.origin else 1, None)
        self.key, self.proof = unhex(p["key"], 32), hashes(p["facts_proof"])
        self.issued = when(p["issued"], "%Y-%m-%dT%H:%M:%SZ")
        for f in listed(p["facts"]):
            members(f, ("n", "entry"))
            number(f["n"])
            text(f["entry"])
        for o in listed(p["openings"]):
            read_opening(o, "n", self.withholds and "commitment" in o)
        for name in ("asserted", "signed_by_others", "not_covered"):
            [text(s) for s in listed(p[name])]
        want(isinstance(p["summary"], dict), "summary")
        text(p["summary"]["what"])

    def read_sets(self, p):
        for s in listed(p["sets"]):
            members(s, ("n", "containers"))
            number(s["n"]), [number(i) for i in listed(s["containers"])]
        for c in listed(p["containers"]):
            members(c, ("number", "size", "opening" if "opening" in c else "root"))
            first = number(c["number"]) * BLOCK
            want(first < number(c["size"]) <= first + BLOCK, "a container's end")
            unbase64(c["opening"]) if "opening" in c else unhex(c["root"], 32)

    # -- the log --

    def check_signature(self):
        e = self.envelope
        want(e["payloadType"] == "application/vnd.in-toto+json", "the type of the envelope")
        want(len(listed(e["signatures"])) == 1, "not one signature")
        members(e["signatures"][0], ("keyid", "sig"))
        t = e["payloadType"].encode()
        pae = b"DSSEv1 %d %s %d %s" % (len(t), t, len(self.body), self.body)
        signed_by(self.key, unbase64(e["signatures"][0]["sig"]), pae)
        want(e["signatures"][0]["keyid"] == vkey_of(self.origin + "/facts", self.key), "keyid")

    def check_key(self):
        name, key = key_of(self.pin)
        log = name[:name.rindex("/")] if name.endswith(("/facts", "/records")) else None
        if (log, key) == (self.origin, self.key):
            return
        logs, at = [], self.base  # that one before it ended with the key, check_facts sees to
        for f in self.p["facts"]:
            if '"type":"successor"' in f["entry"]:
                logs.append((at, unhex(parse(f["entry"].encode())["key"], 32)))
                at = "%s~%d@%d" % (self.base, len(logs) + 1, f["n"])
        want((log, key) in logs, "another key than the pinned one, or of other logs")

    def check_heads(self):
        heads = self.p["heads"]
        facts = head(text(heads["facts"]), self.origin + "/facts", self.key)
        self.records = head(text(heads["records"]), self.origin + "/records", self.key)
        self.size, self.root = facts

    def read_entry(self, f):
        e = parse(f["entry"].encode())
        kind = e.get("type")
        want(kind in self.TYPES and number(e.get("v")) == 1, "a fact that has no place here")
        want(len(f["entry"].encode()) <= 65535, "a fact that is too long")
        members(e, MEMBERS[kind] | {"v", "type", "at", "by", "private"},
                ("epoch",) if kind == "step" else ())
        e["n"], e["raw"] = f["n"], f["entry"].encode()
        e["time"] = when(e["at"], "%Y-%m-%dT%H:%MZ")
        e["private"], e["by"] = unhex(e["private"], 32), unhex(e["by"], 8)
        for name, size in (("key", 32), ("source", 8), ("signature", 64), ("root", 32),
                           ("lost_root", 32)):
            if name in e:
                e[name] = unhex(e[name], size)
        if kind in ("transfer", "correction") or e.get("transfer", "") != "":
            e["transfer"] = unhex(e["transfer"], 8)
        for name in ("first", "last", "order", "plan", "epoch", "model", "version", "deployment", "of",
                     "lost", "lost_records", "before"):
            if name in e:
                number(e[name])
        if "records" in e:
            members(e["records"], ("size", "root"))
            e["records"] = number(e["records"]["size"]), unhex(e["records"]["root"], 32)
        if kind == "init":
            want(isinstance(e["solo"], bool), "solo")
        if kind == "model":
            want(all(number(i) < e["n"] for i in listed(e["inputs"])), "inputs")
        if kind in ("reproduced", "deployment", "output", "undeployment", "handover"):
            e["what"] = e.get("model", e.get("deployment", e.get("of")))
            want(e["what"] < e["n"], "of a later fact")
        if kind in ("step", "successor"):
            pair = listed(e["steps" if kind == "step" else "slots"])
            want(len(pair) == 2 and number(pair[0], 1) and number(pair[1]), "not a first and a last")
        if kind == "successor":
            want(isinstance(e["keys"], bool), "keys")
        return e

    # -- a log that follows one that lost its end --

    def check_successors(self, begins):
        old = [f for f in self.facts.values() if f["type"] == "successor"]
        want(len(old) + 1 == self.number, "the name tells of another number of logs before")
        want(not old or old[-1]["n"] == self.begin, "the name tells of another first fact")
        keys = [f["key"] for f in old[1:]] + [self.key]
        names = [self.base] + ["%s~%d@%d" % (self.base, i + 2, f["n"]) for i, f in enumerate(old)]
        for i, f in enumerate(old):
            parts = begins[f["n"]]
            root = parts.pop()
            while parts:
                root = node(parts.pop(), root)
            want(f["before"] == (old[i - 1]["n"] if i else 0), "another log between")
            want(f["root"] == root and f["lost"] > f["n"], "not what was before it")
            want(f["slots"][0] <= f["slots"][1] and f["key"] != keys[i], "slots or keys")
            said = "rescind/successor/v1\n" + "".join("%s\n" % s for s in (
                names[i], names[i + 1], keys[i].hex(), f["n"], root.hex(), f["records"][0],
                f["records"][1].hex(), f["lost"], f["lost_root"].hex(), f["lost_records"], int(f["keys"])))
            signed_by(f["key"], f["signature"], said.encode())
            self.limits.append("%d facts and %d records of the log before are lost" % (
                f["lost"] - f["n"], f["lost_records"]))

    def of(self, n, kind):
        want(n in self.facts and self.facts[n]["type"] == kind, "fact %s is no %s" % (n, kind))
        return self.facts[n]

    def kind(self, *kinds):
        return [f for f in self.facts.values() if f["type"] in kinds]

    def check_facts(self):
        read = [self.read_entry(f) for f in self.p["facts"]]
        want([f["n"] for f in read] == sorted({f["n"] for f in read}), "facts are not in order")
        want(sum(f["type"] == "reproduced" for f in read) <= 1024, "too many reproduced facts")
        self.facts = {f["n"]: f for f in read}
        leaves = [leaf(f["raw"]) for f in read]
        begins = {f["n"]: [] for f in read if f["type"] == "successor"}
        want(many_root([f["n"] for f in read], leaves, self.size, self.proof, begins) == self.root,
             "the proof leads to another root")
        want(read[0]["n"] == 0 and read[0]["type"] == "init", "the first fact is not shown")
        want(all(f["type"] != "init" or f["n"] == 0 for f in read), "a second init")
        want(all(map(self.has_place, read)), "a fact has no place here")
        times = [f["time"] for f in read] + [self.issued]
        want(times == sorted(times), "times go back")
        self.check_successors(begins)

    def check_openings(self):
        self.opened, self.counts, self.fields, before = {}, {}, {}, (-1, -1)
        for o in self.p["openings"]:
            value = None if "commitment" in o else unbase64(o["value"])
            o["c"] = unhex(o["commitment"], 32) if value is None else commitment(o)
            self.opened.setdefault((o["n"], o["field"]), (o["c"], value))
            self.counts.setdefault((o["n"], o["field"]), o["count"])
            self.fields.setdefault(o["n"], {}).setdefault(o["index"], (o["field"], value, o["count"]))
        for o in self.p["openings"]:
            f, place = self.facts.get(o["n"]), (o["n"], o["index"])
            want(place > before and f, "openings are not in order, or of no fact shown")
            want(self.at_place(o, f), "not at its place")
            want(list_root(o, o["c"]) == f["private"],
                 "field %s of fact %d leads elsewhere" % (o["field"], o["n"]))
            before = place

    def value(self, n, field):
        value = self.opened.get((n, field), (None, None))[1]
        want(value is not None and b"\0" not in value, "field %s of fact %s" % (field, n))
        return value

    def check_batches(self):
        now, lost = (0, H()), None
        for f in self.facts.values():
            if f["type"] == "batch":
                want(not lost or (f["n"] == lost["n"] + 2 and f["last"] + 1 - f["first"] ==
                                  lost["lost_records"] and not (
                                      self.TAKES and within(self.positions, f["first"], f["last"]))),
                     "not of the records that were lost")
                want(f["first"] == now[0] and f["last"] >= f["first"] and
                     f["records"][0] == f["last"] + 1, "a batch is left out")
                now = f["records"]
            elif "records" in f:
                want(f["records"] == now, "fact %d saw other records" % f["n"])
            if f["type"] in ("batch", "successor"):
                lost = f if f.get("lost_records") else None
        want(not lost and now == self.records, "the batches do not end in the head")

    def signer(self, key_id, n):
        keys = [f for f in self.kind("key") if f["n"] < n and H(f["key"])[:8] == key_id]
        want(len(keys) == 1, "not one key of this id is shown before")
        return keys[0]["key"]

    def check_signed(self, f):
        """A reproduced fact; whose key says it."""
        model, key = self.of(f["model"], "model"), self.signer(f["by"], f["n"])
        said = "rescind/reproduced/v1\n%s\n%s\n" % (self.base, leaf(model["raw"]).hex())
        signed_by(key, f["signature"], said.encode())
        self.limits.append("fact %d was trained again by key %s, %s" % (
            f["model"], f["by"].hex(), "the log's own" if key == self.key else
            "which made it" if f["by"] == model["by"] else "another than which made it"))

    # -- sets --

    def check_roots(self):
        """The containers make the sets, with 0 at each of self.positions."""
        sets = self.p["sets"]
        roots = [self.shown_root(c) for c in self.p["containers"]]
        for s in sets:
            want(all(i < len(roots) for i in s["containers"]), "no such container")
            cs = [self.p["containers"][i] for i in s["containers"]]
            size = cs[-1]["size"] if cs else 0
            want([(c["number"], c["size"]) for c in cs] ==
                 [(i, min(size, BLOCK * (i + 1))) for i in range(-(-size // BLOCK))],
                 "a container is not at its place")
            tree = root_of([leaf(roots[i]) for i in s["containers"]])
            f = self.facts.get(s["n"])
            want(f and f["type"] in ("dataset", "model"), "fact %d is no set" % s["n"])
            want(H(b"rescind/set/v1\0", u64(size), tree) == f["root"], "another root")
            want(size <= f["records"][0], "larger than the records it saw")
        want({i for s in sets for i in s["containers"]} == set(range(len(roots))),
             "a container of no set")

    def shown_root(self, c):
        base = c["number"] * BLOCK
        opened = [(a - base, b - base) for a, b in within(self.positions, base, c["size"] - 1)]
        want(bool(opened) == ("opening" in c), "what is opened in a container")
        return container_root(opened, unbase64(c["opening"])) if opened else unhex(c["root"], 32)
