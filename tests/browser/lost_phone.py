#!/usr/bin/env python3
"""A phone is lost, over one module, each person with a real Chromium: the registrar reports it, two of
two officers end the key with their approval passkeys, and the person enrols anew with another key.

What a hostile server could send the module instead is refused there: unit_firmware_command, by
RevokeKeyByTwo.TakesTwoPeople (one officer alone, the same one twice, two passkeys of one person) and
RevokeKeyByTwo.TakesNoOtherApprovalOfTheirs (a sign-in's assertion, another challenge's, an expired one).
"""

import sqlite3
import tempfile
import unittest
from pathlib import Path

from appliance import wait_until
from browser import Browser
from cases import SHA256
from notices import PASSWORD, MailServer, read
from officers import Officers
from phone import digest
from screens import Kept
from world import World, b64

ADDRESS = "an@kyso.example"


class LostPhone(Kept):
    @classmethod
    def make_world(cls):
        folder = tempfile.TemporaryDirectory(prefix="kyso-mail-")
        cls.addClassCleanup(folder.cleanup)
        cls.mail = MailServer(folder.name)
        cls.addClassCleanup(cls.mail.close)
        password = Path(folder.name) / "password"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        return World(f'answer_seconds = 600\n\n[mail]\nserver = "smtp://localhost:{cls.mail.port}"\n'
                     f'from = "kyso@kyso.example"\nuser = "kyso"\npassword_file = "{password}"\n'
                     f'ca = "{cls.mail.ca}"\n')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.appliance.admin("signer", "email", "an", ADDRESS)
        cls.officers = Officers(cls.world.appliance, cls.approve_at)
        cls.addClassCleanup(cls.officers.close)
        cls.officers.become_members()
        cls.world.restart()
        cls.officers.connect()
        cls.office_at = cls.approve_at.replace("approve.", "office.")
        cls.registrar = Browser(cls.world.appliance.tls_ca)
        cls.addClassCleanup(cls.registrar.close)
        cls.add_registrar()

    @classmethod
    def add_registrar(cls):
        cls.world.appliance.admin("office", "add", "hoa", "--name", "Hoa", "--role", "registrar")
        cls.registrar.goto(url=cls.world.appliance.admin("office", "invite", "hoa")["link"])
        cls.registrar.fill(selector="#device-name", text="Máy văn phòng")
        cls.registrar.click(selector="#register")
        cls.registrar.wait(selector="#registered")
        cls.registrar.goto(url=cls.office_at + "/")
        cls.registrar.click(selector="#sign-in")
        cls.registrar.wait(selector="#sign-out")

    # ---- the office

    def reports(self):
        """Phone lost, certificate revoked, officers asked to end the key."""
        self.registrar.goto(url=self.office_at + "/signer?id=an")
        self.registrar.wait(selector="#lost-phone")
        self.registrar.click(selector="#lost-phone")
        self.registrar.click(selector="#lost-phone")
        self.registrar.waitText(selector="main", text="Chưa có điện thoại nào.")
        self.registrar.click(selector="[id^=revoke-]")
        self.registrar.wait(selector="[id^=reason-]")
        self.registrar.click(selector="[id^=revoke-]")
        self.registrar.waitText(selector="#done", text="Đã thu hồi")

    def assert_given(self, count):
        self.registrar.goto(url=self.office_at + "/queue")
        self.registrar.waitText(selector="[data-purpose=revoke] .officers", text=f"{count}/2 cán bộ")

    # ---- officers

    def assert_shown(self, officer):
        officer.goto(url=self.approve_at + "/")
        officer.waitText(selector="h1", text="Kết thúc khóa ký này?")
        self.assertIn("CN=Signer an", officer.text(selector="#subject"))
        self.assertIn("mất điện thoại", officer.text(selector="#reason"))
        self.assertEqual(officer.count(selector="#not-mine, #more-time"), 0)

    def keep_of(self, browser, name):
        """As keep(), of another browser than the signer's."""
        own, self.browser = self.browser, browser
        try:
            self.keep(name)
        finally:
            self.browser = own

    def test_an_officers_passkey_is_made_and_is_no_signers(self):
        self.registrar.goto(url=self.approve_at + "/officer")
        self.registrar.wait(selector="#create")
        self.keep_of(self.registrar, "officer-new")
        first, _ = self.officers.browsers
        first.goto(url=self.approve_at + "/officer")
        first.wait(selector="#plan-lines")
        self.keep_of(first, "officer-plan")
        # A link of any kind turns neither into the other.
        for path in ("/enrol#" + "A" * 43, "/join"):
            first.goto(url="about:blank")
            first.goto(url=self.approve_at + path)
            first.waitText(selector="h1", text="đã được ghi danh")
        self.browser.goto(url=self.approve_at + "/officer#" + "A" * 43)
        self.browser.waitText(selector="h1", text="đã được ghi danh")
        self.assertEqual(self.browser.count(selector="#connect, #create"), 0)

    def test_a_link_that_the_server_does_not_know_connects_nothing(self):
        first, _ = self.officers.browsers
        before = first.evaluate(script="localStorage.getItem('kyso-phone')")
        first.goto(url="about:blank")
        first.goto(url=self.approve_at + "/officer#" + "A" * 43)
        first.click(selector="#connect")
        first.waitText(selector="#message", text="đã được dùng rồi")
        self.assertEqual(first.evaluate(script="localStorage.getItem('kyso-phone')"), before)
        first.complaints()  # Chromium's own, about the 404

    def test_a_link_connects_its_own_passkey_once(self):
        first, second = self.officers.browsers
        before = second.evaluate(script="localStorage.getItem('kyso-phone')")
        link = self.world.appliance.admin("officer", "add", "--name", "Cán bộ 1", "--point",
                                          self.officers.points[0])["link"]

        def opens(browser):
            browser.goto(url="about:blank")
            browser.goto(url=link)
            browser.click(selector="#connect")
        opens(second)
        second.waitText(selector="#message", text="khóa phê duyệt khác")
        self.keep_of(second, "officer-other-link")
        self.assertEqual(second.evaluate(script="localStorage.getItem('kyso-phone')"), before)
        second.complaints()  # Chromium's own, about the 409
        opens(first)
        first.wait(selector="#empty")
        opens(first)
        first.waitText(selector="#message", text="đã được dùng rồi")
        first.complaints()

    # ---- mail

    def arrives(self, subject):
        def found():
            return [mail for mail in map(read, self.mail.to(ADDRESS)) if mail["Subject"] == subject]
        return wait_until(found, subject)

    # ---- the database

    def rows(self, query, *values):
        with sqlite3.connect(self.world.appliance.data / "kyso.db", timeout=30) as database:
            return database.execute(query, values).fetchall()

    def key_id(self):
        ((key_id,),) = self.rows("SELECT key_id FROM credentials WHERE id = ?", self.credential)
        return key_id

    # ---- the whole

    def test_two_officers_end_the_key_and_the_person_enrols_anew(self):
        first, second = self.officers.browsers
        waiting = self.asks([digest()], ("Đang chờ",))
        blob = self.stored_blob()

        self.reports()

        self.arrives("Mọi thiết bị của bạn đã bị gỡ")
        self.arrives("Chứng thư số bị thu hồi")
        self.browser.goto(url=self.approve_at + "/")  # whoever has it by now
        self.browser.waitText(selector="#message", text="không còn được máy chủ nhận ra")
        self.browser.goto(url="about:blank")
        self.browser.complaints()  # Chromium's own, about the 401
        self.assertNotEqual(self.outcome(waiting).status, 200)
        self.assert_given(0)

        self.assert_shown(first)
        self.keep_of(first, "officer-question")
        first.click(selector="#approve")
        first.waitText(selector="h1", text="Bạn đã đồng ý")
        self.assertIn("Khóa vẫn còn sống", first.text(selector="#waiting"))
        self.keep_of(first, "officer-waits")
        self.assert_given(1)
        # The same person once more, with another passkey: one officer is one officer.
        self.officers.approve_on_phone(1, "revoke")
        self.assert_given(1)
        self.assertIsNotNone(self.stored_blob())

        self.assert_shown(second)
        second.click(selector="#approve")
        second.waitText(selector="h1", text="Khóa đã kết thúc")
        self.keep_of(second, "officer-ended")
        first.waitText(selector="h1", text="Khóa đã kết thúc")
        for officer in (first, second):
            officer.goto(url="about:blank")
            self.assertEqual(officer.complaints(), [])
        self.assertIsNone(self.stored_blob())
        self.assert_modules_refuse(blob)
        self.enrols_anew()

    def confirms_the_key(self, code):
        """An officer, with the person in front of them; the module asks for no second one."""
        first, _ = self.officers.browsers
        first.goto(url=self.approve_at + "/")
        first.waitText(selector="h1", text="Xác nhận khóa ký mới")
        self.assertIn("CN=Signer an", first.text(selector="#subject"))
        self.assertEqual(first.text(selector=".short-code"), code)
        self.assertEqual(first.count(selector=".short-code"), 1)
        self.assertEqual(first.count(selector="#not-mine, #more-time"), 0)
        self.keep_of(first, "officer-confirm")
        first.click(selector="#approve")
        first.waitText(selector="h1", text="Đã xác nhận khóa")

    def issue_the_certificate(self):
        """Both. The first has confirmed the key, but neither the authority's; the second neither."""
        first, second = self.officers.browsers
        for officer, strange in ((first, 1), (second, 2)):
            officer.goto(url=self.approve_at + "/")
            officer.waitText(selector="h1", text="Cấp chứng thư số")
            self.assertEqual(officer.count(selector="#certificates > li"), 1)
            self.assertIn("CN=Signer an", officer.text(selector="#certificates"))
            self.assertIn("CA", officer.text(selector="#issuer"))
            self.assertEqual(officer.count(selector=".use"), 0)
            self.assertEqual(officer.count(selector="#unconfirmed li"), strange)
            if officer is second:
                self.keep_of(officer, "officer-issue")
            officer.click(selector="#approve")
            if officer is first:
                officer.waitText(selector="#waiting", text="người khác")
            else:
                officer.waitText(selector="h1", text="Đã")
        first.waitText(selector="h1", text="Đã cấp chứng thư số")
        for officer in (first, second):
            officer.goto(url="about:blank")
            self.assertEqual(officer.complaints(), [])

    def wanted(self):
        return {"credentialID": self.credential, "numSignatures": 1, "hashes": [b64(digest())],
                "hashAlgorithmOID": SHA256}

    def stored_blob(self):
        ((blob, version),) = self.rows("SELECT blob, version FROM credentials WHERE id = ?",
                                             self.credential)
        return (blob, version) if blob else None

    def change_database(self, blob, version, status, devices):
        """Which the server finds when it starts anew."""
        self.world.client.close()
        self.world.appliance.stop()
        self.rows("UPDATE credentials SET blob = ?, version = ?, status = ? WHERE id = ?", blob,
                  version, status, self.credential)
        self.rows("UPDATE devices SET status = ? WHERE owner_id = 'an'", devices)
        self.world.appliance.start()

    def assert_modules_refuse(self, blob):
        """A server that has kept the key, and believes that all is as it was."""
        self.change_database(*blob, "enabled", "active")
        got = self.world.client.post("/csc/v2/credentials/authorize", self.wanted(), self.token)
        self.assertEqual(got.status, 400, got.text)
        self.assertIn("credentialID is disabled", got.json["error_description"])
        self.change_database(None, blob[1], "deleted", "removed")

    def enrols_anew(self):
        """Another phone, another key, another certificate."""
        before = self.key_id()
        new = Browser(self.world.appliance.tls_ca)
        self.addCleanup(new.close)
        invited = self.world.appliance.admin("credential", "add", "--signer", "an")
        new.goto(url=invited["link"])
        new.click(selector="#create")
        new.wait(selector="#approve")
        new.click(selector="#approve")
        new.waitText(selector="h1", text="Đang chờ nơi đăng ký")
        self.confirms_the_key(new.text(selector="#short-code"))
        new.waitText(selector="h1", text="Đã ghi danh xong")
        self.issue_the_certificate()
        self.arrives("Điện thoại mới được ghi danh để ký số")

        type(self).credential = invited["credential_id"]
        self.assertNotEqual(self.key_id(), before)
        hashes = [digest()]
        handle = self.asks(hashes, ("Hợp đồng",))
        new.goto(url=self.approve_at + "/")
        new.click(selector="#approve")
        new.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)
        self.assertEqual(new.complaints(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
