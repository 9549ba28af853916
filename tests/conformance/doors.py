#!/usr/bin/env python3
"""CSC's other doors from asking to signature: v1 deferred, v2 deferred, asynchronous, signDoc; and
what a portal can tell apart through each."""

import base64
import hashlib
import json
import secrets
import subprocess
import threading
import time
import unittest

from appliance import answer, wait_until
from audit_record import assert_record
from client import post_once
from documents import DocumentPortal, pdf_for_a_signature
from pdf_parts import parts as pdf_parts_of
from receiver import Receiver, verify_detached
from signing import HOLD_S, Portal, digests
from cases import ECDSA_SHA256, SHA256
from world import World, b64

V1, V2 = "/csc/v1/", "/csc/v2/"
REJECTED = ("access_denied", "The signer rejected the request")
NOT_MINE = ("access_denied", "The signer did not start this request")
EXPIRED = ("access_denied", "The request expired before the signer answered")
UNDELIVERED = ("access_denied", "No device of the signer could be reached")
LOCKED = ("invalid_request", "Credential locked")
BUSY = ("temporarily_unavailable", "another request of this client waits for the signer")
DISABLED = ("invalid_request", "The credential identified by credentialID is disabled")


class Door:
    """One way to a signature. `ask` begins; `outcome` is the answer that tells how it went."""

    def __init__(self, case):
        self.case = case

    def authorize(self, version, hashes):
        v1 = version == V1
        body = {"credentialID": self.case.world.values["credential_a"],
                "numSignatures": len(hashes), "hash" if v1 else "hashes": [b64(h) for h in hashes]}
        if not v1:
            body["hashAlgorithmOID"] = SHA256
        return self.call(version + "credentials/authorize", body)

    def call(self, path, body):
        return post_once(self.case.world.appliance, path, body, self.case.world.values[self.token])

    def sign(self, version, sad, hashes, **more):
        return self.call(version + "signatures/signHash", {
            "credentialID": self.case.world.values["credential_a"], "SAD": sad,
            "hash" if version == V1 else "hashes": [b64(h) for h in hashes],
            "signAlgo": ECDSA_SHA256, **more})


class V1Held(Door):
    token = "token_a"

    def run(self, hashes):
        got = self.authorize(V1, hashes)
        return self.sign(V1, got.json["SAD"], hashes) if got.status == 200 else got


class V1Deferred(Door):
    token = "token_v1_deferred"

    def run(self, hashes):
        got = self.authorize(V1, hashes)
        return self.sign(V1, got.json["SAD"], hashes) if got.status == 200 else got


class V2Handle(Door):
    token = "token_a"

    def run(self, hashes):
        got = self.authorize(V2, hashes)
        if got.status != 202:
            return got
        handle = got.json["handle"]

        def checked():
            check = self.call(V2 + "credentials/authorizeCheck", {"handle": handle})
            return check if check.status != 202 else None
        got = wait_until(checked, "the phone's answer")
        return self.sign(V2, got.json["SAD"], hashes) if got.status == 200 else got


class V2Deferred(Door):
    token = "token_v2_deferred"

    def run(self, hashes):
        got = self.authorize(V2, hashes)
        return self.sign(V2, got.json["SAD"], hashes) if got.status == 200 else got


class V2Asynchronous(Door):
    token = "token_v2_deferred"

    def run(self, hashes):
        got = self.authorize(V2, hashes)
        if got.status != 200:
            return got
        got = self.sign(V2, got.json["SAD"], hashes, operationMode="A")
        if got.status != 200:
            return got
        response = got.json["responseID"]

        def polled():
            poll = self.call(V2 + "signatures/signPolling", {"requestID": response})
            return poll if poll.status != 202 else None
        return wait_until(polled, "the asynchronous answer")


DOORS = (V1Held, V1Deferred, V2Handle, V2Deferred, V2Asynchronous)


