#!/usr/bin/env python3
"""RSSP v2 as a relying party and a phone see it: logging in, one signature, what became of a
request, and faults that other servers had."""

import base64
import contextlib
import hashlib
import http.client
import json
import secrets
import socket
import ssl
import subprocess
import time
import unittest
import urllib.parse

from appliance import BIN, answer, wait_until
from audit_record import assert_record
from client import Answer
from signing import HOLD_S, Portal, digests
from cases import ECDSA_SHA256, ECDSA_SHA384, RSA_PSS, SHA256, SHA384
from world import PSS_SHA256, b64

DONE, BAD_LOGIN, BLOCKED, NO_ACCOUNT = 0, 3000, 3002, 3003
DEAD, EXPIRED, NOT_READY = 3005, 3036, 3213
INVALID, NOT_ALLOWED, NOT_SUPPORTED, REJECTED, NOT_MINE = 9400, 9401, 9402, 9403, 9404
NOT_ANSWERED, DISABLED, NOT_AUTHORISED, BUSY, UNAVAILABLE = 9405, 9406, 9407, 9429, 9503
ACCOUNT = "079201054321"


def verification_code(hashes):
    total = bytes(len(hashes[0]))
    for one in hashes:
        total = bytes(x ^ y for x, y in zip(total, one))
    digest = hashlib.sha256(total).hexdigest().upper()
    return f"{digest[:4]}-{digest[-4:]}"


def openssl(*arguments, input=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=input, check=True,
                          capture_output=True).stdout


