"""An appliance with clients, signers and requests in every state that the table speaks of."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import subprocess
import threading
import time
import urllib.parse

from appliance import Appliance, answer, wait_until
from client import Client, post_once
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


def hash_with_plus_and_slash():
    """So that its other spellings are seen to differ."""
    for i in range(10_000):
        digest = sha256(f"document {i}")
        if "+" in b64(digest) and "/" in b64(digest):
            return digest
    raise AssertionError("no such hash")


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


def wait_until_seen(world, values):
    """What world.change() wrote behind the server's back counts for it a few seconds later."""
    def info(credential):
        return world.call("/csc/v1/credentials/info", {"credentialID": values[credential]}, "token_all")

    deadline = time.monotonic() + 30
    while not (info("credential_frozen").status == 400
               and info("credential_disabled").json["key"]["status"] == "disabled"
               and info("credential_expired").json["cert"]["status"] == "expired"):
        assert time.monotonic() < deadline, "the server does not see its database change"
        time.sleep(0.1)


def add_new_phones(world, values):
    """One that is to take the place of an's, and one that is the very phone that an has."""
    key = subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"],
                         check=True, capture_output=True).stdout
    spki = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=key, check=True,
                          capture_output=True).stdout
    session = hashlib.sha256(values["session_an"].encode()).digest()
    with sqlite3.connect(world.appliance.data / "kyso.db") as database:
        own, values["thumbprint_own"] = database.execute(
            "SELECT point, thumbprint FROM devices WHERE session_hash = ?",
            (b64url(session),)).fetchone()
    database.close()
    for point in (spki[-65:], unb64url(own)):
        got = world.client.send(
            "approve.localhost", "POST", "/approve/v1/moves",
            [("Content-Type", "application/json")],
            json.dumps({"public_key": b64url(point), "backup_eligible": False,
                        "device_name": "phone"}).encode())
        assert got.status == 200, got.text
        values.setdefault("session_new", got.json["session"])
    values["thumbprint_new"] = b64url(hashlib.sha256(spki).digest())


def add_qd769(world, values, digest):
    """Portals that may use QD 769, and a request of each; nobody listens where they want to be
    told."""
    world.change("UPDATE signers SET account = '079201000001' WHERE id = 'an'")
    for name, whom in (("sp", ("--signer", "an")), ("sp_all", ("--all-signers",))):
        client, secret = world.add_client(name, *whom)
        values["client_" + name], values["secret_" + name] = client, secret
        values["token_" + name] = world.token(client, secret)
        world.appliance.admin("client", "set", client, "door.qd769=on")
    world.appliance.admin("client", "set", values["client_sp"], "webhook.url=https://[::1]:9/")
    values["hex_769"] = digest.hex()
    with sqlite3.connect(world.appliance.data / "kyso.db") as database:
        (values["serial_a"],) = database.execute(
            "SELECT serial_number FROM credentials WHERE id = ?",
            (values["credential_a"],)).fetchone()
    database.close()

    def ask(name, portal_id, **more):
        body = {"sp_id": values["client_" + name], "sp_password": values["secret_" + name],
                "user_id": "an", "transaction_id": portal_id, "serial_number": values["serial_a"],
                "sign_files": [{"doc_id": "12/QĐ-UBND", "data_to_be_signed": digest.hex(),
                                "file_type": "pdf", "sign_type": "hash"}], **more}
        got = world.client.send("api.localhost", "POST", "/qd769/sign",
                                [("Content-Type", "application/json")], json.dumps(body).encode())
        assert got.status == 200, got.text
        return got.json["data"]["tran_code"]
    values["portal_id"] = "SP_CA_123456"
    values["tran_code"] = ask("sp", values["portal_id"], transaction_desc="Ký văn bản",
                              time_stamp="20261127120000Z")
    values["transaction_769"] = values["tran_code"].partition(".")[0]
    values["portal_other"] = "other"
    ask("sp_all", values["portal_other"])
    ended = ask("sp", "ended").partition(".")[0]
    answer("kyso-phone", "reject", "--store", world.phone("an"), ended)
    for webhook in world.appliance.admin("webhook", "log")["webhooks"]:
        values["webhook_" + webhook["state"]] = webhook["id"]


def open_rssp(world, values):
    """The door of RSSP v2 for some clients."""
    for name in ("a", "all", "disabled", "dpop"):
        world.appliance.admin("client", "set", values["client_" + name], "door.rssp=on")
    values["ssl2_a"] = b64(f"{values['client_a']}:{values['secret_a']}:RPS:1:AAAA".encode())


def approve_rssp(world, values):
    """What the good authorize there joins: nothing else may wait."""
    body = {"credentialID": values["credential_a"], "numSignatures": 1, "message": "Ký",
            "documentDigests": {"hashes": [values["hash_1"]], "hashAlgorithmOID": SHA256}}
    asked = threading.Thread(target=post_once, args=(
        world.appliance, "/rssp/v2/credentials/authorize", body, values["token_a"]))
    asked.start()
    wait_until(lambda: world.pending("an"), "the request of RSSP")
    world.approve("an")
    asked.join()


