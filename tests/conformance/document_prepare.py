#!/usr/bin/env python3
"""documents/prepare and documents/finish: a portal that knows neither CMS nor ByteRange."""

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import unittest

from appliance import answer, openssl_verifies, run, wait_until
from cases import ECDSA_SHA256, RSA_SHA256
from client import post_once
from documents import V2, DocumentPortal
from pdf_signature import png, sample_pdf
from tsa import Authority
from world import b64, unb64url

UNKNOWN = "Invalid parameter preparedID"
ANOTHER = ("The SAD was given for other hashes: have those approved that documents/prepare has "
           "answered with this preparedID, and send the SAD of that")
REPORT = b"""<hocba><hoc-sinh Id="hs1"><ten>An</ten></hoc-sinh><CHUKY/></hocba>"""


def large_pdf(size):
    """With a comment of so many bytes."""
    pdf = sample_pdf()
    at = pdf.index(b"xref\n0 5")
    padded = pdf[:at] + b"%" + b"x" * size + b"\n" + pdf[at:]
    return padded.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + size + 2))


class Preparing(DocumentPortal):
    KEYS = {"credential_a": ("an", "p256"), "credential_b": ("binh", "rsa2048")}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        appliance = cls.world.appliance
        cls.tsa = Authority(appliance.base / "tsa", has_list=True)
        cls.addClassCleanup(cls.tsa.close)
        client, secret = cls.world.add_client("Another", "--all-signers")
        cls.world.values["token_other"] = cls.world.token(client, secret)
        cls.plain = (appliance.data / "kyso.toml").read_text()
        cls.serve()

    @classmethod
    def serve(cls, **rules):
        """Starts again, with these keys of [prepare]."""
        cls.world.appliance.stop()
        (cls.world.appliance.data / "kyso.toml").write_text(
            cls.plain + f'\n[timestamp]\nurl = "{cls.tsa.url}"\nauthorities = "{cls.tsa.authorities}"\n'
            "[raising]\nretry_seconds = 1\nlongest_wait_seconds = 1\n"
            "[prepare]\n" + "".join(f"{name} = {value}\n" for name, value in rules.items()))
        cls.world.appliance.start()

    def setUp(self):
        self.tsa.answers, self.tsa.lists = self.tsa.stamp, True

    def prepare(self, document, credential="credential_a", **more):
        algorithm = {"signAlgo": ECDSA_SHA256 if credential == "credential_a" else RSA_SHA256}
        return self.world.call(V2 + "documents/prepare", {
            "credentialID": self.world.values[credential], "document": b64(document),
            "signature_format": "P", **algorithm, **more})

    def prepared(self, document, *others, **more):
        got = self.prepare(document, *others, **more)
        self.assertEqual(got.status, 200, got.text)
        self.assertRegex(got.json["preparedID"], r"^prep_[A-Za-z0-9_-]{43}$")
        return got.json

    def approve(self, authorize):
        """What the answer of prepare says to ask for, as it stands; the SAD."""
        got = self.call(V2 + "credentials/authorize", authorize)
        self.assertEqual(got.status, 202, got.text)
        name = next(name for name in self.KEYS if self.world.values[name] == authorize["credentialID"])
        self.world.approve(self.world.owner[name])
        return self.check(got.json["handle"]).json["SAD"]

    def finish(self, prepared, sad, token="token_a"):
        return self.world.call(V2 + "documents/finish", {
            "credentialID": prepared["authorize"]["credentialID"], "SAD": sad,
            "preparedID": prepared["preparedID"]}, token)

    def discard(self, prepared, token="token_a"):
        return self.world.call(V2 + "documents/discard", {
            "credentialID": prepared["authorize"]["credentialID"],
            "preparedID": prepared["preparedID"]}, token)

    def finished(self, prepared, sad=None):
        """(the answer, the document)"""
        got = self.finish(prepared, sad or self.approve(prepared["authorize"]))
        self.assertEqual(got.status, 200, got.text)
        return got.json, base64.b64decode(got.json["document"])

    def file(self, name, content):
        path = self.world.appliance.base / name
        path.write_bytes(content)
        return path

    def assert_valid(self, pdf, signatures, level):
        """So say pdfsig, qpdf and `kyso verify`."""
        file = self.file("finished.pdf", pdf)
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", file], capture_output=True, text=True).stdout
        self.assertEqual(said.count("Signature is Valid."), signatures, said)
        checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        anchors = self.file("anchors.pem", self.world.appliance.ca.read_bytes() +
                            self.tsa.authorities.read_bytes())
        judged = run("kyso", "verify", file, "--trust", anchors, "--lang", "en")
        self.assertEqual(judged.stdout.count("Integrity: the document's hash matches: Passed"),
                         signatures, judged.stdout)
        if "LT" in level:
            self.assertEqual(judged.returncode, 0, judged.stdout + judged.stderr)
            self.assertIn(level.removeprefix("Ades-"), judged.stdout)
        else:  # below it the status of certificates has to be asked for
            self.assertIn("Verdict: INDETERMINATE", judged.stdout)
        if level.endswith("B-T"):  # id-aa-timeStampToken, or a time-stamp of the file
            self.assertRegex(pdf.lower(), b"060b2a864886f70d010910020e|etsi.rfc3161")


