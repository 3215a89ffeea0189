"""usage: killloop.py RESCIND FOLDER SECONDS SEED. In FOLDER lie repo, keys, mirror and terms of killloop.sh's making. Several
writers ingest, make datasets, carry out orders, compact and check, all at once, and each is killed (SIGKILL) whenever it
happens; what the others meet then is their own affair, and nobody helps. Every so often all stand still, and it is looked at:
what was told done is done, what was erased stays erased, and is all that is, each head that was ever public is the root of
the entries that are there now, and no size had two. Prints what was wrong, a line each, and exits 1."""
import base64
import collections
import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import entries  # noqa: E402

RESCIND, FOLDER, SECONDS, SEED = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
USE = 'train:IdentityVerification'
LOGS = 'facts', 'records'

problems = []
problems_lock = threading.Lock()


def wrong(text):
    with problems_lock:
        problems.append(text)
    print('wrong:', text[:600], flush=True)


class Gate:
    """Commands go through together; who looks stands there alone."""

    def __init__(self):
        self.c, self.inside, self.shut = threading.Condition(), 0, False

    def __enter__(self):
        with self.c:
            self.c.wait_for(lambda: not self.shut)
            self.inside += 1

    def __exit__(self, *_):
        with self.c:
            self.inside -= 1
            self.c.notify_all()

    def close(self):
        with self.c:
            self.shut = True
            self.c.wait_for(lambda: self.inside == 0)

    def open(self):
        with self.c:
            self.shut = False
            self.c.notify_all()


gate = Gate()
stop = threading.Event()
took = collections.defaultdict(lambda: 0.2)  # seconds, of a kind of command
count, kills = collections.Counter(), collections.Counter()


