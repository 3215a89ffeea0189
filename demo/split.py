#!/usr/bin/env python3
"""Deal the photos of a folder out to the three sources of the story.

usage: demo/split.py PHOTOS OUT

PHOTOS has a manifest.csv (a column file or path, label, and person, participant, subject or
contributor; a line more for each further person in a photo), or subfolders that are the labels, or
neither. Its photos may lie in a tar. It is only read. OUT gets
  photos/volunteers, photos/licensed, photos/partner   what is ingested
  partner                  what the partner keeps, and sends once more
  unseen                   photos of the partner's that are held out, under plain names
  fresh/volunteers, fresh/licensed   what an order against the partner leaves, in another order, with lists
  lists                    what the sources sent along: people and labels, for `rescind ingest`
  texts                    names and digests of the partner's photos, for demo/scan.c
  split.json               what was dealt to whom
"""
import collections
import csv
import hashlib
import json
import os
import shutil
import sys
import tarfile

PHOTOS_MAX, GIVERS_MAX, UNSEEN_MAX, TEXT_LEAST = 4000, 60, 12, 8
SOURCES = ("volunteers", "licensed", "partner")
PARTS = (20, 15, 25)
PICTURES = (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".avif", ".pgm",
            ".ppm")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
PARTS_OF_A_SET = ("train", "training", "test", "testing", "val", "valid", "validation")
PATH_COLUMNS = ("file", "path", "filename", "name")
LABEL_COLUMNS = ("label", "class", "target")
PEOPLE_COLUMNS = ("person", "participant", "subject", "contributor")


class Photo:
    def __init__(self, name, at):
        self.name, self.at = name, at
        self.label, self.people, self.group = None, [], None
        self.source, self.held_out = None, False

    def data(self):
        with open(self.at, "rb") as f:
            return f.read()


def stop(why):
    sys.exit("split: " + why)


# --- what there is ---

def inside(name):
    """A name that stays in its folder, or None."""
    clean = os.path.normpath(name)
    return None if os.path.isabs(clean) or clean.split(os.sep)[0] in ("..", ".") else clean


def pictures_in(folder):
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(at, name)
            if name.lower().endswith(PICTURES) and os.path.isfile(path) and not os.path.islink(path):
                yield os.path.relpath(path, folder)


def unpack(folder, to):
    """Files of the folder's tars, by their names; nothing else of them, and nothing outside of `to`."""
    for name in sorted(os.listdir(folder)):
        if not name.lower().endswith(ARCHIVES):
            continue
        with tarfile.open(os.path.join(folder, name)) as tar:
            for member in tar:
                clean = inside(member.name)
                if not member.isfile() or not clean:
                    continue
                os.makedirs(os.path.dirname(os.path.join(to, clean)), exist_ok=True)
                with open(os.path.join(to, clean), "wb") as f:
                    shutil.copyfileobj(tar.extractfile(member), f)


def column(header, names):
    """The first of these names that a column has, and the column as it is spelt."""
    return next(((n, c) for n in names for c in header if c.strip().lower() == n), (None, None))


def tidy(text):
    """A label or a person as one line of text."""
    return "".join(c if c.isprintable() else "?" for c in text.strip())[:100] if text else None


def manifest_rows(folder):
    """(name, label or None, person or None) of each line; which words stand for label and person."""
    path = os.path.join(folder, "manifest.csv")
    if not os.path.isfile(path):
        return None, None, None
    with open(path, newline="", encoding="utf-8-sig", errors="surrogateescape") as f:
        rows = csv.DictReader(f)
        header = rows.fieldnames or []
        where, label, person = (column(header, c) for c in (PATH_COLUMNS, LABEL_COLUMNS, PEOPLE_COLUMNS))
        if not where[0]:
            stop("%s has no column file or path" % path)
        found = [(r[where[1]], tidy(r.get(label[1])), tidy(r.get(person[1]))) for r in rows if r[where[1]]]
    return found, label[0], person[0]


def photos_of(folder, out):
    """The photos, and the words for what is known of them."""
    rows, label, person = manifest_rows(folder)
    places = [folder]
    missing = rows and any(not os.path.isfile(os.path.join(folder, r[0])) for r in rows)
    if missing or not rows and not any(pictures_in(folder)):
        places.append(os.path.join(out, "unpacked"))
        unpack(folder, places[1])
    if rows is None:
        return photos_by_folder(next((p for p in reversed(places) if any(pictures_in(p))), folder))
    photos = {}
    for name, its_label, who in rows:
        clean = inside(name)
        at = next((p for p in (os.path.join(q, clean or ".") for q in places)
                   if os.path.isfile(p) and not os.path.islink(p)), None)
        if not clean or not at:
            continue
        photo = photos.setdefault(clean, Photo(clean, at))
        photo.label = its_label or photo.label
        if who and who not in photo.people:
            photo.people.append(who)
    for photo in photos.values():
        if not label and len(photo.people) == 1:
            photo.label = photo.people[0]
    return list(photos.values()), (label or person), bool(person), not label and bool(person)


