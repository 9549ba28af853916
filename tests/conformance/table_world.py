"""The world that the table speaks of: clients, signers and requests in every state."""

import base64
import hashlib
import json
import re
import secrets
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse

from appliance import answer, wait_until
from cases import ECDSA_SHA256
from client import post_once
from pdf_signature import sample_pdf
from world import SHA256, PSS_SHA256, World, b64, b64url, sha256, unb64, unb64url


def hash_with_plus_and_slash():
    """So that its other spellings are seen to differ."""
    for i in range(10_000):
        digest = sha256(f"document {i}")
        if "+" in b64(digest) and "/" in b64(digest):
            return digest
    raise AssertionError("no such hash")


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


def add_missed_document(world, values):
    """One of client a's that is raised from tomorrow on."""
    tomorrow = int((time.time() + 24 * 3600) * 1000)
    world.change("INSERT INTO raisings VALUES ('doc_raising', ?, 'an', ?, 'tx_none', 0, 'pdf', 'B-LTA', "
                 "'B-B', 'raising', 1, ?, 'the authority is away', 3, 1, NULL, NULL)",
                 values["client_a"], values["credential_a"], tomorrow)


def add_prepared_documents(world, values):
    """PDFs of client a's: one that is approved by an and finished, and one that nobody has asked for."""
    def prepared():
        got = world.call("/csc/v2/documents/prepare", {
            "credentialID": values["credential_a"], "document": b64(sample_pdf()),
            "signature_format": "P", "signAlgo": ECDSA_SHA256})
        assert got.status == 200, got.text
        return got.json["preparedID"], got.json["authorize"]["hashes"][0]
    values["prepared_open"], values["hash_prepared"] = prepared()
    values["prepared"], hash_ = prepared()
    values["sad_prepared"], _ = world.approved(unb64(hash_))
    finished = world.call("/csc/v2/documents/finish", {
        "credentialID": values["credential_a"], "SAD": values["sad_prepared"],
        "preparedID": values["prepared"]})
    assert finished.status == 200, finished.text


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


def add_officer_assertion(world, values):
    """What the officer's passkey makes of the link, as a browser would."""
    phone = json.loads(world.appliance.officer.read_text())
    challenge = sha256("kyso officer link/1:" + values["officer_link"])
    client_data = json.dumps({"type": "webauthn.get", "challenge": b64url(challenge),
                              "origin": phone["origin"], "crossOrigin": False},
                             separators=(",", ":")).encode()
    data = sha256(phone["rp_id"]) + b"\x05" + bytes(4)  # user present and verified
    with tempfile.NamedTemporaryFile() as key:
        key.write(phone["passkey"]["private_key"].encode())
        key.flush()
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key.name],
                                   input=data + hashlib.sha256(client_data).digest(), check=True,
                                   capture_output=True).stdout
    values["officer_authenticator_data"] = b64url(data)
    values["officer_client_data"] = b64url(client_data)
    values["officer_signature"] = b64url(signature)


def add_officer_links(world, values, database):
    """One that is good, and one of yesterday: for the same passkey a new one would end it."""
    point = unb64url(values["point_officer"]).hex()
    added = world.appliance.admin("officer", "add", "--name", "Cán bộ", "--point", point)
    values["officer_link"] = added["link"].split("#")[1]
    add_officer_assertion(world, values)
    values["officer_link_old"] = "A" * 43
    (row,) = database.execute("SELECT * FROM devices WHERE id = ?", (added["device_id"],))
    names = [one[1] for one in database.execute("PRAGMA table_info(devices)")]
    old = dict(zip(names, row, strict=True), id="dev_yesterday", created_at=1,
               session_hash=b64url(sha256(values["officer_link_old"])))
    database.execute(f"INSERT INTO devices ({', '.join(old)}) VALUES "
                     f"({', '.join('?' * len(old))})", tuple(old.values()))


def table_world():
    world = World('answer_seconds = 600\n\n[external_ca]\nauthorities = "tls/ca.pem"\n'
                  "new_keys = false", has_tsa=True)
    values = world.values
    for name in ("an", "binh", "phuc", "hoa", "giang"):
        world.add_signer(name)
    values["ca_pem"], values["tls_ca_pem"] = (
        file.read_text() for file in (world.appliance.ca, world.appliance.tls_ca))
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
    add_missed_document(world, values)
    with sqlite3.connect(world.appliance.data / "kyso.db", timeout=30) as database:
        for kind, name in (("signer", "device_an"), ("officer", "device_of_officer")):
            (values[name],) = database.execute(
                "SELECT id FROM devices WHERE owner_kind = ? AND (owner_id = 'an' OR "
                "owner_kind = 'officer') ORDER BY created_at LIMIT 1", (kind,)).fetchone()
        values["point_officer"], values["thumbprint_officer"] = database.execute(
            "SELECT point, thumbprint FROM devices WHERE id = ?",
            (values["device_of_officer"],)).fetchone()
        add_officer_links(world, values, database)
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
    add_prepared_documents(world, values)
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
    for account in ("hospital", "former"):
        world.appliance.admin("cmp", "add", account, "--profile", "person")
    world.appliance.admin("cmp", "remove", "former")

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
