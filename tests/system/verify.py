#!/usr/bin/env python3
"""`kyso verify`: what an appliance signed, what was done to it, and how that is told."""

import base64
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import unittest
import urllib.parse

from appliance import Appliance, Signer, answer, run
from pdf_signature import sample_pdf


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.signer = Signer(cls.appliance, "an")
        cls.base = cls.appliance.base
        cls.contract = cls.base / "contract.pdf"
        cls.contract.write_bytes(sample_pdf())
        cls.signed = cls.base / "signed.pdf"
        cls.sign(cls.contract, "--format", "pades", "--out", cls.signed)

    @classmethod
    def sign(cls, document, *options):
        asking = cls.signer.ask(document, *options)
        answer("kyso-phone", "approve", "--store", cls.signer.phone, "--all", "--yes", "--wait", "60")
        said, errors = asking.communicate(timeout=120)
        assert asking.returncode == 0, said + errors

    def verify(self, file, *options):
        """(exit code, report)"""
        done = run("kyso", "verify", file, "--trust", self.appliance.ca, "--json", *options)
        return done.returncode, json.loads(done.stdout)

    def codes(self, report):
        return ([finding["code"] for finding in report["findings"]] +
                [finding["code"] for signature in report["signatures"]
                 for finding in signature["findings"]])

    def tampered(self, name, content):
        file = self.base / name
        file.write_bytes(content)
        return self.verify(file)

    def test_a_signed_pdf_is_valid_without_asking_anybody(self):
        code, report = self.verify(self.signed)

        self.assertEqual((code, report["verdict"], report["vi"]), (0, "valid", "HỢP LỆ"), report)
        signature = report["signatures"][0]
        self.assertEqual((signature["level"], signature["time"]["source"]), ("B-LTA", "timestamp"))
        self.assertFalse(report["online"])
        by_folder = run("kyso", "verify", self.signed, "--data", self.appliance.data)
        self.assertEqual(by_folder.returncode, 0, by_folder.stdout)
        self.assertIn("Kết luận: HỢP LỆ", by_folder.stdout)

    def test_what_was_done_to_it_is_named(self):
        good = self.signed.read_bytes()
        flipped = bytearray(good)
        flipped[good.index(b"Contract")] ^= 1
        for name, content, said in (
                ("flipped.pdf", bytes(flipped), "digest_mismatch"),
                ("trailing.pdf", good + b"<script>", "trailing_bytes"),
                ("cut.pdf", good[:-200], "truncated"),
                ("unsigned.pdf", sample_pdf(), "no_signature")):
            code, report = self.tampered(name, content)
            self.assertEqual(code, 1, name)
            self.assertNotEqual(report["verdict"], "valid", name)
            self.assertIn(said, self.codes(report), name)

    def test_a_detached_signature_is_asked_about_when_told(self):
        document = self.base / "note.txt"
        document.write_text("Ghi chú")
        self.sign(document)

        code, report = self.verify(document)
        self.assertEqual((code, report["verdict"]), (1, "indeterminate"))
        self.assertEqual([state["name"] for state in report["signatures"][0]["states"]],
                         ["status_unchecked_no_timestamp"])
        code, report = self.verify(f"{document}.p7s", "--online", "--ca", self.appliance.tls_ca)
        self.assertEqual((code, report["verdict"]), (0, "valid"), report)
        self.assertEqual(report["signatures"][0]["status"]["source"], "ocsp")
        document.write_text("Ghi chú khác")
        code, report = self.verify(document)
        self.assertEqual((code, report["verdict"]), (1, "invalid"))

    def test_a_jws_beside_the_document(self):
        document = self.base / "record.json"
        document.write_text('{"số": 7}')
        self.sign(document, "--format", "jades")

        code, report = self.verify(document, "--online", "--ca", self.appliance.tls_ca)
        self.assertEqual((code, report["verdict"]), (0, "valid"), report)
        signature = report["signatures"][0]
        self.assertEqual((signature["format"], signature["level"], signature["kind"]),
                         ("JAdES", "B-B", "detached"))
        document.write_text('{"số": 8}')
        code, report = self.verify(f"{document}.jws")
        self.assertEqual((code, report["verdict"]), (1, "invalid"))
        self.assertIn("signature_mismatch", self.codes(report))

    def xmlsec1_verifies(self, xml, *options):
        return subprocess.run(["xmlsec1", "--verify", "--trusted-pem", self.appliance.ca, "--id-attr:Id",
                               "SignedProperties", *options, xml], capture_output=True).returncode == 0

    def test_xml_signed_as_a_whole(self):
        document = self.base / "letter.xml"
        document.write_text("<thu><noidung>Kính gửi</noidung></thu>")
        self.sign(document, "--format", "xades")
        signed = self.base / "letter-signed.xml"

        self.assertTrue(self.xmlsec1_verifies(signed))
        code, report = self.verify(signed, "--online", "--ca", self.appliance.tls_ca)
        self.assertEqual((code, report["verdict"]), (0, "valid"), report)
        self.assertEqual((report["signatures"][0]["format"], report["signatures"][0]["level"],
                          report["signatures"][0]["kind"]), ("XAdES", "B-B", "xml"))
        code, report = self.tampered("other.xml", signed.read_bytes().replace(b"<noidung>", b"<noidung>x"))
        self.assertEqual((code, report["verdict"]), (1, "invalid"))
        self.assertIn("digest_mismatch", self.codes(report))
        self.assertIn("would break", self.signing_refused(signed))
        status, answer = self.post("/verify", signed.read_bytes(), "application/xml", self.bearer())
        self.assertEqual((status, json.loads(answer)["verdict"]), (200, "valid"), answer)

    def test_a_school_report_in_its_slots(self):
        document = self.base / "hocba.xml"
        document.write_text('<hocba><data Id="data"><thongtinhocba Id="thongtinhocba">Bình</thongtinhocba>'
                            "</data><chuky><GVCN/><CBQL/></chuky></hocba>")
        first, both = self.base / "first.xml", self.base / "both.xml"
        self.sign(document, "--format", "xades", "--slot", "GVCN", "--out", first)
        self.sign(first, "--format", "xades", "--slot", "CBQL", "--out", both)

        code, report = self.verify(both, "--online", "--ca", self.appliance.tls_ca)
        self.assertEqual((code, report["verdict"]), (0, "valid"), report)
        self.assertEqual([one["field"] for one in report["signatures"]], ["GVCN", "CBQL"])
        for options, said in (("--slot", "GVBM"), "--reference"), (("--slot", "GV"), "GVBM"):
            self.assertIn(said, self.signing_refused(both, *options))

    def test_an_option_of_another_format_is_refused(self):
        for form, option in (("cades", "--slot=GVCN"), ("pades", "--detached"), ("jades", "--reference=a"),
                             ("cades", "--certify"), ("jades", "--reason=x"), ("xades", "--page=2"),
                             ("cades", "--tsa=http://tsa.example"), ("jades", "--authority=ca.pem")):
            said = self.signing_refused(self.signed, option, form=form)
            self.assertRegex(said, "needs? --format pades|needs --format xades", (form, option))
        for options in (("--detached", "--slot=GVCN"), ("--detached", "--reference=a"), ("--into=a",)):
            self.assertIn("--slot", self.signing_refused(self.signed, *options), options)

    def signing_refused(self, document, *options, form="xades"):
        asking = self.signer.ask(document, "--format", form, "--out", self.base / "none", *options)
        _, errors = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 2, errors)
        return errors

    def test_an_xml_signature_beside_any_file(self):
        document = self.base / "photo.bin"
        document.write_bytes(bytes(range(256)))
        self.sign(document, "--format", "xades", "--detached")

        code, report = self.verify(document, "--online", "--ca", self.appliance.tls_ca)
        self.assertEqual((code, report["verdict"]), (0, "valid"), report)
        self.assertTrue(self.xmlsec1_verifies(f"{document}.xades", "--url-map:photo.bin", document))
        document.write_bytes(b"another")
        code, report = self.verify(document)
        self.assertEqual((code, report["verdict"]), (1, "invalid"))

    def post(self, path, body, content_type, authorization, accept="*/*"):
        url = urllib.parse.urlsplit(self.appliance.url)
        context = ssl.create_default_context(cafile=self.appliance.tls_ca)
        plain = socket.create_connection(("127.0.0.1", url.port), timeout=60)
        connection = http.client.HTTPConnection("api.localhost", url.port)
        connection.sock = context.wrap_socket(plain, server_hostname="api.localhost")
        self.addCleanup(connection.close)
        connection.request("POST", path, body, {"Content-Type": content_type, "Accept": accept,
                                                "Authorization": authorization})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def bearer(self):
        secret = self.signer.secret.read_text().strip()
        basic = base64.b64encode(f"{self.signer.client}:{secret}".encode()).decode()
        status, answer = self.post("/oauth2/token", "grant_type=client_credentials",
                                   "application/x-www-form-urlencoded", f"Basic {basic}")
        self.assertEqual(status, 200, answer)
        return "Bearer " + json.loads(answer)["access_token"]

    def test_the_server_says_the_same(self):
        bearer = self.bearer()
        plain = self.base / "plain.pdf"
        self.sign(self.contract, "--format", "pades", "--level", "B-B", "--out", plain)

        status, answer = self.post("/verify?name=a.pdf", self.signed.read_bytes(), "application/pdf", bearer)
        self.assertEqual((status, json.loads(answer)["verdict"]), (200, "valid"), answer)
        self.assertEqual(json.loads(answer)["file"], "a.pdf")
        # It knows of its own certificates what the file does not say.
        status, answer = self.post("/verify", plain.read_bytes(), "application/pdf", bearer)
        report = json.loads(answer)
        self.assertEqual((status, report["verdict"]), (200, "valid"), answer)
        self.assertEqual(report["signatures"][0]["states"][0]["name"], "no_timestamp")
        self.assertEqual(report["signatures"][0]["status"]["source"], "ocsp")
        status, printed = self.post("/verify?lang=en", self.signed.read_bytes(), "application/pdf",
                                    bearer, "application/pdf")
        self.assertEqual((status, printed[:5]), (200, b"%PDF-"))
        flipped = self.signed.read_bytes().replace(b"Contract", b"Kontract")
        status, answer = self.post("/verify", flipped, "application/pdf", bearer)
        self.assertEqual((status, json.loads(answer)["verdict"]), (200, "invalid"))

    def test_a_report_to_print(self):
        printed = self.base / "report.pdf"

        done = run("kyso", "verify", self.signed, "--trust", self.appliance.ca, "--report", printed,
                   "--lang", "en")

        self.assertEqual(done.returncode, 0, done.stderr)
        checked = subprocess.run(["qpdf", "--check", printed], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        text = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True,
                              text=True, check=True).stdout
        self.assertIn("SIGNATURE CHECK REPORT", text)
        self.assertIn("B-LTA", text)

    def refused(self, *arguments):
        done = run("kyso", "verify", *arguments)
        self.assertEqual(done.returncode, 2, (arguments, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def test_nothing_that_is_read_is_overwritten(self):
        good = self.signed.read_bytes()
        trust = pathlib.Path(self.appliance.ca)
        names = [self.signed, trust]
        for kind, make in (("hard", os.link), ("symbolic", os.symlink)):
            name = self.base / f"{kind}.pdf"
            make(self.signed, name)
            names.append(name)
        authority = trust.read_bytes()
        for name in names:
            said = self.refused(self.signed, "--trust", trust, "--report", name)
            self.assertIn("is the same file as", said)
        for name in names:
            done = run("kyso", "document", "extend", self.signed, "--data", self.appliance.data,
                       "--authority", trust, "--out", name)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn("is the same file as", done.stderr)
        self.assertEqual((self.signed.read_bytes(), trust.read_bytes()), (good, authority))

    def test_pipes_and_devices_are_no_documents(self):
        pipe = self.base / "pipe"
        os.mkfifo(pipe)
        trust = self.appliance.ca
        for name in (pipe, "/dev/zero", self.base):
            for arguments in ((name, "--trust", trust), (self.signed, "--trust", name),
                              (self.signed, "--trust", trust, "--signature", name)):
                self.assertIn("is no regular file", self.refused(*arguments))

    def test_a_file_that_reads_in_two_ways_is_not_proven_nor_extended(self):
        good = self.signed.read_bytes()
        start = good[good.rindex(b"startxref\n") + 10:].split()[0].decode()
        head = "3 1 obj\n<< /Type /Page >>\nendobj\n"
        offset = len(good)
        table = (f"xref\n3 1\n{offset:010} 00001 n \ntrailer\n<< /Size 900 /Root 1 0 R /Prev {start} >>\n"
                 f"startxref\n{offset + len(head)}\n%%EOF\n")
        for name, more in (("generation.pdf", (head + table).encode()), ("garbage.pdf", b"<script>")):
            code, report = self.tampered(name, good + more)
            self.assertEqual(code, 1)
            self.assertNotEqual(report["verdict"], "valid")
            out = self.base / f"extended-{name}"
            for out_options in ((), ("--out", out)):
                done = run("kyso", "document", "extend", self.base / name, "--data", self.appliance.data, *out_options)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertFalse(out.exists())
            self.assertEqual((self.base / name).read_bytes(), good + more)

    def test_words_are_said_where_others_are_given(self):
        for option in ("0", "fr"):
            said = self.refused(self.signed, "--trust", self.appliance.ca, "--lang", option)
            self.assertIn("vi|en", said)
            self.assertNotIn("{", said)
        said = self.refused(self.signed, "--trust", self.appliance.ca, "--organisation", "Nobody")
        self.assertIn("there are: Signature1", said)

    def test_what_is_not_signed_or_not_known_says_what_to_do(self):
        done = run("kyso", "document", "extend", self.contract, "--data", self.appliance.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("The PDF is not signed", done.stderr)
        stamped = self.base / "stamped.pdf"
        self.sign(self.contract, "--format", "pades", "--level", "B-T", "--out", stamped)
        for file, hint in ((stamped, True), (self.signed, False)):
            done = run("kyso", "verify", file, "--trust", self.appliance.ca, "--lang", "EN")
            self.assertEqual("--online" in done.stdout, hint, done.stdout)

    def test_nothing_is_signed_over_a_changed_file(self):
        garbage = self.base / "garbage-to-sign.pdf"
        garbage.write_bytes(self.signed.read_bytes() + b"<script>")
        asking = self.signer.ask(garbage, "--format", "pades", "--out", self.base / "over.pdf")
        said, errors = asking.communicate(timeout=120)
        self.assertEqual(asking.returncode, 2, said + errors)
        self.assertIn("bytes behind the end", errors)

    def test_wrong_use(self):
        lonely = self.base / "lonely.txt"
        lonely.write_text("x")
        for arguments, said in (
                ((self.signed,), "say whom you trust"),
                ((self.base / "none.pdf", "--trust", self.appliance.ca), "none.pdf"),
                ((lonely, "--trust", self.appliance.ca), "is no PDF"),
                ((self.signed, "--trust", lonely), "lonely.txt"),
                ((self.signed, "--trust", self.appliance.ca, "--lang", "fr"), "fr")):
            done = run("kyso", "verify", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(said, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
