#!/usr/bin/env python3
"""A certification authority that is asked by EST (RFC 7030, RFC 8951), on loopback with TLS: checks
what a client owes, and certifies with the `openssl` program.

    with EstServer(folder, user=("kyso", "secret"), client_certificate=True, label="people") as est:
        est.url, est.tls_ca          what a client is told: the base URL, and who is trusted for TLS
        est.root                     what issued certificates chain to
        est.client, est.client_key   a client certificate that is taken, where one is demanded
        est.later = 2                the next two requests are answered 202, with `retry_after`
        est.refusal = (400, "no")    every request is answered so, until it is None again
        est.asked                    [{"operation", "status", "why", "user", "certificate", "subject"}]

`folder` is the authority's, of PEM files: root.pem, root.key, between.pem, between.key; made where they
are not there. Basic, a client certificate, both or neither are demanded as said; a client certificate
already in the handshake. `alone=True`: the answer holds the certificate and nothing else.

As a program: est_server.py [FOLDER] [--user NAME:SECRET] [--client-certificate] [--label LABEL] [--later N]
[--alone]; prints {"url", "ca", "root", "certificate", "key"} on one line and serves until its standard
input ends. GET /control/asked has what it was asked.
"""

import argparse
import base64
import binascii
import hmac
import json
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BODY_MAX = 64 * 1024


def openssl(*arguments, data=b""):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, timeout=60,
                          check=False)
    # Its exit code does not say what `req -verify` has found.
    if done.returncode != 0 or b"verify failure" in done.stderr:
        raise AssertionError(f"openssl {arguments}: {done.stderr.decode()}")
    return done.stdout


class Refused(Exception):
    def __init__(self, status, why, *headers):
        super().__init__(why)
        self.status, self.headers = status, headers


class CaFolder:
    """A root, who issues below it, and what they have certified."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.root, self.between = self.folder / "root.pem", self.folder / "between.pem"
        self.lock = threading.Lock()
        if not self.between.exists():
            self.make()

    def make(self):
        for name in ("root", "between"):
            self.make_key(self.folder / f"{name}.key")
        openssl("req", "-x509", "-new", "-key", self.folder / "root.key", "-subj", "/CN=EST Root/C=VN",
                "-days", 3650, "-out", self.root)
        self.certify(self.ask("/CN=EST CA/C=VN", self.folder / "between.key"), self.between, by="root",
                     usage="critical,keyCertSign,cRLSign", authority=True)

    @staticmethod
    def make_key(file):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file)

    @staticmethod
    def ask(subject, key):
        return openssl("req", "-new", "-key", key, "-subj", subject)

    def certify(self, request, out, by="between", usage="critical,digitalSignature,nonRepudiation",
                authority=False):
        """For a request in PEM."""
        with self.lock:
            extensions = self.folder / "est-extensions.cnf"
            extensions.write_text(f"basicConstraints=critical,CA:{str(authority).upper()}\nkeyUsage={usage}\n"
                                  "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
            openssl("x509", "-req", "-CA", self.folder / f"{by}.pem", "-CAkey", self.folder / f"{by}.key",
                    "-CAcreateserial", "-days", 365, "-extfile", extensions, "-out", out, data=request)

    def client(self, name):
        """A certificate by which somebody shows in TLS who they are: its file, and its key's."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self.make_key(key)
        self.certify(self.ask(f"/CN={name}", key), certificate, by="root", usage="critical,digitalSignature")
        return certificate, key


def in_lines(certificates):
    """Files of certificates in PEM as a certs-only PKCS #7, in base64."""
    named = [word for file in certificates for word in ("-certfile", file)]
    return base64.encodebytes(openssl("crl2pkcs7", "-nocrl", "-outform", "DER", *named))


