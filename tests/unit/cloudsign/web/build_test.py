"""The bundle of an app is a function of its sources, and small."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WEB = Path(__file__).resolve().parents[4] / "cloudsign/web"


def build(out, *options):
    return subprocess.run([sys.executable, "-B", WEB / "build.py", "--out", out, *options],
                          capture_output=True, text=True, check=False)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Build(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="kyso-web-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def copy(self, app="approve"):
        for part in {"approve", "shared", app}:
            shutil.copytree(WEB / part, self.folder / "elsewhere" / part, dirs_exist_ok=True)
        return self.folder / "elsewhere" / app

    def test_is_the_same_wherever_it_is_made(self):
        for app in ("approve", "office", "portal"):
            first, second = self.folder / f"{app}-first", self.folder / f"{app}-second"
            here = build(first, "--app", app)
            there = build(second, "--sources", self.copy(app))
            self.assertEqual((here.returncode, there.returncode), (0, 0),
                             here.stderr + there.stderr)
            self.assertEqual(contents(first), contents(second))
            self.assertEqual(here.stdout, there.stdout)

    def test_another_source_has_another_name(self):
        sources = self.copy()
        build(self.folder / "first")
        with open(sources / "main.tsx", "a", encoding="utf-8") as file:
            file.write("console.log(1);\n")
        build(self.folder / "second", "--sources", sources)
        scripts = {path.name for path in self.folder.glob("*/main-*.js")}
        self.assertEqual(len(scripts), 2)

    def test_lists_the_hash_of_every_file(self):
        out = self.folder / "out"
        printed = build(out).stdout
        listed = dict(line.split("  ")[::-1] for line in (out / "SHA256SUMS").read_text().splitlines())
        made = {name: hashlib.sha256(content).hexdigest()
                for name, content in contents(out).items() if name != "SHA256SUMS"}
        self.assertEqual(listed, made)
        for name, digest in made.items():
            self.assertIn(f"{digest}  {name}\n", printed)

    def test_refuses_a_script_that_has_grown_too_large(self):
        sources = self.copy()
        noise = "".join(hashlib.sha256(bytes([i % 256, i // 256])).hexdigest() for i in range(500))
        with open(sources / "main.tsx", "a", encoding="utf-8") as file:
            file.write(f"document.title = {noise!r};\n")
        got = build(self.folder / "out", "--sources", sources)
        self.assertNotEqual(got.returncode, 0)
        self.assertIn("more than 15360", got.stderr)


if __name__ == "__main__":
    unittest.main()
