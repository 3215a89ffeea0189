#!/usr/bin/env python3
"""A second verifier of certificates: docs/formats.md and docs/formats-bytes.md again,
in another language, without any code of the first.

usage: stranger.py CERTIFICATE VKEY [DEMAND] [--checkpoint FOLDER]
VKEY is a verifier key or a file that holds one; DEMAND pins the order (64 hex digits). FOLDER holds
weights.safetensors and checkpoint.json: are they the checkpoint that the certificate speaks of?
Prints one line for each check; exits 0 when all hold, 4 when one does not, 2 when it cannot start.
Needs Python 3.9 and the openssl program (Ed25519). Files of more than 64 MiB are refused.
"""
import os
import re
import sys

from stranger_bytes import (
    BLOCK, H, Wrong, container_root, hashes, head, key_of, leaf, listed, many_root, members, number,
    parse, path_root, root_of, runs, signed_by, size_of, text, u64, unbase64, unhex, union, vkey_of,
    want, when, within)
from stranger_model import Weights, digest_of, load

DEEDS = {"stop", "erase", "withdraw", "subset", "unlearn", "delete", "destroy", "search"}
MAKES = {"subset": "dataset", "unlearn": "model"}
MEMBERS = {  # of the entries of the facts log, besides v, type, at, by and private
    "init": {"solo"}, "key": {"key"}, "source": {"source"},
    "batch": {"records", "first", "last", "source", "transfer"},
    "dataset": {"records", "root"}, "model": {"records", "root", "inputs"},
    "order": {"records"}, "plan": {"order"}, "approval": {"order", "plan", "signature"},
    "step": {"order", "steps"}, "reproduced": {"model", "signature"},
}
PLACES = {  # fields that may be opened: index, least and greatest count
    "init": {"origin": (0, 1, 1)}, "key": {"role": (0, 1, 1)}, "source": {"name": (0, 4, 4)},
    "dataset": {"name": (0, 9, 10), "version": (1, 9, 10)},
    "model": {"name": (0, 12, 13), "version": (1, 12, 13), "digest": (3, 13, 13)},
    "order": {n: (i, 7, 8) for i, n in enumerate(
        ("id", "demand", "positions", "count", "kept", "due", "login"))},
    "plan": {"plan": (0, 2, 2)}, "approval": {"role": (0, 2, 2), "login": (1, 2, 2)},
    "step": {"done": (0, 1, 1)}, "reproduced": {"tool": (0, 1, 1)},
}

# ---- the certificate ----

