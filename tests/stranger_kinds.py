"""Attestations and receipts of docs/formats-statements.md, for stranger.py."""
import re

from stranger_bytes import (
    H, hashes, leaf, listed, many_root, members, number, runs, text, unbase64, unhex, want, within)
from stranger_statement import Statement, commitment, list_root, read_opening

ROWS = {  # of formats.md section 1: private fields in order, and least and greatest count
    "init": ("origin", 1, 1), "key": ("role", 1, 1), "source": ("name kind people controller", 4, 4),
    "terms": ("document document-name licence allow deny basis from until", 8, 8),
    "transfer": ("id source from to date uses notified document", 7, 1024),
    "correction": ("id uses notified document", 1, 1024),
    "grant": ("id subject/source uses basis explicit evidence from until", 8, 8),
    "withdrawal": ("grant subject uses order", 1, 1024),
    "batch": ("id source transfer terms use origin counts", 7, 7),
    "dataset": ("name version use selector size containers roots count excluded order", 9, 10),
    "model": ("name version kind digest files at grade size containers roots count reasons recipe", 12, 13),
    "reproduced": ("tool", 1, 1), "order": ("id demand positions count kept due login", 7, 8),
    "certified": ("sha256 sha512", 2, 2),
    "deployment": ("id product use recipient endpoint stop from", 3, 7),
    "undeployment": ("reason", 1, 1), "output": ("name kind at count erase", 4, 5),
    "handover": ("id to use at format count parts document", 7, 1024),
}
CLOSED = {  # fields of these that are not opened in an attestation; and in a receipt
    "batch": ({"source", "transfer", "origin", "counts"},
              {"id", "source", "transfer", "terms", "use", "origin", "counts"}),
    "dataset": ({"selector", "size", "containers", "roots", "excluded", "order"},) +
               ({"selector", "size", "containers", "roots", "count", "excluded", "order"},),
    "model": ({"files", "at", "size", "containers", "roots", "recipe"},) +
             ({"digest", "files", "at", "grade", "size", "containers", "roots", "count", "reasons",
               "recipe"},),
    "order": ({"demand", "count", "kept", "due", "login"},
              {"demand", "positions", "count", "kept", "due", "login"}),
    "deployment": (set(), {"stop"}), "output": (set(), {"at", "count", "erase"}),
    "handover": (set(), {"at", "parts"}),
}
SHIFTS = {  # where a field stands that is not at its row's index
    "transfer": {"document": lambda i, n, opened: i >= 7},
    "handover": {"document": lambda i, n, opened: i >= 7},
    "correction": {"uses": lambda i, n, opened: i == 1,
                   "notified": lambda i, n, opened: i == 1 or i == 2 and 1 in opened,
                   "document": lambda i, n, opened: i >= 1},
    "deployment": {"recipient": lambda i, n, opened: i == 3,
                   "endpoint": lambda i, n, opened: i == 3 or i == 4 and 3 in opened,
                   "from": lambda i, n, opened: i == n - 1 and i >= 3},
    "withdrawal": {"grant": lambda i, n, opened: i < n - 1,
                   "subject": lambda i, n, opened: i == n - 2 or i == n - 3 and n - 2 in opened,
                   "uses": lambda i, n, opened: i == n - 2, "order": lambda i, n, opened: i == n - 1},
}
OF_SOURCE = ("name", "kind", "people", "controller")
OF_TERMS = ("document", "licence", "allow", "deny", "basis", "from", "until")
OF_TRANSFER = ("id", "from", "to", "date", "uses", "notified")

def digits(value):
    m = re.fullmatch("0|[1-9][0-9]{0,19}", value.decode())
    want(m and int(value) < 2 ** 64, "not a number")
    return int(value)