def add_browser(world):
    """Somebody who is signed in at the login host, and pages in each state: made behind the
    server's back as far as it takes a passkey (tests/browser has one)."""
    values = world.values
    values["callback"] = "https://portal.example/callback"
    world.appliance.admin("client", "set", values["client_a"],
                          "oauth.redirect_uris=" + values["callback"])
    base = urllib.parse.urlsplit(world.appliance.url)
    for host in ("api", "login", "approve", "office"):
        values[host] = f"https://{host}.localhost:{base.port}"
    values["issuer_quoted"] = urllib.parse.quote(values["api"], safe="-._~")
    page = world.client.send("approve.localhost", "GET", "/")
    values["app_script"] = re.search(r'src="/assets/([^"]+)"', page.text.decode())[1]
    values["session_login"] = b64url(secrets.token_bytes(32))
    now = int(time.time() * 1000)
    world.change("INSERT INTO login_sessions VALUES (?, 'login', 'an', ?, ?, ?)",
                 b64url(sha256(values["session_login"])), now, now, now + 3_600_000)
    invited = world.appliance.admin("signer", "login-invite", "an")
    values["login_invitation"] = urllib.parse.urlsplit(invited["link"]).fragment

    def page(**parameters):
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": values["client_a"], "code_challenge":
            values["nonce"], "code_challenge_method": "S256", **parameters})
        got = world.client.send("login.localhost", "GET", "/oauth2/authorize?" + query)
        assert got.status == 302, got.text
        return got.headers["Location"].removeprefix("/authorize/")

    def to_sign(text):
        return page(scope="credential", credentialID=values["credential_a"], numSignatures=1,
                    hashes=b64url(sha256(text)), hashAlgorithmOID=SHA256)
    values["page_service"] = page()
    values["page_credential"] = to_sign("page")
    values["page_waiting"] = to_sign("page that waits")
    got = world.client.send(
        "login.localhost", "POST", f"/authorize/{values['page_waiting']}/decision",
        [("Content-Type", "application/json"), ("Origin", values["login"]),
         ("Cookie", "__Host-kyso-session=" + values["session_login"])], b'{"decision":"screen"}')
    assert got.status == 200, got.text


def add_office(world):
    """Somebody of each role, signed in behind the server's back, and an invitation."""
    values = world.values
    now = int(time.time() * 1000)
    for role in ("registrar", "auditor", "administrator"):
        world.appliance.admin("office", "add", f"the-{role}", "--name", "Hoa", "--role", role)
        secret = values["session_" + role] = b64url(secrets.token_bytes(32))
        world.change("INSERT INTO login_sessions VALUES (?, 'office', ?, ?, ?, ?)",
                     b64url(sha256(secret)), f"the-{role}", now, now + 1_800_000, now + 3_600_000)
    world.appliance.admin("office", "add", "the-former", "--name", "Hoa", "--role", "auditor")
    world.appliance.admin("office", "set", "the-former", "--status", "disabled")
    invited = world.appliance.admin("office", "invite", "the-registrar")
    values["office_invitation"] = urllib.parse.urlsplit(invited["link"]).fragment
    page = world.client.send("office.localhost", "GET", "/")
    values["office_script"] = re.search(r'src="/assets/([^"]+)"', page.text.decode())[1]


