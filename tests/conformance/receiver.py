"""A portal's end of a webhook: takes what it is told, or behaves badly, and checks the signature
with OpenSSL's own program."""

import base64
import http.server
import json
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from appliance import wait_until

# SubjectPublicKeyInfo of a P-256 key up to its point: RFC 5480 2.1, 2.2.
P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der_integer(half):
    number = half.lstrip(b"\0") or b"\0"
    if number[0] & 0x80:
        number = b"\0" + number
    return b"\x02" + bytes([len(number)]) + number


def verify_detached(jws, body, keys):
    """The protected header, if `jws` (RFC 7515 appendix F) signs `body` under one of `keys`."""
    header, empty, signature = jws.split(".")
    assert empty == "", jws
    protected = json.loads(unb64url(header))
    assert protected["alg"] == "ES256" and "crit" not in protected, protected
    (key,) = [one for one in keys if one["kid"] == protected["kid"]]
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256"), key
    raw = unb64url(signature)
    assert len(raw) == 64, signature
    numbers = der_integer(raw[:32]) + der_integer(raw[32:])
    payload = base64.urlsafe_b64encode(body).rstrip(b"=")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "key.der").write_bytes(P256_PREFIX + unb64url(key["x"]) + unb64url(key["y"]))
        (base / "signature").write_bytes(b"\x30" + bytes([len(numbers)]) + numbers)
        (base / "input").write_bytes(header.encode() + b"." + payload)
        done = subprocess.run(
            ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", base / "key.der",
             "-signature", base / "signature", base / "input"], capture_output=True, text=True)
    assert done.returncode == 0 and "Verified OK" in done.stdout, done.stdout + done.stderr
    return protected


class Told:
    """One request that the receiver got."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    @property
    def id(self):
        return self.headers["Webhook-Id"]

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """HTTPS on loopback. `behave`: what it does with the next requests, one word each: "ok", a
    status, "drop" (closes), "hang" (answers nothing), "redirect", "long" (endless answer); "ok"
    afterwards."""

    def __init__(self, folder, plain=False, port=0):
        self.told = []
        self.behave = []
        self.ca = Path(folder) / "receiver.pem"
        self.plain = plain
        self.released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                receiver.told.append(Told("GET " + self.path, self.headers, b""))
                self.send_response(200)
                self.end_headers()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append(Told(self.path, self.headers, body))
                receiver.answer(self)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass  # a peer that was killed

        self.server = Server(("127.0.0.1", port), Handler)
        if not plain:
            self._certify(folder)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _certify(self, folder):
        key = Path(folder) / "receiver-key.pem"
        if not self.ca.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", self.ca, "-days", "2",
                 "-subj", "/CN=portal.localhost", "-addext",
                 "subjectAltName=DNS:portal.localhost,DNS:other.localhost"],
                check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)

    def answer(self, request):
        how = self.behave.pop(0) if self.behave else "ok"
        if how == "drop":
            request.close_connection = True
            return
        if how == "hang":
            self.released.wait(60)
            request.close_connection = True
            return
        status = {"ok": 200, "redirect": 307, "long": 200}.get(how, how)
        request.send_response(status)
        if how == "redirect":
            request.send_header("Location", f"{self.url}/elsewhere")
        if how == "long":
            request.end_headers()
            request.wfile.write(b"x" * (1 << 20))
            return
        request.send_header("Content-Length", "0")
        request.end_headers()

    @property
    def url(self):
        return f"{'http' if self.plain else 'https'}://portal.localhost:{self.port}"

    def next(self, count=1):
        """Waits until it was told `count` times in all."""
        return wait_until(lambda: len(self.told) >= count and self.told[:count],
                          f"{count} webhooks, of which {len(self.told)} came")

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def quiet(receiver, seconds):
    """Nothing more comes for so long."""
    count = len(receiver.told)
    time.sleep(seconds)
    return len(receiver.told) == count
