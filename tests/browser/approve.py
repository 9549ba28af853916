#!/usr/bin/env python3
"""A person's phone, played by a real Chromium: enrols by invitation, is shown what a portal asks,
and answers. What it approves is verified by OpenSSL; what a hostile server says it refuses."""

import base64
import hashlib
import json
import secrets
import subprocess
import time
import unittest
import urllib.parse

from appliance import BIN, answer, run, wait_until
from browser import HERE, Browser
from cases import ECDSA_SHA256, SHA256
from world import World, b64, b64url

# A portal may call itself and its documents whatever it likes.
ATTACKS = ("<img src=x onerror=alert(1)>", "</li></ol><script>alert(1)</script>",
           "javascript:alert(1)", "{{constructor.constructor('alert(1)')()}}", '" onfocus="alert(1)',
           "عقد رقم ٧", "合同第七号", "hop\u202efdp.exe", "ký" * 250)
SHOWN = tuple(one.replace("\u202e", "\\u{202e}") for one in ATTACKS)


SIDE = 280  # of the picture of a code, in dots


def digest():
    return hashlib.sha256(secrets.token_bytes(8)).digest()


class Phone(unittest.TestCase):
    """Everything that needs an enrolled phone."""

    @classmethod
    def setUpClass(cls):
        cls.world = world = cls.make_world()
        cls.addClassCleanup(world.remove)
        world.add_signer("an")
        cls.client, cls.secret = world.add_client(ATTACKS[0], "--all-signers")
        cls.token = world.token(cls.client, cls.secret)
        port = urllib.parse.urlsplit(world.appliance.url).port
        cls.approve_at = f"https://approve.localhost:{port}"
        cls.browser = cls.make_browser()
        cls.addClassCleanup(cls.browser.close)
        invited = world.appliance.admin("credential", "add", "--signer", "an")
        cls.invitation, cls.credential = invited["link"], invited["credential_id"]
        cls.checks = cls()
        cls.enrol()

    @classmethod
    def make_world(cls):
        return World()

    @classmethod
    def make_browser(cls):
        return Browser(cls.world.appliance.tls_ca)

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
        self.browser.leave()

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

    def test_in_the_frame_of_another_page(self):
        framed = self.browser.frame(url=self.approve_at + "/")
        self.assertEqual(framed, ["about:blank", "chrome-error://chromewebdata/"])
        self.browser.complaints()  # where Chromium has one about it

    def test_an_invitation_that_somebody_else_has_used(self):
        stranger = Browser(self.world.appliance.tls_ca)
        self.addCleanup(stranger.close)
        stranger.goto(url=self.invitation)
        stranger.fill(selector="#device-name", text="Máy lạ")
        stranger.click(selector="#create")
        wait_until(lambda: stranger.text(selector="#message"), "a message")
        self.assertIn("đã được dùng rồi", stranger.text(selector="#message"))
        stranger.goto(url=self.approve_at + "/")
        stranger.waitText(selector="h1", text="chưa được ghi danh")

    def test_paths_that_lead_elsewhere(self):
        for path in ("//evil.example", "/c/..%2f..%2fevil", "/start#https://evil.example",
                     "/c/javascript:alert(1)"):
            self.browser.goto(url=self.approve_at + path)
            self.assertTrue(self.browser.url().startswith(self.approve_at + "/"))
        self.browser.leave()

    def test_an_id_that_is_none(self):
        self.browser.goto(url=self.approve_at + "/c/tx_of_nobody")
        self.browser.waitText(selector="#message", text="Không tìm thấy")
        self.assert_accessible()
        self.browser.complaints()  # Chromium's own, about the 404


