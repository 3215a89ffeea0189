"""usage: rot.py flip|cut|gone FILE[@BYTE]: one byte flipped, the end cut off, the file gone. FILE may be a
pattern of which the last one counts; BYTE may count from the end; without one it is the middle."""
import glob
import os
import re
import sys

how, name = sys.argv[1:3]
name, _, at = name.partition('@')
files = sorted(glob.glob(name), key=lambda f: [int(n) for n in re.findall(r'\d+', f)])
if not files:
    sys.exit(f'there is no {name}')
size = os.path.getsize(files[-1])
byte = int(at) if at else size // 2
byte += size if byte < 0 else 0
if how == 'flip':
    with open(files[-1], 'r+b') as f:
        f.seek(byte)
        old = f.read(1)[0]
        f.seek(byte)
        f.write(bytes([old ^ 1]))
elif how == 'cut':
    os.truncate(files[-1], byte)
else:
    os.remove(files[-1])
