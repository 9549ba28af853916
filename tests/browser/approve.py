#!/usr/bin/env python3
"""A person's phone: enrols by invitation, is shown what a portal asks, answers, and looks back. What it approves is
verified by OpenSSL."""

import time
import unittest

from appliance import run, wait_until
from cases import SHA256
from phone import ATTACKS, SHOWN, Phone, digest
from world import World, b64


class Approving(Phone):
    def test_signs_what_it_shows(self):
        hashes = [digest(), digest()]
        handle = self.asks(hashes, ("Hợp đồng số 1", "Hợp đồng số 2"), description="Ký hợp đồng")
        self.opens()
        self.assertIn("Ký hợp đồng", self.browser.text(selector="#purpose"))
        self.assertEqual(self.browser.text(selector="#documents"), "Hợp đồng số 1Hợp đồng số 2")
        self.assertEqual(self.browser.text(selector="#count"), "2 tài liệu")
        self.assertIn("CN=Signer an", self.browser.text(selector="#subject"))
        self.assertRegex(self.browser.text(selector="#countdown"), r"Còn lại \d+:\d\d")
        self.assertIn("ECDSA, SHA-256", self.browser.text(selector="#algorithm"))
        self.assertIn(hashes[1].hex(), self.browser.text(selector="details"))
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")

        self.assert_signs(handle, hashes)
        self.browser.waitText(selector="h1", text="Đã ký")
        self.assertIn("2", self.browser.text(selector="#receipts"))
        self.assert_accessible()

    def test_who_asks_has_a_badge_once_the_operator_has_made_sure(self):
        def verified(organisation):
            self.world.appliance.admin("client", "set", self.client,
                                       f"portal.verified_as={organisation}")
        self.addCleanup(verified, "")
        handle = self.asks([digest()], ("Đơn",))
        self.opens()
        self.assertIn("chưa xác minh", self.browser.text(selector="#unverified"))
        self.assertEqual(self.browser.count(selector="#verified"), 0)
        for organisation, shown in zip(("Sở Y tế tỉnh Kon Tum", ATTACKS[0]),
                                       ("Sở Y tế tỉnh Kon Tum", SHOWN[0]), strict=True):
            verified(organisation)
            self.opens()
            self.assertIn("Đã xác minh: " + shown, self.browser.text(selector="#verified"))
            self.assert_accessible()
        self.ends(handle)

    def test_a_batch_of_200_is_one_gesture(self):
        hashes = [digest() for _ in range(200)]
        handle = self.asks(hashes, [f"Học bạ {i}" for i in range(200)])
        self.opens()
        self.assertEqual(self.browser.text(selector="#count"), "200 tài liệu")
        self.assertEqual(self.browser.count(selector="#documents li"), 200)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)

    def test_arrives_while_the_list_is_open(self):
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")
        self.assert_accessible()
        handle = self.asks([digest()])
        self.browser.wait(selector="#approve")
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.assertEqual(self.outcome(handle).json["error"], "access_denied")
        self.assert_accessible()

    def test_is_told_at_once_while_it_is_open(self):
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")
        events = self.approve_at + "/approve/v1/events"
        wait_until(lambda: events in self.browser.requests(), "the stream")
        self.browser.requests()
        begun = time.monotonic()
        handle = self.asks([digest()])
        self.browser.wait(selector="#approve")
        # By the clock alone it would have looked after half a minute.
        self.assertLess(time.monotonic() - begun, 15)
        self.ends(handle)

    def test_looks_by_the_clock_where_there_is_no_stream(self):
        self.browser.refuse(path="/approve/v1/events")
        self.addCleanup(self.browser.refuseNothing)
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")
        handle = self.asks([digest()])
        self.browser.wait(selector="#approve")
        self.browser.complaints()  # Chromium's own, about the stream
        self.browser.refuseNothing()
        self.ends(handle)

    def test_several_are_listed_and_each_is_opened(self):
        handles = [self.asks([digest()], (f"Tệp {i}",)) for i in range(2)]
        self.browser.goto(url=self.approve_at + "/")
        wait_until(lambda: self.browser.count(selector=".entry") == 2, "two that wait")
        self.assert_accessible()
        self.browser.click(selector="li:nth-child(2) .entry")
        self.browser.waitText(selector="#documents", text="Tệp 1")
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.browser.click(selector="#back")
        self.browser.waitText(selector=".entries", text=ATTACKS[0])
        self.assertEqual(self.browser.count(selector=".entry"), 1)
        self.ends(handles[0])

    def test_not_started_by_the_person(self):
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        handle = self.asks([digest()])
        self.opens()
        self.browser.click(selector="#not-mine")
        self.browser.waitText(selector="h1", text="bạn không bắt đầu việc này")
        self.assert_accessible()
        got = self.outcome(handle)
        self.assertNotEqual(got.status, 200)
        frozen = self.world.client.post("/csc/v2/credentials/authorize", {
            "credentialID": self.credential, "numSignatures": 1, "hashes": [b64(digest())],
            "hashAlgorithmOID": SHA256}, self.token)
        self.assertNotEqual(frozen.status, 202)

    def test_needs_the_person(self):
        handle = self.asks([digest()])
        self.opens()
        self.browser.verifies(user=False)
        self.addCleanup(self.browser.verifies, user=True)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="#message", text="Đã hủy")
        self.assertEqual(self.outcome(handle).status, 202)
        self.browser.verifies(user=True)
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")

    def test_by_keyboard_alone_and_in_english(self):
        handle = self.asks([digest()], ("Contract",))
        self.opens()
        self.browser.press(key="Tab")
        while self.browser.focused() != "language":
            self.browser.press(key="Shift+Tab")
        self.browser.press(key="Enter")
        self.addCleanup(self.speaks_vietnamese)
        self.browser.waitText(selector="h1", text="Do you want to sign?")
        self.assertEqual(self.browser.language(), "en")
        self.assert_accessible()
        order = []
        for _ in range(6):
            self.browser.press(key="Tab")
            order.append(self.browser.focused())
        first = order.index("approve")
        self.assertEqual(order[first:first + 3], ["approve", "reject", "not-mine"])
        while self.browser.focused() != "approve":
            self.browser.press(key="Shift+Tab")
        self.browser.press(key="Enter")
        self.browser.waitText(selector="h1", text="Approved")
        self.assertEqual(self.outcome(handle).status, 200)

    def speaks_vietnamese(self):
        self.browser.click(selector="#language")
        self.browser.waitText(selector="#language", text="English")

    def test_without_a_connection_nothing_is_signed(self):
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")
        self.browser.offline(**{"is": True})
        self.browser.waitText(selector="#message", text="chưa thể ký")
        self.assert_accessible()
        self.browser.offline(**{"is": False})
        wait_until(lambda: self.browser.text(selector="#message") == "", "the connection")
        self.browser.leave()

    def test_an_invitation_does_not_make_the_phone_forget(self):
        other = self.world.appliance.admin("credential", "add", "--signer", "an")
        self.browser.goto(url=other["link"])
        self.browser.waitText(selector="h1", text="đã được ghi danh")
        self.assertEqual(len(self.browser.passkeys()), 1)
        self.assertEqual(self.browser.passkeys()[0]["rpId"], "approve.localhost")

    def test_is_on_no_other_host_and_in_no_frame(self):
        for host in ("api", "login"):
            got = self.world.client.send(f"{host}.localhost", "GET", "/")
            self.assertEqual(got.status, 404)
        got = self.world.client.send("approve.localhost", "GET", "/")
        policy = got.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "trusted-types kyso-worker",
                     "require-trusted-types-for 'script'", "script-src 'self'"):
            self.assertIn(part, policy.split("; "))


