#!/usr/bin/env python3
"""Many people at once: each dossier takes all its signatures, and nobody's is lost to another's."""

import unittest
from concurrent.futures import ThreadPoolExecutor

from appliance import PATIENCE_S, Signer, answer, wait_until
from judged_pdfs import JudgedPdfs
from pdf_signature import png, sample_pdf

PEOPLE = 20


class ConcurrentSigners(JudgedPdfs):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [Signer(cls.appliance, f"person-{number}") for number in range(PEOPLE)]

    def setUp(self):
        self.base = self.appliance.base / self._testMethodName
        self.base.mkdir()
        self.contract = self.base / "contract.pdf"
        self.contract.write_bytes(sample_pdf())

    def asked(self, signer, *options):
        return signer.ask(self.contract, "--format", "pades", "--level", "B-B", *options)

    def approve(self, signer):
        answer("kyso-phone", "approve", "--store", signer.phone, "--all", "--yes", "--wait",
               str(PATIENCE_S))

    def test_twenty_dossiers_at_once(self):
        """Two people, the seal, the annex and the certified copy, all on one file: in each round
        each person signs another of twenty."""
        handwriting, seal = self.base / "handwriting.png", self.base / "seal.png"
        handwriting.write_bytes(png(120, 60, (0, 0, 220)))
        seal.write_bytes(png(100, 100, (220, 0, 0)))
        rounds = (("--preset", "ky-nhay", "--picture", handwriting, "--box", "300,400,60,30"),
                  ("--preset", "lanh-dao", "--picture", handwriting, "--above", "Contract no. 1"),
                  ("--preset", "to-chuc", "--picture", seal, "--over", "Signature2"),
                  ("--preset", "phu-luc", "--set", "number=Số: 12/QĐ-UBND"),
                  ("--preset", "sao-y", "--set", "organisation=UBND xã Tân Phú"))
        dossiers = [self.contract] * PEOPLE

        def sign(number, i, shown):
            before, after = dossiers[number], self.base / f"dossier-{number}-{i}.pdf"
            self.people[(number + i) % PEOPLE].sign(
                before, "--format", "pades", "--level", "B-B", "--out", after, *shown)
            self.assertTrue(after.read_bytes().startswith(before.read_bytes()), after)
            return after

        with ThreadPoolExecutor(PEOPLE) as pool:
            for i, shown in enumerate(rounds):
                dossiers = list(pool.map(lambda number: sign(number, i, shown), range(PEOPLE)))

        for dossier in dossiers:
            self.assert_all_valid(dossier, len(rounds))

    def test_two_at_once_on_one_file_lose_nothing(self):
        first, second = self.people[:2]
        asking = self.asked(first), self.asked(second)
        for signer in (first, second):
            self.approve(signer)
        said = [one.communicate(timeout=PATIENCE_S) for one in asking]

        self.assertEqual([one.returncode for one in asking], [0, 0], said)
        files = [self.base / name for name in ("contract-signed.pdf", "contract-signed.2.pdf")]
        for file in files:
            self.assert_all_valid(file, 1)
        signers = "".join(self.said_by_pdfsig(file) for file in files)
        self.assertIn(f"Signer {first.name}", signers)
        self.assertIn(f"Signer {second.name}", signers)
        self.assertIn("contract-signed.2.pdf", "".join(errors for _, errors in said))

    def test_named_file_that_another_replaces_meanwhile_stays(self):
        out = self.base / "out.pdf"
        out.write_text("of last year")
        asking = self.asked(self.people[0], "--out", out)
        wait_for_request(self.people[0])
        out.write_text("of somebody else")
        self.approve(self.people[0])
        _, errors = asking.communicate(timeout=PATIENCE_S)

        self.assertEqual(asking.returncode, 0, errors)
        self.assertEqual(out.read_text(), "of somebody else")
        self.assert_all_valid(self.base / "out.2.pdf", 1)

    def test_default_name_that_is_taken_is_refused_before_anybody_is_asked(self):
        taken = self.base / "contract-signed.pdf"
        taken.write_text("signed by others")
        asking = self.asked(self.people[0])
        _, errors = asking.communicate(timeout=PATIENCE_S)

        self.assertEqual(asking.returncode, 2)
        self.assertIn("contract-signed.pdf: is there already", errors)
        self.assertEqual(taken.read_text(), "signed by others")


def wait_for_request(signer):
    wait_until(lambda: answer("kyso-phone", "pending", "--store", signer.phone), "the request")


if __name__ == "__main__":
    unittest.main()
