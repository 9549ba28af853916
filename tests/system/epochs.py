#!/usr/bin/env python3
"""Another KEK for a group of two modules (engine Mbed TLS) while people sign: one makes it, the other restores it, the
server seals every key anew, and only then the epoch of before can be closed."""

import sqlite3
import tempfile
import unittest
from pathlib import Path

from appliance import Appliance, Signer, answer, openssl_verifies, run, wait_until


class Epochs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--modules", "2", "--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.signer = Signer(cls.appliance)
        cls.folder = Path(tempfile.mkdtemp(dir=cls.appliance.base))
        cls.signatures = 0

    def paper(self, name):
        return self.folder / name

    def words(self, module, *arguments):
        data = self.appliance.data
        return ("ceremony", *arguments, "--module", data / f"run/module-{module}.sock", "--psk",
                data / f"psk/module-{module}/operator.psk")

    def on(self, module, *arguments):
        return answer("kyso", *self.words(module, *arguments))

    def signs(self, *options):
        type(self).signatures += 1
        document = self.paper(f"don-{self.signatures}.txt")
        document.write_text("Đơn xin nghỉ phép\n", encoding="utf-8")
        self.signer.sign(document, *options)
        signature = document.with_name(document.name + ".p7s")
        self.assertTrue(openssl_verifies(signature, document, self.appliance.ca))

    def bring_share(self, module, ceremony, name):
        """The one custodian's, sealed to this module."""
        firmware = self.appliance.admin("module", "info")["modules"][0]["firmware_hash"]
        data = self.appliance.data
        answer("kyso-custodian", "reseal", "--key", data / "ceremony/custodian-key.pem", "--share",
               self.paper("made/share-1.json"), "--for", ceremony, "--root",
               self.appliance.module_root, "--class", "software", "--firmware", firmware, "--out",
               self.paper(name))
        self.on(module, "give", self.paper(name))
        self.on(module, "finish")

    def keys(self):
        return self.appliance.admin("module", "keys")

    def close(self, module):
        return run("kyso", *self.words(module, "close-epoch"), "--data", self.appliance.data)

    def blob(self, value=None):
        """Of the signer's credential, as the database has it."""
        with sqlite3.connect(self.appliance.data / "kyso.db", timeout=30) as database:
            if value is not None:
                database.execute("UPDATE credentials SET blob = ? WHERE id = ?",
                                 (value, self.signer.credential))
            return database.execute("SELECT blob FROM credentials WHERE id = ?",
                                    (self.signer.credential,)).fetchone()[0]

    def test_the_group_changes_its_kek_and_everybody_signs_on(self):
        self.signs()
        before = self.blob()
        self.assertEqual(self.keys()["epoch"], 1)

        self.on(1, "make", "--epoch", "2", "--out", self.paper("made"))
        self.bring_share(1, self.paper("made/ceremony.json"), "back-1.json")
        # One module opens the keys of the one epoch, one those of the other.
        unsaid = run("kyso", "module", "keys", "--data", self.appliance.data)
        self.assertIn("not of one epoch", unsaid.stderr)
        refused = self.close(1)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("not of one epoch", refused.stderr)
        for _ in range(3):
            self.signs()

        self.on(2, "restore", "--of", self.paper("made/ceremony.json"), "--out",
                self.paper("asks.json"))
        self.bring_share(2, self.paper("asks.json"), "back-2.json")
        wait_until(lambda: self.keys()["older"] == 0, "keys sealed anew")
        told = self.keys()
        self.assertEqual(told["epoch"], 2)
        self.assertEqual(told["keys"], 4)  # authority, its two services, the signer
        self.assertNotEqual(self.blob(), before)
        for _ in range(3):
            self.signs()
        self.signs("--level", "B-T")

        self.assertEqual(run("kyso", *self.words(1, "close-epoch")).returncode, 2)
        refused = self.close(1)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("half a minute", refused.stderr)
        wait_until(lambda: self.close(1).returncode == 0, "a quiet half minute")
        closed = self.close(2)
        self.assertEqual(closed.returncode, 0, closed.stderr)
        for _ in range(3):
            self.signs()
        self.signs("--level", "B-T")
        self.assert_lost(before)

    def assert_lost(self, old):
        """What was not sealed anew opens nowhere, and is seen before another epoch is closed."""
        now = self.blob()
        self.appliance.stop()
        self.blob(old)
        self.appliance.start()
        self.assertEqual(self.keys()["older"], 1)
        refused = self.close(1)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("1 keys are not sealed", refused.stderr)
        document = self.paper("lost.txt")
        document.write_text("x")
        asking = self.signer.ask(document)
        _, errors = asking.communicate(timeout=60)
        self.assertNotEqual(asking.returncode, 0, errors)
        self.appliance.stop()
        self.blob(now)
        self.appliance.start()
        self.signs()


if __name__ == "__main__":
    unittest.main(verbosity=2)
