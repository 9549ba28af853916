"""One appliance whose two programs run under the crash shim.

tests/system/appliance.py sets it up by `kyso up`; from then on the programs are started here, with
the same command lines, since a supervisor's growing pauses between restarts would be most of the
matrix's time.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from appliance import BIN, Appliance, Signer, answer, run, wait_until

START_TIME = 90.0  # seconds, on a busy machine
LATE_TIME = 1.5


class Failed(Exception):
    """Something that must work here did not."""


class Program:
    """A program that is started again whenever it was killed, after `crashed(self)`."""

    def __init__(self, command, environment, errors, crashed):
        self.name = pathlib.Path(command[0]).name
        self._crashed = crashed
        self._command = command
        self._environment = environment
        self._errors = errors
        self._process = None
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._start()
        self._keeper.start()

    def _start(self):
        with open(self._errors, "ab") as errors:
            self._process = subprocess.Popen(self._command, env=self._environment,
                                             stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)

    def _keep(self):
        while True:
            status = self._process.wait()
            if self._stopping.is_set():
                return
            if status != -signal.SIGKILL:
                return  # its own end, which nobody asked for: whoever waits for it says so
            self._crashed(self)
            self._start()

    def kill(self):
        self._process.kill()

    def stop(self):
        """SIGTERM, after a while SIGKILL, to whichever start is the last."""
        self._stopping.set()
        deadline = time.monotonic() + 20
        while self._keeper.is_alive():
            if time.monotonic() < deadline:
                self._process.terminate()
            else:
                self._process.kill()
            self._keeper.join(0.5)


class Fuse:
    """What tests/crash/shim reads."""

    UNLIMITED = 1_000_000

    def __init__(self, folder, program):
        self._folder = folder
        self._program = program

    def _file(self, suffix=""):
        return self._folder / (self._program + suffix)

    def _put(self, line):
        fresh = self._file(".new")
        fresh.write_text(line)
        fresh.rename(self._file())

    def light(self, calls, mode):
        for suffix in (".crashed", ".left"):
            self._file(suffix).unlink(missing_ok=True)
        self._put(f"{calls} {mode}\n")

    def crashed_at(self):
        """The call that was the last, or None."""
        try:
            return self._file(".crashed").read_text().strip() or None
        except FileNotFoundError:
            return None

    def put_out(self, poke):
        """Disarms; `poke` makes the program do a call. Answers how many calls were left."""
        self._file(".left").unlink(missing_ok=True)
        self._put("0 before\n")
        deadline = time.monotonic() + START_TIME
        while not self._file(".left").exists():
            if time.monotonic() > deadline:
                raise Failed(f"{self._program} does not take its fuse away")
            poke()
        wait_until(lambda: self._file(".left").read_text().endswith("\n"), "the shim's report")
        return int(self._file(".left").read_text())


class Site:
    """A provisioned appliance with one signer; stopped until start()."""

    def __init__(self, shim):
        self._appliance = Appliance()
        try:
            self._appliance.start()
            self.signer = Signer(self._appliance)
            # Its portal gives up what a crash left waiting, and asks anew.
            self._appliance.admin("client", "set", self.signer.client, "limit.open_requests=0")
            shown = self._appliance.admin("credential", "show", self.signer.credential)
        except BaseException:
            self._appliance.remove()
            raise
        self._appliance.stop()
        self.folder = self._appliance.base
        self.data = self._appliance.data
        self.url = self._appliance.url
        self.authority = self._appliance.tls_ca
        self.certificate = self.folder / "signer.pem"
        self.certificate.write_text(shown["certificates"][0])
        self._shim = shim
        self._fuses = self.folder / "fuses"
        self._fuses.mkdir()
        self._programs = []
        self._circumstance = "alone"

    def expect(self, circumstance):
        """What happens beside the next crash: nothing ("alone"), the other program is killed too
        ("both"), or the one that crashed is away for longer than anybody waits at once ("late")."""
        self._circumstance = circumstance

    def _crashed(self, program):
        circumstance, self._circumstance = self._circumstance, "alone"
        if circumstance == "both":
            for other in self._programs:
                if other is not program:
                    other.kill()
        if circumstance == "late":
            time.sleep(LATE_TIME)

    def start(self):
        environment = dict(os.environ, LD_PRELOAD=str(self._shim),
                           KYSO_CRASH_FOLDER=str(self._fuses))
        log = self.data / "log"
        for command in ([BIN / "kyso-module", "--config", self.data / "module-1" / "config.toml"],
                        [BIN / "kyso-server", "--data", self.data, "--log", log / "server.jsonl"]):
            self._programs.append(Program([str(part) for part in command], environment,
                                          log / (command[0].name + ".errors"),
                                          self._crashed))
        self.wait_until_up()

    def stop(self):
        while self._programs:
            self._programs.pop().stop()

    def remove(self):
        self._appliance.remove()

    def fuse(self, program):
        return Fuse(self._fuses, program)

    def modules(self):
        """What the modules themselves answer now, through the server's admin socket; None when it
        does not serve. /healthz would tell what was so a moment ago."""
        request = b"GET /admin/v1/modules HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = b""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            try:
                link.connect(str(self.data / "run" / "admin.sock"))
                link.sendall(request)
                while part := link.recv(4096):
                    answer += part
            except OSError:
                return None
        try:
            return json.loads(answer.partition(b"\r\n\r\n")[2])
        except ValueError:
            return None

    def wait_until_up(self):
        def up():
            answer = self.modules()
            return answer is not None and any(
                module["state"] == "operational" for module in answer["modules"])
        wait_until(up, "the appliance")

    def approve(self):
        """The phone approves what is pending now, if it can reach the server."""
        run("kyso-phone", "approve", "--store", self.signer.phone, "--all", "--yes")

    def verify_audit(self):
        """Exports and verifies the log with a fresh head; how many signatures it has."""
        exported = answer("kyso", "module", "audit", "--data", self.data)
        done = run("kyso", "audit", "verify", "--json", "--root", self.data / "module-root.pem",
                   "--challenge", exported["challenge"], *exported["files"])
        verdict = json.loads(done.stdout) if done.stdout else {"verdict": done.stderr.strip()}
        if done.returncode != 0 or verdict["verdict"] != "complete":
            raise Failed(f"kyso audit verify: {verdict}")
        return sum(log["signatures"] for log in verdict["logs"])
