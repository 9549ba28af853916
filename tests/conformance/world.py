"""An appliance with the portals, people and requests of a test."""

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import subprocess
import time
import urllib.parse

from appliance import Appliance, answer, wait_until
from client import Client
from tsa import Authority

SHA256 = "2.16.840.1.101.3.4.2.1"
PSS_SHA256 = "MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg"


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.b64decode(text)


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


class World:
    def __init__(self, times="", has_tsa=False):
        self.appliance = Appliance("--engine", "psa")
        self.appliance.start()
        self.tsa = Authority(self.appliance.base / "tsa") if has_tsa else None
        sections = f"\n[times]\n{times}\n" if times else ""
        if self.tsa:
            sections += (f'\n[timestamp]\nurl = "{self.tsa.url}"\n'
                         f'authorities = "{self.tsa.authorities}"\n')
        if sections:
            self.appliance.stop()
            with open(self.appliance.data / "kyso.toml", "a", encoding="utf-8") as file:
                file.write(sections)
            self.appliance.start()
        self.client = Client(self.appliance)
        self.values = {"nonce": b64url(secrets.token_bytes(32))}

    def remove(self):
        self.client.close()
        if self.tsa:
            self.tsa.close()
        self.appliance.remove()

    def restart(self):
        self.client.close()
        self.appliance.stop()
        self.appliance.start()

    def change(self, sql, *values):
        with sqlite3.connect(self.appliance.data / "kyso.db", timeout=30) as database:
            assert database.execute(sql, values).rowcount == 1, sql
        database.close()

    # ---- people

    def add_signer(self, name):
        self.appliance.admin("signer", "add", "--id", name, "--name", name,
                             "--subject", f"CN=Signer {name},serialNumber={name},C=VN")

    def phone(self, name):
        return self.appliance.base / f"{name}-phone.json"

    def enrol(self, signer, phone, key="p256"):
        """A credential; answers its id and the invitation that made it."""
        invited = self.appliance.admin("credential", "add", "--signer", signer, "--key", key)
        answer("kyso-phone", "enrol", "--link", "-", "--store", self.phone(phone),
               "--ca", self.appliance.tls_ca, input=invited["link"])
        for _ in ("binding", "certificate"):
            items = answer("kyso-phone", "pending", "--store", self.appliance.officer)
            assert len(items) == 1, items
            answer("kyso-phone", "approve", "--store", self.appliance.officer, "--yes",
                   items[0]["id"])
        return invited["credential_id"], urllib.parse.urlsplit(invited["link"]).fragment

    def session(self, phone_file):
        return json.loads(phone_file.read_text())["server"]["session"]

    def pending(self, phone):
        return answer("kyso-phone", "pending", "--store", self.phone(phone))

    def approve(self, phone):
        return answer("kyso-phone", "approve", "--store", self.phone(phone), "--all", "--yes",
                      "--wait", "60")

    # ---- clients

    def add_client(self, name, *whom):
        """Client id and secret."""
        added = self.appliance.admin("client", "add", "--name", name, *whom)
        # Tests ask one signer for many things at once; the limits have tests of their own.
        self.appliance.admin("client", "set", added["client_id"], "limit.open_requests=0",
                             "limit.cool_down_seconds=0", "limit.opens_per_minute=0")
        return added["client_id"], added["client_secret"]

    def basic(self, client_id, secret):
        return "Basic " + b64(f"{client_id}:{secret}".encode())

    def token(self, client_id, secret):
        got = self.client.send("api.localhost", "POST", "/oauth2/token",
                               [("Content-Type", "application/x-www-form-urlencoded"),
                                ("Authorization", self.basic(client_id, secret))],
                               b"grant_type=client_credentials")
        assert got.status == 200, got.text
        return got.json["access_token"]

    def sign_token(self, claims, header, key):
        """A token as the server itself would write it."""
        text = json.dumps(claims, separators=(",", ":"), sort_keys=True)
        signed = header + "." + b64url(text.encode())
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed.encode(),
                             capture_output=True, check=True).stdout
        halves = []
        rest = der[2:]
        while rest:
            length = rest[1]
            halves.append(rest[2:2 + length].lstrip(b"\0").rjust(32, b"\0"))
            rest = rest[2 + length:]
        return signed + "." + b64url(b"".join(halves))

    def bad_tokens(self, token):
        header, payload, signature = token.split(".")
        claims = json.loads(unb64url(payload))
        own_key = self.appliance.data / "token-key.pem"
        other_key = self.appliance.base / "other-key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", other_key], check=True,
                       capture_output=True)
        past = {**claims, "iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
        longer = {**claims, "exp": claims["exp"] + 1}
        spelt = json.dumps(longer, separators=(",", ":"), sort_keys=True).encode()
        unsigned = b64url(b'{"alg":"none"}') + "." + payload + "."
        return {"token_expired": self.sign_token(past, header, own_key),
                "token_forged": self.sign_token(claims, header, other_key),
                "token_unsigned": unsigned,
                "token_stretched": f"{header}.{b64url(spelt)}.{signature}"}

    def own_tokens(self):
        """Tokens as the server would write them, and codes and refresh tokens that it gave."""
        values = self.values
        header, payload, _ = values["token_a"].split(".")
        claims = json.loads(unb64url(payload))
        own_key = self.appliance.data / "token-key.pem"

        def token(**change):
            return self.sign_token({**claims, "jti": "at_" + secrets.token_hex(8), **change},
                                   header, own_key)
        sad = {"scope": "credential", "transaction_id": values["transaction_a"], "sub": "an",
               "grant_id": "grant_sad"}
        now = int(time.time())
        bound = {"cnf": {"jkt": b64url(sha256("key"))}}
        values["token_sad"] = token(**sad)
        values["token_sad_expired"] = token(**sad, iat=now - 7200, exp=now - 3600)
        values["token_sad_bound"] = token(**sad, **bound)
        values["token_bound"] = token(**bound)
        values["token_certified"] = token(cnf={"x5t#S256": b64url(sha256("certificate"))})
        values["token_revoked"] = token()
        values["token_of_grant"] = token(grant_id="grant_revoked")
        values["token_spent"] = token()
        values["token_ended"] = token()

    def revoke(self, token, basic):
        got = self.client.send("api.localhost", "POST", "/oauth2/revoke",
                               [("Content-Type", "application/x-www-form-urlencoded"),
                                ("Authorization", basic)], b"token=" + token.encode())
        assert got.status == 204, got.text

    def add_grant(self, name, client, lifetime_s=3600):
        """What a sign-in would have left: a grant with a code and a refresh token, `name`d."""
        code, refresh = (b64url(secrets.token_bytes(32)) for _ in range(2))
        until = int((time.time() + lifetime_s) * 1000)
        grant = "grant_" + name
        with sqlite3.connect(self.appliance.data / "kyso.db", timeout=30) as database:
            database.execute(
                "INSERT INTO grants (id, client_id, signer_id, scope, token_type, "
                "authorization_details, refresh, access_until, expires_at, revoked) "
                "VALUES (?, ?, 'an', 'service', 'Bearer', ?, 1, 0, ?, 0)",
                (grant, client, '[{"type":"credential"}]', until))
            database.execute("INSERT INTO authorization_codes VALUES (?, ?, NULL, NULL, NULL, ?, 0)",
                             (b64url(sha256(code)), grant, until))
            database.execute("INSERT INTO refresh_tokens VALUES (?, ?, 0, 0)",
                             (b64url(sha256(refresh)), grant))
        database.close()
        # A reader of the server keeps its snapshot until the server itself commits something.
        self.appliance.admin("signer", "unfreeze", "an")
        return code, refresh

    def grants(self):
        values = self.values
        values["code"], values["refresh"] = self.add_grant("a", values["client_a"])
        values["code_all"], values["refresh_all"] = self.add_grant("all", values["client_all"])
        values["code_expired"], values["refresh_expired"] = self.add_grant(
            "expired", values["client_a"], -60)
        _, revoked = self.add_grant("revoked", values["client_a"])
        self.revoke(revoked, values["basic_a"])
        self.revoke(values["token_revoked"], values["basic_a"])
        values["code_used"], _ = self.add_grant("used", values["client_a"])
        self.post_form("/oauth2/token", {"grant_type": "authorization_code",
                                         "code": values["code_used"]}, values["basic_a"])

    def logins(self):
        """With which portals log in for persons; and tokens that came of it."""
        values = self.values
        for name, signer in (("login", "an"), ("login_frozen", "phuc")):
            login = self.appliance.admin("signer", "login-password", signer, "--client",
                                         values["client_all"])
            values["basic_" + name] = self.basic(login["user_name"], login["password"])
            values["name_" + name] = login["user_name"]
        values["basic_login_wrong"] = self.basic(values["name_login"], "x")
        values["basic_login_none"] = self.basic("login_none", "x")
        values["basic_nobody"] = self.basic("client_none", values["secret_a"])
        values["basic_a_wrong"] = self.basic(values["client_a"], "x")
        values["basic_a_lower"] = values["basic_a"].replace("Basic", "basic")
        for name in ("login_1", "login_2", "revoke_1", "revoke_2", "revoke_3"):
            got = self.log_in(values["basic_a"], rememberMe=True)
            values["refresh_" + name] = got.json["refresh_token"]
        got = self.client.send("api.localhost", "POST", "/rssp/v2/auth/login",
                               [("Content-Type", "application/json"),
                                ("Authorization", values["basic_a"])],
                               b'{"rememberMeEnabled":true}')
        values["refresh_login_3"] = got.json["refreshToken"]

    def log_in(self, basic, version=1, **body):
        return self.client.send("api.localhost", "POST", f"/csc/v{version}/auth/login",
                                [("Content-Type", "application/json"), ("Authorization", basic)],
                                json.dumps(body).encode())

    def post_form(self, path, form, basic=None):
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        headers += [("Authorization", basic)] if basic else []
        got = self.client.send("api.localhost", "POST", path, headers,
                               urllib.parse.urlencode(form).encode())
        assert got.status == 200, got.text
        return got.json

    def assertions(self):
        """A client that signs instead of sending a secret, and what it signs."""
        values = self.values
        key = self.appliance.base / "client-key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", key], check=True, capture_output=True)
        spki = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                              check=True, capture_output=True).stdout
        jwk = {"kty": "EC", "crv": "P-256", "x": b64url(spki[-64:-32]), "y": b64url(spki[-32:])}
        self.appliance.admin("client", "set", values["client_jwt"], "oauth.token_auth=private_key_jwt",
                             "oauth.jwks=" + json.dumps({"keys": [jwk]}))
        header = b64url(b'{"alg":"ES256"}')

        def assertion(who="client_jwt", key=key, **change):
            claims = {"iss": values[who], "sub": values[who], "aud": self.appliance.url,
                      "jti": secrets.token_hex(16), "exp": int(time.time()) + 500, **change}
            return self.sign_token(claims, header, key)
        values["assertion"] = assertion()
        values["assertion_used"] = assertion()
        values["assertion_elsewhere"] = assertion(aud="https://elsewhere.example")
        values["assertion_forged"] = assertion(key=self.appliance.base / "other-key.pem")
        values["assertion_a"] = assertion("client_a")
        self.post_form("/oauth2/token", {
            "grant_type": "client_credentials", "client_assertion": values["assertion_used"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"})
        self.appliance.admin("client", "set", values["client_dpop"], "oauth.dpop=required")

    # ---- requests

    def call(self, path, body, token="token_a"):
        return self.client.post(path, body, self.values[token])

    def authorize(self, digest, credential="credential_a", token="token_a", **more):
        """A request that waits; its handle and its transaction's id."""
        before = {item["id"] for item in self.pending(self.owner[credential])}
        got = self.call("/csc/v2/credentials/authorize",
                        {"credentialID": self.values[credential], "numSignatures": 1,
                         "hashes": [b64(digest)], "hashAlgorithmOID": SHA256, **more}, token)
        assert got.status == 202, got.text
        after = {item["id"] for item in self.pending(self.owner[credential])}
        (transaction,) = after - before
        return got.json["handle"], transaction

    def sad(self, handle, token="token_a"):
        got = self.call("/csc/v2/credentials/authorizeCheck", {"handle": handle}, token)
        assert got.status == 200, got.text
        return got.json["SAD"]

    def approved(self, digest, **more):
        """The SAD of a request of its own, and that request."""
        handle, transaction = self.authorize(digest, **more)
        answer("kyso-phone", "approve", "--store", self.phone("an"), "--yes", transaction)
        return self.sad(handle), transaction

    def renew_sad(self):
        """A SAD that can be extended, since none can be twice."""
        digest = secrets.token_bytes(32)
        self.values["hash_extend"] = b64(digest)
        self.values["sad_extend"], _ = self.approved(digest)

    def renew_credential(self):
        """One to delete; the last one has been, or is now."""
        self.values["credential_deleted"] = self.values.get("credential_delete", "cred_none")
        name = "an-delete-" + secrets.token_hex(4)
        self.values["credential_delete"], _ = self.enrol("an", name)

    def asks_async(self, sad, digest, **more):
        """An asynchronous signHash; its responseID."""
        got = self.call("/csc/v2/signatures/signHash",
                        {"credentialID": self.values["credential_a"], "SAD": sad,
                         "hashes": [b64(digest)], "signAlgo": "1.2.840.10045.4.3.2",
                         "operationMode": "A", **more})
        assert got.status == 200, got.text
        return got.json["responseID"]

    def polled(self, response):
        """Its answer, once it is no longer 202."""
        def done():
            got = self.call("/csc/v2/signatures/signPolling", {"requestID": response})
            return got if got.status != 202 else None
        return wait_until(done, "the asynchronous answer")

    def sad_of(self, transaction):
        """What the server alone can make: the SAD of a request that nobody has approved."""
        with sqlite3.connect(self.appliance.data / "kyso.db") as database:
            (key,) = database.execute(
                "SELECT value FROM settings WHERE name = 'ticket_key'").fetchone()
        database.close()
        mac = hmac.digest(unb64url(key), f"sad/{transaction}".encode(), "sha256")
        return f"{transaction}.{b64url(mac)}"

    owner = {"credential_a": "an", "credential_rsa": "an-rsa", "credential_b": "binh"}
