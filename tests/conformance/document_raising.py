#!/usr/bin/env python3
"""Documents of signDoc that missed their level: told, kept, raised when the authorities return."""

import base64
import http.client
import os
import re
import secrets
import signal
import subprocess
import threading
import unittest

import pdf_parts
from appliance import run, wait_until
from document_levels import LevelPortal
from documents import V2, pdf_for_a_signature
from tsa import Authority

UNKNOWN = "Invalid parameter documentID"


def der(tag, content):
    """One element of DER, below 64 KiB."""
    size = len(content)
    head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + content


def refusal(words):
    """A TimeStampResp that rejects (RFC 3161 §2.4.2), with these words."""
    return der(0x30, der(0x30, der(0x02, b"\x02") + der(0x30, der(0x0c, words))))


class Raising(LevelPortal):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        appliance = cls.world.appliance
        cls.tsa = Authority(appliance.base / "tsa", has_list=True)
        cls.addClassCleanup(cls.tsa.close)
        values = cls.world.values
        client, secret = cls.world.add_client("Another", "--all-signers")
        values["token_other"] = cls.world.token(client, secret)
        cls.plain = (appliance.data / "kyso.toml").read_text()
        cls.serve()

    @classmethod
    def serve(cls, **rules):
        """Starts again, with these keys of [raising]."""
        cls.world.appliance.stop()
        keys = {"retry_seconds": 1, "longest_wait_seconds": 1, **rules}
        (cls.world.appliance.data / "kyso.toml").write_text(
            cls.plain + f'\n[timestamp]\nurl = "{cls.tsa.url}"\nauthorities = "{cls.tsa.authorities}"\n'
            "[raising]\n" + "".join(f"{name} = {value}\n" for name, value in keys.items()))
        cls.world.appliance.start()

    def setUp(self):
        self.tsa.answers, self.tsa.lists = self.tsa.stamp, True

    def close_tsa(self):
        self.tsa.answers = lambda _: (503, b"")

    def open_tsa(self):
        self.tsa.answers = self.tsa.stamp

    def fetch(self, document, token="token_a", **members):
        return self.world.call(V2 + "signatures/raisedDocument", {"documentID": document, **members},
                               token)

    def awaited(self, document, condition, what):
        def found():
            got = self.fetch(document)
            self.assertEqual(got.status, 200, got.text)
            return got.json if condition(got.json) else None
        return wait_until(found, what)

    def done(self, document):
        got = self.awaited(document, lambda one: one["state"] != "raising", "the raised document")
        self.assertEqual(got["state"], "done", got)
        self.assertEqual(got["reachedLevel"], got["conformance_level"])
        self.assertNotIn("fault", got)
        return got

    def missed(self, level, reached):
        """(documentID, the PDF as it was answered) of one that is to reach this level, and does not."""
        got, signed = self.raised(level)
        self.assertEqual(self.levels_of(got), [reached])
        (raising,) = got.json["raising"]
        self.assertEqual(set(raising), {"documentID", "conformance_level"})
        self.assertEqual(raising["conformance_level"], level)
        self.assertRegex(raising["documentID"], r"^doc_[A-Za-z0-9_-]{43}$")
        return raising["documentID"], signed

    def assert_raised(self, answer, signed, stamps):
        """The answered file is the one that was signed with more in and behind it, and all agree on it."""
        (pdf,) = (base64.b64decode(one) for one in answer["DocumentWithSignature"])
        self.assertEqual(pdf_parts.parts(pdf)[1], pdf_parts.parts(signed)[1], "the signed bytes")
        found = list(pdf_parts.all_parts(pdf, pdf_parts.TIMESTAMP))
        self.assertEqual(len(found), stamps)
        for token, covered in found:
            self.verify_stamp(token, covered, self.tsa.authorities)
        file = self.world.appliance.base / "fetched.pdf"
        file.write_bytes(pdf)
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", file], capture_output=True, text=True).stdout
        self.assertEqual(said.count("Signature is Valid."), 1, said)
        anchors = self.world.appliance.base / "anchors.pem"
        anchors.write_text(self.world.appliance.ca.read_text() + self.tsa.authorities.read_text())
        judged = run("kyso", "verify", file, "--trust", anchors, "--lang", "en")
        self.assertEqual(judged.returncode, 0, judged.stdout + judged.stderr)
        self.assertIn(answer["reachedLevel"].removeprefix("Ades-"), judged.stdout)
        return pdf

    def test_each_step_waits_for_its_authority(self):
        self.close_tsa()
        self.tsa.lists = False
        document, signed = self.missed("Ades-B-LTA", "Ades-B-B")
        waiting = self.fetch(document).json
        self.assertEqual(set(waiting), {"documentID", "state", "conformance_level", "reachedLevel",
                                        "fault", "nextAttempt"})
        self.assertEqual((waiting["state"], waiting["reachedLevel"]), ("raising", "Ades-B-B"))
        self.assertIn("503", waiting["fault"])
        early = self.fetch(document, anyLevel=True).json
        self.assertEqual((early["state"], early["reachedLevel"]), ("raising", "Ades-B-B"))
        self.assertEqual(early["DocumentWithSignature"], [base64.b64encode(signed).decode()])
        # Nobody else hears of it.
        for other in (self.fetch(document, "token_other"), self.fetch("doc_none")):
            self.assert_refused(other, UNKNOWN)

        self.open_tsa()
        stamped = self.awaited(document, lambda one: one["reachedLevel"] == "Ades-B-T", "the time-stamp")
        self.assertEqual(stamped["state"], "raising")
        self.close_tsa()
        self.tsa.lists = True
        self.awaited(document, lambda one: one["reachedLevel"] == "Ades-B-LT", "the status")
        self.open_tsa()
        self.assert_raised(self.done(document), signed, 1)

    def test_the_server_may_stop_and_be_killed_meanwhile(self):
        self.close_tsa()
        document, signed = self.missed("Ades-B-LTA", "Ades-B-B")
        self.serve()
        self.assertEqual(self.fetch(document).json["state"], "raising")
        (server,) = self.world.appliance.child("kyso-server")
        os.kill(server, signal.SIGKILL)
        self.open_tsa()

        def is_back():
            try:
                return self.fetch(document).status == 200
            except (OSError, http.client.HTTPException):
                return False
        wait_until(is_back, "the server that was killed")
        self.assert_raised(self.done(document), signed, 1)

    def test_the_same_signature_is_kept_once(self):
        self.close_tsa()
        pdf = pdf_for_a_signature()
        sad = self.approved_pdf(pdf)
        kept = set()
        for _ in range(2):
            got = self.sign_doc(sad, documents=[self.document(pdf, signature_format="P",
                                                              conformance_level="Ades-B-T")])
            self.assertEqual(got.status, 200, got.text)
            kept.add(got.json["raising"][0]["documentID"])
        self.assertEqual(len(kept), 1)
        self.open_tsa()
        self.done(kept.pop())

    def test_a_cms_is_stamped_later_and_only_what_missed_is_named(self):
        self.close_tsa()
        plain, stamped = secrets.token_bytes(50), secrets.token_bytes(60)
        got = self.sign_doc(self.approved_for([plain, stamped]), documents=[
            self.document(plain), self.document(stamped, signed_envelope_property="Detached",
                                                conformance_level="Ades-B-T")])
        self.assertEqual(self.levels_of(got), ["Ades-B-B", "Ades-B-B"])
        nothing, raising = got.json["raising"]
        self.assertIsNone(nothing)
        self.open_tsa()
        (cms,) = (base64.b64decode(one) for one in self.done(raising["documentID"])["SignatureObject"])
        self.verify(cms, stamped)
        self.assertIn(bytes.fromhex("060b2a864886f70d010910020e"), cms)  # id-aa-timeStampToken

    def test_nothing_more_is_said_where_nothing_is_missed(self):
        got, _ = self.raised("Ades-B-LTA")
        self.assertEqual(set(got.json), {"DocumentWithSignature", "reachedLevels"})

    def test_when_it_is_full_the_answer_says_so(self):
        self.serve(documents_max=0)
        self.addCleanup(self.serve)
        self.close_tsa()
        got, _ = self.raised("Ades-B-T")
        self.assertEqual(got.json["raising"], [
            {"conformance_level": "Ades-B-T",
             "refused": "as many documents are being raised as this server keeps"}])

    def test_one_client_leaves_room_for_the_others(self):
        self.serve(client_documents_max=0)
        self.addCleanup(self.serve)
        self.close_tsa()
        got, _ = self.raised("Ades-B-T")
        self.assertEqual(got.json["raising"], [
            {"conformance_level": "Ades-B-T",
             "refused": "as many documents are being raised as this server keeps of one client"}])

    def test_who_comes_while_an_authority_hangs_does_not_wait_for_it(self):
        self.serve(retry_seconds=3600, longest_wait_seconds=3600)
        self.addCleanup(self.serve)
        asked, over = [], threading.Event()
        self.addCleanup(over.set)

        def hang(question):
            asked.append(question)
            over.wait()
            return 503, b""
        self.tsa.answers = hang
        first, one = self.missed("Ades-B-LTA", "Ades-B-B")
        self.assertTrue(asked)
        asked.clear()
        second, another = self.missed("Ades-B-LTA", "Ades-B-B")
        self.assertEqual(asked, [])
        self.assertIn("has not answered lately", self.fetch(second).json["fault"])

        self.open_tsa()
        self.world.appliance.admin("document", "raising", "--retry")
        self.assert_raised(self.done(first), one, 1)
        self.assert_raised(self.done(second), another, 1)
        got, _ = self.raised("Ades-B-LTA")
        self.assertEqual(self.levels_of(got), ["Ades-B-LTA"])

    def test_what_the_authority_says_is_told(self):
        """Its refusal, whatever is in its words."""
        words = "hết hạn \x1b[31m\u202e".encode() + b"\xff" + "ế".encode() * 200
        self.tsa.answers = lambda _: (200, refusal(words))
        document, _ = self.missed("Ades-B-T", "Ades-B-B")
        got = self.fetch(document)
        self.assertIn("refuses (PKIStatus 2): hết hạn ?[31m??ế", got.json["fault"])
        shown = run("kyso", "document", "raising", "--data", self.world.appliance.data)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("hết hạn ?[31m??ế", shown.stdout)
        self.open_tsa()
        self.done(document)

    def test_what_is_given_up_is_answered_as_it_is(self):
        self.serve(give_up_seconds=1)
        self.addCleanup(self.serve)
        self.close_tsa()
        document, signed = self.missed("Ades-B-T", "Ades-B-B")
        got = self.awaited(document, lambda one: one["state"] != "raising", "the end")
        self.assertEqual((got["state"], got["reachedLevel"]), ("givenUp", "Ades-B-B"))
        self.assertIn("503", got["fault"])
        self.assertEqual(base64.b64decode(got["DocumentWithSignature"][0]), signed)

    def test_what_was_fetched_is_not_kept_for_long(self):
        self.serve(keep_fetched_seconds=1)
        self.addCleanup(self.serve)
        self.close_tsa()
        document, _ = self.missed("Ades-B-T", "Ades-B-B")
        self.open_tsa()
        self.done(document)
        gone = wait_until(lambda: (got := self.fetch(document)).status == 400 and got, "its end")
        self.assert_refused(gone, UNKNOWN)

    def test_operators_see_it_and_may_hurry(self):
        self.serve(retry_seconds=3600, longest_wait_seconds=3600)
        self.addCleanup(self.serve)
        self.close_tsa()
        document, _ = self.missed("Ades-B-T", "Ades-B-B")
        (row,) = (one for one in self.world.appliance.admin("document", "raising")["raisings"]
                  if one["id"] == document)
        self.assertEqual((row["state"], row["reached"], row["target"], row["client_id"]),
                         ("raising", "B-B", "B-T", self.world.values["client_a"]))
        shown = run("kyso", "document", "raising", "--data", self.world.appliance.data).stdout
        self.assertIn(document[:12], shown)
        self.assertNotIn(document, shown)
        self.assertIn("B-B of B-T", shown)

        def gauge():
            text = self.world.client.send("admin", "GET", "/admin/v1/metrics").text.decode()
            found = re.search(r"^kyso_raising_documents (\d+)", text, re.M)
            return found and int(found[1]) == 1
        wait_until(gauge, "the gauge")
        self.open_tsa()
        self.assertEqual(self.world.appliance.admin("document", "raising", "--retry"), {"due": 1})
        self.done(document)


if __name__ == "__main__":
    unittest.main(verbosity=2)
