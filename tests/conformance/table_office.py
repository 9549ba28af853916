"""The rows of table.py for phones and for the operator."""

from cases import (ABSENT, BATCH, NOWHERE, Case, Endpoint, Expected, bad, bytes_cases,
                   credential_ids_cases, good, own_body_cases, renewal_cases, session_cases,
                   text_cases)
from world import b64url


def enrolment_cases():
    unknown = bad("the invitation is unknown, used or expired", 404, "not_found")
    return own_body_cases() + text_cases("invitation", 128) + bytes_cases("public_key", 65) + [
        Case("unknown invitation", unknown, change={"invitation": "x"}),
        Case("used invitation", bad("the credential is enrolled already", 409, "conflict"),
             change={"invitation": "@invitation_used"}),
        Case("public_key too short", bad("the public key is not a point on P-256"),
             change={"public_key": "AAAA"}),
        Case("public_key not on the curve", bad("the public key is not a point on P-256"),
             change={"public_key": "@point_off_curve"}),
        Case("backup_eligible missing", bad("backup_eligible must be true or false"),
             change={"backup_eligible": ABSENT}),
        Case("backup_eligible of wrong type", bad("backup_eligible must be true or false"),
             change={"backup_eligible": "false"}),
        Case("device_name with a control character", bad("Invalid parameter device_name"),
             change={"device_name": "a\nb"}),
    ] + text_cases("device_name", 255)


def subscription_cases():
    def elsewhere(label, endpoint, description):
        return Case(label, bad(description), change={"endpoint": endpoint})
    unknown = "endpoint is at no push service that this server knows"
    return (own_body_cases() + text_cases("endpoint", 2048) + bytes_cases("p256dh", 65) +
            bytes_cases("auth", 16) + bytes_cases("application_server_key", 65) + [
        elsewhere("endpoint elsewhere", "https://push.example/a", unknown),
        elsewhere("endpoint of this machine", "https://127.0.0.1/a", unknown),
        elsewhere("endpoint at another port", "https://fcm.googleapis.com:8443/a", unknown),
        elsewhere("endpoint under another name",
                  "https://fcm.googleapis.com.push.example/a", unknown),
        elsewhere("endpoint in the clear", "http://fcm.googleapis.com/a",
                  "endpoint must begin with https://"),
        elsewhere("endpoint with a user", "https://fcm.googleapis.com@[::1]/a",
                  "endpoint must have neither user nor fragment"),
        elsewhere("endpoint that is no URL", "fcm.googleapis.com/a",
                  "endpoint is no absolute URL"),
        Case("p256dh not on the curve", bad("p256dh is not a point on P-256"),
             change={"p256dh": "@point_off_curve"}),
        Case("p256dh too short", bad("p256dh is not a point on P-256"), change={"p256dh": "AAAA"}),
        Case("auth too short", bad("auth must be 16 bytes"), change={"auth": "AAAA"}),
        Case("made with another key",
             bad("the subscription was made with another key", 409, "conflict"),
             change={"application_server_key": "@point"}),
        Case("good", good("application_server_key", "endpoint")),
        Case("at a name under a listed one", good("application_server_key", "endpoint"),
             change={"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/a"}),
    ])


def more_time_cases():
    def at(transaction):
        return f"/approve/v1/transactions/{transaction}/more-time"
    return [Case("unknown transaction", bad("no such transaction", 404, "not_found"),
                 path=at("tx_none")),
            Case("over", bad("the transaction waits no more", 409, "conflict"),
                 path=at("@transaction_rejected")),
            Case("with time enough it stays as it is", good("id", "expires_at", "activation"))]


def transaction_cases(tail):
    unknown = bad("no such transaction", 404, "not_found")

    def at(transaction):
        return f"/approve/v1/transactions/{transaction}{tail}"
    return [
        Case("unknown transaction", unknown, path=at("tx_none")),
        Case("someone else's transaction", unknown, path=at("@transaction_b")),
        Case("an officer's eyes", unknown, headers={"Authorization": "Bearer @session_officer"}),
        Case("id that is none", NOWHERE, path=at("a%00b")),
        Case("id too long", NOWHERE, path=at("a" * 129)),
        Case("id of dots", NOWHERE, path=at("..")),
    ]


