#!/usr/bin/env python3
"""A phone whose browser is Firefox: subscribed by it, sent by our server, decrypted by it and shown on
a desktop. The push service between them is a stand-in (firefox_push.py). The passkey is in a phone in
software, since this Firefox has none: the page has the session of that phone."""

import hashlib
import json
import secrets
import tempfile
import unittest
import urllib.parse

from appliance import wait_until
from cases import SHA256
from chromium_push import Desktop
from firefox import Firefox
from firefox_push import DECRYPTED, NOT_DECRYPTED, FirefoxPush
from world import World, b64, b64url


class ToldByFirefox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="kyso-push-")
        cls.addClassCleanup(folder.cleanup)
        cls.service = FirefoxPush(folder.name)
        cls.addClassCleanup(cls.service.close)
        cls.desktop = Desktop()
        cls.addClassCleanup(cls.desktop.close)
        cls.world = World(f'answer_seconds = 60\n\n[push]\nrelay = "{cls.service.relay}"\n'
                          f'ca = "{cls.service.ca}"\n')
        cls.addClassCleanup(cls.world.remove)
        cls.world.add_signer("an")
        cls.credential, _ = cls.world.enrol("an", "an")
        client, secret = cls.world.add_client("Portal", "--all-signers")
        cls.token = cls.world.token(client, secret)
        port = urllib.parse.urlsplit(cls.world.appliance.url).port
        cls.approve_at = f"https://approve.localhost:{port}"
        cls.browser = Firefox(
            cls.world.appliance.tls_ca, environment=cls.desktop.environment,
            preferences={**cls.service.preferences, "intl.accept_languages": "vi-VN"})
        cls.addClassCleanup(cls.browser.close)
        cls.subscribe()

    @classmethod
    def subscribe(cls):
        """By the switch on the settings page, as a person does it."""
        digest = b64url(secrets.token_bytes(32))
        phone = {"format": 1, "name": "Máy của An", "passkey_id": digest, "thumbprint": digest,
                 "point": b64url(b"\4" + secrets.token_bytes(64)), "backup_eligible": False,
                 "session": cls.world.session(cls.world.phone("an")), "keys": []}
        browser = cls.browser
        browser.goto(cls.approve_at + "/")
        browser.evaluate(f"localStorage.setItem('kyso-phone', {json.dumps(json.dumps(phone))})")
        browser.goto(cls.approve_at + "/settings")
        wait_until(lambda: (browser.text("#notify") or "").endswith("tắt"), "the switch")
        wait_until(lambda: browser.evaluate("!document.querySelector('#notify').disabled"),
                   "the switch to be ready")
        browser.click("#notify")
        wait_until(lambda: browser.text("#notify").endswith("bật"), "the subscription")

    def setUp(self):
        self.desktop.shown.clear()
        self.service.codes.clear()

    def ask(self):
        body = {"credentialID": self.credential, "numSignatures": 1,
                "hashes": [b64(hashlib.sha256(secrets.token_bytes(8)).digest())],
                "hashAlgorithmOID": SHA256, "description": "Mua nhà"}
        got = self.world.client.post("/csc/v2/credentials/authorize", body, self.token)
        self.assertEqual(got.status, 202, got.text)
        self.addCleanup(self.world.approve, "an")

    def acknowledged(self, count):
        wait_until(lambda: len(self.service.codes) >= count, "the browser's acknowledgement")
        return self.service.codes

    def test_it_decrypts_and_shows_that_something_waits(self):
        self.ask()
        wait_until(lambda: self.desktop.shown, "a notification")
        (shown,) = self.desktop.shown
        self.assertEqual(shown["title"], "Có yêu cầu chờ bạn xem")
        self.assertNotIn("Mua nhà", str(shown))
        self.assertEqual(self.acknowledged(1), [DECRYPTED])

    def test_what_was_altered_on_its_way_is_not_shown(self):
        self.addCleanup(setattr, self.service, "spoil", lambda body: body)
        self.service.spoil = lambda body: body[:-1] + bytes([body[-1] ^ 1])
        self.ask()
        self.assertEqual(self.acknowledged(1), [NOT_DECRYPTED])
        self.assertEqual(self.desktop.shown, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
