#!/usr/bin/env python3
"""CSC v1 and v2 from asking to signature, as a portal and a phone see it."""

import base64
import concurrent.futures
import hashlib
import secrets
import sqlite3
import subprocess
import time
import unittest

from appliance import answer, wait_until
from cases import ECDSA_SHA256, ECDSA_SHA384, RSA, RSA_PSS, RSA_SHA256, SHA256, SHA384, SHA512
from client import post_once
from world import PSS_SHA256, World, b64

HOLD_S = 25
PSS_OPTIONS = ("digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:32")


def digests(count, algorithm="sha256"):
    return [hashlib.new(algorithm, secrets.token_bytes(32)).digest() for _ in range(count)]


class Portal(unittest.TestCase):
    """What each of the tests here asks and expects."""

    TIMES = f"hold_seconds = {HOLD_S}"
    KEYS = {"credential_a": ("an", "p256")}

    @classmethod
    def setUpClass(cls):
        cls.world = World(cls.TIMES)
        cls.addClassCleanup(cls.world.remove)
        values = cls.world.values
        cls.world.owner = {}
        for name in {signer.partition("-")[0] for signer, _ in cls.KEYS.values()}:
            cls.world.add_signer(name)
        for credential, (phone, key) in cls.KEYS.items():
            signer = phone.partition("-")[0]
            values[credential], _ = cls.world.enrol(signer, phone, key)
            cls.world.owner[credential] = phone
        values["client_a"], values["secret_a"] = cls.world.add_client("Portal", "--all-signers")
        values["token_a"] = cls.world.token(values["client_a"], values["secret_a"])
        cls.pool = concurrent.futures.ThreadPoolExecutor(8)
        cls.addClassCleanup(cls.pool.shutdown)

    def call(self, path, body):
        return self.world.call(path, body)

    def asks_v1(self, hashes, credential="credential_a", **more):
        """A held authorize, in a thread and on a connection of its own."""
        body = {"credentialID": self.world.values[credential], "numSignatures": len(hashes),
                "hash": [b64(one) for one in hashes], **more}
        return self.pool.submit(post_once, self.world.appliance, "/csc/v1/credentials/authorize",
                                body, self.world.values["token_a"])

    def asks_v2(self, hashes, credential="credential_a", algorithm=SHA256, **more):
        got = self.call("/csc/v2/credentials/authorize", {
            "credentialID": self.world.values[credential], "numSignatures": len(hashes),
            "hashes": [b64(one) for one in hashes], "hashAlgorithmOID": algorithm, **more})
        self.assertEqual(got.status, 202, got.text)
        return got.json["handle"]

    def check(self, handle):
        return self.call("/csc/v2/credentials/authorizeCheck", {"handle": handle})

    def approved(self, hashes, credential="credential_a", algorithm=SHA256, **more):
        """The SAD."""
        handle = self.asks_v2(hashes, credential, algorithm, **more)
        self.world.approve(self.world.owner[credential])
        return self.check(handle).json["SAD"]

    def waiting(self, phone="an"):
        return wait_until(lambda: self.world.pending(phone), "something that waits")

    def signs(self, sad, hashes, credential="credential_a", algorithm=ECDSA_SHA256, **more):
        return self.call("/csc/v2/signatures/signHash", {
            "credentialID": self.world.values[credential], "SAD": sad,
            "hashes": [b64(one) for one in hashes], "signAlgo": algorithm, **more})

    def assert_refused(self, got, description, error="invalid_request", status=400):
        self.assertEqual((got.status, got.json), (status, {"error": error,
                                                           "error_description": description}))

    def signatures_of(self, got):
        self.assertEqual(got.status, 200, got.text)
        return [base64.b64decode(one) for one in got.json["signatures"]]

    def assert_verifies(self, signature, digest, credential="credential_a", options=()):
        """By OpenSSL, under the certificate that credentials/info gives."""
        got = self.call("/csc/v1/credentials/info",
                        {"credentialID": self.world.values[credential]})
        base = self.world.appliance.base
        certificate = base64.b64decode(got.json["cert"]["certificates"][0])
        (base / "certificate.der").write_bytes(certificate)
        (base / "signature").write_bytes(signature)
        (base / "digest").write_bytes(digest)
        key = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", base / "certificate.der",
                              "-pubkey", "-noout"], capture_output=True, check=True).stdout
        (base / "key.pem").write_bytes(key)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", base / "key.pem", "-in",
             base / "digest", "-sigfile", base / "signature",
             *(part for option in options for part in ("-pkeyopt", option))],
            capture_output=True, text=True)
        self.assertIn("Verified Successfully", done.stdout, done.stderr)

    def count_signatures(self):
        with sqlite3.connect(self.world.appliance.data / "kyso.db", timeout=30) as database:
            (count,) = database.execute(
                "SELECT COUNT(*) FROM occurrences WHERE state = 'signed'").fetchone()
        database.close()
        return count