class Certificate:
    def __init__(self, raw, pin, order):
        self.pin, self.order_pin, self.limits, self.of_models = pin, order, [], {}
        envelope = parse(raw[:-1])
        want(raw[-1:] == b"\n", "no final newline")
        members(envelope, ("payload", "payloadType", "signatures"))
        self.envelope, self.body = envelope, unbase64(envelope["payload"])
        j = parse(self.body)
        members(j, ("_type", "subject", "predicateType", "predicate"))
        want(j["_type"] == "https://in-toto.io/Statement/v1" and
             j["predicateType"] == "urn:rescind:certificate:1", "not a certificate")
        want(len(listed(j["subject"])) == 1, "not one subject")
        members(j["subject"][0], ("name", "digest"))
        members(j["subject"][0]["digest"], ("sha256",))
        want(j["subject"][0]["name"] == "order", "not about an order")
        self.demand = unhex(j["subject"][0]["digest"]["sha256"], 32)
        self.read(j["predicate"])

    def read(self, p):
        members(p, ("format", "origin", "key", "issued", "tool", "heads", "facts", "facts_proof",
                    "openings", "order", "positions", "kept", "sets", "containers", "summary",
                    "asserted", "signed_by_others", "not_covered", "sanitization"))
        want(number(p["format"]) == 1, "a format that is not known")
        members(p["heads"], ("facts", "records"))
        members(p["order"], ("id", "opened", "plan", "approval", "steps"))
        for name in ("origin", "tool"):
            want(0 < len(text(p[name]).encode()) <= 195, name)
        want(0 < len(text(p["order"]["id"]).encode()) <= 195, "id")
        self.p, self.o, self.origin = p, p["order"], p["origin"]
        self.key, self.proof = unhex(p["key"], 32), hashes(p["facts_proof"])
        self.issued = when(p["issued"], "%Y-%m-%dT%H:%M:%SZ")
        self.positions, self.kept = runs(p["positions"]), runs(p["kept"])
        for n in [self.o["opened"], self.o["plan"], self.o["approval"]] + listed(self.o["steps"]):
            number(n)
        self.read_lists(p)
        self.read_words(p)

    def read_lists(self, p):
        for f in listed(p["facts"]):
            members(f, ("n", "entry"))
            number(f["n"])
            text(f["entry"])
        for o in listed(p["openings"]):
            held = "commitment" in o
            members(o, ("n", "field", "index", "count", "path") +
                    (("commitment",) if held else ("salt", "value")))
            want(number(o["index"]) < number(o["count"]) <= 1024, "no such field")
            number(o["n"]), text(o["field"]), hashes(o["path"])
            if held:
                unhex(o["commitment"], 32)
            else:
                want(len(unbase64(o["salt"])) == 64, "a salt of another length")
                unbase64(o["value"])
        for s in listed(p["sets"]):
            members(s, ("n", "containers"))
            number(s["n"]), [number(i) for i in listed(s["containers"])]
        for c in listed(p["containers"]):
            members(c, ("number", "size", "opening" if "opening" in c else "root"))
            first = number(c["number"]) * BLOCK
            want(first < number(c["size"]) <= first + BLOCK, "a container's end")
            unbase64(c["opening"]) if "opening" in c else unhex(c["root"], 32)

    def read_words(self, p):
        for name in ("asserted", "signed_by_others", "not_covered"):
            [text(s) for s in listed(p[name])]
        want(isinstance(p["sanitization"], dict), "sanitization")
        members(p["summary"], ("what", "reached", "people"), ("models",))
        models = p["summary"].get("models")
        want(not isinstance(models, (list, dict)) or len(models) <= 4096, "too many models")
        text(p["summary"]["what"])
        for r in listed(p["summary"]["reached"]):
            members(r, ("kind", "count", "how", "grade"))
            number(r["count"]), text(r["kind"]), text(r["how"]), text(r["grade"])

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
        want(key == self.key, "another key than the pinned one")
        want(name in (self.origin + "/facts", self.origin + "/records"), "of other logs")

    def check_heads(self):
        heads = self.p["heads"]
        self.size, self.root = head(text(heads["facts"]), self.origin + "/facts", self.key)
        self.records = head(text(heads["records"]), self.origin + "/records", self.key)

    def read_entry(self, f):
        e = parse(f["entry"].encode())
        kind = e.get("type")
        want(kind in MEMBERS and number(e.get("v")) == 1, "a fact that has no place here")
        want(len(f["entry"].encode()) <= 65535, "a fact that is too long")
        members(e, MEMBERS[kind] | {"v", "type", "at", "by", "private"},
                ("epoch",) if kind == "step" else ())
        e["n"], e["raw"] = f["n"], f["entry"].encode()
        e["time"] = when(e["at"], "%Y-%m-%dT%H:%MZ")
        e["private"], e["by"] = unhex(e["private"], 32), unhex(e["by"], 8)
        for name, size in (("key", 32), ("source", 8), ("signature", 64), ("root", 32)):
            if name in e:
                e[name] = unhex(e[name], size)
        if e.get("transfer"):
            unhex(e["transfer"], 8)
        for name in ("first", "last", "order", "plan", "epoch", "model"):
            if name in e:
                number(e[name])
        if "records" in e:
            members(e["records"], ("size", "root"))
            e["records"] = number(e["records"]["size"]), unhex(e["records"]["root"], 32)
        if kind == "init":
            want(isinstance(e["solo"], bool), "solo")
        if kind == "model":
            want(all(number(i) < e["n"] for i in listed(e["inputs"])), "inputs")
        if kind == "reproduced":
            want(e["model"] < e["n"], "of a later checkpoint")
        if kind == "step":
            want(len(listed(e["steps"])) == 2 and number(e["steps"][0], 1) and
                 number(e["steps"][1]), "steps")
        return e

    def of(self, n, kind):
        want(n in self.facts and self.facts[n]["type"] == kind, "fact %s is no %s" % (n, kind))
        return self.facts[n]

    def kind(self, *kinds):
        return [f for f in self.facts.values() if f["type"] in kinds]

    def has_place(self, f):
        if f["type"] == "key":
            said = [self.facts[n]["by"] for n in (self.o["opened"], self.o["approval"])
                    if n in self.facts] + [r["by"] for r in self.kind("reproduced")]
            return H(f["key"])[:8] in said
        only = {"init": 0, "order": self.o["opened"], "plan": self.o["plan"],
                "approval": self.o["approval"]}
        return f["n"] == only.get(f["type"], f["n"])

    def check_facts(self):
        read = [self.read_entry(f) for f in self.p["facts"]]
        want([f["n"] for f in read] == sorted({f["n"] for f in read}), "facts are not in order")
        want(sum(f["type"] == "reproduced" for f in read) <= 1024, "too many reproduced facts")
        self.facts = {f["n"]: f for f in read}
        leaves = [leaf(f["raw"]) for f in read]
        want(many_root([f["n"] for f in read], leaves, self.size, self.proof) == self.root,
             "the proof leads to another root")
        want(read[0]["n"] == 0 and read[0]["type"] == "init", "the first fact is not shown")
        want(all(map(self.has_place, read)), "a fact has no place here")
        times = [f["time"] for f in read] + [self.issued]
        want(times == sorted(times), "times go back")
        want(len(self.kind("source")) <= 1 and len(self.kind("step")) == len(self.o["steps"]),
             "sources or steps that have no place here")

    def check_openings(self):
        self.opened, self.counts, before = {}, {}, (-1, -1)
        for o in self.p["openings"]:
            if "commitment" in o:
                value, c = None, unhex(o["commitment"], 32)
            else:
                name, salt, value = o["field"].encode(), unbase64(o["salt"]), unbase64(o["value"])
                c = H(b"rescind/commit/v1\0", u64(len(name)), name, u64(len(salt)), salt,
                      u64(len(value)), value)
            self.opened.setdefault((o["n"], o["field"]), (c, value))
            self.counts.setdefault((o["n"], o["field"]), o["count"])
            o["c"] = c
        for o in self.p["openings"]:
            f, place = self.facts.get(o["n"]), (o["n"], o["index"])
            want(place > before and f, "openings are not in order, or of no fact shown")
            index, least, most = PLACES[f["type"]].get(o["field"], (None, 0, 0))
            want(o["index"] == index and least <= o["count"] <= most, "not at its place")
            root = path_root(leaf(o["c"]), o["index"], o["count"], hashes(o["path"]))
            want(H(b"rescind/fields/v1\0", u64(o["count"]), root) == f["private"],
                 "field %s of fact %d leads elsewhere" % (o["field"], o["n"]))
            before = place

    def value(self, n, field):
        value = self.opened.get((n, field), (None, None))[1]
        want(value is not None and b"\0" not in value, "field %s of fact %s" % (field, n))
        return value

    def check_batches(self):
        now = 0, H()
        for f in self.facts.values():
            if f["type"] == "batch":
                want(f["first"] == now[0] and f["last"] >= f["first"] and
                     f["records"][0] == f["last"] + 1, "a batch is left out")
                now = f["records"]
            elif "records" in f:
                want(f["records"] == now, "fact %d saw other records" % f["n"])
        want(now == self.records, "the batches do not end in the head")

    # -- the order --

    def check_demand(self):
        self.of(self.o["opened"], "order")
        want((self.o["opened"], "demand") in self.opened, "the demand is not shown")
        c, value = self.opened[self.o["opened"], "demand"]
        want(c == self.demand and self.order_pin in (None, c), "another order")
        if value is None:
            self.limits.append("the demand is withheld")
            self.asked = None
        else:
            self.asked = self.demanded(parse(value))
        want(self.value(self.o["opened"], "id").decode() == self.o["id"], "another id")

    def demanded(self, a):
        members(a, ("selector", "authority", "reason", "document", "keep_granted"))
        text(a["selector"]), text(a["authority"]), text(a["reason"])
        want(isinstance(a["keep_granted"], bool), "keep_granted")
        if a["document"] != "":
            unhex(a["document"], 32)
        return a

    def check_positions(self):
        n, order = self.o["opened"], self.of(self.o["opened"], "order")
        want(self.value(n, "positions").decode() == self.p["positions"] and
             self.value(n, "kept").decode() == self.p["kept"], "the order is about others")
        if self.opened.get((n, "count"), (None, None))[1] is not None:
            count = self.value(n, "count").decode()
            want(str(int(count)) == count and int(count) <= size_of(self.positions), "the count")
        every = union(self.positions, self.kept)
        want(size_of(every) == size_of(self.positions) + size_of(self.kept), "kept and taken")
        want(not every or every[-1][1] < order["records"][0], "positions that were not there")
        if self.asked is None:
            want(not self.kind("source"), "a source is shown")
            return
        want(self.asked["keep_granted"] or not self.kept, "positions are kept")
        m = re.fullmatch('source:(?:"([^"\\\\]+)"|([^"\\\\() \t\r\n]+))', self.asked["selector"])
        if not m:
            want(not self.kind("source"), "a source is shown")
            self.limits.append("the selector is not compared with the positions")
            return
        sources = [f for f in self.kind("source")[:1] if f["n"] <= n and
                   self.value(f["n"], "name").decode() == (m[1] or m[2])]
        want(len(sources) == 1, "the source is not shown")
        of_it = [(f["first"], f["last"]) for f in self.kind("batch")
                 if f["source"] == sources[0]["source"]]
        want(union(of_it) == every, "positions are not the batches of the source")

    def check_plan(self):
        f, n = self.of(self.o["plan"], "plan"), self.o["opened"]
        self.plan, self.old = None, []
        plan = parse(self.value(f["n"], "plan"))
        members(plan, ("order", "as_of", "steps", "not_reached"))
        want(unhex(plan["order"], 32) == self.demand and f["order"] == n < f["n"],
             "a plan of another order")
        want(n <= number(plan["as_of"]) < f["n"], "as of another fact")
        for i, s in enumerate(listed(plan["steps"])):
            members(s, ("n", "do", "target", "method"), ("fact",))
            text(s["target"]), text(s["method"])
            want(s["n"] == i + 1 and s["do"] in DEEDS and number(s.get("fact", 0)) <= plan["as_of"]
                 and ("fact" in s or s["do"] not in MAKES), "no such step can be")
        self.plan = plan
        self.old = [s["fact"] for s in plan["steps"] if s["do"] == "unlearn"]
        self.limits += ["not reached: %s" % x for x in listed(plan["not_reached"])
                        if x not in self.p["not_covered"]]
        if not any(s["do"] == "destroy" for s in plan["steps"]):
            self.limits.append("the plan destroys no keys")
        elif [s["do"] for s in plan["steps"] if s["do"] in ("destroy", "unlearn")][-1] == "unlearn":
            self.limits.append("the plan destroys no keys after it unlearned")

    def signer(self, key_id, n):
        keys = [f for f in self.kind("key") if f["n"] < n and H(f["key"])[:8] == key_id]
        want(len(keys) == 1, "not one key of this id is shown before")
        return keys[0]["key"]

    def check_approval(self):
        f, order = self.of(self.o["approval"], "approval"), self.of(self.o["opened"], "order")
        want(f["order"] == self.o["opened"] and f["plan"] == self.o["plan"] < f["n"],
             "the approval of another plan")
        key = self.signer(f["by"], f["n"])
        said = "rescind/approval/v1\n%s\n%s\n%s\n%s\n%s\n" % (
            self.origin, self.demand.hex(), self.opened[self.o["plan"], "plan"][0].hex(),
            *[leaf(self.facts[self.o[k]]["raw"]).hex() for k in ("opened", "plan")])
        signed_by(key, f["signature"], said.encode())
        opener = self.signer(order["by"], order["n"])
        if self.of(0, "init")["solo"]:
            self.limits.append("opener and approver may be one person (solo)")
        else:
            want(key not in (opener, self.key), "approved by the opener or by the log")

    def check_steps(self):
        want(self.plan is not None, "the plan is not known")
        at, made_by = self.o["approval"], []
        for n in self.o["steps"]:
            want(n > at and self.of(n, "step")["order"] == self.o["opened"], "steps")
            at = n
        done = 0
        for f in sorted(self.kind("step"), key=lambda f: f["steps"]):
            want(f["steps"][0] == done + 1 <= f["steps"][1] <= len(self.plan["steps"]),
                 "a step is not in exactly one fact")
            making = [s for s in self.plan["steps"][done:f["steps"][1]] if s["do"] in MAKES]
            done = f["steps"][1]
            if not making:
                continue
            words = parse(self.value(f["n"], "done"))
            want(isinstance(words, dict), "done")
            made = listed(words.get("made"))
            want(len(made) == len(making) and
                 all(self.o["approval"] < number(n) < f["n"] or n == 0 and s["do"] == "unlearn"
                     for s, n in zip(making, made)), "what was made")
            [number(words[k]) for k in words if k != "made"]
            made_by += zip(making, made)
        want(done == len(self.plan["steps"]), "a step was not done")
        self.made = made_by

    # -- the sets --

    def check_retained(self):
        sets = self.p["sets"]
        shown = [s["n"] for s in sets]
        want(shown == sorted(set(shown)), "sets are not in order")
        for f in self.kind("dataset", "model"):
            want(f["n"] in shown or (f["type"] == "model" and f["n"] in getattr(self, "old", [])),
                 "fact %d is shown, and not among the sets" % f["n"])
        made = [(s, n) for s, n in getattr(self, "made", []) if n != 0]
        want(len({n for _, n in made}) == len(made), "two steps made the same")
        want(all(n in shown and self.of(n, MAKES[s["do"]]) for s, n in made), "what was made")
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
            want(f and f["type"] in MAKES.values(), "fact %d is no set" % s["n"])
            want(H(b"rescind/set/v1\0", u64(size), tree) == f["root"], "another root")
            want(size <= f["records"][0], "larger than the records it saw")
        want({i for s in sets for i in s["containers"]} == set(range(len(roots))),
             "a container of no set")

    def shown_root(self, c):
        base = c["number"] * BLOCK
        opened = [(a - base, b - base) for a, b in within(self.positions, base, c["size"] - 1)]
        want(bool(opened) == ("opening" in c), "what is opened in a container")
        return container_root(opened, unbase64(c["opening"])) if opened else unhex(c["root"], 32)

    def check_as_of(self):
        end = self.o["steps"][-1] if self.o["steps"] else self.o["approval"]
        want(end in self.facts and self.size > end, "the head does not reach it")

    # -- checkpoints that unlearned --

    def opened_model(self, n):
        self.of(n, "model")
        for field in ("name", "version", "digest"):
            want(self.opened.get((n, field), (0, None))[1] is not None, "%s of fact %d" % (field, n))
            want(self.counts[n, field] == 13, "fact %d is of no exact checkpoint" % n)
        name, version = (self.value(n, f).decode() for f in ("name", "version"))
        digest = self.opened[n, "digest"][1]
        want(re.fullmatch("0|[1-9][0-9]{0,19}", version) and int(version) < 2 ** 64 and
             len(digest) == 32, "fact %d" % n)
        return name, int(version), digest

    def check_unlearned(self):
        want(self.plan is not None, "the plan is not known")
        want(not self.old or hasattr(self, "made"), "what the steps made is not known")
        pairs = [(s, n) for s, n in getattr(self, "made", []) if s["do"] == "unlearn"]
        listed_sets = {s["n"] for s in self.p["sets"]}
        for s, n in pairs:
            name, version, digest = self.opened_model(s["fact"])
            new = self.opened_model(n) if n else (name, version + 1, None)
            want(s["fact"] not in listed_sets, "fact %d is listed as retained" % s["fact"])
            want(s["target"] == "%s@%d" % (name, version), "not the target of the step")
            want(new[0] == name and new[1] > version, "no later version")
            for d, what in ((digest, "it was unlearned: fact %d" % s["fact"]),
                            (new[2], "an unlearn step made it: fact %d" % n)):
                want(d not in self.of_models, "one digest of two checkpoints")
                if d is not None:
                    self.of_models[d] = what
        again = set()
        for f in self.kind("reproduced"):
            want(f["model"] in {n for _, n in pairs if n}, "reproduced: of another checkpoint")
            model, key = self.of(f["model"], "model"), self.signer(f["by"], f["n"])
            said = "rescind/reproduced/v1\n%s\n%s\n" % (self.origin, leaf(model["raw"]).hex())
            signed_by(key, f["signature"], said.encode())
            again.add(f["model"])
            self.limits.append("fact %d was trained again by key %s, %s" % (
                f["model"], f["by"].hex(), "the log's own" if key == self.key else
                "which made it" if f["by"] == model["by"] else "another than which made it"))
        alone = {n for _, n in pairs if n} - again
        if alone:
            self.limits.append("of %d checkpoints nobody is shown to have made the sums again" %
                               len(alone))
        if pairs:
            self.limits.append("the sets of the unlearned checkpoints are not opened")
        self.found = ", ".join("fact %d -> fact %d" % (s["fact"], n) for s, n in pairs) or "none"

