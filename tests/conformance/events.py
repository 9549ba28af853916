#!/usr/bin/env python3
"""What an open phone hears: that its inbox has changed, at once, and nothing of what is in it."""

import hashlib
import secrets
import socket
import ssl
import time
import unittest
import urllib.parse

from appliance import wait_until
from cases import SHA256
from world import World, b64

EVENT = b"event: inbox\ndata: changed\n\n"
EACH_PERSON = 8


class Stream:
    """An event stream at `host`, opened with the header by which the caller is known."""

    def __init__(self, world, host, path, header):
        url = urllib.parse.urlsplit(world.appliance.url)
        context = ssl.create_default_context(cafile=world.appliance.tls_ca)
        plain = socket.create_connection(("127.0.0.1", url.port), 30)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n".encode())
        self.received = b""
        self.head = self.until(b"\r\n\r\n")
        self.status = int(self.head.split()[1])

    def until(self, text):
        while text not in self.received:
            more = self.socket.recv(4096)
            if not more:
                raise AssertionError(f"ended after {self.received!r}")
            self.received += more
        taken, self.received = self.received.split(text, 1)
        return taken + text

    def is_quiet(self, seconds):
        self.socket.settimeout(seconds)
        try:
            return not self.received and not self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(30)

    def has_ended(self):
        return self.socket.recv(4096) == b""

    def close(self):
        self.socket.close()


def inbox(world, session):
    return Stream(world, "approve.localhost", "/approve/v1/events",
                  f"Authorization: Bearer {session}")


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.remove)
        cls.credentials = {}
        for name in ("an", "binh"):
            world.add_signer(name)
            cls.credentials[name], _ = world.enrol(name, name)
        client, secret = world.add_client("Portal", "--all-signers")
        cls.token = world.token(client, secret)

    def open(self, name):
        stream = inbox(self.world, self.world.session(self.world.phone(name)))
        self.addCleanup(stream.close)
        self.assertEqual(stream.status, 200, stream.head)
        self.assertIn(b"\r\nContent-Type: text/event-stream\r\n", stream.head)
        self.assertEqual(stream.until(EVENT), EVENT)
        return stream

    def asks(self, name):
        got = self.world.client.post("/csc/v2/credentials/authorize", {
            "credentialID": self.credentials[name], "numSignatures": 1,
            "hashes": [b64(hashlib.sha256(secrets.token_bytes(8)).digest())],
            "hashAlgorithmOID": SHA256}, self.token)
        self.assertEqual(got.status, 202, got.text)

    def test_every_phone_of_the_person_hears_and_nobody_else(self):
        mine, also_mine, other = self.open("an"), self.open("an"), self.open("binh")
        begun = time.monotonic()
        self.asks("an")
        self.assertEqual(mine.until(EVENT), EVENT)
        self.assertEqual(also_mine.until(EVENT), EVENT)
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(len(self.world.pending("an")), 1)  # the hint comes when it is there
        self.assertTrue(other.is_quiet(0.3))

        self.world.approve("an")
        self.assertEqual(mine.until(EVENT), EVENT)
        self.assertTrue(other.is_quiet(0.3))

    def test_officers_hear_of_what_waits_for_them(self):
        officer = inbox(self.world, self.world.session(self.world.appliance.officer))
        self.addCleanup(officer.close)
        officer.until(EVENT)
        self.asks("an")
        self.assertTrue(officer.is_quiet(0.3))
        self.world.approve("an")
        self.world.enrol("binh", "binh-2")
        self.assertEqual(officer.until(EVENT), EVENT)

    def test_no_more_than_so_many_of_one_person(self):
        streams = [self.open("an") for _ in range(EACH_PERSON)]
        session = self.world.session(self.world.phone("an"))
        one_more = inbox(self.world, session)
        self.assertEqual(one_more.status, 429, one_more.head)
        one_more.close()
        self.open("binh")
        streams.pop().close()

        def there_is_room():
            stream = inbox(self.world, session)
            stream.close()
            return stream.status == 200
        wait_until(there_is_room, "room for one more")

    def test_a_stop_ends_them(self):
        stream = self.open("an")
        begun = time.monotonic()
        self.world.restart()
        self.assertTrue(stream.has_ended())
        self.assertLess(time.monotonic() - begun, 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
