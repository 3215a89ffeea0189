#!/usr/bin/env python3
"""A time stamping authority on loopback around `openssl ts -reply`, and liars beside it.

usage: tsa.py DIR [PORT]   makes DIR with a root, an authority and its keys, once; prints
                           http://127.0.0.1:PORT and serves until it is killed
POST /           an honest stamp
POST /data       a stamp of other data          POST /nonce      a stamp for another nonce
POST /refuse     a refusal                      POST /expired    signed after the certificate's end
POST /usage      by a certificate of another use POST /sha1      signed over SHA-1
POST /garbage    no answer of RFC 3161          POST /endless    bytes without an end
POST /silent     nothing at all                 POST /type       an honest stamp, of type text/html
POST /status     status 500                     POST /replay     the first answer, again
"""
import hashlib
import http.server
import os
import subprocess
import sys
import time

CONF = """
[tsa]
default_tsa = one
[one]
serial = {dir}/serial
signer_cert = {dir}/{who}.pem
certs = {dir}/between.pem
signer_key = {dir}/{who}.key
signer_digest = {md}
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
crypto_device = builtin
"""
TST_INFO = "1.2.840.113549.1.9.16.1.4"


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {words[0]}: {done.stderr.decode()}")
    return done.stdout


class Authority:
    """The keys in a folder, and what openssl says with them."""

    def __init__(self, folder):
        self.dir = folder
        self.first = None
        if not os.path.exists(self.path("root.pem")):
            self.make()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def certificate(self, who, issuer, extensions, *dates):
        openssl("req", "-new", "-newkey", "rsa:2048" if who == "authority" else "ec",
                *(() if who == "authority" else ("-pkeyopt", "ec_paramgen_curve:P-256")), "-nodes",
                "-subj", f"/O=Glade Test/CN={who}", "-keyout", self.path(f"{who}.key"), "-out",
                self.path("request"))
        self.write("extensions", extensions.encode())
        words = ["x509", "-req", "-in", self.path("request"), "-sha256", "-extfile",
                 self.path("extensions"), "-out", self.path(f"{who}.pem"), *(dates or ("-days", "3650"))]
        words += ["-CA", self.path(f"{issuer}.pem"), "-CAkey", self.path(f"{issuer}.key"),
                  "-CAcreateserial"] if issuer else ["-signkey", self.path(f"{who}.key")]
        openssl(*words)

    def make(self):
        os.makedirs(self.dir, exist_ok=True)
        signs = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
        stamps = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        use = "extendedKeyUsage=critical,timeStamping\n"
        self.certificate("root", None, signs)
        self.certificate("other-root", None, signs)
        self.certificate("between", "root", signs)
        self.certificate("authority", "between", stamps + use)
        self.certificate("usage", "between", stamps)
        # OpenSSL 3.4 has words for dates, and takes no days of the past any more.
        words = subprocess.run(["openssl", "x509", "-help"], capture_output=True).stderr
        past = ("-not_before", "20200101000000Z", "-not_after", "20200102000000Z")
        self.certificate("expired", "between", stamps + use, *(past if b"-not_after" in words else ("-days", "-1")))

    def reply(self, question, who="authority", md="sha512"):
        self.write("conf", CONF.format(dir=self.dir, who=who, md=md).encode())
        query = self.write("question", question)
        openssl("ts", "-reply", "-config", self.path("conf"), "-queryfile", query, "-out", self.path("answer"))
        return self.read("answer")

    def by_hand(self, question, who):
        """openssl's own authority would not: take what it says, and have another sign it."""
        self.reply(question)
        openssl("ts", "-reply", "-in", self.path("answer"), "-out", self.path("token"), "-token_out")
        info = openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", self.path("token"))
        token = openssl("cms", "-sign", "-cades", "-binary", "-nodetach", "-econtent_type", TST_INFO, "-md",
                        "sha256", "-signer", self.path(f"{who}.pem"), "-inkey", self.path(f"{who}.key"),
                        "-certfile", self.path("between.pem"), "-outform", "DER", data=info)
        token = self.write("token", token)
        granted = b"\x30\x03\x02\x01\x00"
        body = granted + self.read("token")
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body

    def other(self, question, *words):
        """The answer to a question of our own."""
        openssl("ts", "-query", "-sha512", "-cert", "-out", self.path("other"), *words)
        return self.reply(self.read("other"))

    def answer(self, what, question):
        if what in ("", "type"):
            return self.reply(question)
        if what == "data":
            return self.other(question, "-digest", "00" * 64)
        if what == "nonce":
            return self.other(question, "-digest", question[24:88].hex())
        if what == "refuse":
            return self.reply(b"0\x03\x02\x01\x01")
        if what in ("usage", "expired"):
            return self.by_hand(question, what)
        if what == "sha1":
            return self.reply(question, md="sha1")
        if what == "replay":
            self.first = self.first or self.reply(question)
            return self.first
        return hashlib.sha512(question).digest()


class Handler(http.server.BaseHTTPRequestHandler):
    """One question, one answer."""
    authority = None

    def log_message(self, *_):
        pass

    def endless(self):
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"\x30" * 4096)
        except OSError:
            pass

    def do_POST(self):
        what = self.path.strip("/")
        question = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] != "application/timestamp-query":
            self.send_error(415)
            return
        if what == "silent":
            time.sleep(60)
        if what == "status":
            self.send_error(500)
            return
        if what == "endless":
            self.send_response(200)
            self.endless()
            return
        body = self.authority.answer(what, question)
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if what == "type" else "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    Handler.authority = Authority(os.path.abspath(sys.argv[1]))
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
