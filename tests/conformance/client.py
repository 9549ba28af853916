"""Requests as they are written, over HTTPS to loopback and over the admin socket."""

import http.client
import json
import socket
import ssl
import urllib.parse


class _Https(http.client.HTTPSConnection):
    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout,
                                         self.source_address)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class _Local(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read()

    @property
    def json(self):
        try:
            return json.loads(self.text)
        except ValueError:
            return {}


class Client:
    """One keep-alive connection for each host, opened again when the server has closed it."""

    def __init__(self, appliance, source="127.0.0.1", certificate=None):
        """`source`: an address of loopback. `certificate`: files of one and its key, for TLS."""
        self._source = (source, 0)
        self._port = urllib.parse.urlsplit(appliance.url).port
        self._context = ssl.create_default_context(cafile=appliance.tls_ca)
        if certificate:
            self._context.load_cert_chain(*certificate)
        self._socket = appliance.data / "run/admin.sock"
        self._connections = {}

    def _open(self, host):
        if host == "admin":
            return _Local(self._socket)
        # The certificate names our hosts; a strange Host header needs a connection all the same.
        name = host if host.endswith(".localhost") else "api.localhost"
        return _Https(name, self._port, context=self._context, timeout=90,
                      source_address=self._source)

    def send(self, host, method, path, headers=(), body=b"", content_length=None):
        """`headers`: pairs. `host`: "admin" for the socket."""
        for attempt in range(2):
            connection = self._connections.pop(host, None)
            is_kept = connection is not None
            connection = connection or self._open(host)
            try:
                connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                connection.putheader("Host", "localhost" if host == "admin"
                                     else f"{host}:{self._port}")
                for name, value in headers:
                    connection.putheader(name, value)
                length = len(body) if content_length is None else content_length
                if length or method == "POST":
                    connection.putheader("Content-Length", str(length))
                connection.endheaders(body or None)
                response = connection.getresponse()
                answer = Answer(response)
            except (OSError, http.client.HTTPException):
                connection.close()
                if not is_kept or attempt:
                    raise
                continue
            if response.will_close or content_length is not None:
                connection.close()
            else:
                self._connections[host] = connection
            return answer

    def post(self, path, body, token):
        return self.send("api.localhost", "POST", path, [("Content-Type", "application/json"),
                                                         ("Authorization", "Bearer " + token)],
                         json.dumps(body).encode())

    def close(self):
        while self._connections:
            self._connections.popitem()[1].close()


def post_once(appliance, path, body, token):
    """On a connection of its own, so from any thread."""
    client = Client(appliance)
    try:
        return client.post(path, body, token)
    finally:
        client.close()