class HeldAuthorize(Portal):
    def test_is_answered_when_the_phone_approves(self):
        (digest,) = digests(1)
        asked = self.asks_v1([digest], description="Ký hợp đồng")
        (item,) = self.waiting()
        self.assertFalse(asked.done())

        self.world.approve("an")
        got = asked.result(HOLD_S)

        self.assertEqual(got.status, 200, got.text)
        self.assertEqual(set(got.json), {"SAD", "expiresIn"})
        self.assertTrue(3600 < got.json["expiresIn"] <= 4200, got.json)
        signed = self.call("/csc/v1/signatures/signHash", {
            "credentialID": self.world.values["credential_a"], "SAD": got.json["SAD"],
            "hash": [b64(digest)], "signAlgo": ECDSA_SHA256, "hashAlgo": SHA256})
        self.assert_verifies(self.signatures_of(signed)[0], digest)

    def test_is_answered_when_the_phone_rejects(self):
        asked = self.asks_v1(digests(1))
        (item,) = self.waiting()

        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

        self.assert_refused(asked.result(HOLD_S), "The signer rejected the request",
                            "access_denied")

    def test_is_answered_when_the_phone_says_not_mine(self):
        asked = self.asks_v1(digests(1))
        (item,) = self.waiting()

        answer("kyso-phone", "not-mine", "--store", self.world.phone("an"), item["id"])
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")

        self.assert_refused(asked.result(HOLD_S), "The signer did not start this request",
                            "access_denied")
        frozen = self.asks_v1(digests(1)).result(HOLD_S)
        self.assert_refused(frozen, "Credential locked")
        self.assertEqual(self.world.appliance.admin("signer", "list")["signers"][0]["status"],
                         "frozen")

    def test_a_client_asks_one_thing_at_a_time_and_leaves_a_signer_alone_who_rejects(self):
        client, secret = self.world.add_client("Patient", "--all-signers")
        self.world.values["token_patient"] = self.world.token(client, secret)
        self.world.appliance.admin("client", "set", client, "limit.open_requests=1",
                                   "limit.cool_down_seconds=30")

        def asks(hashes):
            return self.world.call("/csc/v2/credentials/authorize", {
                "credentialID": self.world.values["credential_a"], "numSignatures": 1,
                "hashes": [b64(hashes[0])], "hashAlgorithmOID": SHA256}, "token_patient")
        hashes = digests(1)
        self.assertEqual(asks(hashes).status, 202)
        self.assertEqual(asks(hashes).status, 202)
        waits = asks(digests(1))
        self.assertEqual((waits.status, waits.headers["Retry-After"]), (429, "10"))
        self.assertEqual(waits.json, {
            "error": "temporarily_unavailable",
            "error_description": "another request of this client waits for the signer"})
        (item,) = self.waiting()
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

        rests = asks(digests(1))

        self.assertEqual(rests.status, 429)
        self.assertEqual(rests.json["error_description"],
                         "the signer has just rejected a request of this client")
        self.assertTrue(20 <= int(rests.headers["Retry-After"]) <= 30)

    def test_the_same_request_joins_and_another_does_not(self):
        hashes = digests(2)
        first = self.asks_v1(hashes)
        self.waiting()
        again = self.asks_v1(hashes)
        swapped = self.asks_v1(hashes[::-1])
        wait_until(lambda: len(self.world.pending("an")) == 2, "both requests")
        self.assertFalse(first.done() or again.done() or swapped.done())

        self.world.approve("an")

        sads = [asked.result(HOLD_S).json["SAD"] for asked in (first, again, swapped)]
        self.assertEqual(sads[0], sads[1])
        self.assertNotEqual(sads[0], sads[2])

    def test_many_are_held_without_a_thread_each(self):
        hashes = digests(1)
        body = {"credentialID": self.world.values["credential_a"], "numSignatures": 1,
                "hash": [b64(hashes[0])]}
        with concurrent.futures.ThreadPoolExecutor(60) as pool:
            asked = [pool.submit(post_once, self.world.appliance,
                                 "/csc/v1/credentials/authorize", body,
                                 self.world.values["token_a"]) for _ in range(60)]
            self.waiting()
            self.assertEqual(self.call("/csc/v1/info", {}).status, 200)
            self.world.approve("an")
            statuses = {one.result(HOLD_S).status for one in asked}
        self.assertEqual(statuses, {200})