class Answer:
    def __init__(self, code, out, err):
        self.code, self.err = code, err.decode('utf-8', 'replace')
        self.out = out
        self.killed = code == -9

    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(*words, dice=None):
    """dice: it may be killed."""
    kind = ' '.join(words[:2] if words[0] in ('order', 'dataset', 'source') else words[:1])
    began = time.monotonic()
    p = subprocess.Popen([RESCIND, '--repo', f'{FOLDER}/repo', '--json', *words], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    timer = None
    if dice and dice.random() < 0.6:
        timer = threading.Timer(dice.random() * took[kind] * 1.2, p.kill)
        timer.start()
    out, err = p.communicate()
    if timer:
        timer.cancel()
    count[kind] += 1
    if p.returncode == -9:
        kills[kind] += 1
    elif p.returncode == 0:
        took[kind] = 0.8 * took[kind] + 0.2 * (time.monotonic() - began)
    elif p.returncode < 0:
        wrong(f'{" ".join(words)}: signal {-p.returncode}: {err[-300:]}')
    return Answer(p.returncode, out, err)


def busy(a):
    """Another held the lock for ten seconds."""
    return a.code == 1 and ('writ' in a.err or 'held' in a.err)


def must(a, what, *codes):
    if not a.killed and a.code not in (codes or (0,)) and not busy(a):
        wrong(f'{what}: exit {a.code}: {a.err[-300:]}')


# --- what was told done ---

done_lock = threading.Lock()
files, datasets, erased, asked = {}, set(), set(), set()


def ingest(dice, turn, me):
    names = [f'{me}-{turn}-{i}.txt' for i in range(dice.choice((1, 3, 3, 40)))]
    folder = f'{FOLDER}/load/{me}-{turn}'
    os.makedirs(folder)
    for n in names:
        with open(f'{folder}/{n}', 'w') as f:
            f.write(f'{SEED} {n}\n')
    a = run('ingest', 'drawn-osk', folder, '--use', USE, dice=dice)
    must(a, 'ingest')
    if a.code == 0 or 'committed' in a.err:
        with done_lock:
            files.update(dict.fromkeys(names))


def dataset(dice, turn, me):
    name = f'{me}-{turn}'
    a = run('dataset', 'create', name, '--use', USE, dice=dice)
    must(a, 'dataset create', 0, 3)
    if a.code == 0:
        with done_lock:
            datasets.add(name)


def order(dice, turn, me):
    a = run('order', 'ls', dice=dice)
    must(a, 'order ls')
    if a.code != 0:
        return
    under_way = [o for o in a.rows() if o['state'] not in ('certified', 'refused')]
    if not under_way:
        s = run('status')
        if s.code != 0 or json.loads(s.out)['records'] < 20:
            return
        first = dice.randrange(json.loads(s.out)['records'] - 3)
        with done_lock:
            asked.update((first, first + 1))
        must(run('order', 'open', f'record:{first}-{first + 1}', '--authority', 'A', '--reason', 'R', dice=dice),
             'order open', 0, 1)
        return
    name, state = under_way[0]['order'], under_way[0]['state']
    if state in ('open', 'planned'):
        p = run('order', 'plan', name, dice=dice)
        must(p, 'order plan')
        if p.code == 0:
            must(run('order', 'approve', name, json.loads(p.out)['plan'], '--as', 'sentinelrole', dice=dice),
                 'order approve', 0, 1)
        return
    e = run('order', 'execute', name, dice=dice)
    if e.code == 0:
        s = run('order', 'status', name)
        must(s, 'order status')
        if s.code == 0:
            with done_lock:
                erased.update(positions(json.loads(s.out)))
    elif e.code == 1 and 'plan' in e.err:  # it changed in between
        must(run('order', 'plan', name), 'order plan')
    else:
        must(e, 'order execute')


def positions(status):
    found = set()
    for part in str(status.get('positions', '')).split(','):
        first, _, last = part.partition('-')
        if first:
            found.update(range(int(first), int(last or first) + 1))
    return found


def care(dice, turn, me):
    verb = dice.choice((['compact'], ['fsck'], ['fsck', '--deep'], ['fsck', '--rebuild']))
    a = run(*verb, dice=dice)
    must(a, ' '.join(verb))
    if a.code == 4:
        wrong(f'{" ".join(verb)}: {a.out[:600]}')


def look(dice, turn, me):
    must(run(*dice.choice((['status'], ['ls', 'source:drawn-osk'], ['dataset', 'ls'], ['ls', 'erased'])), dice=dice), 'look')


def work(what, me):
    dice, turn = random.Random(f'{SEED} {me}'), 0
    while not stop.is_set():
        turn += 1
        with gate:
            try:
                what(dice, turn, me)
            except Exception as e:  # a thread that ends is not seen
                wrong(f'{me}: {e!r}')


# --- heads ---

heads = {log: {} for log in LOGS}


def see_heads():
    for log in LOGS:
        try:
            with open(f'{FOLDER}/repo/.rescind/log/{log}/checkpoint') as f:
                lines = f.read().split('\n')
        except FileNotFoundError:
            continue
        size, root = int(lines[1]), base64.b64decode(lines[2])
        if heads[log].setdefault(size, root) != root:
            wrong(f'{log}: size {size} has two roots')


def watch():
    last = 0
    while not stop.is_set():
        see_heads()
        if heads['facts']:
            if max(heads['facts']) < last:
                wrong('the log shrank')
            last = max(heads['facts'])
        time.sleep(0.005)


def roots(leaves):
    """Of every size from 0, as RFC 9162 has it."""
    stack = []
    yield hashlib.sha256().digest()
    for n, leaf in enumerate(leaves):
        h = hashlib.sha256(b'\0' + leaf).digest()
        while n & 1:
            h = hashlib.sha256(b'\1' + stack.pop() + h).digest()
            n >>= 1
        stack.append(h)
        root = stack[-1]
        for left in reversed(stack[:-1]):
            root = hashlib.sha256(b'\1' + left + root).digest()
        yield root


def check_heads(dice):
    see_heads()
    for log in LOGS:
        top = f'{FOLDER}/repo/.rescind/log/{log}'
        size = 0
        for size, root in enumerate(roots(entries.raw(top))):
            if heads[log].get(size, root) != root:
                wrong(f'{log}: the head of size {size} is not the root of its entries')
        if max(heads[log]) > size:
            wrong(f'{log}: {size} entries, and there was a head of {max(heads[log])}')
        sizes = sorted(s for s in heads[log] if s > 0)
        for _ in range(10):
            old, new = sorted((dice.choice(sizes), dice.choice(sizes)))
            a = run('log', 'consistency', str(old), str(new), '--log', log)
            if a.code != 0:
                wrong(f'log consistency {old} {new} of {log}: exit {a.code}: {a.err[-300:]}')


# --- all stand still ---

def stand_still(dice):
    a = run('status')
    must(a, 'status')
    a = run('status')
    if a.code != 0 or a.err:
        wrong(f'the second command repairs again: {a.err[-300:]}')
    check_heads(dice)
    with done_lock:
        now = {os.path.basename(r['path']): r['pos'] for r in run('ls', 'source:drawn-osk').rows() if 'path' in r}
        gone = {r['pos'] for r in run('ls', 'erased').rows()}
        for name, pos in files.items():
            if pos is None and name in now:
                files[name] = now[name]
            elif pos is None and not gone:
                wrong(f'{name} was told done and is not there')
            elif pos is not None and now.get(name, pos) != pos:
                wrong(f'{name} is another record')
            elif pos is not None and name not in now and pos not in gone:
                wrong(f'{name} (record {pos}) was there')
        names = {d['dataset'] for d in run('dataset', 'ls').rows()}
        for name in datasets - names:
            wrong(f'dataset {name} was told done and is not there')
        if not erased <= gone:
            wrong(f'erased ones are back: {sorted(erased - gone)[:9]}')
        if not gone <= asked:
            wrong(f'nobody asked to erase {sorted(gone - asked)[:9]}')
        erased.update(gone)
        for pos in dice.sample(sorted(gone), min(3, len(gone))):
            if 'sha256' in json.loads(run('show', str(pos)).out):
                wrong(f'record {pos} is erased, and its digest is shown')
        lost = [n for n, pos in files.items() if pos is None]
        if len(lost) > len(gone):
            wrong(f'{len(lost)} files were told done, and are not there: {lost[:3]}')
    a = run('fsck', '--deep')
    if a.code != 0:
        wrong(f'fsck --deep: exit {a.code}: {a.out[:900]} {a.err[-300:]}')
    elif any(line.startswith('catalog') for line in json.loads(a.out)['repaired']):
        wrong(f'the catalog was not what log and vault say: {a.out[:900]}')


def main():
    dice = random.Random(SEED)
    began, every = time.monotonic(), min(20.0, SECONDS / 3)
    see_heads()
    workers = [threading.Thread(target=work, args=w) for w in (
        (ingest, 'in'), (ingest, 'more'), (dataset, 'set'), (order, 'order'), (care, 'care'), (look, 'look'))]
    workers.append(threading.Thread(target=watch))
    for w in workers:
        w.start()
    stills = 0
    while time.monotonic() - began < SECONDS and len(problems) < 20:
        time.sleep(every)
        gate.close()
        try:
            stand_still(dice)
        except Exception as e:
            wrong(f'standing still: {e!r}')
        stills += 1
        gate.open()
    stop.set()
    for w in workers:
        w.join()
    stand_still(dice)
    print(f'seed {SEED}: {sum(kills.values())} of {sum(count.values())} commands were killed '
          f'({", ".join(f"{k} {v}" for k, v in sorted(kills.items()))}); {len(files)} files and {len(datasets)} datasets '
          f'were told done, {len(erased)} records are erased; {len(heads["facts"])} heads of facts, {len(heads["records"])} '
          f'of records; looked at {stills + 1} times', flush=True)
    if sum(kills.values()) == 0:
        wrong('none was killed')
    sys.exit(1 if problems else 0)


main()