class Renewal(Preparing):
    """What was approved under one certificate is finished with it, though the key has another."""

    def renew(self, *options):
        self.world.appliance.admin("credential", "renew", self.world.values["credential_a"], *options)
        answer("kyso-phone", "approve", "--store", self.world.appliance.officer, "--all", "--yes",
               "--wait", "60")

    def serial_in_use(self):
        shown = self.world.appliance.admin("credential", "show", self.world.values["credential_a"])
        return next(one["serial_number"] for one in shown["life"] if one["in_use"])

    def serial_of(self, pdf):
        done = run("kyso", "verify", self.file("renewed.pdf", pdf), "--trust",
                   self.world.appliance.ca, "--json")
        return json.loads(done.stdout)["signatures"][0]["signer"]["serial_number"].upper()

    def test_a_document_is_finished_with_the_certificate_that_it_was_prepared_for(self):
        before = self.serial_in_use()
        prepared = self.prepared(sample_pdf())
        sad = self.approve(prepared["authorize"])
        self.renew()
        self.assertNotEqual(before, self.serial_in_use())
        _, signed = self.finished(prepared, sad)
        self.assert_valid(signed, 1, "B-B")
        self.assertEqual(self.serial_of(signed), before)
        _, signed = self.finished(self.prepared(sample_pdf()))
        self.assertEqual(self.serial_of(signed), self.serial_in_use())

    def test_a_document_is_not_finished_with_one_that_is_superseded(self):
        prepared = self.prepared(sample_pdf())
        sad = self.approve(prepared["authorize"])
        self.renew("--supersede")
        got = self.finish(prepared, sad)
        self.assertEqual(got.status, 400)
        self.assertIn("revoked or has ended: prepare it anew", got.json["error_description"])

    def test_sign_doc_puts_the_certificate_in_that_was_approved(self):
        content = b"a letter"
        sad = self.approved_for([content])
        self.renew()
        got = self.sign_doc(sad, documents=[
            self.document(content, signed_envelope_property="Detached")])
        self.assertEqual(got.status, 200, got.text)
        cms = self.file("letter.p7s", base64.b64decode(got.json["SignatureObject"][0]))
        self.assertTrue(openssl_verifies(cms, self.file("letter", content), self.world.appliance.ca))


