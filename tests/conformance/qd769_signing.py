#!/usr/bin/env python3
"""QD 769 as a portal sees it: poll and webhook, in both shapes; and webhooks that are hard to
deliver."""

import base64
import hashlib
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import threading
import unittest
import uuid

from appliance import answer, run, wait_until
from audit_record import assert_record
from client import Client
from receiver import Receiver, quiet, verify_detached
from world import World, b64

RETRY_S = 1
SETTINGS = (f"answer_seconds = 60\n\n[webhook]\nretry_seconds = {RETRY_S}\n"
            "deadline_seconds = 2\ngive_up_seconds = 5\nca = \"receiver.pem\"")
VNPT = "/sca/sp769/v1"
WAITING = "WAITING_FOR_SIGNER_CONFIRM"


def document():
    return hashlib.sha256(secrets.token_bytes(32)).digest()


class Portal769(unittest.TestCase):
    """An appliance with one signer, and a portal that may use QD 769."""

    ACCOUNT = "079201012345"

    @classmethod
    def setUpClass(cls):
        cls.world = World(SETTINGS)
        cls.addClassCleanup(cls.world.remove)
        cls.data = cls.world.appliance.data
        # The certificate stands before the server reads it.
        cls.receiver = Receiver(cls.data)
        cls.addClassCleanup(cls.receiver.close)
        cls.world.appliance.admin("signer", "add", "--id", "an", "--name", "an", "--account",
                                  cls.ACCOUNT, "--subject", "CN=Signer an,serialNumber=an,C=VN")
        cls.credential, _ = cls.world.enrol("an", "an")
        cls.sp_id, cls.sp_password = cls.world.add_client("Portal 769", "--all-signers")
        cls.set(cls.sp_id, "door.qd769=on")

    @classmethod
    def set(cls, client, *settings):
        return cls.world.appliance.admin("client", "set", client, *settings)

    def setUp(self):
        # What an earlier test left behind would take what is prepared for this one.
        self.receiver.behave.clear()
        wait_until(lambda: not any(one["state"] == "due" for one in self.log()), "no webhook due")
        self.receiver.told.clear()

    def who(self):
        return {"sp_id": self.sp_id, "sp_password": self.sp_password}

    def post(self, path, body):
        return self.world.client.send("api.localhost", "POST", path,
                                      [("Content-Type", "application/json")],
                                      json.dumps(body).encode())

    def asks(self, digest, transaction=None, doc_id="30c-7401-2562", **more):
        """`sign` in VNPT's shape; the transaction_id."""
        transaction = transaction or str(uuid.uuid4())
        body = {**self.who(), "user_id": self.ACCOUNT, "transaction_id": transaction,
                "transaction_desc": "Ký văn bản số 12/QĐ-UBND", "time_stamp": "20261127120000Z",
                "sign_files": [{"data_to_be_signed": digest.hex(), "doc_id": doc_id,
                                "file_type": "pdf", "sign_type": "hash"}], **more}
        got = self.post(VNPT + "/signatures/sign", body)
        self.assertEqual(got.status, 200, got.text)
        self.assertEqual((got.json["status_code"], got.json["message"]),
                         (200, "sig_wait_for_user_confirm"))
        self.assertEqual(got.json["data"]["transaction_id"], transaction)
        return got.json["data"]

    def status(self, transaction, base=VNPT + "/signatures/sign"):
        return self.post(f"{base}/{transaction}/status", self.who())

    def ended(self, transaction):
        def look():
            got = self.status(transaction)
            self.assertEqual(got.status, 200, got.text)
            return got.json if got.json["message"] != WAITING else None
        return wait_until(look, "the end of a transaction")

    def assert_verifies(self, signature, digest):
        """By OpenSSL, under the certificate of get_certificate."""
        got = self.post("/qd769/get_certificate", {**self.who(), "user_id": self.ACCOUNT})
        self.assertEqual(got.status, 200, got.text)
        (found,) = got.json["data"]["user_certificates"]
        base = self.world.appliance.base
        (base / "certificate.der").write_bytes(base64.b64decode(found["cert_data"]))
        (base / "signature").write_bytes(base64.b64decode(signature))
        (base / "digest").write_bytes(digest)
        key = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", base / "certificate.der",
                              "-pubkey", "-noout"], capture_output=True, check=True).stdout
        (base / "key.pem").write_bytes(key)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", base / "key.pem", "-in",
             base / "digest", "-sigfile", base / "signature"], capture_output=True, text=True)
        self.assertIn("Verified Successfully", done.stdout, done.stderr)
        return found

    def keys(self):
        return self.world.client.send("api.localhost", "GET", "/oauth2/jwks").json["keys"]

    def log(self):
        return self.world.appliance.admin("webhook", "log")["webhooks"]

    def transaction_of(self, portal_id):
        with sqlite3.connect(self.data / "kyso.db", timeout=30) as database:
            (ours,) = database.execute(
                "SELECT transaction_id FROM qd769_requests WHERE portal_id = ?",
                (portal_id,)).fetchone()
        database.close()
        return ours