def pdf(*pages):
    """A small one, a line of text on each page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>",
               f"<</Type/Pages/Count {len(pages)}/Kids["
               + " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages))) + "]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for i, text in enumerate(pages):
        drawn = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
        objects += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
                    f"/Contents {5 + 2 * i} 0 R>>",
                    f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream"]
    file, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return file + (f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer"
                   f"<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(file)}\n%%EOF").encode()


class Documents(Phone):
    """What the portal supplied beside its hashes."""

    def asks_about(self, *documents, **more):
        hashes = [hashlib.sha256(one).digest() for one in documents]
        listed = [{"document_name": f"Tệp {i}", "document": b64(one)}
                  for i, one in enumerate(documents)]
        return hashes, self.asks(hashes, documents=listed, **more)

    def test_is_shown_when_it_is_what_is_signed(self):
        hashes, handle = self.asks_about(pdf("HOP DONG 17", "TRANG CUOI"), "Giấy mời\u202e".encode())
        self.opens()
        self.assertEqual(self.browser.count(selector="#documents .open"), 2)
        self.browser.click(selector="#documents li:nth-child(1) .open")
        self.browser.waitText(selector="#document-fits", text="đúng là tài liệu")
        self.browser.waitText(selector="#page-text", text="HOP DONG 17")
        self.assert_accessible()
        self.browser.click(selector="#page-next")
        self.browser.waitText(selector="#page-text", text="TRANG CUOI")
        self.assertGreater(self.browser.evaluate(script="""(() => {
            const { width, height } = document.querySelector("canvas");
            return document.querySelector("canvas").getContext("2d")
                .getImageData(0, 0, width, height).data.filter((one, i) => i % 4 == 0 && one < 99).length;
        })()"""), 100)  # ink
        self.browser.press(key="Escape")
        self.browser.click(selector="#documents li:nth-child(2) .open")
        self.browser.waitText(selector="#document .text", text="Giấy mời\\u{202e}")
        self.assert_accessible()
        self.browser.click(selector="#document-close")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        self.assert_signs(handle, hashes)

    def test_through_the_signed_attributes_that_are_hashed(self):
        _, handle = self.asks_about(pdf("BEN TRONG CMS"), hashType="SDR")
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#page-text", text="BEN TRONG CMS")
        self.browser.click(selector="#document-close")
        self.ends(handle)

    def assert_altered(self, original, lie, **more):
        _, handle = self.asks_about(b"Mua nha", **more)
        self.opens()
        self.browser.alter(**{"path": "/document?position=0", "from": original, "to": lie})
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#refused", text="document")
        self.assertEqual(self.browser.count(selector="#approve, #document"), 0)
        self.ends(handle)

    def test_another_document_than_the_one_that_is_hashed(self):
        self.assert_altered(b64url(b"Mua nha"), b64url(b"Ban nha"))

    def test_another_document_than_the_one_in_the_attributes(self):
        self.assert_altered(b64url(b"Mua nha"), b64url(b"Ban nha"), hashType="SDR")

    def test_a_portal_supplies_something_else_than_it_hashed(self):
        handle = self.asks([digest()], documents=[{"document_name": "x", "document": b64(b"x")}])
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#refused", text="document")
        self.ends(handle)

    def test_every_file_of_the_app_is_as_it_is_listed(self):
        sums = BIN.parent / "web/approve/SHA256SUMS"
        for line in sums.read_text().splitlines():
            listed, name = line.split("  ")
            path = {"index.html": "/", "sw.js": "/sw.js",
                    "manifest.webmanifest": "/manifest.webmanifest"}.get(name, "/assets/" + name)
            got = self.world.client.send("approve.localhost", "GET", path)
            self.assertEqual(hashlib.sha256(got.text).hexdigest(), listed, name)


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


class WithCamera(Phone):
    """A phone whose camera sees what a test films."""

    @classmethod
    def make_browser(cls):
        cls.camera = cls.world.appliance.base / "camera.y4m"
        return Browser(cls.world.appliance.tls_ca, flags=[
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={cls.camera}"])

    def film(self, grey):
        """A camera that sees this and nothing else, for a while."""
        edge = (480 - SIDE) // 2
        rows = [bytes([255]) * 640] * edge
        rows += [bytes([255]) * 180 + grey[y * SIDE:(y + 1) * SIDE] + bytes([255]) * 180
                 for y in range(SIDE)]
        rows += [bytes([255]) * 640] * edge
        frame = b"FRAME\n" + b"".join(rows) + bytes([128]) * (640 * 480 // 2)
        self.camera.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 10)


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