class Pdf(Preparing):
    def test_a_preset_is_shown_and_signed_and_the_second_signer_leaves_the_first_untouched(self):
        first = self.prepared(
            sample_pdf(), document_name="Quyết định.pdf", reason="Phê duyệt", appearance={
                "preset": "lanh-dao", "picture": b64(png(120, 60, (0, 0, 220))), "box": [300, 100, 120, 60]})
        self.assertEqual(first["authorize"]["documents"], [
            {"preparedID": first["preparedID"], "document_name": "Quyết định.pdf"}])
        self.assertEqual(first["expiresIn"], 24 * 3600)
        shown = base64.b64decode(first["document"])
        self.assertTrue(shown.startswith(sample_pdf()))
        answer, signed = self.finished(first)
        self.assertEqual(set(answer), {"document", "reachedLevel"})
        self.assertEqual(answer["reachedLevel"], "Ades-B-B")
        self.assertEqual(len(signed), len(shown))
        self.assert_valid(signed, 1, "B-B")

        second = self.prepared(signed, "credential_b", appearance={
            "preset": "phu-luc", "values": {"number": "Số: 12/QĐ-UBND"}})
        _, both = self.finished(second)
        self.assertTrue(both.startswith(signed))
        self.assert_valid(both, 2, "B-B")
        text = subprocess.run(["pdftotext", self.file("both.pdf", both), "-"], capture_output=True,
                              text=True).stdout
        self.assertIn("Số: 12/QĐ-UBND", text)

    def test_what_it_fills_in_is_signed(self):
        paper = self.file("paper.pdf", sample_pdf())
        answer("kyso", "document", "reserve", paper, "so", "--after", "Contract no. 1")
        _, signed = self.finished(self.prepared(paper.read_bytes()))
        _, numbered = self.finished(self.prepared(signed, "credential_b", fill={"so": "12/QĐ-UBND"}))
        self.assertTrue(numbered.startswith(signed))
        self.assert_valid(numbered, 2, "B-B")
        text = subprocess.run(["pdftotext", self.file("numbered.pdf", numbered), "-"], capture_output=True,
                              text=True).stdout
        self.assertIn("12/QĐ-UBND", text)

    def test_is_raised_as_signdoc_raises(self):
        for level in ("Ades-B-T", "Ades-B-LT", "Ades-B-LTA"):
            with self.subTest(level):
                answer, signed = self.finished(self.prepared(sample_pdf(), conformance_level=level))
                self.assertEqual(answer["reachedLevel"], level)
                self.assertNotIn("raising", answer)
                self.assert_valid(signed, 1, level)

    def test_an_authority_that_is_away_costs_a_level_for_now(self):
        prepared = self.prepared(sample_pdf(), conformance_level="Ades-B-T")
        sad = self.approve(prepared["authorize"])
        self.tsa.answers = lambda _: (503, b"")
        answer, signed = self.finished(prepared, sad)
        self.assertEqual(answer["reachedLevel"], "Ades-B-B")
        self.tsa.answers = self.tsa.stamp
        self.assertEqual(self.finished(prepared, sad), (answer, signed), "asked for again")

        def raised():
            got = self.call(V2 + "signatures/raisedDocument", {
                "documentID": answer["raising"]["documentID"]})
            return got.json if got.json["state"] == "done" else None
        done = wait_until(raised, "the raised document")
        self.assert_valid(base64.b64decode(done["DocumentWithSignature"][0]), 1, "B-T")

    def test_many_are_approved_at_once_and_finished_one_by_one(self):
        all_prepared = [self.prepared(sample_pdf(), reason=f"{i}") for i in range(3)]
        calls = [one["authorize"] for one in all_prepared]
        sad = self.approve({**calls[0], "numSignatures": 3, **{
            name: [each for one in calls for each in one[name]] for name in ("hashes", "documents")}})
        for one in reversed(all_prepared):
            self.assert_valid(self.finished(one, sad)[1], 1, "B-B")

    def test_outlives_a_stop_and_a_kill_and_answers_the_identical_bytes_again(self):
        prepared = self.prepared(sample_pdf(), conformance_level="Ades-B-T")
        self.serve()
        sad = self.approve(prepared["authorize"])
        self.kill()
        first = self.finished(prepared, sad)
        self.assertEqual(self.finished(prepared, sad), first)
        self.kill()
        self.assertEqual(self.finished(prepared, sad), first)
        self.assert_valid(first[1], 1, "B-T")

    def kill(self):
        (server,) = self.world.appliance.child("kyso-server")
        os.kill(server, signal.SIGKILL)

        def is_back():
            try:
                return self.call(V2 + "info", {}).status == 200
            except (OSError, http.client.HTTPException):
                return False
        wait_until(is_back, "the server that was killed")

    def test_finished_by_several_at_once_it_is_one_document(self):
        prepared = self.prepared(sample_pdf(), conformance_level="Ades-B-T")
        sad = self.approve(prepared["authorize"])
        body = {"credentialID": prepared["authorize"]["credentialID"], "SAD": sad,
                "preparedID": prepared["preparedID"]}
        asked = [self.pool.submit(post_once, self.world.appliance, V2 + "documents/finish", body,
                                  self.world.values["token_a"]) for _ in range(4)]
        answers = [one.result(60) for one in asked]
        done = {one.json["document"] for one in answers if one.status == 200}
        self.assertEqual(len(done), 1, [one.text for one in answers])
        # The others sign with the same approval at that moment, and may ask again.
        self.assertTrue(all(one.status in (200, 429) for one in answers), [one.text for one in answers])

    def test_nobody_else_finishes_it(self):
        prepared = self.prepared(sample_pdf())
        sad = self.approve(prepared["authorize"])
        theirs = self.call_as("token_other", self.prepare_body(sample_pdf()))
        self.assertEqual(theirs.status, 200, theirs.text)
        self.assert_refused(self.finish(theirs.json, sad), UNKNOWN)
        self.assert_refused(self.finish({**prepared, "preparedID": "prep_none"}, sad), UNKNOWN)
        self.assert_refused(self.finish(prepared, sad, "token_other"), UNKNOWN)
        self.finished(prepared, sad)
        self.assert_refused(self.finish(prepared, sad, "token_other"), UNKNOWN)

    def prepare_body(self, document):
        return {"credentialID": self.world.values["credential_a"], "document": b64(document),
                "signature_format": "P", "signAlgo": ECDSA_SHA256}

    def call_as(self, token, body):
        return self.world.call(V2 + "documents/prepare", body, token)

    def test_an_approval_of_something_else_is_none(self):
        one, another = (self.prepared(sample_pdf(), reason=reason) for reason in ("1", "2"))
        sad = self.approve(one["authorize"])
        self.assert_refused(self.finish(another, sad), ANOTHER)
        self.finished(one, sad)
        self.assert_refused(self.finish(another, sad), ANOTHER)

    def test_before_the_signer_has_answered_nothing_is_signed(self):
        prepared = self.prepared(sample_pdf())
        got = self.call(V2 + "credentials/authorize", prepared["authorize"])
        sad = self.world.sad_of(self.world.pending("an")[0]["id"])
        self.assert_refused(self.finish(prepared, sad), "Invalid parameter SAD")
        self.world.approve("an")
        self.finished(prepared, self.check(got.json["handle"]).json["SAD"])

    def test_its_time_runs_out(self):
        self.serve(keep_seconds=1)
        self.addCleanup(self.serve)
        prepared = self.prepared(sample_pdf())
        wait_until(lambda: self.finish(prepared, "x.y").json["error_description"] == UNKNOWN, "its end")
        self.assert_refused(self.call(V2 + "credentials/authorize", prepared["authorize"]), UNKNOWN)
        without = {name: value for name, value in prepared["authorize"].items() if name != "documents"}
        self.assert_refused(self.finish(prepared, self.approve(without)), UNKNOWN)

    def test_too_many_are_refused(self):
        for rules, words in (({"documents_max": 0}, ""), ({"client_documents_max": 0}, " of one client")):
            with self.subTest(rules):
                self.serve(**rules)
                self.addCleanup(self.serve)
                got = self.prepare(sample_pdf())
                self.assert_refused(got, "as many documents are prepared as this server keeps" + words,
                                    "temporarily_unavailable", 429)

    def test_one_that_nobody_will_sign_makes_room(self):
        unwanted = self.prepared(sample_pdf())
        with sqlite3.connect(self.world.appliance.data / "kyso.db", timeout=30) as database:
            (there,), = database.execute(
                "SELECT COUNT(*) FROM preparations WHERE client_id = "
                "(SELECT client_id FROM preparations WHERE id = ?)", (unwanted["preparedID"],))
        database.close()
        self.serve(client_documents_max=there)
        self.addCleanup(self.serve)
        self.assertEqual(self.prepare(sample_pdf()).status, 429)
        self.assert_refused(self.discard(unwanted, "token_other"), UNKNOWN)

        self.assertEqual(self.discard(unwanted).status, 204)

        self.assert_refused(self.discard(unwanted), UNKNOWN)
        self.assert_refused(self.call(V2 + "credentials/authorize", unwanted["authorize"]), UNKNOWN)
        prepared = self.prepared(sample_pdf())
        self.finished(prepared)
        self.assert_refused(self.discard(prepared), "What preparedID stands for is signed: it goes by "
                            "itself in some minutes")

    def test_what_cannot_be_signed_is_refused_in_words(self):
        plain = self.file("plain.pdf", sample_pdf())
        encrypted = self.world.appliance.base / "encrypted.pdf"
        subprocess.run(["qpdf", "--encrypt", "", "owner", "256", "--", plain, encrypted], check=True)
        _, certified = self.finished(self.prepared(sample_pdf(), certify=True))
        for document, more, word in (
                (encrypted.read_bytes(), {}, "encrypted"), (certified, {}, "certified"),
                (b"text", {}, "no PDF"), (sample_pdf(), {"field": "Approval"}, "Approval"),
                (sample_pdf(), {"fill": {"so": "12"}}, "no text field"),
                (sample_pdf(), {"appearance": {"preset": "other"}}, "ky-nhay"),
                (sample_pdf(), {"appearance": {"preset": "phu-luc"}}, "{number}"),
                (sample_pdf(), {"appearance": {"text": ["x"], "box": [590, 0, 100, 20]}}, "does not fit")):
            with self.subTest(word):
                got = self.prepare(document, **more)
                self.assertEqual((got.status, got.json["error"]), (400, "invalid_request"), got.text)
                self.assertIn(word, got.json["error_description"])

    def test_a_damaged_file_is_repaired_and_says_so(self):
        damaged = sample_pdf().replace(b"startxref\n", b"startxref\n1")
        prepared = self.prepared(damaged)
        self.assertIn("repaired", prepared["note"])
        self.assert_valid(self.finished(prepared)[1], 1, "B-B")

    def test_a_text_that_looks_like_a_signature_destroys_none(self):
        for more in ({"reason": "the /ByteRange of it"}, {"location": "/ByteRange [0 1 2 3]"}):
            with self.subTest(more):
                prepared = self.prepared(sample_pdf(), **more)
                _, signed = self.finished(prepared)
                self.assertEqual(len(signed), len(base64.b64decode(prepared["document"])))
                self.assert_valid(signed, 1, "B-B")

    def test_is_not_put_behind_one_that_was_never_finished(self):
        unfinished = base64.b64decode(self.prepared(sample_pdf())["document"])
        got = self.prepare(unfinished)
        self.assertEqual(got.status, 400, got.text)
        self.assertIn('"Signature1" was prepared and has not been signed',
                      got.json["error_description"])

    def test_operators_see_how_many_wait(self):
        self.prepared(sample_pdf())

        def gauge():
            text = self.world.client.send("admin", "GET", "/admin/v1/metrics").text.decode()
            found = re.search(r"^kyso_prepared_documents (\d+)", text, re.M)
            return found and int(found[1]) >= 1
        wait_until(gauge, "the gauge")


