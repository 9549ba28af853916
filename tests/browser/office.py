#!/usr/bin/env python3
"""The registration office in a real Chromium: somebody signs in with a passkey of the office's host,
adds a signer, sees the short code, asks the officers to revoke; and what a role may not."""

import json
import re
import subprocess
import unittest
import urllib.parse

import screens
from appliance import answer, run, wait_until
from browser import HERE, Browser
from cases import ECDSA_SHA256, SHA256
from phone import ATTACKS, digest
from world import World, b64

STRANGE = [one.encode()[:255].decode() for one in ATTACKS]  # as long as a name may be


def add_strangers(world):
    """With names that the server takes no more, as a database may have from before."""
    for number, text in enumerate(STRANGE):
        world.appliance.admin("signer", "add", "--id", f"la-{number}", "--name", "x",
                              "--subject", "CN=x,C=VN")
        world.change("UPDATE signers SET name = ? WHERE id = ?", text, f"la-{number}")


class Office(unittest.TestCase):
    """Everything that needs a registrar."""

    role = "registrar"

    @classmethod
    def setUpClass(cls):
        cls.world = world = cls.make_world()
        cls.addClassCleanup(world.remove)
        port = urllib.parse.urlsplit(world.appliance.url).port
        cls.office_at = f"https://office.localhost:{port}"
        cls.browser = Browser(world.appliance.tls_ca)
        cls.addClassCleanup(cls.browser.close)
        world.appliance.admin("office", "add", "hoa", "--name", "Trần Thị Hoa <b>", "--role",
                              cls.role)
        cls.invitation = world.appliance.admin("office", "invite", "hoa")["link"]
        cls.browser.goto(url=cls.invitation)
        cls.browser.fill(selector="#device-name", text="Máy văn phòng")
        cls.browser.click(selector="#register")
        cls.browser.wait(selector="#registered")
        cls.sign_in()

    @classmethod
    def make_world(cls):
        return World()

    @classmethod
    def sign_in(cls):
        cls.browser.goto(url=cls.office_at + "/")
        cls.browser.wait(selector="#sign-in, #sign-out")
        if cls.browser.count(selector="#sign-in"):
            cls.browser.click(selector="#sign-in")
            cls.browser.wait(selector="#sign-out")

    def setUp(self):
        self.sign_in()
        self.browser.leave()

    def tearDown(self):
        """Nothing was ever asked of others, and the policy had nothing to forbid."""
        self.assertEqual(self.browser.complaints(), [])
        elsewhere = [url for url in self.browser.requests()
                     if not url.startswith((self.office_at + "/", "about:"))]
        self.assertEqual(elsewhere, [])

    def shows(self, path, selector):
        self.browser.goto(url=self.office_at + path)
        self.browser.wait(selector=selector)

    def shows_signer(self, name):
        self.shows("/signer?" + urllib.parse.urlencode({"id": name}), "#details")

    def does(self, selector):
        """What is asked for twice."""
        self.browser.click(selector=selector)
        self.browser.click(selector=selector)
        self.browser.waitText(selector="#done", text="Đã")

    def officer(self, *arguments):
        return answer("kyso-phone", *arguments, "--store", self.world.appliance.officer)

    def officer_approves(self):
        (item,) = self.officer("pending")
        self.officer("approve", "--yes", item["id"])
        return item

    def asks(self, method, path, body=None):
        """The status of a request that the page itself could send."""
        options = {"method": method}
        if body is not None:
            options |= {"headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
        return self.browser.evaluate(
            script=f"fetch({json.dumps(path)}, {json.dumps(options)}).then((one) => one.status)")

    def logged(self, text):
        return text in (self.world.appliance.data / "log/server.jsonl").read_text()


def squares(path):
    """Where the dark squares of a drawn code are."""
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}


