#!/usr/bin/env python3
"""A person who leaves, and one whose phone is lost."""

import base64
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


class Officers(unittest.TestCase):
    def setUp(self):
        self.appliance = Appliance("--engine", "psa")
        self.addCleanup(self.appliance.remove)
        self.appliance.start()

    def officers(self):
        return self.appliance.admin("officer", "list")["officers"]

    def connect(self, store, link):
        return run("kyso-phone", "connect", "--store", store, "--link", "-", "--ca",
                   self.appliance.tls_ca, input=link)

    def test_a_link_connects_its_own_phone_once_and_the_phone_can_be_removed(self):
        appliance = self.appliance
        (first,) = self.officers()
        self.assertEqual((first["person"], first["state"], first["backup_eligible"]),
                         (1, "connected", False))
        point = base64.urlsafe_b64decode(first["public_key"] + "=").hex()
        link = appliance.admin("officer", "add", "--name", "Bình", "--point", point)["link"]
        self.assertEqual([one["state"] for one in self.officers()], ["connected", "invited"])
        self.assertIsNone(self.officers()[1]["last_used_at"])

        stranger = appliance.base / "stranger.json"
        answer("kyso-phone", "officer", "--store", stranger, "--rp-id", "approve.localhost",
               "--origin", link.split("/officer#")[0])
        before = json.loads(stranger.read_bytes())["server"]
        done = self.connect(stranger, link)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("another passkey", done.stderr)
        self.assertEqual(json.loads(stranger.read_bytes())["server"], before)

        done = self.connect(appliance.officer, link)
        self.assertEqual((done.returncode, done.stdout), (0, "nothing is pending\n"), done.stderr)
        again = self.connect(appliance.officer, link)
        self.assertEqual(again.returncode, 1)
        self.assertIn("used or unknown", again.stderr)

        # In the place of the one before: its passkey is in one place.
        (second,) = self.officers()
        self.assertEqual((second["name"], second["state"]), ("Bình", "connected"))
        self.assertIsNotNone(second["last_used_at"])
        done = run("kyso", "officer", "remove", second["id"], "--data", appliance.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("still take this passkey as an officer's", done.stdout)
        done = run("kyso-phone", "pending", "--store", appliance.officer)
        self.assertEqual(done.returncode, 1)
        self.assertIn("401", done.stderr)
        listed = run("kyso", "officer", "list", "--data", appliance.data)
        self.assertIn(f"no phone  person 1  one device only  point {point}", listed.stdout)

    def test_what_the_plan_and_people_cannot_take_is_refused(self):
        (first,) = self.officers()
        point = base64.urlsafe_b64decode(first["public_key"] + "=").hex()
        for words, more in (("Invalid parameter name", ("--name", "a\nb")),
                            ("at most 255 bytes", ("--name", "a" * 256)),
                            ("backup_eligible = false", ("--name", "Bình", "--backup-eligible"))):
            with self.subTest(words):
                done = run("kyso", "officer", "add", "--point", point, *more, "--data",
                           self.appliance.data)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(words, done.stderr)
        self.assertEqual(len(self.officers()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
