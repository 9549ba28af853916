#!/usr/bin/env python3
"""`kyso module bringup`: from nothing that answers to a signature, and what it says on the way."""

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
import tty
import unittest
from pathlib import Path

from appliance import Appliance, run, wait_until

SOURCE = Path(os.environ["KYSO_SOURCE"])
BOARD = "mps2_an505"
FLASH_SIZE = 16 << 20
STORE_SIZE = 64 * 8192  # board/mps2_an505/memory_map.h


def image(suffix="", board=BOARD):
    return SOURCE / f"build/fw-{board}/bin/kyso-{board}{suffix}.elf"


def endless_loop():
    """An executable for this board that starts, and does nothing for ever."""
    code = struct.pack("<II", 0x38001000, 0x10000009) + b"\xfe\xe7" * 8  # sp, reset; b .
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 40, 1, 0x10000009, 52, 0,
                         0x05000200, 52, 32, 1, 0, 0, 0)
    segment = struct.pack("<8I", 1, 84, 0x10000000, 0x10000000, len(code), len(code), 5, 4)
    return header + segment + code


class Board:
    """An emulated board that somebody else has started."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.process = None

    def start(self, elf=None, env=None):
        (self.folder / "line.sock").unlink(missing_ok=True)
        with open(self.folder / "qemu.log", "a") as log:
            self.process = subprocess.Popen(
                [SOURCE / "board/run-qemu", "--board", BOARD, "--folder", self.folder, "--image",
                 elf or image()], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env)
        wait_until(lambda: self.line.is_socket() or self.process.poll() is not None, "the line")
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process = None

    @property
    def line(self):
        return self.folder / "line.sock"

    @property
    def flash(self):
        return self.folder / "nvm.img"


class FakeLine:
    """A unix socket on which `speak(connection)` stands for a board."""

    def __init__(self, path, speak):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.speak = speak
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                connection, _ = self.server.accept()
                with connection:
                    self.speak(connection)
        except OSError:
            pass  # closed: the test is over


def swallow(connection):
    while connection.recv(4096):
        pass


def join(connection, line, to_line):
    """Between a host's connection and a board's line; `to_line(data)` hands on what the host says."""
    hand_on = {connection: to_line, line: connection.sendall}
    while True:
        for source in select.select(hand_on, (), ())[0]:
            data = source.recv(4096)
            if not data:
                return
            hand_on[source](data)


class Bringup(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="kyso-bringup-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)

    def board(self, elf=None, flash=None, env=None):
        board = Board(self.base / "board")
        self.addCleanup(board.stop)
        if flash is not None:
            with open(board.flash, "wb") as file:
                file.truncate(FLASH_SIZE)
                file.write(flash)
        return board.start(elf, env)

    def with_noise(self, source):
        """An environment in which emulated boards have this for their noise."""
        programs = self.base / "programs"
        programs.mkdir(exist_ok=True)
        qemu = programs / "qemu-system-arm"
        qemu.write_text(f'#!/bin/sh\nln -sf {source} noise.in\n'
                        f'exec {shutil.which("qemu-system-arm")} "$@"\n')
        qemu.chmod(0o755)
        return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def bringup(self, *arguments, code):
        """The report. `code` is what it has to end with."""
        done = run("kyso", "module", "bringup", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["passed"], code == 0)
        for step in report["steps"]:
            self.assertTrue(step["verdict"] != "failed" or step["remedy"], step)
        return report

    def failure(self, *arguments):
        """Of a walk that ends with one failed step: its name, what was found, and what to do."""
        failed = [step for step in self.bringup(*arguments, code=1)["steps"]
                  if step["verdict"] == "failed"]
        self.assertEqual(len(failed), 1, failed)
        return failed[0]["step"], failed[0]["found"], failed[0]["remedy"]

    def verdicts(self, report):
        return {step["step"]: step["verdict"] for step in report["steps"]}

    def test_walks_an_emulated_board_from_its_box_to_a_signature(self):
        out = self.base / "report"

        report = self.bringup("--qemu", BOARD, "--out", out, code=0)

        verdicts = self.verdicts(report)
        self.assertEqual(set(verdicts.values()), {"passed"}, verdicts)
        for step in ("port.flash: erase", "port.noise: health", "port.clock: rate",
                     "port.link: burst", "port.watchdog: bites", "port.presence: pressed",
                     "port.tamper: opened", "link.frames", "link.recovers", "channel.tls",
                     "module.firmware", "link.throughput", "clock.drift", "selftest.all",
                     "entropy.health", "storage.restart", "rehearsal.ceremony",
                     "rehearsal.signature", "rehearsal.power", "refuses.the same again",
                     "refuses.another hash", "refuses.another's phone", "refuses.wrong key",
                     "rehearsal.tamper"):
            self.assertIn(step, verdicts)
        self.assertEqual((report["board"], report["class"]), (BOARD, "emulated"))
        self.assertEqual(json.loads((out / "bringup.json").read_text()), report)
        text = (out / "bringup.txt").read_text()
        self.assertIn("rehearsal.signature", text)
        self.assertIn(report["firmware_hash"], text)

    def test_walks_a_board_without_a_port_image_or_room_for_people(self):
        verdicts = self.verdicts(self.bringup("--qemu", "netduinoplus2", code=0))
        self.assertEqual(verdicts["selftest.all"], "passed")
        self.assertEqual(verdicts["port.board"], "skipped")
        self.assertEqual(verdicts["rehearsal"], "skipped")

    def test_says_that_there_is_no_port(self):
        step, found, remedy = self.failure("--port", self.base / "no/line.sock")
        self.assertEqual(step, "port.there")
        self.assertIn("not there", found)
        self.assertIn("board/run-qemu", remedy)
        step, found, remedy = self.failure("--port", "/dev/ttyACM-none")
        self.assertIn("/dev/serial/by-id", remedy)

    def test_says_that_a_file_is_no_port(self):
        file = self.base / "file"
        file.write_text("")
        for no_port in (file, "/dev/null"):
            self.assertIn("no serial port", self.failure("--port", no_port)[1])

    def test_says_that_the_emulator_has_ended(self):
        board = self.board()
        board.stop()
        step, found, _ = self.failure("--port", board.line)
        self.assertEqual(step, "port.open")
        self.assertIn("emulator has ended", found)

    def test_says_that_another_program_has_an_emulated_line(self):
        board = self.board()
        with socket.socket(socket.AF_UNIX) as holder:
            holder.connect(str(board.line))
            step, found, remedy = self.failure("--port", board.line, "--wait", 1)
        self.assertEqual(step, "line.speaks")
        self.assertIn("another program has", found)
        self.assertIn("kyso-uart", remedy)

    def test_names_who_has_a_serial_port(self):
        controller, port = pty.openpty()
        self.addCleanup(os.close, controller)
        fcntl.flock(port, fcntl.LOCK_EX)
        fcntl.ioctl(port, termios.TIOCEXCL)
        name = os.ttyname(port)
        step, found, _ = self.failure("--port", name)
        os.close(port)
        self.assertEqual(step, "port.open")
        self.assertIn(f"({os.getpid()})", found)

    def serial_port(self, speak):
        """A pseudo-terminal on which `speak(controller)` stands for a board; its name."""
        controller, port = pty.openpty()
        tty.setraw(port)
        name = os.ttyname(port)
        self.addCleanup(os.close, port)
        self.addCleanup(os.close, controller)
        threading.Thread(target=speak, args=(controller,), daemon=True).start()
        return name

    def test_reads_another_programs_text_off_a_serial_port(self):
        name = self.serial_port(lambda line: os.write(line, b"\r\nU-Boot 2024.01 (Jan 1)\r\n"))
        step, found, remedy = self.failure("--port", name)
        self.assertEqual(step, "line.speaks")
        self.assertIn('"U-Boot 2024.01 (Jan 1)"', found)
        self.assertIn("openocd", remedy)

    def test_walks_a_board_behind_a_serial_port(self):
        board = self.board()
        line = socket.socket(socket.AF_UNIX)
        self.addCleanup(line.close)
        line.connect(str(board.line))

        def to_host(controller):
            while data := line.recv(4096):
                os.write(controller, data)

        def to_board(controller):
            threading.Thread(target=to_host, args=(controller,), daemon=True).start()
            try:
                while data := os.read(controller, 4096):
                    line.sendall(data)
            except OSError:
                pass  # closed: the test is over

        report = self.bringup("--port", self.serial_port(to_board), "--image", image(), code=0)

        verdicts = self.verdicts(report)
        self.assertEqual(verdicts["module.firmware"], "passed")
        self.assertEqual(verdicts["rehearsal"], "skipped")  # not asked for

    def test_tells_silence_text_noise_and_an_echo_apart(self):
        def echo(connection):
            while data := connection.recv(4096):
                connection.sendall(data)

        def saying(what):
            def speak(connection):
                connection.sendall(what)
                swallow(connection)
            return speak

        for name, speak, wanted in (
                ("silence", swallow, "silence"),
                ("text", saying(b"login: \n"), "login"),
                ("noise", saying(bytes(range(128, 256)) * 4), "no frames of ours"),
                ("echo", echo, "our own bytes")):
            with self.subTest(name):
                line = self.base / f"{name}.sock"
                fake = FakeLine(line, speak)
                step, found, _ = self.failure("--port", line, "--wait", 1)
                fake.server.close()
                self.assertEqual(step, "line.speaks")
                self.assertIn(wanted, found)

    def test_says_that_the_image_does_nothing(self):
        elf = self.base / "loop.elf"
        elf.write_bytes(endless_loop())
        board = self.board(elf)
        step, found, remedy = self.failure("--port", board.line, "--wait", 1)
        self.assertEqual(step, "line.speaks")
        self.assertIn("the image does not get as far", found)
        self.assertIn("another board", remedy)
        self.assertIsNone(board.process.poll())

    def test_says_that_the_flash_holds_what_is_no_store(self):
        board = self.board(flash=os.urandom(STORE_SIZE))
        step, found, remedy = self.failure("--port", board.line)
        self.assertEqual(step, "line.speaks")
        self.assertIn("storage_corrupt", found)
        self.assertIn("nvm.img", remedy)

    def test_proves_a_board_by_its_port_image_alone(self):
        board = self.board(image("-port"))
        report = self.bringup("--port", board.line, code=0)
        verdicts = self.verdicts(report)
        self.assertEqual(verdicts["port.link: burst"], "passed")
        self.assertEqual(verdicts["port.switches: moved"], "skipped")  # nobody's hands
        self.assertIn("release image", report["conclusion"])

    def test_proves_a_board_whose_port_image_was_in_the_middle_of_a_question(self):
        board = self.board(image("-port"))
        with socket.socket(socket.AF_UNIX) as terminal:
            terminal.connect(str(board.line))
            said = b""
            while BOARD.encode() not in said:  # its hello: it listens
                said += terminal.recv(4096)
            terminal.sendall(b"\x10\x00reboot\r\n")
        self.bringup("--port", board.line, code=0)

    def test_proves_a_board_whose_port_image_starts_after_it_was_taken_for_a_module(self):
        board = self.board(image("-port"))
        line = socket.socket(socket.AF_UNIX)
        self.addCleanup(line.close)
        line.connect(str(board.line))
        early = bytearray()

        def starts_late(connection):
            while len(early) < 64:  # questions and greetings
                early.extend(connection.recv(4096))
                if len(early) >= 64:
                    line.sendall(early)
            join(connection, line, line.sendall)

        fake = FakeLine(self.base / "late.sock", starts_late)
        self.addCleanup(fake.server.close)

        report = self.bringup("--port", self.base / "late.sock", code=0)

        self.assertEqual(report["board"], BOARD)

    def test_has_patience_with_a_board_on_a_busy_machine(self):
        """As an emulator that gets little of its core takes what the line's steps send: 2 kB a second."""
        board = self.board()
        line = socket.socket(socket.AF_UNIX)
        self.addCleanup(line.close)
        line.connect(str(board.line))
        piece, slow = 32, 4096
        taken = 0

        def slowly_at_first(data):
            nonlocal taken
            for at in range(0, len(data), piece):
                line.sendall(data[at:at + piece])
                taken += piece
                if taken < slow:
                    time.sleep(piece / 2000)

        fake = FakeLine(self.base / "slow.sock", lambda host: join(host, line, slowly_at_first))
        self.addCleanup(fake.server.close)

        report = self.bringup("--port", self.base / "slow.sock", "--image", image(), code=0)

        self.assertEqual(self.verdicts(report)["link.recovers"], "passed")

    def test_says_that_the_port_image_is_no_module(self):
        board = self.board(image("-port"))
        for wish in (("--rehearse",), ("--image", image())):
            step, found, remedy = self.failure("--port", board.line, *wish)
            self.assertEqual(step, "module.firmware")
            self.assertIn(f"kyso-{BOARD}.elf", remedy)

    def test_says_that_the_case_was_not_closed_for_the_port_image(self):
        flash = bytearray(FLASH_SIZE)
        struct.pack_into("<I", flash, FLASH_SIZE - 8, 1)
        board = self.board(image("-port"), flash=flash)
        step, found, remedy = self.failure("--port", board.line)
        self.assertEqual(step, "port.switches")
        self.assertIn("open", found)
        self.assertIn("jumper", remedy)

    def test_says_that_the_noise_is_none(self):
        board = self.board(env=self.with_noise("/dev/zero"))
        step, found, remedy = self.failure("--port", board.line, "--image", image())
        self.assertEqual(step, "line.speaks")
        self.assertIn("rng_failed", found)
        self.assertIn(f"kyso-{BOARD}-port.elf", remedy)
        board.stop()
        board.start(image("-port"), env=self.with_noise("/dev/zero"))  # as it says
        report = self.bringup("--port", board.line, code=1)
        failed = {step["step"]: step for step in report["steps"] if step["verdict"] == "failed"}
        self.assertEqual(set(failed), {"port.noise: varies", "port.noise: health"})
        self.assertIn("constant", failed["port.noise: varies"]["found"])
        for step in failed.values():
            self.assertIn("rng.cc", step["remedy"])

    def test_says_that_another_image_runs(self):
        board = self.board()
        step, found, _ = self.failure("--port", board.line, "--image", image("-port"))
        self.assertEqual(step, "module.firmware")

    def test_says_that_the_case_was_open(self):
        board = self.board()
        with open(board.flash, "r+b") as flash:
            flash.seek(FLASH_SIZE - 8)
            flash.write(struct.pack("<I", 1))
        step, found, _ = self.failure("--port", board.line)
        self.assertEqual(step, "module.state")
        self.assertIn("tampered", found)

    def test_knows_a_board_of_its_own_group_from_anothers_and_from_one_that_was_erased(self):
        board = self.board()
        appliance = Appliance("--board", f"uart+unix:{board.line}")
        self.addCleanup(appliance.remove)
        appliance.start()
        [psk] = (appliance.data / "psk").glob("**/*operator.psk")
        _, found, _ = self.failure("--port", board.line, "--wait", 1)
        self.assertIn("another program has", found)  # kyso-uart
        appliance.stop()

        with self.subTest("its own"):
            report = self.bringup("--port", board.line, "--psk", psk, code=0)
            self.assertEqual(report["class"], "emulated")
            self.assertEqual(self.verdicts(report)["rehearsal"], "skipped")
        with self.subTest("rehearses on no board that has hosts"):
            report = self.bringup("--port", board.line, "--psk", psk, "--rehearse", code=0)
            self.assertEqual(self.verdicts(report)["rehearsal"], "skipped")
        with self.subTest("another's"):
            step, found, remedy = self.failure("--port", board.line)
            self.assertEqual(step, "channel.owner")
            self.assertIn("somebody's group", found)
            self.assertIn("--psk", remedy)
            other = self.base / psk.name
            other.write_text("role=operator\n" + "5a" * 32 + "\n")
            step, found, _ = self.failure("--port", board.line, "--psk", other)
            self.assertEqual(step, "channel.owner")
            self.assertIn("none of theirs", found)
        board.stop()
        board.flash.unlink()
        board.start()
        with self.subTest("erased"):
            step, found, _ = self.failure("--port", board.line, "--psk", psk)
            self.assertEqual(step, "channel.owner")
            self.assertIn("erased", found)
        with self.subTest("kyso up says so, too"):
            with self.assertRaisesRegex(AssertionError, "erased.*kyso module bringup"):
                appliance.start()

    def test_tells_a_new_board_its_hosts_and_opens_it(self):
        board = self.board()
        for role in ("operator", "server"):
            (self.base / f"{role}.psk").write_text(f"role={role}\n{os.urandom(32).hex()}\n")
        operator, server = self.base / "operator.psk", self.base / "server.psk"
        for name, secret in (("right", "a" * 32), ("wrong", "b" * 64), ("short", "c" * 31)):
            (self.base / name).write_text(secret + "\n")
        line = f"uart+unix:{board.line}"

        def kyso(*arguments, code=0):
            done = run("kyso", "module", *arguments)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done.stdout + done.stderr

        self.assertIn("operator", kyso("hosts", "--module", line, server, code=2))
        self.assertIn("2 hosts", kyso("hosts", "--module", line, operator, server))
        self.assertIn("has its hosts", kyso("hosts", "--module", line, operator, code=1))
        unlock = ("unlock", "--module", line, "--psk", operator, "--secret-file")
        self.assertIn("32 to 64", kyso(*unlock, self.base / "short", code=2))
        self.assertIn("blank", kyso(*unlock, self.base / "right"))
        board.stop()
        board.start()
        self.assertIn("secret_wrong", kyso(*unlock, self.base / "wrong", code=1))
        self.assertIn("blank", kyso(*unlock, self.base / "right"))
        report = self.bringup("--port", board.line, "--psk", operator, code=0)
        self.assertIn("module_id", report)

    def test_wants_one_board(self):
        for arguments in ((), ("--port", "x/y", "--qemu", BOARD), ("--qemu", "z80"),
                          ("--port", "ttyACM0"), ("--qemu", BOARD, "--rehearse"),
                          ("--qemu", BOARD, "--hands"), ("--port", "/dev/x", "--folder", "y")):
            done = run("kyso", "module", "bringup", *arguments)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    unittest.main(verbosity=2)
