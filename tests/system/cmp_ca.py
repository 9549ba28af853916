#!/usr/bin/env python3
"""The built-in CA by CMP: asked by openssl's client, and by another appliance whose people it certifies."""

import os
import signal
import subprocess
import time
import unittest

from appliance import Appliance, answer, free_port, openssl_verifies, run, wait_until
from external_ca import Person, WithOutside
from outside_ca import openssl

SUBJECT = "/C=VN/O=Bệnh viện A/CN=Lê Thị Bình"


class Authority(Appliance):
    """One whose CA is asked over HTTP, too."""

    def __init__(self):
        super().__init__("--engine", "psa")
        self.start()
        self.stop()
        self.port = free_port()
        with open(self.data / "kyso.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[pki]\nhttp_port = {self.port}\nurl = "http://127.0.0.1:{self.port}/pki"\n')
        self.start()

    def add_account(self, name, profile):
        """Its secret, in a file."""
        added = self.admin("cmp", "add", name, "--profile", profile)
        file = self.base / f"{name}.secret"
        file.write_text(added["secret"] + "\n")
        file.chmod(0o600)
        return file

    def waiting(self):
        return answer("kyso-phone", "pending", "--store", self.officer)

    def approve(self, documents=1):
        """What waits for the officer, once it does, looked at: no such key was confirmed on this phone."""
        (item,) = wait_until(self.waiting, "a question to the officers")
        assert documents in (None, len(item["documents"])), item
        done = run("kyso-phone", "approve", "--store", self.officer, item["id"], input="y\n")
        assert done.returncode == 0, done.stderr
        return item, done.stderr

    def reject(self):
        (item,) = wait_until(self.waiting, "a question to the officers")
        answer("kyso-phone", "reject", "--store", self.officer, item["id"])

    def list(self):
        """The newest list of what is revoked, in PEM."""
        pem = self.base / "list.pem"
        der = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{self.port}/pki/ca.crl"],
                             capture_output=True, check=True).stdout
        (self.base / "list.der").write_bytes(der)
        openssl("crl", "-in", self.base / "list.der", "-inform", "DER", "-out", pem)
        return pem

    def stands(self, certificate):
        """Whether openssl takes a certificate, once list and responder agree."""
        def judged():
            listed = subprocess.run(["openssl", "verify", "-crl_check", "-CAfile", self.ca, "-CRLfile", self.list(),
                                     certificate], capture_output=True, text=True, check=False)
            asked = subprocess.run(["openssl", "ocsp", "-issuer", self.ca, "-cert", certificate, "-CAfile", self.ca,
                                    "-url", f"http://127.0.0.1:{self.port}/pki/ocsp"],
                                   capture_output=True, text=True, check=False)
            assert "Response verify OK" in asked.stderr, asked.stderr
            both = listed.returncode == 0, ": good" in asked.stdout
            return both if both[0] == both[1] else None
        return wait_until(judged, "the list")[0]


