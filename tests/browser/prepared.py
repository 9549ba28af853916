#!/usr/bin/env python3
"""A portal has a PDF prepared (documents/prepare) and asks with the call that it is answered: the
person reads, on a real Chromium, what will be signed. What a hostile server puts there is refused."""

import base64
import subprocess
import unittest

from appliance import run
from cases import ECDSA_SHA256
from phone import Phone, pdf
from world import b64, b64url

V2 = "/csc/v2/"


class Prepared(Phone):
    def prepare(self, document, **more):
        got = self.world.client.post(V2 + "documents/prepare", {
            "credentialID": self.credential, "document": b64(document), "signature_format": "P",
            "signAlgo": ECDSA_SHA256, "document_name": "Quyết định.pdf", **more}, self.token)
        self.assertEqual(got.status, 200, got.text)
        return got.json

    def authorize(self, prepared):
        """As documents/prepare has answered it; the handle."""
        got = self.world.client.post(V2 + "credentials/authorize", prepared["authorize"], self.token)
        self.assertEqual(got.status, 202, got.text)
        return got.json["handle"]

    def finish(self, prepared, handle):
        sad = self.outcome(handle)
        self.assertEqual(sad.status, 200, sad.text)
        got = self.world.client.post(V2 + "documents/finish", {
            "credentialID": self.credential, "SAD": sad.json["SAD"],
            "preparedID": prepared["preparedID"]}, self.token)
        self.assertEqual(got.status, 200, got.text)
        file = self.world.appliance.base / "finished.pdf"
        file.write_bytes(base64.b64decode(got.json["document"]))
        return file

    def ink(self, x, y, width, height):
        """Dark dots in a box of the page, in points from its lower left."""
        return self.browser.evaluate(script=f"""(() => {{
            const canvas = document.querySelector("canvas");
            const scale = canvas.width / 595;
            return canvas.getContext("2d").getImageData({x} * scale, (842 - {y + height}) * scale,
                {width} * scale, {height} * scale).data.filter((one, i) => i % 4 == 0 && one < 200).length;
        }})()""")

    def test_is_read_with_its_appearance_and_then_signed(self):
        box = (300, 100, 200, 60)
        prepared = self.prepare(pdf("QUYET DINH 17"), appearance={
            "preset": "phu-luc", "values": {"number": "Số: 12/QĐ-UBND"}, "box": box})
        handle = self.authorize(prepared)
        self.opens()
        self.assertIn("Quyết định.pdf", self.browser.text(selector="#documents"))
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#document-fits", text="đúng là tài liệu")
        self.browser.waitText(selector="#page-text", text="QUYET DINH 17")
        self.assertGreater(self.ink(*box), 100)
        self.assertEqual(self.ink(60, 300, 200, 60), 0)
        self.assert_accessible()
        self.browser.click(selector="#document-close")
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        signed = self.finish(prepared, handle)
        self.assertEqual(len(signed.read_bytes()), len(base64.b64decode(prepared["document"])))
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", signed], capture_output=True, text=True,
                              check=False).stdout
        self.assertEqual(said.count("Signature is Valid."), 1, said)
        judged = run("kyso", "verify", signed, "--trust", self.world.appliance.ca, "--lang", "en")
        self.assertIn("Integrity: the document's hash matches: Passed", judged.stdout)

    def test_a_second_signature_shows_the_first_and_what_it_fills_in(self):
        paper = self.world.appliance.base / "paper.pdf"
        paper.write_bytes(pdf("BIEN BAN"))
        reserved = run("kyso", "document", "reserve", paper, "so", "--box", "60,300,100,16")
        self.assertEqual(reserved.returncode, 0, reserved.stderr)
        first = self.prepare(paper.read_bytes(), appearance={"text": ["An"], "box": [60, 500, 100, 40]})
        handle = self.authorize(first)
        self.opens()
        self.browser.click(selector="#approve")
        self.browser.waitText(selector="h1", text="Đã phê duyệt")
        signed = self.finish(first, handle).read_bytes()
        second = self.prepare(signed, fill={"so": "12/QĐ-UBND"},
                              appearance={"text": ["Binh"], "box": [300, 500, 100, 40]})
        handle = self.authorize(second)
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#page-text", text="BIEN BAN")
        self.assertGreater(self.ink(60, 500, 100, 40), 50)
        self.assertGreater(self.ink(300, 500, 100, 40), 50)
        self.assertGreater(self.ink(60, 300, 100, 16), 50)
        self.browser.click(selector="#document-close")
        self.ends(handle)

    def assert_refused(self, original, lie):
        self.opens()
        self.browser.alter(**{"path": "/document?position=0", "from": original, "to": lie})
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#refused", text="document")
        self.assertEqual(self.browser.count(selector="#approve, #document"), 0)
        self.browser.honest()

    def test_what_a_hostile_server_hands_over_instead_is_refused(self):
        prepared = self.prepare(pdf("BAN NHA"))
        another = base64.b64decode(self.prepare(pdf("MUA NHA"))["document"])
        handle = self.authorize(prepared)
        document = base64.b64decode(prepared["document"])
        place = document.index(b"/Contents <") + len("/Contents <")
        lies = {
            "another that is prepared": another,
            "another page": document.replace(b"BAN NHA", b"MUA NHA"),
            "something in the place": document[:place] + b"1" + document[place + 1:],
            "a page in the place": document[:place] + b"BT (MUA NHA) Tj ET" + document[place + 18:],
            "something behind it": document + b"\n",
            "the place moved": document.replace(b"/ByteRange [0 ", b"/ByteRange [1 "),
            "the file that was to be signed": pdf("BAN NHA"),
        }
        for name, lie in lies.items():
            with self.subTest(name):
                self.assertNotEqual(lie, document)
                self.assert_refused(b64url(document), b64url(lie))
        self.assertEqual(self.outcome(handle).status, 202)
        self.ends(handle)

    def test_one_that_fits_other_attributes_is_refused(self):
        prepared, another = (self.prepare(pdf(text)) for text in ("BAN NHA", "MUA NHA"))
        handle = self.authorize(prepared)
        self.world.change(
            "UPDATE enclosures SET (document, attributes) = (SELECT document, attributes FROM "
            "preparation_files WHERE preparation_id = ?) WHERE transaction_id IN "
            "(SELECT id FROM transactions WHERE unfinished = 1)", another["preparedID"])
        self.opens()
        self.browser.click(selector="#documents .open")
        self.browser.waitText(selector="#refused", text="document")
        self.assertEqual(self.outcome(handle).status, 202)
        self.ends(handle)


if __name__ == "__main__":
    unittest.main(verbosity=2)
