"""For tools/verifier-lines: PROGRAM [-v], a program with debug information, built with -O0."""
import collections, os, re, subprocess, sys

program, verbose = sys.argv[1], '-v' in sys.argv
root = os.path.realpath('src') + os.sep


def is_ours(path):
    path = os.path.realpath(path)
    return path[len(root):] if path.startswith(root) else None


def code_lines(text):
    """Line numbers that hold more than a comment."""
    text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), text, flags=re.S)
    return {n for n, line in enumerate(text.split('\n'), 1) if re.sub(r'//.*', '', line).strip()}


# The functions that are in the program, by the file and line where each begins.
functions = collections.defaultdict(set)
symbols = subprocess.run(['nm', '--defined-only', '-l', program], capture_output=True, text=True).stdout
for line in symbols.splitlines():
    place = re.match(r'[0-9a-f]+ [tTwW] \S+\t(.*):(\d+)$', line)
    if place and is_ours(place[1]):
        functions[is_ours(place[1])].add(int(place[2]))

# What they include of ours, and so on.
files, waiting = set(), sorted(functions)
while waiting:
    name = waiting.pop()
    if name in files:
        continue
    files.add(name)
    with open(root + name) as f:
        waiting += [inner for inner in re.findall(r'^#include "([^"]+)"', f.read(), re.M)]

total = collections.Counter()
for name in sorted(files):
    with open(root + name) as f:
        text = f.read()
    lines, code, linked = text.count('\n'), code_lines(text), set()
    for first in functions[name]:
        end = next((n for n, line in enumerate(text.split('\n'), 1) if n >= first and line == '}'), first)
        if 'SCOPED(' in text.split('\n')[first - 1]:
            end = first
        linked |= set(range(first, end + 1)) & code
    row = {'lines': lines, 'code': len(code), 'linked': len(linked), 'functions': len(functions[name])}
    total.update(row)
    total['files'] += 1
    if verbose:
        print('%-24s %5d lines, %4d of code, %4d in the %2d functions linked' % (
            name, lines, len(code), len(linked), row['functions']))
print('%d files with their headers: %d lines, %d without comments and empty lines; of these %d lie in the '
      '%d functions that are linked' % (total['files'], total['lines'], total['code'], total['linked'],
                                        total['functions']))