class LookingBack(Phone):
    """What was, and with which phones."""

    def test_every_use_of_the_key_with_its_receipts(self):
        hashes = [digest(), digest()]
        handle = self.asks(hashes, ("Một", "Hai"))
        self.opens()
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)
        self.ends(self.asks([digest()]))

        self.browser.click(selector="#back")
        self.browser.click(selector="#to-history")
        wait_until(lambda: self.browser.count(selector=".entry") == 3, "what was")
        self.assert_accessible()
        told = [self.browser.text(selector=f"li:nth-child({i}) .entry") for i in (1, 2, 3)]
        self.assertIn("Đã từ chối", told[0])
        self.assertIn("2 tài liệu, Đã ký", told[1])
        self.assertIn("Đây có phải là bạn?", told[2])

        self.browser.click(selector="li:nth-child(2) .entry")
        self.browser.waitText(selector="#receipts", text="2")
        self.assert_accessible()
        file = self.world.appliance.base / "receipts.json"
        file.write_text(self.browser.download(selector="#download"))
        done = run("kyso", "receipt", "verify", file, "--root", self.world.appliance.module_root)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_phones_are_named_and_taken_off(self):
        self.world.enrol("an", "another")
        session = self.world.session(self.world.phone("another"))
        self.browser.goto(url=self.approve_at + "/")
        self.browser.click(selector="#to-devices")
        wait_until(lambda: self.browser.count(selector=".entry") == 2, "two phones")
        self.assertIn("Chính là máy này", self.browser.text(selector="li:nth-child(1)"))
        self.assertEqual(self.browser.count(selector="li:nth-child(1) .remove"), 0)
        self.browser.click(selector="li:nth-child(1) summary")
        self.assert_accessible()
        self.browser.fill(selector="li:nth-child(1) input", text="<b>Máy mới</b>")
        self.browser.click(selector="li:nth-child(1) .rename")
        self.browser.waitText(selector="li:nth-child(1) strong", text="<b>Máy mới</b>")

        self.browser.click(selector="li:nth-child(2) summary")
        self.browser.click(selector="li:nth-child(2) .remove")
        self.assertEqual(self.browser.count(selector=".entry"), 2)  # it is asked once more
        self.assert_accessible()
        self.browser.click(selector="li:nth-child(2) .remove")
        wait_until(lambda: self.browser.count(selector=".entry") == 1, "one phone")
        got = self.world.client.send("approve.localhost", "GET", "/approve/v1/pending",
                                     [("Authorization", f"Bearer {session}")])
        self.assertEqual(got.status, 401)

    def test_the_shell_is_there_without_a_connection(self):
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#empty")
        self.browser.evaluate(script="navigator.serviceWorker.ready.then(() => true)")
        self.browser.offline(**{"is": True})
        self.addCleanup(self.browser.offline, **{"is": False})
        self.browser.goto(url=self.approve_at + "/")
        self.browser.waitText(selector="#message", text="chưa thể ký")
        self.browser.click(selector="#to-settings")
        self.browser.wait(selector="#quiet-from")
        self.browser.offline(**{"is": False})
        self.browser.leave()


class TakingTime(Phone):
    """Where there is little of it."""

    @classmethod
    def make_world(cls):
        return World("answer_seconds = 40")

    def seconds(self):
        minutes, seconds = self.browser.text(selector="#countdown").split()[-1].split(":")
        return int(minutes) * 60 + int(seconds)

    def test_there_is_more_for_who_asks_in_time(self):
        hashes = [digest()]
        handle = self.asks(hashes, ("Dài",))
        self.opens()
        wait_until(lambda: self.seconds() <= 18, "the last half")
        self.assert_accessible()
        self.browser.click(selector="#more-time")
        wait_until(lambda: self.seconds() > 25, "more time")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)

    def test_it_ends(self):
        handle = self.asks([digest()])
        self.opens()
        wait_until(lambda: self.browser.count(selector="#over") == 1, "the end")
        self.assertFalse(self.browser.enabled(selector="#approve"))
        self.assertFalse(self.browser.enabled(selector="#reject"))
        self.assert_accessible()
        wait_until(lambda: self.outcome(handle).status != 202, "the end at the portal")
        self.assertEqual(self.outcome(handle).json["error"], "access_denied")


if __name__ == "__main__":
    unittest.main(verbosity=2)
