#!/usr/bin/env python3
"""A person's phone, played by a real Chromium: enrols by invitation, is shown what a portal asks,
and answers. What it approves is verified by OpenSSL; what a hostile server says it refuses."""

import base64
import hashlib
import secrets
import subprocess
import unittest
import urllib.parse

from appliance import answer, wait_until
from browser import Browser
from table import ECDSA_SHA256, SHA256
from world import World, b64, b64url

# A portal may call itself and its documents whatever it likes.
ATTACKS = ("<img src=x onerror=alert(1)>", "</li></ol><script>alert(1)</script>",
           "javascript:alert(1)", "{{constructor.constructor('alert(1)')()}}", '" onfocus="alert(1)',
           "عقد رقم ٧", "合同第七号", "hop\u202efdp.exe", "ký" * 250)
SHOWN = tuple(one.replace("\u202e", "\\u{202e}") for one in ATTACKS)


def digest():
    return hashlib.sha256(secrets.token_bytes(8)).digest()


class Phone(unittest.TestCase):
    """Everything that needs an enrolled phone."""

    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.remove)
        world.add_signer("an")
        cls.client, cls.secret = world.add_client(ATTACKS[0], "--all-signers")
        cls.token = world.token(cls.client, cls.secret)
        port = urllib.parse.urlsplit(world.appliance.url).port
        cls.approve_at = f"https://approve.localhost:{port}"
        cls.browser = Browser(world.appliance.tls_ca)
        cls.addClassCleanup(cls.browser.close)
        invited = world.appliance.admin("credential", "add", "--signer", "an")
        cls.invitation, cls.credential = invited["link"], invited["credential_id"]
        cls.checks = cls()
        cls.enrol()

    @classmethod
    def enrol(cls):
        """As person, registrar and officer do it together."""
        browser, officer = cls.browser, cls.world.appliance.officer
        browser.goto(url=cls.approve_at + "/")
        browser.waitText(selector="h1", text="chưa được ghi danh")
        browser.goto(url=cls.invitation)
        browser.fill(selector="#device-name", text="Máy của An")
        browser.click(selector="#create")
        browser.wait(selector="#short-code")
        shown = browser.text(selector="#short-code")
        cls.checks.assertIn("CN=Signer an", browser.text(selector="#subject"))
        cls.assert_accessible()
        browser.click(selector="#approve")
        browser.waitText(selector="h1", text="Đang chờ nơi đăng ký")
        cls.checks.assertEqual(browser.text(selector="#short-code"), shown)
        cls.assert_accessible()

        (binding,) = answer("kyso-phone", "pending", "--store", officer)
        cls.checks.assertEqual(binding["short_codes"], [shown])
        answer("kyso-phone", "approve", "--store", officer, "--yes", binding["id"])
        browser.waitText(selector="h1", text="Đã ghi danh xong")
        cls.assert_accessible()
        (issuance,) = answer("kyso-phone", "pending", "--store", officer)
        answer("kyso-phone", "approve", "--store", officer, "--yes", issuance["id"])

    @classmethod
    def assert_accessible(cls):
        for scheme in ("light", "dark"):
            cls.browser.colorScheme(scheme=scheme)
            cls.checks.assertEqual(cls.browser.accessibility(), [])
            cls.checks.assertEqual(cls.browser.targets(), [])

    def setUp(self):
        self.browser.goto(url="about:blank")
        self.browser.complaints()
        self.browser.requests()

    def tearDown(self):
        """Nothing was ever asked of others, and the policy had nothing to forbid."""
        self.browser.honest()
        self.assertEqual(self.browser.complaints(), [])
        elsewhere = [url for url in self.browser.requests()
                     if not url.startswith((self.approve_at + "/", "about:"))]
        self.assertEqual(elsewhere, [])

    def asks(self, hashes, labels=(), **more):
        """The portal's handle; what it asks waits on the phone."""
        body = {"credentialID": self.credential, "numSignatures": len(hashes),
                "hashes": [b64(one) for one in hashes], "hashAlgorithmOID": SHA256, **more}
        if labels:
            body["documents"] = [{"document_name": label} for label in labels]
        got = self.world.client.post("/csc/v2/credentials/authorize", body, self.token)
        self.assertEqual(got.status, 202, got.text)
        return got.json["handle"]

    def outcome(self, handle):
        return self.world.client.post("/csc/v2/credentials/authorizeCheck", {"handle": handle},
                                      self.token)

    def opens(self):
        """The app opens what waits alone."""
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector="#approve")

    def ends(self, handle):
        """So that the next test finds nothing that waits: on the phone, by an honest server."""
        self.browser.honest()
        self.opens()
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="h1", text="Đã từ chối")
        self.assertNotEqual(self.outcome(handle).status, 200)

    def assert_signs(self, handle, hashes):
        sad = self.outcome(handle)
        self.assertEqual(sad.status, 200, sad.text)
        got = self.world.client.post("/csc/v2/signatures/signHash", {
            "credentialID": self.credential, "SAD": sad.json["SAD"],
            "hashes": [b64(one) for one in hashes], "signAlgo": ECDSA_SHA256}, self.token)
        self.assertEqual(got.status, 200, got.text)
        signatures = [base64.b64decode(one) for one in got.json["signatures"]]
        base = self.world.appliance.base
        shown = self.world.appliance.admin("credential", "show", self.credential)
        (base / "certificate.pem").write_text(shown["certificates"][0])
        key = subprocess.run(["openssl", "x509", "-in", base / "certificate.pem", "-pubkey",
                              "-noout"], capture_output=True, check=True).stdout
        (base / "key.pem").write_bytes(key)
        for one, signature in zip(hashes, signatures, strict=True):
            (base / "digest").write_bytes(one)
            (base / "signature").write_bytes(signature)
            done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                                   base / "key.pem", "-in", base / "digest", "-sigfile",
                                   base / "signature"], capture_output=True, text=True, check=False)
            self.assertIn("Verified Successfully", done.stdout, done.stderr)


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
        self.browser.complaints()  # Chromium's own, about the network

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
        for part in ("default-src 'none'", "frame-ancestors 'none'", "trusted-types 'none'",
                     "require-trusted-types-for 'script'", "script-src 'self'"):
            self.assertIn(part, policy.split("; "))


