#!/usr/bin/env python3
"""Mail to people about their keys, phones and sign-ins, through a real mail server with STARTTLS and
log-in."""

import base64
import email
import email.policy
import json
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from appliance import Appliance, run, wait_until
from world import World

SUPPORT = Path(__file__).resolve().parent.parent / "support"
PASSWORD = "mật khẩu thư"


class MailServer:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.ca = self.folder / "mail.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Mail",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        self.folder / "mail.key", "-out", self.ca], check=True, capture_output=True)
        self.received = []
        # Debian's own interpreter has Debian's aiosmtpd.
        self.process = subprocess.Popen(
            ["/usr/bin/python3", SUPPORT / "mail_server.py", self.ca, self.folder / "mail.key",
             "kyso", PASSWORD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL)  # what it thinks of a handshake that we broke off
        self.port = json.loads(self.process.stdout.readline())["port"]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.received.append(json.loads(line))

    def to(self, address):
        return [one for one in self.received if one["to"] == address]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def read(mail):
    return email.message_from_bytes(base64.b64decode(mail["source"]), policy=email.policy.default)


class Notices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="kyso-mail-")
        cls.addClassCleanup(folder.cleanup)
        cls.mail = MailServer(folder.name)
        cls.addClassCleanup(cls.mail.close)
        password = Path(folder.name) / "password"
        password.write_text(PASSWORD + "\n", encoding="utf-8")
        cls.world = World("answer_seconds = 60\n\n[mail]\n"
                          f'server = "smtp://localhost:{cls.mail.port}"\n'
                          f'from = "kyso@kyso.example"\nuser = "kyso"\n'
                          f'password_file = "{password}"\nca = "{cls.mail.ca}"\n'
                          "deadline_seconds = 3\n")
        cls.addClassCleanup(cls.world.remove)
        cls.kyso = cls.world.appliance.admin

    def add(self, name, address, language="vi"):
        self.kyso("signer", "add", "--id", name, "--name", "Nguyễn Thị Ân", "--subject",
                  f"CN=Nguyễn Thị Ân,serialNumber={name},C=VN", "--language", language,
                  "--email", address)
        self.addCleanup(run, "kyso", "signer", "delete", name, "--data",
                        self.world.appliance.data)

    def log(self, address, kind):
        return [one for one in self.kyso("notice", "log")["notices"]
                if one["address"] == address and one["kind"] == kind]

    def arrives(self, address, subject):
        """The one mail to this address with this subject."""
        def found():
            return [mail for mail in map(read, filter(lambda one: one["code"] == 250,
                                                      self.mail.to(address)))
                    if mail["Subject"] == subject]
        (mail,) = wait_until(found, subject)
        return mail

    def test_a_person_is_told_what_happens_to_key_and_phone(self):
        self.add("an", "an@kyso.example")
        credential, _ = self.world.enrol("an", "an")

        mail = self.arrives("an@kyso.example", "Điện thoại mới được ghi danh để ký số")

        (told,) = self.mail.to("an@kyso.example")
        self.assertTrue(told["tls"])
        self.assertEqual(told["from"], "kyso@kyso.example")
        self.assertEqual(told["greeted"], "api.localhost")
        self.assertEqual(mail["From"], "kyso@kyso.example")
        self.assertEqual(mail["To"], "an@kyso.example")
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertEqual(mail.get_content_type(), "text/plain")
        text = mail.get_content()
        self.assertIn("Kính gửi Nguyễn Thị Ân,", text)
        self.assertIn("giờ Việt Nam", text)
        self.assertIn("hãy báo ngay cho nơi đăng ký", text)
        self.assertNotIn("http", text)
        (logged,) = self.log("an@kyso.example", "phone_enrolled")
        self.assertEqual(mail["Message-ID"], f"<{logged['id']}@kyso.example>")

        self.kyso("credential", "suspend", credential)
        self.arrives("an@kyso.example", "Chứng thư số tạm dừng")
        self.kyso("credential", "resume", credential)
        self.arrives("an@kyso.example", "Chứng thư số được mở lại")
        self.kyso("credential", "revoke", credential, "--reason", "keyCompromise")
        revoked = self.arrives("an@kyso.example", "Chứng thư số bị thu hồi")
        self.assertIn("Nguyễn Thị Ân", revoked.get_content())
        self.kyso("signer", "lost-phone", "an")
        self.arrives("an@kyso.example", "Mọi thiết bị của bạn đã bị gỡ")

    def test_in_the_persons_language(self):
        self.add("eve", "eve@kyso.example", "en")
        self.kyso("signer", "freeze", "eve")
        mail = self.arrives("eve@kyso.example", "Your signing is frozen")
        self.assertIn("tell your registration office at once", mail.get_content())
        self.kyso("signer", "freeze", "eve")
        self.kyso("signer", "unfreeze", "eve")
        self.arrives("eve@kyso.example", "Your signing is open again")
        self.assertEqual(len(self.log("eve@kyso.example", "frozen")), 1, "frozen once")

    def test_the_address_so_far_is_told_that_it_is_no_more(self):
        self.add("binh", "binh@kyso.example")
        self.kyso("signer", "email", "binh", "binh.moi@kyso.example")
        self.arrives("binh@kyso.example", "Địa chỉ nhận thông báo đã đổi")
        self.kyso("signer", "delete", "binh")
        self.arrives("binh.moi@kyso.example", "Bạn không còn là thuê bao")
        # Nobody is left to be told.
        self.assertEqual(run("kyso", "signer", "email", "binh", "x@kyso.example", "--data",
                             self.world.appliance.data).returncode, 1)

    def test_a_mailbox_that_is_gone_is_not_tried_again(self):
        self.add("gone", "gone@kyso.example")
        self.kyso("signer", "freeze", "gone")
        failed = wait_until(lambda: [one for one in self.log("gone@kyso.example", "frozen")
                                     if one["state"] == "failed"], "the refusal")
        self.assertEqual((failed[0]["status"], failed[0]["attempts"]), (550, 1))
        self.assertIn("it said: 550 5.1.1 no such mailbox", failed[0]["fault"])

    def test_a_text_that_is_refused_is_not_tried_again(self):
        self.add("spam", "spam@kyso.example")
        self.kyso("signer", "freeze", "spam")
        failed = wait_until(lambda: [one for one in self.log("spam@kyso.example", "frozen")
                                     if one["state"] == "failed"], "the refusal")
        self.assertEqual((failed[0]["status"], failed[0]["attempts"]), (554, 1))
        self.assertIn("it said: 554 5.7.1 this looks like spam", failed[0]["fault"])

    def test_a_busy_server_is_tried_again_and_holds_nobody_up(self):
        self.add("busy", "busy@kyso.example")
        self.kyso("signer", "freeze", "busy")
        (tried,) = wait_until(lambda: [one for one in self.log("busy@kyso.example", "frozen")
                                       if one["attempts"]], "the first attempt")
        self.assertEqual((tried["state"], tried["status"]), ("due", 451))
        self.assertGreaterEqual(tried["next_at"] - tried["created_at"], 60_000)
        trial = self.kyso("notice", "trial", "--to", "other@kyso.example")
        self.assertEqual(trial["state"], "delivered")
        self.arrives("other@kyso.example", "Thư thử")
        # As if the minute had passed.
        self.world.change("UPDATE notices SET next_at = 0 WHERE id = ?", tried["id"])
        self.arrives("busy@kyso.example", "Việc ký của bạn tạm khóa")

    def test_a_server_that_does_not_answer_is_given_up_in_time(self):
        done = run("kyso", "notice", "trial", "--to", "slow@kyso.example", "--data",
                   self.world.appliance.data)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "due  trial  slow@kyso.example  .*[Tt]imed? ?out|Timeout")

    def test_what_is_no_address_is_refused(self):
        for wrong in ("an", "an@", "@kyso.example", "An <an@kyso.example>", "an@kyso.example\nBcc: x@y.z",
                      "a b@kyso.example", "an@kyso..example", "ân@kyso.example", "x" * 65 + "@kyso.example"):
            done = run("kyso", "signer", "add", "--id", "wrong", "--name", "W", "--subject",
                       "CN=W,C=VN", "--email", wrong, "--data", self.world.appliance.data)
            self.assertEqual(done.returncode, 1, wrong)
            self.assertIn("email must be NAME@HOST, in ASCII", done.stderr)


