"""Small baseline JPEGs of noise, each its own: jpegs.py FOLDER COUNT SEED [PREFIX [SIDE]]"""
import os
import random
import struct
import sys

# Huffman codes of 3 and 4 bits: enough symbols for noise. None is all ones, as the format asks.
DC = list(range(8))  # 8 codes of 4 bits
AC = [0x00, 0x01, 0x02, 0x03, 0x11]  # end of block, then runs and sizes, 5 codes of 3 bits


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def bits_of(value, size):
    return format(value if value >= 0 else value + (1 << size) - 1, "0%db" % size)


def block(rng):
    size = rng.randrange(1, 6)
    bits = format(DC.index(size), "04b") + bits_of(rng.choice((-1, 1)) << (size - 1), size)
    for _ in range(rng.randrange(8, 20)):
        symbol = rng.choice(AC[1:])
        size = symbol & 15
        value = rng.randrange(1 << (size - 1), 1 << size) * rng.choice((-1, 1))
        bits += format(AC.index(symbol), "03b") + bits_of(value, size)
    return bits + "000"


def jpeg(rng, side):
    bits = "".join(block(rng) for _ in range(((side + 7) // 8) ** 2))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return (b"\xff\xd8"
            + segment(0xDB, b"\0" + bytes([9] * 64))
            + segment(0xC0, struct.pack(">BHHB3B", 8, side, side, 1, 1, 0x11, 0))
            + segment(0xC4, b"\x00" + bytes([0, 0, 0, 8] + [0] * 12) + bytes(DC))
            + segment(0xC4, b"\x10" + bytes([0, 0, 5] + [0] * 13) + bytes(AC))
            + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + scan + b"\xff\xd9")


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    prefix = sys.argv[4] if len(sys.argv) > 4 else "p"
    side = int(sys.argv[5]) if len(sys.argv) > 5 else 48
    rng = random.Random(seed)
    os.makedirs(folder, exist_ok=True)
    for n in range(1, count + 1):
        with open(os.path.join(folder, "%s%02d.jpg" % (prefix, n)), "wb") as f:
            f.write(jpeg(rng, side))


main()
