"""usage: rot.py flip|cut|gone FILE[@BYTE]: one byte flipped, the end cut off, the file gone. FILE may be a
pattern of which the last one counts; BYTE may count from the end; without one it is the middle. Of a database BYTE
may be #TABLE, where its first page begins, or ?QUESTION: the last byte of what that answers, wherever it lies."""
import glob
import os
import re
import sqlite3
import sys

how, name = sys.argv[1:3]
name, _, at = name.partition('@')
files = sorted(glob.glob(name), key=lambda f: [int(n) for n in re.findall(r'\d+', f)])
if not files:
    sys.exit(f'there is no {name}')


def ask(question):
    db = sqlite3.connect(f'file:{files[-1]}?mode=ro', uri=True)
    answer = db.execute(question).fetchone()[0]
    db.close()
    return answer


def places():
    size = os.path.getsize(files[-1])
    if at[:1] == '#':
        return [8192 * (ask(f"SELECT rootpage FROM sqlite_schema WHERE name = '{at[1:]}'") - 1)]
    if at[:1] == '?':
        what = ask(at[1:])
        what = what.encode() if isinstance(what, str) else what
        with open(files[-1], 'rb') as f:
            found = [m.end() - 1 for m in re.finditer(re.escape(what), f.read())]
        return found or sys.exit(f'{what} is not in {name}')
    byte = int(at) if at else size // 2
    return [byte + size if byte < 0 else byte]


if how == 'flip':
    with open(files[-1], 'r+b') as f:
        for byte in places():
            f.seek(byte)
            old = f.read(1)[0]
            f.seek(byte)
            f.write(bytes([old ^ 1]))
elif how == 'cut':
    os.truncate(files[-1], places()[0])
else:
    os.remove(files[-1])
