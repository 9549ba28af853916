#!/usr/bin/env python3
"""PDFs signed by people's phones: two on one file, as others judge them; and what is refused."""

import os
import struct
import subprocess
import unittest
import zlib

from appliance import Signer, answer, run
from judged_pdfs import JudgedPdfs


def sample_pdf():
    """One page, one cross-reference table."""
    content = b"BT /F1 18 Tf 72 720 Td (Contract no. 1) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font "
        b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)]
    pdf = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (pdf + b"xref\n0 5\n0000000000 65535 f \n" + table +
            b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(pdf))


def png(width, height, colour):
    """One colour, opaque."""
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content +
                struct.pack(">I", zlib.crc32(kind + content)))
    rows = (b"\0" + bytes(colour) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_large_pdf(file, megabytes):
    """Many objects, most of them streams of a megabyte."""
    content = os.urandom(1 << 20)
    offsets = []
    with open(file, "wb") as out:
        def put(number, body):
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        out.write(b"%PDF-1.7\n")
        put(1, b"<< /Type /Catalog /Pages 2 0 R >>")
        put(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>")
        put(3, b"<< /Type /Page /Parent 2 0 R /Resources << /XObject << %s >> >> >>" % b" ".join(
            b"/X%d %d 0 R" % (number, number) for number in range(4, 4 + megabytes)))
        for number in range(4, 4 + megabytes):
            put(number, b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        start = out.tell()
        size = len(offsets) + 1
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size +
                  b"".join(b"%010d 00000 n \n" % offset for offset in offsets) +
                  b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))


class PdfSignature(JudgedPdfs):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.an = Signer(cls.appliance, "an")
        cls.binh = Signer(cls.appliance, "binh", key="rsa2048")
        cls.contract = cls.appliance.base / "contract.pdf"
        cls.contract.write_bytes(sample_pdf())

    def refused(self, document, *options):
        asking = self.an.ask(document, "--format", "pades", "--out",
                             self.appliance.base / "refused.pdf", *options)
        _, errors = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 2, errors)
        return errors

    def test_two_people_sign_one_file(self):
        self.an.sign(self.contract, "--format", "pades", "--reason", "Phê duyệt")
        first = self.contract.with_name("contract-signed.pdf")
        both = self.appliance.base / "both.pdf"
        self.binh.sign(first, "--format", "pades", "--out", both)

        self.assert_all_valid(first, 1)
        self.assert_all_valid(both, 2)
        self.assertTrue(first.read_bytes().startswith(self.contract.read_bytes()))
        self.assertTrue(both.read_bytes().startswith(first.read_bytes()))
        self.assertIn("Signer an", self.said_by_pdfsig(both))
        self.assertIn("Signer binh", self.said_by_pdfsig(both))
        # What nobody signed: the judges that agree would say so.
        changed = self.appliance.base / "changed.pdf"
        changed.write_bytes(both.read_bytes().replace(b"Contract no. 1", b"Contract no. 2"))
        for file, anchors in ((changed, self.appliance.ca), (both, self.appliance.tls_ca)):
            judged = self.pdfbox.judged(anchors, file)
            self.assertEqual((judged.people, judged.stamps), (0, 0), judged)
            self.assertEqual(judged.wrong, len(judged.signatures))

    def test_dossier_of_person_seal_annex_and_copy(self):
        base = self.appliance.base
        (base / "handwriting.png").write_bytes(png(120, 60, (0, 0, 220)))
        (base / "seal.png").write_bytes(png(100, 100, (220, 0, 0)))
        steps = [
            (self.an, ("--preset", "lanh-dao", "--picture", base / "handwriting.png",
                       "--above", "Contract no. 1")),
            (self.binh, ("--preset", "to-chuc", "--picture", base / "seal.png", "--box",
                         "20,700,102,102")),
            (self.binh, ("--preset", "to-chuc", "--picture", base / "seal.png", "--over",
                         "Signature1")),
            (self.binh, ("--preset", "phu-luc", "--set", "number=Số: 12/QĐ-UBND")),
            (self.an, ("--preset", "sao-y", "--set", "organisation=UBND xã Tân Phú"))]
        before = self.contract
        for number, (signer, shown) in enumerate(steps, 1):
            after = base / f"dossier-{number}.pdf"
            signer.sign(before, "--format", "pades", "--out", after, *shown)
            self.assertTrue(after.read_bytes().startswith(before.read_bytes()))
            before = after

        self.assert_all_valid(before, len(steps), signers=2)
        text = subprocess.run(["pdftotext", before, "-"], capture_output=True, text=True).stdout
        for line in ("Số: 12/QĐ-UBND", "SAO Y", "UBND xã Tân Phú", "+07:00"):
            self.assertIn(line, text)

    def test_an_office_enters_number_and_date_into_what_its_head_has_signed(self):
        base = self.appliance.base
        paper, headed, numbered = (base / name for name in ("paper.pdf", "headed.pdf", "numbered.pdf"))
        (base / "head.png").write_bytes(png(120, 60, (0, 0, 220)))
        (base / "round.png").write_bytes(png(100, 100, (220, 0, 0)))
        place = answer("kyso", "document", "reserve", self.contract, "số", "--after", "Contract no. 1",
                       "--width", "90", "--out", paper)
        self.assertEqual((place["document"], place["field"], place["page"]), (str(paper), "số", 1))
        done = run("kyso", "document", "reserve", paper, "ngày", "--box", "400,700,120,16", "--size", "12")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(paper.read_bytes().startswith(self.contract.read_bytes()))
        self.an.sign(paper, "--format", "pades", "--level", "B-B", "--out", headed, "--preset", "lanh-dao",
                     "--picture", base / "head.png", "--box", "350,500,120,60")
        self.binh.sign(headed, "--format", "pades", "--out", numbered, "--preset", "to-chuc",
                       "--picture", base / "round.png", "--over", "Signature1",
                       "--fill", "số=12/QĐ-UBND", "--fill", "ngày=02 tháng 9 năm 2026")

        self.assert_all_valid(headed, 1)
        self.assert_all_valid(numbered, 2)
        self.assertTrue(numbered.read_bytes().startswith(headed.read_bytes()))
        text = subprocess.run(["pdftotext", "-layout", numbered, "-"], capture_output=True, text=True).stdout
        self.assertRegex(text, r"Contract no\. 1\s+12/QĐ-UBND")
        self.assertIn("02 tháng 9 năm 2026", text)
        report = answer("kyso", "verify", numbered, "--data", self.appliance.data)
        head, office = (one for one in report["signatures"] if one["kind"] == "signature")
        self.assertEqual([one["kind"] for one in head["changes"] if one["kind"] == "form_filled"],
                         ["form_filled"] * 2, head)
        self.assertEqual([head["verdict"], office["verdict"]], ["valid"] * 2)

        self.assertIn("filled in already", self.refused(numbered, "--fill", "số=13"))
        self.assertIn("no text field", self.refused(headed, "--fill", "so=13"))
        self.assertIn("NAME=VALUE", self.refused(headed, "--fill", "số"))
        self.assertIn("no signature \"số\"", self.refused(
            headed, "--preset", "to-chuc", "--picture", base / "round.png", "--over", "số"))
        self.assertIn("twice", self.refused(headed, "--fill", "số=1", "--fill", "số=2"))
        for document, options, words in (
                (headed, ("--box", "10,10,50,16"), "before anybody signs"),
                (self.contract, (), "say where"),
                (self.contract, ("--after", "n"), "--hit N"),
                (self.contract, ("--after", "n", "--page", "2"), "excludes"),
                (self.contract, ("--box", "590,10,50,16"), "does not fit")):
            before = document.read_bytes()
            done = run("kyso", "document", "reserve", document, "other", *options)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(words, done.stderr)
            self.assertEqual(document.read_bytes(), before)

    def test_places_that_are_none_are_refused(self):
        picture = self.appliance.base / "small.png"
        picture.write_bytes(png(2, 2, (0, 0, 220)))
        shown = ("--preset", "lanh-dao", "--picture", picture)

        self.assertIn("has no text", self.refused(self.contract, *shown, "--above", "Nobody"))
        several = self.refused(self.contract, *shown, "--above", "n")
        self.assertIn("--hit N", several)
        self.assertRegex(several, "--hit N: 1 on page 1 at [0-9]+,")
        self.assertIn("does not fit on the page", self.refused(
            self.contract, *shown, "--box", "500,0,120,60"))
        self.assertIn("over which field", self.refused(self.contract, "--preset", "to-chuc",
                                                       "--picture", picture))
        self.assertIn("ky-nhay", self.refused(self.contract, "--preset", "other"))
        self.assertIn("{number}", self.refused(self.contract, "--preset", "phu-luc"))

    def test_certified_file_takes_no_new_field(self):
        certified = self.appliance.base / "certified.pdf"
        self.an.sign(self.contract, "--format", "pades", "--certify", "--out", certified)

        self.assert_all_valid(certified, 1)
        self.assertIn("certified", self.refused(certified))

    def test_encrypted_file_is_refused_before_anybody_is_asked(self):
        encrypted = self.appliance.base / "encrypted.pdf"
        subprocess.run(["qpdf", "--encrypt", "", "owner", "256", "--", self.contract, encrypted],
                       check=True)

        self.assertIn("encrypted", self.refused(encrypted))

    def test_damaged_file_is_repaired_and_says_so(self):
        damaged = self.appliance.base / "damaged.pdf"
        damaged.write_bytes(self.contract.read_bytes().replace(b"startxref\n", b"startxref\n1"))
        out = self.appliance.base / "repaired.pdf"
        asking = self.an.ask(damaged, "--format", "pades", "--out", out)
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")
        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 0, errors)
        self.assertIn("repaired", errors)
        self.assert_all_valid(out, 1)

    def test_large_file_takes_little_memory(self):
        large, out = (self.appliance.base / name for name in ("large.pdf", "large-signed.pdf"))
        write_large_pdf(large, 200)
        asking = self.an.ask(large, "--format", "pades", "--out", out, "--text", "Tệp lớn")
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")
        _, status, usage = os.wait4(asking.pid, 0)
        asking.returncode = os.waitstatus_to_exitcode(status)

        self.assertEqual(asking.returncode, 0, asking.stderr.read())
        # With the file's own pages, which the kernel may take back at any time.
        self.assertLess(usage.ru_maxrss / 1024, 300)
        self.assert_all_valid(out, 1)
        asking.stdout.close()
        asking.stderr.close()

    def test_file_that_is_no_pdf_is_refused(self):
        text = self.appliance.base / "text.pdf"
        text.write_text("Hợp đồng")

        self.assertIn("no PDF", self.refused(text))

    def test_unknown_field_is_refused(self):
        self.assertIn("Approval", self.refused(self.contract, "--field", "Approval"))


if __name__ == "__main__":
    unittest.main()