def refusal_cases(tail):
    at = f"/approve/v1/transactions/@transaction_rejected{tail}"
    return transaction_cases(tail) + [
        Case("answered already", bad("transaction is rejected", 409, "conflict"), path=at)]


def assertion_cases():
    return (bytes_cases("thumbprint", 32) + bytes_cases("authenticator_data", 256) +
            bytes_cases("client_data_json", 1024) + bytes_cases("signature", 128) + [
        Case("thumbprint too short", bad("thumbprint must be 32 bytes"),
             change={"thumbprint": "AAAA"})])


def approve_cases():
    refused = Expected(422, "assertion_refused", "@any")
    at = "/approve/v1/transactions/@transaction_rejected/approve"
    return (own_body_cases() + transaction_cases("/approve") + assertion_cases() + [
        Case("no real assertion", refused),
        Case("another phone's thumbprint", refused, change={"thumbprint": "@thumbprint_b"}),
        Case("answered already", bad("the transaction is rejected", 409, "conflict"), path=at),
    ])


def announce_cases():
    return own_body_cases() + bytes_cases("public_key", 65) + text_cases("device_name", 255) + [
        Case("public_key too short", bad("the public key is not a point on P-256"),
             change={"public_key": "AAAA"}),
        Case("public_key not on the curve", bad("the public key is not a point on P-256"),
             change={"public_key": "@point_off_curve"}),
        Case("backup_eligible of wrong type", bad("backup_eligible must be true or false"),
             change={"backup_eligible": "false"}),
        Case("device_name with a control character", bad("Invalid parameter device_name"),
             change={"device_name": "a\nb"}),
    ]


def take_cases():
    nobody = bad("no phone shows this code, or its time is over", 404, "not_found")

    def session(label, name, expected):
        return Case(label, expected, headers={"Authorization": f"Bearer @{name}"})
    thumbprint = [case for case in bytes_cases("thumbprint", 32) if case.label.split()[-1] != "missing"]
    return own_body_cases() + thumbprint + [
        Case("neither of the two", bad("short_code is missing or empty"),
             change={"thumbprint": ABSENT}),
        Case("short_code too long", bad("short_code must be a string of at most 14 bytes"),
             change={"thumbprint": ABSENT, "short_code": "1" * 15}),
        Case("thumbprint too short", bad("thumbprint must be 32 bytes"),
             change={"thumbprint": "AAAA"}),
        Case("unknown thumbprint", nobody, change={"thumbprint": "@thumbprint_b"}),
        Case("unknown short code", nobody,
             change={"thumbprint": ABSENT, "short_code": "0000-0000-0000"}),
        session("an officer's phone", "session_officer",
                bad("an officer's phone is changed by a ceremony", 403, "access_denied")),
        session("a frozen signer's phone", "session_frozen",
                bad("signing is suspended; the registration office resumes it", 409, "conflict")),
        Case("the phone itself", bad("no key is activated by this phone", 409, "conflict"),
             change={"thumbprint": "@thumbprint_own"}),
        Case("good", good("items")),
        session("taken up by another", "session_b", nobody),
    ]


def move_approve_cases():
    return (own_body_cases() + text_cases("transaction_id", 128) + bytes_cases("thumbprint", 32) +
            bytes_cases("signature", 128) + [
        Case("unknown transaction", bad("no such transaction", 404, "not_found")),
        Case("somebody else's transaction", bad("no such transaction", 404, "not_found"),
             change={"transaction_id": "@transaction_b"}),
    ])


def admin_clients_cases():
    return own_body_cases() + text_cases("name", 255) + [
        Case("name with a control character", bad("Invalid parameter name"),
             change={"name": "a\u0007"}),
        Case("neither all nor some", bad("say all_signers: true, or list signers"),
             change={"all_signers": ABSENT}),
        Case("all_signers false", bad("say all_signers: true, or list signers"),
             change={"all_signers": False}),
        Case("signers of wrong type", bad("signers must be a list of strings"),
             change={"all_signers": ABSENT, "signers": [1]}),
        Case("unknown signer", bad("no such signer: nobody", 404, "not_found"),
             change={"all_signers": ABSENT, "signers": ["an", "nobody"]}),
        Case("good", good("client_id", "client_secret")),
    ]


NO_CLIENT = Case("unknown client", bad("no such client", 404, "not_found"),
                 path="/admin/v1/clients/client_none")


