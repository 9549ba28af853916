#!/usr/bin/env python3
"""Who may renew tokens and where, and what ends them: as whoever got hold of one would try."""

import json
import secrets
import subprocess
import time
import unittest
import urllib.parse

from appliance import wait_until
from client import Client
from signing import Portal
from world import b64url

V1 = "/csc/v1/"
NO_SUCH_TOKEN = (400, {"error": "invalid_request", "error_description": "Invalid refresh_token"})
INVALID_GRANT = (400, {"error": "invalid_grant",
                       "error_description": "Invalid parameter refresh_token"})


class Tokens(Portal):
    def setUp(self):
        self.client = Client(self.world.appliance)
        self.addCleanup(self.client.close)
        self.id, self.secret = self.world.add_client(self._testMethodName, "--all-signers")

    def set(self, *settings):
        self.world.appliance.admin("client", "set", self.id, *settings)

    def login(self, authorization=None, **body):
        headers = [("Content-Type", "application/json")]
        headers += [("Authorization", authorization)] if authorization else []
        got = self.client.send("api.localhost", "POST", V1 + "auth/login", headers,
                               json.dumps(body).encode())
        return got.status, got.json

    def basic(self, secret=None):
        return self.world.basic(self.id, secret or self.secret)

    def form(self, path, form, secret=None, headers=(), host="api.localhost"):
        headers = [("Content-Type", "application/x-www-form-urlencoded"), *headers]
        if secret != "":
            headers.append(("Authorization", self.basic(secret)))
        got = self.client.send(host, "POST", path, headers, urllib.parse.urlencode(form).encode())
        return got.status, got.json

    def redeemed(self, name):
        """The tokens of a code that a sign-in has left."""
        code, _ = self.world.add_grant(f"{name}_{self.id}", self.id)
        status, tokens = self.form("/oauth2/token", {"grant_type": "authorization_code",
                                                     "code": code})
        self.assertEqual(status, 200, tokens)
        return tokens

    def refresh(self, token, secret=None):
        return self.form("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token},
                         secret)

    def lists(self, token):
        return self.client.post(V1 + "credentials/list", {"userID": "an"}, token).status

    def proof(self, host, path):
        """A DPoP proof for that URL (RFC 9449)."""
        key = self.world.appliance.base / "dpop-key.pem"
        if not key.exists():
            subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-out", key], check=True,
                           capture_output=True)
        spki = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                              check=True, capture_output=True).stdout
        header = {"typ": "dpop+jwt", "alg": "ES256",
                  "jwk": {"kty": "EC", "crv": "P-256", "x": b64url(spki[-64:-32]),
                          "y": b64url(spki[-32:])}}
        port = urllib.parse.urlsplit(self.world.appliance.url).port
        claims = {"jti": secrets.token_hex(16), "htm": "POST", "iat": int(time.time()),
                  "htu": f"https://{host}:{port}{path}"}
        return self.world.sign_token(claims, b64url(json.dumps(header).encode()), key)

    def token(self, host, proof):
        return self.form("/oauth2/token", {"grant_type": "client_credentials"},
                         headers=[("DPoP", proof)], host=host)