def table_world():
    world = World(has_tsa=True)
    values = world.values
    for name in ("an", "binh", "phuc", "hoa", "giang"):
        world.add_signer(name)
    values["credential_a"], values["invitation_used"] = world.enrol("an", "an")
    values["credential_rsa"], _ = world.enrol("an", "an-rsa", "rsa2048")
    values["credential_b"], _ = world.enrol("binh", "binh")
    values["credential_frozen"], _ = world.enrol("phuc", "phuc")
    values["credential_disabled"], _ = world.enrol("hoa", "hoa")
    values["credential_expired"], _ = world.enrol("giang", "giang")
    values["credential_invited"] = world.appliance.admin(
        "credential", "add", "--signer", "an")["credential_id"]
    with sqlite3.connect(world.appliance.data / "kyso.db") as database:
        (values["credential_ca"],) = database.execute(
            "SELECT id FROM credentials WHERE owner_kind = 'issuer'").fetchone()
        points = dict(database.execute("SELECT owner_id, point FROM devices"))
        thumbprints = dict(database.execute(
            "SELECT owner_id, thumbprint FROM devices WHERE name = 'kyso-phone' "
            "ORDER BY created_at DESC"))
    database.close()
    world.change("UPDATE signers SET status = 'frozen' WHERE id = 'phuc'")
    world.change("UPDATE credentials SET status = 'disabled' WHERE id = ?",
                 values["credential_disabled"])
    world.change("UPDATE credentials SET valid_to = 1 WHERE id = ?", values["credential_expired"])
    values["point"] = points["an"]
    off = bytearray(unb64url(points["an"]))
    off[-1] ^= 1
    values["point_off_curve"] = b64url(bytes(off))
    values["thumbprint_an"], values["thumbprint_b"] = thumbprints["an"], thumbprints["binh"]

    for name, whom in (("a", ("--signer", "an")), ("all", ("--all-signers",)),
                       ("disabled", ("--all-signers",)), ("asleep", ("--all-signers",)),
                       ("set", ("--all-signers",)),
                       ("closed", ("--all-signers",)), ("jwt", ("--all-signers",)),
                       ("dpop", ("--all-signers",))):
        values["client_" + name], values["secret_" + name] = world.add_client(name, *whom)
        values["basic_" + name] = world.basic(values["client_" + name], values["secret_" + name])
        values["token_" + name] = world.token(values["client_" + name], values["secret_" + name])
    for name in ("disabled", "asleep"):  # of each a few logins: wrong ones end in a pause
        world.change("UPDATE clients SET status = 'disabled' WHERE id = ?",
                     values["client_" + name])
    world.appliance.admin("client", "set", values["client_closed"], "door.csc=off")
    open_rssp(world, values)
    values.update(world.bad_tokens(values["token_a"]))
    for name, phone in (("an", "an"), ("b", "binh"), ("frozen", "phuc")):
        values["session_" + name] = world.session(world.phone(phone))
    add_new_phones(world, values)
    with sqlite3.connect(world.appliance.data / "kyso.db", timeout=30) as database:
        for kind, name in (("signer", "device_an"), ("officer", "device_of_officer")):
            (values[name],) = database.execute(
                "SELECT id FROM devices WHERE owner_kind = ? AND (owner_id = 'an' OR "
                "owner_kind = 'officer') ORDER BY created_at LIMIT 1", (kind,)).fetchone()
    database.close()
    values["vapid_key"] = world.client.send(
        "approve.localhost", "GET", "/approve/v1/push",
        [("Authorization", "Bearer " + values["session_an"])]).json["application_server_key"]
    values["token_metrics"] = b64url(sha256("metrics"))
    (world.appliance.data / "metrics-token").write_text(values["token_metrics"] + "\n")
    values["session_officer"] = world.session(world.appliance.officer)

    digest = hash_with_plus_and_slash()
    values.update({"hash_1": b64(digest), "hash_2": b64(sha256("another")), "hash_url":
                   base64.urlsafe_b64encode(digest).decode(),
                   "hash_blank": b64(digest).replace("+", " "),
                   "hash_1-PAD": b64(digest).rstrip("="), "hash_1+LF": b64(digest) + "\n",
                   "hash_20": b64(bytes(20)), "hash_33": b64(bytes(33)),
                   "hash_48": b64(hashlib.sha384(b"x").digest()),
                   "credential_a+NUL": values["credential_a"] + "\0", "pss_sha256": PSS_SHA256})

    document = "Hợp đồng\n".encode()
    values["document"], values["hash_doc"] = b64(document), b64(hashlib.sha256(document).digest())
    values["sad_doc"], _ = world.approved(hashlib.sha256(document).digest(), hashType="SDR")
    world.renew_sad()
    spent = unb64(values["hash_extend"])
    values["sad_renewed"] = values["sad_extend"]
    got = world.call("/csc/v2/credentials/extendTransaction",
                     {"credentialID": values["credential_a"], "SAD": values["sad_extend"],
                      "hashes": [b64(spent)]})
    assert got.status == 200, got.text
    values["response"] = world.asks_async(got.json["SAD"], spent)
    assert world.polled(values["response"]).status == 200
    values["response_over"] = world.asks_async(got.json["SAD"], spent, validity_period=1)
    world.renew_sad()
    world.appliance.admin("client", "set", values["client_a"], "door.csc_credentials=on")
    world.renew_credential()

    # Approved and never signed, so that the good authorize joins it; and one in each other state.
    values["handle"], values["transaction_a"] = world.authorize(digest)
    world.approve("an")
    values["sad"] = world.sad(values["handle"])
    approve_rssp(world, values)
    values["handle_rejected"], values["transaction_rejected"] = world.authorize(sha256("no"))
    answer("kyso-phone", "reject", "--store", world.phone("an"), values["transaction_rejected"])
    values["handle_not_mine"], not_mine = world.authorize(sha256("not mine"))
    answer("kyso-phone", "not-mine", "--store", world.phone("an"), not_mine)
    world.appliance.admin("signer", "unfreeze", "an")
    values["handle_waiting"], values["transaction_waiting"] = world.authorize(sha256("waiting"))
    values["sad_waiting"] = world.sad_of(values["transaction_waiting"])
    assert world.sad_of(values["transaction_a"]) == values["sad"]
    add_qd769(world, values, digest)
    wait_until_seen(world, values)
    world.own_tokens()
    world.assertions()
    world.grants()
    world.logins()
    add_browser(world)
    add_office(world)
    _, values["transaction_b"] = world.authorize(sha256("b"), "credential_b", "token_all")
    return world
