"""Certificates, each with its key and the checks that refuse it: stranger_lies.py FOLDER"""
import contextlib
import io
import os
import sys

import stranger


def refused_by(path):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = stranger.main(["stranger.py", path + ".certificate", path + ".vkey"])
    names = [line[7:].split(":")[0] for line in out.getvalue().splitlines()
             if line.startswith("not ok ")]
    return names, code


bad, seen = 0, 0
folder = sys.argv[1]
for name in sorted(n[:-12] for n in os.listdir(folder) if n.endswith(".certificate")):
    with open(os.path.join(folder, name + ".refused")) as f:
        ours = f.read().split()
    if ours[:1] == ["encoding"]:
        ours = ours[:1]  # then theirs looks at nothing else
    theirs, code = refused_by(os.path.join(folder, name))
    seen += 1
    if theirs != ours or code != (4 if ours else 0):
        print("not ok %s: refused by %s, and by ours for %s" % (name, theirs, ours))
        bad += 1
print("%s %d certificates: both verifiers agree on %d" % ("not ok" if bad or not seen else "ok", seen,
                                                          seen - bad))
sys.exit(1 if bad or not seen else 0)