class Signing(Portal):
    KEYS = {"credential_a": ("an", "p256"), "credential_rsa": ("an-rsa", "rsa2048"),
            "credential_p384": ("an-p384", "p384")}

    def test_polls_until_the_phone_answers(self):
        hashes = digests(1)
        handle = self.asks_v2(hashes, authData=[{"id": "mobile"}])
        self.assertEqual((self.check(handle).status, self.check(handle).json),
                         (202, {"handle": handle}))

        self.world.approve("an")

        got = self.check(handle)
        self.assertEqual(got.status, 200)
        self.assert_verifies(self.signatures_of(self.signs(got.json["SAD"], hashes))[0], hashes[0])

    def test_the_phone_sees_whose_request_it_is_and_what_for(self):
        handle = self.asks_v2(digests(2), description="Ký học bạ", documents=[
            {"document_id": "1", "document_name": "học bạ 1.pdf"}, {"document_id": "2"}])
        (item,) = self.waiting()
        self.assertEqual(item["requester"], "Portal")
        self.assertEqual(item["purpose_text"], "Ký học bạ")
        self.assertEqual([document["label"] for document in item["documents"]],
                         ["học bạ 1.pdf", ""])
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])
        self.assert_refused(self.check(handle), "The signer rejected the request", "access_denied")

    def test_signatures_are_in_request_order(self):
        hashes = digests(5)
        sad = self.approved(hashes)
        wanted = [hashes[i] for i in (4, 0, 3)]

        made = self.signatures_of(self.signs(sad, wanted))

        for signature, digest in zip(made, wanted, strict=True):
            self.assert_verifies(signature, digest)

    def test_a_sad_serves_several_calls_until_its_budget_is_spent(self):
        hashes = digests(3)
        sad = self.approved(hashes)
        for digest in hashes:
            self.assert_verifies(self.signatures_of(self.signs(sad, [digest]))[0], digest)

        self.assert_refused(self.signs(sad, digests(1)), "Hash is not authorized by the SAD.")

    def test_a_hash_twice_in_a_request_needs_two_occurrences(self):
        once, twice = digests(2)
        sad = self.approved([once, twice, twice])
        before = self.count_signatures()
        refusal = "Hash is not authorized by the SAD."
        self.assert_refused(self.signs(sad, [once, once]), refusal)
        self.assert_refused(self.signs(sad, [twice, twice, twice]), refusal)
        self.assertEqual(self.count_signatures(), before)

        made = self.signatures_of(self.signs(sad, [twice, twice]))

        self.assertEqual(self.count_signatures(), before + 2)
        for signature in made:
            self.assert_verifies(signature, twice)

    def test_replay_of_a_spent_hash_answers_the_identical_signature(self):
        hashes = digests(2)
        sad = self.approved(hashes)
        made = self.signatures_of(self.signs(sad, hashes))
        count = self.count_signatures()

        self.assertEqual(self.signatures_of(self.signs(sad, hashes)), made)
        self.assertEqual(self.signatures_of(self.signs(sad, hashes[::-1])), made[::-1])
        self.assertEqual(self.count_signatures(), count)
        self.assert_refused(self.signs(sad, [hashes[0], hashes[0]]),
                            "Hash is not authorized by the SAD.")

    def test_many_calls_at_once_make_one_signature_for_each_hash(self):
        hashes = digests(4)
        sad = self.approved(hashes)
        count = self.count_signatures()
        body = {"credentialID": self.world.values["credential_a"], "SAD": sad,
                "hashes": [b64(one) for one in hashes], "signAlgo": ECDSA_SHA256}

        def until_signed():
            while True:
                got = post_once(self.world.appliance, "/csc/v2/signatures/signHash", body,
                                self.world.values["token_a"])
                if got.status != 429:
                    return got
                self.assertTrue(got.headers["Retry-After"])

        made = [self.signatures_of(one.result(60))
                for one in [self.pool.submit(until_signed) for _ in range(8)]]

        self.assertEqual(made, [made[0]] * 8)
        self.assertEqual(self.count_signatures(), count + len(hashes))

    def test_labels_are_counted_in_characters(self):
        hashes = digests(1)
        self.asks_v2(hashes, documents=[{"document_name": "đ" * 255}], description="ệ" * 500,
                     clientData="đ" * 4096)
        (item,) = self.waiting()
        self.assertEqual([one["label"] for one in item["documents"]], ["đ" * 255])
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def test_more_hashes_than_authorised_are_refused_and_none_is_signed(self):
        hashes = digests(2)
        sad = self.approved(hashes)
        before = self.count_signatures()

        self.assert_refused(self.signs(sad, hashes + digests(1)),
                            "Hash is not authorized by the SAD.")

        self.assertEqual(self.count_signatures(), before)

    def test_two_hundred_in_one_approval(self):
        hashes = digests(200)
        made = self.signatures_of(self.signs(self.approved(hashes), hashes))

        self.assertEqual(len(set(made)), 200)
        for i in (0, 100, 199):
            self.assert_verifies(made[i], hashes[i])

    def test_rsa_by_each_of_its_names(self):
        for algorithm, more in ((RSA_SHA256, {}), (RSA, {"hashAlgorithmOID": SHA256}),
                                (RSA_SHA256, {"hashAlgorithmOID": SHA256})):
            hashes = digests(1)
            sad = self.approved(hashes, "credential_rsa")
            made = self.signatures_of(
                self.signs(sad, hashes, "credential_rsa", algorithm, **more))
            self.assert_verifies(made[0], hashes[0], "credential_rsa", ("digest:sha256",))

    def test_rsa_with_sha512(self):
        hashes = digests(1, "sha512")
        sad = self.approved(hashes, "credential_rsa", SHA512)

        made = self.signatures_of(
            self.signs(sad, hashes, "credential_rsa", RSA, hashAlgorithmOID=SHA512))

        self.assert_verifies(made[0], hashes[0], "credential_rsa", ("digest:sha512",))

    def test_pss(self):
        hashes = digests(1)
        pss = {"signAlgoParams": PSS_SHA256}
        sad = self.approved(hashes, "credential_rsa", signAlgo=RSA_PSS, **pss)

        made = self.signatures_of(self.signs(sad, hashes, "credential_rsa", RSA_PSS, **pss))

        self.assert_verifies(made[0], hashes[0], "credential_rsa", PSS_OPTIONS)

    def test_p384(self):
        hashes = digests(1, "sha384")
        sad = self.approved(hashes, "credential_p384", SHA384)

        made = self.signatures_of(self.signs(sad, hashes, "credential_p384", ECDSA_SHA384))

        self.assert_verifies(made[0], hashes[0], "credential_p384")

    def test_another_algorithm_than_approved_is_refused(self):
        hashes = digests(1)
        sad = self.approved(hashes, "credential_rsa")
        count = self.count_signatures()

        self.assert_refused(
            self.signs(sad, hashes, "credential_rsa", RSA_PSS, signAlgoParams=PSS_SHA256),
            "Invalid parameter signAlgo")
        self.assert_refused(self.signs(sad, hashes, "credential_rsa", ECDSA_SHA256),
                            "Invalid parameter signAlgo")
        self.assertEqual(self.count_signatures(), count)

    def pages(self, version, **more):
        """A list in pages of one: its ids, none of them twice, and each page full."""
        found, token = [], None
        while token or not found:
            page = self.call(f"/csc/v{version}/credentials/list",
                             {"userID": "an", "maxResults": 1, "pageToken": token, **more}).json
            self.assertEqual(len(page["credentialIDs"]), 1, page)
            if more.get("credentialInfo"):
                self.assertEqual([info["credentialID"] for info in page["credentialInfos"]],
                                 page["credentialIDs"])
            found += page["credentialIDs"]
            token = page.get("nextPageToken")
            self.assertEqual(len(set(found)), len(found), page)
        return found

    def test_pages_through_a_list(self):
        whole = self.call("/csc/v1/credentials/list", {"userID": "an"}).json["credentialIDs"]
        self.assertEqual(len(whole), 3)

        self.assertEqual(self.pages(1), whole)
        self.assertEqual(self.pages(2), whole)
        self.assertEqual(self.pages(2, credentialInfo=True), whole)

    def test_pages_through_those_that_are_valid(self):
        whole = self.pages(2)
        for disabled in whole:
            self.world.change("UPDATE credentials SET status = 'disabled' WHERE id = ?", disabled)

            def valid():
                return self.call("/csc/v2/credentials/list", {
                    "userID": "an", "onlyValid": True}).json["credentialIDs"]
            left = [one for one in whole if one != disabled]
            try:
                wait_until(lambda: valid() == left, "the server to see its database change")
                self.assertEqual(self.pages(2, onlyValid=True), left)
                self.assertEqual(self.pages(2), whole)
            finally:
                self.world.change("UPDATE credentials SET status = 'enabled' WHERE id = ?",
                                  disabled)
                wait_until(lambda: valid() == whole, "the server to see its database change")

    def test_the_service_names_each_of_its_methods_once(self):
        for version in (1, 2):
            methods = self.call(f"/csc/v{version}/info", {}).json["methods"]
            self.assertIn("credentials/list", methods)
            self.assertEqual(sorted(methods), sorted(set(methods)))

    def test_info_has_the_types_that_clients_read(self):
        for version in (1, 2):
            got = self.call(f"/csc/v{version}/credentials/info", {
                "credentialID": self.world.values["credential_a"], "certificates": "chain",
                "certInfo": True, "authInfo": True}).json
            self.assertEqual(got["key"], {"status": "enabled", "algo": [ECDSA_SHA256], "len": 256,
                                          "curve": "1.2.840.10045.3.1.7"})
            self.assertEqual(got["cert"]["status"], "valid")
            self.assertEqual(len(got["cert"]["certificates"]), 2)
            for name in ("validFrom", "validTo"):
                self.assertRegex(got["cert"][name], r"^\d{14}Z$")
            self.assertRegex(got["cert"]["serialNumber"], r"^[0-9A-F]+$")
            self.assertEqual(got["cert"]["subjectDN"], "CN=Signer an,serialNumber=an,C=VN")
            self.assertEqual((got["SCAL"], got["multisign"]), ("2", 1024))
            if version == 1:
                self.assertEqual(got["authMode"], "implicit")
                self.assertEqual((got["PIN"], got["OTP"]),
                                 ({"presence": "false"}, {"presence": "false"}))
            else:
                self.assertEqual(got["auth"]["mode"], "explicit")
                self.assertEqual(got["auth"]["objects"][0]["type"], "ChallengeResponseOOB")
        plain = self.call("/csc/v2/credentials/info",
                          {"credentialID": self.world.values["credential_a"]}).json
        self.assertEqual(set(plain["cert"]), {"status", "certificates"})
        self.assertIsNone(plain["auth"]["objects"])


