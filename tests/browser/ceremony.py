#!/usr/bin/env python3
"""The first use of a board whose people have nothing but passkeys in browsers: officers make theirs
before there is a module, approve the ceremony's papers on their phones, make the authority, confirm a
signer and issue the certificate; the signer signs. As board/README.md has it for class hardware, with
a board in QEMU; no phone in software takes part."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from appliance import BIN, answer, free_port, openssl_verifies, run, wait_until
from browser import Browser
from officers import approve_paper, connect_phone, make_passkey, open_paper
from screens import Pages

ROOT = Path(__file__).resolve().parents[2]
BOARD = "mps2_an505"
HOSTS = ("api", "approve", "login", "office", "mtls")


def lab_certificate(folder):
    """A server certificate for the hosts, of an authority for this test alone: (cert, key, ca)."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Lab CA",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-x509", *key, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=Kyso",
            "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "subjectAltName=" + ",".join(f"DNS:{one}.localhost" for one in HOSTS))


class Board:
    """In QEMU, and what shares its line; ended in the other order."""

    def __init__(self, base):
        self.folder = base / "board"
        self.line = f"uart+unix:{self.folder}/line.sock"
        self.socket = base / "module.sock"
        self.firmware = ROOT / f"build/fw-{BOARD}/bin/kyso-{BOARD}.bin"
        self.output = open(base / "board.out", "w+")
        self.processes = []
        self.begin([ROOT / "board/run-qemu", "--board", BOARD, "--folder", self.folder])
        wait_until((self.folder / "line.sock").exists, "the board's line")

    def begin(self, command):
        self.processes.append(subprocess.Popen(command, stdout=self.output, stderr=self.output,
                                               stdin=subprocess.DEVNULL))

    def share(self):
        self.begin([BIN / "kyso-uart", "--line", self.line, "--socket", self.socket])
        wait_until(self.socket.exists, "the module's socket")

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(60)
        self.output.close()


