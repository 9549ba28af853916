"""One Kyso appliance in a folder of its own, and the people around it, through the programs alone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ.get("KYSO_BIN", "build/release/bin")).resolve()
PATIENCE_S = 120


def run(program, *arguments, input=None, env=None):
    """Runs one of our programs to its end."""
    return subprocess.run([str(BIN / program), *map(str, arguments)], input=input, text=True,
                          capture_output=True, timeout=PATIENCE_S, env={**os.environ, **(env or {})})


def answer(program, *arguments, input=None):
    """What it prints as JSON; it must succeed."""
    done = run(program, *arguments, "--json", input=input)
    if done.returncode != 0:
        raise AssertionError(f"{program} {arguments}: {done.stderr}")
    return json.loads(done.stdout)


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)
    return value


def free_port():
    """One that no other `kyso up` of this machine comes upon while it looks for its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Appliance:
    """`kyso up` on a temporary folder. Its port is its own, so that it finds it again after a stop,
    unless `default_port` leaves the choice to `kyso up`."""

    def __init__(self, *options):
        self.base = Path(tempfile.mkdtemp(prefix="kyso-system-"))
        self.data = self.base / "data"
        self.options = options
        self.default_port = False
        self.process = None

    def start(self):
        """Starts it and waits until it serves; returns the seconds that took."""
        ready = self.base / "ready"
        ready.unlink(missing_ok=True)
        port = () if self.default_port or self.data.exists() else ("--port", str(free_port()))
        begun = time.monotonic()
        with open(self.base / "up.out", "a") as out:
            self.process = subprocess.Popen(
                [BIN / "kyso", "up", "--data", self.data, "--ready-file", ready, *self.options,
                 *port],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        wait_until(lambda: ready.exists() or self.process.poll() is not None, "kyso up")
        if not ready.exists():
            raise AssertionError(f"kyso up ended: {self.output()}")
        self.url = json.loads(ready.read_text())["url"]
        return time.monotonic() - begun

    def output(self):
        return (self.base / "up.out").read_text()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def child(self, program):
        """The process ids of the children that run this program."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()
                if Path(f"/proc/{pid}/comm").read_text().strip() == program]

    @property
    def tls_ca(self):
        return self.data / "tls/ca.pem"

    @property
    def ca(self):
        return self.data / "ca.pem"

    @property
    def module_root(self):
        return self.data / "module-root.pem"

    @property
    def officer(self):
        return self.data / "ceremony/officer-phone.json"

    def admin(self, *arguments):
        return answer("kyso", *arguments, "--data", self.data)

    def export_logs(self):
        """(challenge, files) of a fresh audit."""
        out = Path(tempfile.mkdtemp(dir=self.base))
        audit = self.admin("module", "audit", "--out", out)
        return audit["challenge"], [Path(file) for file in audit["files"]]


class Signer:
    """A person with a phone and an enabled credential, and a portal that may ask them."""

    def __init__(self, appliance, name="an", key="p256", subject=None, profile="person"):
        self.appliance = appliance
        self.phone = appliance.base / f"{name}-phone.json"
        self.secret = appliance.base / f"{name}-portal.secret"
        subject = subject or f"CN=Signer {name},serialNumber={name},C=VN"
        self.profile = profile
        appliance.admin("signer", "add", "--id", name, "--name", name, "--subject", subject)
        self.client = appliance.admin("client", "add", "--name", "Portal", "--signer", name,
                                      "--secret-file", self.secret)["client_id"]
        self.name = name
        self.enrol(key)

    def enrol(self, key):
        """With a new phone in place of the one before, if there was one."""
        self.phone.unlink(missing_ok=True)
        invited = self.appliance.admin("credential", "add", "--signer", self.name, "--key", key,
                                       "--profile", self.profile)
        self.credential = invited["credential_id"]
        enrolled = answer("kyso-phone", "enrol", "--link", "-", "--store", self.phone,
                          "--ca", self.appliance.tls_ca, input=invited["link"])
        self.approve_as_officer(enrolled["short_code"])
        self.approve_as_officer()

    def approve_as_officer(self, short_code=None):
        items = answer("kyso-phone", "pending", "--store", self.appliance.officer)
        assert len(items) == 1, items
        assert short_code is None or items[0]["short_codes"] == [short_code], items
        answer("kyso-phone", "approve", "--store", self.appliance.officer, "--yes", items[0]["id"])

    def command(self, document, *options):
        """`kyso sign` of this person's key."""
        return [str(BIN / "kyso"), "sign", str(document), "--data", str(self.appliance.data),
                "--as", self.client, "--secret-file", str(self.secret),
                "--credential", self.credential, *map(str, options)]

    def ask(self, document, *options):
        """It, waiting for the phone."""
        return subprocess.Popen(self.command(document, *options), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def sign(self, document, *options):
        """Asks, approves on the phone; returns the transaction's id."""
        asking = self.ask(document, *options)
        approved = answer("kyso-phone", "approve", "--store", self.phone, "--all", "--yes",
                          "--wait", "60")
        _, errors = asking.communicate(timeout=PATIENCE_S)
        if asking.returncode != 0:
            raise AssertionError(f"kyso sign: {errors}")
        return approved[0]["id"]


def openssl_verifies(signature, document, ca):
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", signature,
         "-content", document, "-CAfile", ca, "-purpose", "any", "-out", "/dev/null"],
        capture_output=True, text=True)
    return done.returncode == 0