def client_change_cases():
    def settings(label, description, status=400, error="invalid_request", **values):
        return Case(label, bad(description, status, error),
                    change={"settings": {name.replace("__", "."): value
                                         for name, value in values.items()}})
    return [
        Case("settings of wrong type", bad("settings must be an object of strings"),
             change={"settings": ["x"]}),
        settings("setting of wrong type", "settings must be an object of strings", door__csc=True),
        settings("unknown setting", "no such setting: door.barn", 404, "not_found",
                 door__barn="on"),
        settings("wrong value", "door.rssp must be on or off", door__rssp="yes"),
        settings("out of bounds", "profile.hold_seconds must be a whole number from 0 to 300",
                 profile__hold_seconds="301"),
        Case("the portal's own OAuth", bad("oauth.* of the signing portal's own client follows "
                                           "hosts.portal: set that"),
             path="/admin/v1/clients/portal", change={"settings": {"oauth.token_auth": "client_secret"}}),
        Case("unknown status", bad("status must be active or disabled"),
             change={"status": "asleep"}),
        Case("status", good("client_id", "status"), change={"status": "active"}),
    ]


def admin_signers_cases():
    return (own_body_cases() + text_cases("id", 255) + text_cases("name", 255) +
            text_cases("subject", 1024) + text_cases("language", 35, is_required=False) + [
        Case("id of more than 64 bytes", bad("Invalid parameter id"), change={"id": "x" * 65}),
        Case("id taken", bad("the signer's id is taken", 409, "conflict"), change={"id": "an"}),
        Case("subject that is no name", bad("@any"), change={"subject": "Nguyễn Văn A"}),
        Case("email of wrong type", bad("email must be a string of at most 254 bytes"),
             change={"email": 7}),
        Case("email with a name before it", bad("email must be NAME@HOST, in ASCII"),
             change={"email": "Khoa <khoa@kyso.example>"}),
        Case("account too long", bad("account must be a string of at most 64 bytes"),
             change={"account": "1" * 65}),
        Case("account of wrong type", bad("account must be a string of at most 64 bytes"),
             change={"account": 7}),
        Case("account taken", bad("the account is taken", 409, "conflict"),
             change={"account": "079201000001"}),
        Case("account that is somebody's id", bad("the account is taken", 409, "conflict"),
             change={"account": "binh"}),
        Case("id that is somebody's account", bad("the signer's id is taken", 409, "conflict"),
             change={"id": "079201000001"}),
        Case("good", good("id", "subject")),
    ])


def admin_credentials_cases():
    return (own_body_cases() + text_cases("signer_id", 255) +
            text_cases("key_type", 16, is_required=False) +
            text_cases("profile", 16, is_required=False) +
            text_cases("description", 255, is_required=False) + [
        Case("unknown profile", bad("profile is one of person, organisation, device"),
             change={"profile": "ocsp"}),
        Case("profile that the subject is none for",
             bad("subject: O is missing, which profile organisation needs: "
                 "CN=Signer an,serialNumber=an,C=VN"), change={"profile": "organisation"}),
        Case("unknown signer", bad("no signer nobody", 404, "not_found"),
             change={"signer_id": "nobody"}),
        Case("unknown key type", bad("key_type is one of p256, p384, rsa2048, rsa3072, rsa4096"),
             change={"key_type": "rsa1024"}),
        Case("good", good("credential_id", "link", "expires_at")),
    ])


def admin_officers_cases():
    return own_body_cases() + text_cases("name", 255) + bytes_cases("public_key", 65) + [
        Case("public_key not on the curve", bad("the public key is not a point on P-256"),
             change={"public_key": "@point_off_curve"}),
        Case("backup_eligible of wrong type", bad("backup_eligible must be true or false"),
             change={"backup_eligible": 0}),
        Case("name with a control character", bad("Invalid parameter name"),
             change={"name": "a\nb"}),
        Case("name with what cannot be seen",
             bad("name has a character that cannot be seen; type it anew"),
             change={"name": "B\u200bình"}),
        Case("blank name", bad("name is blank"), change={"name": "  "}),
        Case("a passkey that the plan describes otherwise",
             bad("the plan of the group says backup_eligible = false of this passkey: the modules "
                 "refuse it otherwise. If the plan is wrong, change the group's configuration "
                 "first", 403, "access_denied"),
             change={"public_key": "@point_officer", "backup_eligible": True}),
        Case("nobody whom the modules know",
             bad("the modules do not know this officer", 403, "access_denied")),
    ]


