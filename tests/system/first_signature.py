#!/usr/bin/env python3
"""The first signature, end to end on SoftHSM with two modules, and what proves it afterwards."""

import base64
import json
import random
import subprocess
import unittest

from appliance import Appliance, Signer, answer, openssl_verifies, run

SEED = 20261121


class FirstSignature(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--modules", "2")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.signer = Signer(cls.appliance)
        cls.document = cls.appliance.base / "contract.pdf"
        cls.document.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 41)
        cls.transaction = cls.signer.sign(cls.document)
        cls.signature = cls.document.with_name("contract.pdf.p7s")

    def sign_refused(self, *options, document=None):
        asking = self.signer.ask(document or self.document, *options)
        _, errors = asking.communicate(timeout=60)
        return asking.returncode, errors

    # ---- the signature

    def test_openssl_accepts_the_signature(self):
        self.assertTrue(openssl_verifies(self.signature, self.document, self.appliance.ca))

    def test_openssl_refuses_another_document_and_another_authority(self):
        other = self.appliance.base / "other.pdf"
        other.write_bytes(self.document.read_bytes() + b"\n")

        self.assertFalse(openssl_verifies(self.signature, other, self.appliance.ca))
        self.assertFalse(openssl_verifies(self.signature, self.document, self.appliance.tls_ca))

    def test_rsa_key_signs_too(self):
        signer = Signer(self.appliance, "rsa", key="rsa2048")
        out = self.appliance.base / "rsa.p7s"

        signer.sign(self.document, "--out", out)

        self.assertTrue(openssl_verifies(out, self.document, self.appliance.ca))

    def test_signer_who_says_no_leaves_no_signature(self):
        out = self.appliance.base / "rejected.p7s"
        document = self.appliance.base / "rejected.pdf"
        document.write_text("no")
        asking = self.signer.ask(document, "--out", out)
        phone = ("--store", self.signer.phone)
        while not (items := answer("kyso-phone", "pending", *phone)):
            self.assertIsNone(asking.poll())
        answer("kyso-phone", "reject", *phone, items[0]["id"])

        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 1)
        self.assertIn("rejected", errors)
        self.assertFalse(out.exists())

    # ---- what `kyso sign` says before anybody is asked

    def test_missing_document(self):
        code, errors = self.sign_refused(document=self.appliance.base / "none.pdf")

        self.assertEqual(code, 2)
        self.assertIn("none.pdf", errors)

    def test_folder_that_cannot_be_written(self):
        code, errors = self.sign_refused("--out", "/proc/contract.p7s")

        self.assertEqual(code, 2)
        self.assertIn("--out", errors)

    def test_wrong_secret(self):
        done = run("kyso", "sign", self.document, "--data", self.appliance.data, "--as",
                   self.signer.client, "--credential", self.signer.credential, "--out",
                   self.appliance.base / "refused.p7s", env={"KYSO_CLIENT_SECRET": "not the secret"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("401", done.stderr)

    def test_unknown_credential(self):
        done = run("kyso", "sign", self.document, "--data", self.appliance.data, "--as",
                   self.signer.client, "--secret-file", self.signer.secret, "--credential", "none",
                   "--out", self.appliance.base / "refused.p7s")

        self.assertEqual(done.returncode, 1)
        self.assertIn("credentialID", done.stderr)

    def test_secrets_are_in_private_files(self):
        for file in [self.signer.secret, self.appliance.data / "engine-pin",
                     *self.appliance.data.glob("psk/*/*.psk"),
                     *self.appliance.data.glob("ceremony/*.pem"), self.appliance.officer]:
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)

    # ---- receipts

    def verify_receipt(self, receipts):
        file = self.appliance.base / "receipt-copy.json"
        file.write_text(json.dumps(receipts))
        return run("kyso", "receipt", "verify", "--root", self.appliance.module_root, file)

    def receipts(self):
        file = self.appliance.base / "receipt.json"
        done = run("kyso", "receipt", "get", self.transaction, "--data", self.appliance.data,
                   "--out", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(file.read_text())

    def test_receipt_verifies(self):
        done = self.verify_receipt(self.receipts())

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("receipt verified", done.stdout)

    def test_changed_receipt_is_refused(self):
        for name in ("receipt", "signature", "device_certificate"):
            receipts = self.receipts()
            bytes_ = bytearray(decode(receipts["receipts"][0][name]))
            bytes_[len(bytes_) // 2] ^= 1
            receipts["receipts"][0][name] = encode(bytes_)

            self.assertEqual(self.verify_receipt(receipts).returncode, 1, name)

    def test_receipt_under_another_root_is_refused(self):
        self.receipts()
        done = run("kyso", "receipt", "verify", "--root", self.appliance.ca,
                   self.appliance.base / "receipt.json")

        self.assertEqual(done.returncode, 1)

    # ---- audit

    def verify_audit(self, logs, challenge=None, root=None):
        options = ["--challenge", challenge] if challenge else []
        done = run("kyso", "audit", "verify", "--root", root or self.appliance.module_root,
                   *options, *logs)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done

    def test_fresh_heads_of_both_modules_prove_the_logs_complete(self):
        challenge, logs = self.appliance.export_logs()

        done = self.verify_audit(logs, challenge)

        self.assertEqual(len(logs), 2)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("group: complete", done.stdout)

    def test_without_fresh_heads_the_end_is_unproven(self):
        challenge, logs = self.appliance.export_logs()

        for asked in (None, "00" * 32):
            done = self.verify_audit(logs, asked)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, r"complete to \d+, later unproven")
            self.assertNotIn("broken", done.stdout)

    def test_log_of_one_member_alone_proves_nothing_of_the_group(self):
        challenge, logs = self.appliance.export_logs()

        done = self.verify_audit(logs[:1], challenge)

        self.assertEqual(done.returncode, 1)
        self.assertIn("is not here", done.stdout)

    def test_another_root_is_refused(self):
        challenge, logs = self.appliance.export_logs()

        self.assertIn("broken", self.verify_audit(logs, challenge, self.appliance.ca).stdout)

    def test_any_change_of_any_record_is_refused(self):
        challenge, (log, other) = self.appliance.export_logs()
        chance = random.Random(SEED)
        lines = log.read_text().splitlines(keepends=True)
        records = [i for i, line in enumerate(lines) if line.startswith("record ")]
        self.assertGreater(len(records), 3)
        changed = log.with_name("changed.kysolog")

        def refused(what, changed_lines):
            changed.write_text("".join(changed_lines))
            done = self.verify_audit([changed, other], challenge)
            self.assertEqual(done.returncode, 1, what)
            self.assertIn("broken", done.stdout + done.stderr, what)

        for i in records:
            bytes_ = bytearray(decode(lines[i].split()[1]))
            at = chance.randrange(len(bytes_))
            bytes_[at] ^= 1 << chance.randrange(8)
            flipped = [*lines[:i], f"record {encode(bytes_)}\n", *lines[i + 1:]]
            refused(f"byte {at} of line {i} flipped (seed {SEED})", flipped)
            refused(f"line {i} dropped", [*lines[:i], *lines[i + 1:]])
        for i, j in zip(records, records[1:]):
            swapped = list(lines)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            refused(f"lines {i} and {j} swapped", swapped)

    def test_end_cut_off_is_refused_with_the_head_and_unproven_without(self):
        challenge, (log, other) = self.appliance.export_logs()
        lines = log.read_text().splitlines(keepends=True)
        last = max(i for i, line in enumerate(lines) if line.startswith("record "))
        cut = log.with_name("cut.kysolog")

        cut.write_text("".join([*lines[:last], *lines[last + 1:]]))
        self.assertIn("broken", self.verify_audit([cut, other], challenge).stdout)

        cut.write_text("".join(line for line in lines[:last] if not line.startswith("head ")))
        done = self.verify_audit([cut, other], challenge)
        self.assertEqual(done.returncode, 1)
        self.assertIn("later unproven", done.stdout)

    # ---- the modules

    def test_modules_run_their_self_tests_on_demand(self):
        before = self.appliance.admin("module", "info")["modules"]
        after = self.appliance.admin("module", "self-test")["modules"]
        self.assertEqual([module["state"] for module in after], ["operational"] * 2)
        self.assertEqual([module["failed_self_test"] for module in after], [None] * 2)
        for earlier, later in zip(before, after):
            self.assertNotIn("noise", later["self_tests"])  # of boards
            self.assertIn("rsa_pss", later["self_tests"])
            self.assertLess(earlier["self_tests"]["sha256"], later["self_tests"]["sha256"])

    def test_modules_say_that_they_share_the_server_s_user(self):
        modules = self.appliance.admin("module", "info")["modules"]

        self.assertEqual([module["state"] for module in modules], ["operational"] * 2)
        self.assertEqual([module["class"] for module in modules], ["emulated"] * 2)
        self.assertEqual([module["own_uid"] for module in modules], [False] * 2)
        self.assertEqual(len({module["module_id"] for module in modules}), 2)

    def test_server_certificate_is_for_the_four_hosts(self):
        port = self.appliance.url.rsplit(":", 1)[1]
        for host in ("api", "login", "approve", "office"):
            done = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
                 self.appliance.tls_ca, "-verify_hostname", f"{host}.localhost",
                 "-verify_return_error"], input="", capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(bytes_):
    return base64.urlsafe_b64encode(bytes(bytes_)).decode().rstrip("=")


if __name__ == "__main__":
    unittest.main(verbosity=2)
