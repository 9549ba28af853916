#!/usr/bin/env python3
"""Built again in another folder, the images of a board are the same bytes, so whoever has the source
can check the hash that attestations name: reproducible.py BOARD.

The first build is the tree's own. The second has a folder whose name has nothing in common with the
tree's, and a part of the compiler's cache to itself, so that no object is compared with its own copy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BOARD = sys.argv.pop(1)
TREE = Path(os.environ["KYSO_SOURCE"])
KYSO = Path(os.environ["KYSO_BIN"]) / "kyso"
KEY = TREE / "tests/vectors/firmware/TEST-maker.key.pem"
MAKER = TREE / "firmware/boot/TEST-maker.pem"
TARGETS = [f"kyso-{BOARD}-boot", f"kyso-{BOARD}-a"]


def run(*command, folder=TREE, env=None):
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True,
                          env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise AssertionError(f"{command}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(tree, env=None):
    """The folder of the programs."""
    run("cmake", "--preset", f"fw-{BOARD}", folder=tree, env=env)
    run("cmake", "--build", f"build/fw-{BOARD}", "--parallel", "2", "--target", *TARGETS,
        folder=tree, env=env)
    return tree / f"build/fw-{BOARD}/bin"


def copy_source(into):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=TREE, check=True, capture_output=True).stdout
    wanted = ("CMake", "board/", "firmware/", "hsm/", "toolchains/")
    for name in map(os.fsdecode, listed.split(b"\0")):
        if name.startswith(wanted) and (TREE / name).is_file():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TREE / name, target)


class Reproducible(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="another-name-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_another_folder_builds_the_same_release(self):
        copy_source(self.folder)

        here = build(TREE)
        there = build(self.folder, env={"CCACHE_NAMESPACE": "kyso-built-again"})

        for target in TARGETS:
            self.assertEqual((here / f"{target}.bin").read_bytes(),
                             (there / f"{target}.bin").read_bytes(), target)
        release = self.folder / "release.kysofw"
        run(KYSO, "firmware", "sign", "--board", BOARD, "--version", "1.0.0", "--security-version",
            "1", "--key", KEY, "--out", release, here / f"{TARGETS[1]}.elf")
        print(run(KYSO, "firmware", "verify", "--maker", MAKER, release, there / f"{TARGETS[1]}.elf"))


if __name__ == "__main__":
    unittest.main()
