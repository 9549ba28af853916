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
"""


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True,
                          **more).stdout


class Authority:
    """`url` and `authorities` (PEM file). `answers`: what it does with a question."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self.make_root("root")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=Test TSA", "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr")
        openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem", "-CAkey",
                folder / "root.key", "-days", "2", "-extfile", folder / "tsa.cnf", "-extensions",
                "usage", "-out", folder / "tsa.pem")
        self.authorities = folder / "root.pem"
        self.answers = self.stamp
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/tsa"
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
                status, answer = authority.answers(question)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
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

    def close(self):
        self.server.shutdown()
        self.server.server_close()