class TimeRunsOut(Portal):
    TIMES = "hold_seconds = 2\nanswer_seconds = 10\nsign_seconds = 10"

    def test_a_held_request_ends_by_itself_joins_and_expires(self):
        hashes = digests(1)
        begun = time.monotonic()
        first = self.asks_v1(hashes).result(30)
        self.assertLess(time.monotonic() - begun, 9)
        self.assert_refused(first,
                            "The signer has not answered yet; ask again with the same hashes",
                            "access_denied")
        handle = self.asks_v2(hashes)
        self.assertEqual(len(self.waiting()), 1)  # all of them the same request

        def ended():
            got = self.check(handle)
            return got if got.status != 202 else None
        got = wait_until(ended, "the end of the answer's time")
        self.assert_refused(got, "The request expired before the signer answered",
                            "access_denied")
        self.assertEqual(self.world.pending("an"), [])

    def test_a_sad_expires(self):
        hashes = digests(1)
        handle = self.asks_v2(hashes)
        self.world.approve("an")
        sad = self.check(handle).json["SAD"]

        def ended():
            got = self.signs(sad, digests(1))
            return got if got.json["error_description"] == "SAD expired" else None
        got = wait_until(ended, "the end of the SAD")
        self.assert_refused(got, "SAD expired")
        self.assert_refused(self.signs(sad, hashes), "SAD expired")
        # The signer did answer: it is the portal that came late.
        self.assert_refused(self.check(handle), "SAD expired")


class Restart(Portal):
    def test_asks_the_signer_again_when_the_module_lost_the_approval(self):
        hashes = digests(1)
        sad = self.approved(hashes)
        self.world.restart()

        self.assert_refused(self.signs(sad, hashes), "asked again")
        (item,) = self.waiting()
        self.assertEqual(item["reason"], "asked again")
        asked = self.asks_v1(hashes)
        self.world.approve("an")

        self.assertEqual(asked.result(HOLD_S).json["SAD"], sad)
        self.assert_verifies(self.signatures_of(self.signs(sad, hashes))[0], hashes[0])

    def test_a_held_request_is_answered_when_the_server_stops(self):
        asked = self.asks_v1(digests(1))
        (item,) = self.waiting()

        self.world.restart()

        got = asked.result(HOLD_S)
        self.assert_refused(got, "the service is restarting: ask again",
                            "temporarily_unavailable", 503)
        self.assertTrue(got.headers["Retry-After"])
        answer("kyso-phone", "reject", "--store", self.world.phone("an"),
               self.waiting()[0]["id"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
