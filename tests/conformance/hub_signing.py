#!/usr/bin/env python3
"""The hub: one portal asks one appliance, and another one signs, through each of its dialects."""

import base64
import hashlib
import json
import os
import secrets
import signal
import subprocess
import unittest
import uuid

from appliance import answer, wait_until
from audit_record import assert_record
from world import World, b64

WAITING = "WAITING_FOR_SIGNER_CONFIRM"
# Provider, the account of whom it knows, and under which id that person signs there.
PROVIDERS = (("UP-CSC", "csc", "/csc/v2", "079201000001", "079201000001"),
             ("UP-769", "qd769", "/qd769", "079201000002", "binh"),
             ("UP-SP", "sp769", "/sca/sp769", "079201000003", "cuong"))



def document():
    return hashlib.sha256(secrets.token_bytes(32)).digest()


def provider_section(name, dialect, url, client, secret_file, ca):
    return (f"[[provider]]\nname = \"{name}\"\ndialect = \"{dialect}\"\nurl = \"{url}\"\n"
            f"client_id = \"{client}\"\nsecret_file = \"{secret_file}\"\nca = \"{ca}\"\n"
            "private_addresses = true\n")


class Hub(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.upstream = World()
        cls.addClassCleanup(cls.upstream.remove)
        sections = [cls._enlist(*one) for one in PROVIDERS]
        cls.hub = World("hold_seconds = 25\n\n" + "\n".join(sections))
        cls.addClassCleanup(cls.hub.remove)
        cls.hub.appliance.admin("signer", "add", "--id", "own", "--name", "own", "--account",
                                "079201000009", "--subject", "CN=Own,C=VN")
        cls.hub.enrol("own", "own")
        cls.sp_id, cls.sp_password = cls.hub.add_client("Portal", "--all-signers")
        cls.hub.appliance.admin("client", "set", cls.sp_id, "door.qd769=on")

    @classmethod
    def _enlist(cls, name, dialect, base, account, signer):
        """A person whom this provider alone may ask; its section."""
        up = cls.upstream
        more = () if account == signer else ("--account", account)
        up.appliance.admin("signer", "add", "--id", signer, "--name", signer, *more, "--subject",
                           f"CN=Signer {signer},serialNumber={signer},C=VN")
        up.enrol(signer, signer, "rsa2048" if dialect == "sp769" else "p256")
        client, secret = up.add_client(name, "--signer", signer)
        up.appliance.admin("client", "set", client, "door.qd769=on")
        secret_file = up.appliance.base / f"{name}.secret"
        secret_file.write_text(secret + "\n")
        return provider_section(name, dialect, up.appliance.url.replace("127.0.0.1", "api.localhost")
                                + base, client, secret_file, up.appliance.tls_ca)

    def post(self, path, body):
        who = {"sp_id": self.sp_id, "sp_password": self.sp_password}
        return self.hub.client.send("api.localhost", "POST", path,
                                    [("Content-Type", "application/json")],
                                    json.dumps({**who, **body}).encode())

    def certificates(self, account, **more):
        got = self.post("/sign_v2/get_certificate", {"user_id": account, **more})
        self.assertEqual(got.status, 200, got.text)
        return got.json["data"]["user_certificates"]

    def asks(self, account, digests, transaction=None, **more):
        transaction = transaction or str(uuid.uuid4())
        got = self.post("/sign_v2/sign", {
            "user_id": account, "transaction_id": transaction, "transaction_desc": "Ký học bạ",
            "sign_files": [{"doc_id": f"HS-{i}", "data_to_be_signed": b64(one),
                            "file_type": "pdf", "sign_type": "hash"}
                           for i, one in enumerate(digests)], **more})
        self.assertEqual(got.status, 200, got.text)
        self.assertEqual(got.json["message"], "sig_wait_for_user_confirm")
        return transaction

    def status(self, transaction):
        return self.post(f"/sign_v2/sign/{transaction}/status", {})

    def ended(self, transaction):
        def look():
            got = self.status(transaction)
            self.assertEqual(got.status, 200, got.text)
            return got.json if got.json["message"] != WAITING else None
        return wait_until(look, "the end of a forwarded request")

    def assert_verifies(self, certificate, signature, digest):
        base = self.hub.appliance.base
        (base / "certificate.der").write_bytes(base64.b64decode(certificate["cert_data"]))
        (base / "signature").write_bytes(base64.b64decode(signature))
        (base / "digest").write_bytes(digest)
        key = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", base / "certificate.der",
                              "-pubkey", "-noout"], capture_output=True, check=True).stdout
        (base / "key.pem").write_bytes(key)
        rsa = ("-pkeyopt", "digest:sha256") if b"MIIB" in key else ()
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", base / "key.pem", "-in",
             base / "digest", "-sigfile", base / "signature", *rsa], capture_output=True, text=True)
        self.assertIn("Verified Successfully", done.stdout, done.stderr)

    def refuse(self, signer, verb):
        (item,) = self.upstream.pending(signer)
        answer("kyso-phone", verb, "--store", self.upstream.phone(signer), item["id"])

    def test_one_account_number_finds_the_person_wherever_they_are(self):
        for name, _, _, account, _ in PROVIDERS:
            (found,) = self.certificates(account)
            self.assertEqual((found["ca_name"], found["cert_status"]), (name, "Đang hoạt động"))
            self.assertTrue(found["chain_data"]["root_cert"])
            for moment in ("cert_valid_from", "cert_valid_to"):
                self.assertRegex(found[moment], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        (own,) = self.certificates("079201000009")
        self.assertEqual(own["ca_name"], "KYSO")

    def test_signs_through_every_dialect(self):
        for name, _, _, account, signer in PROVIDERS:
            with self.subTest(name):
                digests = [document(), document()]
                transaction = self.asks(account, digests)
                self.assertEqual(self.status(transaction).json["message"], WAITING)
                self.assertIsNone(self.status(transaction).json["data"]["signed_files"])
                (item,) = self.upstream.pending(signer)
                self.assertEqual([one["label"] for one in item["documents"]], ["HS-0", "HS-1"])
                self.assertIn(transaction, item["purpose_text"])

                self.upstream.approve(signer)
                after = self.ended(transaction)

                self.assertEqual((after["message"], after["data"]["tran_status"]), ("SUCCESS", 1))
                (certificate,) = self.certificates(account)
                for i, one in enumerate(after["data"]["signed_files"]):
                    self.assertEqual(one["doc_id"], f"HS-{i}")
                    self.assert_verifies(certificate, one["signature_value"], digests[i])
                self.assertEqual(self.status(transaction).json, after)
                assert_record(self, self.upstream.client, item["id"], 2)

    def test_signs_here_for_our_own(self):
        digest = document()
        transaction = self.asks("079201000009", [digest])
        self.hub.approve("own")
        after = self.ended(transaction)
        (certificate,) = self.certificates("079201000009")
        self.assert_verifies(certificate, after["data"]["signatures"][0]["signature_value"],
                             digest)

    def test_refusals_come_back_as_what_they_are(self):
        for name, _, _, account, signer in PROVIDERS:
            for verb, word in (("reject", "SIGNER_REJECTED"), ("not-mine", "SIGNER_DISOWNED")):
                with self.subTest(name + " " + verb):
                    transaction = self.asks(account, [document()])
                    self.refuse(signer, verb)
                    got = self.ended(transaction)
                    self.assertEqual((got["message"], got["data"]["signatures"]), (word, None))
                    if verb == "not-mine":
                        self.upstream.appliance.admin("signer", "unfreeze", signer)

    def test_what_is_refused_at_the_provider_is_told_apart(self):
        up = self.upstream.appliance
        for name, _, _, account, signer in PROVIDERS:
            up.admin("signer", "freeze", signer)
            try:
                got = self.post("/sign_v2/sign", {
                    "user_id": account, "transaction_id": str(uuid.uuid4()), "sign_files": [
                        {"doc_id": "x", "data_to_be_signed": document().hex(),
                         "sign_type": "hash"}]})
                self.assertEqual((name, got.status, got.json["message"]),
                                 (name, 403, "CREDENTIAL_LOCKED"))
            finally:
                up.admin("signer", "unfreeze", signer)

    def test_the_tran_code_is_nobodys_guess_and_enough_by_itself(self):
        for name, _, _, account, signer in PROVIDERS:
            with self.subTest(name):
                transaction = self.asks(account, [document()])
                code = self.status(transaction).json["data"]["tran_code"]
                self.assertGreater(len(code), 64)
                self.assertNotIn(transaction, code)

                def anybody(which):
                    return self.hub.client.send(
                        "api.localhost", "POST", f"/sign_v2/sign/{which}/status",
                        [("Content-Type", "application/json")], b"{}").json["message"]
                self.assertEqual(anybody(code), WAITING)
                self.assertEqual(self.status(code).json["data"]["transaction_id"], transaction)
                self.assertEqual(anybody(transaction), "SP_CREDENTIAL_INVALID")
                self.assertEqual(anybody(code[:-2] + "AA"), "SP_CREDENTIAL_INVALID")
                self.refuse(signer, "reject")
                self.assertEqual(self.ended(transaction)["data"]["tran_code"], code)

    def test_the_same_request_again_is_one_and_another_is_another(self):
        for name, _, _, account, signer in PROVIDERS:
            with self.subTest(name):
                digest, transaction = document(), str(uuid.uuid4())
                self.asks(account, [digest], transaction)
                self.asks(account, [digest], transaction)
                self.assertEqual(len(self.upstream.pending(signer)), 1)
                other = self.asks(account, [digest])
                self.assertEqual(len(self.upstream.pending(signer)), 2)
                self.upstream.approve(signer)
                self.assertEqual(self.ended(transaction)["message"], "SUCCESS")
                self.assertEqual(self.ended(other)["message"], "SUCCESS")
                used = self.post("/sign_v2/sign", {
                    "user_id": account, "transaction_id": transaction, "sign_files": [
                        {"doc_id": "x", "data_to_be_signed": digest.hex(), "sign_type": "hash"}]})
                self.assertEqual(used.json["description"],
                                 "transaction_id was used before, for another request")

    def test_a_kill_between_asking_and_fetching_loses_nothing(self):
        for name, _, _, account, signer in PROVIDERS:
            with self.subTest(name):
                digest = document()
                transaction = self.asks(account, [digest])
                (server,) = self.hub.appliance.child("kyso-server")
                os.kill(server, signal.SIGKILL)
                self.hub.client.close()
                self.upstream.approve(signer)

                def back():
                    try:
                        return self.status(transaction)
                    except OSError:
                        return None
                wait_until(back, "the hub")
                after = self.ended(transaction)
                (certificate,) = self.certificates(account)
                self.assert_verifies(certificate,
                                     after["data"]["signatures"][0]["signature_value"], digest)

    def test_who_may_not_ask_everybody_is_not_forwarded(self):
        client, secret = self.hub.add_client("Narrow portal", "--signer", "own")
        self.hub.appliance.admin("client", "set", client, "door.qd769=on")
        got = self.post("/sign_v2/get_certificate", {"sp_id": client, "sp_password": secret,
                                                     "user_id": PROVIDERS[0][3]})
        self.assertEqual((got.status, got.json["description"]), (400, "user_id is unknown"))

    def test_whom_nobody_knows(self):
        for path in ("get_certificate", "sign"):
            got = self.post(f"/sign_v2/{path}", {
                "user_id": "000000000000", "transaction_id": "nobody", "sign_files": [
                    {"doc_id": "x", "data_to_be_signed": document().hex(), "sign_type": "hash"}]})
            self.assertEqual((got.status, got.json["description"]), (400, "user_id is unknown"))

    def test_only_the_provider_that_is_named_is_asked(self):
        got = self.post("/sign_v2/get_certificate", {"user_id": PROVIDERS[0][3],
                                                     "ca_name": PROVIDERS[1][0]})
        self.assertEqual((got.status, got.json["description"]), (400, "user_id is unknown"))
        self.assertEqual(len(self.certificates(PROVIDERS[0][3], ca_name=PROVIDERS[0][0])), 1)


class ProviderDown(unittest.TestCase):
    """One provider does not answer."""

    @classmethod
    def setUpClass(cls):
        setup = World()
        secret = setup.appliance.base / "dead.secret"
        secret.write_text("secret\n")
        cls.addClassCleanup(setup.remove)
        cls.world = World("hold_seconds = 25\n\n" + "\n".join(
            provider_section(name, dialect, "https://api.localhost:1" + base, "c", secret,
                             setup.appliance.tls_ca)
            for name, dialect, base in (("D1", "csc", "/csc/v2"), ("D2", "qd769", "/qd769"))))
        cls.addClassCleanup(cls.world.remove)
        cls.world.add_signer("own")
        cls.world.enrol("own", "own")
        cls.sp_id, cls.sp_password = cls.world.add_client("Portal", "--all-signers")
        cls.world.appliance.admin("client", "set", cls.sp_id, "door.qd769=on")

    def asks(self, account):
        return self.world.client.send(
            "api.localhost", "POST", "/sign_v2/get_certificate",
            [("Content-Type", "application/json")],
            json.dumps({"sp_id": self.sp_id, "sp_password": self.sp_password,
                        "user_id": account}).encode())

    def test_our_own_are_found_all_the_same(self):
        got = self.asks("own")
        self.assertEqual((got.status, len(got.json["data"]["user_certificates"])), (200, 1))

    def test_nobody_is_called_unknown_while_a_provider_is_silent(self):
        got = self.asks("079201000001")
        self.assertEqual((got.status, got.json["message"]), (503, "SERVICE_UNAVAILABLE"))
        self.assertTrue(got.headers["Retry-After"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
