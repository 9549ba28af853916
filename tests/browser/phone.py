"""A person's phone, played by a real Chromium, and what a portal asks it; for the tests beside this."""

import base64
import hashlib
import secrets
import subprocess
import unittest
import urllib.parse

from appliance import answer
from browser import Browser
from cases import ECDSA_SHA256, SHA256
from world import World, b64

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