def connect_cases():
    def other(label, expected, **change):
        return Case(label, expected, change=change)
    return own_body_cases() + text_cases("link", 128) + assertion_cases() + [
        other("unknown link",
              bad("the link is used or unknown here; the operator gives another (kyso officer "
                  "add)", 404, "not_found"), link="x"),
        other("a session in the link's place",
              bad("the link is used or unknown here; the operator gives another (kyso officer "
                  "add)", 404, "not_found"), link="@session_officer"),
        other("another passkey",
              bad("the link belongs to another passkey; open it where that one is, or have one "
                  "made for this passkey's point", 409, "conflict"),
              thumbprint="@thumbprint_new"),
        other("a link of yesterday",
              bad("the link's day is over; the operator gives another (kyso officer add)", 410,
                  "expired"), link="@officer_link_old"),
        other("a passkey that the plan describes otherwise",
              bad("the plan of the group says backup_eligible = false of this passkey: the modules "
                  "refuse it otherwise. If the plan is wrong, change the group's configuration "
                  "first", 403, "access_denied"),
              authenticator_data=b64url(bytes(32) + b"\x0d" + bytes(4))),
        other("a signature of nobody", Expected(422, "assertion_refused", "@any"),
              signature="AAAA"),
        Case("good", good("device_id", "session")),
        Case("used", bad("the link is used or unknown here; the operator gives another (kyso "
                         "officer add)", 404, "not_found")),
    ]


def admin_certificates_cases():
    return credential_ids_cases() + [
        Case("certified already",
             bad("credential @credential_a is not bound, or has a certificate", 409, "conflict")),
        Case("named twice", bad("credential @credential_a is named twice"),
             change={"credential_ids": ["@credential_a", "@credential_a"]}),
    ]


def approve(methods, path, body, cases, *members, guard="device", is_private=False):
    sessions = {"device": "@session_an", "newcomer": "@session_new"}
    common = session_cases() if guard in sessions else []
    return Endpoint(methods, "approve", "/approve/v1/" + path, guard,
                    "json" if "POST" in methods else "none", body, common + cases,
                    members=members, is_private=is_private,
                    headers={"Authorization": f"Bearer {sessions[guard]}"} if guard in sessions
                    else {})


def admin(method, path, body, cases, *members, body_max=16 * 1024, is_private=None):
    return Endpoint((method,), "admin", "/admin/v1/" + path, "local",
                    "json" if method == "POST" else "none", body, cases, members=members,
                    is_private=method == "POST" if is_private is None else is_private,
                    body_max=body_max if method == "POST" else 0)


ASSERTION = {"thumbprint": "@thumbprint_an", "authenticator_data": "AAAA",
             "client_data_json": "AAAA", "signature": "AAAA"}