class Elsewhere(Tokens):
    """auth/login asks nobody who they are that have a refresh token."""

    def test_a_token_of_an_authorization_is_not_renewed_at_auth_login_and_not_burnt(self):
        token = self.redeemed("stolen")["refresh_token"]

        for _ in range(2):
            self.assertEqual(self.login(refresh_token=token), NO_SUCH_TOKEN)

        status, got = self.refresh(token)
        self.assertEqual(status, 200, got)
        # Nor does one that was used end the grant from there.
        self.assertEqual(self.login(refresh_token=token), NO_SUCH_TOKEN)
        self.assertEqual(self.refresh(got["refresh_token"])[0], 200)

    def test_a_token_of_auth_login_is_not_renewed_at_the_token_endpoint(self):
        _, session = self.login(self.basic(), rememberMe=True)

        self.assertEqual(self.refresh(session["refresh_token"]), INVALID_GRANT)

        self.assertEqual(self.login(refresh_token=session["refresh_token"])[0], 200)

    def test_a_client_that_may_not_log_in_renews_nothing_there(self):
        for barred, free in (("oauth.dpop=required", "oauth.dpop=allowed"),
                             ("door.csc=off", "door.csc=on")):
            with self.subTest(setting=barred):
                _, session = self.login(self.basic(), rememberMe=True)
                self.set(barred)
                self.assertEqual(self.login(refresh_token=session["refresh_token"]),
                                 NO_SUCH_TOKEN)
                self.assertEqual(self.login(self.basic())[0], 400)
                self.set(free)
                self.assertEqual(self.login(refresh_token=session["refresh_token"])[0], 200)

    def test_a_person_does_not_log_in_by_password_at_a_portal_that_has_none(self):
        login = self.world.appliance.admin("signer", "login-password", "an", "--client", self.id)
        basic = self.world.basic(login["user_name"], login["password"])
        self.assertEqual(self.login(basic)[0], 200)
        self.set("oauth.token_auth=tls_client_auth", "oauth.certificate_sha256=" + "ab" * 32)

        self.assertEqual(self.login(basic), (400, {
            "error": "authentication_error",
            "error_description": "An error occurred during authentication process"}))

    def test_a_frozen_persons_session_is_not_renewed(self):
        login = self.world.appliance.admin("signer", "login-password", "an", "--client", self.id)
        _, session = self.login(self.world.basic(login["user_name"], login["password"]),
                                rememberMe=True)
        self.world.appliance.admin("signer", "freeze", "an")
        try:
            self.assertEqual(self.login(refresh_token=session["refresh_token"]), NO_SUCH_TOKEN)
        finally:
            self.world.appliance.admin("signer", "unfreeze", "an")
        self.assertEqual(self.login(refresh_token=session["refresh_token"])[0], 200)


class Ends(Tokens):
    """What an operator ends takes with it what rests on it."""

    def test_a_new_secret_ends_what_was_got_under_the_old_one(self):
        token = self.redeemed("rotated")["refresh_token"]
        _, session = self.login(self.basic(), rememberMe=True)
        waiting, _ = self.world.add_grant("unredeemed_" + self.id, self.id)
        login = self.world.appliance.admin("signer", "login-password", "an", "--client", self.id)
        person = self.world.basic(login["user_name"], login["password"])
        _, remembered = self.login(person, rememberMe=True)

        secret = self.world.appliance.admin("client", "rotate", self.id)["client_secret"]

        self.assertEqual(self.refresh(token, secret), INVALID_GRANT)
        self.assertEqual(self.login(refresh_token=session["refresh_token"]), NO_SUCH_TOKEN)
        # What nobody has got yet, and what rests on a person's password, is there.
        status, tokens = self.form("/oauth2/token", {"grant_type": "authorization_code",
                                                     "code": waiting}, secret)
        self.assertEqual(status, 200, tokens)
        self.assertEqual(self.refresh(tokens["refresh_token"], secret)[0], 200)
        self.assertEqual(self.login(self.basic(secret))[0], 200)
        self.assertEqual(self.login(refresh_token=remembered["refresh_token"])[0], 200)

    def test_a_disabled_client_renews_nothing_and_goes_on_once_enabled(self):
        tokens = self.redeemed("disabled")
        _, session = self.login(self.basic(), rememberMe=True)

        self.world.appliance.admin("client", "disable", self.id)
        self.assertEqual(self.refresh(tokens["refresh_token"])[0], 401)
        self.assertEqual(self.login(refresh_token=session["refresh_token"]), NO_SUCH_TOKEN)
        for one in (tokens, session):
            self.assertEqual(self.lists(one["access_token"]), 401)

        self.world.appliance.admin("client", "enable", self.id)
        self.assertEqual(self.refresh(tokens["refresh_token"])[0], 200)
        self.assertEqual(self.login(refresh_token=session["refresh_token"])[0], 200)

    def test_another_way_to_authenticate_ends_what_was_got_in_the_first_for_good(self):
        token = self.redeemed("changed")["refresh_token"]
        _, session = self.login(self.basic(), rememberMe=True)

        self.set("oauth.token_auth=client_secret")  # which it was
        status, got = self.refresh(token)
        self.assertEqual(status, 200, got)
        self.set("oauth.token_auth=tls_client_auth", "oauth.certificate_sha256=" + "ab" * 32)
        self.set("oauth.token_auth=client_secret")

        self.assertEqual(self.refresh(got["refresh_token"]), INVALID_GRANT)
        self.assertEqual(self.login(refresh_token=session["refresh_token"]), NO_SUCH_TOKEN)

    def test_a_new_login_password_ends_the_sessions_of_the_old_one_alone(self):
        def log_in(signer):
            login = self.world.appliance.admin("signer", "login-password", signer, "--client",
                                               self.id)
            basic = self.world.basic(login["user_name"], login["password"])
            return self.login(basic)[1], self.login(basic, rememberMe=True)[1]
        self.world.add_signer("other")
        brief, remembered = log_in("an")
        others_brief, others = log_in("other")
        ours = self.redeemed("portal")
        for one in (brief, remembered, others_brief, others):
            self.assertEqual(self.client.post(V1 + "credentials/list", {},
                                              one["access_token"]).status, 200)

        self.world.appliance.admin("signer", "login-password", "an", "--client", self.id)

        for one in (brief, remembered):
            self.assertEqual(self.client.post(V1 + "credentials/list", {},
                                              one["access_token"]).status, 401)
        self.assertEqual(self.login(refresh_token=remembered["refresh_token"]), NO_SUCH_TOKEN)
        for one in (others_brief, others, ours):
            self.assertEqual(self.client.post(V1 + "credentials/list", {},
                                              one["access_token"]).status, 200)
        self.assertEqual(self.login(refresh_token=others["refresh_token"])[0], 200)
        self.assertEqual(self.refresh(ours["refresh_token"])[0], 200)