class Doors(Portal):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = cls.world.values
        for name in ("v1", "v2"):
            client, secret = cls.world.add_client(f"Deferred {name}", "--all-signers")
            cls.world.appliance.admin("client", "set", client,
                                      f"profile.{name}_authorize=deferred")
            values[f"client_{name}"] = client
            values[f"token_{name}_deferred"] = cls.world.token(client, secret)

    def through_each(self, act):
        """For each door: begins, has `act` answer the one request that waits, gives what came."""
        for door in DOORS:
            with self.subTest(door=door.__name__):
                hashes = digests(1)
                begun = self.pool.submit(door(self).run, hashes)
                (item,) = self.waiting()
                act(item["id"])
                yield door, hashes, begun.result(60)


class Outcomes(Doors):
    def phone(self, command):
        return lambda item: answer("kyso-phone", command, "--store", self.world.phone("an"), item)

    def assert_each(self, act, outcome):
        for _, _, got in self.through_each(act):
            self.assert_refused(got, outcome[1], outcome[0])

    def test_approved(self):
        count = self.count_signatures()
        asked = []

        def approve(item):
            asked.append(item)
            self.world.approve("an")
        for _, hashes, got in self.through_each(approve):
            self.assert_verifies(self.signatures_of(got)[0], hashes[0])
            assert_record(self, self.world.client, asked[-1], 1)
        self.assertEqual(self.count_signatures(), count + len(DOORS))

    def test_rejected(self):
        self.assert_each(self.phone("reject"), REJECTED)

    def test_not_started_by_the_signer(self):
        def disown(item):
            self.phone("not-mine")(item)
            self.world.appliance.admin("signer", "unfreeze", "an")
        self.assert_each(disown, NOT_MINE)

    def test_locked(self):
        self.world.appliance.admin("signer", "freeze", "an")
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        for door in DOORS:
            with self.subTest(door=door.__name__):
                self.assert_refused(door(self).run(digests(1)), LOCKED[1])

    def test_busy(self):
        for door in DOORS:
            client = self.world.values[{"token_a": "client_a", "token_v1_deferred": "client_v1",
                                        "token_v2_deferred": "client_v2"}[door.token]]
            with self.subTest(door=door.__name__):
                self.world.appliance.admin("client", "set", client, "limit.open_requests=1")
                self.addCleanup(self.world.appliance.admin, "client", "set", client,
                                "limit.open_requests=0")
                begun = self.pool.submit(door(self).run, digests(1))
                self.waiting()

                got = door(self).run(digests(1))

                self.assert_refused(got, BUSY[1], BUSY[0], 429)
                self.assertTrue(int(got.headers["Retry-After"]) > 0)
                self.world.approve("an")
                self.assertEqual(begun.result(60).status, 200)

    def test_the_same_request_from_many_at_once_is_one(self):
        for doors in ((V1Held, V2Handle), (V1Deferred,), (V2Deferred,)):
            name = {"token_a": "client_a", "token_v1_deferred": "client_v1",
                    "token_v2_deferred": "client_v2"}[doors[0].token]
            client, hashes = self.world.values[name], digests(1)
            with self.subTest(doors=[door.__name__ for door in doors]):
                self.world.appliance.admin("client", "set", client, "limit.open_requests=1")
                self.addCleanup(self.world.appliance.admin, "client", "set", client,
                                "limit.open_requests=0")
                begun = [self.pool.submit(door(self).authorize, V1 if "V1" in door.__name__ else V2,
                                          hashes)
                         for _ in range(8 // len(doors)) for door in doors]
                (item,) = self.waiting()
                self.world.approve("an")

                answers = [one.result(60) for one in begun]

                self.assertEqual({one.status for one in answers} - {200, 202}, set())
                for kind in ("SAD", "handle"):
                    given = {one.json[kind] for one in answers if kind in one.json}
                    self.assertLessEqual(len(given), 1)
                self.assertEqual(self.world.pending("an"), [])

    def test_disabled(self):
        credential = self.world.values["credential_a"]
        self.world.change("UPDATE credentials SET status = 'disabled' WHERE id = ?", credential)

        def seen():
            info = self.call(V1 + "credentials/info", {"credentialID": credential})
            return info.json["key"]["status"] == "disabled"
        try:
            wait_until(seen, "the server to see its database change")
            for door in DOORS:
                with self.subTest(door=door.__name__):
                    self.assert_refused(door(self).run(digests(1)), DISABLED[1])
        finally:
            self.world.change("UPDATE credentials SET status = 'enabled' WHERE id = ?", credential)
            wait_until(lambda: not seen(), "the server to see its database change")


class Undelivered(Doors):
    def test_undelivered(self):
        self.world.appliance.admin("signer", "lost-phone", "an")
        for door in DOORS:
            with self.subTest(door=door.__name__):
                got = door(self).run(digests(1))
                self.assert_refused(got, UNDELIVERED[1], UNDELIVERED[0])


class Expiry(Doors):
    TIMES = f"hold_seconds = {HOLD_S}\nanswer_seconds = 10\nsign_seconds = 10"

    def test_expired(self):
        for _, _, got in self.through_each(lambda _: None):
            self.assert_refused(got, EXPIRED[1], EXPIRED[0])

    def test_an_asynchronous_answer_is_kept_no_longer_than_asked(self):
        door = V2Asynchronous(self)
        hashes = digests(1)
        sad = door.authorize(V2, hashes).json["SAD"]
        response = door.sign(V2, sad, hashes, operationMode="A",
                             validity_period=3000).json["responseID"]
        self.world.approve("an")

        def poll():
            return door.call(V2 + "signatures/signPolling", {"requestID": response})
        got = wait_until(lambda: (g := poll()).status != 202 and g, "the signature")
        self.assert_verifies(self.signatures_of(got)[0], hashes[0])
        gone = wait_until(lambda: (g := poll()).status != 200 and g, "the end of its time")
        self.assert_refused(gone, "Invalid parameter requestID")


class Deferred(Doors):
    def test_the_sad_is_there_at_once_and_sign_hash_waits(self):
        door = V1Deferred(self)
        hashes = digests(2)
        got = door.authorize(V1, hashes)
        self.assertEqual(got.status, 200, got.text)
        signed = self.pool.submit(door.sign, V1, got.json["SAD"], hashes)
        again = self.pool.submit(door.sign, V1, got.json["SAD"], hashes[:1])
        self.waiting()
        self.assertFalse(signed.done() or again.done())

        self.world.approve("an")

        made = self.signatures_of(signed.result(HOLD_S))
        for signature, digest in zip(made, hashes, strict=True):
            self.assert_verifies(signature, digest)
        self.assertEqual(self.signatures_of(again.result(HOLD_S)), made[:1])

    def test_a_waiting_sad_is_bound_to_its_client_credential_and_hashes(self):
        door = V1Deferred(self)
        hashes = digests(1)
        sad = door.authorize(V1, hashes).json["SAD"]

        self.assert_refused(self.signs(sad, hashes), "Invalid parameter SAD")  # another client
        held = self.pool.submit(door.sign, V1, sad, digests(1))
        self.waiting()
        self.world.approve("an")
        self.assert_refused(held.result(HOLD_S), "Hash is not authorized by the SAD.")

    def test_a_handle_is_not_given_to_whoever_wants_a_sad(self):
        got = V2Deferred(self).authorize(V2, digests(1))
        self.assertEqual((got.status, set(got.json)), (200, {"SAD", "expiresIn"}))
        self.world.approve("an")

    def test_each_use_is_logged_with_its_client(self):
        V1Deferred(self).authorize(V1, digests(1))
        self.world.approve("an")

        def logged():
            log = "".join(one.read_text() for one in (self.world.appliance.data / "log").iterdir())
            return f"client {self.world.values['client_v1']}, profile.v1_authorize=deferred" in log
        wait_until(logged, "the log")


class Extension(Portal):
    def extend(self, sad, hashes, **more):
        return self.call(V2 + "credentials/extendTransaction", {
            "credentialID": self.world.values["credential_a"], "SAD": sad,
            "hashes": [b64(h) for h in hashes], "hashAlgorithmOID": SHA256, **more})

    def test_between_two_calls(self):
        hashes = digests(2)
        sad = self.approved(hashes)
        first = self.signatures_of(self.signs(sad, hashes[:1]))
        got = self.extend(sad, hashes[1:])
        self.assertEqual(got.status, 200, got.text)
        fresh = got.json["SAD"]

        self.assertNotEqual(fresh, sad)
        self.assert_refused(self.signs(sad, hashes[1:]), "Invalid parameter SAD")
        second = self.signatures_of(self.signs(fresh, hashes[1:]))

        for signature, digest in zip(first + second, hashes, strict=True):
            self.assert_verifies(signature, digest)
        self.assert_refused(self.extend(fresh, hashes[1:]), "Invalid parameter SAD")

    def test_gains_no_time_and_no_hash(self):
        hashes = digests(1)
        sad = self.approved(hashes)
        left = self.call(V1 + "credentials/extendTransaction", {
            "credentialID": self.world.values["credential_a"], "SAD": sad,
            "hash": [b64(hashes[0])]}).json
        self.assertLessEqual(left["expiresIn"], 4200)
        self.assert_refused(self.extend(left["SAD"], digests(1)),
                            "Hash is not authorized by the SAD.")
        again = self.call(V2 + "credentials/authorize", {
            "credentialID": self.world.values["credential_a"], "numSignatures": 1,
            "hashes": [b64(hashes[0])], "hashAlgorithmOID": SHA256})
        # Who lost the answer joins the request again, and has the newest SAD.
        self.assertEqual(self.check(again.json["handle"]).json["SAD"], left["SAD"])
        self.signatures_of(self.signs(left["SAD"], hashes))


class Login(Portal):
    """A portal that logs in for one person sees that person alone."""

    KEYS = {"credential_a": ("an", "p256"), "credential_b": ("binh", "p256")}

    def log_in(self, **body):
        login = self.world.appliance.admin("signer", "login-password", "an", "--client",
                                           self.world.values["client_a"])
        basic = self.world.basic(login["user_name"], login["password"])
        got = self.world.log_in(basic, **body)
        self.assertEqual(got.status, 200, got.text)
        return basic, got.json

    def asks(self, path, body, token):
        return post_once(self.world.appliance, V1 + path, body, token)

    def test_its_token_speaks_for_that_person(self):
        _, session = self.log_in()
        self.assertEqual(set(session), {"access_token", "expires_in"})
        token = session["access_token"]

        self.assertEqual(self.asks("credentials/list", {}, token).json,
                         {"credentialIDs": [self.world.values["credential_a"]]})
        self.assert_refused(self.asks("credentials/list", {"userID": "an"}, token),
                            "userID parameter MUST be null")
        self.assert_refused(self.asks("credentials/info", {
            "credentialID": self.world.values["credential_b"]}, token),
            "Invalid parameter credentialID")

    def test_another_persons_request_is_none_of_its_business(self):
        _, session = self.log_in()
        hashes = digests(1)
        handle = self.asks_v2(hashes, "credential_b")
        self.assert_refused(post_once(self.world.appliance, V2 + "credentials/authorizeCheck",
                                      {"handle": handle}, session["access_token"]),
                            "Invalid parameter handle")
        self.world.approve("binh")
        sad = self.check(handle).json["SAD"]
        self.assert_refused(post_once(self.world.appliance, V2 + "signatures/signHash", {
            "credentialID": self.world.values["credential_a"], "SAD": sad,
            "hashes": [b64(hashes[0])], "signAlgo": ECDSA_SHA256}, session["access_token"]),
            "Invalid parameter SAD")
        response = self.signs(sad, hashes, "credential_b", operationMode="A").json["responseID"]
        self.assert_refused(post_once(self.world.appliance, V2 + "signatures/signPolling",
                                      {"requestID": response}, session["access_token"]),
                            "Invalid parameter requestID")

    def test_a_new_password_ends_the_old_one(self):
        old, _ = self.log_in()
        self.log_in()
        got = self.world.log_in(old)
        self.assert_refused(got, "An error occurred during authentication process",
                            "authentication_error")

    def test_refreshes_and_revokes(self):
        _, session = self.log_in(rememberMe=True)
        again = self.world.client.send("api.localhost", "POST", V1 + "auth/login",
                                       [("Content-Type", "application/json")], json.dumps(
                                           {"refresh_token": session["refresh_token"]}).encode())
        self.assertEqual(again.status, 200, again.text)
        token = again.json["access_token"]
        self.assertEqual(self.asks("credentials/list", {}, token).status, 200)

        ended = self.asks("auth/revoke", {"token": again.json["refresh_token"]}, token)

        self.assertEqual((ended.status, ended.text), (204, b""))
        self.assert_refused(self.asks("credentials/list", {}, token), "Invalid access token",
                            "invalid_token", 401)


class Asynchronous(Portal):
    def polls(self, response):
        return wait_until(lambda: (g := self.call(V2 + "signatures/signPolling",
                                                  {"requestID": response})).status != 202 and g,
                          "the asynchronous answer")

    def test_in_request_order_and_once(self):
        hashes = digests(5)
        sad = self.approved(hashes)
        wanted = [hashes[i] for i in (4, 0, 3)]
        count = self.count_signatures()
        got = self.signs(sad, wanted, operationMode="A")
        self.assertEqual((got.status, set(got.json)), (200, {"responseID"}))

        made = self.signatures_of(self.polls(got.json["responseID"]))

        for signature, digest in zip(made, wanted, strict=True):
            self.assert_verifies(signature, digest)
        self.assertEqual(self.signatures_of(self.polls(got.json["responseID"])), made)
        self.assertEqual(self.signatures_of(self.signs(sad, wanted)), made)
        self.assertEqual(self.count_signatures(), count + 3)

    def test_signs_after_a_restart_that_lost_the_approval(self):
        hashes = digests(1)
        sad = self.approved(hashes)
        self.world.restart()
        self.assert_refused(self.signs(sad, hashes), "asked again")
        client = self.world.values["client_a"]
        self.world.appliance.admin("client", "set", client, "profile.v2_authorize=deferred")
        self.addCleanup(self.world.appliance.admin, "client", "set", client,
                        "profile.v2_authorize=handle")
        response = self.signs(sad, hashes, operationMode="A").json["responseID"]
        self.world.restart()
        self.waiting()

        self.world.approve("an")

        self.assert_verifies(self.signatures_of(self.polls(response))[0], hashes[0])


class Timestamps(Portal):
    """From a time-stamping authority, checked before it is passed on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = cls.world.values
        cls.plain_methods = cls.world.call(V1 + "info", {}).json["methods"]
        cls.own_digest = secrets.token_bytes(32)
        cls.own = cls.world.call(V1 + "signatures/timestamp", {
            "hash": b64(cls.own_digest), "hashAlgo": SHA256})
        cls.own_authority = cls.world.appliance.ca.read_text()
        cls.world.remove()
        cls.world = World(has_tsa=True)
        cls.addClassCleanup(cls.world.remove)
        values = cls.world.values
        values["client_a"], values["secret_a"] = cls.world.add_client("Portal", "--all-signers")
        values["token_a"] = cls.world.token(values["client_a"], values["secret_a"])

    def setUp(self):
        self.tsa = self.world.tsa
        self.tsa.answers = self.tsa.stamp

    def stamp(self, digest, version=V1, **more):
        return self.call(version + "signatures/timestamp",
                         {"hash": b64(digest), "hashAlgo": SHA256, **more})

    def test_without_a_named_one_our_own_stamps(self):
        self.assertIn("signatures/timestamp", self.plain_methods)
        self.assertEqual(self.own.status, 200, self.own.text)
        folder = self.world.appliance.base
        token, authority = folder / "own.der", folder / "own-ca.pem"
        token.write_bytes(base64.b64decode(self.own.json["timestamp"]))
        authority.write_text(self.own_authority)
        done = subprocess.run(["openssl", "ts", "-verify", "-in", token, "-token_in", "-digest",
                               self.own_digest.hex(), "-CAfile", authority],
                              capture_output=True, text=True)
        self.assertIn("Verification: OK", done.stdout + done.stderr)

    def test_the_token_verifies_and_carries_the_nonce(self):
        for version in (V1, V2):
            digest = secrets.token_bytes(32)
            got = self.stamp(digest, version, nonce="0deadbeef1")
            self.assertEqual(got.status, 200, got.text)
            token = self.world.appliance.base / "token.der"
            token.write_bytes(base64.b64decode(got.json["timestamp"]))
            done = subprocess.run(["openssl", "ts", "-verify", "-in", token, "-token_in", "-digest",
                                   digest.hex(), "-CAfile", self.tsa.authorities],
                                  capture_output=True, text=True)
            self.assertIn("Verification: OK", done.stdout + done.stderr)
            text = subprocess.run(["openssl", "ts", "-reply", "-in", token, "-token_in", "-text"],
                                  capture_output=True, text=True).stdout
            self.assertIn("Nonce: 0x0DEADBEEF1", text)

    def assert_unavailable(self, got):
        self.assert_refused(got, "The service is temporarily unavailable",
                            "temporarily_unavailable", 503)
        self.assertTrue(got.headers["Retry-After"])

    def test_an_answer_to_another_question_is_not_passed_on(self):
        first = {}

        def replay(question):
            if not first:
                first["answer"] = self.tsa.stamp(question)
            return first["answer"]
        self.tsa.answers = replay
        digest = secrets.token_bytes(32)
        self.assertEqual(self.stamp(digest).status, 200)
        self.assert_unavailable(self.stamp(digest))             # another nonce
        self.assert_unavailable(self.stamp(secrets.token_bytes(32)))  # another hash

    def test_a_broken_answer_is_not_passed_on(self):
        def flipped(question):
            status, answer = self.tsa.stamp(question)
            return status, answer[:-5] + bytes([answer[-5] ^ 1]) + answer[-4:]
        for answers in (flipped, lambda _: (200, b""), lambda _: (200, b"x" * 70_000),
                        lambda _: (200, bytes.fromhex("30053003020102")), lambda _: (500, b""),
                        lambda _: (302, b"")):
            self.tsa.answers = answers
            self.assert_unavailable(self.stamp(secrets.token_bytes(32)))


class Notified(Doors):
    """response_uri: told when it is done, whatever came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = Receiver(cls.world.appliance.base, plain=True)
        cls.addClassCleanup(cls.receiver.close)
        cls.world.appliance.admin("client", "set", cls.world.values["client_v2"],
                                  f"webhook.url={cls.receiver.url}/hook", "webhook.plain_http=on",
                                  "webhook.private_addresses=on")

    def asks(self, hashes):
        door = V2Deferred(self)
        sad = door.authorize(V2, hashes).json["SAD"]
        got = door.sign(V2, sad, hashes, operationMode="A",
                        response_uri=f"{self.receiver.url}/done")
        self.assertEqual(got.status, 200, got.text)
        return got.json["responseID"]

    def told_of(self, response):
        def look():
            return [one for one in self.receiver.told if one.json["responseID"] == response]
        (told,) = wait_until(look, "a webhook")
        return told

    def polls(self, response):
        return V2Deferred(self).call(V2 + "signatures/signPolling", {"requestID": response})

    def test_is_told_of_the_signature_by_a_signed_webhook(self):
        hashes = digests(1)
        response = self.asks(hashes)
        self.assertEqual(self.polls(response).status, 202)
        self.world.approve("an")
        told = self.told_of(response)

        self.assertEqual((told.path, told.json),
                         ("/done", {"responseID": response, "state": "signed"}))
        keys = self.world.client.send("api.localhost", "GET", "/oauth2/jwks").json["keys"]
        protected = verify_detached(told.headers["X-JWS-Signature"], told.body, keys)
        self.assertEqual((protected["event"], protected["aud"]),
                         ("csc.signHash", self.world.values["client_v2"]))
        self.assert_verifies(self.signatures_of(self.polls(response))[0], hashes[0])

    def test_is_told_of_a_rejection(self):
        response = self.asks(digests(1))
        (item,) = self.waiting()
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

        self.assertEqual(self.told_of(response).json, {
            "responseID": response, "state": "rejected", "error": REJECTED[0],
            "error_description": REJECTED[1]})
        self.assert_refused(self.polls(response), REJECTED[1], REJECTED[0])

    def test_is_told_after_a_restart(self):
        hashes = digests(1)
        response = self.asks(hashes)
        self.world.restart()
        self.waiting()
        self.world.approve("an")

        self.assertEqual(self.told_of(response).json["state"], "signed")

    def test_the_same_hash_for_another_address_is_told_why(self):
        hashes = digests(1)
        response = self.asks(hashes)
        self.assertEqual(self.asks(hashes), response)
        door = V2Deferred(self)
        sad = door.authorize(V2, hashes).json["SAD"]

        other = door.sign(V2, sad, hashes, operationMode="A",
                          response_uri=f"{self.receiver.url}/other")

        self.assert_refused(other, "Another asynchronous request for this hash is under way")
        self.world.approve("an")
        self.told_of(response)

    def test_only_where_the_client_may_be_told(self):
        door = V2Deferred(self)
        hashes = digests(1)
        sad = door.authorize(V2, hashes).json["SAD"]
        for uri in ("https://elsewhere.example/done", "ftp://127.0.0.1/", "x"):
            self.assert_refused(door.sign(V2, sad, hashes, operationMode="A", response_uri=uri),
                                "Invalid parameter response_uri")
        self.world.approve("an")


class Documents(DocumentPortal):
    KEYS = {"credential_a": ("an", "p256"), "credential_rsa": ("an-rsa", "rsa2048")}

    def test_detached_and_attached(self):
        documents = [secrets.token_bytes(3000), "Hợp đồng số 1".encode()]
        sad = self.approved_for(documents)

        got = self.sign_doc(sad, documents=[
            self.document(documents[1], signed_envelope_property="Detached"),
            self.document(documents[0])])

        self.assertEqual(got.status, 200, got.text)
        (detached,) = got.json["SignatureObject"]
        (attached,) = got.json["DocumentWithSignature"]
        self.verify(base64.b64decode(detached), documents[1])
        self.assertEqual(self.verify(base64.b64decode(attached)), documents[0])

    def test_from_digests_asynchronously(self):
        documents = [secrets.token_bytes(100), secrets.token_bytes(100)]
        sad = self.approved_for(documents)
        got = self.sign_doc(sad, operationMode="A", documentDigests=[{
            "hashes": [b64(hashlib.sha256(one).digest()) for one in documents],
            "hashAlgorithmOID": SHA256, "signature_format": "C", "signAlgo": ECDSA_SHA256}])
        self.assertEqual(got.status, 200, got.text)

        done = Asynchronous.polls(self, got.json["responseID"])

        for cms, content in zip(done.json["SignatureObject"], documents, strict=True):
            self.verify(base64.b64decode(cms), content)

    def test_the_same_request_joins_though_its_attributes_hold_the_time(self):
        document = secrets.token_bytes(10)
        hashes = [hashlib.sha256(document).digest()]
        first = self.asks_v2(hashes, hashType="SDR")
        time.sleep(1.1)  # another signing-time
        self.assertEqual(self.asks_v2(hashes, hashType="SDR"), first)
        self.assertNotEqual(self.asks_v2(hashes), first)
        self.world.approve("an")

    def test_a_document_hash_is_not_signed_as_it_stands(self):
        document = secrets.token_bytes(10)
        digest = hashlib.sha256(document).digest()
        sad = self.approved_for([document])
        self.assert_refused(self.signs(sad, [digest]), "Hash is not authorized by the SAD.")
        self.assert_refused(self.sign_doc(sad, documents=[self.document(b"another")]),
                            "Document or documentDigest does not match authorized hash",
                            "invalid_hash", 403)

    # ---- PAdES: the portal has prepared the PDF

    def test_pdf_gets_its_signature_in_its_place(self):
        pdf = pdf_for_a_signature()
        sad = self.approved_pdf(pdf)

        got = self.sign_doc(sad, documents=[self.document(pdf, signature_format="P")])

        self.assertEqual(got.status, 200, got.text)
        (signed,) = (base64.b64decode(one) for one in got.json["DocumentWithSignature"])
        cms, content = pdf_parts_of(signed)
        self.assertEqual(len(signed), len(pdf))
        self.assertEqual(content, self.covered(pdf))
        self.verify(cms, content)
        printed = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=cms,
                                 capture_output=True).stdout
        self.assertNotIn(b"signingTime", printed)
        self.assertIn(b"1.2.840.113549.1.9.52", printed)

    def test_pdf_digest_gets_the_same_signature(self):
        pdf = pdf_for_a_signature()
        sad = self.approved_pdf(pdf)
        digest = {"hashes": [b64(hashlib.sha256(self.covered(pdf)).digest())],
                  "hashAlgorithmOID": SHA256, "signature_format": "P", "signAlgo": ECDSA_SHA256}

        got = self.sign_doc(sad, documentDigests=[digest])

        self.assertEqual(got.status, 200, got.text)
        (cms,) = (base64.b64decode(one) for one in got.json["SignatureObject"])
        self.verify(cms, self.covered(pdf))
        self.assert_refused(
            self.sign_doc(sad, documentDigests=[{**digest, "signature_format": "C"}]),
            "documentDigests or documents are not authorized by the SAD")

    def test_pdf_without_room_for_its_signature(self):
        pdf = pdf_for_a_signature(room=100)
        sad = self.approved_pdf(pdf)

        got = self.sign_doc(sad, documents=[self.document(pdf, signature_format="P")])

        self.assertEqual(got.status, 400, got.text)
        self.assertIn("keeps 100 bytes", got.json["error_description"])

    def test_pdf_and_other_documents_of_one_hash_do_not_join(self):
        hashes = digests(1)
        self.assertNotEqual(self.asks_v2(hashes, hashType="SDR", signature_format="P"),
                            self.asks_v2(hashes, hashType="SDR"))
        self.world.approve("an")

    def test_digests_without_a_format_are_signed_as_they_stand(self):
        hashes = digests(2)
        sad = self.approved(hashes)
        got = self.sign_doc(sad, documentDigests=[{
            "hashes": [b64(h) for h in hashes], "hashAlgorithmOID": SHA256,
            "signAlgo": ECDSA_SHA256}])
        self.assertEqual(got.status, 200, got.text)
        for signature, digest in zip(got.json["SignatureObject"], hashes, strict=True):
            self.assert_verifies(base64.b64decode(signature), digest)


if __name__ == "__main__":
    unittest.main(verbosity=2)
