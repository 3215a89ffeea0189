#!/usr/bin/env python3
"""Make a smaller checkpoint of exact weights: 8 bits for each of them, one scale for each row.

usage: demo/quantise.py WEIGHTS SMALLER   (safetensors)
It stands for whatever somebody makes elsewhere of a checkpoint: Rescind knows of it what it is told.
"""
import array
import json
import sys


def read(path):
    with open(path, "rb") as f:
        head = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        return head, f.read()


def tensor(head, data, name):
    first, last = head[name]["data_offsets"]
    numbers = array.array("q", data[first:last])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers, head[name]["shape"]


def quantised(rows, width):
    small, scales = bytearray(), array.array("f")
    for start in range(0, len(rows), width):
        row = rows[start:start + width]
        scale = max(1, max(map(abs, row))) / 127
        scales.append(scale / 2 ** 30)
        small += bytes(round(w / scale) & 0xff for w in row)
    return small, scales


head, data = read(sys.argv[1])
weights, (count, width) = tensor(head, data, "w")
small, scales = quantised(weights, width)
new = {"__metadata__": {"labels": head["__metadata__"].get("labels", "[]")},
       "scale": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]},
       "w": {"dtype": "I8", "shape": [count, width], "data_offsets": [4 * count, 4 * count + len(small)]}}
text = json.dumps(new).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[2], "wb") as f:
    f.write(len(text).to_bytes(8, "little") + text + scales.tobytes() + small)
