#!/usr/bin/env python3
"""The built-in CA as relying parties see it: openssl against the running services."""

import base64
import json
import http.client
import re
import ssl
import socket
import subprocess
import unittest
import urllib.parse

from appliance import Appliance, Signer, answer, free_port, openssl_verifies, run, wait_until
from pdf_signature import sample_pdf


def openssl(*arguments):
    """What it says, and whether it succeeded."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


class Pki(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.base = cls.appliance.base
        cls.signers = {name: Signer(cls.appliance, name) for name in ("an", "binh", "chi", "dung")}
        for name, signer in cls.signers.items():
            shown = cls.appliance.admin("credential", "show", signer.credential)
            (cls.base / f"{name}.pem").write_text(shown["certificates"][0])

    def setUp(self):
        wait_until(lambda: self.ask("GET", "/pki/ca.crl")[0] == 200, "the first list")

    def ask(self, method, path, body=None, content_type=None):
        """(status, headers, body) of the API host."""
        url = urllib.parse.urlsplit(self.appliance.url)
        context = ssl.create_default_context(cafile=self.appliance.tls_ca)
        plain = socket.create_connection(("127.0.0.1", url.port), timeout=30)
        connection = http.client.HTTPConnection("api.localhost", url.port)
        connection.sock = context.wrap_socket(plain, server_hostname="api.localhost")
        try:
            connection.request(method, path, body,
                               {"Content-Type": content_type} if content_type else {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def fetch_list(self):
        status, headers, body = self.ask("GET", "/pki/ca.crl")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/pkix-crl"))
        der, pem = self.base / "list.der", self.base / "list.pem"
        der.write_bytes(body)
        self.assertTrue(openssl("crl", "-in", der, "-inform", "DER", "-out", pem)[0])
        return pem

    def list_number(self):
        return int(openssl("crl", "-in", self.fetch_list(), "-noout", "-crlnumber")[1]
                   .split("=")[1], 16)

    def verify(self, name):
        return openssl("verify", "-crl_check_all", "-CAfile", self.appliance.ca,
                       "-CRLfile", self.fetch_list(), self.base / f"{name}.pem")

    def question(self, *names, nonce=False):
        file = self.base / "question.der"
        certificates = [one for name in names for one in ("-cert", self.base / f"{name}.pem")]
        openssl("ocsp", "-issuer", self.appliance.ca, *certificates, "-reqout", file,
                *(() if nonce else ("-no_nonce",)))
        return file

    def judged(self, question, answer, *names):
        """openssl's verdict on an answer, each check of it passed. (-no_nonce: it would add another to
        the question that was asked; the one in there is compared.)"""
        file = self.base / "answer.der"
        file.write_bytes(answer)
        certificates = [one for name in names for one in ("-cert", self.base / f"{name}.pem")]
        good, text = openssl("ocsp", "-issuer", self.appliance.ca, *certificates,
                             "-no_nonce", "-reqin", question, "-respin", file, "-CAfile", self.appliance.ca)
        self.assertTrue(good, text)
        self.assertIn("Response verify OK", text)
        return text

    def status_of(self, *names, nonce=False):
        question = self.question(*names, nonce=nonce)
        status, headers, body = self.ask("POST", "/pki/ocsp", question.read_bytes(),
                                         "application/ocsp-request")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/ocsp-response"))
        return self.judged(question, body, *names), headers

    def test_a_certificate_says_where_its_status_is_and_it_is_there(self):
        text = openssl("x509", "-in", self.base / "an.pem", "-noout", "-text")[1]
        urls = re.findall(r"URI:(\S+)", text)
        self.assertEqual(sorted(urllib.parse.urlsplit(url).path for url in urls),
                         ["/pki/ca.cer", "/pki/ca.crl", "/pki/ocsp"])
        status, _, body = self.ask("GET", "/pki/ca.cer")
        self.assertEqual(status, 200)
        self.assertIn(base64.b64encode(body)[:60].decode(), self.appliance.ca.read_text())
        good, said = self.verify("an")
        self.assertTrue(good, said)

    def test_revoked_held_and_released(self):
        number = self.list_number()
        self.assertIn("good", self.status_of("binh")[0])

        revoked = self.appliance.admin("credential", "revoke", self.signers["binh"].credential,
                                       "--reason", "keyCompromise")
        self.assertEqual(revoked["status"], "deleted")

        # At once in answers, and within moments in the list.
        self.assertRegex(self.status_of("binh")[0],
                         r"binh.pem: revoked[\s\S]*Reason: keyCompromise")
        wait_until(lambda: self.list_number() > number, "the next list")
        good, said = self.verify("binh")
        self.assertFalse(good)
        self.assertIn("certificate revoked", said)

        chi = self.signers["chi"]
        self.appliance.admin("credential", "suspend", chi.credential)
        self.assertIn("Reason: certificateHold", self.status_of("chi")[0])
        wait_until(lambda: not self.verify("chi")[0], "the hold in the list")
        self.appliance.admin("credential", "resume", chi.credential)
        self.assertIn("chi.pem: good", self.status_of("chi")[0])
        wait_until(lambda: self.verify("chi")[0], "the release in the list")

        self.signers["binh"].approve_as_officer()
        for again, words in ((("resume", self.signers["binh"].credential), "not suspended"),
                             (("revoke", self.signers["binh"].credential), "is deleted")):
            done = run("kyso", "credential", *again, "--data", self.appliance.data)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)

    def life(self, signer):
        return self.appliance.admin("credential", "show", signer.credential)["life"]

    def keep_certificate(self, signer, name):
        """As a file that the other helpers name; its serial number."""
        shown = self.appliance.admin("credential", "show", signer.credential)
        (self.base / f"{name}.pem").write_text(shown["certificates"][0])
        return next(one["serial_number"] for one in shown["life"] if one["in_use"])

    def renew(self, signer, *options):
        self.appliance.admin("credential", "renew", signer.credential, *options)
        signer.approve_as_officer()

    def signs_pdf(self, signer, name):
        contract = self.base / f"{name}.pdf"
        contract.write_bytes(sample_pdf())
        signer.sign(contract, "--format", "pades")
        return self.base / f"{name}-signed.pdf"

    def assert_valid(self, pdf, serial):
        """So says `kyso verify`, of a signature with the certificate of that serial number."""
        done = run("kyso", "verify", pdf, "--trust", self.appliance.ca, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        signature = json.loads(done.stdout)["signatures"][0]  # before its time-stamp
        self.assertEqual(signature["signer"]["serial_number"].upper(), serial)
        self.assertTrue(signature["signer"]["is_of_organisation"])

    def test_an_organisations_key_is_renewed_and_both_certificates_are_known(self):
        name = "UBND xã Tân Phú"
        seal = Signer(self.appliance, "seal", subject=f"CN={name},O={name},C=VN",
                      profile="organisation")
        first = self.keep_certificate(seal, "first")
        first_pdf = self.signs_pdf(seal, "before")
        (listed,) = self.appliance.admin("credential", "list", "--signer", "seal")["credentials"]
        self.assertEqual((listed["profile"], listed["serial_number"]), ("organisation", first))

        self.appliance.admin("credential", "renew", seal.credential)
        twice = run("kyso", "credential", "renew", seal.credential, "--data", self.appliance.data)
        self.assertEqual(twice.returncode, 1)
        self.assertIn("the officers are being asked already", twice.stderr)
        seal.approve_as_officer()

        second = self.keep_certificate(seal, "second")
        self.assertNotEqual(first, second)
        second_pdf = self.signs_pdf(seal, "after")
        self.assert_valid(first_pdf, first)
        self.assert_valid(second_pdf, second)
        text = self.status_of("first", "second")[0]
        self.assertIn("first.pem: good", text)
        self.assertIn("second.pem: good", text)
        self.assertTrue(self.verify("first")[0])
        self.assertTrue(self.verify("second")[0])

        self.renew(seal, "--supersede")
        third = self.keep_certificate(seal, "third")
        text = self.status_of("first", "second", "third")[0]
        for one in ("first", "second"):
            self.assertRegex(text, one + r".pem: revoked[\s\S]*Reason: superseded")
        self.assertIn("third.pem: good", text)
        wait_until(lambda: not self.verify("second")[0], "the next list")
        listed = openssl("crl", "-in", self.fetch_list(), "-noout", "-text")[1]
        for serial in (first, second):
            self.assertRegex(listed, rf"Serial Number: 0*{serial}\n[\s\S]*?Superseded")
        self.assertNotIn(third, listed)
        self.assertTrue(self.verify("third")[0])
        # What was signed and time-stamped before verifies on, under the certificate of then.
        self.assert_valid(first_pdf, first)
        self.assert_valid(second_pdf, second)

        self.assertEqual(
            [(one["serial_number"], one["state"], one.get("reason"), one["in_use"],
              [event["event"] for event in one["events"]]) for one in self.life(seal)],
            [(first, "revoked", "superseded", False, ["issued", "revoked"]),
             (second, "revoked", "superseded", False, ["renewed", "revoked"]),
             (third, "valid", None, True, ["renewed"])])
        shown = run("kyso", "credential", "show", seal.credential, "--data", self.appliance.data)
        self.assertEqual(shown.stdout.count("revoked (superseded)"), 4, shown.stdout)
        self.assertIn(f"{third}  valid, in use", shown.stdout)

    def test_a_certificate_that_is_replaced_while_the_signer_is_asked(self):
        kim = Signer(self.appliance, "kim")
        file = self.base / "lenh.txt"
        file.write_text("Lệnh 7")
        for options, code in (((), 0), (("--supersede",), 1)):
            asking = kim.ask(file)
            self.assertIn("waiting for the signer", asking.stdout.readline())
            self.renew(kim, *options)
            answer("kyso-phone", "approve", "--store", kim.phone, "--all", "--yes", "--wait", "60")
            _, errors = asking.communicate(timeout=60)
            self.assertEqual(asking.returncode, code, errors)
            signature = file.with_name("lenh.txt.p7s")
            self.assertEqual(signature.exists(), code == 0)
            signature.unlink(missing_ok=True)
        self.assertIn("Nothing is signed; sign the document again", errors)
        self.assertIn("revoked", errors)
        kim.sign(file)

    def test_what_ends_soon_is_listed_and_what_cannot_be_renewed_is_told(self):
        def expiring(days, *more):
            return self.appliance.admin("credential", "list", "--expiring", days, *more)["credentials"]
        self.assertEqual(expiring(30), [])
        within = expiring(400)  # the CA's OCSP key alone has a year
        self.assertEqual([one["profile"] for one in within], ["ocsp"])
        self.assertIn(self.signers["dung"].credential,
                      [one["id"] for one in expiring(1826, "--signer", "dung")])
        ends = [one["valid_to"] for one in expiring(10000)]
        self.assertEqual(ends, sorted(ends))
        for arguments, code, words in (
                (("list",), 2, "--expiring DAYS"), (("renew", "a b"), 2, "is no id"),
                (("renew", "cred_none"), 1, "no such credential: cred_none"),
                (("add", "--signer", "an", "--profile", "organisation"), 1, "O is missing")):
            done = run("kyso", "credential", *arguments, "--data", self.appliance.data)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn(words, done.stderr)

    def test_answers_to_get_to_several_and_to_a_nonce(self):
        question = self.question("an")
        encoded = base64.b64encode(question.read_bytes()).decode()
        for path in (encoded, urllib.parse.quote(encoded, safe="")):
            status, headers, body = self.ask("GET", "/pki/ocsp/" + path)
            self.assertEqual(status, 200)
            self.assertIn("an.pem: good", self.judged(question, body, "an"))
            self.assertRegex(headers["Cache-Control"], r"max-age=\d+")
        # The same bytes until it is signed anew: it was produced before.
        again = self.ask("GET", "/pki/ocsp/" + encoded)[2]
        self.assertEqual(body, again)

        text, headers = self.status_of("an", "dung", nonce=True)
        self.assertIn("an.pem: good", text)
        self.assertIn("dung.pem: good", text)
        self.assertNotIn("no nonce", text)
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_nothing_is_signed_about_certificates_of_others(self):
        other = self.base / "other.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=Other", "-keyout", self.base / "other.key", "-out", other)
        question = self.question("other")
        answer = self.ask("POST", "/pki/ocsp", question.read_bytes(), "application/ocsp-request")[2]
        self.assertEqual(answer, bytes.fromhex("30030a0106"))  # unauthorized
        answer = self.ask("POST", "/pki/ocsp", b"x", "application/ocsp-request")[2]
        self.assertEqual(answer, bytes.fromhex("30030a0101"))  # malformedRequest

    def stamp(self, *options):
        document, query, reply = (self.base / name for name in ("document", "q.tsq", "r.tsr"))
        document.write_text("what is stamped")
        self.assertTrue(openssl("ts", "-query", "-data", document, "-out", query, *options)[0])
        status, headers, body = self.ask("POST", "/pki/tsa", query.read_bytes(),
                                         "application/timestamp-query")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/timestamp-reply"))
        reply.write_bytes(body)
        return query, reply

    def test_time_stamps_verify(self):
        for digest in ("-sha256", "-sha384", "-sha512"):
            query, reply = self.stamp(digest, "-cert")
            good, said = openssl("ts", "-verify", "-queryfile", query, "-in", reply,
                                 "-CAfile", self.appliance.ca)
            self.assertTrue(good and "Verification: OK" in said, said)
            text = openssl("ts", "-reply", "-in", reply, "-text")[1]
            self.assertIn("Accuracy: 0x01 seconds", text)
            serial = re.search(r"Serial number: 0x([0-9A-F]+)", text)[1]
            self.assertGreater(len(serial), 24)
        query, reply = self.stamp("-sha256", "-cert")
        (self.base / "changed").write_text("what was not stamped")
        self.assertFalse(openssl("ts", "-verify", "-data", self.base / "changed", "-in", reply,
                                 "-CAfile", self.appliance.ca)[0])

    def test_time_stamps_are_refused_in_words(self):
        for options, words in ((("-sha1",), "algorithm"), (("-sha256", "-tspolicy", "1.2.3.4"),
                                                           "policy")):
            _, reply = self.stamp(*options)
            text = openssl("ts", "-reply", "-in", reply, "-text")[1]
            self.assertIn("Status: Rejected.", text)
            self.assertIn(words, text)

    def stamped_by(self):
        """The certificates in a fresh stamp."""
        _, reply = self.stamp("-sha256", "-cert")
        token = openssl("ts", "-reply", "-in", reply, "-token_out", "-out", self.base / "token")
        self.assertTrue(token[0], token[1])
        return openssl("pkcs7", "-inform", "DER", "-in", self.base / "token", "-print_certs")[1]

    def test_a_new_key_takes_the_place_of_the_old_and_the_old_stamps_verify_on(self):
        old_query, old_reply = (file.read_bytes() for file in self.stamp("-sha256", "-cert"))
        self.appliance.admin("service", "add", "--kind", "tsa", "--subject",
                             "CN=Second TSA,O=Kyso,C=VN")
        self.signers["an"].approve_as_officer()
        self.signers["an"].approve_as_officer()
        wait_until(lambda: "Second TSA" in self.stamped_by(), "a stamp by the new key")
        (self.base / "old.tsq").write_bytes(old_query)
        (self.base / "old.tsr").write_bytes(old_reply)
        good, said = openssl("ts", "-verify", "-queryfile", self.base / "old.tsq", "-in",
                             self.base / "old.tsr", "-CAfile", self.appliance.ca)
        self.assertTrue(good, said)

    def test_what_a_person_signs_verifies_against_the_list(self):
        document = self.base / "contract.txt"
        document.write_text("contract")
        self.signers["dung"].sign(document)
        self.assertTrue(openssl_verifies(f"{document}.p7s", document, self.appliance.ca))
        challenge, logs = self.appliance.export_logs()
        done = run("kyso", "audit", "verify", "--root", self.appliance.module_root, "--challenge",
                   challenge, *logs, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class WithoutTls(unittest.TestCase):
    """pki.http_port: what readers of other makers ask by themselves, at what a certificate names."""

    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.appliance.stop()
        cls.port = free_port()
        with open(cls.appliance.data / "kyso.toml", "a") as settings:
            settings.write(f'\n[pki]\nhttp_port = {cls.port}\nurl = "http://127.0.0.1:{cls.port}/pki"\n')
        cls.appliance.start()
        cls.base = cls.appliance.base
        cls.an, cls.binh = Signer(cls.appliance, "an"), Signer(cls.appliance, "binh")
        for signer in (cls.an, cls.binh):
            shown = cls.appliance.admin("credential", "show", signer.credential)
            (cls.base / f"{signer.name}.pem").write_text(shown["certificates"][0])

    def ask(self, method, path, host="pki.example", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Host": host, **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def ocsp(self, name):
        return openssl("ocsp", "-issuer", self.appliance.ca, "-cert", self.base / f"{name}.pem", "-url",
                       f"http://127.0.0.1:{self.port}/pki/ocsp", "-CAfile", self.appliance.ca)

    def verify(self, name):
        return openssl("verify", "-crl_check", "-crl_download", "-CAfile", self.appliance.ca,
                       self.base / f"{name}.pem")

    def test_openssl_finds_the_list_and_the_responder_by_the_certificate(self):
        wait_until(lambda: self.ask("GET", "/pki/ca.crl")[0] == 200, "the first list")
        good, said = self.verify("binh")
        self.assertTrue(good, said)
        good, said = self.ocsp("binh")
        self.assertTrue(good and "binh.pem: good" in said, said)

        self.appliance.admin("credential", "revoke", self.binh.credential, "--reason", "superseded")
        self.an.approve_as_officer()

        wait_until(lambda: "certificate revoked" in self.verify("binh")[1], "the next list")
        self.assertIn("binh.pem: revoked", self.ocsp("binh")[1])

    def test_nothing_else_is_there(self):
        for path in ("/csc/v2/info", "/healthz", "/", "/oauth2/jwks", "/admin/v1/modules", "/pki/"):
            for host in ("pki.example", "api.localhost", "approve.localhost"):
                with self.subTest(path=path, host=host):
                    self.assertIn(self.ask("GET", path, host)[0], (404, 421))
        self.assertEqual(self.ask("POST", "/pki/ca.crl")[0], 405)
        self.assertEqual(self.ask("POST", "/pki/tsa", body=b"x")[0], 400)

    def test_a_pdf_is_raised_over_it_and_poppler_asks_by_itself(self):
        pdf = self.base / "contract.pdf"
        pdf.write_bytes(sample_pdf())
        asking = self.an.ask(pdf, "--format", "pades", "--json", "--tsa",
                             f"http://127.0.0.1:{self.port}/pki/tsa")
        answer("kyso-phone", "approve", "--store", self.an.phone, "--all", "--yes", "--wait", "60")
        said, errors = asking.communicate(timeout=60)
        self.assertEqual((asking.returncode, json.loads(said)["level"]), (0, "B-LTA"), errors)

        nss = f"sql:{self.base}"
        for arguments in (("-N", "--empty-password"),
                          ("-A", "-n", "authority", "-t", "CT,C,C", "-a", "-i", self.appliance.ca)):
            subprocess.run(["certutil", "-d", nss, *arguments], check=True)
        said = subprocess.run(["pdfsig", "-nssdir", nss, self.base / "contract-signed.pdf"],
                              capture_output=True, text=True).stdout
        self.assertIn("Signature is Valid.", said)
        self.assertIn("Certificate is Trusted.", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