class Flood(Tokens):
    """oauth2/authorize is open to whoever comes by."""

    SHARE = 500

    def begin(self, client, **more):
        asked = {"response_type": "code", "client_id": self.id, "code_challenge": "A" * 43,
                 "code_challenge_method": "S256", **more}
        return client.send("login.localhost", "GET",
                           "/oauth2/authorize?" + urllib.parse.urlencode(asked))

    def test_one_address_closes_sign_in_for_nobody_else(self):
        self.set("oauth.redirect_uris=https://portal.example/callback")
        flooding = Client(self.world.appliance, "127.0.0.2")
        self.addCleanup(flooding.close)
        first = self.begin(self.client)
        self.assertEqual(first.status, 302)

        for _ in range(self.SHARE):
            got = self.begin(flooding)
            self.assertTrue(got.headers["Location"].startswith("/authorize/"), got.headers)
        got = self.begin(flooding)

        self.assertEqual(got.status, 429, got.headers["Location"])
        self.assertTrue(0 < int(got.headers["Retry-After"]) <= 600)
        self.assertIn(b"too many requests have been begun", got.text)
        # Others sign in, those who are at it go on, and the client itself comes by another way.
        self.assertTrue(self.begin(self.client).headers["Location"].startswith("/authorize/"))
        self.assertEqual(self.client.send("login.localhost", "GET",
                                          first.headers["Location"]).status, 200)
        status, pushed = self.form("/oauth2/pushed_authorize", {
            "response_type": "code", "code_challenge": "A" * 43, "code_challenge_method": "S256"})
        self.assertEqual(status, 201, pushed)
        self.assertEqual(self.begin(flooding, request_uri=pushed["request_uri"]).status, 302)


