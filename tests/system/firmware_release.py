#!/usr/bin/env python3
"""`kyso firmware`: what the maker signs, what anybody checks, and what a rebuild is compared with."""

import hashlib
import json
import os
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

KYSO = Path(os.environ["KYSO_BIN"]) / "kyso"


def elf(address, fill, size=4000):
    """A 32-bit Arm executable with one segment that begins with a vector table."""
    image = struct.pack("<II", 0x20001000, address + 0x41) + bytes([fill]) * (size - 8)
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1, address, 52, 0, 0,
                         52, 32, 1, 0, 0, 0)
    segment = struct.pack("<8I", 1, 84, address, address, size, size, 5, 4)
    return header + segment + image, image


class FirmwareRelease(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kyso-firmware-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.key, self.maker = self.make_key("maker")
        self.images = []
        self.elfs = []
        for i, address in enumerate((0x08020400, 0x08060400)):
            content, image = elf(address, 0x10 + i)
            self.images.append(image)
            self.elfs.append(self.folder / f"slot{i}.elf")
            self.elfs[i].write_bytes(content)
        self.package = self.folder / "release.kysofw"

    def make_key(self, name):
        key, public = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
        return key, public

    def kyso(self, *arguments, code=0):
        done = subprocess.run([KYSO, "firmware", *map(str, arguments)], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def sign(self, *more, version="1.2.3", security="4", code=0):
        return self.kyso("sign", "--board", "stm32f405", "--version", version,
                         "--security-version", security, "--key", self.key, "--out", self.package,
                         *(more or self.elfs), code=code)

    def test_a_release_is_what_format_md_says(self):
        shown = self.sign("--json", *self.elfs)
        content = self.package.read_bytes()
        head, body = content[:192], content[192:]

        self.assertEqual(body, b"".join(self.images))
        header = b"kysofw" + struct.pack(">H16sIII", 1, b"stm32f405", 0x01020003, 4, 2)
        for address, image in zip((0x08020400, 0x08060400), self.images):
            header += struct.pack(">II", address, len(image)) + hashlib.sha256(image).digest()
        header = header.ljust(128, b"\0")
        self.assertEqual(head[:128], header)
        firmware_hash = hashlib.sha256(header).hexdigest()
        self.assertEqual(json.loads(shown)["firmware_hash"], firmware_hash)
        self.assertIn(firmware_hash, self.kyso("inspect", self.package))

        # The signature, by OpenSSL alone: r and s as DER.
        halves = [head[128:160], head[160:192]]
        integers = b""
        for half in halves:
            half = half.lstrip(b"\0")
            half = (b"\0" if half[0] & 0x80 else b"") + half
            integers += bytes([2, len(half)]) + half
        (self.folder / "signature").write_bytes(bytes([0x30, len(integers)]) + integers)
        (self.folder / "header").write_bytes(header)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", self.maker, "-signature",
                        self.folder / "signature", self.folder / "header"], check=True,
                       capture_output=True)

    def test_anybody_can_check_signature_and_rebuild(self):
        self.sign()
        self.kyso("verify", "--maker", self.maker, self.package)
        self.kyso("verify", "--maker", self.maker, self.package, *self.elfs)
        self.kyso("verify", "--maker", self.maker, self.package, *reversed(self.elfs))

        _, stranger = self.make_key("stranger")
        self.assertIn("not signed by this maker",
                      self.kyso("verify", "--maker", stranger, self.package, code=1))
        content, _ = elf(0x08020400, 0x99)
        self.elfs[0].write_bytes(content)
        self.assertIn("built again, its firmware hash is",
                      self.kyso("verify", "--maker", self.maker, self.package, *self.elfs, code=1))

    def test_a_changed_package_is_none(self):
        self.sign()
        content = self.package.read_bytes()
        for at in (0, 30, 60, 1000, len(content) - 1):
            changed = bytearray(content)
            changed[at] ^= 1
            self.package.write_bytes(changed)
            error = self.kyso("verify", "--maker", self.maker, self.package, code=1)
            self.assertTrue("is no package" in error or "not signed" in error, error)
        self.package.write_bytes(content[:-1])
        self.assertIn("is no package", self.kyso("inspect", self.package, code=1))

    def test_wrong_use_is_told_apart(self):
        self.assertIn("three numbers", self.sign(version="1.2", code=2))
        self.assertIn("above 0", self.sign(security="0", code=2))
        self.assertIn("no private P-256 key",
                      self.kyso("sign", "--board", "b", "--version", "1.0.0", "--security-version",
                                "1", "--key", self.maker, "--out", self.package, self.elfs[0],
                                code=2))
        self.elfs[0].write_bytes(b"not an ELF file, whatever its name says, and long enough for one")
        self.assertIn("not a 32-bit executable for Arm", self.sign(code=2))
        self.assertFalse(self.package.exists())


if __name__ == "__main__":
    unittest.main()
