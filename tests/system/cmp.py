#!/usr/bin/env python3
"""A key certified and its certificate revoked over CMP, by OpenSSL's mock server, which gives one
certificate to whoever asks and listens on every interface: here in a network of its own."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["KYSO_SOURCE"]) / "tests/support"))
import network_namespace

from appliance import answer, free_port, wait_until
from external_ca import Person, WithOutside
from outside_ca import openssl

SECRET = "correct horse battery"


class Mock:
    """`openssl cmp` as a server."""

    def __init__(self, port, *options):
        self.log = []
        self.process = subprocess.Popen(["openssl", "cmp", "-port", str(port), *map(str, options)],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            self.log.append(line)
            if line.startswith("ACCEPT"):
                return
        raise AssertionError("openssl cmp: " + "".join(self.log))

    def stop(self):
        """What it has said."""
        self.process.terminate()
        rest, _ = self.process.communicate(timeout=60)
        return "".join(self.log) + rest


class Protection:
    """How both sides know each other: settings of ours, options of the mock's."""

    def __init__(self, settings, options):
        self.settings, self.options = settings, options


def secret(base, _):
    file = base / "cmp-secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return Protection((f'user = "kyso-office"\nsecret_file = "{file}"',),
                      ("-srv_ref", "kyso-office", "-srv_secret", f"file:{file}"))


def signature(base, outside):
    """Certificates of two registration authorities (RFC 6402 §2.10), ours and the server's."""
    for name in ("office", "service"):
        key, request = base / f"{name}.key", base / f"{name}.csr"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-subj", f"/C=VN/CN=Outside {name}", "-out", request)
        key.chmod(0o600)
        certificate = outside.issue(request, name, "critical,digitalSignature", extended="cmcRA")
        (base / f"{name}.pem").write_text(certificate.read_text() + outside.between.read_text())
    return Protection((f'certificate = "{base}/office.pem"\nkey = "{base}/office.key"',),
                      ("-srv_cert", base / "service.pem", "-srv_key", base / "service.key",
                       "-srv_untrusted", outside.between, "-srv_trusted", outside.root))


class Cmp(unittest.TestCase):
    def appliance(self, protect):
        """One that asks at a port where nobody listens yet, and the mock's options."""
        port = free_port()
        appliance = WithOutside('protocol = "cmp"', f'url = "http://127.0.0.1:{port}/pkix/"',
                                "retry_seconds = 1", "longest_wait_seconds = 1",
                                protect=protect)
        self.addCleanup(appliance.remove)
        return appliance, port

    def wait_for_log(self, appliance, words):
        wait_until(lambda: any(words in file.read_text() for file in (appliance.data / "log").iterdir()),
                   f"\"{words}\" in the log")

    def mock(self, *options):
        mock = Mock(*options)
        self.addCleanup(mock.process.kill)
        return mock

    def newest(self, person):
        (found,) = person.appliance.admin("credential", "csr", person.credential)["requests"]
        return found

    def assert_certifies(self, protect):
        appliance, port = self.appliance(protect)
        person = Person(appliance, "an")
        person.approve_request()
        # Nobody answers yet, and the request is asked for again and again.
        asked = wait_until(lambda: (found := self.newest(person))["attempts"] >= 2 and found, "two attempts")
        self.assertEqual((asked["approval"], asked["state"]), ("signed", "open"))
        self.assertIn("port", asked["detail"].lower())
        certificate = appliance.outside.issue(person.request(), "an")

        mock = self.mock(port, *appliance.protection.options, "-rsp_cert", certificate,
                         "-rsp_extracerts", appliance.outside.between, "-poll_count", "2",
                         "-check_after", "1")
        wait_until(lambda: appliance.admin("credential", "show", person.credential)["status"] == "enabled",
                   "the certificate")

        self.assertEqual(wait_until(lambda: (found := self.newest(person))["state"] != "open" and found,
                                    "the record")["state"], "issued")
        (shown,) = appliance.admin("credential", "show", person.credential)["life"]
        self.assertEqual(int(shown["serial_number"], 16),
                         int(openssl("x509", "-in", certificate, "-noout", "-serial").split("=")[1], 16))
        appliance.admin("credential", "revoke", person.credential, "--reason", "keyCompromise")
        wait_until(lambda: appliance.admin("credential", "revocations")["revocations"] == [], "the revocation")
        said = mock.stop()
        # p10cr, two polls, certConf, rr
        self.assertEqual(said.count("1st line: POST /pkix/"), 5, said)
        person.approve_as_officer()
        self.wait_for_log(appliance, "the authority outside has revoked it")

    def test_by_a_secret(self):
        self.assert_certifies(secret)

    def test_by_templates(self):
        """ir, and kur for another certificate: raVerified, which the mock is told to take."""
        port = free_port()
        appliance = WithOutside('protocol = "cmp"', f'url = "http://127.0.0.1:{port}/pkix/"', 'request = "ir"',
                                "retry_seconds = 1", "longest_wait_seconds = 1", protect=secret)
        self.addCleanup(appliance.remove)
        person = Person(appliance, "chi")
        person.approve_request()
        certificate = appliance.outside.issue(person.request(), "chi")
        options = (*appliance.protection.options, "-accept_raverified", "-verbosity", "7", "-rsp_cert", certificate,
                   "-rsp_extracerts", appliance.outside.between)
        for body, state in (("IR", "issued"), ("KUR", "refused")):
            if body == "KUR":  # the mock has but one certificate, and gives it for whoever names it
                appliance.kyso("credential", "request", person.credential)
                person.approve_request()
            mock = self.mock(port, *options)
            asked = wait_until(lambda: (found := self.newest(person))["state"] != "open" and found, "the record")
            said = mock.stop()
            self.assertIn(f"received {body}", said)
            self.assertIn("received CERTCONF", said)
            self.assertEqual(asked["state"], state, said)
        self.assertIn("in use already", asked["detail"])

    def test_by_signatures(self):
        self.assert_certifies(signature)

    def test_a_refusal_and_a_wrong_secret_are_told_in_words(self):
        appliance, port = self.appliance(secret)
        wrong = self.mock(port, "-srv_ref", "kyso-office", "-srv_secret", "pass:another", "-rsp_cert",
                          appliance.outside.root)
        person = Person(appliance, "binh")
        person.approve_request()
        asked = wait_until(lambda: (found := self.newest(person))["attempts"] >= 1 and found, "an attempt")
        self.assertEqual(asked["state"], "open")
        self.assertIn("detail", asked)
        wrong.stop()

        mock = self.mock(port, *appliance.protection.options, "-pkistatus", "2", "-failure", "19",
                         "-statusstring", "no such profile")
        asked = wait_until(lambda: (found := self.newest(person))["state"] == "refused" and found, "the refusal")

        self.assertIn("no such profile", asked["detail"])
        self.assertEqual(appliance.admin("credential", "show", person.credential)["status"], "bound")
        self.wait_for_log(appliance, "no such profile")
        mock.stop()
        # The person is asked once more, and somebody brings the certificate.
        appliance.kyso("credential", "request", person.credential)
        person.approve_request()
        certificate = appliance.outside.issue(person.request(), "binh")
        self.assertIn("in use", appliance.kyso("credential", "import", certificate, appliance.outside.between))


if __name__ == "__main__":
    if not network_namespace.enter():
        # CTest's SKIP_RETURN_CODE.
        print("this system gives no network of its own, and openssl cmp listens on every interface: not run")
        sys.exit(77)
    unittest.main()
