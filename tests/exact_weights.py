#!/usr/bin/env python3
"""The weights of an exact model, solved again by whole numbers of any size, in the standard library.

  exact_weights.py SUMS WEIGHTS [PROOF]   compare: exit 0 when every weight is the one the sums make
  exact_weights.py --vectors              print src/learn/solve_vectors.h

It shares no line with the program: Bareiss elimination of the system of src/learn/solve.h instead
of floating point and residuals. Time grows with the fifth power of the features: up to 100 or so.
"""
import json
import random
import struct
import sys
import textwrap

WEIGHT_BITS, PROOF_BITS = 30, 62


def read(path):
    data = open(path, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    about = header.pop('__metadata__')
    tensors = {}
    for name, info in header.items():
        first, last = info['data_offsets']
        part = data[8 + size + first:8 + size + last]
        tensors[name] = list(struct.unpack('<%dq' % (len(part) // 8), part))
    return about, tensors


def solve(matrix, right):
    """Numerators by row and output, and the denominator they share, above 0."""
    rows = [list(m) + list(r) for m, r in zip(matrix, right)]
    size, before = len(rows), 1
    for k in range(size):
        swap = next(i for i in range(k, size) if rows[i][k])
        if swap != k:
            rows[k], rows[swap] = rows[swap], [-x for x in rows[k]]
        pivot = rows[k]
        for i in range(size):
            if i == k:
                continue
            by, row = rows[i][k], rows[i]
            rows[i] = [(pivot[k] * a - by * b) // before for a, b in zip(row, pivot)]
        before = pivot[k]
    # Every row has the determinant on the diagonal now.
    sign = 1 if before > 0 else -1
    return [[sign * x for x in row[size:]] for row in rows], sign * before


def rounded(numerator, denominator, bits):
    return ((numerator << (bits + 1)) + denominator) // (2 * denominator)


def weights(n, s, gram, rights, strength):
    """rights: of each output d + 1 numbers. Returns weights and proof, each output d + 1."""
    d = len(s)
    matrix = [[gram[max(i, j)][min(i, j)] + (strength if i == j else 0) for j in range(d)] + [s[i]]
              for i in range(d)] + [list(s) + [n]]
    top, bottom = solve(matrix, [[r[i] for r in rights] for i in range(d + 1)])
    w = [[rounded(top[i][k], bottom, WEIGHT_BITS) for i in range(d + 1)]
         for k in range(len(rights))]
    fine = [[rounded(top[i][k], bottom, WEIGHT_BITS + PROOF_BITS) for i in range(d + 1)]
            for k in range(len(rights))]
    proof = [[f - (x << PROOF_BITS) for f, x in zip(fs, xs)] for fs, xs in zip(fine, w)]
    return w, proof


def from_sums(about, t, strength):
    d, n = len(t['s']), t['n'][0]
    gram = [t['G'][i * (i + 1) // 2:i * (i + 1) // 2 + i + 1] for i in range(d)]
    rights = []
    for k, total in enumerate(t['sum']):
        x = t['X'][k * d:(k + 1) * d]
        if about['kind'] == 'labels':
            rights.append([2 * a - b for a, b in zip(x, t['s'])] + [2 * total - n])
        else:
            rights.append(list(x) + [total])
    return weights(n, t['s'], gram, rights, strength)


def same(rows, t):
    d = len(rows[0]) - 1
    return ([x for row in rows for x in row[:d]] == t['w'] and [row[d] for row in rows] == t['b'])


def compare(paths):
    about, sums = read(paths[0])
    model, stored = read(paths[1])
    w, proof = from_sums(about, sums, int(model['lambda']))
    holds = model.get('labels') == about.get('labels') and same(w, stored)
    if len(paths) > 2:
        holds = holds and same(proof, read(paths[2])[1])
    print('%d outputs of %d features: %s' % (len(w), len(sums['s']),
                                             'the same' if holds else 'NOT the same'))
    return 0 if holds else 1


def vectors():
    draw = random.Random(20140301)
    print('/* Made by tests/exact_weights.py --vectors: systems and their exact solutions. */')
    print('static const struct vector vectors[] = {')
    for case in range(60):
        d, n, k = draw.randint(1, 6), draw.randint(1, 12), draw.randint(1, 3)
        low = draw.choice([-128, 0, 120])
        x = [[draw.randint(low, 127) for _ in range(d)] for _ in range(n)]
        if case % 7 == 0:
            x = [[row[0]] * d for row in x]  # features that are all the same
        if case % 5 == 0:
            for row in x:
                row[-1] = 0
        t = [[draw.randint(-32767, 32767) for _ in range(k)] for _ in range(n)]
        strength = draw.choice([1, 2, 3, 1000, 65536, 10 ** 9])
        s = [sum(row[i] for row in x) for i in range(d)]
        gram = [[sum(row[i] * row[j] for row in x) for j in range(d)] for i in range(d)]
        rights = [[sum(row[i] * y[c] for row, y in zip(x, t)) for i in range(d)] +
                  [sum(y[c] for y in t)] for c in range(k)]
        w, proof = weights(n, s, gram, rights, strength)
        print('\t{ %d, %d, %d, %d,' % (d, n, k, strength))
        for rows in x, t, w, proof:
            values = ', '.join('%d' % v for row in rows for v in row)
            print(textwrap.fill('{ ' + values + ' },', 88, initial_indent='\t  ',
                                subsequent_indent='\t    ', tabsize=8, expand_tabs=False))
        print('\t},')
    print('};')
    return 0


if __name__ == '__main__':
    if sys.argv[1:] == ['--vectors']:
        sys.exit(vectors())
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(compare(sys.argv[1:]))
