#!/usr/bin/env python3
"""Where `kyso sign` and `kyso document extend` put what they make, and whom they let read it."""

import os
import resource
import shutil
import stat
import subprocess
import unittest

from appliance import Appliance, Signer, answer, run
from pdf_signature import sample_pdf

NOBODY = 65534


class ResultFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.an = Signer(cls.appliance, "an")
        cls.base = cls.appliance.base

    def document(self, name, mode=0o644):
        file = self.base / name
        file.write_bytes(sample_pdf())
        file.chmod(mode)
        return file

    def ask(self, document, *options, umask=0o022):
        before = os.umask(umask)
        try:
            return self.an.ask(document, *options)
        finally:
            os.umask(before)

    def approve(self):
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")

    def sign(self, document, *options, umask=0o022):
        asking = self.ask(document, *options, umask=umask)
        self.approve()
        said, errors = asking.communicate(timeout=120)
        self.assertEqual(asking.returncode, 0, errors)
        return said

    def refused(self, document, *options):
        """What `kyso sign` says, which nobody was asked for."""
        asking = self.ask(document, *options)
        said, errors = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 2, errors)
        self.assertNotIn("waiting", said)
        return errors

    def extend(self, file, *options):
        done = run("kyso", "document", "extend", file, "--data", self.appliance.data, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def assert_mode(self, file, mode):
        self.assertEqual(oct(stat.S_IMODE(file.stat().st_mode)), oct(mode))

    # ---- who may read it

    def test_nobody_may_read_what_they_could_not_read_before(self):
        pades = ("--format", "pades", "--level", "B-B")
        for name, mode, umask, expected in (("masked.pdf", 0o644, 0o077, 0o600),
                                            ("private.pdf", 0o600, 0o022, 0o600),
                                            ("group.pdf", 0o640, 0o022, 0o640),
                                            ("public.pdf", 0o644, 0o022, 0o644)):
            with self.subTest(name):
                self.sign(self.document(name, mode), *pades, umask=umask)

                self.assert_mode(self.base / name.replace(".pdf", "-signed.pdf"), expected)

    def test_what_is_replaced_keeps_its_mode_and_owner(self):
        file = self.base / "secret.pdf"
        self.sign(self.document("for-secret.pdf"), "--format", "pades", "--level", "B-B", "--out", file)
        file.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(file, NOBODY, NOBODY)
        before = file.stat()

        self.extend(file)

        after = file.stat()
        self.assertGreater(after.st_size, before.st_size)
        self.assert_mode(file, 0o600)
        self.assertEqual((after.st_uid, after.st_gid), (before.st_uid, before.st_gid))

    # ---- links and what is no file

    def test_links_are_followed(self):
        file, link = self.base / "b1.pdf", self.base / "lnk.pdf"
        link.symlink_to(file.name)
        file.write_bytes(b"to be replaced")

        said = self.sign(self.document("for-link.pdf"), "--format", "pades", "--level", "B-B",
                         "--out", link)

        self.assertIn(f"signed: {link}", said)
        self.assertTrue(link.is_symlink())
        signed = file.read_bytes()
        self.assertTrue(signed.startswith(b"%PDF"))
        self.assertIn("lnk.pdf: B-LTA", self.extend(link))
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(file.read_bytes(), signed)

    def test_what_is_no_place_for_a_file_is_refused_before_anybody_is_asked(self):
        document = self.document("refused.pdf")
        names = {name: self.base / name for name in ("device", "stdout", "dangling", "pipe", "folder")}
        names["device"].symlink_to("/dev/null")
        names["stdout"].symlink_to("/proc/self/fd/1")  # as /dev/stdout is, which root could lose
        names["dangling"].symlink_to(self.base / "nowhere.pdf")
        os.mkfifo(names["pipe"])
        names["folder"].mkdir()
        for place, words in ((names["device"], "no regular file"),
                             (names["stdout"], "no regular file"),
                             ("/proc/self/fd/1", "no regular file"),
                             (names["pipe"], "no regular file"), (names["folder"], "no regular file"),
                             (names["dangling"], "link to nothing"), ("", "empty"),
                             ("-", "standard output")):
            with self.subTest(place):
                errors = self.refused(document, "--out", place)

                self.assertIn(words, errors)
                self.assertIn("--out", errors)
        for name in ("device", "stdout", "dangling"):
            self.assertTrue(names[name].is_symlink(), name)
        self.assertEqual(list(self.base.glob("stdout.*")), [])
        # Of a file, too: what the program says and what it makes are not the same.
        with open(self.base / "said", "wb") as said:
            done = subprocess.run(self.an.command(document, "--out", names["stdout"]), stdout=said,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard output", done.stderr)

    # ---- names

    def test_a_name_that_is_not_utf_8_is_refused_before_anybody_is_asked(self):
        document = self.document(os.fsdecode(b"bad\xff.pdf"))
        asking = self.ask(document)
        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 2, errors)
        self.assertIn("bad\\u{ff}.pdf: its name is not UTF-8", errors)

    def test_escapes_in_a_name_are_shown_and_not_obeyed(self):
        said = self.sign(self.document("red\x1b[31m.pdf"))

        self.assertNotIn("\x1b", said)
        self.assertEqual(said.count("red\\u{1b}[31m.pdf"), 2, said)

    # ---- room

    def test_without_room_nobody_is_asked(self):
        document = self.document("roomless.pdf")
        small = 16 << 10
        done = subprocess.run(
            self.an.command(document, "--format", "pades"), capture_output=True, text=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (small, small)))

        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("has no room", done.stderr)
        self.assertNotIn("waiting", done.stdout)
        self.assertFalse((self.base / "roomless-signed.pdf").exists())
        self.assertEqual(list(self.base.glob(".roomless*")), [])

    def test_a_signature_without_its_place_is_kept_elsewhere(self):
        place = self.base / "taken-away"
        temporary = self.base / "temporary"
        place.mkdir()
        temporary.mkdir()
        os.environ["TMPDIR"] = str(temporary)
        self.addCleanup(os.environ.pop, "TMPDIR")
        asking = self.ask(self.document("homeless.pdf"), "--out", place / "homeless.p7s")
        self.assertIn("waiting", asking.stdout.readline())
        shutil.rmtree(place)
        self.approve()
        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 1, errors)
        kept = temporary / "homeless.p7s"
        self.assertIn(f"the signature was made, and is kept in {kept}", errors)
        self.assert_mode(kept, 0o600)

    def test_a_signature_that_cannot_be_kept_is_told(self):
        asking = self.ask(self.document("lost.pdf"), "--out", self.base / "lost.p7s")
        self.assertIn("waiting", asking.stdout.readline())
        resource.prlimit(asking.pid, resource.RLIMIT_FSIZE, (64, 64))
        self.approve()
        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 1, errors)
        self.assertIn("the signature was made, and could not be kept", errors)
        self.assertFalse((self.base / "lost.p7s").exists())

    # ---- a request that nobody waits for any more

    def test_one_that_was_left_open_is_explained(self):
        document = self.document("left.pdf")
        asking = self.ask(document, "--wait", "1")
        _, errors = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 1)
        self.assertIn("reject it on the phone", errors)
        # Another one: the same within the same second is the same question, and joins it.
        other = self.document("other.pdf")
        other.write_bytes(sample_pdf() + b"\n")
        again = self.ask(other)
        _, errors = again.communicate(timeout=60)
        items = answer("kyso-phone", "pending", "--store", self.an.phone)
        for item in items:
            answer("kyso-phone", "approve", "--store", self.an.phone, "--yes", item["id"])

        self.assertEqual(again.returncode, 1)
        self.assertEqual(len(items), 1)
        self.assertIn("reject it on the phone", errors)
        self.assertIn("ask again in 10 s", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