ENDPOINTS = [
    approve(("POST",), "enrolments",
            {"invitation": "@invitation_used", "public_key": "@point", "backup_eligible": False,
             "device_name": "phone"}, enrolment_cases(), guard="open", is_private=True),
    approve(("GET",), "history", {}, [
        Case("no number", bad("before must be milliseconds"), path="/approve/v1/history?before=x"),
        Case("a negative number", bad("before must be milliseconds"),
             path="/approve/v1/history?before=-1"),
        Case("empty", bad("before must be milliseconds"), path="/approve/v1/history?before="),
        Case("before everything", good("items"), path="/approve/v1/history?before=1")], "items"),
    approve(("GET",), "devices", {}, [], "devices"),
    approve(("POST",), "devices/{id}/name", {"name": "Phone"},
            own_body_cases() + text_cases("name", 255) + [
        Case("unknown device", bad("no such device", 404, "not_found"),
             path="/approve/v1/devices/dev_none/name"),
        Case("somebody else's", bad("no such device", 404, "not_found"),
             path="/approve/v1/devices/@device_of_officer/name"),
        Case("control character", bad("Invalid parameter name"), change={"name": "a\nb"}),
        Case("good", good("devices"))], is_private=True),
    approve(("POST",), "devices/{id}/remove", {}, [
        Case("unknown device", bad("no such device", 404, "not_found"),
             path="/approve/v1/devices/dev_none/remove"),
        Case("somebody else's", bad("no such device", 404, "not_found"),
             path="/approve/v1/devices/@device_of_officer/remove")],
        is_private=True),
    approve(("GET",), "transactions/{id}/document", {}, [
        Case("no position", bad("position must be a number"),
             path="/approve/v1/transactions/@transaction_waiting/document"),
        Case("a strange position", bad("position must be a number"),
             path="/approve/v1/transactions/@transaction_waiting/document?position=1x"),
        Case("unknown transaction", bad("no such transaction", 404, "not_found"),
             path="/approve/v1/transactions/tx_none/document?position=0"),
        Case("nothing was supplied", bad("no such document", 404, "not_found"),
             path="/approve/v1/transactions/@transaction_waiting/document?position=0")],
        is_private=True),
    approve(("POST",), "transactions/{id}/more-time", {}, more_time_cases(), is_private=True),
    approve(("GET",), "events", {}, [], is_private=True),  # what it tells: events.py
    approve(("GET",), "pending", {}, [], "items"),
    approve(("GET",), "push", {}, [], "application_server_key", "endpoint"),
    approve(("POST",), "push",
            {"endpoint": "https://fcm.googleapis.com/fcm/send/a", "p256dh": "@point",
             "auth": "AAAAAAAAAAAAAAAAAAAAAA", "application_server_key": "@vapid_key"},
            subscription_cases(), is_private=True),
    approve(("POST",), "push/remove", {}, [], "application_server_key", "endpoint",
            is_private=True),
    approve(("POST",), "officers",
            {"link": "@officer_link", "thumbprint": "@thumbprint_officer",
             "authenticator_data": "@officer_authenticator_data",
             "client_data_json": "@officer_client_data", "signature": "@officer_signature"},
            connect_cases(), guard="open", is_private=True),
    approve(("POST",), "moves",
            {"public_key": "@point", "backup_eligible": False, "device_name": "phone"},
            announce_cases(), "session", "expires_at", guard="open"),
    approve(("POST",), "moves/take", {"thumbprint": "@thumbprint_new"}, take_cases(),
            is_private=True),
    approve(("GET",), "moves/own", {}, [
        Case("a phone's session", bad("unknown session", 401, "invalid_token"),
             headers={"Authorization": "Bearer @session_an"})],
        "state", "expires_at", "items", guard="newcomer"),
    approve(("POST",), "moves/own/approve", {"transaction_id": "tx_none", **ASSERTION},
            move_approve_cases(), guard="newcomer", is_private=True),
    approve(("POST",), "moves/own/reject", {}, [], "state", "items", guard="newcomer"),
    approve(("GET",), "transactions/{id}", {}, transaction_cases(""), "id", "purpose", "state",
            "documents", "activation", "receipts"),
    approve(("POST",), "transactions/{id}/approve", ASSERTION, approve_cases(), is_private=True),
    approve(("POST",), "transactions/{id}/reject", {}, refusal_cases("/reject"), is_private=True),
    approve(("POST",), "transactions/{id}/not-mine", {}, refusal_cases("/not-mine"),
            is_private=True),

    admin("POST", "clients", {"name": "Portal", "all_signers": True}, admin_clients_cases(),
          body_max=BATCH),
    admin("GET", "clients", {}, [], "clients"),
    admin("GET", "clients/{id}", {}, [NO_CLIENT], "client_id", "name", "status", "settings"),
    admin("POST", "clients/{id}", {"settings": {"profile.hold_seconds": "30"}},
          own_body_cases() + [NO_CLIENT] + client_change_cases(), "client_id", "settings",
          is_private=False),
    admin("POST", "clients/{id}/secret", {}, [
        Case("unknown client", NO_CLIENT.expected, path=NO_CLIENT.path + "/secret"),
        Case("good", good("client_id", "client_secret"))]),
    admin("POST", "reload", {}, [], "needs_restart", is_private=False),
    admin("POST", "push-key", {}, [], "application_server_key", "subscriptions_removed",
          is_private=False),
    admin("POST", "token-key", {}, [], "kid", is_private=False),
    admin("POST", "application-logins", {"client_id": "@client_a", "signer_id": "an"},
          own_body_cases() + text_cases("client_id", 255) + text_cases("signer_id", 255) + [
              Case("unknown client", bad("no such client", 404, "not_found"),
                   change={"client_id": "client_none"}),
              Case("unknown signer", bad("no such signer: nobody", 404, "not_found"),
                   change={"signer_id": "nobody"})]),
    admin("POST", "signers", {"id": "khoa", "name": "Khoa", "subject": "CN=Khoa,C=VN"},
          admin_signers_cases()),
    admin("GET", "signers", {}, [
        Case("after one", good("signers"), path="/admin/v1/signers?after=an"),
        Case("another question", bad("the query may only have after=ID"),
             path="/admin/v1/signers?before=an")], "signers"),
    admin("POST", "signers/status", {"id": "giang", "status": "active"},
          own_body_cases() + text_cases("id", 255) + text_cases("status", 16) + [
              Case("unknown signer", bad("no such signer", 404, "not_found"),
                   change={"id": "nobody"}),
              Case("unknown status", bad("status must be active, frozen or deleted"),
                   change={"status": "asleep"})], "id", "status", is_private=False),
    admin("POST", "signers/lost-phone", {"id": "giang"}, own_body_cases() + text_cases("id", 255) + [
              Case("unknown signer", bad("no such signer", 404, "not_found"),
                   change={"id": "nobody"})], "devices_removed", is_private=False),
    admin("POST", "signers/email", {"id": "giang", "email": "giang@kyso.example"},
          own_body_cases() + text_cases("id", 255) +
          text_cases("email", 254, is_required=False) + [
              Case("unknown signer", bad("no such signer", 404, "not_found"),
                   change={"id": "nobody"}),
              Case("email missing", bad('email is missing; "" for no address'),
                   change={"email": ABSENT}),
              Case("email null", bad('email is missing; "" for no address'), change={"email": None}),
              Case("two addresses", bad("email must be NAME@HOST, in ASCII"),
                   change={"email": "a@kyso.example,b@kyso.example"}),
              Case("a second line", bad("email must be NAME@HOST, in ASCII"),
                   change={"email": "a@kyso.example\r\nBcc: b@kyso.example"})],
          "id", "email", is_private=False),
    admin("GET", "raisings", {}, [
        Case("the page after", good("raisings"), path="/admin/v1/raisings?after=doc_raising"),
        Case("the page after none", bad("no such document", 404, "not_found"),
             path="/admin/v1/raisings?after=doc_none")],
        "raisings"),
    admin("POST", "raisings/retry", {}, [], "due", is_private=False),
    admin("GET", "notices", {}, [], "notices"),
    admin("GET", "notices/{id}", {}, [
        Case("unknown notice", bad("no such notice", 404, "not_found"),
             path="/admin/v1/notices/ntc_none")], is_private=True),
    admin("POST", "notices", {"to": "an@kyso.example"},
          own_body_cases() + text_cases("to", 254) +
          text_cases("language", 35, is_required=False) + [
              Case("no mail server",
                   bad("no mail server is configured: [mail] in kyso.toml", 409, "conflict"))],
          is_private=True),
    admin("GET", "credentials", {}, [
        Case("nobody's", bad("say whose: ?signer=ID, or what ends: ?expiring=DAYS")),
        Case("what ends", good("credentials"), path="/admin/v1/credentials?expiring=30"),
        Case("what ends, of one", good("credentials"),
             path="/admin/v1/credentials?signer=an&expiring=3650"),
        *(Case(f"days that are none: {days}", bad("expiring must be 1 to 10000 days"),
               path=f"/admin/v1/credentials?expiring={days}")
          for days in ("0", "10001", "-1", "1x", "", "99999999999999999999")),
        Case("unknown signer", bad("no such signer", 404, "not_found"),
             path="/admin/v1/credentials?signer=nobody"),
        Case("good", good("credentials"), path="/admin/v1/credentials?signer=an")],
        is_private=True),
    admin("POST", "credentials/{id}", {"status": "enabled"}, own_body_cases() +
          text_cases("status", 16) + [
        Case("unknown credential", bad("no such credential", 404, "not_found"),
             path="/admin/v1/credentials/cred_none"),
        Case("unknown status", bad("status must be enabled, disabled, revoked or deleted"),
             change={"status": "asleep"}),
        Case("revoked without a reason", bad("reason is missing or empty"),
             change={"status": "revoked", "reason": ""}),
        Case("revoked for no reason of theirs", bad("reason must be one of RFC 5280 §5.3.1"),
             change={"status": "revoked", "reason": "boredom"}),
        Case("revoked to be held", bad("a certificate is held by suspending its credential"),
             change={"status": "revoked", "reason": "certificateHold"}),
        Case("resumed though not suspended", bad("the credential is not suspended", 409, "conflict")),
        Case("suspended twice", bad("the credential is not enabled", 409, "conflict"),
             change={"status": "disabled"}, path="/admin/v1/credentials/@credential_disabled")]),
    admin("POST", "credentials", {"signer_id": "an"}, admin_credentials_cases()),
    admin("GET", "credentials/{id}", {}, [
        Case("unknown credential", bad("no such credential", 404, "not_found"),
             path="/admin/v1/credentials/cred_none")],
        "id", "signer_id", "status", "key_type", "certificates"),
    admin("POST", "officers", {"name": "x", "public_key": "@point", "backup_eligible": False},
          admin_officers_cases()),
    admin("GET", "officers", {}, [], "plan_known", "officers", "without_phone"),
    admin("POST", "officers/{id}/remove", {}, [
        Case("unknown phone", bad("no such phone of an officer", 404, "not_found"),
             path="/admin/v1/officers/dev_none/remove"),
        Case("a signer's phone", bad("no such phone of an officer", 404, "not_found"),
             path="/admin/v1/officers/@device_an/remove")],
        is_private=True),
    admin("POST", "issuers", {"subject": "CN=Another,C=VN"},
          own_body_cases() + text_cases("subject", 1024) + [
              Case("there is one", bad("there is an issuer already", 409, "conflict"))]),
    admin("POST", "services", {"kind": "tsa", "subject": "CN=Another TSA,C=VN"},
          own_body_cases() + text_cases("kind", 8) + text_cases("subject", 1024) + [
              Case("another kind", bad("kind is one of ocsp, tsa"), change={"kind": "issuer"})]),
    admin("POST", "cmp-accounts", {"name": "clinic", "profile": "device"},
          own_body_cases() + text_cases("name", 64) + text_cases("profile", 16) + [
              Case("a name in capitals",
                   bad("name must be 1 to 64 of a-z, 0-9, '.', '-' and '_'"),
                   change={"name": "Clinic"}),
              Case("a hidden name", bad("name must not begin with a dot"), change={"name": ".."}),
              Case("no signer's profile", bad("profile is one of person, organisation, device"),
                   change={"profile": "root"}),
              Case("the name of one that was removed",
                   bad("account former was removed, and what it was given is its own: take another "
                       "name", 409, "conflict"), change={"name": "former"}),
              Case("good", good("name", "profile", "secret", "url")),
              Case("again", bad("there is an account clinic already", 409, "conflict"))]),
    admin("GET", "cmp-accounts", {}, [], "accounts"),
    admin("POST", "cmp-accounts/{id}/secret", {}, [
        Case("unknown account", bad("no account nobody", 404, "not_found"),
             path="/admin/v1/cmp-accounts/nobody/secret"),
        Case("good", good("name", "secret", "url"), path="/admin/v1/cmp-accounts/clinic/secret")]),
    admin("POST", "cmp-accounts/{id}/remove", {}, [
        Case("unknown account", bad("no account nobody", 404, "not_found"),
             path="/admin/v1/cmp-accounts/nobody/remove"),
        Case("good", good("name", "status"), path="/admin/v1/cmp-accounts/clinic/remove"),
        Case("again", bad("no account clinic", 404, "not_found"),
             path="/admin/v1/cmp-accounts/clinic/remove")]),
    admin("GET", "cmp-requests", {}, [
        Case("the page after", good("requests"), path="/admin/v1/cmp-requests?before=cmp_0")],
        "requests"),
    admin("POST", "certificates", {"credential_ids": ["@credential_a"]},
          admin_certificates_cases(), body_max=BATCH),
    admin("POST", "renewals", {"credential_ids": ["@credential_disabled"], "supersede": False},
          renewal_cases() + [
              Case("an issuer's",
                   bad("an issuer's own certificate is not renewed", 409, "conflict"),
                   change={"credential_ids": ["@credential_ca"]})], body_max=BATCH),
    admin("POST", "certification-requests", {"credential_ids": ["@credential_disabled"]},
          credential_ids_cases() + [
              Case("suspended",
                   bad("credential @credential_disabled is suspended: resume it first", 409,
                       "conflict")),
              Case("the CA's own",
                   bad("credential @credential_ca is a service's, which only the built-in CA "
                       "certifies", 409, "conflict"),
                   change={"credential_ids": ["@credential_ca"]})], body_max=BATCH),
    admin("GET", "certification-requests/{id}", {}, [
        Case("never asked for",
             bad("no certification request: kyso credential request", 404, "not_found")),
        Case("unknown credential", bad("no such credential: cred_none", 404, "not_found"),
             path="/admin/v1/certification-requests/cred_none")], is_private=True),
    admin("POST", "external-certificates", {"certificates": "@ca_pem", "any_subject": False},
          own_body_cases() + text_cases("certificates", 768 * 1024) + [
              Case("certificates without one", bad("certificates holds no certificate in PEM"),
                   change={"certificates": "x"}),
              Case("any_subject missing", bad("any_subject must be true or false"),
                   change={"any_subject": ABSENT}),
              Case("any_subject of wrong type", bad("any_subject must be true or false"),
                   change={"any_subject": 1}),
              Case("another's", bad("none of these certificates is of a key here"),
                   change={"certificates": "@tls_ca_pem"})], body_max=BATCH),
    admin("GET", "external-revocations", {}, [], "revocations"),
    admin("POST", "external-revocations/{id}", {"state": "told"},
          own_body_cases() + text_cases("state", 16) + [
              Case("another state", bad("state must be told"), change={"state": "open"}),
              Case("no such certificate",
                   bad("no certificate of the authority outside has the serial number AB12 and is "
                       "revoked without its knowing", 404, "not_found"),
                   path="/admin/v1/external-revocations/AB12")]),
    admin("GET", "ca", {}, [], "certificate"),
    admin("GET", "metrics", {}, []),
    admin("GET", "keys", {}, [], "older"),
    admin("GET", "modules", {}, [], "modules"),
    admin("POST", "modules/self-test", {}, own_body_cases(), "modules", is_private=False),
    admin("POST", "audit", {"challenge": "@nonce"},
          own_body_cases() + bytes_cases("challenge", 32) + [
              Case("challenge too short", bad("challenge must be 32 bytes"),
                   change={"challenge": "AAAA"}),
              Case("good", good("files"))]),
    admin("GET", "webhooks", {}, [
        Case("the page after", good("webhooks"), path="/admin/v1/webhooks?before=@webhook_due")],
        "webhooks"),
    admin("POST", "webhooks/{id}/retry", {}, own_body_cases() + text_cases("url", 2048, False) + [
        Case("url of another's host", bad("url names a host that is not among the client's"),
             change={"url": "https://elsewhere.example/"}),
        Case("unknown webhook", bad("no such webhook", 404, "not_found"),
             path="/admin/v1/webhooks/wh_none/retry"),
        Case("its transaction goes on",
             bad("its transaction has not ended yet", 409, "conflict"),
             path="/admin/v1/webhooks/@webhook_armed/retry")],
        "id", "state", "url", is_private=False),
    admin("GET", "transactions/{id}", {}, [
        Case("unknown transaction", bad("no such transaction", 404, "not_found"),
             path="/admin/v1/transactions/tx_none")],
        "id", "purpose", "state", "receipts"),
]

# What "{id}" stands for in the good request.
IDS = {"/admin/v1/clients/{id}": "@client_set",
       "/admin/v1/cmp-accounts/{id}/secret": "clinic",
       "/admin/v1/cmp-accounts/{id}/remove": "clinic",
       "/admin/v1/officers/{id}/remove": "@device_an",
       "/admin/v1/clients/{id}/secret": "@client_set",
       "/admin/v1/credentials/{id}": "@credential_a",
       "/admin/v1/certification-requests/{id}": "@credential_a",
       "/admin/v1/transactions/{id}": "@transaction_a",
       "/admin/v1/webhooks/{id}/retry": "@webhook_due",
       "/approve/v1/devices/{id}/name": "@device_an",
       "/approve/v1/devices/{id}/remove": "@device_an"}
