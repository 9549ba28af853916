#!/usr/bin/env python3
"""board/README.md "From a box to a signing module": its commands, as they stand there."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["KYSO_SOURCE"])
BIN = os.environ["KYSO_BIN"]


def commands():
    """What a newcomer types, up to the part that needs a board on a desk; builds are made."""
    text = (SOURCE / "board/README.md").read_text()
    section = text.split("## From a box to a signing module")[1].split("### With a board")[0]
    lines = re.findall(r"^    (.+)$", section, re.M)
    return [line for line in lines if not line.startswith(("ci/setup", "cmake"))]


class Guide(unittest.TestCase):
    def test_every_command_works_in_this_order(self):
        base = Path(tempfile.mkdtemp(prefix="kyso-guide-"))
        self.addCleanup(shutil.rmtree, base, ignore_errors=True)
        lines = commands()
        self.assertGreaterEqual(sum("module bringup" in line for line in lines), 5, lines)
        script = "\n".join(lines).replace("/tmp/", f"{base}/").replace("build/release/bin", BIN)
        # What was put into the background ends with a signal; that alone may fail.
        script = script.replace("wait %1", "wait %1 || true").replace("wait %2", "wait %2 || true")

        # Nor does a line that fails leave a board running.
        script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script

        with open(base / "out", "w") as out:
            done = subprocess.run(["bash", "-mec", script], cwd=SOURCE, stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=subprocess.STDOUT, timeout=300)

        shown = (base / "out").read_text()
        self.assertEqual(done.returncode, 0, shown)
        self.assertNotIn("FAIL", shown)
        self.assertEqual(shown.count("The board signs"), 2, shown)
        self.assertRegex(shown, r"\noperational\n")  # of `kyso ceremony finish`
        self.assertRegex(shown, r"ok +module.state +operational")
        self.assertTrue((base / "kyso-acceptance/bringup.json").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