class Connection(http.client.HTTPSConnection):
    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Rssp(Portal):
    """A portal that may use both doors, so that they can be compared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = cls.world.values
        cls.client, cls.secret = values["client_a"], values["secret_a"]
        cls.set("door.rssp=on")
        cls.basic = cls.world.basic(cls.client, cls.secret)
        cls.token = cls.login(cls.basic)["accessToken"]

    @classmethod
    def set(cls, *settings, client=None):
        cls.world.appliance.admin("client", "set", client or cls.client, *settings)

    @classmethod
    def send(cls, method, body, authorization=None, certificate=None):
        """On a connection of its own, with the TLS certificate at the host that asks for one."""
        context = ssl.create_default_context(cafile=cls.world.appliance.tls_ca)
        if certificate:
            context.load_cert_chain(*certificate)
        port = urllib.parse.urlsplit(cls.world.appliance.url).port
        with contextlib.closing(Connection(f"{'mtls' if certificate else 'api'}.localhost", port,
                                           context=context, timeout=90)) as connection:
            headers = {"Content-Type": "application/json",
                       **({"Authorization": authorization} if authorization else {})}
            connection.request("POST", "/rssp/v2/" + method, json.dumps(body), headers)
            return Answer(connection.getresponse())

    @classmethod
    def post(cls, method, body, authorization=None, certificate=None, status=200):
        got = cls.send(method, body, authorization, certificate)
        assert got.status == status, (got.status, got.text)
        assert got.json["responseID"] and "errorDescription" in got.json, got.text
        return got.json

    @classmethod
    def login(cls, authorization, certificate=None, **body):
        return cls.post("auth/login", {
            "relyingParty": "BV", "rpRequestID": "1", "lang": "VN", "profile": "rssp-119.432-v2.0",
            "clientInfo": {"imei": "", "instanceUUID": ""}, **body}, authorization, certificate)

    def rssp(self, method, body, token=None, status=200):
        return self.post(method, body, "Bearer " + (token or self.token), status=status)

    def digests_json(self, hashes, algorithm=SHA256):
        return {"hashes": [b64(one) for one in hashes], "hashAlgorithmOID": algorithm}

    def authorizes(self, hashes, credential="credential_a", algorithm=SHA256, token=None,
                   status=200, **more):
        return self.rssp("credentials/authorize", {
            "credentialID": self.world.values[credential], "numSignatures": len(hashes),
            "documentDigests": self.digests_json(hashes, algorithm), "authorizeCode": "",
            "operationMode": "S", **more}, token, status)

    def begins(self, hashes, **more):
        """A held authorize, in a thread."""
        return self.pool.submit(self.authorizes, hashes, **more)

    def granted(self, hashes, credential="credential_a", **more):
        """The answer of an authorize that the phone approves."""
        begun = self.begins(hashes, credential=credential, **more)
        self.waiting(self.world.owner[credential])
        self.world.approve(self.world.owner[credential])
        got = begun.result(HOLD_S)
        self.assertEqual(got["error"], DONE, got)
        return got

    def rssp_signs(self, sad, hashes, credential="credential_a", sign_algo=ECDSA_SHA256,
                   algorithm=SHA256, token=None, **more):
        return self.rssp("signatures/signHash", {
            "credentialID": self.world.values[credential], "SAD": sad, "signAlgo": sign_algo,
            "documentDigests": self.digests_json(hashes, algorithm), **more}, token)

    def made(self, got):
        self.assertEqual(got["error"], DONE, got)
        return [base64.b64decode(one, validate=True) for one in got["signatures"]]

    def assert_number(self, number, got, description=None):
        self.assertEqual(got["error"], number, got)
        self.assertTrue(got["errorDescription"])
        if description:
            self.assertEqual(got["errorDescription"], description)

    def phone(self, command):
        (item,) = self.waiting()
        answer("kyso-phone", command, "--store", self.world.phone("an"), item["id"])


class Login(Rssp):
    KEYS = {"credential_a": ("an", "p256"), "credential_b": ("binh", "p256")}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.change("UPDATE signers SET account = ? WHERE id = 'an'", ACCOUNT)
        # The server's own commit has its readers see that.
        cls.world.appliance.admin("signer", "unfreeze", "an")

    def user(self, text):
        return ", Basic " + b64(text.encode())

    def test_by_the_clients_secret_and_by_nothing_else(self):
        session = self.login(self.basic)
        self.assertEqual((session["error"], session["refreshToken"], session["errorDescription"]),
                         (DONE, "", "Success"))
        self.assertNotIn("ownerInfo", session)
        for wrong in (self.world.basic("nobody", "x"), "Basic " + b64(self.client.encode()),
                      "Basic !", "Digest x", "SSL2 x", "SSL2", None, "Basic",
                      self.basic + ",", self.basic + ", " + "Bearer x"):
            self.assert_number(BAD_LOGIN, self.login(wrong))
        for change in ({"rememberMeEnabled": "true"}, {"relyingParty": 7}, {"profile": []}):
            self.assert_number(INVALID, self.login(self.basic, **change))

    def test_who_guesses_is_told_when_to_come_back(self):
        client, _ = self.world.add_client("Guessed", "--all-signers")

        def guess():
            got = self.send("auth/login", {}, self.world.basic(client, "guess"))
            return got if got.status == 429 else None
        got = wait_until(guess, "the end of patience")
        self.assertEqual(got.json["error"], BUSY)
        self.assertTrue(int(got.headers["Retry-After"]) > 0)

    def test_the_door_is_closed_until_it_is_opened(self):
        client, secret = self.world.add_client("Closed", "--all-signers")
        basic = self.world.basic(client, secret)
        self.assert_number(NOT_ALLOWED, self.login(basic))
        oauth = self.world.token(client, secret)
        listing = {"agreementUUID": "an"}
        self.assert_number(NOT_ALLOWED, self.rssp("credentials/list", listing, oauth))
        self.set("door.rssp=on", client=client)
        token = self.login(basic)["accessToken"]
        for one in (token, oauth):
            self.assertEqual(self.rssp("credentials/list", listing, one)["error"], DONE)
        self.set("door.rssp=off", client=client)
        self.assert_number(NOT_ALLOWED, self.rssp("credentials/list", listing, token))

    def test_whose_tokens_are_bound_to_a_key_gets_none_that_is_not(self):
        client, secret = self.world.add_client("Bound", "--all-signers")
        self.set("door.rssp=on", "oauth.dpop=required", client=client)
        self.assert_number(NOT_ALLOWED, self.login(self.world.basic(client, secret)))

    def test_sessions_are_refreshed_and_end(self):
        session = self.login(self.basic, rememberMeEnabled=True)
        again = self.login("Bearer " + session["refreshToken"])
        self.assertEqual(again["error"], DONE, again)
        self.assertNotEqual(again["refreshToken"], session["refreshToken"])
        listing = {"agreementUUID": "an"}
        self.assertEqual(self.rssp("auth/revoke", {}, again["accessToken"])["error"], DONE)
        self.assert_number(DEAD, self.rssp("credentials/list", listing, again["accessToken"]))
        self.assert_number(DEAD, self.rssp("credentials/list", listing, "nonsense"))
        self.assert_number(DEAD, self.post("credentials/list", listing))
        self.assert_number(DEAD, self.login("Bearer nonsense"))
        self.assertEqual(self.rssp("auth/revoke", {"refreshToken": again["refreshToken"]})["error"],
                         DONE)
        self.assert_number(DEAD, self.login("Bearer " + again["refreshToken"]))
        self.assert_number(INVALID, self.rssp("auth/revoke", {"token": "nonsense"}))

    def test_a_session_is_renewed_where_it_began_and_as_long_as_its_secret_is_one(self):
        client, secret = self.world.add_client("Renewed", "--all-signers")
        self.set("door.rssp=on", client=client)
        basic = self.world.basic(client, secret)
        code, _ = self.world.add_grant("rssp", client)
        oauth = self.world.post_form("/oauth2/token", {"grant_type": "authorization_code",
                                                       "code": code}, basic)["refresh_token"]
        csc = self.world.log_in(basic, rememberMe=True).json["refresh_token"]
        for other in (oauth, csc):
            self.assert_number(DEAD, self.login("Bearer " + other))
        self.world.post_form("/oauth2/token", {"grant_type": "refresh_token",
                                               "refresh_token": oauth}, basic)  # not burnt
        token = self.login(basic + self.user("USERNAME:an:"), rememberMeEnabled=True)["refreshToken"]
        for off, on, number in (("door.rssp=off", "door.rssp=on", NOT_ALLOWED),
                                ("oauth.dpop=required", "oauth.dpop=allowed", DEAD)):
            self.set(off, client=client)
            self.assert_number(number, self.login("Bearer " + token))
            self.set(on, client=client)
        session = self.login("Bearer " + token)
        self.assertEqual(session["error"], DONE, session)

        self.world.appliance.admin("client", "rotate", client)

        self.assert_number(DEAD, self.login("Bearer " + session["refreshToken"]))

    def test_every_type_of_user(self):
        for kind in ("USERNAME", "UUID", "PERSONAL-ID", "PASSPORT-ID", "CITIZEN-IDENTITY-CARD",
                     "BUDGET-CODE", "TAX-CODE"):
            with self.subTest(kind):
                name = "an" if kind in ("USERNAME", "UUID") else ACCOUNT
                session = self.login(self.basic + self.user(f"{kind}:{name}:"))
                self.assertEqual(session["error"], DONE, session)
                self.assertEqual(session["ownerInfo"]["fullName"], "an")
                token = session["accessToken"]
                (cert,) = self.rssp("credentials/list", {}, token)["certs"]
                self.assertEqual(cert["credentialID"], self.world.values["credential_a"])
                self.assert_number(INVALID, self.rssp(
                    "credentials/info", {"credentialID": self.world.values["credential_b"]}, token))
                self.assert_number(INVALID, self.rssp("credentials/list",
                                                      {"agreementUUID": "binh"}, token))
        for text, number in (("USERNAME:nobody:", NO_ACCOUNT), ("TAX-CODE:nobody:", NO_ACCOUNT),
                             (f"USERNAME:{ACCOUNT}:", NO_ACCOUNT), ("SHOE-SIZE:43:", BAD_LOGIN),
                             ("USERNAME:an:password", BAD_LOGIN), ("USERNAME:an", BAD_LOGIN),
                             ("an", BAD_LOGIN), ("", BAD_LOGIN)):
            with self.subTest(text):
                self.assert_number(number, self.login(self.basic + self.user(text)))
        few, secret = self.world.add_client("Few", "--signer", "binh")
        self.set("door.rssp=on", client=few)
        self.assert_number(NO_ACCOUNT, self.login(self.world.basic(few, secret) +
                                                  self.user("USERNAME:an:")))
        self.world.appliance.admin("signer", "freeze", "binh")
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "binh")
        self.assert_number(BLOCKED, self.login(self.basic + self.user("USERNAME:binh:")))

    def ssl2(self, key, *, time_ms=None, signature="RPS", secret=None):
        user, password = self.client, secret or self.secret
        when = str(time_ms if time_ms is not None else int(time.time() * 1000))
        pkcs1 = openssl("dgst", "-sha1", "-sign", key,
                        input=(user + password + signature + when).encode())
        return "SSL2 " + b64(f"{user}:{password}:{signature}:{when}:{b64(pkcs1)}".encode())

    def test_ssl2_only_where_it_is_switched_on_and_beside_a_tls_certificate(self):
        base = self.world.appliance.base
        key, other, tls_key, tls_cert = (base / name for name in
                                         ("rp.key", "rp2.key", "tls.key", "tls.crt"))
        for one in (key, other):
            openssl("genrsa", "-out", one, "2048")

        def certificate(cert):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", tls_key, "-out", cert, "-subj", "/CN=portal", "-days", "3")
            return hashlib.sha256(openssl("x509", "-in", cert, "-outform", "DER")).hexdigest()
        strange = certificate(tls_cert)
        known = certificate(tls_cert)
        self.assertNotEqual(strange, known)
        mine = (tls_cert, tls_key)
        spki = b64(openssl("pkey", "-in", key, "-pubout", "-outform", "DER"))
        self.addCleanup(self.set, "rssp.ssl2=off", "oauth.certificate_sha256=")

        self.set(f"oauth.certificate_sha256={known}", "rssp.signature=RPS",
                 f"rssp.public_key={spki}")
        self.assert_number(NOT_ALLOWED, self.login(self.ssl2(key), mine),
                           "SSL2 is not switched on for this client")
        self.set("rssp.ssl2=on")
        self.assert_number(NOT_ALLOWED, self.login(self.ssl2(key)),
                           "SSL2 needs the client's TLS certificate beside it")
        self.set(f"oauth.certificate_sha256={strange}")
        self.assert_number(NOT_ALLOWED, self.login(self.ssl2(key), mine))
        self.set(f"oauth.certificate_sha256={known}")

        header = self.ssl2(key)
        session = self.login(header + self.user(f"CITIZEN-IDENTITY-CARD:{ACCOUNT}:"), mine,
                             rememberMeEnabled=True)

        self.assertEqual(session["error"], DONE, session)
        self.assertEqual(session["refreshToken"], "")  # which would need no certificate
        self.assertEqual(session["ownerInfo"]["fullName"], "an")
        self.assertEqual(len(self.rssp("credentials/list", {}, session["accessToken"])["certs"]), 1)
        now = int(time.time() * 1000)
        for label, wrong in (("again", header), ("another signature",
                                                 self.ssl2(key, signature="RPX")),
                             ("old", self.ssl2(key, time_ms=now - 600_000)),
                             ("of the future", self.ssl2(key, time_ms=now + 600_000)),
                             ("wrong password", self.ssl2(key, secret="wrong")),
                             ("another key", self.ssl2(other))):
            with self.subTest(label):
                self.assert_number(BAD_LOGIN, self.login(wrong, mine),
                                   "the relying party's login is wrong")
        log = "".join(one.read_text() for one in (self.world.appliance.data / "log").iterdir())
        self.assertEqual(log.count(f"client {self.client} logged in by SSL2 (SHA-1)"), 1)


class Signing(Rssp):
    KEYS = {"credential_a": ("an", "p256"), "credential_rsa": ("an-rsa", "rsa2048"),
            "credential_p384": ("an-p384", "p384")}

    def test_one_signature_held_until_the_phone_answers_shown_on_both_screens(self):
        hashes = digests(3)
        begun = self.begins(hashes, tseNotification={
            "notificationMessage": "Có yêu cầu ký", "messageCaption": "Bệnh viện",
            "message": "Hồ sơ bệnh án số 7", "rpName": "Kho bạc", "vcEnabled": True,
            "scaIdentity": "RP/vCSP", "confirmationPolicy": "TAP", "validityPeriod": 300},
            documents=[{"document_name": f"tờ {i}.pdf"} for i in range(3)])
        (item,) = self.waiting()
        self.assertFalse(begun.done())
        self.assertEqual((item["requester"], item["purpose_text"], item["code"]),
                         ("Portal", "Bệnh viện: Hồ sơ bệnh án số 7", verification_code(hashes)))
        self.assertEqual([one["label"] for one in item["documents"]],
                         ["tờ 0.pdf", "tờ 1.pdf", "tờ 2.pdf"])
        on_phone = subprocess.run(
            [BIN / "kyso-phone", "pending", "--store", self.world.phone("an")],
            capture_output=True, text=True, check=True).stdout
        for shown in (verification_code(hashes), "Bệnh viện: Hồ sơ bệnh án số 7"):
            self.assertIn(shown, on_phone)

        self.world.approve("an")
        got = begun.result(HOLD_S)

        self.assertEqual((got["error"], got["verificationCode"]),
                         (DONE, verification_code(hashes)))
        self.assertTrue(3600 < got["expiresIn"] <= 4200, got)
        made = self.made(self.rssp_signs(got["SAD"], hashes))
        for signature, digest in zip(made, hashes, strict=True):
            self.assert_verifies(signature, digest)

    def test_the_audit_record_is_that_of_csc(self):
        hashes = digests(2)
        begun = self.begins(hashes)
        (item,) = self.waiting()
        self.world.approve("an")
        self.made(self.rssp_signs(begun.result(HOLD_S)["SAD"], hashes))
        assert_record(self, self.world.client, item["id"], len(hashes))

    def test_a_flat_notification_and_none(self):
        for more, text in (({"message": "Ký"}, "Ký"), ({"messageCaption": "Ký"}, "Ký"),
                           ({"notificationMessage": "Ký"}, "Ký"), ({"tseNotification": None}, ""),
                           ({"notificationMessage": "x", "tseNotification": {"message": "Ký"}},
                            "Ký")):
            with self.subTest(more):
                begun = self.begins(digests(1), **more)
                (item,) = self.waiting()
                self.assertEqual(item["purpose_text"], text)
                self.phone("reject")
                self.assert_number(REJECTED, begun.result(HOLD_S))

    def test_the_same_request_joins(self):
        hashes = digests(1)
        first = self.begins(hashes)
        self.waiting()
        again = self.begins(hashes)
        self.world.approve("an")
        self.assertEqual(first.result(HOLD_S)["SAD"], again.result(HOLD_S)["SAD"])
        self.assertEqual(self.world.pending("an"), [])

    def test_extend_transaction_gives_another_sad_and_ends_the_old_one(self):
        hashes = digests(2)
        sad = self.granted(hashes)["SAD"]
        body = {"credentialID": self.world.values["credential_a"],
                "documentDigests": self.digests_json(hashes)}
        extended = self.rssp("credentials/extendTransaction", {**body, "SAD": sad})
        self.assertEqual(extended["error"], DONE, extended)
        self.assertNotEqual(extended["SAD"], sad)
        self.assert_number(INVALID, self.rssp_signs(sad, hashes), "Invalid parameter SAD")
        self.assert_number(INVALID, self.rssp("credentials/extendTransaction",
                                              {**body, "SAD": sad}), "Invalid parameter SAD")
        for signature, digest in zip(self.made(self.rssp_signs(extended["SAD"], hashes)), hashes,
                                     strict=True):
            self.assert_verifies(signature, digest)

    def test_other_keys(self):
        hashes = digests(1)
        sad = self.granted(hashes, "credential_rsa", signAlgo=RSA_PSS,
                           signAlgoParams=PSS_SHA256)["SAD"]
        got = self.rssp_signs(sad, hashes, "credential_rsa", RSA_PSS, signAlgoParams=PSS_SHA256)
        self.assert_verifies(self.made(got)[0], hashes[0], "credential_rsa",
                             ("digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:32"))
        hashes = digests(1, "sha384")
        sad = self.granted(hashes, "credential_p384", algorithm=SHA384)["SAD"]
        # The dialect's clients may leave signAlgo out.
        got = self.rssp_signs(sad, hashes, "credential_p384", None, SHA384)
        self.assert_verifies(self.made(got)[0], hashes[0], "credential_p384")

    def test_a_credential_in_the_dialects_words(self):
        credential = self.world.values["credential_a"]
        info = self.rssp("credentials/info", {"credentialID": credential, "certificates": "chain",
                                              "certInfoEnabled": True, "authInfoEnabled": True})
        cert = info["cert"]
        self.assertEqual((cert["status"], info["authMode"], info["SCAL"], info["multisign"]),
                         ("OPERATED", "IMPLICIT/TSE", "2", 1024))
        self.assertEqual((cert["subjectDN"], len(cert["certificates"])),
                         ("CN=Signer an,serialNumber=an,C=VN", 2))
        leaf = base64.b64decode(cert["certificates"][0])
        self.assertEqual(cert["thumbprint"], hashlib.sha256(leaf).hexdigest())
        self.assertEqual(info["contractExpirationDate"], cert["validTo"])
        listing = {"agreementUUID": "an", "certInfoEnabled": True, "searchConditions": {
            "certificateStatus": "ALL", "certificatePurpose": "ALL"}}
        listed = self.rssp("credentials/list", listing)["certs"]
        self.assertEqual({one["credentialID"] for one in listed},
                         {self.world.values[name] for name in self.KEYS})
        self.assertEqual({one["authMode"] for one in listed}, {"IMPLICIT/TSE"})
        for status, count in (("OPERATED", 3), ("SUSPENDED", 0)):
            listing["searchConditions"]["certificateStatus"] = status
            self.assertEqual(len(self.rssp("credentials/list", listing)["certs"]), count)


class Faults(Rssp):
    """csc-api.md's list of what other servers did wrong."""

    KEYS = {"credential_a": ("an", "p256"), "credential_b": ("binh", "p256")}

    def test_nobody_uses_anothers_sad_or_credential(self):
        hashes = digests(1)
        sad = self.granted(hashes)["SAD"]
        for whom, description in ((("--signer", "binh"), "Invalid parameter credentialID"),
                                  (("--all-signers",), "Invalid parameter SAD")):
            client, secret = self.world.add_client("Other", *whom)
            self.set("door.rssp=on", client=client)
            token = self.login(self.world.basic(client, secret))["accessToken"]
            self.assert_number(INVALID, self.rssp_signs(sad, hashes, token=token), description)
        self.assert_number(INVALID, self.rssp_signs(sad, hashes, "credential_b"),
                           "Invalid parameter SAD")
        binh = self.login(self.basic + ", Basic " + b64(b"USERNAME:binh:"))["accessToken"]
        self.assert_number(INVALID, self.rssp_signs(sad, hashes, token=binh),
                           "Invalid parameter credentialID")
        self.assertEqual(len(self.made(self.rssp_signs(sad, hashes))), 1)

    def test_the_same_hash_is_signed_once(self):
        hashes = digests(2)
        sad = self.granted(hashes)["SAD"]
        before = self.count_signatures()
        made = self.made(self.rssp_signs(sad, hashes))
        self.assertEqual(self.made(self.rssp_signs(sad, hashes)), made)
        self.assertEqual(self.count_signatures(), before + 2)
        for more in ([hashes[0], hashes[0]], hashes + digests(1), digests(1)):
            self.assert_number(NOT_AUTHORISED, self.rssp_signs(sad, more),
                               "Hash is not authorized by the SAD.")
        self.assertEqual(self.count_signatures(), before + 2)

    def test_signatures_are_in_request_order(self):
        hashes = digests(5)
        sad = self.granted(hashes)["SAD"]
        wanted = [hashes[i] for i in (4, 0, 3)]
        for signature, digest in zip(self.made(self.rssp_signs(sad, wanted)), wanted, strict=True):
            self.assert_verifies(signature, digest)

    def test_a_list_shows_the_bearers_persons_alone(self):
        client, secret = self.world.add_client("Few", "--signer", "binh")
        self.set("door.rssp=on", client=client)
        token = self.login(self.world.basic(client, secret))["accessToken"]
        (cert,) = self.rssp("credentials/list", {"agreementUUID": "binh"}, token)["certs"]
        self.assertEqual(cert["credentialID"], self.world.values["credential_b"])
        self.assert_number(INVALID, self.rssp("credentials/list", {"agreementUUID": "an"}, token),
                           "Invalid parameter agreementUUID")

    def test_no_head_room_and_no_time_without_asking(self):
        hashes = digests(1)
        self.assert_number(INVALID, self.authorizes(hashes, numSignatures=11),
                           "Invalid value for parameter numSignatures")
        self.assertEqual(self.world.pending("an"), [])

    def test_another_algorithm_than_approved_is_refused(self):
        hashes = digests(1)
        sad = self.granted(hashes)["SAD"]
        self.assert_number(INVALID, self.rssp_signs(sad, hashes, sign_algo=ECDSA_SHA384,
                                                 algorithm=SHA384),
                           "Invalid parameter signAlgo")

    def test_no_factor_of_the_signer_is_taken_from_the_portal(self):
        for method in ("credentials/sendOTP", "auth/getTwoFactorMethod", "auth/finalizeLogin"):
            self.assert_number(NOT_SUPPORTED, self.rssp(method, {}))


