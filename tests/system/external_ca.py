#!/usr/bin/env python3
"""Certificates of an authority outside: openssl's, by requests that people approve on their phones."""

import http.server
import subprocess
import threading
import unittest
from pathlib import Path

from appliance import Appliance, Signer, answer, openssl_verifies, run
from outside_ca import OutsideCa, openssl
from pdf_signature import sample_pdf


class Person(Signer):
    """Whose key an officer has confirmed, and which nobody has certified."""

    def enrol(self, key):
        self.phone.unlink(missing_ok=True)
        invited = self.appliance.admin("credential", "add", "--signer", self.name, "--key", key)
        self.credential = invited["credential_id"]
        enrolled = answer("kyso-phone", "enrol", "--link", "-", "--store", self.phone,
                          "--ca", self.appliance.tls_ca, input=invited["link"])
        self.approve_as_officer(enrolled["short_code"])

    def approve_request(self):
        return answer("kyso-phone", "approve", "--store", self.phone, "--all", "--yes", "--wait", "60")

    def request(self):
        """Of this person's key, in a file."""
        file = self.appliance.base / f"{self.name}.csr"
        self.appliance.kyso("credential", "csr", self.credential, "--out", file)
        return file


class WithOutside(Appliance):
    """An appliance that believes an authority outside, which certifies every new key. `protect`: what
    gives the settings by which both know each other, as `protection`; `root`: of another than openssl's."""

    def __init__(self, *settings, protect=None, lists_at=None, root=None):
        super().__init__("--engine", "psa")
        self.start()
        self.outside = OutsideCa(self.base, lists_at=lists_at)
        self.stop()
        if protect:
            self.protection = protect(self.base, self.outside)
            settings += self.protection.settings
        with open(self.data / "kyso.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[external_ca]\nauthorities = "{root or self.outside.root}"\n' + "\n".join(settings) + "\n")
        self.start()

    def kyso(self, *arguments):
        done = run("kyso", *arguments, "--data", self.data)
        if done.returncode != 0:
            raise AssertionError(f"kyso {arguments}: {done.stderr}")
        return done.stdout

    def refusal(self, *arguments, code=1):
        done = run("kyso", *arguments, "--data", self.data)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done.stderr


class Files(http.server.SimpleHTTPRequestHandler):
    """Those of `folder`, which is set once it is there."""

    folder = None

    def translate_path(self, path):
        return str(self.folder / Path(path).name)

    def log_message(self, *_):
        pass


class ExternalCa(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=files.serve_forever, daemon=True).start()
        cls.addClassCleanup(files.server_close)
        cls.addClassCleanup(files.shutdown)
        cls.appliance = WithOutside(lists_at=f"http://127.0.0.1:{files.server_port}")
        cls.addClassCleanup(cls.appliance.remove)
        cls.outside = cls.appliance.outside
        cls.outside.publish_lists()
        Files.folder = cls.outside.folder
        cls.base = cls.appliance.base

    def state(self, person):
        return self.appliance.admin("credential", "show", person.credential)["status"]

    def assert_signs(self, person):
        """A file, which openssl verifies against the authority outside."""
        file = self.base / f"{person.name}.txt"
        file.write_text("Quyết định 12")
        person.sign(file)
        signature = file.with_name(file.name + ".p7s")
        self.assertTrue(openssl_verifies(signature, file, self.outside.root))
        self.assertFalse(openssl_verifies(signature, file, self.appliance.ca))
        signature.unlink()

    def test_a_new_key_is_certified_outside(self):
        for key in ("p256", "p384", "rsa2048"):
            person = Person(self.appliance, f"an-{key}", key)
            self.assertEqual(answer("kyso-phone", "pending", "--store", self.appliance.officer), [])
            (asked,) = answer("kyso-phone", "pending", "--store", person.phone)
            self.assertEqual(asked["requester"], "Văn phòng đăng ký")
            self.assertIn("it waits for its signer",
                          self.appliance.refusal("credential", "csr", person.credential))
            person.approve_request()

            request = person.request()
            self.assertIn("verify OK", openssl("req", "-in", request, "-noout", "-verify"))
            self.assertIn(f"an-{key}", openssl("req", "-in", request, "-noout", "-subject"))
            self.assertEqual(self.state(person), "bound")
            certificate = self.outside.issue(request, person.name)
            said = self.appliance.kyso("credential", "import", certificate, self.outside.between)

            self.assertIn(f"{person.credential}  ", said)
            self.assertIn("in use", said)
            self.assertEqual(self.state(person), "enabled")
            self.assert_signs(person)

    def test_a_pdf_is_raised_with_the_authoritys_own_lists(self):
        person = Person(self.appliance, "giang")
        person.approve_request()
        certificate = self.outside.issue(person.request(), "giang")
        self.appliance.kyso("credential", "import", certificate, self.outside.between)
        contract = self.base / "contract.pdf"
        contract.write_bytes(sample_pdf())

        person.sign(contract, "--format", "pades", "--level", "B-LTA")

        signed = self.base / "contract-signed.pdf"
        for trust in (("--data", self.appliance.data), ("--trust", self.outside.root, "--trust", self.appliance.ca)):
            judged = answer("kyso", "verify", signed, *trust)
            self.assertEqual(judged["verdict"], "valid", judged)
            self.assertEqual([one["level"] for one in judged["signatures"][:1]], ["B-LTA"])
        said = subprocess.run(["pdfsig", "-no-ocsp", "-nocert", signed], capture_output=True, text=True, check=False)
        self.assertEqual(said.stdout.count("Signature is Valid."), 1, said.stdout)

    def test_files_as_authorities_send_them(self):
        person = Person(self.appliance, "binh")
        person.approve_request()
        certificate = self.outside.issue(person.request(), "binh")
        der, bundle, both = (self.base / f"binh.{kind}" for kind in ("cer", "p7b", "pem"))
        openssl("x509", "-in", certificate, "-outform", "DER", "-out", der)
        openssl("crl2pkcs7", "-nocrl", "-certfile", certificate, "-certfile", self.outside.between,
                "-outform", "DER", "-out", bundle)
        both.write_text("Chứng thư của Bình\n" + certificate.read_text() + self.outside.between.read_text())
        self.assertIn("does not lead to an authority",
                      self.appliance.refusal("credential", "import", der))
        for files in ((der, self.outside.between), (bundle,), (both,)):
            self.assertIn("in use", self.appliance.kyso("credential", "import", *files))
        (life,) = self.appliance.admin("credential", "show", person.credential)["life"]
        self.assertTrue(life["in_use"])
        empty = self.base / "empty.pem"
        empty.write_text("none\n")
        self.assertIn("holds no certificate",
                      self.appliance.refusal("credential", "import", empty, code=2))

    def test_what_was_not_asked_for_is_refused_in_words(self):
        person = Person(self.appliance, "chi")
        person.approve_request()
        request = person.request()
        other = OutsideCa(self.base, "Other")
        for certificate, words in (
                (other.issue(request, "chi-other"), "does not lead to an authority that is believed"),
                (self.outside.issue(request, "chi-usage", "keyEncipherment"), "digitalSignature"),
                (self.outside.issue(request, "chi-late", days=0), "expired"),
                (self.outside.issue(self.other_request("chi"), "chi-key"), "none of these certificates"),
        ):
            said = self.appliance.refusal("credential", "import", certificate, self.outside.between, other.between)
            self.assertIn(words, said)
        self.assertEqual(self.state(person), "bound")

    def other_request(self, name):
        file = self.base / f"{name}-other.csr"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.base / "other.key", "-subj", f"/C=VN/serialNumber={name}/CN=Signer {name}", "-out", file)
        return file

    def test_of_several_each_is_told(self):
        one, other = Person(self.appliance, "hanh"), Person(self.appliance, "ich")
        one.approve_request()
        done = run("kyso", "credential", "csr", other.credential, one.credential, "--data", self.appliance.data)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("BEGIN CERTIFICATE REQUEST"), 1)
        self.assertIn(f"{other.credential}  no request: it waits", done.stderr)

        done = run("kyso", "credential", "request", "cred_none", one.credential, "--data", self.appliance.data)

        self.assertEqual(done.returncode, 1)
        self.assertIn("cred_none  not asked: ", done.stderr)
        self.assertIn(f"{one.credential}  tx_", done.stdout)
        one.approve_request()

    def test_who_refuses_is_asked_anew(self):
        person = Person(self.appliance, "dung")
        (asked,) = answer("kyso-phone", "pending", "--store", person.phone)
        answer("kyso-phone", "reject", "--store", person.phone, asked["id"])
        self.assertIn(f"ask anew with kyso credential request {person.credential}",
                      self.appliance.refusal("credential", "csr", person.credential))

        self.assertIn("waits for dung", self.appliance.kyso("credential", "request", person.credential))
        person.approve_request()

        self.assertIn("verify OK", openssl("req", "-in", person.request(), "-noout", "-verify"))

    def test_a_certificate_is_renewed_and_revoked(self):
        person = Person(self.appliance, "em")
        person.approve_request()
        first = self.outside.issue(person.request(), "em-1")
        self.appliance.kyso("credential", "import", first, self.outside.between)
        self.appliance.kyso("credential", "request", person.credential)
        person.approve_request()
        second = self.outside.issue(person.request(), "em-2")
        self.appliance.kyso("credential", "import", second, self.outside.between)
        self.assert_signs(person)

        self.assertIn(f"is of an authority outside: kyso credential request {person.credential}",
                      self.appliance.refusal("credential", "renew", person.credential))

        revoked = self.appliance.admin("credential", "revoke", person.credential, "--reason", "keyCompromise")

        self.assertEqual([one["state"] for one in revoked["life"]], ["revoked", "revoked"])
        person.approve_as_officer()
        serials = [one["serial_number"] for one in revoked["life"]]
        self.assertEqual(self.untold(), [(serial, "keyCompromise", "CN=Outside CA,C=VN") for serial in serials])
        listed = self.appliance.kyso("credential", "revocations")
        self.assertEqual(listed.count("keyCompromise"), 2, listed)
        for serial in serials:
            self.assertIn("the authority knows", self.appliance.kyso("credential", "revocations", "--told", serial))
        self.assertEqual(self.untold(), [])
        self.assertIn("revoked without its knowing",
                      self.appliance.refusal("credential", "revocations", "--told", serials[0]))

    def untold(self):
        return [(one["serial_number"], one["reason"], one["issuer"])
                for one in self.appliance.admin("credential", "revocations")["revocations"]]


if __name__ == "__main__":
    unittest.main()