def decoded(path, size):
    """What a phone reads in the code."""
    script = ("import jsQR from 'jsqr'; const [dark, size, scale] = JSON.parse(process.argv[1]);"
              "const side = size * scale; const pixels = new Uint8ClampedArray(side * side * 4)"
              ".fill(255); for (const [x, y] of dark) for (let i = 0; i < scale; i++)"
              "for (let j = 0; j < scale; j++) pixels.fill(0, ((y * scale + i) * side + x * scale"
              " + j) * 4, ((y * scale + i) * side + x * scale + j) * 4 + 3);"
              "console.log(jsQR(pixels, side, side)?.data ?? '');")
    done = subprocess.run([HERE / "node_modules/.bin/node", "--input-type=module", "-e", script,
                           json.dumps([sorted(squares(path)), size, 4])],
                          cwd=HERE, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class SigningIn(Office):
    def test_is_a_passkey_of_the_offices_host(self):
        self.assertEqual(self.browser.passkeys(),
                         [{"rpId": "office.localhost", "isResidentCredential": True}])
        (cookie,) = self.browser.cookies()
        self.assertEqual((cookie["name"], cookie["secure"], cookie["httpOnly"],
                          cookie["sameSite"], cookie["path"], cookie["domain"]),
                         ("__Host-kyso-office", True, True, "Strict", "/", "office.localhost"))
        self.assertTrue(self.logged("security: office, hoa signs in as registrar"))

    def test_an_invitation_makes_one_passkey(self):
        self.browser.goto(url=self.invitation)
        self.browser.fill(selector="#device-name", text="Máy khác")
        self.browser.click(selector="#register")
        self.browser.waitText(selector="#message", text="đã dùng rồi")
        self.assertEqual(len(self.browser.passkeys()), 1)
        self.browser.complaints()  # Chromium's own, about the 404

    def test_ends_with_signing_out(self):
        self.shows("/signers", "#signers, #none")
        (cookie,) = self.browser.cookies()
        self.browser.click(selector="#sign-out")
        self.browser.wait(selector="#sign-in")
        self.assertEqual(self.browser.cookies(), [])
        got = self.world.client.send("office.localhost", "GET", "/office/v1/me", [
            ("Cookie", f"{cookie['name']}={cookie['value']}")])
        self.assertEqual(got.status, 401)
        self.shows("/signers", "#sign-in")
        self.browser.complaints()

    def test_is_asked_for_when_the_session_is_over(self):
        self.shows("/signers", "#signers, #none")
        self.browser.dropCookies()
        self.browser.click(selector="#to-queue")
        self.browser.wait(selector="#sign-in")
        self.browser.complaints()
        self.browser.click(selector="#sign-in")
        self.browser.wait(selector="#empty")

    def test_needs_the_person(self):
        self.browser.dropCookies()
        self.shows("/", "#sign-in")
        self.browser.complaints()
        self.browser.verifies(user=False)
        self.addCleanup(self.browser.verifies, user=True)
        self.browser.click(selector="#sign-in")
        self.browser.waitText(selector="#message", text="Đã hủy")
        self.assertEqual(self.browser.cookies(), [])

    def test_by_keyboard_alone(self):
        self.browser.dropCookies()
        self.shows("/", "#sign-in")
        self.browser.complaints()
        reach = self.reaches("sign-in")
        self.browser.press(key="Enter")
        self.browser.wait(selector="#add")
        self.assertLess(reach, 5)
        self.reaches("add")
        self.browser.press(key="Enter")
        self.browser.wait(selector="#signer-id")
        for text in ("ban-phim", "Ban Phim"):
            self.reaches("signer-id" if text == "ban-phim" else "full-name")
            for character in text:
                self.browser.press(key=character)
        self.reaches("save")
        self.browser.press(key="Enter")
        self.browser.waitText(selector="h1", text="Ban Phim")
        self.reaches("freeze")
        self.browser.press(key="Enter")
        self.browser.press(key="Enter")
        self.browser.wait(selector="#unfreeze")

    def reaches(self, identifier):
        """With the Tab key; how often it was pressed."""
        for count in range(40):
            if self.browser.focused() == identifier:
                return count
            self.browser.press(key="Tab")
        raise AssertionError(f"{identifier} cannot be reached")


class Registrar(Office):
    def add(self, name, full_name):
        self.shows("/signers", "#add")
        self.browser.click(selector="#add")
        self.browser.fill(selector="#signer-id", text=name)
        self.browser.fill(selector="#full-name", text=full_name)
        self.browser.fill(selector="#email", text=f"{name}@truong.example")
        self.browser.fill(selector="#organisation", text='Trường "Số 1", quận 2')
        self.browser.fill(selector="#province", text="Thành phố Hồ Chí Minh")
        self.browser.click(selector="#save")
        self.browser.waitText(selector="h1", text=full_name)

    def enrols(self, name):
        """The person's phone, with the link that the page shows once."""
        self.browser.click(selector="#invite")
        self.browser.wait(selector="#invitation")
        link = self.browser.text(selector="#invitation")
        size = int(self.browser.attribute(selector="#invitation-qr", name="viewBox").split()[2])
        drawn = self.browser.attribute(selector="#invitation-qr path:nth-child(2)", name="d")
        self.assertEqual(decoded(drawn, size), link)
        answer("kyso-phone", "enrol", "--link", "-", "--store", self.world.phone(name), "--ca",
               self.world.appliance.tls_ca, input=link)

    def test_takes_a_person_from_the_first_day_to_the_last(self):
        self.add("an", "Nguyễn Văn An")
        self.assertIn('CN=Nguyễn Văn An,O=Trường \\"Số 1\\"\\, quận 2,L=Thành phố Hồ Chí Minh,C=VN',
                      self.browser.text(selector="#details"))
        self.assertTrue(self.logged("security: office, hoa adds an, from 127.0.0.1"))
        self.enrols("an")
        self.shows_signer("an")
        self.assertEqual(self.browser.count(selector="#invitation"), 0)  # not a second time

        self.browser.click(selector="#to-queue")
        self.browser.wait(selector="[data-purpose=bind]")
        (binding,) = self.officer("pending")
        self.assertEqual([self.browser.text(selector=".code")], binding["short_codes"])
        self.assertIn("0/1 cán bộ", self.browser.text(selector=".officers"))
        self.officer_approves()
        self.browser.wait(selector="[data-purpose=issue]")
        self.officer_approves()
        self.browser.wait(selector="#empty")

        self.shows_signer("an")
        self.browser.wait(selector="[data-status=enabled]")
        self.assertIn(binding["short_codes"][0], self.browser.text(selector="#devices"))
        serial = self.browser.text(selector="#credentials dd:nth-of-type(2)")
        self.does("[id^=renew-]")
        self.browser.waitText(selector="#done", text="chứng thư số mới")
        self.assertTrue(self.logged("security: office, hoa asks officers to renew cred_"))
        self.officer_approves()
        self.shows_signer("an")
        self.browser.wait(selector="[data-status=enabled]")
        self.assertNotEqual(self.browser.text(selector="#credentials dd:nth-of-type(2)"), serial)
        self.assertIn("Cá nhân", self.browser.text(selector="#credentials"))
        self.does("[id^=suspend-]")
        self.browser.wait(selector="[data-status=disabled]")
        self.does("[id^=resume-]")
        self.browser.wait(selector="[data-status=enabled]")
        self.does("#freeze")
        self.browser.wait(selector="#unfreeze")
        self.does("#unfreeze")
        self.browser.wait(selector="#freeze")
        self.does("#lost-phone")
        self.browser.waitText(selector="main", text="Chưa có điện thoại nào.")
        self.revokes("an")

    def revokes(self, name):
        self.browser.click(selector="[id^=revoke-]")
        self.browser.evaluate(script="""(() => {
            const select = document.querySelector("[id^=reason-]");
            select.value = "cessationOfOperation";
            select.dispatchEvent(new Event("change", { bubbles: true }));
        })()""")
        self.browser.click(selector="[id^=revoke-]")
        self.browser.waitText(selector="#done", text="Đã thu hồi")
        self.assertTrue(self.logged("security: office, hoa asks officers to revoke cred_"))
        self.browser.wait(selector="[data-status=deleted]")
        self.does("[id^=revoke-]")  # asked again, they are asked the same
        self.browser.click(selector="#to-queue")
        self.browser.wait(selector="[data-purpose=revoke]")
        self.assertIn("0/1 cán bộ", self.browser.text(selector=".officers"))
        self.officer_approves()
        self.browser.wait(selector="#empty")
        self.shows_signer(name)
        self.browser.wait(selector="[data-status=ended]")
        self.assertEqual(self.browser.count(selector="[id^=revoke-], [id^=resume-]"), 0)

    def test_finds_and_is_told_what_is_wrong(self):
        self.add("tim", "Lê Thị Tìm")
        self.shows("/signers", "#signers")
        self.browser.fill(selector="#search", text="thị tìm")
        self.browser.click(selector="#look")
        wait_until(lambda: self.browser.count(selector="#signers > li") == 1, "the one found")
        self.browser.fill(selector="#search", text="100%")
        self.browser.click(selector="#look")
        self.browser.wait(selector="#none")
        self.browser.click(selector="#add")
        self.browser.fill(selector="#signer-id", text="tim")
        self.browser.fill(selector="#full-name", text="Ai khác")
        self.browser.click(selector="#save")
        self.browser.waitText(selector="#add-message", text="the signer's id is taken")
        self.browser.complaints()  # Chromium's own, about the 409

    def test_shows_the_words_of_others_as_words(self):
        add_strangers(self.world)
        self.shows("/signers", "#signers")
        self.browser.fill(selector="#search", text="la-")
        self.browser.click(selector="#look")
        wait_until(lambda: self.browser.count(selector="#signers > li") == len(STRANGE), "all")
        shown = self.browser.text(selector="#signers")
        for text in STRANGE:
            self.assertIn(text.replace("\u202e", "\\u{202e}"), shown)
        self.assertEqual(self.browser.count(selector="#signers img, #signers script"), 0)
        for number in range(len(STRANGE)):
            self.shows_signer(f"la-{number}")
            self.assertEqual(self.browser.count(selector="main img, main script"), 0)

    def test_lies_in_nobodys_frame_and_acts_on_nobodys_behalf(self):
        page = self.world.client.send("office.localhost", "GET", "/")
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        self.assertIn("frame-ancestors 'none'", page.headers["Content-Security-Policy"])
        self.assertIn("trusted-types 'none'", page.headers["Content-Security-Policy"])
        # Another page of this very appliance: no cookie comes along, and its origin is not ours.
        self.browser.goto(url=self.office_at.replace("office.", "approve.") + "/")
        status = self.browser.evaluate(script=f"""fetch("{self.office_at}/office/v1/signers/status",
            {{method: "POST", credentials: "include", mode: "no-cors",
             body: '{{"id":"an","status":"frozen"}}'}}).then(() => "sent", () => "refused")""")
        self.assertEqual(status, "refused")  # by the page's own policy, to begin with
        (cookie,) = self.browser.cookies()
        got = self.world.client.send("office.localhost", "POST", "/office/v1/signers/status", [
            ("Cookie", f"{cookie['name']}={cookie['value']}"), ("Content-Type", "application/json"),
            ("Origin", self.office_at.replace("office.", "approve."))],
            b'{"id":"an","status":"frozen"}')
        self.assertEqual(got.status, 403)
        self.browser.leave()


class Auditor(Office):
    role = "auditor"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.add_signer("an")
        cls.world.owner = {"credential_a": "an"}
        cls.world.values["credential_a"], _ = cls.world.enrol("an", "an")
        client, secret = cls.world.add_client(ATTACKS[0], "--all-signers")
        cls.token = cls.world.token(client, secret)
        cls.signed = cls.asks_portal([digest()], ATTACKS[:1], description=ATTACKS[1])
        cls.world.approve("an")
        sad = cls.world.client.post("/csc/v2/credentials/authorizeCheck", {"handle": cls.signed[0]},
                                    cls.token).json["SAD"]
        got = cls.world.client.post("/csc/v2/signatures/signHash", {
            "credentialID": cls.world.values["credential_a"], "SAD": sad, "signAlgo": ECDSA_SHA256,
            "hashes": [b64(one) for one in cls.signed[1]]}, cls.token)
        assert got.status == 200, got.text
        cls.rejected = cls.asks_portal([digest(), digest()], ("Một", "Hai"))
        (item,) = cls.world.pending("an")
        answer("kyso-phone", "reject", "--store", cls.world.phone("an"), item["id"])

    @classmethod
    def asks_portal(cls, hashes, labels, **more):
        got = cls.world.client.post("/csc/v2/credentials/authorize", {
            "credentialID": cls.world.values["credential_a"], "numSignatures": len(hashes),
            "hashes": [b64(one) for one in hashes], "hashAlgorithmOID": SHA256,
            "documents": [{"document_name": label} for label in labels], **more}, cls.token)
        assert got.status == 202, got.text
        return got.json["handle"], hashes

    def test_changes_nothing_and_sees_no_signers(self):
        self.shows("/signers", "h1")
        self.assertEqual(self.browser.count(selector="#add, #to-queue"), 0)
        self.assertEqual(self.asks("GET", "/office/v1/signers"), 403)
        self.assertEqual(self.asks("POST", "/office/v1/signers", {"id": "x"}), 403)
        self.assertTrue(self.logged("security: office, hoa is refused /office/v1/signers"))
        self.browser.complaints()

    def test_finds_transactions_and_their_receipts(self):
        self.shows("/", "#transactions")
        self.assertGreaterEqual(self.browser.count(selector="#transactions > li"), 4)
        self.browser.fill(selector="#signer", text="an")
        self.browser.evaluate(script="""(() => {
            const select = document.getElementById("state");
            select.value = "signed";
            select.dispatchEvent(new Event("change", { bubbles: true }));
        })()""")
        self.browser.click(selector="#look")
        wait_until(lambda: ATTACKS[1] in self.browser.text(selector="#transactions") and
                   "Đã từ chối" not in self.browser.text(selector="#transactions"), "the signed")
        self.assertEqual(self.browser.count(selector="#transactions img, #transactions script"), 0)
        self.browser.click(selector="#transactions > li:first-child a")
        self.browser.wait(selector="#download")
        self.assertEqual(self.browser.text(selector="#documents"), ATTACKS[0])
        file = self.world.appliance.base / "receipts.json"
        file.write_text(self.browser.download(selector="#download"))
        verified = run("kyso", "receipt", "verify", "--root", self.world.appliance.module_root, file)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.browser.click(selector="#back")
        self.browser.wait(selector="#transactions")
        self.browser.fill(selector="#to", text="2020-01-01")
        self.browser.click(selector="#look")
        self.browser.wait(selector="#none")

    def test_has_the_logs_checked(self):
        self.shows("/audit", "#modules")
        self.browser.click(selector="#check")
        self.browser.wait(selector="#verdict")
        self.assertIn("Đầy đủ", self.browser.text(selector="#verdict"))
        self.assertEqual(self.browser.count(selector="[data-verdict=complete]"), 1)
        self.assertIn("signed", self.browser.text(selector="#logs"))
        self.assertTrue(self.logged("security: office, hoa checks the audit: complete"))


class Administrator(Office):
    role = "administrator"

    def test_sees_signers_and_changes_none(self):
        self.world.add_signer("xem")
        self.shows_signer("xem")
        self.assertEqual(self.browser.count(selector="#invite, #freeze, #lost-phone"), 0)
        self.assertEqual(self.asks("GET", "/office/v1/waiting"), 200)
        self.assertEqual(self.asks("GET", "/office/v1/audit"), 200)
        self.assertEqual(self.asks("POST", "/office/v1/invitations", {"signer_id": "xem"}), 403)
        self.browser.complaints()

    def test_is_out_at_once_when_disabled(self):
        self.shows("/queue", "#empty")
        self.world.appliance.admin("office", "set", "hoa", "--status", "disabled")
        self.browser.click(selector="#to-signers")
        self.browser.wait(selector="#sign-in")
        self.browser.click(selector="#sign-in")
        self.browser.waitText(selector="#message", text="Không được chấp nhận")
        self.browser.complaints()
        self.renews()

    def renews(self):
        """Back again, with a passkey of its own."""
        self.world.appliance.admin("office", "set", "hoa", "--status", "active")
        link = self.world.appliance.admin("office", "invite", "hoa")["link"]
        self.browser.goto(url="about:blank")
        self.browser.goto(url=link)
        self.browser.fill(selector="#device-name", text="Máy mới")
        self.browser.click(selector="#register")
        self.browser.wait(selector="#registered")


class Screens(screens.Pages, Office):
    """Each page as people see it, judged by axe, at 200 % zoom and in forced colours."""

    def test_before_anybody_is_signed_in(self):
        self.browser.dropCookies()
        self.shows("/", "#sign-in")
        self.keep("office-sign-in")
        self.shows("/register#" + "A" * 43, "#register")
        self.keep("office-register")
        self.browser.complaints()

    def test_what_has_happened(self):
        self.world.appliance.admin("office", "set", "hoa", "--role", "administrator")
        self.addCleanup(self.world.appliance.admin, "office", "set", "hoa", "--role", "registrar")
        self.shows("/transactions", "#transactions")
        self.keep("office-transactions")
        self.browser.click(selector="#transactions > li:first-child a")
        self.browser.wait(selector="#receipts")
        self.keep("office-transaction")
        self.shows("/audit", "#modules")
        self.browser.click(selector="#check")
        self.browser.wait(selector="#verdict")
        self.keep("office-audit")

    def test_a_day_at_the_office(self):
        add_strangers(self.world)
        self.shows("/queue", "#empty")
        self.keep("office-queue-empty")
        self.shows("/signers", "#signers")
        self.keep("office-signers")
        self.browser.click(selector="#add")
        self.browser.wait(selector="#add-form")
        self.keep("office-add")
        self.world.add_signer("an")
        self.world.enrol("an", "an")
        self.shows_signer("an")
        self.browser.click(selector="[id^=revoke-]")
        self.browser.wait(selector="[id^=reason-]")
        self.keep("office-signer")
        self.browser.click(selector="#invite")
        self.browser.wait(selector="#invitation-qr")
        self.keep("office-invitation")
        link = self.browser.text(selector="#invitation")
        answer("kyso-phone", "enrol", "--link", "-", "--store", self.world.phone("an-2"), "--ca",
               self.world.appliance.tls_ca, input=link)
        self.shows("/queue", "[data-purpose=bind]")
        self.keep("office-queue")


if __name__ == "__main__":
    unittest.main(verbosity=2)
