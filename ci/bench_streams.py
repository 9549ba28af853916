"""B7's event streams: what each costs the server, and how soon one request reaches its phone while
all of them are open."""

import base64
import hashlib
import json
import resource
import secrets
import socket
import sqlite3
import ssl
import statistics
import time
import urllib.parse
from pathlib import Path

EVENT = b"event: inbox\ndata: changed\n\n"
EACH_PERSON = 8


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Stream:
    def __init__(self, context, port, session):
        plain = socket.create_connection(("127.0.0.1", port), 60)
        self.socket = context.wrap_socket(plain, server_hostname="approve.localhost")
        self.socket.sendall(b"GET /approve/v1/events HTTP/1.1\r\nHost: approve.localhost\r\n"
                            b"Authorization: Bearer " + session.encode() + b"\r\n\r\n")
        self.received = b""
        self.event()

    def event(self):
        while EVENT not in self.received:
            more = self.socket.recv(4096)
            if not more:
                raise OSError(f"the stream ended: {self.received[-300:]!r}")
            self.received += more
        self.received = self.received.split(EVENT, 1)[1]

    def is_open(self):
        self.socket.settimeout(0.001)
        try:
            return self.socket.recv(1) != b""
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        finally:
            self.socket.settimeout(60)


def invent_phones(database, count):
    """Sessions of phones that only listen: the server is stopped meanwhile."""
    sessions = [b64url(secrets.token_bytes(32)) for _ in range(count)]
    with sqlite3.connect(database) as opened:
        known = [row[1] for row in opened.execute("PRAGMA table_info(devices)")]
        (like,) = opened.execute("SELECT * FROM devices WHERE owner_kind = 'signer' LIMIT 1")
        for number, session in enumerate(sessions):
            row = {**dict(zip(known, like)), "id": f"dev_load{number}", "owner_id": f"load-{number}",
                   "session_hash": b64url(hashlib.sha256(session.encode()).digest())}
            opened.execute(f"INSERT INTO devices ({','.join(row)}) "
                           f"VALUES ({','.join('?' * len(row))})", list(row.values()))
    opened.close()
    return sessions


def settled(measure):
    """Memory once it has stopped to move."""
    before = measure()
    for _ in range(30):
        time.sleep(1)
        now = measure()
        if abs(now - before) < 64 * 1024:
            break
        before = now
    return now


class Portal:
    def __init__(self, appliance, context, port):
        self.connection = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 60),
                                              server_hostname="api.localhost")
        pair = f"{appliance.client['client_id']}:{appliance.client['client_secret']}".encode()
        self.authorization = "Basic " + base64.b64encode(pair).decode()
        body = self.post("/oauth2/token", "grant_type=client_credentials",
                         "application/x-www-form-urlencoded")
        self.authorization = "Bearer " + json.loads(body)["access_token"]

    def post(self, path, body, form="application/json"):
        self.connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: api.localhost\r\nContent-Type: {form}\r\nAuthorization: "
            f"{self.authorization}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.connection.recv(65536)
        head, rest = received.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self.connection.recv(65536)
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
            raise OSError(f"{path}: {received[:300]!r}")
        return rest

    def ask(self, credential_id):
        self.post("/csc/v2/credentials/authorize", json.dumps({
            "credentialID": credential_id, "numSignatures": 1,
            "hashes": [base64.b64encode(secrets.token_bytes(32)).decode()],
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1"}))


def measure_streams(appliance, connections, asks):
    """`appliance` has people; it is started anew."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, connections + 256), hard))
    appliance.stop()
    sessions = invent_phones(appliance.data / "kyso.db", -(-connections // EACH_PERSON))
    appliance.start()
    appliance.describe()
    context = ssl.create_default_context(cafile=appliance.data / "tls/ca.pem")
    port = urllib.parse.urlsplit(appliance.url).port
    portal = Portal(appliance, context, port)
    people = [(one["credential_id"],
               Stream(context, port, json.loads(Path(one["phone"]).read_text())["server"]["session"]))
              for one in appliance.people if one["key"] == "p256"]
    for credential_id, stream in people:  # so that what a first request costs once is paid
        portal.ask(credential_id)
        stream.event()
    before = settled(lambda: appliance.memory_of("kyso-server"))
    streams = [Stream(context, port, sessions[number // EACH_PERSON]) for number in range(connections)]
    after = settled(lambda: appliance.memory_of("kyso-server"))
    delays = []
    for number in range(asks):
        credential_id, stream = people[number % len(people)]
        begun = time.monotonic()
        portal.ask(credential_id)
        stream.event()
        delays.append((time.monotonic() - begun) * 1000)
    there = sum(stream.is_open() for stream in streams)
    return {"connections": connections, "still_there": there,
            "bytes_each": (after - before) / connections, "asks": asks,
            "delay_ms_median": statistics.median(delays),
            "delay_ms_p99": sorted(delays)[int(len(delays) * 0.99)]}
