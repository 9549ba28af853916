#!/usr/bin/env python3
"""What the signing portal does where something is refused, given up, lost or over."""

import unittest
import urllib.parse

from appliance import wait_until
from phone import pdf
from portal import Portal
from world import World


class Refusing(Portal):
    def ends(self, state, words, todo):
        self.waits_for(state)
        self.assertIn(words, self.browser.text(selector=".state"))
        self.assertIn(todo, self.browser.text(selector=".todo"))
        self.assert_accessible()
        self.browser.complaints()  # Chromium's own, about the 400
        self.browser.click(selector="#to-dossier")
        self.browser.wait(selector="#papers .place")  # still there, and may be asked about again
        self.browser.click(selector="#to-sign")
        self.browser.click(selector=".noted")
        self.browser.wait(selector="#sign-none")

    def test_rejected(self):
        self.asks_one()
        self.on_the_phone("#reject", "Đã từ chối")
        self.ends("rejected", "Bạn đã từ chối trên điện thoại", "Không có gì được ký.")

    def test_not_started_by_the_person(self):
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        self.asks_one()
        self.on_the_phone("#not-mine", "bạn không bắt đầu việc này")
        self.ends("notMine", "bạn không bắt đầu việc này", "nơi đăng ký")

    def test_what_is_no_paper_is_named_before_it_is_sent(self):
        self.signs_in()
        self.browser.requests()
        large = b"%PDF-1.7\n" + b" " * 3_000_000
        self.browser.upload(selector="#files", files=[
            self.file("don.docx", b"PK\x03\x04"), self.file("lon.pdf", large), self.file("rong.pdf", b"")])
        self.browser.waitText(selector="#files-refused", text="rong.pdf: không có nội dung")
        said = self.browser.text(selector="#files-refused")
        self.assertIn("don.docx: không phải là PDF", said)
        self.assertIn("lon.pdf: lớn hơn 3 MB", said)
        self.assertEqual(self.browser.count(selector="#papers"), 0)
        self.assertEqual(self.browser.requests(), [])
        self.assert_accessible()

    def test_levels_are_those_that_the_service_has_on_offer(self):
        def offered():
            return self.browser.text(selector="#level"), self.browser.evaluate(
                script='document.getElementById("level").value')
        self.signs_in()
        self.browser.select(selector="#level", value="Ades-B-LTA")
        # Once it has no authority of time-stamps any more.
        self.browser.alter(path="/csc/v2/info", **{
            "from": ',"Ades-B-T","Ades-B-LT","Ades-B-LTA"', "to": ""})
        self.browser.reload()
        self.browser.wait(selector="#level")
        self.assertEqual(offered(), ("Cơ bản (B-B)", ""))
        self.browser.honest()
        self.browser.reload()
        self.browser.wait(selector="#level")
        words, chosen = offered()
        self.assertIn("Có dấu thời gian (B-T)", words)
        self.assertEqual(chosen, "Ades-B-LTA")

    def test_what_the_server_does_not_take_is_shown_in_its_words(self):
        self.signs_in()
        self.makes_signature(preset="van-ban", picture=None)
        self.uploads(("hong.pdf", b"%PDF-1.7\nno more than that\n"))
        self.browser.fill(selector="#value-number", text="7")
        self.browser.fill(selector="#dossier-name", text="Hỏng")
        self.browser.click(selector="#confirm")
        self.browser.waitText(selector="#message", text="Không chuẩn bị được hong.pdf. Máy chủ nói: “The PDF")
        self.phone.goto(url=self.approve_at + "/")
        self.phone.wait(selector="#empty")
        self.browser.complaints()  # Chromium's own, about the 400
        self.browser.click(selector="#papers .place")
        self.browser.waitText(selector="#message", text="Không đọc được tệp PDF này")
        self.browser.complaints()

    def test_a_session_that_is_over_loses_nothing(self):
        self.signs_in()
        self.makes_signature(preset="van-ban", picture=None)
        self.uploads(("don.pdf", pdf("DON XIN")))
        self.browser.fill(selector="#value-number", text="Số: 7")
        self.browser.fill(selector="#dossier-name", text="Hết phiên")
        self.browser.evaluate(script="""sessionStorage.setItem("kyso-portal-token",
            sessionStorage.getItem("kyso-portal-token").slice(0, -4) + "AAAA")""")
        self.browser.click(selector="#confirm")
        self.browser.waitText(selector="#message", text="Hồ sơ của bạn vẫn ở đây")
        self.assert_accessible()
        self.browser.complaints()  # Chromium's own, about the 401
        self.signs_in()
        self.browser.waitText(selector="#papers", text="don.pdf")
        self.assertEqual(self.browser.evaluate(script='document.getElementById("dossier-name").value'),
                         "Hết phiên")
        self.browser.click(selector="#confirm")
        self.waits_for("waiting")
        self.on_the_phone("#reject", "Đã từ chối")
        self.waits_for("rejected")
        self.browser.complaints()

    def test_signing_out_while_the_phone_is_asked_loses_nothing(self):
        self.asks_one()
        self.browser.click(selector="#sign-out")
        self.browser.wait(selector="#sign-in")
        # Longer than from one look at the question to the next.
        self.on_the_phone("#approve", "Đã phê duyệt")
        self.signs_in()
        self.browser.click(selector="#to-sign")
        self.waits_for("done")
        self.assert_signed(self.downloads(".asking .download"))

    def test_signing_out_ends_the_token(self):
        self.signs_in()
        token = self.browser.evaluate(script='sessionStorage.getItem("kyso-portal-token")')
        self.browser.click(selector="#sign-out")
        self.browser.wait(selector="#sign-in")
        self.assertIsNone(self.browser.evaluate(script='sessionStorage.getItem("kyso-portal-token")'))
        wait_until(lambda: self.world.client.post("/csc/v2/credentials/list", {}, token).status == 401,
                   "the end of the token")

    def test_takes_no_sign_in_that_it_did_not_begin(self):
        self.browser.goto(url=self.portal_at + "/return?code=abc&state=def&iss=" +
                          urllib.parse.quote(self.world.appliance.url))
        self.browser.waitText(selector="#message", text="không bắt đầu từ thẻ trình duyệt này")
        self.assertEqual(self.browser.url(), self.portal_at + "/return")
        self.assertFalse([url for url in self.browser.requests() if "/oauth2/token" in url])

    def test_says_when_the_person_has_not_allowed_it(self):
        self.is_asked_for_consent()
        self.browser.click(selector="#deny")
        self.browser.waitText(selector="#message", text="Bạn đã không cho phép")

    def test_keeps_the_papers_of_one_person_from_the_next(self):
        self.signs_in()
        self.uploads(("rieng.pdf", pdf("RIENG TU")))
        self.browser.evaluate(script="""new Promise((done) => {
            const request = indexedDB.open("kyso-portal");
            request.onsuccess = () => {
                const transaction = request.result.transaction("settings", "readwrite");
                transaction.objectStore("settings").put(
                    { id: "owner", credentialIds: ["cred_other"], subjects: ["CN=Somebody else"] });
                transaction.oncomplete = () => { request.result.close(); done(); };
            };
        })""")
        self.shows("/", "#clear")
        self.assertEqual(self.browser.count(selector="#papers, nav"), 0)
        self.assert_accessible()
        self.browser.click(selector="#clear")
        self.browser.wait(selector="#papers-none")

    def test_words_of_others_stay_words(self):
        attack = "<img src=x onerror=alert(1)>"
        self.signs_in()
        self.makes_signature(name=attack, preset="", keyword="")
        self.uploads(("'><script>alert(1)<.pdf", pdf("TAN CONG")))
        self.assertIn("<script>", self.browser.text(selector="#papers"))
        self.assertEqual(self.browser.count(selector="main script, main img[src=x]"), 0)

    def test_its_page_may_do_nothing_but_its_own(self):
        page = self.world.client.send("portal.localhost", "GET", "/")
        policy = page.headers["Content-Security-Policy"].split("; ")
        for part in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "worker-src 'self'",
                     "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'",
                     "require-trusted-types-for 'script'", "trusted-types kyso-worker"):
            self.assertIn(part, policy)
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        for host in ("api", "login"):
            self.assertEqual(self.world.client.send(f"{host}.localhost", "GET", "/history").status, 404)


class Expiring(Portal):
    @classmethod
    def make_world(cls):
        return World("answer_seconds = 20")

    ends = Refusing.ends

    def test_expired(self):
        self.asks_one()
        self.ends("expired", "Hết hạn trước khi bạn trả lời", "xác nhận lại")


if __name__ == "__main__":
    unittest.main(verbosity=2)
