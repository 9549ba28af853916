#!/usr/bin/env python3
"""A portal's person at a real Chromium: makes a sign-in passkey, signs in, consents, and the phone
confirms; the portal redeems the code and signs. What comes out is verified by OpenSSL."""

import base64
import hashlib
import http.server
import json
import secrets
import subprocess
import threading
import unittest
import urllib.parse

from appliance import answer, run, wait_until
from audit_record import assert_record
from browser import Browser
from cases import ECDSA_SHA256, SHA256
from events import EACH_PERSON, Stream
from world import World, b64, b64url

class CallbackPage(http.server.BaseHTTPRequestHandler):
    """Where the portal has the browser sent back to; the test reads the address."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>portal</title>")

    def log_message(self, *_):
        pass


class Portal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CallbackPage)
        threading.Thread(target=cls.page.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.page.server_close)
        cls.addClassCleanup(cls.page.shutdown)
        cls.callback_url = f"http://localhost:{cls.page.server_port}/callback"
        cls.world = world = World()
        cls.addClassCleanup(world.remove)
        world.add_signer("an")
        cls.credential, _ = world.enrol("an", "an")
        cls.client, cls.secret = world.add_client("Cổng thử <b>nghiệm</b>", "--all-signers")
        # One test after the other asks the same signer, and rejects.
        world.appliance.admin("client", "set", cls.client, "limit.open_requests=0",
                              "limit.cool_down_seconds=0",
                              "oauth.redirect_uris=" + cls.callback_url)
        base = urllib.parse.urlsplit(world.appliance.url)
        cls.login = f"https://login.localhost:{base.port}"
        cls.api = f"https://api.localhost:{base.port}"
        cls.browser = Browser(world.appliance.tls_ca)
        cls.addClassCleanup(cls.browser.close)
        cls.register()

    @classmethod
    def register(cls):
        invited = cls.world.appliance.admin("signer", "login-invite", "an")
        cls.invitation = invited["link"]
        cls.browser.goto(url=invited["link"])
        cls.browser.fill(selector="#name", text="Máy ở nhà")
        cls.browser.click(selector="#register")
        cls.browser.waitText(selector="#message", text="Đã tạo khóa")

    def setUp(self):
        self.browser.dropCookies()
        self.browser.complaints()

    def authorize_url(self, host=None, **parameters):
        self.verifier = b64url(secrets.token_bytes(32))
        self.state = secrets.token_urlsafe(12)
        challenge = b64url(hashlib.sha256(self.verifier.encode()).digest())
        asked = {"response_type": "code", "client_id": self.client, "redirect_uri": self.callback_url,
                 "state": self.state, "code_challenge": challenge,
                 "code_challenge_method": "S256", **parameters}
        return (host or self.login) + "/oauth2/authorize?" + urllib.parse.urlencode(
            {name: value for name, value in asked.items() if value is not None})

    def sign_in(self):
        self.browser.wait(selector="#sign-in")
        self.browser.click(selector="#sign-in")

    def callback(self):
        """The parameters with which the browser came back; state and issuer are right."""
        url = self.browser.waitUrl(prefix=self.callback_url)
        got = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        self.assertEqual(got.pop("state"), self.state)
        self.assertEqual(got.pop("iss"), self.api)
        return got

    def asks_to_sign(self, digests, **parameters):
        """Up to the page that shows what will be signed."""
        self.browser.goto(url=self.authorize_url(
            scope="credential", credentialID=self.credential, numSignatures=len(digests),
            hashes=",".join(b64url(one) for one in digests), hashAlgorithmOID=SHA256,
            **parameters))
        self.sign_in()
        self.browser.wait(selector="#screen")

    def redeem(self, code, **more):
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback_url,
                "code_verifier": self.verifier, **more}
        return self.world.client.send(
            "api.localhost", "POST", "/oauth2/token",
            [("Content-Type", "application/x-www-form-urlencoded"),
             ("Authorization", self.world.basic(self.client, self.secret))],
            urllib.parse.urlencode(body).encode())

    def approve(self, *options):
        """On the phone, what waits for it."""
        (item,) = wait_until(lambda: self.world.pending("an"), "something that waits")
        return run("kyso-phone", "approve", "--store", self.world.phone("an"), "--yes", *options,
                   item["id"])

    def phone_starts(self, link):
        return run("kyso-phone", "start", "--store", self.world.phone("an"), "--link",
                   link).returncode == 0

    def phone_scans(self):
        # As a person does: what a slow camera has read too late is read once more.
        def scans():
            link = self.browser.scan()
            return link is not None and self.phone_starts(link)
        wait_until(scans, "a phone that has scanned")

    def assert_verifies(self, signature, digest):
        chain = self.world.appliance.base
        certificate = self.world.appliance.admin("credential", "show", self.credential)
        (chain / "certificate.pem").write_text(certificate["certificates"][0])
        (chain / "digest").write_bytes(digest)
        (chain / "signature").write_bytes(signature)
        key = subprocess.run(["openssl", "x509", "-in", chain / "certificate.pem", "-pubkey",
                              "-noout"], capture_output=True, check=True).stdout
        (chain / "key.pem").write_bytes(key)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                               chain / "key.pem", "-in", chain / "digest", "-sigfile",
                               chain / "signature"], capture_output=True, text=True)
        self.assertIn("Verified Successfully", done.stdout, done.stderr)

    def assert_signs(self, code, digests, details=None):
        """The code becomes a token that signs exactly these, once."""
        token = self.redeem(code)
        self.assertEqual(token.status, 200, token.text)
        sad = token.json["access_token"]
        service = self.world.token(self.client, self.secret)
        got = self.world.client.post("/csc/v2/signatures/signHash", {
            "credentialID": self.credential, "SAD": sad,
            "hashes": [b64(one) for one in digests], "signAlgo": ECDSA_SHA256}, service)
        self.assertEqual(got.status, 200, got.text)
        signatures = [base64.b64decode(one) for one in got.json["signatures"]]
        for signature, digest in zip(signatures, digests, strict=True):
            self.assert_verifies(signature, digest)
        self.assertEqual(self.redeem(code).status, 400)
        return token.json


def digests(count):
    return [hashlib.sha256(secrets.token_bytes(8)).digest() for _ in range(count)]


class SigningIn(Portal):
    def test_is_another_passkey_than_the_one_that_approves(self):
        self.assertEqual(self.browser.passkeys(),
                         [{"rpId": "login.localhost", "isResidentCredential": True}])

    def test_an_invitation_makes_one_passkey(self):
        self.browser.goto(url="about:blank")
        self.browser.goto(url=self.invitation)
        self.browser.fill(selector="#name", text="Máy khác")
        self.browser.click(selector="#register")
        self.browser.waitText(selector="#message", text="Không được chấp nhận")
        self.assertEqual(len(self.browser.passkeys()), 1)

    def test_grants_scope_service(self):
        self.browser.goto(url=self.authorize_url(scope="service"))
        self.sign_in()
        self.browser.wait(selector="#allow")
        self.assertEqual(self.browser.text(selector=".portal"), "Cổng thử <b>nghiệm</b>")
        self.browser.click(selector="#allow")

        got = self.callback()
        self.assertEqual(set(got), {"code"})
        token = self.redeem(got["code"])
        self.assertEqual(token.status, 200, token.text)
        listed = self.world.client.post("/csc/v2/credentials/list", {},
                                        token.json["access_token"])
        self.assertEqual(listed.json["credentialIDs"], [self.credential])

    def test_begins_at_every_address_that_clients_build(self):
        for host in (self.login, self.login + "/", self.api, self.api + "/"):
            self.browser.goto(url=self.authorize_url(host))
            self.browser.wait(selector="#sign-in, #allow")
            self.assertTrue(self.browser.url().startswith(self.login + "/authorize/"))

    def test_is_remembered_for_a_while_and_asked_for_again_on_request(self):
        self.browser.goto(url=self.authorize_url())
        self.sign_in()
        self.browser.wait(selector="#allow")
        self.browser.goto(url=self.authorize_url())
        self.browser.wait(selector="#allow")
        (cookie,) = self.browser.cookies()
        self.assertEqual((cookie["name"], cookie["secure"], cookie["httpOnly"],
                          cookie["sameSite"], cookie["path"], cookie["domain"]),
                         ("__Host-kyso-session", True, True, "Lax", "/", "login.localhost"))

        self.browser.goto(url=self.authorize_url(prompt="login"))
        self.sign_in()
        self.browser.wait(selector="#allow")
        self.browser.click(selector="#sign-out")
        self.browser.wait(selector="#sign-in")
        self.browser.goto(url=self.authorize_url())
        self.browser.wait(selector="#sign-in")

    def test_needs_the_person(self):
        self.browser.goto(url=self.authorize_url())
        self.browser.verifies(user=False)
        self.addCleanup(self.browser.verifies, user=True)
        self.sign_in()
        self.browser.waitText(selector="#message", text="Đã hủy")
        self.assertEqual(self.browser.cookies(), [])

    def test_may_be_denied(self):
        self.browser.goto(url=self.authorize_url())
        self.sign_in()
        self.browser.wait(selector="#deny")
        self.browser.click(selector="#deny")
        self.assertEqual(self.callback(), {"error": "access_denied", "error_description":
                                           "The signer rejected the request"})

    def test_by_keyboard_alone(self):
        self.browser.goto(url=self.authorize_url())
        self.browser.press(key="Tab")
        self.assertEqual(self.browser.focused(), "sign-in")
        self.browser.press(key="Enter")
        self.browser.wait(selector="#allow")
        self.browser.press(key="Tab")
        self.assertEqual(self.browser.focused(), "allow")
        self.browser.press(key="Enter")
        self.assertIn("code", self.callback())


class Signing(Portal):
    def test_with_a_qr_code(self):
        hashes = digests(2)
        self.asks_to_sign(hashes, description="Ký hợp đồng <số 1>")
        self.assertEqual(self.browser.count(selector="main li"), 2)
        self.assertIn("Ký hợp đồng <số 1>", self.browser.text(selector="main"))
        self.assertIn("CN=Signer an", self.browser.text(selector="main"))
        self.browser.click(selector="#screen")
        self.browser.wait(selector="#start")
        self.assertEqual(self.world.pending("an"), [])  # not before the phone was there

        self.phone_scans()
        self.browser.waitText(selector="#progress", text="Điện thoại đã mở")
        self.assertEqual(self.approve().returncode, 0)

        self.assert_signs(self.callback()["code"], hashes)
        self.assertEqual(self.browser.complaints(), [])

    def test_on_the_same_device(self):
        hashes = digests(1)
        self.asks_to_sign(hashes)
        self.browser.click(selector="#screen")

        def follows():
            link = self.browser.attribute(selector="#same-device", name="href")
            return "#" in link and self.phone_starts(link)
        wait_until(follows, "a phone that has followed the link")
        self.assertEqual(self.approve().returncode, 0)
        self.assert_signs(self.callback()["code"], hashes)

    def test_a_qr_code_changes_and_is_for_one_person(self):
        self.world.add_signer("binh")
        self.world.enrol("binh", "binh")
        self.asks_to_sign(digests(1))
        self.browser.click(selector="#screen")
        self.browser.wait(selector="#start")
        first = self.browser.scan()
        wait_until(lambda: self.browser.scan() not in (first, None), "another QR code")

        got = run("kyso-phone", "start", "--store", self.world.phone("binh"), "--link",
                  self.browser.scan())
        self.assertNotEqual(got.returncode, 0)
        self.assertIn("no such transaction", got.stderr)
        self.assertEqual(self.world.pending("an"), [])

    def test_with_a_typed_number(self):
        hashes = digests(1)
        self.asks_to_sign(hashes)
        self.browser.click(selector="#phone")
        self.browser.wait(selector="#number")
        number = self.browser.text(selector="#number")
        self.assertRegex(number, r"^\d\d$")
        (item,) = wait_until(lambda: self.world.pending("an"), "something that waits")
        self.assertNotIn(number, item.get("code", ""))
        self.assertNotEqual(self.approve().returncode, 0)  # not without it
        self.assertEqual(self.approve("--number", number).returncode, 0)
        self.assert_signs(self.callback()["code"], hashes)
        assert_record(self, self.world.client, item["id"], 1)

    def test_another_number_ends_it(self):
        self.asks_to_sign(digests(1))
        self.browser.click(selector="#phone")
        self.browser.wait(selector="#number")
        number = int(self.browser.text(selector="#number"))
        self.assertNotEqual(self.approve("--number", f"{(number + 1) % 100:02}").returncode, 0)
        self.assertEqual(self.callback(), {
            "error": "access_denied",
            "error_description": "The signer typed another number than the one shown"})
        self.assertEqual(self.world.pending("an"), [])

    def ends_on_the_phone(self, how, description):
        self.asks_to_sign(digests(1))
        self.browser.click(selector="#phone")
        (item,) = wait_until(lambda: self.world.pending("an"), "something that waits")
        answer("kyso-phone", how, "--store", self.world.phone("an"), item["id"])
        self.assertEqual(self.callback(), {"error": "access_denied",
                                           "error_description": description})

    def test_rejected(self):
        self.ends_on_the_phone("reject", "The signer rejected the request")

    def test_not_started_by_the_signer(self):
        self.addCleanup(self.world.appliance.admin, "signer", "unfreeze", "an")
        self.ends_on_the_phone("not-mine", "The signer did not start this request")

    def test_denied_before_the_phone_is_asked(self):
        self.asks_to_sign(digests(1))
        self.browser.click(selector="#deny")
        self.assertEqual(self.callback()["error"], "access_denied")
        self.assertEqual(self.world.pending("an"), [])

    def test_with_authorization_details(self):
        hashes = digests(2)
        details = [{"type": "https://cloudsignatureconsortium.org/2025/credential",
                    "credentialID": self.credential, "numSignatures": 2,
                    "documentDigests": [{"hash": b64(one), "label": f"Tệp {i}",
                                         "hashType": "DTBSR"} for i, one in enumerate(hashes)],
                    "hashAlgorithmOID": SHA256}]
        self.browser.goto(url=self.authorize_url(
            self.api, authorization_details=json.dumps(details)))
        self.sign_in()
        self.browser.wait(selector="#phone")
        self.assertEqual(self.browser.text(selector="main ol"), "Tệp 0Tệp 1")
        self.browser.click(selector="#phone")
        self.browser.wait(selector="#number")
        number = self.browser.text(selector="#number")
        self.assertEqual(self.approve("--number", number).returncode, 0)
        token = self.assert_signs(self.callback()["code"], hashes)
        (granted,) = token["authorization_details"]
        self.assertEqual((granted["credentialID"], granted["numSignatures"], granted["type"]),
                         (self.credential, 2, details[0]["type"]))

    def test_what_cannot_be_signed_is_told_to_the_portal(self):
        self.browser.goto(url=self.authorize_url(
            scope="credential", credentialID="cred_none", numSignatures=1,
            hashes=b64url(digests(1)[0]), hashAlgorithmOID=SHA256))
        self.sign_in()
        self.assertEqual(self.callback(), {"error": "invalid_request", "error_description":
                                           "Invalid parameter credentialID"})


class Pages(Portal):
    def assert_accessible(self):
        for scheme in ("light", "dark"):
            self.browser.colorScheme(scheme=scheme)
            self.assertEqual(self.browser.accessibility(), [])
            self.assertEqual(self.browser.targets(), [])

    def test_are_for_everybody(self):
        self.browser.goto(url=self.login + "/register")
        self.assert_accessible()
        self.browser.goto(url=self.authorize_url(redirect_uri="https://evil.example/"))
        self.assert_accessible()
        self.browser.goto(url=self.authorize_url(lang="en"))
        self.browser.wait(selector="#sign-in")
        self.assert_accessible()
        self.assertIn("Sign in", self.browser.text(selector="h1"))
        self.asks_to_sign(digests(12), description="Bảng điểm")
        self.assert_accessible()
        self.browser.click(selector="#screen")
        self.browser.wait(selector="#start")
        self.assert_accessible()

    def test_send_nobody_to_an_address_that_is_not_registered(self):
        for wrong in ({"redirect_uri": self.callback_url + "/"}, {"redirect_uri": "https://evil.example/"},
                      {"client_id": "client_none"}):
            status = self.browser.goto(url=self.authorize_url(**wrong))
            self.assertEqual(status, 400)
            self.assertTrue(self.browser.url().startswith(self.login))


EVENT = b"event: transaction\ndata: changed\n\n"


class Following(Portal):
    """What a page that waits for the phone hears: by a stream, and without one by asking."""

    def setUp(self):
        super().setUp()
        # In reverse order: the page is left before what it waits for is answered, and whatever
        # leaving it says, nothing stays open for the next test.
        self.addCleanup(self.reject_all)
        self.addCleanup(self.browser.goto, url="about:blank")

    def reject_all(self):
        for item in self.world.pending("an"):
            answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

    def waits(self, how="#screen"):
        """At the page that waits; answers its address."""
        self.browser.requests()
        self.asks_to_sign(digests(1))
        self.browser.click(selector=how)
        self.browser.wait(selector="#progress")
        return self.browser.url()

    def asked(self):
        """The outcome's queries so far, in order."""
        found = [urllib.parse.urlsplit(url) for url in self.browser.requests()]
        return [one.query for one in found if one.path.endswith("/outcome")]

    def is_told(self):
        """What the phone does shows, and at its end the browser is back at the portal."""
        self.phone_scans()
        self.browser.waitText(selector="#progress", text="Điện thoại đã mở")
        self.assertEqual(self.browser.accessibility(), [])
        self.assertEqual(self.browser.attribute(selector="#progress", name="role"), "status")
        # After a restart, what other tests approved and never signed is asked once more.
        self.world.approve("an")
        self.assertIn("code", self.callback())

    def test_by_its_stream(self):
        page = self.waits()
        wait_until(lambda: page + "/events" in self.browser.requests(), "the stream")
        # The first look is after the stream has begun: from then on none is held.
        self.is_told()
        asked = self.asked()
        self.assertTrue(asked)
        self.assertEqual(set(asked), {""})
        self.assertLess(len(asked), 6)  # once for each change, not by the clock
        self.assertEqual(self.browser.complaints(), [])

    def test_by_asking_where_the_stream_is_refused(self):
        self.browser.refuse(path="/events")
        self.addCleanup(self.browser.refuseNothing)
        self.waits()
        self.is_told()
        self.assertTrue(self.asked()[0].startswith("known="))
        self.browser.complaints()  # Chromium's own, about the stream

    def test_by_asking_where_the_stream_breaks_off_and_by_it_when_it_is_there_again(self):
        page = self.waits()
        wait_until(lambda: "" in self.asked(), "a look that is not held")
        self.world.restart()
        # The browser opens it anew by itself.
        wait_until(lambda: page + "/events" in self.browser.requests(), "the stream once more")
        self.is_told()
        self.browser.complaints()  # Chromium's own, about the connection

    def test_by_asking_where_the_browser_knows_no_streams(self):
        self.browser.before(script="""try {
            if (sessionStorage.getItem("no-streams")) { delete globalThis.EventSource; }
        } catch { /* no storage here */ }""")
        self.browser.goto(url=self.login + "/register")
        self.browser.evaluate(script="sessionStorage.setItem('no-streams', '1')")
        page = self.waits()
        self.is_told()
        requests = self.browser.requests()
        self.assertNotIn(page + "/events", requests)
        self.browser.goto(url=self.login + "/register")
        self.browser.evaluate(script="sessionStorage.clear()")

    def stream(self, page, secret):
        stream = Stream(self.world, "login.localhost", urllib.parse.urlsplit(page).path + "/events",
                        f"Cookie: __Host-kyso-session={secret}")
        self.addCleanup(stream.close)
        return stream

    def session_secret(self):
        (cookie,) = [one for one in self.browser.cookies()
                     if one["name"] == "__Host-kyso-session"]
        return cookie["value"]

    def test_the_stream_says_nothing_but_that_something_changed_and_to_nobody_else(self):
        page = self.waits("#phone")
        mine, secret = self.stream(page, self.session_secret()), self.session_secret()
        self.assertEqual(mine.status, 200, mine.head)
        self.assertEqual(mine.until(EVENT), EVENT)
        self.assertEqual(self.stream(page, "A" * 43).status, 401)
        self.assertEqual(self.stream(self.login + "/authorize/none", secret).status, 404)

        (item,) = self.world.pending("an")
        answer("kyso-phone", "show", "--store", self.world.phone("an"), item["id"])
        self.assertEqual(mine.until(EVENT), EVENT)

    def rest(self, stream):
        """Until its end."""
        received = stream.received
        while more := stream.socket.recv(4096):
            received += more
        return received

    def test_the_stream_ends_once_the_phone_has_answered(self):
        page, secret = self.waits("#phone"), self.session_secret()
        mine = self.stream(page, secret)
        self.assertEqual(mine.until(EVENT), EVENT)

        (item,) = self.world.pending("an")
        answer("kyso-phone", "reject", "--store", self.world.phone("an"), item["id"])

        self.assertTrue(self.rest(mine).endswith(EVENT))
        self.assertEqual(self.callback()["error"], "access_denied")  # whereto the page goes by itself
        self.browser.complaints()  # Chromium's own, about its own stream

    def test_the_stream_ends_with_the_sign_in(self):
        page = self.waits("#phone")
        mine = self.stream(page, self.session_secret())
        self.assertEqual(mine.until(EVENT), EVENT)

        signed_out = self.browser.evaluate(
            script="fetch('/sign-out', { method: 'POST' }).then((answer) => answer.status)")

        self.assertEqual(signed_out, 204)
        self.assertNotIn(EVENT, self.rest(mine))
        # The page learns of it by its own stream, and loads itself anew.
        self.browser.wait(selector="#sign-in")
        self.browser.complaints()  # Chromium's own, about what nobody is signed in for

    def test_no_more_than_so_many_of_one_person(self):
        page = self.waits()
        self.browser.goto(url="about:blank")  # whose own place is given back
        secret = self.session_secret()

        def so_many():
            streams = [self.stream(page, secret) for _ in range(EACH_PERSON)]
            if all(one.status == 200 for one in streams):
                return streams
            for one in streams:
                one.close()
            return None
        streams = wait_until(so_many, "all places")
        refused = self.stream(page, secret)
        self.assertEqual(refused.status, 429)
        refused.until(b"browser windows")
        streams.pop().close()

        def there_is_room():
            stream = self.stream(page, secret)
            stream.close()
            return stream.status == 200
        wait_until(there_is_room, "room for one more")


if __name__ == "__main__":
    unittest.main(verbosity=2)
