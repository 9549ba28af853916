#!/usr/bin/env python3
"""A new phone in an old one's place, over two modules, with the old one in hand."""

import json
import os
import re
import signal
import sqlite3
import unittest

from appliance import Appliance, Signer, answer, openssl_verifies, run, wait_until


class NewPhone(unittest.TestCase):
    def setUp(self):
        self.appliance = Appliance("--engine", "psa", "--modules", "2")
        self.addCleanup(self.appliance.remove)
        self.appliance.start()
        self.signer = Signer(self.appliance, "an")
        self.approve_at = re.sub("://[^:]*", "://approve.localhost", self.appliance.url)
        self.new = self.appliance.base / "new-phone.json"
        self.document = self.appliance.base / "contract.txt"
        self.document.write_text("contract")

    def join(self, *options, phone=None):
        done = run("kyso-phone", "join", "--server", self.approve_at, "--ca", self.appliance.tls_ca,
                   "--store", phone or self.new, "--json", "--yes", *options)
        return done, json.loads(done.stdout) if done.stdout else None

    def announce(self, phone=None):
        done, told = self.join(phone=phone)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(told["state"], "open")
        return told

    def move(self, *mark, phone=None):
        return run("kyso-phone", "move", "--store", phone or self.signer.phone, "--yes", *mark)

    def rows(self, query, *values):
        """Of the database, which anybody may have: read, or written to."""
        with sqlite3.connect(self.appliance.data / "kyso.db", timeout=30) as database:
            return database.execute(query, values).fetchall()

    def blob(self):
        [row] = self.rows("SELECT blob, version FROM credentials WHERE id = ?",
                          self.signer.credential)
        return row

    def assert_signs(self, phone, name):
        self.signer.phone = phone
        out = self.appliance.base / name
        self.signer.sign(self.document, "--out", out)
        self.assertTrue(openssl_verifies(out, self.document, self.appliance.ca))

    def assert_refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout)
        for one in words:
            self.assertIn(one, done.stderr)

    def test_the_new_one_signs_and_the_old_one_no_more(self):
        old = self.signer.phone
        self.assert_signs(old, "before.p7s")
        before = self.blob()
        told = self.announce()

        moved = self.move("--link", told["link"])
        self.assertEqual(moved.returncode, 0, moved.stderr)
        done, told = self.join("--wait", "60")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(told["state"], "done")
        self.assertEqual(self.blob()[1], before[1] + 1)
        self.assert_signs(self.new, "after.p7s")
        self.assert_refused(run("kyso-phone", "pending", "--store", old), "401")
        self.assertIn("a key has another phone, signer an",
                      (self.appliance.data / "log/server.jsonl").read_text())

        # A server that has kept the old key, the old phone's session and all: both modules know.
        self.appliance.stop()
        self.rows("UPDATE credentials SET blob = ?, version = ? WHERE id = ?", *before,
                  self.signer.credential)
        self.rows("UPDATE devices SET status = 'active'")
        self.appliance.start()
        for _ in range(2):  # at either module
            asked = self.signer.ask(self.document, "--wait", "60", "--out",
                                    self.appliance.base / "never.p7s")
            _, errors = asked.communicate(timeout=60)
            self.assertEqual(asked.returncode, 1)
            self.assertIn("credentialID is disabled", errors)
        self.assertEqual(self.appliance.admin("credential", "show", self.signer.credential)["status"],
                         "enabled")  # by this server's own word

        challenge, logs = self.appliance.export_logs()
        audited = run("kyso", "audit", "verify", "--root", self.appliance.module_root,
                      "--challenge", challenge, *logs, "--json")
        self.assertEqual(audited.returncode, 0, audited.stdout + audited.stderr)

    def test_by_the_short_code_that_is_read_out(self):
        told = self.announce()
        self.assert_refused(self.move("--code", "0000-0000-0000"), "404", "no phone shows")

        moved = self.move("--code", told["short_code"].lower().replace("-", " "))

        self.assertEqual(moved.returncode, 0, moved.stderr)
        done, _ = self.join("--wait", "60")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_signs(self.new, "after.p7s")

    def test_a_server_that_puts_its_own_phone_there_is_refused(self):
        told = self.announce()
        self.announce(phone=self.appliance.base / "other.json")
        self.appliance.stop()
        [(theirs,)] = self.rows("SELECT point FROM phone_moves ORDER BY id DESC LIMIT 1")
        self.rows("UPDATE phone_moves SET point = ?", theirs)
        self.appliance.start()

        self.assert_refused(self.move("--link", told["link"]),
                            "new_phone: is not the phone whose code was read")

        done, told = self.join("--wait", "60")
        self.assertEqual((done.returncode, told["state"]), (1, "rejected"))
        self.assert_signs(self.signer.phone, "still.p7s")

    def test_nobody_else_can_do_it(self):
        other = Signer(self.appliance, "binh")
        told = self.announce()
        moved = self.move("--link", told["link"])
        self.assertEqual(moved.returncode, 0, moved.stderr)

        self.assert_refused(self.move("--link", told["link"], phone=other.phone), "404")
        self.assertEqual(answer("kyso-phone", "pending", "--store", other.phone), [])
        self.assert_refused(self.move("--link", told["link"], phone=self.appliance.officer), "403")
        # The old phone's approval alone changes nothing.
        self.assertEqual(self.blob()[1], 1)
        self.assert_signs(self.signer.phone, "still.p7s")

    def test_is_finished_after_a_restart_and_when_every_module_answers(self):
        told = self.announce()
        moved = self.move("--link", told["link"])
        self.assertEqual(moved.returncode, 0, moved.stderr)
        hung = self.appliance.child("kyso-module")[0]
        os.kill(hung, signal.SIGSTOP)
        self.addCleanup(lambda: os.path.exists(f"/proc/{hung}") and os.kill(hung, signal.SIGCONT))

        done, told = self.join("--wait", "1")

        self.assertEqual((done.returncode, told["state"]), (1, "finishing"))
        self.assertIn("module", done.stderr)
        self.assertEqual(self.blob()[1], 1)
        os.kill(hung, signal.SIGCONT)
        done, told = self.join("--wait", "60")
        self.assertEqual((done.returncode, told["state"]), (0, "done"), done.stderr)
        self.assertEqual(self.blob()[1], 2)
        self.assert_signs(self.new, "after.p7s")

    def test_the_server_may_restart_between_the_two(self):
        told = self.announce()
        self.appliance.stop()
        self.appliance.start()
        moved = self.move("--link", told["link"])
        self.assertEqual(moved.returncode, 0, moved.stderr)
        self.appliance.stop(signal.SIGTERM)
        self.appliance.start()

        # The modules have forgotten the old phone's approval with their start: it is asked again.
        follower = wait_until(lambda: answer("kyso-phone", "pending", "--store",
                                             self.signer.phone), "the question")
        self.assertEqual(follower[0]["purpose"], "rebind")
        moved = self.move("--link", told["link"])
        self.assertEqual(moved.returncode, 0, moved.stderr)
        done, told = self.join("--wait", "60")

        self.assertEqual((done.returncode, told["state"]), (0, "done"), done.stderr)
        self.assert_signs(self.new, "after.p7s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
