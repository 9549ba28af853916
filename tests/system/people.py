#!/usr/bin/env python3
"""A person who leaves."""

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
        open_request = leaving.ask(document)
        [waiting] = wait_until(
            lambda: answer("kyso-phone", "pending", "--store", leaving.phone), "the request")

        deleted = appliance.admin("signer", "delete", "an")

        self.assertEqual(deleted["status"], "deleted")
        done = run("kyso-phone", "approve", "--store", leaving.phone, "--yes", waiting["id"])
        self.assertEqual(done.returncode, 1, done.stdout)
        open_request.kill()
        open_request.communicate()
        again = leaving.ask(document, "--wait", "60")
        _, errors = again.communicate(timeout=60)
        self.assertEqual(again.returncode, 1)
        self.assertIn("credential", errors)
        self.assertEqual([one["id"] for one in appliance.admin("signer", "list")["signers"]],
                         ["binh"])
        done = run("kyso", "signer", "unfreeze", "an", "--data", appliance.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no such signer", done.stderr)

        self.assertTrue(openssl_verifies(f"{document}.p7s", document, appliance.ca))
        challenge, logs = appliance.export_logs()
        done = run("kyso", "audit", "verify", "--root", appliance.module_root, "--challenge",
                   challenge, *logs, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(json.loads(done.stdout))
        staying.sign(document, "--out", appliance.base / "other.p7s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