class Hostile(Phone):
    """What a server that lies, or a portal that plays with words, gets."""

    def assert_refused(self, member, path, original, lie):
        self.browser.alter(**{"path": path, "from": original, "to": lie})
        self.browser.goto(url=self.approve_at + "/")
        self.browser.waitText(selector="#refused", text=member)
        self.assertEqual(self.browser.count(selector="#approve"), 0)
        self.assert_accessible()

    def test_shows_a_and_asks_b(self):
        shown, asked = digest(), digest()
        handle = self.asks([asked], ("Hợp đồng",))
        self.assert_refused("activation.root", "/approve/v1/transactions/", b64url(asked),
                            b64url(shown))
        self.assertEqual(self.outcome(handle).status, 202)
        self.ends(handle)

    def test_names_a_document_otherwise(self):
        handle = self.asks([digest()], ("Bán nhà",))
        self.assert_refused("activation.root", "/approve/v1/transactions/", "Bán nhà", "Thư mời")
        self.ends(handle)

    def test_names_another_portal(self):
        handle = self.asks([digest()], description="Vay 5 tỷ")
        self.assert_refused("activation.context_hash", "/approve/v1/transactions/", "Vay 5 tỷ",
                            "Điểm danh")
        self.ends(handle)

    def test_hides_a_document(self):
        one, two = digest(), digest()
        handle = self.asks([one, two], ("Một", "Hai"))
        self.assert_refused("activation.leaf_count", "/approve/v1/transactions/",
                            f',{{"hash":"{b64url(two)}","label":"Hai"}}', "")
        self.ends(handle)

    def test_a_key_that_the_phone_was_not_enrolled_for(self):
        handle = self.asks([digest()])
        self.assert_refused("activation.policy_hash", "/approve/v1/transactions/",
                            '"policy_hash":"', '"policy_hash":"' + b64url(digest())
                            + '","was":"')
        self.ends(handle)

    def test_lies_after_the_person_has_looked(self):
        # What is checked is what is on the screen: a later answer changes neither.
        asked = digest()
        handle = self.asks([asked], ("Hợp đồng",))
        self.opens()
        self.browser.alter(**{"path": "/approve/v1/transactions/", "from": "Hợp đồng",
                              "to": "Giấy nợ"})
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, [asked])

    def test_words_of_portals_stay_words(self):
        for attack, shown in zip(ATTACKS, SHOWN, strict=True):
            name = attack.encode()[:255].decode()  # as long as a name may be
            handle = self.asks([digest()], (name,), description=attack)
            self.opens()
            self.assertIn(self.browser.text(selector="#documents"), (shown, name))
            self.assertEqual(self.browser.text(selector="#requester"), ATTACKS[0])
            self.assertEqual(self.browser.text(selector="#purpose"), shown)
            self.assertEqual(self.browser.count(selector="main img, main script"), 0)
            self.assert_accessible()
            self.browser.click(selector="#approve")
            self.browser.waitText(selector="h1", text="Đã phê duyệt")
            self.assertEqual(self.outcome(handle).status, 200)

    def test_an_id_that_is_none(self):
        self.browser.goto(url=self.approve_at + "/c/tx_of_nobody")
        self.browser.waitText(selector="#message", text="Không tìm thấy")
        self.assert_accessible()
        self.browser.complaints()  # Chromium's own, about the 404


class FromABrowser(Phone):
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

    def test_a_link_that_is_stale_or_forged(self):
        self.browser.goto(url=self.approve_at + "/start#tx_none.AAAA")
        self.browser.waitText(selector="#message", text="Không tìm thấy")
        self.browser.complaints()  # Chromium's own, about the 404


if __name__ == "__main__":
    unittest.main(verbosity=2)