class Enclosed(Preparing):
    """What the phone can show of what was prepared."""

    def phone_gets(self, path):
        session = self.world.session(self.world.phone(self.world.owner["credential_a"]))
        got = self.world.client.send("approve.localhost", "GET", "/approve/v1/transactions/" + path,
                                     [("Authorization", "Bearer " + session)])
        self.assertEqual(got.status, 200, got.text)
        return got.json

    def fetched(self, position):
        """What the phone is given to check and to show; None when there is nothing."""
        (waiting,) = self.world.pending(self.world.owner["credential_a"])
        if position not in self.phone_gets(waiting["id"])["enclosed"]:
            return None
        return self.phone_gets(f"{waiting['id']}/document?position={position}")

    def asked(self, *prepared, **change):
        """Asks for all of them at once."""
        calls = [one["authorize"] for one in prepared]
        got = self.call(V2 + "credentials/authorize", {
            **calls[0], "numSignatures": len(calls),
            **{name: [each for one in calls for each in one[name]] for name in ("hashes", "documents")}, **change})
        self.assertEqual(got.status, 202, got.text)
        self.addCleanup(self.world.approve, self.world.owner["credential_a"])

    def test_the_document_and_its_attributes_as_they_were_prepared(self):
        prepared = self.prepared(sample_pdf(), document_name="Đơn")
        self.asked(prepared)
        enclosed = self.fetched(0)
        self.assertEqual(unb64url(enclosed["document"]), base64.b64decode(prepared["document"]))
        attributes = unb64url(enclosed["signed_attributes"])
        self.assertEqual(b64(hashlib.sha256(attributes).digest()), prepared["authorize"]["hashes"][0])

    def test_as_many_as_a_megabyte_holds_and_the_others_by_name(self):
        documents = (large_pdf(600_000), large_pdf(600_000), sample_pdf())
        prepared = [self.prepared(one, reason=f"{i}") for i, one in enumerate(documents)]
        self.asked(*prepared)
        self.assertEqual([self.fetched(i) is not None for i in range(3)], [True, False, True])

    def test_one_that_is_too_large_is_signed_by_its_name(self):
        prepared = self.prepared(large_pdf(1_100_000), document_name="Bản vẽ")
        sad = self.approve(prepared["authorize"])
        self.assert_valid(self.finished(prepared, sad)[1], 1, "B-B")
        another = self.prepared(large_pdf(1_100_000), reason="2")
        self.asked(another)
        self.assertIsNone(self.fetched(0))

    def test_an_xml_by_its_name(self):
        prepared = self.prepared(REPORT, signature_format="X")
        self.asked(prepared)
        self.assertIsNone(self.fetched(0))

    def test_without_its_id_by_its_name(self):
        prepared = self.prepared(sample_pdf())
        self.asked(prepared, documents=[{"document_name": "x"}])
        self.assertIsNone(self.fetched(0))

    def test_at_another_place_it_is_refused(self):
        one, another = (self.prepared(sample_pdf(), reason=reason) for reason in ("1", "2"))
        got = self.call(V2 + "credentials/authorize", {
            **one["authorize"], "documents": another["authorize"]["documents"]})
        self.assertEqual(got.status, 400, got.text)
        self.assertIn("preparedID belongs to another hash", got.json["error_description"])


