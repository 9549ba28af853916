#!/usr/bin/env python3
"""A person's phone whose server, portal or documents are not what they say."""

import hashlib
import unittest

from appliance import BIN, wait_until
from browser import Browser
from phone import ATTACKS, SHOWN, Phone, digest, pdf
from world import b64, b64url


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