class Poll(Portal769):
    def test_the_vnpt_shape(self):
        digest = document()
        asked = self.asks(digest, doc_id="12/QĐ-UBND")
        (item,) = self.world.pending("an")
        self.assertEqual([one["label"] for one in item["documents"]], ["12/QĐ-UBND"])
        before = self.status(asked["transaction_id"]).json
        self.assertEqual((before["message"], before["data"]["signatures"]), (WAITING, None))
        self.assertEqual(before["data"]["tran_status"], 4000)

        self.world.approve("an")
        after = self.ended(asked["transaction_id"])

        self.assertEqual((after["status_code"], after["message"]), (200, "SUCCESS"))
        self.assertEqual(after["data"]["tran_status"], 1)
        (made,) = after["data"]["signatures"]
        self.assertEqual((made["doc_id"], made["timestamp_signature"]), ("12/QĐ-UBND", None))
        self.assert_verifies(made["signature_value"], digest)
        # The tran_code says enough by itself.
        by_code = self.post(f"{VNPT}/signatures/sign/{asked['tran_code']}/status", {})
        self.assertEqual(by_code.json, after)

    def test_the_neac_shape_with_base64_and_several_files(self):
        digests = [document() for _ in range(3)]
        transaction = "NEAC_" + secrets.token_hex(4)
        got = self.post("/qd769/sign", {
            **self.who(), "user_id": self.ACCOUNT, "transaction_id": transaction,
            "sign_files": [{"doc_id": f"doc-{i}", "file_name": f"tờ trình {i}.pdf",
                            "data_to_be_signed": b64(one),
                            "file_options": {"file_type": "pdf", "sign_type": "hash"}}
                           for i, one in enumerate(digests)]})
        self.assertEqual(got.status, 200, got.text)
        self.assertIsNone(got.json["data"]["signed_files"])
        (item,) = self.world.pending("an")
        self.assertEqual(item["documents"][1]["label"], "doc-1 (tờ trình 1.pdf)")

        self.world.approve("an")
        after = self.ended(transaction)

        files = after["data"]["signed_files"]
        self.assertEqual([one["doc_id"] for one in files], ["doc-0", "doc-1", "doc-2"])
        for one, digest in zip(files, digests):
            self.assert_verifies(one["signature_value"], digest)

    def test_the_same_request_again_is_the_same_transaction(self):
        digest, transaction = document(), str(uuid.uuid4())
        first = self.asks(digest, transaction)
        self.assertEqual(self.asks(digest, transaction), first)
        self.assertEqual(len(self.world.pending("an")), 1)
        self.world.approve("an")
        once = self.ended(transaction)
        self.assertEqual(self.asks(digest, transaction), first)
        self.assertEqual(self.ended(transaction), once)

        other = self.post(VNPT + "/signatures/sign", {
            **self.who(), "user_id": self.ACCOUNT, "transaction_id": transaction,
            "sign_files": [{"doc_id": "x", "data_to_be_signed": document().hex(),
                            "sign_type": "hash"}]})
        self.assertEqual((other.status, other.json["description"]),
                         (400, "transaction_id was used before, for another request"))

    def test_many_at_once_under_one_name_are_one(self):
        digest, transaction = document(), str(uuid.uuid4())
        codes = []
        body = json.dumps({**self.who(), "user_id": self.ACCOUNT, "transaction_id": transaction,
                           "sign_files": [{"doc_id": "d", "data_to_be_signed": digest.hex(),
                                           "sign_type": "hash"}]}).encode()

        def ask():
            client = Client(self.world.appliance)
            got = client.send("api.localhost", "POST", VNPT + "/signatures/sign",
                              [("Content-Type", "application/json")], body)
            client.close()
            codes.append((got.status, got.json["data"]["tran_code"]))
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(codes)), 1, codes)
        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def test_the_ends_are_told_apart(self):
        for verb, word, number in (("reject", "SIGNER_REJECTED", 4002),
                                   ("not-mine", "SIGNER_DISOWNED", 4005)):
            asked = self.asks(document())
            (item,) = self.world.pending("an")
            answer("kyso-phone", verb, "--store", self.world.phone("an"), item["id"])
            got = self.ended(asked["transaction_id"])
            self.assertEqual((got["message"], got["data"]["tran_status"],
                              got["data"]["signatures"]), (word, number, None))
        self.assert_refused(403, "CREDENTIAL_LOCKED")
        self.world.appliance.admin("signer", "unfreeze", "an")
        asked = self.asks(document())
        self.world.change("UPDATE transactions SET answer_by = 1 WHERE id = ?",
                          self.transaction_of(asked["transaction_id"]))
        got = self.ended(asked["transaction_id"])
        self.assertEqual((got["message"], got["data"]["tran_status"]), ("EXPIRED", 4001))

    def assert_refused(self, status, message, user_id=None):
        got = self.post("/qd769/sign", {
            **self.who(), "user_id": user_id or self.ACCOUNT, "transaction_id": str(uuid.uuid4()),
            "sign_files": [{"doc_id": "d", "data_to_be_signed": document().hex(),
                            "sign_type": "hash"}]})
        self.assertEqual((got.status, got.json["status_code"], got.json["message"]),
                         (status, status, message))
        return got

    def test_whom_no_device_reaches_and_who_asks_too_often(self):
        self.world.add_signer("mai")
        self.world.enrol("mai", "mai")
        self.world.appliance.admin("signer", "lost-phone", "mai")
        self.assert_refused(403, "UNDELIVERED", "mai")
        self.set(self.sp_id, "limit.open_requests=1")
        try:
            self.asks(document())
            busy = self.assert_refused(429, "SERVICE_BUSY")
            self.assertGreaterEqual(int(busy.headers["Retry-After"]), 1)
        finally:
            self.set(self.sp_id, "limit.open_requests=0")
        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def test_a_portal_that_polls_without_credentials_needs_the_profile(self):
        asked = self.asks(document())
        path = f"{VNPT}/signatures/sign/{asked['transaction_id']}/status"
        self.assertEqual(self.post(path, {}).json["message"], "SP_CREDENTIAL_INVALID")
        self.set(self.sp_id, "profile.qd769_open_status=on")
        try:
            self.assertEqual(self.post(path, {}).json["message"], WAITING)
        finally:
            self.set(self.sp_id, "profile.qd769_open_status=off")
        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def test_a_persons_token_tells_nothing_of_another_persons_request(self):
        self.world.add_signer("mai-2")
        self.set(self.sp_id, "door.csc=on")
        tokens = {}
        for signer in ("an", "mai-2"):
            login = self.world.appliance.admin("signer", "login-password", signer, "--client",
                                               self.sp_id)
            got = self.world.log_in(self.world.basic(login["user_name"], login["password"]))
            tokens[signer] = got.json["access_token"]
        digest = document()
        asked = self.asks(digest)
        for name in (asked["transaction_id"], asked["tran_code"]):
            for base in (VNPT + "/signatures/sign", "/qd769/sign", "/sign_v2/sign"):
                with self.subTest(name=name, base=base):
                    path = f"{base}/{name}/status"
                    own = self.post(path, {"token": tokens["an"]})
                    self.assertEqual((own.status, own.json["message"]), (200, WAITING))
                    other = self.post(path, {"token": tokens["mai-2"]})
                    self.assertEqual((other.status, other.json["message"],
                                      other.json["description"]),
                                     (400, "BAD_REQUEST", "no such transaction"))
        same = {"user_id": self.ACCOUNT, "transaction_id": asked["transaction_id"],
                "transaction_desc": "Ký văn bản số 12/QĐ-UBND",
                "sign_files": [{"data_to_be_signed": digest.hex(), "doc_id": "30c-7401-2562",
                                "sign_type": "hash"}]}
        for path in (VNPT + "/signatures/sign", "/sign_v2/sign"):
            again = self.post(path, {**same, "token": tokens["mai-2"]})
            self.assertEqual((again.status, again.json["description"]),
                             (400, "transaction_id was used before, for another request"))
        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def test_the_audit_record_is_that_of_csc(self):
        asked = self.asks(document())
        self.world.approve("an")
        self.ended(asked["transaction_id"])
        assert_record(self, self.world.client, self.transaction_of(asked["transaction_id"]), 1)