class EstServer:
    def __init__(self, folder, user=None, client_certificate=False, label="", later=0, retry_after="1",
                 alone=False):
        self.authority = CaFolder(folder)
        self.root = self.authority.root
        self.user, self.later, self.retry_after, self.alone = user, later, retry_after, alone
        self.refusal = None
        self.asked = []
        self.issued = 0
        self.lock = threading.Lock()
        self.base = "/.well-known/est" + (f"/{label}" if label else "")
        self.tls_ca = self.authority.folder / "est-tls.pem"
        context = self.make_tls()
        self.client = self.client_key = None
        if client_certificate:
            self.client, self.client_key = self.authority.client("est-client")
            context.load_verify_locations(self.root)
            context.verify_mode = ssl.CERT_REQUIRED
        self.server = self.make_server()
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.server.server_port}{self.base}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def make_tls(self):
        key = self.authority.folder / "est-tls.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                key, "-out", self.tls_ca, "-days", 365, "-subj", "/CN=EST TLS", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tls_ca, key)
        return context

    def make_server(self):
        est = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self):
                self.tell(est.answer("GET", self, b""))

            def do_POST(self):
                size = int(self.headers["Content-Length"] or 0)
                body = self.rfile.read(min(size, BODY_MAX))
                self.tell(est.answer("POST", self, body))

            def tell(self, answer):
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads, block_on_close = True, False

            def handle_error(self, *_):
                pass  # a client that breaks off, or whose certificate is not taken
        return Server(("127.0.0.1", 0), Handler)

    def answer(self, method, request, body):
        """Status, headers, body."""
        if request.path == "/control/asked":
            with self.lock:
                return 200, [("Content-Type", "application/json")], json.dumps({"asked": self.asked}).encode()
        note = {"operation": request.path.removeprefix(self.base), "why": "", "subject": "",
                "user": user_of(request.headers), "certificate": name_of(request.connection.getpeercert())}
        try:
            answer = self.operation(method, request, body, note)
        except Refused as refused:
            note["why"] = str(refused)
            answer = refused.status, [("Content-Type", "text/plain"), *refused.headers], f"{refused}\n".encode()
        except AssertionError as failed:
            note["why"] = str(failed)
            answer = 500, [], b""
        with self.lock:
            self.asked.append({**note, "status": answer[0]})
        return answer

    def operation(self, method, request, body, note):
        bundle = [("Content-Type", "application/pkcs7-mime; smime-type=certs-only")]
        if (method, request.path) == ("GET", self.base + "/cacerts"):
            return 200, bundle, in_lines([self.root, self.authority.between])
        if (method, request.path) != ("POST", self.base + "/simpleenroll"):
            raise Refused(404, "there is no such operation")
        self.check_user(request.headers)
        pem = read_request(request.headers, body, note)
        with self.lock:
            if self.refusal is not None:
                raise Refused(*self.refusal)
            if self.later > 0:
                self.later -= 1
                raise Refused(202, "somebody has to look at it", ("Retry-After", self.retry_after))
            self.issued += 1
            out = self.authority.folder / f"est-issued-{self.issued}.pem"
        self.authority.certify(pem, out)
        return 200, bundle, in_lines([out] if self.alone else [out, self.authority.between])

    def check_user(self, headers):
        if self.user is None:
            return
        wanted = "Basic " + base64.b64encode(":".join(self.user).encode()).decode()
        if not hmac.compare_digest(headers["Authorization"] or "", wanted):
            raise Refused(401, "who are you?", ("WWW-Authenticate", 'Basic realm="est"'))


def user_of(headers):
    try:
        return base64.b64decode((headers["Authorization"] or "").removeprefix("Basic ")).decode().split(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def name_of(certificate):
    """The common name, of what getpeercert() says."""
    parts = {name: value for part in (certificate or {}).get("subject", ()) for name, value in part}
    return parts.get("commonName", "")


def read_request(headers, body, note):
    """PEM. What RFC 7030 §4.2.1 and RFC 8951 §3.2 ask of a client, and that the key has signed."""
    if headers["Content-Type"] != "application/pkcs10":
        raise Refused(415, "a request is application/pkcs10")
    if headers["Content-Transfer-Encoding"] is not None:
        raise Refused(400, "RFC 8951 has no Content-Transfer-Encoding")
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
        pem = openssl("req", "-inform", "DER", "-verify", data=der)
        subject = openssl("req", "-noout", "-subject", "-nameopt", "RFC2253", data=pem)
    except (binascii.Error, AssertionError):
        raise Refused(400, "the request cannot be read, or its signature is wrong") from None
    note["subject"] = subject.decode().strip().removeprefix("subject=")
    return pem


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--user", type=lambda text: tuple(text.split(":", 1)))
    parser.add_argument("--client-certificate", action="store_true")
    parser.add_argument("--label", default="")
    parser.add_argument("--later", type=int, default=0)
    parser.add_argument("--alone", action="store_true")
    wanted = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as scratch:
        with EstServer(wanted.pop("folder") or scratch, **wanted) as est:
            told = {"url": est.url, "ca": est.tls_ca, "root": est.root,
                    "certificate": est.client or "", "key": est.client_key or ""}
            print(json.dumps({name: str(value) for name, value in told.items()}), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()