class WithoutAServer(unittest.TestCase):
    def test_what_was_to_be_told_waits_and_the_trial_says_why(self):
        appliance = Appliance("--engine", "psa")
        self.addCleanup(appliance.remove)
        appliance.start()
        appliance.admin("signer", "add", "--id", "an", "--name", "An", "--subject", "CN=An,C=VN",
                        "--email", "an@kyso.example")
        appliance.admin("signer", "freeze", "an")
        (waiting,) = appliance.admin("notice", "log")["notices"]
        self.assertEqual((waiting["state"], waiting["attempts"]), ("due", 0))
        done = run("kyso", "notice", "trial", "--to", "an@kyso.example", "--data", appliance.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no mail server is configured: [mail] in kyso.toml", done.stderr)

    def test_a_server_without_tls_is_told_nothing(self):
        with tempfile.TemporaryDirectory(prefix="kyso-mail-") as folder:
            mail = MailServer(folder)
            self.addCleanup(mail.close)
            appliance = Appliance("--engine", "psa")
            self.addCleanup(appliance.remove)
            appliance.start()
            appliance.stop()
            with open(appliance.data / "kyso.toml", "a", encoding="utf-8") as file:
                # Its certificate is nobody's that we trust.
                file.write(f'\n[mail]\nserver = "smtp://localhost:{mail.port}"\n'
                           'from = "kyso@kyso.example"\n')
            appliance.start()
            done = run("kyso", "notice", "trial", "--to", "an@kyso.example", "--data",
                       appliance.data)
            self.assertEqual(done.returncode, 1)
            self.assertIn("certificate", done.stdout)
            self.assertEqual(mail.received, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
