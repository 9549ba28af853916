#!/usr/bin/env python3
"""A person who leaves, and one whose phone is lost."""

import json
import unittest

from appliance import Appliance, Signer, answer, openssl_verifies, run, wait_until


class Leaving(unittest.TestCase):
    def test_a_signer_who_is_deleted_signs_no_more_and_what_they_signed_stays(self):
        appliance = Appliance("--engine", "psa")
        self.addCleanup(appliance.remove)
        appliance.start()
        leaving, staying = Signer(appliance, "an"), Signer(appliance, "binh")
        document = appliance.base / "contract.txt"
        document.write_text("contract")
        leaving.sign(document)
        other = ("--out", appliance.base / "other.p7s")
        open_request = leaving.ask(document, *other)
        [waiting] = wait_until(
            lambda: answer("kyso-phone", "pending", "--store", leaving.phone), "the request")

        unopened = appliance.admin("credential", "add", "--signer", "an")["link"]

        deleted = appliance.admin("signer", "delete", "an")

        self.assertEqual(deleted["status"], "deleted")
        done = run("kyso-phone", "approve", "--store", leaving.phone, "--yes", waiting["id"])
        self.assertEqual(done.returncode, 1, done.stdout)
        _, errors = open_request.communicate(timeout=60)  # ended, not left to run out
        self.assertEqual(open_request.returncode, 1)
        self.assertIn("expired", errors)
        again = leaving.ask(document, "--wait", "60", *other)
        _, errors = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 1)
        self.assertIn("credential", errors)
        self.assertEqual([one["id"] for one in appliance.admin("signer", "list")["signers"]],
                         ["binh"])
        done = run("kyso", "signer", "unfreeze", "an", "--data", appliance.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no such signer", done.stderr)
        for again in (("credential", "add", "--signer", "an"), ("signer", "login-invite", "an"),
                      ("signer", "login-password", "an", "--client", leaving.client),
                      ("client", "add", "--name", "Other", "--signer", "an")):
            with self.subTest(again):
                done = run("kyso", *again, "--data", appliance.data)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("no s", done.stderr)  # no such signer, no signer an
        done = run("kyso-phone", "enrol", "--link", "-", "--store", appliance.base / "late.json",
                   "--ca", appliance.tls_ca, input=unopened)
        self.assertEqual(done.returncode, 1, done.stdout)

        self.assertTrue(openssl_verifies(f"{document}.p7s", document, appliance.ca))
        challenge, logs = appliance.export_logs()
        done = run("kyso", "audit", "verify", "--root", appliance.module_root, "--challenge",
                   challenge, *logs, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(json.loads(done.stdout))
        staying.sign(document, *other)


class LostPhone(unittest.TestCase):
    def test_officers_end_the_key_and_the_person_enrols_anew(self):
        appliance = Appliance("--engine", "psa", "--modules", "2")
        self.addCleanup(appliance.remove)
        appliance.start()
        signer = Signer(appliance, "an")
        document = appliance.base / "contract.txt"
        document.write_text("contract")
        signer.sign(document)

        appliance.admin("signer", "lost-phone", "an")
        revoked = appliance.admin("credential", "revoke", signer.credential,
                                  "--reason", "keyCompromise")

        self.assertEqual(revoked["status"], "deleted")
        [item] = answer("kyso-phone", "pending", "--store", appliance.officer)
        self.assertEqual((item["id"], item["purpose"], item["subject"], item["purpose_text"]),
                         (revoked["transaction_id"], "revoke", "CN=Signer an,serialNumber=an,C=VN",
                          "keyCompromise"))
        signer.approve_as_officer()
        again = run("kyso", "credential", "revoke", signer.credential, "--data", appliance.data)
        self.assertEqual(again.returncode, 1)
        self.assertIn("deleted", again.stderr)
        other = ("--out", appliance.base / "again.p7s")
        asked = signer.ask(document, "--wait", "60", *other)
        _, errors = asked.communicate(timeout=60)
        self.assertEqual(asked.returncode, 1)
        self.assertIn("credential", errors)

        signer.enrol("p256")
        signer.sign(document, *other)
        challenge, logs = appliance.export_logs()
        self.assertEqual(len(logs), 2)
        done = run("kyso", "audit", "verify", "--root", appliance.module_root, "--challenge",
                   challenge, *logs, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
