"""An archive as docs/archive.md says it, to the byte: what tar writes differs from release to release.

usage: ustar.py OUT NAME..: regular files of the folder that it runs in, in this order
"""
import sys


def header(name, size):
    def octal(n, width):
        return b"%0*o\0" % (width - 1, n)

    before = name.encode().ljust(100, b"\0") + octal(0o644, 8) + octal(0, 8) * 2 + octal(size, 12) + octal(0, 12)
    after = b"0" + bytes(100) + b"ustar\0" + b"00" + bytes(64) + octal(0, 8) * 2 + bytes(155 + 12)
    return before + b"%06o\0 " % (sum(before) + 8 * ord(" ") + sum(after)) + after


with open(sys.argv[1], "wb") as out:
    for name in sys.argv[2:]:
        with open(name, "rb") as file:
            data = file.read()
        out.write(header(name, len(data)) + data + bytes(-len(data) % 512))
    out.write(bytes(1024))
