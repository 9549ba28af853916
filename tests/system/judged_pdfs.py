"""PDFs that people have signed, as others than we judge them: Poppler with NSS, PDFBox with Bouncy Castle, qpdf,
OpenSSL."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from appliance import Appliance, openssl_verifies
from pdfbox import PdfBox

sys.path.insert(0, str(Path(os.environ["KYSO_SOURCE"]) / "ci"))
import pdf_parts


class JudgedPdfs(unittest.TestCase):
    """An appliance, and the judges that trust its authority."""

    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance()
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.nss = cls.appliance.base / "nss"
        cls.nss.mkdir()
        for arguments in (("-N", "--empty-password"),
                          ("-A", "-n", "authority", "-t", "CT,C,C", "-a", "-i", cls.appliance.ca)):
            subprocess.run(["certutil", "-d", f"sql:{cls.nss}", *arguments], check=True)
        cls.pdfbox = PdfBox(cls.appliance.base)

    def said_by_pdfsig(self, pdf):
        # NSS asks no OCSP responder behind a server certificate of a test's own.
        return subprocess.run(["pdfsig", "-no-ocsp", "-nssdir", f"sql:{self.nss}", pdf],
                              capture_output=True, text=True).stdout

    def assert_all_valid(self, pdf, count, signers=None):
        """`signers`: how many people; pdfsig 22.12 judges a certificate at its first signature alone
        (at the next, NSS says SEC_ERROR_REUSED_ISSUER_AND_SERIAL, of pdfsig's own signatures too)."""
        said = self.said_by_pdfsig(pdf)
        self.assertEqual(said.count("Signature is Valid."), count, said)
        self.assertEqual(said.count("Certificate is Trusted."), signers or count, said)
        judged = self.pdfbox.judged(self.appliance.ca, pdf)
        self.assertEqual((judged.people, judged.is_valid(), judged.is_whole()), (count, True, True),
                         judged)
        checked = subprocess.run(["qpdf", "--check", pdf], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        cms, content = (self.appliance.base / name for name in ("cms.der", "covered"))
        for file, written in zip((cms, content), pdf_parts.parts(pdf.read_bytes())):
            file.write_bytes(written)
        self.assertTrue(openssl_verifies(cms, content, self.appliance.ca))