class Server:
    """kyso-server on a folder that nobody but this test has made."""

    def __init__(self, base, socket):
        self.base, self.data = base, base / "data"
        self.port = free_port()
        for folder in (self.data, self.data / "tls", self.data / "psk", self.data / "run"):
            folder.mkdir(mode=0o700)
        lab_certificate(self.data / "tls")
        (self.data / "kyso.toml").write_text(
            f'[server]\nport = {self.port}\n\n[[module]]\nendpoint = "unix:{socket}"\n'
            'psk = "psk/server.psk"\n')
        self.url = f"https://api.localhost:{self.port}"
        self.tls_ca = self.data / "tls/ca.pem"
        self.process = None

    def start(self):
        log = self.base / "server.log"
        before = log.stat().st_size if log.exists() else 0
        with open(log, "a") as output:
            self.process = subprocess.Popen([BIN / "kyso-server", "--data", self.data],
                                            stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        wait_until(lambda: "serving on port" in log.read_text()[before:], "the server")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def admin(self, *arguments):
        return answer("kyso", *arguments, "--data", self.data)


class FirstUse(Pages, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = Path(tempfile.mkdtemp(prefix="kyso-ceremony-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.papers = cls.base / "papers"
        cls.papers.mkdir()
        cls.board = Board(cls.base)
        cls.addClassCleanup(cls.board.close)
        cls.server = Server(cls.base, cls.board.socket)
        cls.addClassCleanup(cls.server.stop)
        cls.approve_at = cls.server.url.replace("api.", "approve.")

    def setUp(self):
        self.officers = [self.browser_of_somebody() for _ in range(2)]
        self.browser = self.officers[0]  # whose pages are kept
        super().setUp()

    def browser_of_somebody(self):
        browser = Browser(self.server.tls_ca)
        self.addCleanup(browser.close)
        return browser

    # ---- the ceremony

    def paper(self, name):
        return self.papers / name

    def on_board(self, *arguments):
        return answer("kyso", *arguments, "--module", self.board.line, "--psk",
                      self.paper("operator.psk"))

    def secrets(self):
        os.umask(0o077)
        for role in ("operator", "server"):
            digits = os.urandom(32).hex()
            self.paper(f"{role}.psk").write_text(f"role={role}\n{digits}\n")
        shutil.copy(self.paper("server.psk"), self.server.data / "psk/server.psk")
        self.paper("unlock.secret").write_text(os.urandom(32).hex() + "\n")

    def certify(self):
        """The board is told its hosts, unlocked, and certified by a root of this test."""
        operator = self.paper("operator.psk")
        for words in (("hosts", operator, self.paper("server.psk")),
                      ("unlock", "--psk", operator, "--secret-file", self.paper("unlock.secret"))):
            done = run("kyso", "module", words[0], "--module", self.board.line, *words[1:])
            self.assertEqual(done.returncode, 0, done.stderr)
        self.on_board("ceremony", "identity", "--out", self.paper("identity.json"))
        answer("kyso", "root", "create", "--key", self.paper("root-key.pem"), "--out",
               self.paper("root.pem"))
        answer("kyso", "root", "certify", "--key", self.paper("root-key.pem"), "--identity",
               self.paper("identity.json"), "--class", "emulated", "--out", self.paper("device.pem"))

    def plan(self, assurance_class, lines):
        """Two officers, both needed; three custodians, of whom two are needed."""
        file = self.paper(f"{assurance_class}.toml")
        custodians = ", ".join(f'"custodian-{i}.json"' for i in (1, 2, 3))
        file.write_text(
            f'class = "{assurance_class}"\nrp_id = "approve.localhost"\n'
            f'origin = "{self.approve_at}"\nofficers_needed = 2\ncustodians_needed = 2\n'
            f'custodians = [{custodians}]\nmembers = ["identity.json"]\n{lines}')
        out = self.paper(f"group-{assurance_class}.json")
        answer("kyso", "ceremony", "configure", "--plan", file, "--out", out)
        return out

    def make_passkeys(self):
        """Lines for the plan, made on a server that has no module yet."""
        lines, self.points = "", []
        for person, browser in enumerate(self.officers, 1):
            own = make_passkey(browser, self.approve_at)
            self.points.append(own.split('"')[1])
            lines += f"{own}\nperson = {person}\n"
        return lines

    def become_member(self, group):
        provision = self.paper("provision.json")
        self.on_board("ceremony", "prepare", "--configuration", group, "--certificate",
                      self.paper("device.pem"), "--out", provision)
        words = []
        for i in (1, 2):
            signature = self.paper(f"signature-{i}.json")
            answer("kyso-custodian", "sign-provision", "--key", self.paper(f"custodian-{i}.pem"),
                   "--in", provision, "--root", self.paper("root.pem"), "--class", "emulated",
                   "--out", signature)
            words += ["--signature", signature]
        self.assert_refused_papers(provision)
        open_paper(self.browser, self.approve_at, provision)
        self.browser.waitText(selector="h1", text="Nhận một mô-đun vào nhóm?")
        self.assertIn("giả lập", self.browser.text(selector="#class"))
        self.assertEqual(self.browser.count(selector="#officers li"), 2)
        self.assertIn("máy này", self.browser.text(selector="#officers li:first-child"))
        self.keep("ceremony-provision")
        for i, browser in enumerate(self.officers, 1):
            approval = self.paper(f"approval-{i}.json")
            approve_paper(browser, self.approve_at, provision, approval)
            words += ["--approval", approval]
        # One officer's word is not the other's.
        once = [*words[:-1], self.paper("approval-1.json")]
        refused = run("kyso", "ceremony", "provision", "--module", self.board.line, "--psk",
                      self.paper("operator.psk"), "--in", provision, *once)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.on_board("ceremony", "provision", "--in", provision, *words)

    def assert_refused_papers(self, provision):
        """Another group's configuration beside the statement; a file of another kind."""
        told = json.loads(provision.read_text())
        group = json.loads(self.paper("group-hardware.json").read_text())
        bent = self.paper("bent.json")
        bent.write_text(json.dumps({**told, "configuration": group["configuration"]}))
        open_paper(self.browser, self.approve_at, bent)
        self.browser.waitText(selector="#message", text="cấu hình nhóm không phải")
        self.keep("ceremony-refused")
        open_paper(self.browser, self.approve_at, self.paper("custodian-1.json"))
        self.browser.waitText(selector="#message", text="không phải giấy tờ mà cán bộ phê duyệt")
        self.assertEqual(self.browser.count(selector="#approve"), 0)
        # Of class hardware no file may be an officer; whoever tries is told where to go.
        as_hardware = self.paper("hardware-provision.json")
        as_hardware.write_text(bent.read_text())
        answer("kyso-phone", "officer", "--store", self.paper("software.json"), "--rp-id",
               "approve.localhost", "--origin", self.approve_at)
        refused = run("kyso", "ceremony", "approve", "--in", as_hardware, "--phone",
                      self.paper("software.json"), "--out", self.paper("never.json"))
        self.assertEqual(refused.returncode, 1)
        self.assertIn(self.approve_at + "/ceremony", refused.stderr)

    def make_the_kek(self):
        shares = self.paper("shares")
        self.on_board("ceremony", "make", "--epoch", "1", "--out", shares)
        firmware = subprocess.run(["sha256sum", self.board.firmware], check=True,
                                  capture_output=True, text=True).stdout[:64]
        inward = []
        for i in (1, 2):
            inward.append(self.paper(f"inward-{i}.json"))
            answer("kyso-custodian", "reseal", "--key", self.paper(f"custodian-{i}.pem"), "--share",
                   shares / f"share-{i}.json", "--for", shares / "ceremony.json", "--root",
                   self.paper("root.pem"), "--class", "emulated", "--firmware", firmware, "--out",
                   inward[-1])
        self.on_board("ceremony", "give", *inward)
        self.assertEqual(self.on_board("ceremony", "finish")["state"], "operational")

    # ---- what officers do from then on

    def connect(self):
        for i, (browser, point) in enumerate(zip(self.officers, self.points, strict=True), 1):
            link = self.server.admin("officer", "add", "--name", f"Cán bộ {i}", "--point", point)
            connect_phone(browser, link["link"])

    def all_approve(self, title, done, seen=lambda browser: None):
        for browser in self.officers:
            browser.goto(url=self.approve_at + "/")
            browser.waitText(selector="h1", text=title)
            seen(browser)
            browser.click(selector="#approve")
            browser.waitText(selector="h1", text="ã")
        for browser in self.officers:
            browser.waitText(selector="h1", text=done)

    def make_the_authority(self):
        """One officer says no at first: what was not confirmed stands in nobody's way."""
        name = ("--kind", "ca", "--subject", "CN=Sở A CA,O=Sở A,C=VN")
        nameless = run("kyso", "service", "add", "--kind", "ca", "--subject", "foo", "--data",
                       self.server.data)
        self.assertEqual(nameless.returncode, 1)
        self.assertIn('"foo" is not TYPE=value', nameless.stderr)
        self.server.admin("service", "add", *name)
        again = run("kyso", "service", "add", *name, "--data", self.server.data)
        self.assertEqual(again.returncode, 1)
        self.assertIn("being asked already", again.stderr)
        self.browser.goto(url=self.approve_at + "/")
        self.browser.waitText(selector="#service", text="cơ quan cấp chứng thư số")
        self.keep("officer-service")
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="#outcome", text="Không có gì thay đổi.")

        # A name that is seen to be wrong only in the certificate.
        self.server.admin("service", "add", "--kind", "ca", "--subject", "CN=Sở B CA,C=VN")
        self.all_approve("Xác nhận khóa ký mới", "Đã xác nhận khóa")
        self.reject_the_certificate("Sở B CA")
        issuer = self.server.admin("service", "add", *name)["credential_id"]
        self.all_approve("Xác nhận khóa ký mới", "Đã xác nhận khóa")
        # Rejected, and asked for once more.
        self.reject_the_certificate("Sở A CA")
        self.server.admin("credential", "issue", issuer)
        again = run("kyso", "credential", "issue", issuer, "--data", self.server.data)
        self.assertEqual(again.returncode, 1)
        self.assertIn("being asked already", again.stderr)

        def shown(browser):
            self.assertEqual(browser.count(selector=".authority"), 1)
            self.assertEqual(browser.count(selector="#unconfirmed"), 0)
        self.all_approve("Cấp chứng thư số", "Đã cấp chứng thư số", shown)
        self.make_the_services()
        self.ca = self.paper("ca.pem")
        done = run("kyso", "service", "certificate", "--data", self.server.data, "--out", self.ca)
        self.assertEqual(done.returncode, 0, done.stderr)
        subject = subprocess.run(["openssl", "x509", "-in", self.ca, "-noout", "-subject", "-nameopt",
                                  "RFC2253,-esc_msb,utf8"], check=True, capture_output=True).stdout.decode()
        self.assertIn("CN=Sở A CA,O=Sở A,C=VN", subject)

    def reject_the_certificate(self, name):
        self.browser.goto(url=self.approve_at + "/")
        self.browser.wait(selector=".authority")
        self.assertIn(name, self.browser.text(selector="#certificates"))
        self.browser.click(selector="#reject")
        self.browser.waitText(selector="#outcome", text="Không có gì thay đổi.")

    def make_the_services(self):
        for kind, what in (("ocsp", "trả lời trạng thái"), ("tsa", "dấu thời gian")):
            self.server.admin("service", "add", "--kind", kind, "--subject", f"CN={kind},O=Sở A,C=VN")

            def confirms(browser, what=what):
                self.assertIn(what, browser.text(selector="#service"))
            self.all_approve("Xác nhận khóa ký mới", "Đã xác nhận khóa", confirms)

            def issues(browser, kind=kind, what=what):
                self.assertIn(what, browser.text(selector=f".use.{kind}"))
            self.all_approve("Cấp chứng thư số", "Đã cấp chứng thư số", issues)

    def enrol(self):
        signer = self.browser_of_somebody()
        self.server.admin("signer", "add", "--id", "an", "--name", "Nguyễn Văn An", "--subject",
                          "CN=Nguyễn Văn An,UID=CCCD:012345678901,C=VN")
        invited = self.server.admin("credential", "add", "--signer", "an")
        signer.goto(url=invited["link"])
        signer.click(selector="#create")
        signer.wait(selector="#approve")
        signer.click(selector="#approve")
        signer.waitText(selector="h1", text="Đang chờ nơi đăng ký")
        first, _ = self.officers
        first.goto(url=self.approve_at + "/")
        first.wait(selector=".short-code")
        self.assertEqual(first.text(selector=".short-code"), signer.text(selector="#short-code"))
        first.click(selector="#approve")
        signer.waitText(selector="h1", text="Đã ghi danh xong")
        self.all_approve("Cấp chứng thư số", "Đã cấp chứng thư số")
        return signer, invited["credential_id"]

    def sign(self, signer, credential):
        client = self.server.admin("client", "add", "--name", "Trường A", "--all-signers")
        document = self.paper("don.txt")
        document.write_text("Đơn xin nghỉ phép\n", encoding="utf-8")
        secret = self.paper("client.secret")
        secret.write_text(client["client_secret"])
        asking = subprocess.Popen(
            [BIN / "kyso", "sign", document, "--as", client["client_id"], "--secret-file", secret,
             "--credential", credential, "--url", self.server.url, "--ca", self.server.tls_ca],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        signer.goto(url=self.approve_at + "/")
        signer.wait(selector="#approve")
        signer.click(selector="#approve")
        said, _ = asking.communicate(timeout=120)
        self.assertEqual(asking.returncode, 0, said)
        self.assertTrue(openssl_verifies(document.with_name("don.txt.p7s"), document, self.ca))

    def test_from_a_blank_board_to_a_signature(self):
        self.secrets()
        self.server.start()
        for i in (1, 2, 3):
            answer("kyso-custodian", "keygen", "--key", self.paper(f"custodian-{i}.pem"), "--out",
                   self.paper(f"custodian-{i}.json"))
        lines = self.make_passkeys()
        self.certify()
        self.plan("hardware", lines)
        self.become_member(self.plan("emulated", lines))
        self.make_the_kek()
        self.board.share()
        self.server.stop()
        self.server.start()
        self.connect()
        self.make_the_authority()
        signer, credential = self.enrol()
        self.sign(signer, credential)
        for browser in (*self.officers, signer):
            browser.goto(url="about:blank")
            self.assertEqual(browser.complaints(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