def subfolder(name, above):
    """The part of a path that says what is in the photos: below what is above all of them, and below the
    usual parts of a data set."""
    parts = name.split(os.sep)[above:-1]
    if parts and parts[0].lower() in PARTS_OF_A_SET:
        parts = parts[1:]
    return tidy(parts[0]) if parts else None


def photos_by_folder(folder):
    photos = [Photo(name, os.path.join(folder, name)) for name in pictures_in(folder)]
    folders = [os.path.dirname(p.name).split(os.sep) for p in photos]
    above = len(os.path.commonprefix(folders)) if photos and folders[0] != [""] else 0
    for photo in photos:
        photo.label = subfolder(photo.name, above)
    known = any(p.label for p in photos)
    return photos, ("label" if known else None), False, False


# --- who gets what ---

def in_handfuls(photos):
    """By turns of each label, so that every handful has nearly all of them."""
    turn = collections.Counter()
    for photo in photos:
        photo.group = turn[photo.label]
        turn[photo.label] += 1
    photos.sort(key=lambda p: (p.group, p.label or "", os.fsencode(p.name)))
    size = max(1, min(10, len(photos) // 6))
    for i, photo in enumerate(photos):
        photo.group = "batch-%03d" % (i // size + 1)


def group(photos, people_known):
    """What is dealt out whole: a person's photos; those of a label that few have; else a handful."""
    labels = collections.Counter(p.label for p in photos if p.label)
    if people_known:
        for photo in photos:
            photo.group = photo.people[0] if photo.people else "nobody"
    elif len(labels) >= 12 and len(photos) <= 30 * len(labels):
        for photo in photos:
            photo.group = photo.label or "nobody"
    if len({p.group for p in photos}) < 3:
        in_handfuls(photos)


def deal(photos):
    groups = sorted({p.group for p in photos})
    ends = [max(1, min(GIVERS_MAX, len(groups) * PARTS[0] // sum(PARTS)))]
    ends.append(ends[0] + (len(groups) - ends[0]) * PARTS[1] // (PARTS[1] + PARTS[2]))
    source = {g: SOURCES[sum(i >= e for e in ends)] for i, g in enumerate(groups)}
    for photo in photos:
        photo.source = source[photo.group]


def hold_out(photos, people_known):
    """Photos that the model never sees: of people it never saw, where a label is not a person."""
    by_group = collections.defaultdict(list)
    for photo in photos:
        by_group[photo.group].append(photo)
    one_label = all(len({p.label for p in g if p.label}) <= 1 for g in by_group.values())
    if people_known and not one_label:
        for source in SOURCES:
            mine = sorted(g for g in by_group if by_group[g][0].source == source)
            for g in mine[4::5]:
                for photo in by_group[g]:
                    photo.held_out = True
        return "people"
    by_label = collections.defaultdict(list)
    for photo in photos:
        if len(photo.people) <= 1:
            by_label[photo.source, photo.label].append(photo)
    for own in by_label.values():
        for photo in own[len(own) - max(len(own) // 5, len(own) > 1):]:
            photo.held_out = True
    return "photos"


def givers(photos, people_known):
    """The people in the volunteers' photos, and who of them gives no grant."""
    mine = [p for p in photos if p.source == "volunteers"]
    if not people_known:
        for i, photo in enumerate(mine):
            photo.people = ["volunteer-%02d" % (i * min(20, len(mine)) // len(mine) + 1)]
    alone = {p.people[0] for p in mine if len(p.people) == 1}
    everyone = sorted({who for p in mine for who in p.people})
    silent = [who for who in everyone if who not in alone] or everyone[2:][-1:]
    return [who for who in everyone if who not in silent], silent


# --- what is written ---

def copy(photo, folder, name=None):
    to = os.path.join(folder, name or photo.name)
    os.makedirs(os.path.dirname(to), exist_ok=True)
    shutil.copyfile(photo.at, to)


def write_csv(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8", errors="surrogateescape") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def write_source(folder, lists, source, named, key):
    """named: (name, photo), in the order in which they are to be found."""
    os.makedirs(lists, exist_ok=True)
    for name, photo in named:
        copy(photo, os.path.join(folder, source), name)
    attrs = [(n, key, p.label) for n, p in named if key and p.label]
    attrs += [(n, "split", "test") for n, p in named if p.held_out]
    write_csv(os.path.join(lists, source + ".attrs.csv"), ("path", "key", "value"), attrs)
    if source == "volunteers":
        write_csv(os.path.join(lists, source + ".subjects.csv"), ("path", "subject"),
                  [(n, who) for n, p in named for who in p.people])


def fresh_names(photos):
    """Other names, so that they come in the other way round."""
    ordered = sorted(photos, key=lambda p: os.fsencode(p.name), reverse=True)
    return [("%05d%s" % (i, os.path.splitext(p.name)[1][:9]), p) for i, p in enumerate(ordered)]


def write_texts(path, lost, kept):
    """Of the lost photos what could give them away, unless a kept one says it too."""
    def said(photos):
        texts = {os.fsencode(os.path.basename(p.name)) for p in photos}
        return texts | {hashlib.sha256(p.data()).hexdigest().encode() for p in photos}
    with open(path, "wb") as f:
        for text in sorted(said(lost) - said(kept)):
            if len(text) >= TEXT_LEAST and b"\n" not in text:
                f.write(text + b"\n")


def trainable(photos):
    """The labels that are left when the partner's photos are gone: a model needs two."""
    pictures = [p for p in photos if p.label and not p.held_out and p.data()[:3] == b"\xff\xd8\xff"]
    return len({p.label for p in pictures if p.source != "partner"}) >= 2 and \
        any(p.source == "partner" for p in pictures)


def main(folder, out):
    photos, key, people_known, people_are_labels = photos_of(folder, out)
    found = len(photos)
    if found < 4:
        stop("%s holds %d photos; the story needs 4 or more" % (folder, found))
    photos.sort(key=lambda p: (p.people, os.fsencode(p.name)) if people_known else ([], os.fsencode(p.name)))
    photos = photos[::-(-found // PHOTOS_MAX)]
    group(photos, people_known)
    deal(photos)
    unseen_are = hold_out(photos, people_known)
    granted, silent = givers(photos, people_known)
    model = trainable(photos)
    by = {s: [p for p in photos if p.source == s] for s in SOURCES}
    for source in SOURCES:
        if by[source]:
            write_source(os.path.join(out, "photos"), os.path.join(out, "lists"), source, [(p.name, p) for p in by[source]], key)
    for photo in by["partner"]:
        copy(photo, os.path.join(out, "partner"))
    kept = [p for p in by["volunteers"] if not set(p.people) & set(silent)] + by["licensed"]
    for source in SOURCES[:2]:
        named = fresh_names([p for p in kept if p.source == source])
        if named:
            write_source(*[os.path.join(out, "fresh")] * 2, source, named, key)
    write_texts(os.path.join(out, "texts"), by["partner"], by["volunteers"] + by["licensed"])
    left = {p.label for p in kept}
    unseen = [p for p in by["partner"] if p.held_out and p.label and p.label not in left][:UNSEEN_MAX]
    for i, photo in enumerate(unseen):
        copy(photo, os.path.join(out, "unseen"), "%02d.jpg" % (i + 1))
    withdraws = granted[0]
    doc = {
        "found": found, "photos": len(photos), "key": key, "model": model,
        "people": len({w for p in photos for w in p.people}) if people_known else 0,
        "people_are_labels": people_are_labels, "unseen_are": unseen_are,
        "sources": {s: len(by[s]) for s in SOURCES},
        "held_out": {s: sum(p.held_out for p in by[s]) for s in SOURCES},
        "granted": granted, "silent": silent, "withdraws": withdraws,
        "unseen": [{"file": "unseen/%02d.jpg" % (i + 1), "label": p.label} for i, p in enumerate(unseen)],
    }
    with open(os.path.join(out, "split.json"), "w", encoding="ascii") as f:
        json.dump(doc, f, indent=1)
        f.write("\n")


if len(sys.argv) != 3 or not os.path.isdir(sys.argv[1]):
    sys.exit("usage: demo/split.py PHOTOS OUT")
try:
    os.makedirs(sys.argv[2], exist_ok=True)
    main(sys.argv[1], sys.argv[2])
except (OSError, tarfile.TarError, csv.Error, EOFError) as error:
    stop(str(error))