class Told(Statement):
    """What both have: where records came from, and the places of all fields."""
    WHICH = 0

    def is_place(self, fact, field, index, count):
        names, least, most = ROWS[fact["type"]]
        if field in CLOSED.get(fact["type"], (set(), set()))[self.WHICH]:
            return False
        rows = [n.split("/") for n in names.split()]
        row = next((i for i, n in enumerate(rows) if field in n), None)
        if row is None or not least <= count <= most:
            return False
        opened = self.fields[fact["n"]]
        shift = SHIFTS.get(fact["type"], {}).get(field)
        if not (shift(index, count, opened) if shift else index == row):
            return False
        for i, (name, _, _) in opened.items():  # in the order of the row; only lists repeat
            other = next((k for k, n in enumerate(rows) if name in n), -1)
            if i < index and (other > row or other == row and field not in ("document", "grant")):
                return False
        return True

    def at_place(self, o, f):
        return self.is_place(f, o["field"], o["index"], o["count"])

    def says(self, f, names):
        for name in names:
            want((f["n"], name) in self.opened, "%s of fact %d is not opened" % (name, f["n"]))

    def check_as_of(self):
        want(self.size > max(self.facts), "the head does not reach it")

    # -- where records came from --

    def begin_from(self):
        self.by_tag, self.used = {}, set()
        for f in self.kind("source", "terms", "transfer"):
            tag = f["transfer"] if f["type"] == "transfer" else f["source"]
            place = f["type"], tag, f.get("version", 0)
            want(place not in self.by_tag, "two of one tag")
            self.by_tag[place] = f
            self.says(f, {"source": OF_SOURCE, "terms": OF_TERMS, "transfer": OF_TRANSFER}[f["type"]])
        for f in self.kind("correction"):
            opened = self.fields.get(f["n"], {})
            want(opened and len(opened) == next(iter(opened.values()))[2], "not opened whole")

    def came_from(self, batch):
        source, transfer = self.by_tag.get(("source", batch["source"], 0)), None
        want(source and source["n"] < batch["n"], "its source is not shown")
        if batch["transfer"] != "":
            transfer = self.by_tag.get(("transfer", batch["transfer"], 0))
            want(transfer and transfer["n"] < batch["n"] and transfer["source"] == batch["source"],
                 "its transfer is not shown")
            self.used.add(transfer["n"])
        self.used.add(source["n"])
        return source, transfer

    def end_from(self, every):
        want(all(f["n"] in self.used for f in self.kind("source", "transfer")), "of no batch")
        sources = {f["source"] for f in self.kind("source")}
        terms = {f["source"] for f in self.kind("terms")}
        want(terms <= sources and (not every or sources <= terms), "terms")
        for f in self.kind("correction"):
            of = self.by_tag.get(("transfer", f["transfer"], 0))
            want(of and of["n"] < f["n"], "a correction of nothing that is shown")

class Attestation(Told):
    TYPE, SUBJECT, SUBJECTS = "urn:rescind:attestation:1", "checkpoint", 1
    MEMBERS = ("model", "absent", "sets", "containers")
    TYPES = ("init", "key", "source", "terms", "transfer", "correction", "batch", "dataset", "model",
             "order", "certified", "reproduced", "successor")
    CHECKS = ("signature", "key", "heads", "facts", "openings", "batches", "checkpoint", "lineage",
              "sources", "absent", "orders", "reproduced", "as_of")

    def read(self, p):
        self.n = number(p["model"])
        self.positions = runs(p["absent"])
        self.read_sets(p)

    def has_place(self, f):
        by = [g["by"] for g in self.kind("reproduced") + [self.facts.get(self.n, {"by": None})]]
        return f["type"] != "key" or H(f["key"])[:8] in by

    def at_place(self, o, f):
        return super().at_place(o, f) and (o["field"] != "digest" or o["n"] == self.n)

    def check_checkpoint(self):
        want(self.order_pin is None, "about no order")
        self.of(self.n, "model")
        name, version, kind, grade = (self.value(self.n, x).decode()
                                      for x in ("name", "version", "kind", "grade"))
        want(grade in "0123" and len(grade) == 1, "no grade")
        want(self.opened[self.n, "digest"][1] == self.subjects[0], "another digest")
        self.of_models[self.subjects[0]] = "what it is about: %s@%s" % (name, version)
        self.limits.append("its lineage is of grade %s; how many records are of which source is not said"
                           % grade)

    def check_lineage(self):
        rests, todo = set(), [self.n]
        while todo:
            n = todo.pop()
            if n in rests:
                continue
            rests.add(n)
            want(n in self.facts and self.facts[n]["type"] in ("model", "dataset"), "an input")
            self.value(n, "name"), self.value(n, "version")
            todo += self.facts[n].get("inputs", [])
        want(all(f["n"] in rests for f in self.kind("model", "dataset")), "nothing it rests on")

    def check_sources(self):
        self.begin_from()
        for f in self.kind("batch"):
            if within(self.positions, f["first"], f["last"]) == [(f["first"], f["last"])]:
                continue
            source, _ = self.came_from(f)
            if (f["n"], "terms") in self.opened:
                version = digits(self.value(f["n"], "terms"))
                want(version == 0 or ("terms", source["source"], version) in self.by_tag,
                     "the terms it was decided on are not shown")
        self.end_from(True)

    def check_absent(self):
        want([s["n"] for s in self.p["sets"]] == [self.n], "not the set of the checkpoint alone")
        want(not self.positions or self.positions[-1][1] < self.records[0], "not there")
        self.check_roots()

    def check_orders(self):
        certified = {f["order"] for f in self.kind("certified")}
        for f in self.kind("certified"):
            want(self.of(f["order"], "order")["n"] < f["n"], "certified before it was opened")
        for f in self.kind("order"):
            want(f["n"] in certified, "an order that is not carried out")
            self.value(f["n"], "id")
            took = runs(self.value(f["n"], "positions").decode())
            want(not took or took[-1][1] < f["records"][0], "what was not there")
            want(all(within(self.positions, *r) == [r] for r in took), "what is not absent")

    def check_reproduced(self):
        for f in self.kind("reproduced"):
            want(f["model"] == self.n, "of another checkpoint")
            self.check_signed(f)

