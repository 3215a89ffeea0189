#!/usr/bin/env python3
"""Certificates that lie, to see what a verifier says of them.

usage: demo/forge.py byte CERTIFICATE            one byte of its body changed, and nothing else
       demo/forge.py proof CERTIFICATE OTHER     its body with the proof that belongs to OTHER
       demo/forge.py kept CERTIFICATE            its body with one record less taken back
The last two are bodies, for demo/sign.c: whoever has the operator's key signs them anew.
"""
import base64
import json
import sys


def envelope(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def body(path):
    return json.loads(base64.b64decode(envelope(path)["payload"]))


def one_form(document):
    return json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"


def changed(path):
    """A year, which reads as well as the true one."""
    whole = envelope(path)
    raw = bytearray(base64.b64decode(whole["payload"]))
    at = raw.index(b'"issued":"20') + len(b'"issued":"20')
    raw[at] = ord("1") if raw[at] != ord("1") else ord("2")
    whole["payload"] = base64.b64encode(raw).decode()
    return one_form(whole)


def with_proof(path, other):
    mine = body(path)
    mine["predicate"]["facts_proof"] = body(other)["predicate"]["facts_proof"]
    return one_form(mine)


def one_kept(path):
    mine = body(path)
    head, comma, last = mine["predicate"]["positions"].rpartition(",")
    first, dash, end = last.partition("-")
    if dash:
        last = first + (dash + str(int(end) - 1) if int(end) - 1 > int(first) else "")
    mine["predicate"]["positions"] = head + comma + last if dash else head
    return one_form(mine)


MAKERS = {"byte": changed, "proof": with_proof, "kept": one_kept}
if len(sys.argv) < 3 or sys.argv[1] not in MAKERS:
    sys.exit("usage: demo/forge.py byte|kept CERTIFICATE, or proof CERTIFICATE OTHER")
sys.stdout.write(MAKERS[sys.argv[1]](*sys.argv[2:]))
