#!/usr/bin/env python3
"""A second verifier of certificates, attestations and receipts: docs/formats.md, docs/formats-bytes.md and
docs/formats-statements.md again, in another language, without any code of the first.

usage: stranger.py STATEMENT VKEY [DEMAND] [--checkpoint FOLDER]
VKEY is a verifier key or a file that holds one; DEMAND pins the order (64 hex digits). FOLDER holds
weights.safetensors and checkpoint.json: are they the checkpoint that the certificate speaks of?
Prints one line for each check; exits 0 when all hold, 4 when one does not, 2 when it cannot start.
Needs Python 3.9 and the openssl program (Ed25519). Files of more than 64 MiB are refused.
"""
import os
import re
import sys

from stranger_bytes import (
    H, Wrong, leaf, listed, members, number, parse, runs, signed_by, size_of, text, unbase64, unhex, union,
    want)
from stranger_kinds import Attestation, Receipt
from stranger_model import Weights, digest_of, load
from stranger_statement import Statement

DEEDS = {"stop", "erase", "withdraw", "subset", "unlearn", "delete", "destroy", "search"}
MAKES = {"subset": "dataset", "unlearn": "model"}
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

class Certificate(Statement):
    TYPE, SUBJECT, SUBJECTS = "urn:rescind:certificate:1", "order", 1
    MEMBERS = ("order", "positions", "kept", "sets", "containers", "sanitization")
    TYPES = ("init", "key", "source", "batch", "dataset", "model", "order", "plan", "approval", "step",
             "reproduced", "successor")
    CHECKS = ("signature", "key", "heads", "facts", "openings", "batches", "demand", "positions",
              "plan", "approval", "steps", "retained", "unlearned", "as_of")
    withholds = TAKES = True

    def read(self, p):
        self.demand, self.o = self.subjects[0], p["order"]
        members(p["order"], ("id", "opened", "plan", "approval", "steps"))
        want(0 < len(text(p["order"]["id"]).encode()) <= 195, "id")
        self.positions, self.kept = runs(p["positions"]), runs(p["kept"])
        for n in [self.o["opened"], self.o["plan"], self.o["approval"]] + listed(self.o["steps"]):
            number(n)
        self.read_sets(p)
        self.read_words(p)

    def read_words(self, p):
        want(isinstance(p["sanitization"], dict), "sanitization")
        members(p["summary"], ("what", "reached", "people"), ("models",))
        models = p["summary"].get("models")
        want(not isinstance(models, (list, dict)) or len(models) <= 4096, "too many models")
        for r in listed(p["summary"]["reached"]):
            members(r, ("kind", "count", "how", "grade"))
            number(r["count"]), text(r["kind"]), text(r["how"]), text(r["grade"])

    # -- the log --

    def has_place(self, f):
        if f["type"] == "key":
            said = [self.facts[n]["by"] for n in (self.o["opened"], self.o["approval"])
                    if n in self.facts] + [r["by"] for r in self.kind("reproduced")]
            return H(f["key"])[:8] in said
        only = {"init": 0, "order": self.o["opened"], "plan": self.o["plan"],
                "approval": self.o["approval"]}
        return f["n"] == only.get(f["type"], f["n"])

    def check_facts(self):
        super().check_facts()
        want(len(self.kind("source")) <= 1 and len(self.kind("step")) == len(self.o["steps"]),
             "sources or steps that have no place here")

    def at_place(self, o, f):
        index, least, most = PLACES[f["type"]].get(o["field"], (None, 0, 0))
        return o["index"] == index and least <= o["count"] <= most

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
        self.limits += ["not reached: %s" % x for x in map(text, listed(plan["not_reached"]))
                        if x not in self.p["not_covered"]]
        self.plan = plan
        self.old = [s["fact"] for s in plan["steps"] if s["do"] == "unlearn"]
        if not any(s["do"] == "destroy" for s in plan["steps"]):
            self.limits.append("the plan destroys no keys")
        elif [s["do"] for s in plan["steps"] if s["do"] in ("destroy", "unlearn")][-1] == "unlearn":
            self.limits.append("the plan destroys no keys after it unlearned")

    def check_approval(self):
        f, order = self.of(self.o["approval"], "approval"), self.of(self.o["opened"], "order")
        want(f["order"] == self.o["opened"] and f["plan"] == self.o["plan"] < f["n"],
             "the approval of another plan")
        key = self.signer(f["by"], f["n"])
        said = "rescind/approval/v1\n%s\n%s\n%s\n%s\n%s\n" % (
            self.base, self.demand.hex(), self.opened[self.o["plan"], "plan"][0].hex(),
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
        self.check_roots()

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
            self.check_signed(f)
            again.add(f["model"])
        alone = {n for _, n in pairs if n} - again
        if alone:
            self.limits.append("of %d checkpoints nobody is shown to have made the sums again" %
                               len(alone))
        if pairs:
            self.limits.append("the sets of the unlearned checkpoints are not opened")
        self.found = ", ".join("fact %d -> fact %d" % (s["fact"], n) for s, n in pairs) or "none"

def which_checkpoint(c, weights, card):
    digest, _ = digest_of(card, weights)
    Weights(weights)
    want(digest in c.of_models, "none that the certificate opens")
    return c.of_models[digest]

def kind_of(raw):
    """By predicateType; what cannot be read is refused as a certificate."""
    try:
        said = parse(unbase64(parse(raw[:-1])["payload"]))["predicateType"]
    except (Wrong, KeyError, TypeError, UnicodeError):
        return Certificate
    return {k.TYPE: k for k in (Attestation, Receipt)}.get(said, Certificate)

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
        c = kind_of(raw)(raw, pin, order)
    except (Wrong, KeyError, TypeError, UnicodeError) as e:
        print("not ok encoding: %s" % e)
        return 4
    print("ok encoding")
    for name in c.CHECKS:
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
