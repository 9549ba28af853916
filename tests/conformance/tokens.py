#!/usr/bin/env python3
"""Who may renew tokens and where, and what ends them: as whoever got hold of one would try."""

import json
import unittest
import urllib.parse

from client import Client
from signing import Portal

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
