"""A real Firefox, driven over WebDriver BiDi: JSON over a WebSocket, of which a page needs little."""

import asyncio
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import websockets

FIREFOX = os.environ.get("KYSO_FIREFOX", "/usr/bin/firefox-esr")
PATIENCE_S = 90
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class LoopThread:
    """An event loop for tests that are not written for one."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_S)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE_S)
        self.loop.close()


class Firefox:
    """With a profile of its own that believes `authorities`; `preferences` as in about:config."""

    def __init__(self, *authorities, preferences=(), environment=()):
        self.home = Path(tempfile.mkdtemp(prefix="kyso-firefox-"))
        profile = self.home / "profile"
        profile.mkdir()
        trusted = [("-A", "-t", "C,,", "-n", f"lab {i}", "-i", file)
                   for i, file in enumerate(authorities)]
        for arguments in (("-N", "--empty-password"), *trusted):
            subprocess.run(["certutil", "-d", f"sql:{profile}", *arguments], check=True,
                           capture_output=True)
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in dict(preferences).items()))
        self.process = subprocess.Popen(
            [FIREFOX, "--headless", "--no-remote", "--profile", profile,
             "--remote-debugging-port", "0"],
            env={**os.environ, "HOME": str(self.home), **dict(environment)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.thread = LoopThread()
        self.numbers = itertools.count(1)
        address = self._address()
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.socket = self.thread.run(self._connect(f"{address}/session"))
        self.command("session.new", capabilities={})
        self.page = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def _address(self):
        alarm = threading.Timer(PATIENCE_S, self.process.kill)
        alarm.start()
        said = ""
        for line in self.process.stderr:
            said += line
            if found := LISTENING.search(line):
                alarm.cancel()
                return found[1]
        raise AssertionError(f"Firefox ended: {said[-2000:]}")

    @staticmethod
    async def _connect(address):
        return await websockets.connect(address, max_size=None)

    async def _ask(self, number, method, parameters):
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(await self.socket.recv())
            if answer.get("id") == number:  # else an event
                return answer

    def command(self, method, **parameters):
        answer = self.thread.run(self._ask(next(self.numbers), method, parameters))
        if answer["type"] != "success":
            raise AssertionError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def goto(self, url):
        self.command("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def evaluate(self, script):
        """The value of an expression, a promise's when it is one."""
        got = self.command("script.evaluate", target={"context": self.page}, awaitPromise=True,
                           expression=f"(async () => JSON.stringify((await ({script})) ?? null))()")
        if got["type"] == "exception":
            raise AssertionError(got["exceptionDetails"]["text"])
        return json.loads(got["result"]["value"])

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def text(self, selector):
        """None while there is no such element."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.textContent")

    def close(self):
        self.thread.run(self.socket.close())
        self.thread.close()
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.process.stderr.close()
        shutil.rmtree(self.home, ignore_errors=True)
