#!/usr/bin/env python3
"""Two phones of one person, each a real Chromium with passkeys of its own: the new one takes the old
one's place. What it then approves is verified by OpenSSL; what a hostile server says both refuse."""

import base64
import json
import time
import unittest

from appliance import wait_until
from browser import Browser
from phone import Phone, WithCamera, digest


class Changing:
    """The new phone beside the old one."""

    def setUp(self):
        super().setUp()
        self.new = Browser(self.world.appliance.tls_ca)
        self.addCleanup(self.new.close)

    def accessible(self, browser):
        for scheme in ("light", "dark"):
            browser.colorScheme(scheme=scheme)
            self.assertEqual(browser.accessibility(), [])
            self.assertEqual(browser.targets(), [])

    def join(self):
        """The new phone shows its code; answers the short one."""
        self.new.goto(url=self.approve_at + "/")
        self.new.click(selector="#to-join")
        self.new.wait(selector="#create")
        self.accessible(self.new)
        self.new.fill(selector="#device-name", text="Máy mới")
        self.new.click(selector="#create")
        self.new.wait(selector="#move-code")
        return self.new.text(selector="#short-code")

    def takes(self, code):
        """The old phone is told the code by hand."""
        self.browser.goto(url=self.approve_at + "/move")
        self.browser.fill(selector="#code", text=code)
        self.browser.click(selector="#next")

    def stored(self, browser):
        return json.loads(browser.evaluate(script="localStorage.getItem('kyso-phone')"))

    def assert_new_signs(self):
        """As the portal asks, on the new phone."""
        hashes = [digest()]
        handle = self.asks(hashes, ("Hợp đồng",))
        self.new.goto(url=self.approve_at + "/")
        self.new.click(selector="#approve")
        self.new.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)


class ByCamera(Changing, WithCamera):
    def test_in_less_than_a_minute(self):
        waiting = self.asks([digest()], ("Đang chờ",))  # asked of the old phone, and not answered
        begun = time.monotonic()
        code = self.join()
        self.accessible(self.new)
        wait_until(self.new.scan, "the code")
        self.film(base64.b64decode(self.new.picture()))

        self.browser.goto(url=self.approve_at + "/devices")
        self.browser.click(selector="#to-move")
        self.browser.wait(selector="#code")
        self.accessible(self.browser)
        self.browser.click(selector="#to-scan")
        self.browser.waitText(selector="#short-code", text=code)
        self.assertEqual(self.browser.text(selector="#new-phone"), "Máy mới")
        self.assertIn("CN=Signer an", self.browser.text(selector="#subjects"))
        self.accessible(self.browser)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="#waiting", text="xác nhận trên điện thoại mới")
        self.accessible(self.browser)

        self.new.waitText(selector="#subjects", text="CN=Signer an")
        self.assertEqual(self.new.text(selector="#short-code"), code)
        self.accessible(self.new)
        self.new.click(selector="#approve")
        self.new.waitText(selector="h1", text="đã thay điện thoại cũ")
        self.browser.waitText(selector="h1", text="Đã chuyển")
        self.assertLess(time.monotonic() - begun, 60)
        self.accessible(self.new)
        self.accessible(self.browser)

        # The old one knows nothing any more, and may be somebody's again.
        self.assertIsNone(self.browser.evaluate(script="localStorage.getItem('kyso-phone')"))
        self.browser.click(selector="#close")
        self.browser.waitText(selector="h1", text="chưa được ghi danh")
        self.browser.complaints()  # Chromium's own, about the 401 by which it found out

        # What had waited is asked of the new one, in the way that it was.
        self.new.click(selector="#back")
        self.new.waitText(selector="#documents", text="Đang chờ")
        self.new.click(selector="#reject")
        self.new.waitText(selector="h1", text="Đã từ chối")
        self.assertNotEqual(self.outcome(waiting).status, 200)
        self.assert_new_signs()
        self.new.goto(url=self.approve_at + "/history")
        self.new.waitText(selector=".entries", text="Đổi điện thoại")
        self.accessible(self.new)
        self.new.goto(url=self.approve_at + "/devices")
        wait_until(lambda: self.new.count(selector=".entry") == 1, "the one phone")
        self.assertIn("Máy mới", self.new.text(selector=".entry"))
        self.assertEqual(self.new.complaints(), [])


