"""Opens the verifying page in headless Chromium, gives it files as a person would, and prints what it shows.

usage: browser.py PAGE [--picture PNG] [--without-ed25519] < JOBS
JOBS: a line of JSON each, {"file": PATH, "key": TEXT, "order": TEXT, "drop": true to drop it on the page}. A line of JSON for each goes out: {"verdict",
"words","checks":[{"name","ok","detail"}],"lists":{TITLE:[TEXT..]}}; a last one {"requests":[URL..],"errors":[TEXT..]}: what the
page asked of a network that is switched off, and what its console said. Exit code 3: there is no Chromium.
It speaks the DevTools protocol over a pipe; standard library only."""
import base64, json, os, shutil, subprocess, sys, tempfile, time

SHOWN = """JSON.stringify({
 verdict: document.querySelector('#verdict strong')?.textContent ?? '',
 words: document.querySelector('#verdict span')?.textContent ?? '',
 checks: [...document.querySelectorAll('#checks tr')].map((r) => ({ok: r.cells[0].textContent === 'ok',
  name: r.cells[1].textContent, detail: r.cells[2].textContent})),
 lists: Object.fromEntries([...document.querySelectorAll('#lists h2')].map((h) => [h.textContent,
  [...h.nextElementSibling.children].map((l) => l.textContent)]))})"""

DROPPED = """{ const all = new DataTransfer();
 all.items.add(new File([Uint8Array.from(atob(%s), (c) => c.charCodeAt(0))], %s));
 document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: all, bubbles: true, cancelable: true})); } 0"""


class Browser:
    def __init__(self, program, folder):
        to_it, self.out = os.pipe()
        self.inn, from_it = os.pipe()

        def pipes():
            # They are to be 3 and 4 there, whatever they are here.
            a, b = os.dup(to_it), os.dup(from_it)
            a, b = (os.dup(fd) if fd in (3, 4) else fd for fd in (a, b))
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
             '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe',
             '--user-data-dir=' + folder, '--window-size=1000,1400', 'about:blank'],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=folder))
        os.close(to_it)
        os.close(from_it)
        self.held, self.number, self.session, self.events = b'', 0, None, []

    def message(self):
        while b'\0' not in self.held:
            more = os.read(self.inn, 1 << 16)
            if not more:
                raise SystemExit('the browser ended')
            self.held += more
        one, self.held = self.held.split(b'\0', 1)
        return json.loads(one)

    def call(self, method, **words):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': words}
        if self.session:
            request['sessionId'] = self.session
        os.write(self.out, json.dumps(request).encode() + b'\0')
        while True:
            answer = self.message()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise SystemExit('%s: %s' % (method, answer['error']))
                return answer['result']
            self.events.append(answer)

    def value(self, expression):
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise SystemExit(json.dumps(result['exceptionDetails']))
        return result['result'].get('value')

    def until(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > end:
                raise SystemExit('waited in vain for ' + expression)
            time.sleep(0.05)

    def open(self, page, before):
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for area in ('Page', 'Runtime', 'Network', 'Log', 'DOM'):
            self.call(area + '.enable')
        self.call('Network.emulateNetworkConditions', offline=True, latency=0, downloadThroughput=-1,
                  uploadThroughput=-1)
        if before:
            self.call('Page.addScriptToEvaluateOnNewDocument', source=before)
        self.call('Page.navigate', url='file://' + os.path.realpath(page))
        self.until('document.readyState === "complete" && location.protocol === "file:"')

    def give(self, job):
        done = int(self.value('document.body.dataset.done || 0'))
        for name in ('key', 'order'):
            # Set without an event: the file comes last and starts the one look that is waited for.
            self.value('document.getElementById(%s).value = %s; 0' % (json.dumps(name), json.dumps(job.get(name) or '')))
        # A file that is chosen again is otherwise no change.
        self.value("document.getElementById('file').value = ''; 0")
        if job.get('drop'):
            with open(job['file'], 'rb') as f:
                self.value(DROPPED % (json.dumps(base64.b64encode(f.read()).decode()), json.dumps(job['file'])))
            return self.seen(done)
        root = self.call('DOM.getDocument')['root']['nodeId']
        node = self.call('DOM.querySelector', nodeId=root, selector='#file')['nodeId']
        self.call('DOM.setFileInputFiles', nodeId=node, files=[os.path.realpath(job['file'])])
        return self.seen(done)

    def seen(self, done):
        self.until('Number(document.body.dataset.done || 0) > %d' % done)
        return json.loads(self.value(SHOWN))


def main(words):
    program = shutil.which('chromium') or shutil.which('chromium-browser')
    if not program:
        raise SystemExit(3)
    before = 'delete SubtleCrypto.prototype.verify' if '--without-ed25519' in words else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        b = Browser(program, folder)
        try:
            b.open(words[0], before)
            for line in sys.stdin:
                print(json.dumps(b.give(json.loads(line))), flush=True)
            if '--picture' in words:
                picture = b.call('Page.captureScreenshot', captureBeyondViewport=True)['data']
                with open(words[words.index('--picture') + 1], 'wb') as f:
                    f.write(base64.b64decode(picture))
            requests = [e['params']['request']['url'] for e in b.events if e['method'] == 'Network.requestWillBeSent']
            said = [e['params']['entry']['text'] for e in b.events if e['method'] == 'Log.entryAdded']
            said += [json.dumps(e['params']) for e in b.events
                     if e['method'] in ('Runtime.exceptionThrown', 'Runtime.consoleAPICalled')]
            print(json.dumps({'requests': requests, 'errors': said}))
        finally:
            b.process.kill()
            b.process.wait()


main(sys.argv[1:])
