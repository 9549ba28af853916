#!/usr/bin/env python3
"""A request that begins at our own page on another screen, or on the phone itself."""

import base64
import hashlib
import json
import subprocess
import unittest
import urllib.parse

from appliance import wait_until
from browser import HERE
from cases import SHA256
from phone import SIDE, WithCamera, digest
from world import b64url


class FromABrowser(WithCamera):
    """Begun at our own page on another screen, or on this very device."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.callback = "https://portal.example/callback"
        cls.world.appliance.admin("client", "set", cls.client,
                                  "oauth.redirect_uris=" + cls.callback)
        cls.login_at = cls.approve_at.replace("approve.", "login.")
        invited = cls.world.appliance.admin("signer", "login-invite", "an")
        cls.browser.goto(url=invited["link"])
        cls.browser.fill(selector="#name", text="Máy ở nhà")
        cls.browser.click(selector="#register")
        cls.browser.waitText(selector="#message", text="Đã tạo khóa")

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def asks_in_the_browser(self, one, how):
        self.browser.dropCookies()
        self.browser.goto(url=self.login_at + "/oauth2/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": self.client, "redirect_uri": self.callback,
            "code_challenge": b64url(hashlib.sha256(b"x" * 43).digest()),
            "code_challenge_method": "S256", "scope": "credential",
            "credentialID": self.credential, "numSignatures": 1, "hashes": b64url(one),
            "hashAlgorithmOID": SHA256}))
        self.browser.click(selector="#sign-in")
        self.browser.wait(selector=how)
        self.browser.click(selector=how)

    def number(self):
        self.asks_in_the_browser(digest(), "#phone")
        self.browser.wait(selector="#number")
        number = self.browser.text(selector="#number")
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#number")
        self.assertFalse(self.browser.enabled(selector="#approve"))  # not without it
        self.assert_accessible()
        return number

    def test_with_the_number_typed(self):
        self.browser.fill(selector="#number", text=self.number())
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")

    def test_another_number_ends_it(self):
        other = f"{(int(self.number()) + 1) % 100:02}"
        self.browser.fill(selector="#number", text=other)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.browser.waitText(selector="#outcome", text="không phải số")
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")

    def test_on_the_same_device(self):
        self.asks_in_the_browser(digest(), "#screen")
        link = wait_until(lambda: (found := self.browser.attribute(
            selector="#same-device", name="href")) and "#" in found and found, "the link")
        self.browser.goto(url=link)
        self.browser.wait(selector="#approve")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")

    def test_by_the_camera(self):
        self.asks_in_the_browser(digest(), "#screen")
        self.browser.wait(selector="#start")
        wait_until(self.browser.scan, "the code")
        self.film(base64.b64decode(self.browser.picture()))
        self.browser.goto(url=self.approve_at + "/scan")
        self.browser.wait(selector="#approve")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")

    def test_the_camera_follows_no_other_code(self):
        invited = self.world.appliance.admin("signer", "login-invite", "an")
        library = HERE.parent.parent / "cloudsign/web/node_modules/qr/index.js"
        draw = (f"import draw from {json.dumps(str(library))};"
                f"console.log(JSON.stringify(draw({json.dumps(invited['link'])}, 'raw')))")
        drawn = subprocess.run([HERE / "node_modules/.bin/node", "--input-type=module", "-e", draw],
                               capture_output=True, check=True, text=True)
        dots = json.loads(drawn.stdout)
        scale = 280 // len(dots)
        grey = bytearray(b"\xff" * SIDE * SIDE)
        for y, row in enumerate(dots):
            for x, is_dark in enumerate(row):
                for i in range(scale if is_dark else 0):
                    at = (y * scale + i) * SIDE + x * scale
                    grey[at:at + scale] = bytes(scale)
        self.film(bytes(grey))
        self.browser.goto(url=self.approve_at + "/scan")
        self.browser.waitText(selector="#message", text="không phải mã của Kyso")
        self.assertEqual(self.browser.url(), self.approve_at + "/scan")
        self.assert_accessible()

    def test_a_link_that_is_stale_or_forged(self):
        self.browser.goto(url=self.approve_at + "/start#tx_none.AAAA")
        self.browser.waitText(selector="#message", text="Không tìm thấy")
        self.browser.complaints()  # Chromium's own, about the 404


if __name__ == "__main__":
    unittest.main(verbosity=2)
