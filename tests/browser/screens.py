#!/usr/bin/env python3
"""Every page of the phone's app as people see it: kept as PNG in $KYSO_SCREENS, at a phone's and a
desk's size, light and dark, in both languages; each also judged by axe, at 200 % zoom, without
motion and in forced colours."""

import os
import tempfile
import unittest
from pathlib import Path

from appliance import wait_until
from browser import Browser
from phone import ATTACKS, Phone, digest

FOLDER = Path(os.environ.get("KYSO_SCREENS") or tempfile.mkdtemp(prefix="kyso-screens-"))
STRANGE = [one.encode()[:255].decode() for one in ATTACKS]  # as long as a name may be
SIZES = ((390, 844), (1280, 800))


class Pages:
    """How a page is kept and judged: before the class that has the browser."""

    usual = {"width": 390, "height": 844}

    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.browser.viewport, **self.usual)
        self.addCleanup(self.browser.media, colorScheme="light", forcedColors="none",
                        reducedMotion="no-preference")

    def keep(self, name):
        """The page that is there now, in every form."""
        for language in ("vi", "en"):
            self.speaks(language)
            for scheme in ("light", "dark"):
                self.browser.media(colorScheme=scheme)
                for width, height in SIZES:
                    self.browser.viewport(width=width, height=height)
                    self.fits(name)
                    self.browser.screenshot(
                        path=str(FOLDER / f"{name}-{width}x{height}-{scheme}-{language}.png"))
            self.forced(name)
            self.zoomed(name)
        self.speaks("vi")

    def speaks(self, language):
        """Not only asked: a page left before its texts came keeps the old language."""
        if self.browser.language() != language:
            self.browser.click(selector="#language")
            wait_until(lambda: self.browser.language() == language, "the other language")

    def fits(self, name):
        self.assertEqual(self.browser.accessibility(), [], name)
        self.assertEqual(self.browser.targets(), [], name)
        self.assertLessEqual(self.browser.overflow(), 0, name)

    def forced(self, name):
        self.browser.media(forcedColors="active", reducedMotion="reduce")
        self.assertEqual(self.browser.accessibility(), [], name)
        self.assertEqual(self.browser.moving(), 0, name)
        self.browser.media(forcedColors="none", reducedMotion="no-preference")

    def zoomed(self, name):
        """200 % of 1280 is 640 dots of a page's own, of a phone's 390 it is 195."""
        for width, height in SIZES:
            self.browser.viewport(width=width // 2, height=height // 2)
            self.assertLessEqual(self.browser.overflow(), 0, f"{name} at {width // 2}")


class Kept(Pages, Phone):
    """Of the phone's app."""

    def shows(self, path, selector):
        self.browser.goto(url=self.approve_at + path)
        self.browser.wait(selector=selector)


class Screens(Kept):
    def test_without_anything_to_do(self):
        self.shows("/", "#empty")
        self.keep("inbox-empty")
        self.shows("/enrol", "#back")
        self.keep("enrolled-already")
        self.shows("/settings", "#notify, #notify-none")
        self.browser.wait(selector="#quiet-to")
        self.keep("settings")
        self.shows("/devices", ".entry")
        self.keep("devices")
        self.shows("/scan", "#message:not(:empty)")
        self.keep("scan-without-camera")
        self.shows("/c/tx_none", "#message:not(:empty)")
        self.keep("not-found")
        self.browser.complaints()  # Chromium's own, about the 404

    def test_a_question_and_its_ends(self):
        handles = [self.asks([digest() for _ in labels], labels, description=why)
                   for labels, why in ((("Hợp đồng mua bán số 17/2026",), "Ký hợp đồng mua bán"),
                                       (STRANGE, ATTACKS[5]))]
        self.shows("/", ".entry")
        wait_until(lambda: self.browser.count(selector=".entry") == 2, "two that wait")
        self.keep("inbox")
        self.browser.click(selector="li:nth-child(2) .entry")
        self.browser.wait(selector="#approve")
        self.keep("question-strange")
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.keep("rejected")
        self.opens()
        self.keep("question")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.keep("approved")
        self.shows("/history", ".entry")
        self.keep("history")
        self.assertNotEqual(self.outcome(handles[1]).status, 200)
        self.assertEqual(self.outcome(handles[0]).status, 200)

    def test_a_refusal(self):
        handle = self.asks([digest()], ("Bán nhà",))
        self.browser.alter(**{"path": "/approve/v1/transactions/", "from": "Bán nhà",
                              "to": "Thư mời"})
        self.shows("/", "#refused")
        self.keep("refused")
        self.ends(handle)


class ChangeOfPhones(Kept):
    """What the old phone and the new one show each other."""

    def of(self, browser, name):
        """The page of either phone."""
        own, self.browser = self.browser, browser
        try:
            self.keep(name)
        finally:
            self.browser = own

    def test_from_one_to_the_other(self):
        new = Browser(self.world.appliance.tls_ca)
        self.addCleanup(new.close)
        new.goto(url=self.approve_at + "/")
        new.wait(selector="#to-join")
        self.of(new, "welcome")
        new.click(selector="#to-join")
        new.wait(selector="#create")
        self.of(new, "join")
        new.fill(selector="#device-name", text=STRANGE[5][:40])
        new.click(selector="#create")
        new.wait(selector="#move-code")
        self.of(new, "join-code")
        self.shows("/move", "#code")
        self.keep("move")
        self.browser.fill(selector="#code", text=new.text(selector="#short-code"))
        self.browser.click(selector="#next")
        self.browser.wait(selector="#approve")
        self.keep("move-question")
        new.wait(selector="#subjects")
        self.of(new, "join-question")
        self.browser.click(selector="#approve")
        self.browser.wait(selector="#waiting")
        self.keep("move-waiting")
        new.click(selector="#approve")
        new.waitText(selector="h1", text="đã thay điện thoại cũ")
        self.of(new, "join-done")
        self.browser.wait(selector="#close")
        self.keep("move-done")
        self.browser.complaints()  # Chromium's own, about the 401 by which it found out


if __name__ == "__main__":
    unittest.main(verbosity=2)
