#!/usr/bin/env python3
"""`kyso up`: starting, starting again, being in the way of one another, and falling over."""

import fcntl
import http.client
import json
import os
import pwd
import resource
import signal
import socket
import ssl
import subprocess
import time
import unittest
import urllib.parse
from pathlib import Path

from appliance import Appliance, Signer, openssl_verifies, run, wait_until
from reload import HOSTS, new_certificate

MODULE_PATIENCE_S = 15  # of the server, for an answer


class Up(unittest.TestCase):
    def appliance(self, *options):
        appliance = Appliance(*options)
        self.addCleanup(appliance.remove)
        return appliance

    def document(self, appliance, name="a.txt"):
        document = appliance.base / name
        document.write_text(name)
        return document

    def assert_signs(self, signer, name):
        document = self.document(signer.appliance, name)
        signer.sign(document)
        self.assertTrue(openssl_verifies(f"{document}.p7s", document, signer.appliance.ca))

    def test_same_folder_started_again_signs_on(self):
        appliance = self.appliance("--modules", "2")
        appliance.start()
        signer = Signer(appliance)
        self.assert_signs(signer, "before.txt")
        first_url = appliance.url

        self.assertEqual(appliance.stop(), 0)
        appliance.options = ()
        appliance.start()

        self.assertEqual(appliance.url, first_url)
        self.assert_signs(signer, "after.txt")
        before = appliance.base / "before.txt"
        self.assertTrue(openssl_verifies(f"{before}.p7s", before, appliance.ca))
        challenge, logs = appliance.export_logs()
        done = run("kyso", "audit", "verify", "--root", appliance.module_root, "--challenge",
                   challenge, *logs)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_names_the_hosts_of_its_settings(self):
        appliance = self.appliance()
        appliance.start()
        self.assertEqual(appliance.stop(), 0)
        settings = appliance.data / "kyso.toml"
        text = settings.read_text()
        named = text.replace("[hosts]\n", '[hosts]\napi = "csc.localhost"\noffice = "so.localhost"\n')
        self.assertNotEqual(named, text)
        settings.write_text(named.replace("portal.localhost", "ky.localhost"))
        # Its authority for HTTPS was asked once, for the hosts of then.
        new_certificate(appliance.data / "tls", [
            {"api.localhost": "csc.localhost", "office.localhost": "so.localhost",
             "portal.localhost": "ky.localhost"}.get(host, host) for host in HOSTS])
        before = len(appliance.output())
        appliance.start()

        port = urllib.parse.urlsplit(appliance.url).port
        self.assertEqual(appliance.url, f"https://csc.localhost:{port}")
        said = appliance.output()[before:]
        for host in ("csc", "so", "ky", "approve"):
            self.assertIn(f"https://{host}.localhost:{port}", said)
        for host in ("api", "office", "portal"):
            self.assertNotIn(f"https://{host}.localhost", said)

    def test_a_module_that_hangs_delays_one_flow_and_no_more(self):
        appliance = self.appliance("--modules", "2")
        appliance.start()
        signer = Signer(appliance)
        hung = appliance.child("kyso-module")[0]
        os.kill(hung, signal.SIGSTOP)
        self.addCleanup(os.kill, hung, signal.SIGCONT)

        delayed = 0
        for number in range(5):
            begun = time.monotonic()
            self.assert_signs(signer, f"{number}.txt")
            delayed += time.monotonic() - begun >= MODULE_PATIENCE_S
        # Whichever finds out; half of them would have waited for that module.
        self.assertLessEqual(delayed, 1)

        done = run("kyso", "module", "info", "--data", appliance.data, "--json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 of 2 modules answered", done.stderr)
        self.assertEqual(len(json.loads(done.stdout)["modules"]), 1)

        os.kill(hung, signal.SIGCONT)
        wait_until(lambda: run("kyso", "module", "info", "--data", appliance.data).returncode == 0,
                   "the module that had hung")

    def test_stopping_answers_who_waits_for_a_module_that_hangs(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        signer = Signer(appliance)
        [module] = appliance.child("kyso-module")
        [server] = appliance.child("kyso-server")
        os.kill(module, signal.SIGSTOP)
        self.addCleanup(os.kill, module, signal.SIGCONT)
        asking = signer.ask(self.document(appliance))
        # Its request has arrived: the log tells of the token that came before it.
        wait_until(lambda: "/oauth2/token" in (appliance.data / "log/server.jsonl").read_text(), "token")

        begun = time.monotonic()
        os.kill(server, signal.SIGTERM)
        _, errors = asking.communicate(timeout=60)

        self.assertEqual(asking.returncode, 1)
        self.assertIn("unavailable", errors)
        self.assertLess(time.monotonic() - begun, 10)

    def test_health_tells_of_a_disk_that_is_full(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        [server] = appliance.child("kyso-server")
        host, port = appliance.url.removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=appliance.tls_ca)

        def health():
            connection = http.client.HTTPSConnection("127.0.0.1", int(port), context=context, timeout=10)
            connection._create_connection = lambda *_: socket.create_connection(("127.0.0.1", int(port)), 10)
            connection.host = host
            connection.request("GET", "/healthz", headers={"Host": f"{host}:{port}"})
            return connection.getresponse().status

        wait_until(lambda: health() == 200, "health")
        size = resource.prlimit(server, resource.RLIMIT_FSIZE)
        resource.prlimit(server, resource.RLIMIT_FSIZE, (1, size[1]))  # no file may grow any more
        run("kyso", "signer", "add", "--data", appliance.data, "--id", "x", "--name", "x",
            "--subject", "CN=x,C=VN")

        wait_until(lambda: health() == 503, "health to say that nothing can be written")
        resource.prlimit(server, resource.RLIMIT_FSIZE, size)
        wait_until(lambda: health() == 200, "health when there is room again")

    def test_a_secret_is_not_written_over_another(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        file = appliance.base / "portal.secret"
        add = ("client", "add", "--data", appliance.data, "--name", "P", "--all-signers",
               "--secret-file", file)
        self.assertEqual(run("kyso", *add).returncode, 0)
        first = file.read_text()

        done = run("kyso", *add)

        self.assertEqual(done.returncode, 2)
        self.assertIn("exists", done.stderr)
        self.assertEqual(file.read_text(), first)

    def test_wrong_arguments_end_with_2(self):
        for program in ("kyso", "kyso-server", "kyso-module", "kyso-phone"):
            self.assertEqual(run(program, "--bogus").returncode, 2, program)
            self.assertEqual(run(program, "--help").returncode, 0, program)
        for words in (("office", "set", "an"), ("office", "set", "an", "--role", "officer"),
                      ("signer", "email", "an"), ("signer", "email", "an", ""),
                      ("signer", "email", "an", "a@so.example", "--none"),
                      ("notice", "trial", "--to", "an@so.example", "--language", "fr")):
            self.assertEqual(run("kyso", *words, "--data", "/nowhere").returncode, 2, words)

    def test_second_up_on_the_same_folder_names_the_first(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()

        done = run("kyso", "up", "--data", appliance.data)

        self.assertEqual(done.returncode, 1)
        self.assertIn(f"process {appliance.process.pid}", done.stderr)

    def test_two_side_by_side_take_two_ports(self):
        one, two = self.appliance("--engine", "psa"), self.appliance("--engine", "psa")
        one.default_port = two.default_port = True
        one.start()
        two.start()

        self.assertNotEqual(one.url, two.url)

    def test_a_lines_program_leaves_what_is_not_its_own(self):
        base = self.appliance().base
        line, document, served = base / "line.sock", base / "contract.pdf", base / "served.sock"
        document.write_text("important")
        with socket.socket(socket.AF_UNIX) as board, socket.socket(socket.AF_UNIX) as other:
            for server, path in ((board, line), (other, served)):
                server.bind(str(path))
                server.listen()
            for path in (document, served):
                done = run("kyso-uart", "--line", f"uart+unix:{line}", "--socket", path)

                self.assertEqual(done.returncode, 2)
                self.assertIn(str(path), done.stderr)
            self.assertEqual(document.read_text(), "important")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(served))

    def test_two_emulators_do_not_share_a_flash(self):
        base = self.appliance().base
        image = base / "image.elf"
        image.write_bytes(b"")
        with open(base / "lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)

            done = subprocess.run([Path(__file__).parents[2] / "board/run-qemu", "--board", "mps2_an505",
                                   "--folder", base, "--image", image], capture_output=True, text=True,
                                  timeout=60)

        self.assertEqual(done.returncode, 2)
        self.assertIn("runs already", done.stderr)

    def test_a_document_is_not_replaced_by_its_signature(self):
        base = self.appliance().base
        document = base / "contract.pdf"
        document.write_text("important")

        done = run("kyso", "sign", document, "--out", base / "." / "contract.pdf", "--url",
                   "https://api.localhost:1", "--as", "x", "--secret-file", document,
                   "--credential", "x")

        self.assertEqual(done.returncode, 2)
        self.assertIn("would be overwritten", done.stderr)
        self.assertEqual(document.read_text(), "important")

    def test_names_that_cannot_be_kept_are_refused_before_anything_is_made(self):
        appliance = self.appliance()
        for data in (appliance.base / 'a"b', appliance.base / ("x" * 80)):
            done = run("kyso", "up", "--data", data, "--board", "uart+unix:/nowhere")

            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertFalse(data.exists())
        done = run("kyso", "up", "--data", appliance.data, "--board", 'uart+unix:/no"where')
        self.assertEqual(done.returncode, 2)

    def test_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            appliance = self.appliance("--engine", "psa")

            done = run("kyso", "up", "--data", appliance.data, "--port", port)

            self.assertEqual(done.returncode, 1)
            self.assertIn(f"port {port}", done.stderr)

    def test_port_of_a_folder_that_is_taken_later_is_named(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        port = int(appliance.url.rsplit(":", 1)[1])
        appliance.stop()

        with socket.create_server(("127.0.0.1", port)):
            done = run("kyso", "up", "--data", appliance.data)

        self.assertEqual(done.returncode, 1)
        self.assertIn(f"port {port}", done.stderr)
        self.assertIn("kyso.toml", done.stderr)

    def test_folder_keeps_what_it_was_made_with(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        appliance.stop()

        for option in (("--engine", "softhsm"), ("--modules", "2"), ("--port", "1")):
            done = run("kyso", "up", "--data", appliance.data, *option)
            self.assertEqual(done.returncode, 2, option)
            self.assertIn("keeps it", done.stderr)

    def test_folder_with_other_things_in_it_is_left_alone(self):
        appliance = self.appliance()
        appliance.data.mkdir()
        (appliance.data / "thesis.tex").write_text("mine")

        done = run("kyso", "up", "--data", appliance.data)

        self.assertEqual(done.returncode, 2)
        self.assertIn("not empty", done.stderr)
        self.assertEqual((appliance.data / "thesis.tex").read_text(), "mine")

    def test_interrupted_first_use_starts_anew(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        appliance.stop()
        (appliance.data / "setting-up").write_text("as if it had been killed\n")

        appliance.start()

        self.assertIn("starting anew", appliance.output())
        self.assert_signs(Signer(appliance), "a.txt")

    def test_process_that_dies_is_started_again(self):
        appliance = self.appliance()
        appliance.start()
        signer = Signer(appliance)

        for program in ("kyso-module", "kyso-server"):
            (victim,) = appliance.child(program)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: appliance.child(program) not in ([], [victim]), program)
            wait_until(lambda: run("kyso", "module", "info", "--data", appliance.data)
                       .stdout.count("operational"), "the server")
            self.assert_signs(signer, f"{program}.txt")

        self.assertEqual(appliance.output().count("is started again"), 2)

    def test_children_end_with_it_even_when_it_is_killed(self):
        appliance = self.appliance("--engine", "psa")
        appliance.start()
        children = appliance.child("kyso-module") + appliance.child("kyso-server")
        self.assertEqual(len(children), 2)

        appliance.stop(signal.SIGKILL)

        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children),
                   "the children's end")
        appliance.start()

    def test_admin_commands_say_how_to_start_a_server(self):
        done = run("kyso", "module", "info", "--data", "/nonexistent")

        self.assertEqual(done.returncode, 1)
        self.assertIn("kyso up --data /nonexistent", done.stderr)

    def test_wrong_use_is_exit_status_2(self):
        for arguments in ((), ("up",), ("sign",), ("nonsense",), ("audit", "verify", "x")):
            self.assertEqual(run("kyso", *arguments).returncode, 2, arguments)
        self.assertEqual(run("kyso", "--help").returncode, 0)
        for arguments, word in ((("clinet",), "clinet"), (("client", "lst", "x"), "lst")):
            self.assertIn("there is no command " + word, run("kyso", *arguments).stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can run modules as another user")
    def test_modules_under_another_user(self):
        user = pwd.getpwnam("nobody")
        appliance = self.appliance("--modules", "2", "--module-user", user.pw_name)
        appliance.base.chmod(0o711)

        appliance.start()

        for pid in appliance.child("kyso-module"):
            self.assertEqual(Path(f"/proc/{pid}").stat().st_uid in (0, user.pw_uid), True)
            status = Path(f"/proc/{pid}/status").read_text()
            self.assertIn(f"\nUid:\t{user.pw_uid}\t", status)
        modules = appliance.admin("module", "info")["modules"]
        self.assertEqual([module["own_uid"] for module in modules], [True, True])
        self.assert_signs(Signer(appliance), "a.txt")
        appliance.stop()
        appliance.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