class Told(Portal769):
    """webhook.url is set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set(cls.sp_id, f"webhook.url={cls.receiver.url}/hook", "webhook.private_addresses=on")

    def signed(self):
        digest = document()
        asked = self.asks(digest)
        self.world.approve("an")
        return asked["transaction_id"], digest

    def told_of(self, transaction, times=1):
        return wait_until(lambda: (lambda some: some if len(some) >= times else None)(
            [one for one in self.receiver.told
             if one.json["transaction_id"] == transaction]), "a webhook")

    def entry(self, webhook_id, state):
        def look():
            (found,) = [one for one in self.log() if one["id"] == webhook_id]
            return found if found["state"] == state else None
        return wait_until(look, f"state {state}")

    def test_is_told_signed_and_once(self):
        transaction, digest = self.signed()
        (told,) = self.told_of(transaction)

        self.assertEqual((told.path, told.json["status_code"], told.json["message"],
                          told.json["sp_id"]), ("/hook", 200, "SUCCESS", self.sp_id))
        self.assert_verifies(told.json["signed_files"][0]["signature_value"], digest)
        protected = verify_detached(told.headers["X-JWS-Signature"], told.body, self.keys())
        self.assertEqual((protected["jti"], protected["aud"], protected["url"],
                          protected["event"], protected["typ"]),
                         (told.id, self.sp_id, f"{self.receiver.url}/hook", "qd769.sign",
                          "kyso-webhook"))
        with self.assertRaises(AssertionError):
            verify_detached(told.headers["X-JWS-Signature"], told.body + b" ", self.keys())
        entry = self.entry(told.id, "delivered")
        self.assertEqual([(one["status"], one["fault"]) for one in entry["log"]], [(200, "")])
        self.assertTrue(quiet(self.receiver, 3 * RETRY_S))

    def test_is_told_of_a_rejection(self):
        asked = self.asks(document())
        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])
        (told,) = self.told_of(asked["transaction_id"])
        self.assertEqual((told.json["message"], told.json["signed_files"]),
                         ("SIGNER_REJECTED", None))

    def test_comes_again_until_it_is_taken_with_one_id(self):
        self.receiver.behave[:] = [500, "drop", "ok"]
        transaction, _ = self.signed()
        told = self.told_of(transaction, 3)
        self.assertEqual(len({one.id for one in told}), 1)
        for one in told:
            verify_detached(one.headers["X-JWS-Signature"], one.body, self.keys())
        self.assertEqual(len({one.body for one in told}), 1)
        entry = self.entry(told[0].id, "delivered")
        self.assertEqual([one["status"] for one in entry["log"]], [500, 0, 200])

    def test_no_redirect_is_followed(self):
        self.receiver.behave[:] = ["redirect", "ok"]
        transaction, _ = self.signed()
        told = self.told_of(transaction, 2)
        self.assertEqual({one.path for one in told}, {"/hook"})
        entry = self.entry(told[0].id, "delivered")
        self.assertEqual((entry["log"][0]["status"], entry["log"][0]["fault"]),
                         (307, "it answered 307, not 2xx"))

    def test_who_answers_late_or_too_much_is_asked_again(self):
        self.receiver.behave[:] = ["hang", "long", "ok"]
        transaction, _ = self.signed()
        told = self.told_of(transaction, 3)
        entry = self.entry(told[0].id, "delivered")
        self.assertIn("timed out", entry["log"][0]["fault"])
        self.assertEqual(entry["log"][1]["fault"], "its answer is too long")

    def test_is_given_up_and_can_be_sent_again(self):
        self.receiver.behave[:] = [503] * 20
        transaction, _ = self.signed()
        (told, *_) = self.told_of(transaction)
        entry = self.entry(told.id, "failed")
        self.assertGreaterEqual(entry["attempts"], 2)
        self.receiver.behave.clear()
        self.receiver.told.clear()

        again = self.world.appliance.admin("webhook", "retry", told.id)

        self.assertEqual((again["id"], again["state"]), (told.id, "due"))
        self.assertEqual(self.told_of(transaction)[0].id, told.id)
        self.entry(told.id, "delivered")

    def test_a_kill_between_approval_and_delivery_loses_nothing(self):
        self.receiver.behave[:] = ["hang"]
        transaction, digest = self.signed()
        (first,) = self.told_of(transaction)
        (server,) = self.world.appliance.child("kyso-server")
        os.kill(server, signal.SIGKILL)
        self.world.client.close()

        told = self.told_of(transaction, 2)

        self.assertEqual(told[1].id, first.id)
        self.assert_verifies(told[1].json["signed_files"][0]["signature_value"], digest)
        self.entry(first.id, "delivered")

    def test_a_kill_right_after_the_approval_loses_nothing(self):
        digest = document()
        asked = self.asks(digest)
        self.world.approve("an")
        for server in self.world.appliance.child("kyso-server"):
            os.kill(server, signal.SIGKILL)
        self.world.client.close()
        told = self.told_of(asked["transaction_id"])
        self.assertEqual(told[0].json["message"], "SUCCESS")
        self.assert_verifies(told[0].json["signed_files"][0]["signature_value"], digest)

    def test_one_portal_that_hangs_holds_up_no_other(self):
        self.receiver.behave[:] = ["hang"] * 4
        for _ in range(4):
            self.asks(document())
        self.world.approve("an")
        wait_until(lambda: len(self.receiver.told) >= 4, "four that hang")
        other, secret = self.world.add_client("Other portal", "--all-signers")
        self.set(other, "door.qd769=on", f"webhook.url={self.receiver.url}/other",
                 "webhook.private_addresses=on")
        asked = self.post("/qd769/sign", {
            "sp_id": other, "sp_password": secret, "user_id": self.ACCOUNT,
            "transaction_id": "other", "sign_files": [
                {"doc_id": "d", "data_to_be_signed": document().hex(), "sign_type": "hash"}]})
        self.assertEqual(asked.status, 200, asked.text)
        self.world.approve("an")
        (told,) = self.told_of("other")
        self.assertEqual(told.path, "/other")


class NotTold(Portal769):
    """Targets that must not be reached."""

    BASE = ("webhook.url=", "webhook.private_addresses=off", "webhook.plain_http=off",
            "webhook.hosts=")

    def fault(self, *settings):
        """Why the first attempt under these settings failed; nothing may have come."""
        self.set(self.sp_id, *self.BASE)
        self.set(self.sp_id, *settings)
        return self.fault_now()

    def fault_of_stored(self, url):
        """The same of a URL that an operator cannot set: an older release may have stored it."""
        self.set(self.sp_id, *self.BASE)
        self.set(self.sp_id, "webhook.private_addresses=on")
        self.world.change("UPDATE clients SET settings = json_set(settings, ?, ?) WHERE id = ?",
                          '$."webhook.url"', url, self.sp_id)
        self.set(self.sp_id, "profile.hold_seconds=0")  # read anew
        return self.fault_now()

    def fault_now(self):
        known = {one["id"] for one in self.log()}
        self.asks(document())
        self.world.approve("an")

        def look():
            fresh = [one for one in self.log() if one["id"] not in known and one["log"]]
            return fresh
        (entry,) = wait_until(look, "an attempt")
        self.assertEqual(self.receiver.told, [])
        return entry["state"], entry["log"][0]["fault"]

    def test_addresses_that_are_not_public(self):
        port = self.receiver.port
        address = "its address is none of the public internet (webhook.private_addresses)"
        # The last ones by name, by one number and as IPv4 in IPv6: what counts is the address.
        for host in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "[fe80::1]",
                     "[::ffff:127.0.0.1]", "portal.localhost", "2130706433", "0"):
            with self.subTest(host):
                self.assertEqual(self.fault(f"webhook.url=https://{host}:{port}/"),
                                 ("due", address))

    def test_plain_http(self):
        state, fault = self.fault_of_stored(f"http://portal.localhost:{self.receiver.port}/")
        self.assertEqual((state, fault), ("failed", "its URL must begin with https://"))

    def test_an_operator_cannot_set_what_could_never_be_told(self):
        self.set(self.sp_id, *self.BASE)
        for setting, why in (
                ("webhook.url=junk", "webhook.url is no absolute URL"),
                ("webhook.url=ftp://a.example/", "webhook.url must begin with https://"),
                ("webhook.url=http://a.example/", "webhook.url must begin with https://"),
                ("webhook.url=https://u:p@a.example/", "webhook.url must have neither user"),
                ("webhook.url=https://a.example:0/", "webhook.url names no port"),
                ("webhook.hosts=https://a.example", "webhook.hosts: https://a.example is no host"),
                ("webhook.hosts=a.example,*", "webhook.hosts: * is no host"),
                ("webhook.hosts=a.example:443", "webhook.hosts: a.example:443 is no host")):
            with self.subTest(setting):
                done = run("kyso", "client", "set", self.sp_id, setting, "--data", self.data)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(why, done.stderr)
        self.set(self.sp_id, "webhook.url=http://a.example/", "webhook.plain_http=on")
        done = run("kyso", "client", "set", self.sp_id, "webhook.plain_http=off", "--data", self.data)
        self.assertIn("webhook.url must begin with https://", done.stderr)
        self.set(self.sp_id, "webhook.hosts=A.example,b-2.example,[::1]")

    def test_urls_that_two_parsers_may_read_differently(self):
        port = self.receiver.port
        for url in (f"https://good.example@portal.localhost:{port}/", "https:///path",
                    f"https://portal%2elocalhost:{port}/", "file:///etc/passwd",
                    f"https://portal.localhost:{port}/#x", "gopher://portal.localhost/"):
            with self.subTest(url):
                state, _ = self.fault_of_stored(url)
                self.assertEqual(state, "failed")

    def test_a_certificate_for_another_name(self):
        state, fault = self.fault(f"webhook.url=https://wrong.localhost:{self.receiver.port}/",
                                  "webhook.private_addresses=on")
        self.assertEqual(state, "due")
        self.assertIn("certificate", fault)


if __name__ == "__main__":
    unittest.main(verbosity=2)