class Outcomes(Rssp):
    def test_rejected(self):
        begun = self.begins(digests(1))
        self.phone("reject")
        self.assert_number(REJECTED, begun.result(HOLD_S), "The signer rejected the request")

    def test_not_started_by_the_signer_and_then_locked(self):
        begun = self.begins(digests(1))
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        self.phone("not-mine")
        self.assert_number(NOT_MINE, begun.result(HOLD_S),
                           "The signer did not start this request")
        self.assert_number(BLOCKED, self.authorizes(digests(1)), "Credential locked")
        self.assert_number(BLOCKED, self.rssp(
            "credentials/info", {"credentialID": self.world.values["credential_a"]}))

    def test_busy(self):
        self.set("limit.open_requests=1")
        self.addCleanup(self.set, "limit.open_requests=0")
        begun = self.begins(digests(1))
        self.waiting()
        got = self.send("credentials/authorize", {
            "credentialID": self.world.values["credential_a"], "numSignatures": 1,
            "documentDigests": self.digests_json(digests(1))}, "Bearer " + self.token)
        self.assertEqual((got.status, got.json["error"], got.json["errorDescription"]),
                         (429, BUSY, "another request of this client waits for the signer"))
        self.assertTrue(int(got.headers["Retry-After"]) > 0)
        self.world.approve("an")
        self.assertEqual(begun.result(HOLD_S)["error"], DONE)

    def test_disabled_and_expired_certificate(self):
        credential = self.world.values["credential_a"]
        hashes = digests(1)
        sad = self.granted(hashes)["SAD"]

        def status():
            return self.rssp("credentials/info", {"credentialID": credential})["cert"]["status"]

        def change(sql, *values, until):
            self.world.change(f"UPDATE credentials SET {sql} WHERE id = ?", *values, credential)
            wait_until(lambda: status() == until, "the server to see its database change")
        valid_to = int((time.time() + 30 * 24 * 3600) * 1000)
        for bad, state, good, text in (
                (("status = 'disabled'",), "SUSPENDED", ("status = 'enabled'",),
                 "The credential identified by credentialID is disabled"),
                (("valid_to = 1",), "EXPIRED", ("valid_to = ?", valid_to),
                 "Signing certificate 'CN=Signer an,serialNumber=an,C=VN' is expired.")):
            change(*bad, until=state)
            try:
                self.assert_number(DISABLED, self.authorizes(digests(1)), text)
                self.assert_number(DISABLED, self.rssp_signs(sad, hashes), text)
            finally:
                change(*good, until="OPERATED")

    def test_a_lost_approval_is_asked_again(self):
        hashes = digests(1)
        sad = self.granted(hashes)["SAD"]
        self.world.restart()
        self.assert_number(NOT_ANSWERED, self.rssp_signs(sad, hashes), "asked again")
        begun = self.begins(hashes)
        (item,) = self.waiting()
        self.assertEqual(item["reason"], "asked again")
        self.world.approve("an")
        self.assertEqual(begun.result(HOLD_S)["SAD"], sad)
        self.assertEqual(len(self.made(self.rssp_signs(sad, hashes))), 1)

    def test_a_held_request_is_answered_when_the_server_stops(self):
        begun = self.pool.submit(self.send, "credentials/authorize", {
            "credentialID": self.world.values["credential_a"], "numSignatures": 1,
            "documentDigests": self.digests_json(digests(1))}, "Bearer " + self.token)
        self.waiting()
        self.world.restart()
        got = begun.result(HOLD_S)
        self.assertEqual((got.status, got.json["error"]), (503, UNAVAILABLE))
        self.assertTrue(got.headers["Retry-After"])
        self.phone("reject")

    def test_an_unfinished_hold_says_so_and_the_same_request_joins(self):
        self.set("profile.hold_seconds=1")
        self.addCleanup(self.set, "profile.hold_seconds=0")
        hashes = digests(1)
        self.assert_number(NOT_ANSWERED, self.authorizes(hashes),
                           "The signer has not answered yet; ask again with the same hashes")
        self.world.approve("an")
        self.assertEqual(self.authorizes(hashes)["error"], DONE)

    def test_validity_period_ends_the_request_before_the_hold(self):
        begun = time.monotonic()
        for more in ({"validityPeriod": 2}, {"tseNotification": {"validityPeriod": 2}}):
            self.assert_number(EXPIRED, self.authorizes(digests(1), **more),
                               "The request expired before the signer answered")
        self.assertLess(time.monotonic() - begun, HOLD_S)
        self.assertEqual(self.world.pending("an"), [])


class Expiry(Rssp):
    TIMES = f"hold_seconds = {HOLD_S}\nanswer_seconds = 10\nsign_seconds = 10"

    def test_unanswered_and_a_sad_that_ran_out(self):
        hashes = digests(1)
        sad = self.granted(hashes)["SAD"]
        # As long as the server's own time: what the client asks for adds nothing.
        self.assert_number(EXPIRED, self.authorizes(digests(1), validityPeriod=300),
                           "The request expired before the signer answered")

        def ended():
            got = self.rssp_signs(sad, digests(1))
            return got if got["error"] != NOT_AUTHORISED else None
        self.assert_number(EXPIRED, wait_until(ended, "the end of the SAD"), "SAD expired")


class Undelivered(Rssp):
    def test_no_device(self):
        self.world.appliance.admin("signer", "lost-phone", "an")
        self.assert_number(NOT_READY, self.authorizes(digests(1)),
                           "No device of the signer could be reached")


if __name__ == "__main__":
    unittest.main(verbosity=2)