CHECKS = ("signature", "key", "heads", "facts", "openings", "batches", "demand", "positions",
          "plan", "approval", "steps", "retained", "unlearned", "as_of")

def which_checkpoint(c, weights, card):
    digest, _ = digest_of(card, weights)
    Weights(weights)
    want(digest in c.of_models, "none that the certificate opens")
    return c.of_models[digest]

def main(args):
    folder = None
    if len(args) > 4 and args[-2] == "--checkpoint":
        folder, args = args[-1], args[:-2]
    if len(args) not in (3, 4):
        sys.stderr.write(__doc__)
        return 2
    pin, bad = args[2], 0
    try:
        order = bytes.fromhex(args[3]) if len(args) == 4 else None
        with open(args[1], "rb") as f:
            raw = f.read((64 << 20) + 1)
        if folder is not None:
            files = [load(folder, n) for n in ("weights.safetensors", "checkpoint.json")]
        if os.path.exists(pin):
            with open(pin) as f:
                pin = f.read()
    except (OSError, ValueError) as e:
        sys.stderr.write("stranger.py: %s\n" % e)
        return 2
    try:
        want(len(raw) <= 64 << 20, "more than 64 MiB")
        c = Certificate(raw, pin, order)
    except (Wrong, KeyError, TypeError, UnicodeError) as e:
        print("not ok encoding: %s" % e)
        return 4
    print("ok encoding")
    for name in CHECKS:
        try:
            getattr(c, "check_" + name)()
            print("ok " + name.replace("_", "-"))
        except (Wrong, KeyError, TypeError, AttributeError, UnicodeError, IndexError) as e:
            why = e if isinstance(e, Wrong) else "cannot be looked at"
            print("not ok %s: %s" % (name.replace("_", "-"), why))
            bad += 1
    if folder is not None:
        try:
            print("ok checkpoint: " + which_checkpoint(c, *files))
        except (Wrong, KeyError, TypeError, AttributeError, UnicodeError) as e:
            print("not ok checkpoint: %s" % (e if isinstance(e, Wrong) else "cannot be looked at"))
            bad += 1
    for sentence in c.limits:
        print("# " + sentence)
    return 4 if bad else 0

if __name__ == "__main__":
    sys.exit(main(sys.argv))
