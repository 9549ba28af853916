#!/usr/bin/env python3
"""PDFs raised to B-LTA by `kyso sign` and `kyso document extend`, while one service or another is down."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from appliance import Appliance, Signer, answer, free_port, openssl_verifies, run
from pdf_signature import sample_pdf
from pdfbox import PdfBox

sys.path.insert(0, str(Path(os.environ["KYSO_SOURCE"]) / "ci"))
import pdf_parts


class PdfLevels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance, cls.other = Appliance("--engine", "psa"), Appliance("--engine", "psa")
        for one in (cls.appliance, cls.other):
            cls.addClassCleanup(one.remove)
            one.start()
        cls.an = Signer(cls.appliance, "an")
        cls.binh = Signer(cls.appliance, "binh")
        cls.base = cls.appliance.base
        cls.contract = cls.base / "contract.pdf"
        cls.contract.write_bytes(sample_pdf())
        cls.https = cls.base / "https.pem"
        cls.https.write_text(cls.appliance.tls_ca.read_text() + cls.other.tls_ca.read_text())
        cls.anchors = cls.base / "anchors.pem"
        cls.anchors.write_text(cls.appliance.ca.read_text() + cls.other.ca.read_text())
        cls.pdfbox = PdfBox(cls.base)

    def sign(self, signer, document, out, *options):
        """(exit code, what it says) of `kyso sign`."""
        asking = signer.ask(document, "--format", "pades", "--out", out, "--json", *options)
        answer("kyso-phone", "approve", "--store", signer.phone, "--all", "--yes", "--wait", "60")
        said, errors = asking.communicate(timeout=120)
        return asking.returncode, json.loads(said or "{}"), errors

    def extend(self, file, *options):
        done = run("kyso", "document", "extend", file, "--data", self.appliance.data, "--json", *options)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def assert_others_agree(self, pdf, people, stamps):
        judged = self.pdfbox.judged(self.anchors, pdf)
        self.assertEqual((judged.people, judged.stamps, judged.is_valid()), (people, stamps, True), judged)
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", pdf], capture_output=True, text=True).stdout
        self.assertEqual(said.count("Signature is Valid."), people, said)
        checked = subprocess.run(["qpdf", "--check", pdf], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        cms, content = self.base / "cms.der", self.base / "covered"
        for der, covered in pdf_parts.all_parts(pdf.read_bytes()):
            cms.write_bytes(der)
            content.write_bytes(covered)
            self.assert_openssl("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", cms,
                                "-content", content, "-purpose", "any", "-out", "/dev/null")
        found = list(pdf_parts.all_parts(pdf.read_bytes(), pdf_parts.TIMESTAMP))
        self.assertEqual(len(found), stamps)
        for der, covered in found:
            cms.write_bytes(der)
            content.write_bytes(covered)
            self.assert_openssl("ts", "-verify", "-token_in", "-in", cms, "-data", content)

    def assert_openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments), "-CAfile", self.anchors],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_only_contents_differ(self, before, after):
        """Nothing but what stands in the place that the last signature keeps for itself."""
        self.assertEqual(len(before), len(after[:len(before)]))
        differ = [at for at, (one, other) in enumerate(zip(before, after)) if one != other]
        if differ:
            begin = before.rindex(b"/Contents <", 0, differ[0])
            self.assertLess(differ[-1], before.index(b">", begin))

    def test_it_is_b_lta_unless_something_else_is_wanted(self):
        for level, stamps in ((None, 1), ("B-LT", 0), ("B-T", 0), ("B-B", 0)):
            out = self.base / f"at-{level}.pdf"
            code, said, errors = self.sign(self.an, self.contract, out,
                                           *(("--level", level) if level else ()))

            self.assertEqual((code, said["level"]), (0, level or "B-LTA"), errors)
            self.assert_others_agree(out, 1, stamps)
            judged = self.pdfbox.judged(self.anchors, out)
            self.assertEqual(" timestamped" in judged.signatures[0], level != "B-B")
            self.assertEqual(judged.store is not None, level not in ("B-T", "B-B"))
            self.assertTrue(out.read_bytes().startswith(self.contract.read_bytes()))
        self.assertIn("renew_before", self.extend(out)[1])

    def test_two_people_are_raised_and_renewed(self):
        first, both = self.base / "first.pdf", self.base / "both.pdf"
        self.assertEqual(self.sign(self.an, self.contract, first, "--level", "B-B")[0], 0)
        self.assertEqual(self.sign(self.binh, first, both, "--level", "B-B")[0], 0)
        signed = both.read_bytes()

        code, said, errors = self.extend(both)

        self.assertEqual((code, said["level"]), (0, "B-LTA"), errors)
        self.assert_only_contents_differ(signed, both.read_bytes())
        self.assert_others_agree(both, 2, 2)  # An's time, which nobody can put into it; and the last
        raised = both.read_bytes()
        self.assertEqual(self.extend(both, "--within", "30")[:2], (0, said), "not due for years")
        self.assertEqual(both.read_bytes(), raised)
        renewed = self.base / "renewed.pdf"
        self.assertEqual(self.extend(both, "--out", renewed)[1]["level"], "B-LTA")
        self.assertTrue(renewed.read_bytes().startswith(raised))
        self.assertEqual(both.read_bytes(), raised)
        self.assert_others_agree(renewed, 2, 3)

    def test_without_a_time_stamp_the_signature_stays_and_extend_finishes(self):
        nobody = f"http://127.0.0.1:{free_port()}/tsa"
        out = self.base / "unstamped.pdf"
        code, said, errors = self.sign(self.an, self.contract, out, "--tsa", nobody)

        self.assertEqual((code, said["level"]), (3, "B-B"), errors)
        self.assertIn(nobody, said["missed"])
        self.assertIn("kyso document extend", errors)
        self.assert_others_agree(out, 1, 0)
        signed = out.read_bytes()
        self.assertEqual(self.extend(out, "--tsa", nobody)[0], 3)
        self.assertEqual(out.read_bytes(), signed)
        # The next in turn is asked.
        code, said, errors = self.extend(out, "--tsa", nobody, "--tsa",
                                         f"{self.appliance.url}/pki/tsa")
        self.assertEqual((code, said["level"]), (0, "B-LTA"), errors)
        self.assert_only_contents_differ(signed, out.read_bytes())
        self.assert_others_agree(out, 1, 1)

    def test_without_status_the_time_is_kept_and_extend_finishes(self):
        out = self.base / "statusless.pdf"
        self.assertEqual(self.sign(self.an, self.contract, out, "--level", "B-B")[0], 0)
        elsewhere = ("--tsa", f"{self.other.url}/pki/tsa", "--authority", self.other.ca, "--ca",
                     self.https)
        self.appliance.stop()
        code, said, errors = self.extend(out, *elsewhere)
        stamped = out.read_bytes()
        again = self.extend(out, *elsewhere)
        self.appliance.start()

        self.assertEqual((code, said["level"]), (3, "B-T"), errors)
        self.assertIn("/pki/ocsp", said["missed"])
        self.assertIn("/pki/ca.crl", said["missed"])
        self.assertEqual(again[0], 3)
        self.assert_others_agree(out, 1, 0)
        code, said, errors = self.extend(out, *elsewhere)
        self.assertEqual((code, said["level"]), (0, "B-LTA"), errors)
        self.assertTrue(out.read_bytes().startswith(stamped))
        self.assert_others_agree(out, 1, 1)

    def test_a_cms_gets_a_time_stamp(self):
        file = self.base / "order.txt"
        file.write_text("Lệnh 12")
        cms = self.base / "order.txt.p7s"
        asking = self.an.ask(file, "--level", "B-T", "--json")
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")
        said, errors = asking.communicate(timeout=120)
        self.assertEqual((asking.returncode, json.loads(said)["level"]), (0, "B-T"), errors)
        self.assertTrue(openssl_verifies(cms, file, self.appliance.ca))
        # The token, whose imprint is the signature's value, as openssl takes both out of the CMS.
        printed = subprocess.run(["openssl", "cms", "-cmsout", "-inform", "DER", "-in", cms, "-print"],
                                 capture_output=True, text=True, check=True).stdout
        self.assertIn("id-smime-aa-timeStampToken", printed)
        judged = run("kyso", "verify", file, "--data", self.appliance.data, "--online", "--json")
        (signature,) = json.loads(judged.stdout)["signatures"]
        self.assertEqual((judged.returncode, signature["level"]), (0, "B-T"), judged.stdout)

        # No authority: the signature stays, and the exit code says that a level is missing.
        cms.unlink()
        asking = self.an.ask(file, "--level", "B-T", "--json", "--tsa", "http://127.0.0.1:9/tsa")
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")
        said, errors = asking.communicate(timeout=120)
        self.assertEqual((asking.returncode, json.loads(said)["level"]), (3, "B-B"), errors)
        self.assertIn("127.0.0.1", json.loads(said)["missed"])
        self.assertTrue(openssl_verifies(cms, file, self.appliance.ca))

    def test_what_is_wrong_is_said_before_anybody_is_asked(self):
        for options, words in ((("--format", "cades", "--level", "B-LT"), "needs --format pades"),
                               (("--format", "jades", "--level", "B-T"), "needs --format pades or cades"),
                               (("--format", "cades", "--tsa", "http://x"), "or cades with --level B-T"),
                               (("--format", "pades", "--authority", self.contract), "no certificate"),
                               (("--format", "pades", "--level", "B-X"), "B-X")):
            asking = self.an.ask(self.contract, *options)
            _, errors = asking.communicate(timeout=60)
            self.assertEqual(asking.returncode, 2, errors)
            self.assertIn(words, errors)

    def test_what_cannot_be_raised_is_said(self):
        stranger = self.base / "stranger.pdf"
        self.assertEqual(self.sign(self.an, self.contract, stranger)[0], 0)
        done = run("kyso", "document", "extend", stranger, "--authority", self.other.ca)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("trusted here", done.stderr)
        self.assertEqual(self.extend(self.contract)[0], 2)
        changed = self.base / "changed.pdf"
        changed.write_bytes(stranger.read_bytes().replace(b"Contract no. 1", b"Contract no. 2", 1))
        code, _, errors = self.extend(changed)
        self.assertEqual(code, 2)
        self.assertIn("not the one that was signed", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
