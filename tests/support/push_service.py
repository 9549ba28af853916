#!/usr/bin/env python3
"""A browser and its push service in one, on loopback with TLS: makes subscriptions, checks what a
sender owes (RFC 8030, 8291, 8292) with python's `cryptography`, and keeps what it could decrypt.

As a program: prints {"relay", "ca"} on one line and serves until its standard input ends.

    POST /control/subscriptions {"key", "behaviour"}   what the browser would give to the page
    POST /control/messages      {}                     every request that came, in order

`behaviour`: ok, gone (410), unknown (404), busy (429 once, then ok), failing (500), slow (no answer).
"""

import base64
import datetime
import json
import re
import secrets
import ssl
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HOST = "push.test"
RETRY_AFTER_S = 1


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key):
    return key.public_bytes(serialization.Encoding.X962,
                            serialization.PublicFormat.UncompressedPoint)


def hkdf(salt, key, info, size):
    return HKDF(hashes.SHA256(), size, salt, info).derive(key)


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Subscription:
    """What PushManager.subscribe() makes, and how its push service then behaves."""

    def __init__(self, key, behaviour):
        self.key = key  # the application server's
        self.behaviour = behaviour
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = secrets.token_bytes(16)
        self.path = "/push/" + secrets.token_urlsafe(24)

    def as_json(self, host):
        return {"endpoint": f"https://{host}{self.path}",
                "p256dh": b64url(point_of(self.private.public_key())), "auth": b64url(self.auth)}

    def decrypt(self, body):
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21:21 + length], body[21 + length:]
        if len(sender) != 65 or not 17 < len(record) <= size:
            raise Refused(400, "not one aes128gcm record")
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + point_of(self.private.public_key()) + sender
        secret = hkdf(self.auth, self.private.exchange(ec.ECDH(), peer), info, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        try:
            padded = AESGCM(key).decrypt(nonce, record, None)
        except InvalidTag:
            raise Refused(400, "cannot be decrypted") from None
        message = padded.rstrip(b"\0")
        if message[-1:] != b"\2":
            raise Refused(400, "not a last record")
        return message[:-1].decode()


def check_vapid(header, subscription, host):
    match = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", header or "")
    if not match:
        raise Refused(401, "no vapid authorization")
    head, claims, signature, key = match.groups()
    if key != subscription.key:
        raise Refused(403, "another key than the subscription's")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64url(key))
    raw = unb64url(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused(403, "the token's signature is wrong") from None
    head, claims = json.loads(unb64url(head)), json.loads(unb64url(claims))
    if (head["typ"], head["alg"]) != ("JWT", "ES256") or claims["aud"] != f"https://{host}":
        raise Refused(403, "the token is for something else")
    if not time.time() < claims["exp"] <= time.time() + 24 * 3600:
        raise Refused(403, "the token's time is wrong")
    if not claims["sub"].startswith(("mailto:", "https://")):
        raise Refused(403, "nobody to write to")


def check_headers(headers):
    if headers["Content-Encoding"] != "aes128gcm":
        raise Refused(415, "another encoding")
    if not re.fullmatch(r"[1-9]\d*", headers["TTL"] or ""):
        raise Refused(400, "TTL")
    if headers["Urgency"] != "high" or not re.fullmatch(r"[\w-]{1,32}", headers["Topic"] or ""):
        raise Refused(400, "Urgency or Topic")


class PushService:
    def __init__(self, folder, host=HOST):
        self.host = host
        self.subscriptions = {}
        self.messages = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.ca = Path(folder) / "push-ca.pem"
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = service.answer(self.path, self.headers, body)
                if status is None:
                    service.closing.wait()
                    return
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.write_certificates(Path(folder)))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.relay = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def subscribe(self, key, behaviour="ok"):
        subscription = Subscription(key, behaviour)
        with self.lock:
            self.subscriptions[subscription.path] = subscription
        return subscription.as_json(self.host)

    def received(self):
        with self.lock:
            return list(self.messages)

    def write_certificates(self, folder):
        """The authority's goes to self.ca; answers the file of the service's own."""
        authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TEST push authority")])
        now = datetime.datetime.utcnow()

        def certify(name, key):
            return (x509.CertificateBuilder().subject_name(name).issuer_name(issuer)
                    .public_key(key.public_key()).serial_number(x509.random_serial_number())
                    .not_valid_before(now - datetime.timedelta(days=1))
                    .not_valid_after(now + datetime.timedelta(days=1)))
        root = certify(issuer, authority).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.host)])
        leaf = certify(name, own).add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(self.host), x509.DNSName("localhost")]), critical=False)
        pem = serialization.Encoding.PEM
        self.ca.write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(pem))
        chain = folder / "push-service.pem"
        chain.write_bytes(
            leaf.sign(authority, hashes.SHA256()).public_bytes(pem) +
            own.private_bytes(pem, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()))
        return chain

    def answer(self, path, headers, body):
        """Status (none: no answer), headers, body."""
        if path == "/control/subscriptions":
            wanted = json.loads(body)
            made = self.subscribe(wanted["key"], wanted["behaviour"])
            return 200, [], json.dumps(made).encode()
        if path == "/control/messages":
            return 200, [], json.dumps({"messages": self.received()}).encode()
        with self.lock:
            subscription = self.subscriptions.get(path)
        if subscription is None:
            return 404, [], b""
        try:
            check_vapid(headers["Authorization"], subscription, self.host)
            check_headers(headers)
            message = subscription.decrypt(body)
        except Refused as refused:
            self.note(path, refused.status, str(refused), headers)
            return refused.status, [], str(refused).encode()
        return self.behave(path, subscription, message, headers)

    def behave(self, path, subscription, message, headers):
        statuses = {"ok": 201, "gone": 410, "unknown": 404, "failing": 500, "busy": 429,
                    "slow": None}
        status = statuses[subscription.behaviour]
        if subscription.behaviour == "busy":
            subscription.behaviour = "ok"
        self.note(path, status, message, headers)
        more = [("Retry-After", str(RETRY_AFTER_S))] if status == 429 else []
        return status, more, b""

    def note(self, path, status, message, headers):
        with self.lock:
            self.messages.append({
                "endpoint": f"https://{self.host}{path}", "status": status or 0,
                "message": message, "ttl": int(headers["TTL"] or 0), "topic": headers["Topic"],
                "at": time.time()})


class BrowserPushService(PushService):
    """Behind a real browser, which decrypts by itself: `deliver(registration, body)` brings it what a
    sender posts, as `spoil` leaves it."""

    def __init__(self, folder, host):
        self.registrations = {}  # by the last part of an endpoint; each has the sender's `key`
        self.spoil = lambda body: body
        super().__init__(folder, host)

    def answer(self, path, headers, body):
        with self.lock:
            registration = self.registrations.get(path.rsplit("/", 1)[-1])
        if registration is None:
            return 404, [], b""
        try:
            check_vapid(headers["Authorization"], registration, self.host)
            check_headers(headers)
        except Refused as refused:
            self.note(path, refused.status, str(refused), headers)
            return refused.status, [], str(refused).encode()
        self.note(path, 201, "", headers)
        self.deliver(registration, self.spoil(body))
        return 201, [], b""


def main():
    with tempfile.TemporaryDirectory() as folder:
        service = PushService(folder)
        print(json.dumps({"relay": service.relay, "ca": str(service.ca)}), flush=True)
        sys.stdin.read()
        service.close()


if __name__ == "__main__":
    main()