class Bound(Tokens):
    """Tokens for a key or a certificate alone."""

    def test_a_proof_is_for_the_host_that_it_is_sent_to(self):
        hosts = ("api.localhost", "mtls.localhost")
        for host, other in (hosts, hosts[::-1]):
            with self.subTest(host=host):
                self.assertEqual(self.token(host, self.proof(host, "/oauth2/token"))[0], 200)
                self.assertEqual(self.token(host, self.proof(other, "/oauth2/token")), (400, {
                    "error": "invalid_dpop_proof",
                    "error_description": "DPoP proof: htu is not the request's URL"}))

    def test_whoever_must_prove_a_key_has_no_bare_password_at_qd769(self):
        self.set("door.qd769=on")

        def asks():
            return self.client.send(
                "api.localhost", "POST", "/qd769/get_certificate",
                [("Content-Type", "application/json")],
                json.dumps({"sp_id": self.id, "sp_password": self.secret,
                            "user_id": "an"}).encode())
        self.assertEqual(asks().status, 200)  # and it is known from now on
        self.set("oauth.dpop=required")
        for _ in range(2):
            self.assertEqual((asks().status, asks().json["message"]),
                             (401, "SP_CREDENTIAL_INVALID"))

    def certificate(self, name, days):
        """Files of a certificate and its key, and the fingerprint as OpenSSL prints it."""
        base = self.world.appliance.base
        files = base / f"{name}.pem", base / f"{name}.key"
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=portal", "-keyout",
                        files[1], "-out", base / "csr"], check=True, capture_output=True)
        subprocess.run(["openssl", "x509", "-req", "-in", base / "csr", "-signkey", files[1],
                        "-days", str(days), "-out", files[0]], check=True, capture_output=True)
        print_it = ["openssl", "x509", "-in", files[0], "-noout", "-fingerprint", "-sha256"]
        printed = subprocess.run(print_it, check=True, capture_output=True, text=True).stdout
        return files, printed.strip().partition("=")[2]

    def test_a_certificate_is_good_within_its_dates(self):
        for name, days, status in (("good", 1, 200), ("expired", -1, 401)):
            with self.subTest(name):
                files, fingerprint = self.certificate(name, days)
                self.set("oauth.certificate_sha256=" + fingerprint,
                         "oauth.token_auth=tls_client_auth")
                client = Client(self.world.appliance, certificate=files)
                self.addCleanup(client.close)
                got = client.send("mtls.localhost", "POST", "/oauth2/token",
                                  [("Content-Type", "application/x-www-form-urlencoded")],
                                  b"grant_type=client_credentials&client_id=" + self.id.encode())
                self.assertEqual(got.status, status, got.text)


class Log(Tokens):
    """What looks like an attack stands in the log, once each time, without any secret."""

    def logged(self, event):
        log = "".join(one.read_text() for one in (self.world.appliance.data / "log").iterdir())
        return [line for line in log.splitlines()
                if f"security: {event}, client {self.id}, from 127.0.0.1" in line]

    def assert_logged(self, event):
        (line,) = wait_until(lambda: self.logged(event), event)
        self.assertIn("warn", line)
        self.assertNotIn(self.secret, line)

    def test_tokens_codes_and_proofs_that_come_again(self):
        code, _ = self.world.add_grant("log_" + self.id, self.id)
        asked = {"grant_type": "authorization_code", "code": code}
        token = self.form("/oauth2/token", asked)[1]["refresh_token"]
        self.assertEqual(self.refresh(token)[0], 200)
        self.assertFalse(self.logged("refresh token used again"))

        self.assertEqual(self.refresh(token)[0], 400)
        self.assertEqual(self.form("/oauth2/token", asked)[0], 400)
        proof = self.proof("api.localhost", "/oauth2/token")
        self.assertEqual(self.token("api.localhost", proof)[0], 200)
        self.assertEqual(self.token("api.localhost", proof)[0], 400)

        for event in ("refresh token used again", "authorization code used again",
                      "DPoP proof used again"):
            self.assert_logged(event)

    def test_guessing(self):
        for attempt in range(5):
            self.assertFalse(self.logged("secrets are guessed"), attempt)
            self.assertEqual(self.form("/oauth2/token", {"grant_type": "client_credentials"},
                                       "guess")[0], 401)
        self.assertEqual(self.form("/oauth2/token", {"grant_type": "client_credentials"},
                                   "guess")[0], 429)
        self.assert_logged("secrets are guessed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