class ByOpenssl(unittest.TestCase):
    """`openssl cmp` as the client."""

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.base = cls.authority.base
        cls.secrets = {"hospital": cls.authority.add_account("hospital", "person"),
                       "machines": cls.authority.add_account("machines", "device")}

    def key(self, name, *options):
        file = self.base / f"{name}.key"
        openssl("genpkey", *(options or ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")), "-out", file)
        return file

    def cmp(self, account, command, *options, path="pki/cmp"):
        return subprocess.Popen(
            ["openssl", "cmp", "-server", f"127.0.0.1:{self.authority.port}", "-path", f"{path}/{account}",
             "-ref", account, "-secret", f"file:{self.secrets[account]}", "-cmd", command, "-total_timeout", "120",
             *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, client, code=0):
        said, _ = client.communicate(timeout=150)
        self.assertEqual(client.returncode, code, said)
        return said

    def certified(self, name, account="hospital", command="ir", *options, path="pki/cmp"):
        """A certificate that the officers approved, in a file."""
        out = self.base / f"{name}.pem"
        client = self.cmp(account, command, *options, "-certout", out, path=path)
        item, shown = self.authority.approve()
        self.assertEqual(item["requester"], f"CMP: {account}")
        self.assertIn("not confirmed on this phone", shown)
        self.finish(client)
        return out

    def test_first_requests_key_updates_and_revocation(self):
        key = self.key("binh")
        first = self.certified("binh", "hospital", "ir", "-newkey", key, "-subject", SUBJECT)
        self.assertTrue(self.authority.stands(first))
        self.assertIn("Bệnh viện A", openssl("x509", "-in", first, "-noout", "-subject", "-nameopt", "utf8"))

        newer = self.key("binh-2")
        second = self.certified("binh-2", "hospital", "kur", "-oldcert", first, "-newkey", newer)
        self.assertTrue(self.authority.stands(first) and self.authority.stands(second))
        subjects = {openssl("x509", "-in", file, "-noout", "-subject") for file in (first, second)}
        self.assertEqual(len(subjects), 1)

        self.finish(self.cmp("hospital", "rr", "-oldcert", first, "-revreason", "4"))
        wait_until(lambda: not self.authority.stands(first), "the revocation")
        self.assertTrue(self.authority.stands(second))
        self.assertIn("Superseded", openssl("crl", "-in", self.authority.list(), "-noout", "-text"))
        again = self.finish(self.cmp("hospital", "rr", "-oldcert", first, "-revreason", "1"), code=1)
        self.assertIn("certRevoked", again)
        self.assertIn("badCertId", self.finish(self.cmp("machines", "rr", "-oldcert", second, "-revreason", "1"),
                                               code=1))

    def test_other_keys_a_request_of_before_and_the_well_known_path(self):
        rsa = self.key("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072")
        self.certified("rsa", "machines", "cr", "-newkey", rsa, "-subject", "/CN=gateway", "-implicit_confirm",
                       path=".well-known/cmp/p")
        curve = self.key("p384", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
        request = self.base / "p384.csr"
        openssl("req", "-new", "-key", curve, "-subj", "/C=VN/CN=Máy chủ 2", "-utf8", "-out", request)
        certificate = self.certified("p384", "machines", "p10cr", "-csr", request)
        text = openssl("x509", "-in", certificate, "-noout", "-text")
        self.assertIn("TLS Web Client Authentication", text)
        self.assertTrue(self.authority.stands(certificate))
        states = {one["subject"]: one["state"] for one in self.authority.admin("cmp", "requests")["requests"]}
        self.assertEqual(states["CN=gateway"], "issued")  # confirmed by nobody, as it was asked for
        self.assertEqual(states["CN=Máy chủ 2,C=VN"], "confirmed")

    def test_what_is_refused(self):
        key = self.key("chi")
        asked = ("-newkey", key, "-certout", self.base / "none.pem", "-subject", SUBJECT)
        client = self.cmp("hospital", "ir", *asked)
        self.authority.reject()
        self.assertIn("the officers did not approve the certificate", self.finish(client, code=1))

        before = self.authority.admin("cmp", "requests")["requests"]
        wrong = self.base / "wrong.secret"
        wrong.write_text("another\n")
        true, self.secrets["hospital"] = self.secrets["hospital"], wrong
        self.addCleanup(self.secrets.update, hospital=true)
        self.finish(self.cmp("hospital", "ir", *asked), code=1)
        self.secrets["hospital"] = true
        self.assertIn("badPOP", self.finish(self.cmp("hospital", "ir", *asked, "-popo", "0"), code=1))
        nameless = (*asked[:-1], "/C=VN")
        self.assertIn("badCertTemplate", self.finish(self.cmp("hospital", "ir", *nameless), code=1))
        nowhere = self.cmp("hospital", "ir", *asked, path="pki/cmp/x")
        self.finish(nowhere, code=1)
        self.assertEqual(self.authority.admin("cmp", "requests")["requests"], before)
        self.assertEqual(self.authority.waiting(), [])

    def test_a_module_that_does_not_answer_holds_up_nothing_else(self):
        """Clients poll each second; the module is asked by one of them at a time, and then not for a while."""
        key = self.key("waiting")
        modules = self.authority.child("kyso-module")
        for module in modules:
            os.kill(module, signal.SIGSTOP)
            self.addCleanup(os.kill, module, signal.SIGCONT)
        clients = [self.cmp("machines", "ir", "-newkey", key, "-certout", self.base / f"waiting-{i}.pem",
                            "-subject", f"/CN=waiting {i}") for i in range(12)]

        def polled():  # three seconds are over, and each asks again in the next
            mine = [one for one in self.authority.admin("cmp", "requests")["requests"] if one["state"] == "waiting"]
            return len(mine) == 12 and all(time.time() * 1000 - one["created_at"] > 5000 for one in mine)
        wait_until(polled, "their polls")
        for _ in range(5):
            self.authority.list()
        for module in modules:
            os.kill(module, signal.SIGCONT)

        def over():  # in one question, or in two where not all had come before the first
            if self.authority.waiting():
                self.authority.approve(documents=None)
            return all(client.poll() is not None for client in clients)
        wait_until(over, "twelve certificates")
        for client in clients:
            self.finish(client)

    def test_an_account_that_is_removed(self):
        self.secrets["leaving"] = self.authority.add_account("leaving", "device")
        self.authority.admin("cmp", "remove", "leaving")
        self.finish(self.cmp("leaving", "ir", "-newkey", self.key("leaving"), "-certout", self.base / "none.pem",
                             "-subject", "/CN=x"), code=1)
        accounts = {one["name"]: one["status"] for one in self.authority.admin("cmp", "list")["accounts"]}
        self.assertEqual((accounts["leaving"], accounts["hospital"]), ("disabled", "active"))


class ByAnotherAppliance(unittest.TestCase):
    """A hospital's own appliance, whose people the authority's certifies: keys and phones here, CA there."""

    def test_people_sign_with_its_certificates_until_it_revokes_them(self):
        authority = Authority()
        self.addCleanup(authority.remove)
        secret = authority.add_account("hospital", "person")

        class Known:
            settings = ('user = "hospital"', f'secret_file = "{secret}"')

        hospital = WithOutside('protocol = "cmp"', f'url = "http://127.0.0.1:{authority.port}/pki/cmp/hospital"',
                               "retry_seconds = 1", "longest_wait_seconds = 1",
                               protect=lambda *_: Known, root=authority.ca)
        self.addCleanup(hospital.remove)
        person = Person(hospital, "an")
        person.approve_request()

        authority.approve()
        wait_until(lambda: hospital.admin("credential", "show", person.credential)["status"] == "enabled",
                   "the certificate")

        file = hospital.base / "note.txt"
        file.write_text("Bệnh án 12")
        person.sign(file)
        signature = file.with_name(file.name + ".p7s")
        self.assertTrue(openssl_verifies(signature, file, authority.ca))
        self.assertFalse(openssl_verifies(signature, file, hospital.ca))
        certificate = hospital.base / "an.pem"
        certificate.write_text(hospital.admin("credential", "show", person.credential)["certificates"][0])
        self.assertTrue(authority.stands(certificate))
        (listed,) = authority.admin("cmp", "requests")["requests"]
        self.assertEqual(listed["state"], "confirmed")

        hospital.admin("credential", "revoke", person.credential, "--reason", "keyCompromise")
        wait_until(lambda: hospital.admin("credential", "revocations")["revocations"] == [], "the revocation")
        wait_until(lambda: not authority.stands(certificate), "the list")


if __name__ == "__main__":
    unittest.main(verbosity=2)
