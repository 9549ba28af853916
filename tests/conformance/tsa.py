"""A time-stamping authority: `openssl ts -reply` behind a small HTTP server."""

import http.server
import subprocess
import threading

CONFIG = """
[tsa]
default_tsa = this
[this]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
[usage]
extendedKeyUsage = critical, timeStamping
{status}
[ca]
default_ca = list
[list]
database = {folder}/index.txt
default_md = sha256
default_crl_days = 2
"""


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True,
                          **more).stdout


class Authority:
    """`url` and `authorities` (PEM file). `answers`: what it does with a question. `has_list`: its
    certificate names a revocation list, which is answered while `lists` says so."""

    def __init__(self, folder, has_list=False):
        self.folder = folder
        folder.mkdir()
        self.answers = self.stamp
        self.lists = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url = base + "/tsa"
        status = f"crlDistributionPoints = URI:{base}/list" if has_list else ""
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder, status=status))
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("01\n")
        self.make_root("root")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=Test TSA", "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr")
        openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem", "-CAkey",
                folder / "root.key", "-days", "2", "-extfile", folder / "tsa.cnf", "-extensions",
                "usage", "-out", folder / "tsa.pem")
        self.authorities = folder / "root.pem"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def make_root(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", f"/CN=Test {name}", "-keyout", self.folder / f"{name}.key",
                "-out", self.folder / f"{name}.pem")

    def handler(self):
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                self.reply(*authority.answers(question), "application/timestamp-reply")

            def do_GET(self):
                status, answer = (200, authority.list()) if authority.lists else (503, b"")
                self.reply(status, answer, "application/pkix-crl")

            def reply(self, status, answer, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        return Handler

    def stamp(self, question):
        (self.folder / "question").write_bytes(question)
        return 200, openssl("ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile",
                            self.folder / "question")

    def list(self):
        """Of its root: nothing is revoked."""
        pem = openssl("ca", "-gencrl", "-config", self.folder / "tsa.cnf", "-cert",
                      self.folder / "root.pem", "-keyfile", self.folder / "root.key")
        return openssl("crl", "-outform", "DER", input=pem)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