class Xml(Preparing):
    def test_is_signed_inside(self):
        prepared = self.prepared(REPORT, signature_format="X")
        answer, signed = self.finished(prepared)
        self.assertEqual(answer["reachedLevel"], "Ades-B-B")
        file = self.file("signed.xml", signed)
        judged = run("kyso", "verify", file, "--trust", self.world.appliance.ca, "--lang", "en")
        self.assertIn("Integrity: the document's hash matches: Passed", judged.stdout)
        self.assertEqual(self.finished(prepared, "x.y"), (answer, signed), "asked for again")

    def test_a_relative_namespace_is_refused_in_words(self):
        got = self.prepare(b'<a xmlns:b="relative"><b:c/></a>', signature_format="X")
        self.assertEqual(got.status, 400, got.text)
        self.assertIn('relative namespace "relative"', got.json["error_description"])

    def test_what_cannot_be_signed_is_refused_in_words(self):
        for more, word in (({"slot": "NOBODY"}, "NOBODY"), ({"reference": "none"}, "none"),
                           ({"into": "x"}, "name it with slot"),
                           ({"conformance_level": "Ades-B-T"}, "conformance_level")):
            with self.subTest(word):
                got = self.prepare(REPORT, signature_format="X", **more)
                self.assertEqual(got.status, 400, got.text)
                self.assertIn(word, got.json["error_description"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
