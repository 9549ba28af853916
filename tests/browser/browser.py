"""A real Chromium, driven by chromium.mjs."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE_S = 90


class Browser:
    """chromium.mjs, with a home of its own that believes the appliance's TLS authority."""

    def __init__(self, authority, *more, flags=(), environment=()):
        """`more` authorities that it believes, `flags` for Chromium."""
        self.home = Path(tempfile.mkdtemp(prefix="kyso-browser-"))
        store = self.home / ".pki/nssdb"
        store.mkdir(parents=True)
        trusted = [("-A", "-t", "C,,", "-n", f"lab {i}", "-i", file)
                   for i, file in enumerate((authority, *more))]
        for arguments in (("-N", "--empty-password"), *trusted):
            subprocess.run(["certutil", "-d", f"sql:{store}", *arguments], check=True,
                           capture_output=True)
        environment = {**os.environ, "HOME": str(self.home),
                       "KYSO_PROFILE": str(self.home / "profile"),
                       "KYSO_FLAGS": json.dumps(list(flags)), **dict(environment)}
        self.errors = open(self.home / "errors", "w+")
        self.process = subprocess.Popen(
            [HERE / "node_modules/.bin/node", HERE / "chromium.mjs"], cwd=HERE, text=True,
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self._read()

    def _read(self):
        alarm = threading.Timer(PATIENCE_S, self.process.kill)
        alarm.start()
        line = self.process.stdout.readline()
        alarm.cancel()
        if not line:
            self.errors.seek(0)
            raise AssertionError(f"the browser ended: {self.errors.read()[-2000:]}")
        got = json.loads(line)
        if "error" in got:
            raise AssertionError(got["error"])
        return got["value"]

    def __getattr__(self, name):
        def command(**arguments):
            self.process.stdin.write(json.dumps({"do": name, **arguments}) + "\n")
            self.process.stdin.flush()
            return self._read()
        return command

    def leave(self):
        """The page, with what it still asks for; Chromium's complaints about that are nobody's."""
        self.goto(url="about:blank")
        self.complaints()
        self.requests()

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        self.errors.close()
        shutil.rmtree(self.home, ignore_errors=True)