class Receipt(Told):
    TYPE, SUBJECT, SUBJECTS, WHICH = "urn:rescind:receipt:1", "record", 1 << 16, 1
    MEMBERS = ("records", "records_proof", "record_openings")
    TYPES = ("init", "source", "terms", "transfer", "correction", "grant", "withdrawal", "batch", "dataset",
             "model", "order", "deployment", "undeployment", "output", "handover", "successor")
    CHECKS = ("signature", "key", "heads", "facts", "openings", "records", "as_of")
    CARD = ("content", "source", "transfer", "terms", "decision")

    def read(self, p):
        text(p["summary"]["withdraw"])
        want(len(listed(p["records"])) <= 1 << 16, "too many records")
        for r in p["records"]:
            members(r, ("p", "commitment"))
            number(r["p"]), unhex(r["commitment"], 32)
        hashes(p["records_proof"])
        for o in listed(p["record_openings"]):
            read_opening(o, "p", False)

    def has_place(self, f):
        of = {"deployment": ("model",), "output": ("model",), "handover": ("dataset", "model"),
              "undeployment": ("deployment",)}.get(f["type"])
        return of is None or self.facts.get(f["what"], {"type": None})["type"] in of

    def check_openings(self):
        self.cards, before = {}, (-1, -1)
        shown = {r["p"]: unhex(r["commitment"], 32) for r in self.p["records"]}
        for o in self.p["record_openings"]:
            self.cards.setdefault(o["p"], []).append(o)
            o["c"] = commitment(o)
        super().check_openings()
        for o in self.p["record_openings"]:
            want((o["p"], o["index"]) > before and o["p"] in shown, "openings of cards")
            fixed = o["index"] < 5 and self.CARD[o["index"]] == o["field"]
            want(o["count"] % 16 == 0 and (fixed or o["index"] >= 7 and o["field"] == "subject"),
                 "not at its place in a card")
            want(list_root(o, o["c"]) == shown[o["p"]], "of another record")
            before = o["p"], o["index"]
        people = {o["value"] for o in self.p["record_openings"] + self.p["openings"]
                  if o["field"] == "subject"}
        want(len(people) <= 1, "more than one person")

    def card(self, pos, field):
        return next((unbase64(o["value"]) for o in self.cards.get(pos, []) if o["field"] == field), None)

    def check_records(self):
        want(self.order_pin is None, "about no order")
        at = [r["p"] for r in self.p["records"]]
        said = [unhex(r["commitment"], 32) for r in self.p["records"]]
        want(said == self.subjects, "other subjects")
        want(many_root(at, [leaf(c) for c in said], self.records[0],
                       hashes(self.p["records_proof"])) == self.records[1], "another root")
        self.begin_from()
        end, left = 0, list(at)
        for b in self.kind("batch"):
            want(end <= b["first"] <= b["last"] and b["records"][0] == b["last"] + 1, "batches")
            end = b["last"] + 1
            want(not any(f["records"][0] <= b["last"] and b["first"] < f["records"][0] + f["lost_records"]
                         for f in self.kind("successor")), "of records that were lost")
            source, transfer = self.came_from(b)
            inside = [n for n in left if b["first"] <= n <= b["last"]]
            want(inside, "a batch of none of them")
            left = [n for n in left if n not in inside]
            for n in inside:
                if n in self.cards:
                    self.check_card(n, source, transfer)
        want(not left, "a batch is not shown")
        self.end_from(False)
        self.check_told()
        self.limits.append("that these are all, that no other thing was made of them, and that what is "
                           "shown holds them, is the operator's word")

    def check_card(self, n, source, transfer):
        want(self.card(n, "source") == self.value(source["n"], "name"), "another source")
        by, terms = self.card(n, "transfer"), self.card(n, "terms")
        want(by is not None and terms is not None, "transfer and terms of a card are not opened")
        want(by == (self.value(transfer["n"], "id") if transfer else b""), "another transfer")
        want(digits(terms) == 0 or ("terms", source["source"], digits(terms)) in self.by_tag,
             "terms that are not shown")

    def check_told(self):
        sources = {self.value(f["n"], "name") for f in self.kind("source")}
        opened = {f["n"]: [x[:2] for x in self.fields.get(f["n"], {}).values()]
                  for f in self.kind("grant", "withdrawal")}
        grants = {value for f in self.kind("grant") for name, value in opened[f["n"]] if name == "id"}
        for f in self.kind("grant", "withdrawal"):
            want(any(name == "subject" or name == "source" and value in sources or
                     name == "grant" and value in grants for name, value in opened[f["n"]]),
                 "fact %d is neither of this person nor of a source shown" % f["n"])
        for f in self.kind("order"):
            self.value(f["n"], "id")
