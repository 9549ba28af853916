"""What stands behind Chromium's PushManager, on loopback: checks a browser in, registers it, and
carries to it what a sender posts, as encrypted as it came. The browser itself decrypts.

The messages are those of Chromium's google_apis/gcm/protocol (checkin.proto, mcs.proto); of them
the few fields that a browser needs. A sender is held to RFC 8030 and 8292 by PushService.
"""

import json
import secrets
import socket
import ssl
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from push_service import BrowserPushService

HERE = Path(__file__).resolve().parent
ENDPOINT_HOST = "jmt17.google.com"
MCS_VERSION = 41
HEARTBEAT_PING, HEARTBEAT_ACK, LOGIN_REQUEST, LOGIN_RESPONSE, DATA = 0, 1, 2, 3, 8


def varint(number):
    out = bytearray()
    while number > 0x7f:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def number_field(field, value):
    return varint(field << 3) + varint(value)


def fixed64_field(field, value):
    return varint(field << 3 | 1) + value.to_bytes(8, "little")


def bytes_field(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


class Registration:
    def __init__(self, form):
        self.key = form["sender"]  # the application server's, base64url
        self.app = form["app"]
        self.subtype = form.get("X-subtype", "")


class ChromiumPush(BrowserPushService):
    """`flags` are what Chromium is started with, `ca` signs all of it."""

    def __init__(self, folder):
        self.browser = None
        self.browser_ready = threading.Event()
        super().__init__(folder, host=ENDPOINT_HOST)
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = service.checkin() if self.path == "/checkin" else service.register(body)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass
        self.gcm = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.gcm.serve_forever, daemon=True).start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Path(folder) / "push-service.pem")
        self.mcs = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def flags(self):
        gcm, mcs = self.gcm.server_port, self.mcs.getsockname()[1]
        return [f"--gcm-checkin-url=http://localhost:{gcm}/checkin",
                f"--gcm-registration-url=http://localhost:{gcm}/register",
                f"--gcm-mcs-endpoint=https://localhost:{mcs}"]

    def close(self):
        self.gcm.shutdown()
        self.gcm.server_close()
        self.mcs.close()
        super().close()

    def checkin(self):
        return (number_field(1, 1) + number_field(3, 1) + fixed64_field(7, 4711) +
                fixed64_field(8, 4712) + bytes_field(11, "1"))

    def register(self, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        if form.get("delete"):
            return b"deleted=1"
        token = secrets.token_urlsafe(32)
        with self.lock:
            self.registrations[token] = Registration(form)
        return f"token={token}".encode()

    def accept(self):
        while True:
            try:
                connection, _ = self.mcs.accept()
            except OSError:
                if self.mcs.fileno() < 0:
                    return
                continue  # one that did not finish its handshake
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        stream = connection.makefile("rb")
        stream.read(1)  # its version
        connection.sendall(bytes([MCS_VERSION]))
        while head := stream.read(1):
            size = shift = 0
            while (byte := stream.read(1)[0]) & 0x80:
                size |= (byte & 0x7f) << shift
                shift += 7
            stream.read(size | byte << shift)
            if head[0] == LOGIN_REQUEST:
                response = bytes_field(1, "login-1") + number_field(8, 1)
                connection.sendall(bytes([LOGIN_RESPONSE]) + varint(len(response)) + response)
                self.browser = connection
                self.browser_ready.set()
            elif head[0] == HEARTBEAT_PING:
                connection.sendall(bytes([HEARTBEAT_ACK, 0]))

    def deliver(self, registration, body):
        def app_data(key, value):
            return bytes_field(7, bytes_field(1, key) + bytes_field(2, value))
        stanza = (bytes_field(2, secrets.token_hex(8)) + bytes_field(3, registration.key) +
                  bytes_field(5, registration.app) +
                  app_data("subtype", registration.subtype) +
                  app_data("content-encoding", "aes128gcm") +
                  bytes_field(9, secrets.token_hex(8)) + bytes_field(21, body))
        self.browser.sendall(bytes([DATA]) + varint(len(stanza)) + stanza)


class Desktop:
    """A session bus with a notification daemon on it; `environment` leads a browser there."""

    def __init__(self):
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"],
                                    stdout=subprocess.PIPE, text=True)
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": self.bus.stdout.readline().strip()}
        self.daemon = subprocess.Popen(["/usr/bin/python3", HERE / "notification_daemon.py"],
                                       env=self.environment, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self.shown = []
        self.daemon.stdout.readline()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.daemon.stdout:
            self.shown.append(json.loads(line))

    def tap(self, number):
        self.daemon.stdin.write(f"{number}\n")
        self.daemon.stdin.flush()

    def close(self):
        self.daemon.stdin.close()
        self.daemon.wait(10)
        self.bus.terminate()
        self.bus.wait(10)
        self.bus.stdout.close()
