"""The rows of table.py for the office's host, and for the operator who names its people."""

from cases import (ABSENT, Case, Endpoint, Expected, bad, bytes_cases, credential_ids_cases, good,
                   own_body_cases, renewal_cases, text_cases)
from table_login import origin_cases

ORIGIN = {"Origin": "@office"}
NOBODY = bad("nobody is signed in", 401, "invalid_token")
ROLE = bad("another role may do this", 403, "access_denied")
NO_SIGNER = bad("no such signer", 404, "not_found")
# Who may what: the first is who sends the good request.
CHANGES, READS_SIGNERS, READS_RECORDS, ANYBODY = (
    ("registrar",), ("registrar", "administrator"), ("auditor", "administrator"),
    ("auditor", "registrar", "administrator"))


def cookie(role):
    return f"x=1; __Host-kyso-office=@session_{role}"


def who_cases(roles):
    """Nobody, somebody elsewhere, and every role that may not."""
    def case(label, expected, value):
        return Case(label, expected, headers={"Cookie": value})
    return [case("no cookie", NOBODY, None),
            case("unknown session", NOBODY, "__Host-kyso-office=" + "A" * 43),
            case("a session of no length", NOBODY, "__Host-kyso-office="),
            case("the login host's session", NOBODY, "__Host-kyso-office=@session_login"),
            case("under the login host's name", NOBODY, "__Host-kyso-session=@session_registrar"),
            *(case(f"as {role}", ROLE, cookie(role))
              for role in ("registrar", "auditor", "administrator") if role not in roles)]


def office(method, path, roles, body, cases, *members, is_private=False, status=200):
    posts = method == "POST"
    headers = {"Cookie": cookie(roles[0])} if roles else {}
    return Endpoint((method,), "office", "/office/v1/" + path, "office", "json" if posts else "none",
                    body, (origin_cases() if posts else []) +
                    (who_cases(roles) if roles else []) + cases, status, members,
                    is_private=is_private, headers={**headers, **(ORIGIN if posts else {})},
                    body_max=16 * 1024 if posts else 0)


def users_cases():
    return own_body_cases() + text_cases("id", 64) + text_cases("name", 255) + \
        text_cases("role", 16) + [
            Case("unknown role", bad("role must be registrar, auditor or administrator"),
                 change={"role": "officer"}),
            Case("id that is none", bad("id must be 1 to 64 of a-z, 0-9, '.', '-' and '_'"),
                 change={"id": "a b"}),
            Case("name of two lines", bad("Invalid parameter name"), change={"name": "a\nb"}),
            Case("there is one", bad("the id is taken", 409, "conflict"),
                 change={"id": "the-auditor"}),
            Case("good", good("id", "role", "status"))]


def admin(method, path, body, cases, *members, is_private=True):
    posts = method == "POST"
    return Endpoint((method,), "admin", "/admin/v1/office-users" + path, "local",
                    "json" if posts else "none", body, cases, members=members,
                    is_private=is_private, body_max=16 * 1024 if posts else 0)


NO_USER = bad("no such user of the office", 404, "not_found")
ASSERTION = {"challenge": "A" * 43, "credential_id": "AAAA", "authenticator_data": "AAAA",
             "client_data_json": "AAAA", "signature": "AAAA"}
INVITATION = bad("the invitation is unknown, used or expired", 404, "not_found")
ASSERTION_BYTES = (("credential_id", 1023), ("authenticator_data", 256), ("client_data_json", 1024),
                   ("signature", 128))
CREDENTIAL = "/office/v1/credentials/"

