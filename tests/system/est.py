#!/usr/bin/env python3
"""Keys certified over EST by tests/support/est_server.py, which knows this office by a password, or by
the certificate that it shows in TLS."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["KYSO_SOURCE"]) / "tests/support"))
from est_server import EstServer

from appliance import Appliance, run, wait_until
from external_ca import Person
from outside_ca import openssl


class Est(unittest.TestCase):
    def appliance(self, est, *settings):
        appliance = Appliance("--engine", "psa")
        self.addCleanup(appliance.remove)
        appliance.start()
        appliance.stop()
        secret = appliance.base / "est-secret"
        secret.write_text("correct horse\n")
        secret.chmod(0o600)
        with open(appliance.data / "kyso.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[external_ca]\nauthorities = "{est.root}"\nprotocol = "est"\nurl = "{est.url}"\n'
                       f'ca = "{est.tls_ca}"\nretry_seconds = 1\nlongest_wait_seconds = 1\n' + "\n".join(settings))
        appliance.start()
        return appliance

    def serves(self, **options):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="kyso-est-"))
        return self.enterContext(EstServer(folder, **options))

    def person(self, appliance, name):
        person = Person(appliance, name)
        person.approve_request()
        return person

    def newest(self, person):
        (found,) = person.appliance.admin("credential", "csr", person.credential)["requests"]
        return found

    def wait_for(self, person, state):
        return wait_until(lambda: (found := self.newest(person))["state"] == state and found, state)

    def assert_certified(self, person, est):
        self.wait_for(person, "issued")
        shown = person.appliance.admin("credential", "show", person.credential)
        self.assertEqual(shown["status"], "enabled")
        self.assertEqual(len(shown["certificates"]), 3)
        leaf, chain = person.appliance.base / "leaf.pem", person.appliance.base / "chain.pem"
        leaf.write_text(shown["certificates"][0])
        chain.write_text(shown["certificates"][1])
        self.assertIn("OK", openssl("verify", "-CAfile", est.root, "-untrusted", chain, leaf))

    def test_by_a_password_with_time_to_decide(self):
        est = self.serves(user=("kyso-office", "correct horse"), label="people", later=1, retry_after="1", alone=True)
        appliance = self.appliance(est, 'user = "kyso-office"', 'secret_file = "../est-secret"')

        self.assert_certified(self.person(appliance, "an"), est)

        # 202 first; then the certificate alone, whose chain is fetched.
        self.assertEqual([(one["operation"], one["status"]) for one in est.asked],
                         [("/simpleenroll", 202), ("/simpleenroll", 200), ("/cacerts", 200)])

    def test_by_a_certificate_shown_in_tls(self):
        est = self.serves(client_certificate=True)
        appliance = self.appliance(est, f'certificate = "{est.client}"', f'key = "{est.client_key}"')

        person = self.person(appliance, "binh")
        self.assert_certified(person, est)

        # EST has no way to revoke: that stays with people.
        appliance.admin("credential", "revoke", person.credential, "--reason", "keyCompromise")
        told = wait_until(lambda: [one for one in appliance.admin("credential", "revocations")["revocations"]
                                   if one["state"] == "refused"], "the refusal")
        self.assertIn("kyso credential revocations --told " + told[0]["serial_number"], told[0]["detail"])
        appliance.admin("credential", "revocations", "--told", told[0]["serial_number"])
        self.assertEqual(appliance.admin("credential", "revocations")["revocations"], [])

    def test_refusals_are_told_in_words(self):
        est = self.serves(user=("kyso-office", "another"))
        appliance = self.appliance(est, 'user = "kyso-office"', 'secret_file = "../est-secret"')
        person = self.person(appliance, "chi")
        found = wait_until(lambda: (found := self.newest(person))["attempts"] >= 1 and found, "an attempt")
        self.assertEqual(found["state"], "open")
        self.assertIn("secret_file", found["detail"])
        est.refusal = (400, "no such person")
        est.user = ("kyso-office", "correct horse")
        self.assertIn("no such person", self.wait_for(person, "refused")["detail"])

    def test_settings_that_cannot_be_used_are_told_at_the_start(self):
        est = self.serves()
        appliance = self.appliance(est, 'user = "kyso-office"', 'secret_file = "../est-secret"')
        appliance.stop()
        settings = appliance.data / "kyso.toml"
        plain = settings.read_text()
        for change, words in ((plain.replace("/.well-known/est", "/est"), "/.well-known/est"),
                              (plain.replace(est.url, est.url.replace("https", "http")), "https"),
                              (plain.replace("../est-secret", "none"), "holds no secret")):
            settings.write_text(change)
            done = run("kyso", "up", "--data", appliance.data)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stdout + done.stderr)
        settings.write_text(plain)
        appliance.start()


if __name__ == "__main__":
    unittest.main()
