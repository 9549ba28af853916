#!/usr/bin/env python3
"""Runs cloudsign/csc/INTEGRATION.md as written, against a sandbox; and asks each of its people."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from appliance import BIN, wait_until

SOURCE = Path(os.environ["KYSO_SOURCE"])
PATIENCE_S = 120


class IntegrationGuide(unittest.TestCase):
    def setUp(self):
        # Sockets in it have short names.
        self.folder = Path(tempfile.mkdtemp(prefix="kyso-guide."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.up = self.start()

    def start(self):
        with (self.folder / "up.log").open("a") as log:
            up = subprocess.Popen([BIN / "kyso", "up", "--data", self.folder / "sandbox",
                                   "--sandbox", "--ready-file", self.folder / "ready.json"],
                                  stdout=log, stderr=log)
        self.addCleanup(self.stop, up)
        wait_until(lambda: (self.folder / "ready.json").exists() or up.poll() is not None,
                   "the sandbox")
        self.assertIsNone(up.poll(), (self.folder / "up.log").read_text())
        return up

    def stop(self, up):
        if up.poll() is None:
            up.send_signal(signal.SIGTERM)
            up.wait(PATIENCE_S)

    def run_shell(self, script):
        environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder,
                              env=environment, capture_output=True, text=True, timeout=PATIENCE_S)

    def kyso(self, *arguments):
        done = subprocess.run([BIN / "kyso", *arguments], cwd=self.folder, capture_output=True,
                              text=True, timeout=PATIENCE_S)
        return done

    def credential_of(self, signer):
        listed = self.kyso("credential", "list", "--data", "sandbox", "--signer", signer, "--json")
        return json.loads(listed.stdout)["credentials"][0]["id"]

    def test_every_block_runs_as_written(self):
        guide = (SOURCE / "cloudsign/csc/INTEGRATION.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(blocks), 8)

        ran = self.run_shell("\n".join(blocks))

        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn("Verified OK", ran.stdout)

    def test_each_person_answers_as_the_guide_says(self):
        added = self.kyso("client", "add", "--data", "sandbox", "--name", "Portal",
                          "--all-signers", "--secret-file", "s", "--json")
        client = json.loads(added.stdout)["client_id"]
        (self.folder / "a.txt").write_text("a")

        def sign(signer):
            return self.kyso("sign", "--data", "sandbox", "--as", client, "--secret-file", "s",
                             "--credential", self.credential_of(signer), "a.txt", "--out",
                             f"{signer}.p7s")
        self.assertEqual(sign("sandbox-approve").returncode, 0)
        for signer, words in (("sandbox-reject", "The signer rejected the request"),
                              ("sandbox-not-mine", "The signer did not start this request"),
                              ("sandbox-not-mine", "Credential locked"),
                              ("sandbox-undeliverable",
                               "No device of the signer could be reached"),
                              ("sandbox-expire",
                               "The request expired before the signer answered")):
            refused = sign(signer)
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertIn(words, refused.stderr)

        # The phones come back with the rest.
        self.stop(self.up)
        self.assertFalse((self.folder / "ready.json").exists())
        self.start()
        (self.folder / "b.txt").write_text("b")
        self.assertEqual(self.kyso("sign", "--data", "sandbox", "--as", client, "--secret-file",
                                   "s", "--credential", self.credential_of("sandbox-approve"),
                                   "b.txt").returncode, 0)


if __name__ == "__main__":
    unittest.main()
