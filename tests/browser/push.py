#!/usr/bin/env python3
"""A phone that is told through its browser: subscribed by a real Chromium, sent by our server,
decrypted by Chromium, shown on a desktop, tapped, and answered. Only the push service between them
is a stand-in (chromium_push.py)."""

import tempfile
import unittest

from appliance import wait_until
from browser import Browser
from chromium_push import ChromiumPush, Desktop
from phone import ATTACKS, Phone, digest
from world import World


class Told(Phone):
    @classmethod
    def make_world(cls):
        folder = tempfile.TemporaryDirectory(prefix="kyso-push-")
        cls.addClassCleanup(folder.cleanup)
        cls.service = ChromiumPush(folder.name)
        cls.addClassCleanup(cls.service.close)
        cls.desktop = Desktop()
        cls.addClassCleanup(cls.desktop.close)
        return World(f'answer_seconds = 60\n\n[push]\nrelay = "{cls.service.relay}"\n'
                     f'ca = "{cls.service.ca}"\n')

    @classmethod
    def make_browser(cls):
        return Browser(cls.world.appliance.tls_ca, cls.service.ca, flags=cls.service.flags,
                       environment=cls.desktop.environment)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser.allow(permission="notifications", origin=cls.approve_at)

    def setUp(self):
        super().setUp()
        self.switch("tắt", "bật")
        self.desktop.shown.clear()

    def tearDown(self):
        self.browser.closeOpened()
        super().tearDown()

    def switch(self, before, after):
        """The switch `notify me` from one state to the other, if it is not there already."""
        self.browser.goto(url=self.approve_at + "/settings")
        wait_until(lambda: self.browser.text(selector="#notify").endswith((before, after)) and
                   self.browser.enabled(selector="#notify"), "the switch")
        if self.browser.text(selector="#notify").endswith(before):
            self.browser.click(selector="#notify")
        self.browser.waitText(selector="#notify", text=after)

    def is_told(self):
        wait_until(lambda: self.desktop.shown, "a notification")
        (shown,) = self.desktop.shown
        return shown

    def test_from_the_portal_to_the_signature(self):
        self.browser.goto(url="about:blank")
        hashes = [digest()]
        handle = self.asks(hashes, ("Hợp đồng mật",), description="Mua nhà")
        shown = self.is_told()
        self.assertEqual(shown["title"], "Có yêu cầu chờ bạn xem")
        for secret in ("Hợp đồng", "Mua nhà", ATTACKS[0], handle):
            self.assertNotIn(secret, str(shown))
        self.desktop.tap(shown["number"])
        there = wait_until(self.browser.openedUrl, "a page")
        self.assertTrue(there.startswith(self.approve_at + "/c/tx_"), there)

        # The passkey of this test is the first page's own.
        self.browser.closeOpened()
        self.browser.goto(url=there)
        self.browser.waitText(selector="#documents", text="Hợp đồng mật")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)

    def test_leads_an_open_app_there(self):
        handle = self.asks([digest()])
        self.desktop.tap(self.is_told()["number"])
        self.browser.wait(selector="#approve")
        self.assertIn("/c/tx_", self.browser.url())
        self.ends(handle)

    def test_what_was_altered_on_its_way_is_not_shown(self):
        self.addCleanup(setattr, self.service, "spoil", lambda body: body)
        self.service.spoil = lambda body: body[:-1] + bytes([body[-1] ^ 1])
        sent = len(self.service.received())
        altered = self.asks([digest()])
        wait_until(lambda: len(self.service.received()) > sent, "the message")
        self.service.spoil = lambda body: body
        honest = self.asks([digest()])
        # They come in order: when the second is shown the first would have been.
        shown = self.is_told()
        self.desktop.tap(shown["number"])
        self.browser.wait(selector="#approve")
        for handle in (honest, altered):
            self.browser.click(selector="#reject")
            self.browser.waitText(selector="h1", text="Đã từ chối")
            self.assertNotEqual(self.outcome(handle).status, 200)
            if handle == honest:
                self.opens()

    def test_a_server_that_has_forgotten_is_told_again(self):
        removed = self.browser.evaluate(script="""fetch("/approve/v1/push/remove", { method: "POST",
            headers: { Authorization: "Bearer " + JSON.parse(localStorage["kyso-phone"]).session },
        }).then((answer) => answer.json()).then(({ endpoint }) => endpoint)""")
        self.assertIsNone(removed)
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")

        def is_on():
            self.browser.goto(url=self.approve_at + "/settings")
            wait_until(lambda: self.browser.enabled(selector="#notify"), "the switch")
            return self.browser.text(selector="#notify").endswith("bật")
        wait_until(is_on, "the subscription")
        handle = self.asks([digest()])
        self.is_told()
        self.ends(handle)

    def test_is_silent_in_quiet_hours(self):
        def quiet(begin, end):
            self.browser.goto(url=self.approve_at + "/settings")
            self.browser.wait(selector="#quiet-to")
            self.browser.fill(selector="#quiet-from", text=begin)
            self.browser.fill(selector="#quiet-to", text=end)
            self.browser.press(key="Tab")
        quiet("00:00", "00:00")  # all day
        self.addCleanup(quiet, "", "")
        handle = self.asks([digest()])
        self.assertTrue(self.is_told()["silent"])
        self.ends(handle)

    def test_is_told_nothing_once_it_is_switched_off(self):
        self.switch("bật", "tắt")
        self.assert_accessible()
        sent = len(self.service.received())
        handle = self.asks([digest()])
        self.opens()
        self.ends(handle)
        self.assertEqual(len(self.service.received()), sent)
        self.assertEqual(self.desktop.shown, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
