"""Does every entry of a facts log hold counters, times, hashes and words of the program, and nothing
else? entries.py LOGFOLDER prints a line for each value that is none of these, then `N entries`. With a
second word, `dump`: the entries themselves."""
import json
import os
import re
import struct
import sys

TYPES = ("init key source terms transfer correction grant withdrawal batch dataset model model-state "
         "order plan approval step certified refusal successor").split()
MEMBERS = {"v", "type", "at", "by", "private", "solo", "key", "source", "version", "transfer", "records",
           "first", "last", "root", "size", "inputs", "model", "state", "order", "plan", "signature",
           "steps", "epoch", "lost", "lost_root", "lost_records", "keys", "slots"}
HEX = re.compile(r"(?:[0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{128})?\Z")
TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z\Z")


def raw(folder):
    """Of the longest bundle of each number, in order: the bytes of each entry."""
    best = {}
    top = os.path.join(folder, "tile", "entries")
    for at, _, names in os.walk(top):
        for name in names:
            path = os.path.relpath(os.path.join(at, name), top)
            number = path.split(".p")[0]
            width = int(name) if ".p" in path else 256
            if width > best.get(number, (0, ""))[0]:
                best[number] = (width, os.path.join(at, name))
    for number in sorted(best):
        with open(best[number][1], "rb") as f:
            data = f.read()
        at = 0
        while at < len(data):
            size = struct.unpack(">H", data[at:at + 2])[0]
            yield data[at + 2:at + 2 + size]
            at += 2 + size


def entries(folder):
    for entry in raw(folder):
        yield json.loads(entry)


def strange(name, value):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from strange(k, v)
    elif isinstance(value, list):
        for v in value:
            yield from strange(name, v)
    elif name not in MEMBERS:
        yield name, value
    elif isinstance(value, (bool, int)):
        return
    elif not (isinstance(value, str) and (
            (name == "type" and value in TYPES) or (name == "at" and TIME.match(value))
            or (name == "state" and value in ("live", "withdrawn", "erased")) or HEX.match(value))):
        yield name, value


def main():
    count = 0
    for entry in entries(sys.argv[1]):
        if sys.argv[2:] == ["dump"]:
            print(json.dumps(entry, sort_keys=True))
            continue
        for name, value in strange("", entry):
            print("fact %d, %s: %r" % (count, name, value))
        count += 1
    if len(sys.argv) == 2:
        print("%d entries" % count)


if __name__ == "__main__":
    main()
