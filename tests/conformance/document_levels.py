#!/usr/bin/env python3
"""conformance_level of signDoc: what is raised, how far, and what a failing authority costs."""

import base64
import hashlib
import secrets
import subprocess
import unittest

import pdf_parts
from cases import ECDSA_SHA256, SHA256
from documents import V2, DocumentPortal, pdf_for_a_signature
from tsa import Authority
from world import World, b64


class LevelPortal(DocumentPortal):
    """What each of the tests here expects."""

    def levels_of(self, got):
        self.assertEqual(got.status, 200, got.text)
        return got.json["reachedLevels"]

    def raised(self, level, room=9000):
        """(the answer, the signed PDF) for a PDF that is to reach this level."""
        pdf = pdf_for_a_signature(room)
        got = self.sign_doc(self.approved_pdf(pdf), documents=[self.document(
            pdf, signature_format="P", conformance_level=level)])
        self.assertEqual(got.status, 200, got.text)
        (signed,) = (base64.b64decode(one) for one in got.json["DocumentWithSignature"])
        cms, content = pdf_parts.parts(signed)
        self.assertEqual(content, self.covered(pdf))
        self.verify(cms, content)
        return got, signed

    def verify_stamp(self, token, content, authority=None):
        base = self.world.appliance.base
        (base / "token").write_bytes(token)
        (base / "stamped").write_bytes(content)
        done = subprocess.run(["openssl", "ts", "-verify", "-token_in", "-in", base / "token", "-data",
                               base / "stamped", "-CAfile",
                               authority or self.world.appliance.data / "ca.pem"],
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class WithOurOwnAuthority(LevelPortal):
    def test_a_pdf_is_raised_to_each_level(self):
        self.assertEqual(self.call(V2 + "info", {}).json["conformance_levels"],
                         ["Ades-B-B", "Ades-B-T", "Ades-B-LT", "Ades-B-LTA"])
        for level, stamps in (("Ades-B-T", 0), ("AdES-B-LT", 0), ("Ades-B-LTA", 1)):
            with self.subTest(level):
                got, signed = self.raised(level)
                self.assertEqual(self.levels_of(got), [level.replace("AdES", "Ades")])
                found = list(pdf_parts.all_parts(signed, pdf_parts.TIMESTAMP))
                self.assertEqual(len(found), stamps)
                self.assertEqual(b"/DSS" in signed, not level.endswith("B-T"))
                for token, covered in found:
                    self.verify_stamp(token, covered)
                file = self.world.appliance.base / "raised.pdf"
                file.write_bytes(signed)
                checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_a_token_that_finds_no_room_covers_the_file(self):
        got, signed = self.raised("Ades-B-T", room=2000)
        self.assertEqual(self.levels_of(got), ["Ades-B-T"])
        self.verify_stamp(*pdf_parts.parts(signed, pdf_parts.TIMESTAMP))

    def test_a_detached_signature_is_stamped(self):
        document = secrets.token_bytes(100)
        got = self.sign_doc(self.approved_for([document]), documents=[self.document(
            document, signed_envelope_property="Detached", conformance_level="Ades-B-T")])
        self.assertEqual(self.levels_of(got), ["Ades-B-T"])
        (cms,) = (base64.b64decode(one) for one in got.json["SignatureObject"])
        self.verify(cms, document)
        self.assertIn(bytes.fromhex("060b2a864886f70d010910020e"), cms)  # id-aa-timeStampToken

    def test_levels_that_cannot_be_are_refused_before_the_approval_is_spent(self):
        document = secrets.token_bytes(100)
        digest = {"hashes": [b64(hashlib.sha256(document).digest())], "hashAlgorithmOID": SHA256,
                  "signAlgo": ECDSA_SHA256, "conformance_level": "Ades-B-LT", "signature_format": "C"}
        sad = self.approved_for([document])
        refusal = "Invalid parameter conformance_level"
        self.assert_refused(self.sign_doc(sad, documentDigests=[digest]), refusal)
        digest["conformance_level"] = "Ades-B-T"
        self.assert_refused(self.sign_doc(sad, documentDigests=[digest], operationMode="A"), refusal)
        self.assertEqual(self.levels_of(self.sign_doc(sad, documentDigests=[digest])), ["Ades-B-T"])


class WithAnAuthorityOfOthers(LevelPortal):
    """timestamp.url and timestamp.fallback_urls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = Authority(cls.world.appliance.base / "first")
        cls.second = Authority(cls.world.appliance.base / "second")
        for one in (cls.first, cls.second):
            cls.addClassCleanup(one.close)
        both = cls.world.appliance.base / "authorities.pem"
        both.write_text(cls.first.authorities.read_text() + cls.second.authorities.read_text())
        cls.both = both
        cls.world.appliance.stop()
        with open(cls.world.appliance.data / "kyso.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[timestamp]\nurl = "{cls.first.url}"\n'
                       f'fallback_urls = ["{cls.second.url}"]\nauthorities = "{both}"\n')
        cls.world.appliance.start()

    def setUp(self):
        self.first.answers, self.second.answers = self.first.stamp, self.second.stamp

    def test_the_second_is_asked_where_the_first_fails(self):
        for broken in (lambda _: (500, b""), lambda _: (200, b"x"),
                       lambda question: (200, self.second.stamp(question)[1][:-1] + b"x")):
            self.first.answers = broken
            got, _ = self.raised("Ades-B-T")
            self.assertEqual(self.levels_of(got), ["Ades-B-T"])

    def test_without_a_time_stamp_the_signature_is_answered_all_the_same(self):
        asked = []

        def refused(_):
            asked.append(1)
            return 500, b""
        self.first.answers = self.second.answers = refused
        got, signed = self.raised("Ades-B-LTA")
        self.assertEqual(self.levels_of(got), ["Ades-B-B"])
        self.assertEqual(len(asked), 2, "each once")
        self.assertEqual(list(pdf_parts.all_parts(signed, pdf_parts.TIMESTAMP)), [])

    def test_an_authority_whose_status_is_nowhere_leaves_it_at_b_t(self):
        got, signed = self.raised("Ades-B-LTA")
        self.assertEqual(self.levels_of(got), ["Ades-B-T"])
        self.assertNotIn(b"/DSS", signed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