class ByHand(Changing, Phone):
    """The short code typed, no pointer, in English."""

    def tabs_to(self, browser, where):
        for _ in range(40):
            if browser.focused() == where:
                return
            browser.press(key="Tab")
        self.fail(f"no way to {where} by keyboard")

    def presses(self, browser, where):
        self.tabs_to(browser, where)
        browser.press(key="Enter")

    def test_by_keyboard_alone_and_in_english(self):
        for browser in (self.browser, self.new):
            browser.goto(url=self.approve_at + "/")
            browser.wait(selector="#empty, #to-join")
            self.presses(browser, "language")
            wait_until(lambda: browser.language() == "en", "English")
        self.presses(self.new, "to-join")
        self.new.wait(selector="#create")
        self.presses(self.new, "create")
        self.new.waitText(selector="h1", text="Show this code to the old phone")
        code = self.new.text(selector="#short-code")

        self.presses(self.browser, "to-devices")
        self.browser.wait(selector="#to-move")
        self.presses(self.browser, "to-move")
        self.browser.wait(selector="#code")
        self.tabs_to(self.browser, "code")
        for letter in code.lower().replace("-", ""):
            self.browser.press(key=letter)
        self.browser.press(key="Enter")
        self.browser.waitText(selector="#short-code", text=code)
        self.tabs_to(self.browser, "approve")
        order = ["approve"]
        for _ in range(2):
            self.browser.press(key="Tab")
            order.append(self.browser.focused())
        self.assertEqual(order, ["approve", "reject", "not-mine"])
        self.browser.press(key="Shift+Tab")
        self.browser.press(key="Shift+Tab")
        self.browser.press(key="Enter")
        self.browser.waitText(selector="#waiting", text="confirm on the new phone")
        self.new.waitText(selector="h1", text="Is this you?")
        self.presses(self.new, "approve")
        self.new.waitText(selector="h1", text="in the old one's place")
        self.browser.waitText(selector="h1", text="Changed to the new phone")
        self.presses(self.browser, "close")
        self.browser.waitText(selector="h1", text="not enrolled")
        self.browser.complaints()  # Chromium's own, about the 401 by which it found out


class Refusing(Changing, Phone):
    """Nothing of it changes anything: the old phone signs on."""

    def tearDown(self):
        self.new.honest()
        self.assertEqual(self.new.complaints(), [])
        super().tearDown()
        handle = self.asks([digest()])
        self.opens()
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.assertNotEqual(self.outcome(handle).status, 200)

    def test_a_server_that_puts_its_own_phone_there(self):
        code = self.join()
        theirs = Browser(self.world.appliance.tls_ca)
        self.addCleanup(theirs.close)
        theirs.goto(url=self.approve_at + "/join")
        theirs.click(selector="#create")
        theirs.wait(selector="#move-code")
        self.browser.alter(**{"path": "/moves/take", "from": self.stored(self.new)["point"],
                              "to": self.stored(theirs)["point"]})

        self.takes(code)

        self.browser.waitText(selector="#refused", text="new_phone")
        self.assertEqual(self.browser.count(selector="#approve"), 0)
        self.accessible(self.browser)
        self.new.waitText(selector="#ended", text="bị từ chối")
        self.accessible(self.new)

    def test_a_server_that_has_the_new_phone_take_somebody_elses_place(self):
        code = self.join()
        self.new.alter(**{"path": "/moves/own", "from": "CN=Signer an", "to": "CN=Signer binh"})
        self.takes(code)

        self.new.waitText(selector="#refused", text="documents")
        self.assertEqual(self.new.count(selector="#approve"), 0)
        self.accessible(self.new)

    def test_a_link_that_somebody_sent_begins_nothing(self):
        self.join()
        mark = self.stored(self.new)["thumbprint"]
        self.browser.goto(url=f"{self.approve_at}/move#{mark}")
        self.browser.wait(selector="#code")
        self.assertEqual(self.browser.count(selector="#approve, #short-code"), 0)

    def test_a_code_that_no_phone_shows(self):
        self.takes("0000-0000-0000")
        self.browser.waitText(selector="#message", text="Không có điện thoại nào")
        self.accessible(self.browser)
        self.browser.complaints()  # Chromium's own, about the 404
        self.takes("123")
        self.browser.waitText(selector="#message", text="mười hai")

    def test_either_phone_says_no_and_it_may_begin_again(self):
        self.takes(self.join())
        self.browser.wait(selector="#reject")
        # Found again among what waits, it leads back to the code.
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#code")
        self.takes(self.new.text(selector="#short-code"))
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="#outcome", text="Không có gì thay đổi")
        self.accessible(self.browser)
        self.new.waitText(selector="#ended", text="bị từ chối")

        self.new.click(selector="#create")
        self.new.wait(selector="#move-code")
        self.assertEqual(len(self.new.passkeys()), 1)  # the same one once more
        self.takes(self.new.text(selector="#short-code"))
        self.browser.wait(selector="#approve")
        self.new.wait(selector="#subjects")
        self.new.click(selector="#reject")
        self.new.wait(selector="#ended")
        self.browser.click(selector="#approve")  # it has not heard of that
        self.browser.waitText(selector="#outcome", text="Không có gì thay đổi")
        self.browser.complaints()  # Chromium's own, about the 409

    def test_not_started_by_the_person(self):
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        self.takes(self.join())
        self.browser.click(selector="#not-mine")
        self.browser.waitText(selector="h1", text="bạn không bắt đầu việc này")
        self.new.wait(selector="#ended")
        self.world.appliance.admin("signer", "unfreeze", "an")

    def test_needs_the_person_on_both_phones(self):
        self.takes(self.join())
        self.browser.verifies(user=False)
        self.addCleanup(self.browser.verifies, user=True)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="#message", text="Đã hủy")
        self.new.verifies(user=False)
        self.new.wait(selector="#subjects")
        self.new.click(selector="#approve")
        self.new.waitText(selector="#message", text="Đã hủy")
        self.browser.verifies(user=True)
        self.browser.click(selector="#reject")
        self.browser.wait(selector="#outcome")


if __name__ == "__main__":
    unittest.main(verbosity=2)