ENDPOINTS = [
    *(Endpoint(("GET",), "office", path, "open", "none", {}, [
        Case("the page", Expected(200, shows='src="/assets/@office_script"'))], body_max=0)
      for path in ("/", "/register", "/signers", "/signer", "/queue", "/transactions", "/transaction",
                   "/audit")),
    Endpoint(("GET",), "office", "/assets/{id}", "open", "none", {}, [
        Case("the script", Expected(200), path="/assets/@office_script"),
        Case("unknown", bad("no such file", 404, "not_found"), path="/assets/main-0.js"),
        Case("the approve app's", bad("no such file", 404, "not_found"),
             path="/assets/@app_script")], body_max=0, is_private=True),

    office("POST", "registration/options", (), {"invitation": "@office_invitation"},
           own_body_cases() + text_cases("invitation", 128) + [
               Case("unknown invitation", INVITATION, change={"invitation": "x"}),
               Case("the login host's", INVITATION, change={"invitation": "@login_invitation"})],
           "challenge", "rp_id", "user_handle", "user_name", "user_display_name", "registered"),
    office("POST", "registration", (),
           {"invitation": "@office_invitation", "name": "x", "authenticator_data": "AAAA",
            "client_data_json": "AAAA"},
           own_body_cases() + text_cases("invitation", 128) + text_cases("name", 255) +
           bytes_cases("authenticator_data", 2048) + bytes_cases("client_data_json", 1024) + [
               Case("unknown invitation", INVITATION, change={"invitation": "x"}),
               Case("no real passkey", bad("@any", 422, "assertion_refused")),
               Case("name of two lines", bad("Invalid parameter name"), change={"name": "a\nb"})],
           is_private=True),
    office("GET", "sign-in", (), {}, [], "challenge", "rp_id"),
    office("POST", "sign-in", (), ASSERTION,
           own_body_cases() + bytes_cases("challenge", 32) +
           [case for name, size in ASSERTION_BYTES for case in bytes_cases(name, size)] + [
               Case("challenge too short", bad("challenge must be 32 bytes"),
                    change={"challenge": "AAAA"}),
               Case("no challenge of ours", bad("the sign-in took too long", 410, "expired"))],
           is_private=True),
    office("POST", "sign-out", (), {}, [
        Case("nobody", Expected(204)),
        Case("an unknown session", Expected(204),
             headers={"Cookie": "__Host-kyso-office=" + "A" * 43})], is_private=True),
    office("GET", "me", ANYBODY, {}, [], "id", "name", "role"),

    office("GET", "signers", READS_SIGNERS, {}, [
        Case("search", good("signers"), path="/office/v1/signers?search=Signer&after=an"),
        Case("search for a control character", bad("Invalid parameter search"),
             path="/office/v1/signers?search=%0a"),
        Case("a broken escape", bad("the query must be form-encoded"),
             path="/office/v1/signers?search=%zz")], "signers"),
    office("GET", "signer", READS_SIGNERS, {}, [
        Case("nobody", bad("say who: ?id=ID")),
        Case("unknown signer", NO_SIGNER, path="/office/v1/signer?id=nobody"),
        Case("good", good("signer", "credentials", "devices"), path="/office/v1/signer?id=an")],
        is_private=True),
    office("GET", "waiting", READS_SIGNERS, {}, [], "items"),
    office("POST", "signers", CHANGES, {"id": "lan", "name": "Lan", "subject": "CN=Lan,C=VN"},
           own_body_cases() + text_cases("id", 255) + text_cases("name", 255) +
           text_cases("subject", 1024) + [
               Case("the id is taken", bad("the signer's id is taken", 409, "conflict"),
                    change={"id": "an"}),
               Case("two addresses", bad("email must be NAME@HOST, in ASCII"),
                    change={"email": "a@kyso.example,b@kyso.example"}),
               Case("good", good("id", "subject"))], is_private=True),
    office("POST", "signers/email", CHANGES, {"id": "giang", "email": "giang@kyso.example"},
           own_body_cases() + text_cases("id", 255) + [
               Case("email missing", bad('email is missing; "" for no address'),
                    change={"email": ABSENT}),
               Case("unknown signer", NO_SIGNER, change={"id": "nobody"})], "id", "email"),
    office("POST", "signers/status", CHANGES, {"id": "giang", "status": "active"},
           own_body_cases() + text_cases("id", 255) + text_cases("status", 16) + [
               Case("unknown signer", NO_SIGNER, change={"id": "nobody"}),
               Case("unknown status", bad("status must be active, frozen or deleted"),
                    change={"status": "asleep"}),
               Case("deleted", bad("the operator alone deletes a signer", 403, "access_denied"),
                    change={"status": "deleted"})], "id", "status"),
    office("POST", "signers/lost-phone", CHANGES, {"id": "giang"},
           own_body_cases() + text_cases("id", 255) + [
               Case("unknown signer", NO_SIGNER, change={"id": "nobody"})], "devices_removed"),
    office("POST", "invitations", CHANGES, {"signer_id": "giang"},
           own_body_cases() + text_cases("signer_id", 255) + [
               Case("unknown kind of key",
                    bad("key_type is one of p256, p384, rsa2048, rsa3072, rsa4096"),
                    change={"key_type": "ed25519"}),
               Case("unknown profile", bad("profile is one of person, organisation, device"),
                    change={"profile": "root"})],
           "credential_id", "link", "expires_at"),
    office("POST", "renewals", CHANGES,
           {"credential_ids": ["@credential_disabled"], "supersede": False},
           renewal_cases() + [
               Case("the CA's own", bad("no such credential: @credential_ca", 404, "not_found"),
                    change={"credential_ids": ["@credential_ca"]})], is_private=True),
    office("POST", "certification-requests", CHANGES, {"credential_ids": ["@credential_disabled"]},
           credential_ids_cases() + [
               Case("suspended",
                    bad("credential @credential_disabled is suspended: resume it first", 409, "conflict")),
               Case("the CA's own", bad("no such credential: @credential_ca", 404, "not_found"),
                    change={"credential_ids": ["@credential_ca"]})], is_private=True),
    office("POST", "credentials/{id}", CHANGES, {"status": "enabled"},
           own_body_cases() + text_cases("status", 16) + [
        Case("unknown credential", bad("no such credential", 404, "not_found"),
             path=CREDENTIAL + "cred_none"),
        Case("the CA's own", bad("no such credential", 404, "not_found"),
             path=CREDENTIAL + "@credential_ca"),
        Case("deleted", bad("the operator alone deletes a credential", 403, "access_denied"),
             change={"status": "deleted"}),
        Case("revoked without a reason", bad("reason is missing or empty"),
             change={"status": "revoked", "reason": ABSENT}),
        Case("revoked for no reason of theirs", bad("reason must be one of RFC 5280 §5.3.1"),
             change={"status": "revoked", "reason": "boredom"}),
        Case("resumed though not suspended",
             bad("the credential is not suspended", 409, "conflict")),
        Case("suspended twice", bad("the credential is not enabled", 409, "conflict"),
             change={"status": "disabled"}, path=CREDENTIAL + "@credential_disabled")],
        is_private=True),

    office("GET", "transactions", READS_RECORDS, {}, [
        Case("search", good("transactions"),
             path="/office/v1/transactions?signer=an&state=signed&from=1&to=9999999999999"),
        Case("the page after", good("transactions"),
             path="/office/v1/transactions?before=@transaction_b"),
        Case("a strange state", bad("there is no such state"),
             path="/office/v1/transactions?state=asleep"),
        Case("a strange time", bad("from must be milliseconds"),
             path="/office/v1/transactions?from=1x"),
        Case("a time before all", bad("to must be milliseconds"),
             path="/office/v1/transactions?to=-1"),
        Case("a broken escape", bad("the query must be form-encoded"),
             path="/office/v1/transactions?search=%zz")], "transactions"),
    office("GET", "transactions/{id}", READS_RECORDS, {}, [
        Case("unknown transaction", bad("no such transaction", 404, "not_found"),
             path="/office/v1/transactions/tx_none")], "id", "state", "documents", "receipts"),
    office("GET", "audit", READS_RECORDS, {}, [], "modules", "configured"),
    office("POST", "audit/check", READS_RECORDS, {}, own_body_cases(), "verdict", "logs"),

    admin("POST", "", {"id": "moi", "name": "Mới", "role": "auditor"}, users_cases()),
    admin("GET", "", {}, [], "users", is_private=False),
    admin("POST", "/{id}", {"role": "registrar", "status": "active"}, own_body_cases() +
          text_cases("role", 16, is_required=False) + text_cases("status", 16, is_required=False) + [
              Case("unknown user", NO_USER, path="/admin/v1/office-users/none"),
              Case("unknown role", bad("role must be registrar, auditor or administrator"),
                   change={"role": "officer"}),
              Case("unknown status", bad("status must be active or disabled"),
                   change={"status": "asleep"})], "id", "role", "status", is_private=False),
    admin("POST", "/{id}/invite", {"new_keys": False}, own_body_cases() + [
        Case("unknown user", bad("no such user of the office: none", 404, "not_found"),
             path="/admin/v1/office-users/none/invite"),
        Case("disabled", bad("the user is disabled; kyso office set the-former --status active first",
                             409, "conflict"),
             path="/admin/v1/office-users/the-former/invite"),
        Case("new_keys of wrong type", bad("new_keys must be true or false"),
             change={"new_keys": "no"})], "link", "expires_at", is_private=False),
]

IDS = {"/office/v1/credentials/{id}": "@credential_a",
       "/office/v1/transactions/{id}": "@transaction_a",
       "/admin/v1/office-users/{id}": "the-registrar",
       "/admin/v1/office-users/{id}/invite": "the-registrar"}
