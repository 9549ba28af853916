#!/usr/bin/env python3
"""kyso.toml while the server runs: checked, read again, keys and certificate exchanged under load."""

import hashlib
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import threading
import unittest
from pathlib import Path

from appliance import Appliance, Signer, answer, openssl_verifies, run, wait_until


HOSTS = [f"{name}.localhost" for name in ("api", "login", "approve", "office", "portal", "mtls")]


def new_certificate(tls, hosts, days=90):
    """In place of the server's, by an authority of its own, tls/new-ca.pem."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names = tls / "new-names"
    names.write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
    openssl("req", "-x509", *new_key, "-keyout", tls / "new-ca.key", "-out", tls / "new-ca.pem",
            "-subj", "/CN=new CA")
    openssl("req", *new_key, "-keyout", tls / "key.pem", "-out", tls / "new.csr", "-subj", "/CN=new")
    openssl("x509", "-req", "-in", tls / "new.csr", "-CA", tls / "new-ca.pem", "-CAkey",
            tls / "new-ca.key", "-out", tls / "cert.pem", "-days", days, "-extfile", names)


class Reload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.appliance = Appliance("--engine", "psa")
        cls.addClassCleanup(cls.appliance.remove)
        cls.appliance.start()
        cls.signer = Signer(cls.appliance)
        cls.settings = cls.appliance.data / "kyso.toml"
        cls.psk = cls.appliance.data / "psk/module-1/server.psk"

    def config(self, command):
        return run("kyso", "config", command, "--data", self.appliance.data)

    def log(self, name):
        return (self.appliance.data / "log" / name).read_text()

    def open_tls(self, authority="ca.pem"):
        host, port = self.appliance.url.removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=self.appliance.data / "tls" / authority)
        connection = socket.create_connection(("127.0.0.1", int(port)), 10)
        return context.wrap_socket(connection, server_hostname=host)

    def healthy(self, connection):
        host = self.appliance.url.removeprefix("https://")
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return b"200 OK" in connection.recv(4096)

    def fingerprint(self, connection):
        return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()

    def keep(self, *files):
        """As they are now, again after the test."""
        self.addCleanup(self.config, "reload")
        for file in files:
            self.addCleanup(file.write_bytes, file.read_bytes())

    def test_a_new_certificate_is_taken_without_cutting_anybody(self):
        tls = self.appliance.data / "tls"
        self.keep(tls / "cert.pem", tls / "key.pem")
        old = self.open_tls()
        self.addCleanup(old.close)
        new_certificate(tls, HOSTS)

        done = self.config("reload")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.healthy(old))
        with self.open_tls("new-ca.pem") as new:
            self.assertNotEqual(self.fingerprint(new), self.fingerprint(old))
            self.assertTrue(self.healthy(new))

    def test_a_certificate_that_nobody_would_take_changes_nothing(self):
        tls = self.appliance.data / "tls"
        self.keep(tls / "cert.pem", tls / "key.pem")
        for hosts, days, why in ((HOSTS, -1, "has expired"),
                                 (["api.localhost"], 9, "does not cover the host name login")):
            with self.subTest(why):
                new_certificate(tls, hosts, days)
                done = self.config("reload")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(why, done.stderr)
                with self.open_tls() as connection:
                    self.assertTrue(self.healthy(connection))

    def test_a_broken_certificate_changes_nothing(self):
        certificate = self.appliance.data / "tls/cert.pem"
        self.keep(certificate)
        certificate.write_text("nonsense")

        done = self.config("reload")

        self.assertEqual(done.returncode, 1)
        self.assertIn("cert.pem", done.stderr)
        with self.open_tls() as connection:
            self.assertTrue(self.healthy(connection))
        self.assertEqual(self.config("check").returncode, 1)

    def test_a_new_key_between_server_and_module_drops_no_signature(self):
        ended = threading.Event()
        failures = []
        signed = []

        def sign_on():
            while not ended.is_set():
                document = self.appliance.base / f"load-{len(signed)}.txt"
                document.write_text(f"{len(signed)}")
                try:
                    self.signer.sign(document)
                    if not openssl_verifies(f"{document}.p7s", document, self.appliance.ca):
                        failures.append(document)
                except AssertionError as error:
                    failures.append(error)
                signed.append(document)
        load = threading.Thread(target=sign_on)
        load.start()
        self.addCleanup(load.join)
        self.addCleanup(ended.set)
        [module] = self.appliance.child("kyso-module")
        [server] = self.appliance.child("kyso-server")
        wait_until(lambda: signed, "a signature before")

        before = self.psk.read_text()
        self.psk.write_text("role=server\n" + secrets.token_hex(32) + "\n")
        # The server alone: the module does not know the key yet.
        done = self.config("reload")
        self.assertEqual(done.returncode, 1)
        self.assertIn("tell the module first", done.stderr)
        self.read_hosts_again()
        connections = self.log("module-1.jsonl").count('"host connected"')
        os.kill(server, signal.SIGHUP)
        wait_until(lambda: "pre-shared keys are read again" in self.log("server.jsonl"), "reload")
        count = len(signed)
        wait_until(lambda: len(signed) >= count + 2, "two signatures after")
        ended.set()
        load.join()

        self.assertEqual(failures, [])
        wait_until(lambda: self.log("module-1.jsonl").count('"host connected"') > connections,
                   "the connection with the new key")
        self.assertNotEqual(self.psk.read_text(), before)
        self.assertEqual(self.appliance.child("kyso-module"), [module])
        self.assertEqual(self.appliance.child("kyso-server"), [server])
        done = self.config("check")
        self.assertEqual(done.returncode, 0, done.stdout)

    def visit(self, psk):
        """Whether the module lets in who has this key."""
        out = self.appliance.base / "identity.json"
        out.unlink(missing_ok=True)
        return run("kyso", "ceremony", "identity", "--module",
                   self.appliance.data / "run/module-1.sock", "--psk", psk, "--out",
                   out).returncode == 0

    def read_hosts_again(self):
        count = self.log("module-1.jsonl").count("hosts read again")
        os.kill(self.appliance.child("kyso-module")[0], signal.SIGHUP)
        wait_until(lambda: self.log("module-1.jsonl").count("hosts read again") > count, "hosts")

    def test_who_is_withdrawn_is_let_in_no_more(self):
        visitor = self.psk.parent / "visitor.psk"
        visitor.write_text("role=operator\n" + secrets.token_hex(32) + "\n")
        visitor.chmod(0o600)
        self.assertFalse(self.visit(visitor))
        self.read_hosts_again()
        self.assertTrue(self.visit(visitor))

        withdrawn = visitor.rename(self.appliance.base / "visitor.psk")
        self.read_hosts_again()

        self.assertFalse(self.visit(withdrawn))
        self.assertTrue(self.visit(self.psk.parent / "operator.psk"))

    def test_a_module_that_moves_is_left_to_the_next_start(self):
        self.keep(self.settings)
        other = self.appliance.base / "elsewhere.psk"
        other.write_text("role=server\n" + secrets.token_hex(32) + "\n")
        other.chmod(0o600)
        text = self.settings.read_text()
        self.settings.write_text(text.replace("unix:run/module-1.sock", "unix:run/elsewhere.sock")
                                 .replace("psk/module-1/server.psk", str(other)))

        self.assertEqual(self.appliance.admin("config", "reload"),
                         {"needs_restart": ["module.endpoint"]})

        document = self.appliance.base / "moved.txt"
        document.write_text("moved")
        self.signer.sign(document)

    def test_a_certificate_that_soon_expires_is_doubtful(self):
        tls = self.appliance.data / "tls"
        self.keep(tls / "cert.pem", tls / "key.pem")
        new_certificate(tls, HOSTS, days=3)

        done = self.config("check")

        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"doubtful\ttls: .*cert.pem: expires in [23] days")

    def test_what_takes_a_restart_is_said(self):
        self.keep(self.settings)
        text = self.settings.read_text()
        self.settings.write_text(text + "\n[webhook]\nretry_seconds = 77\n")
        self.assertEqual(self.appliance.admin("config", "reload"),
                         {"needs_restart": ["webhook.retry_seconds"]})
        self.assertIn("webhook.retry_seconds", self.config("reload").stdout)

        self.settings.write_text(text + "\n[webhok]\n")
        for command in ("reload", "check"):
            done = self.config(command)
            self.assertEqual(done.returncode, 1)
            self.assertIn("unknown section [webhok]", done.stdout + done.stderr)

    def test_check_names_what_is_wrong(self):
        tls = self.appliance.data / "tls"
        self.keep(tls / "cert.pem", tls / "key.pem", self.settings, self.psk)
        new_certificate(tls, ["api.localhost"])
        with open(self.settings, "a") as settings:
            settings.write('\n[timestamp]\nurl = "http://tsa.example"\nauthorities = "none.pem"\n'
                           '[mail]\nserver = "smtp://mail.example:587"\nfrom = "us@x.example"\n'
                           'user = "us"\npassword_file = "mail.password"\nca = "no-ca.pem"\n'
                           '[[provider]]\nname = "X"\ndialect = "csc"\nurl = "https://x.example"\n'
                           'client_id = "us"\nsecret_file = "x.secret"\n')
        self.psk.write_text("role=operator\n" + "0" * 64 + "\n")

        done = run("kyso", "config", "check", "--data", self.appliance.data, "--json")

        self.assertEqual(done.returncode, 1)
        found = {(one["verdict"], re.sub(r".*/", "", one["text"]))
                 for one in json.loads(done.stdout)["findings"] if one["verdict"] != "good"}
        self.assertEqual(found, {
            ("wrong", "cert.pem: does not cover the host name login.localhost"),
            ("wrong", "cert.pem: does not cover the host name approve.localhost"),
            ("wrong", "cert.pem: does not cover the host name office.localhost"),
            ("wrong", "cert.pem: does not cover the host name portal.localhost"),
            ("wrong", "cert.pem: does not cover the host name mtls.localhost"),
            ("wrong", "server.psk: is not a server's (role=server)"),
            ("wrong", "none.pem cannot be read as PEM certificates"),
            ("wrong", "mail.password holds no password"),
            ("wrong", "no-ca.pem cannot be read as PEM certificates"),
            ("wrong", "x.secret holds no secret"),
        })


if __name__ == "__main__":
    unittest.main(verbosity=2)
