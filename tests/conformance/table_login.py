"""The rows of table.py for what a browser sees, and for pushed authorization requests."""

import urllib.parse

from cases import (ABSENT, BATCH, NOWHERE, SHA256, Case, Endpoint, Expected, bad, bytes_cases, good,
                   invalid, missing, own_body_cases, session_cases, text_cases)

ISSUER = "@issuer_quoted"


def back(error, description, state="s"):
    """The browser is sent back to the portal."""
    query = urllib.parse.urlencode({"error": error, "error_description": description},
                                   quote_via=urllib.parse.quote)
    state = f"&state={state}" if state else ""
    return Expected(302, location=f"@callback?{query}{state}&iss={ISSUER}")


def shows(reason, status=400):
    """A page says so, and nobody is sent anywhere."""
    return Expected(status, shows=reason)


CREDENTIAL = {"scope": "credential", "credentialID": "@credential_a", "numSignatures": "1",
              "hashes": "@hash_url", "hashAlgorithmOID": SHA256}
AUTHORIZE = {"response_type": "code", "client_id": "@client_a", "redirect_uri": "@callback",
             "state": "s", "code_challenge": "@nonce", "code_challenge_method": "S256"}
BEGUN = Expected(302, location="/authorize/*")
DETAILS = ('[{"type":"credential","credentialID":"@credential_a","hashAlgorithmOID":"' + SHA256 +
           '","documentDigests":[{"hash":"@hash_1","label":"x"}]}]')
ARRAY_OF_ONE = "authorization_details must be an array of one object, each member once"


def fault_cases(wrong):
    """(label, change, error, description) of a request whose client and redirect_uri are right."""
    array = "Missing (or invalid type) array parameter hashes"
    count = "Missing (or invalid type) integer parameter numSignatures"
    faults = [
        ("response_type missing", {"response_type": ABSENT}, "invalid_request",
         "Missing parameter response_type"),
        ("response_type empty", {"response_type": ""}, "invalid_request",
         "Missing parameter response_type"),
        ("response_type token", {"response_type": "token"}, "unsupported_response_type",
         "Invalid parameter response_type"),
        ("both scopes", {"scope": "service credential"}, "invalid_scope",
         "Invalid parameter scope"),
        ("unknown scope", {"scope": "openid"}, "invalid_scope", "Invalid parameter scope"),
        ("no PKCE", {"code_challenge": ABSENT, "code_challenge_method": ABSENT},
         "invalid_request", "Missing parameter code_challenge"),
        ("plain PKCE", {"code_challenge_method": "plain"}, "invalid_request",
         "Invalid parameter code_challenge_method"),
        ("PKCE without a method", {"code_challenge_method": ABSENT}, "invalid_request",
         "Invalid parameter code_challenge_method"),
        ("code_challenge too short", {"code_challenge": "AAAA"}, "invalid_request",
         "Invalid parameter code_challenge"),
        ("dpop_jkt too short", {"dpop_jkt": "AAAA"}, "invalid_request",
         "Invalid parameter dpop_jkt"),
        ("request object", {"request": "x.y.z"}, "request_not_supported",
         "Invalid parameter request"),
        ("response_mode", {"response_mode": "fragment"}, "invalid_request",
         "Invalid parameter response_mode"),
        ("prompt none", {"prompt": "none"}, "interaction_required", "The signer has to be asked"),
        ("prompt unknown", {"prompt": "create"}, "invalid_request", "Invalid parameter prompt"),
        ("lang too long", {"lang": "x" * 36}, "invalid_request", "Invalid parameter lang"),
        ("clientData too long", {"clientData": "x" * 4097}, "invalid_request",
         "Invalid parameter clientData"),
        ("account_token that is none", {"account_token": "x.y.z"}, "invalid_request",
         "Invalid parameter account_token"),
        ("credentialID missing", {**CREDENTIAL, "credentialID": ABSENT}, "invalid_request",
         "Missing (or invalid type) string parameter credentialID"),
        ("numSignatures missing", {**CREDENTIAL, "numSignatures": ABSENT}, "invalid_request",
         count),
        ("numSignatures no number", {**CREDENTIAL, "numSignatures": "one"}, "invalid_request",
         count),
        ("hashes missing", {**CREDENTIAL, "hashes": ABSENT}, "invalid_request", array),
        ("hashes not base64", {**CREDENTIAL, "hashes": "not base64!"}, "invalid_request",
         "Invalid Base64 hashes string parameter"),
        ("hash and hashes", {**CREDENTIAL, "hash": "@hash_url"}, "invalid_request",
         "Invalid parameter hashes"),
        ("authorization_details beside parameters",
         {**CREDENTIAL, "authorization_details": DETAILS}, "invalid_request",
         "Invalid parameter authorization_details"),
        ("authorization_details no JSON", {"authorization_details": "x"},
         "invalid_authorization_details", ARRAY_OF_ONE),
        ("a member of authorization_details twice",
         {"authorization_details": DETAILS.replace('"credentialID"',
                                                   '"credentialID":"x","credentialID"')},
         "invalid_authorization_details", ARRAY_OF_ONE),
        # The appliance of this table makes signatures of no named kind.
        ("signatureQualifier", {**CREDENTIAL, "signatureQualifier": "eu_eidas_qes"},
         "invalid_request", "Invalid parameter signatureQualifier"),
        ("signatureQualifier alone", {**CREDENTIAL, "credentialID": ABSENT,
                                      "signatureQualifier": "eu_eidas_qes"},
         "invalid_request", "Invalid parameter signatureQualifier"),
        ("signatureQualifier in authorization_details",
         {"authorization_details": DETAILS.replace(
             '"credentialID":"@credential_a"', '"signatureQualifier":"eu_eidas_qes"')},
         "invalid_authorization_details",
         "Invalid parameter signatureQualifier in authorization_details"),
        ("authorization_details of another type", {"authorization_details": '[{"type":"x"}]'},
         "invalid_authorization_details", "Invalid parameter type in authorization_details"),
        ("authorization_details with scope service",
         {"authorization_details": DETAILS, "scope": "service"}, "invalid_scope",
         "Invalid parameter scope"),
    ]
    return [Case(label, wrong(error, description), change=change)
            for label, change, error, description in faults]


def authorize_cases():
    return fault_cases(back) + [
        Case("state too long", back("invalid_request", "Invalid parameter state", ""),
             change={"state": "x" * 256}),
        Case("state of 255 bytes", BEGUN, change={"state": "x" * 255}),
        Case("no state", BEGUN, change={"state": ABSENT}),
        Case("no redirect_uri, where there is one", BEGUN, change={"redirect_uri": ABSENT}),
        Case("prompt login", BEGUN, change={"prompt": "login"}),
        Case("scope credential", BEGUN, change=CREDENTIAL),
        Case("scope credential of v1", BEGUN,
             change={**CREDENTIAL, "hashes": ABSENT, "hash": "@hash_url"}),
        Case("authorization_details", BEGUN, change={"authorization_details": DETAILS}),
        Case("unknown parameters ignored", BEGUN, change={"unheard": "of"}),
        Case("client_id missing", shows("Missing parameter client_id"),
             change={"client_id": ABSENT}),
        Case("unknown client", shows("Invalid parameter client_id"),
             change={"client_id": "client_none"}),
        Case("disabled client", shows("Invalid parameter client_id"),
             change={"client_id": "@client_disabled"}),
        Case("another redirect_uri", shows("Invalid parameter redirect_uri"),
             change={"redirect_uri": "https://evil.example/"}),
        Case("redirect_uri with more behind it", shows("Invalid parameter redirect_uri"),
             change={"redirect_uri": "@callback?x=1"}),
        Case("client without any redirect_uri", shows("Missing parameter redirect_uri"),
             change={"client_id": "@client_all", "redirect_uri": ABSENT}),
        Case("unknown request_uri", shows("Invalid parameter request_uri"),
             change={"request_uri": "urn:ietf:params:oauth:request_uri:x"}),
        Case("a parameter twice", shows("a parameter is malformed, or there twice"),
             path="/oauth2/authorize?client_id=a&client_id=b"),
        Case("a broken escape", shows("a parameter is malformed, or there twice"),
             path="/oauth2/authorize?client_id=%zz"),
    ]


def elsewhere(path):
    return Endpoint(("GET",), "api", path, "open", "query", AUTHORIZE, [
        Case("to the login host", Expected(302, location="@login/oauth2/authorize?*"))],
        good_status=302, body_max=0)


# ---- the pages

FROM_HERE = {"Origin": "@login"}
SIGNED_IN = {**FROM_HERE, "Cookie": "x=1; __Host-kyso-session=@session_login"}
NOBODY = bad("nobody is signed in", 401, "invalid_token")
OVER = bad("the request is unknown or its time is over", 404, "not_found")


def origin_cases():
    elsewhere = bad("the request comes from another page", 403, "access_denied")
    return [Case("no origin", elsewhere, headers={"Origin": None}),
            Case("another origin", elsewhere, headers={"Origin": "https://evil.example"}),
            Case("the approve app's origin", elsewhere, headers={"Origin": "@approve"}),
            Case("an opaque origin", elsewhere, headers={"Origin": "null"})]


def browser(method, path, body, cases, *members, headers=SIGNED_IN, status=200, is_private=False):
    posts = method == "POST"
    return Endpoint((method,), "login", path, "browser", "json" if posts else "none", body,
                    (origin_cases() if posts else []) + cases, status, members,
                    is_private=is_private, headers=headers if posts else
                    {name: value for name, value in headers.items() if name != "Origin"},
                    body_max=16 * 1024 if posts else 0)


def at(tail, which):
    return f"/authorize/@{which}{tail}"


SIGN_IN = {"credential_id": "AAAA", "authenticator_data": "AAAA", "client_data_json": "AAAA",
           "signature": "AAAA"}
NO_COOKIE = {"Cookie": None}


def sign_in_cases():
    return (own_body_cases() + bytes_cases("credential_id", 1023) +
            bytes_cases("authenticator_data", 256) + bytes_cases("client_data_json", 1024) +
            bytes_cases("signature", 128) + [
        Case("unknown authorization", OVER, path="/authorize/nothing/sign-in"),
        Case("no passkey of ours", bad("the sign-in was not accepted", 422, "assertion_refused"))])


def decision_cases():
    answer = bad("that is no answer to this request")
    return own_body_cases() + text_cases("decision", 16) + [
        Case("unknown decision", bad("decision is one of allow, deny, screen, phone"),
             change={"decision": "perhaps"}),
        Case("nobody is signed in", NOBODY, headers=NO_COOKIE),
        Case("a session that is none", NOBODY,
             headers={"Cookie": "__Host-kyso-session=@nonce"}),
        Case("signing without the phone", answer, path=at("/decision", "page_credential")),
        Case("the phone without signing", answer, change={"decision": "phone"}),
        Case("unknown authorization", OVER, path="/authorize/nothing/decision"),
        Case("begun already", bad("the signing has begun already", 409, "conflict"),
             change={"decision": "screen"}, path=at("/decision", "page_waiting")),
    ]


def started_cases(tail):
    return [Case("nobody is signed in", NOBODY, headers=NO_COOKIE),
            Case("unknown authorization", OVER, path=f"/authorize/nothing{tail}"),
            Case("nothing has begun", bad("no signing has begun", 409, "conflict"),
                 path=at(tail, "page_credential"))]


def registration_cases(*more):
    return own_body_cases() + text_cases("invitation", 128) + [
        Case("unknown invitation", bad("the invitation is unknown, used or expired", 404,
                                       "not_found"), change={"invitation": "x"}), *more]


def pushed_cases():
    client = "invalid_client"
    wrong = lambda error, description: bad(description, error=error)  # noqa: E731
    secret = bad("Invalid parameter client_secret", 401, client)
    return fault_cases(wrong) + [
        Case("another redirect_uri", invalid("redirect_uri"),
             change={"redirect_uri": "https://evil.example/"}),
        Case("state too long", invalid("state"), change={"state": "x" * 256}),
        Case("request_uri", invalid("request_uri"), change={"request_uri": "urn:x"}),
        Case("scope credential", good("request_uri", "expires_in", status=201), change=CREDENTIAL),
        Case("authorization_details", good("request_uri", "expires_in", status=201),
             change={"authorization_details": DETAILS}),
        Case("client_id of another", invalid("client_id"), change={"client_id": "@client_all"}),
        Case("no authentication", bad("Client authorization required", 401, client),
             headers={"Authorization": None}),
        Case("a public client", bad("This client may not push its requests",
                                    error="unauthorized_client"),
             headers={"Authorization": None}, change={"client_id": "portal"}),
        Case("wrong secret", secret, headers={"Authorization": None},
             change={"client_secret": "x"}),
        Case("disabled client", secret, headers={"Authorization": "@basic_asleep"},
             change={"client_id": ABSENT}),
        Case("not a form", bad("the body must be application/x-www-form-urlencoded, each "
                               "parameter once"), body=b"{}",
             headers={"Content-Type": "application/json"}),
        Case("a parameter twice", bad("the body must be application/x-www-form-urlencoded, each "
                                      "parameter once"), body=b"state=a&state=b"),
    ]


ENDPOINTS = [
    Endpoint(("GET",), "login", "/oauth2/authorize", "open", "query", AUTHORIZE,
             authorize_cases() + [Case("good", BEGUN)], good_status=302, body_max=0),
    Endpoint(("GET",), "login", "//oauth2/authorize", "open", "query", AUTHORIZE,
             [Case("good", BEGUN)], good_status=302, body_max=0),
    elsewhere("/oauth2/authorize"),
    elsewhere("//oauth2/authorize"),

    browser("GET", "/authorize/{id}", {}, [
        Case("signed in", Expected(200, shows="Cho phép truy cập?"),
             path=at("", "page_service")),
        Case("to sign", Expected(200, shows="CN=Signer an"), path=at("", "page_credential")),
        Case("waiting", Expected(200, shows="/start.svg"), path=at("", "page_waiting")),
        Case("nobody is signed in", Expected(200, shows='data-rp-id="login.localhost"'),
             headers=NO_COOKIE),
        Case("unknown", shows("the request is unknown or its time is over", 404),
             path="/authorize/nothing"),
    ]),
    browser("POST", "/authorize/{id}/sign-in", SIGN_IN, sign_in_cases(), is_private=True),
    browser("POST", "/authorize/{id}/decision", {"decision": "allow"}, decision_cases(),
            is_private=True),
    browser("GET", "/authorize/{id}/events", {}, started_cases("/events"),
            is_private=True),  # what it tells: browser/login.py
    browser("GET", "/authorize/{id}/outcome", {}, started_cases("/outcome"), "state"),
    browser("GET", "/authorize/{id}/start", {}, started_cases("/start"), "link"),
    browser("GET", "/authorize/{id}/start.svg", {}, started_cases("/start.svg")),
    browser("POST", "/sign-out", {}, [], headers=FROM_HERE, status=204),
    browser("GET", "/register", {}, [
        Case("in English", Expected(200, shows="Make a sign-in passkey"),
             path="/register?lang=en")]),
    browser("POST", "/register/options", {"invitation": "@login_invitation"},
            registration_cases(), "challenge", "rp_id", "user_handle", "user_name",
            "user_display_name", "registered"),
    browser("POST", "/register",
            {"invitation": "@login_invitation", "name": "x", "authenticator_data": "AAAA",
             "client_data_json": "AAAA"},
            registration_cases(
                *text_cases("name", 255), *bytes_cases("authenticator_data", 2048),
                *bytes_cases("client_data_json", 1024),
                Case("name with a control character", bad("Invalid parameter name"),
                     change={"name": "a\nb"}),
                Case("no real passkey", Expected(422, "assertion_refused", "@any"))),
            is_private=True),
    Endpoint(("GET",), "login", "/assets/login.js", "open", "none", {}, [], body_max=0),
    Endpoint(("GET",), "login", "/assets/login.css", "open", "none", {}, [], body_max=0),

    *(Endpoint(("GET",), "approve", path, "open", "none", {}, [
        Case("the page", Expected(200, shows='src="/assets/@app_script"')),
        Case("at the API's host", NOWHERE, host="api.localhost"),
        Case("at the login host", NOWHERE, host="login.localhost")], body_max=0)
      for path in ("/", "/enrol", "/start", "/c/{id}", "/history", "/devices", "/settings", "/scan",
                   "/join", "/move", "/officer", "/ceremony")),
    *(Endpoint(("GET",), "approve", path, "open", "none", {}, [
        Case("at the API's host", NOWHERE, host="api.localhost")], body_max=0, is_private=True)
      for path in ("/sw.js", "/manifest.webmanifest")),
    Endpoint(("GET",), "approve", "/assets/{id}", "open", "none", {}, [
        Case("unknown", bad("no such file", 404, "not_found"), path="/assets/approve-0.js"),
        Case("at the API's host", NOWHERE, host="api.localhost")], body_max=0),

    Endpoint(("POST",), "approve", "/approve/v1/starts", "device", "json", {"token": "x"},
             session_cases() + own_body_cases() + text_cases("token", 128) + [
                 Case("unknown token", bad("no such transaction", 404, "not_found")),
                 Case("a handle", bad("no such transaction", 404, "not_found"),
                      change={"token": "@handle_waiting"})],
             is_private=True, headers={"Authorization": "Bearer @session_an"}),
    Endpoint(("POST",), "admin", "/admin/v1/login-invitations", "local", "json",
             {"signer_id": "an"}, own_body_cases() + text_cases("signer_id", 255) + [
                 Case("unknown signer", bad("no signer nobody", 404, "not_found"),
                      change={"signer_id": "nobody"})],
             members=("link", "expires_at")),
]

# Behind info.oauth2 with one slash too many.
ENDPOINTS += [
    *(Endpoint(("POST",), "api", path, "open", "form", AUTHORIZE, pushed_cases(), 201,
               ("request_uri", "expires_in"), headers={"Authorization": "@basic_a"},
               body_max=BATCH)
      for path in ("/oauth2/pushed_authorize", "//oauth2/pushed_authorize")),
    Endpoint(("POST",), "api", "//oauth2/token", "open", "form",
             {"grant_type": "client_credentials"}, [],
             members=("access_token", "token_type", "expires_in", "scope"),
             headers={"Authorization": "@basic_a"}),
    *(Endpoint(("POST",), "api", path, "open", "form", {},
               [Case("token missing", bad("Missing parameter token"))], is_private=True,
               headers={"Authorization": "@basic_a"})
      for path in ("//oauth2/revoke", "//revoke")),
]

IDS = {"/assets/{id}": "@app_script",
       "/authorize/{id}": "@page_service",
       "/authorize/{id}/sign-in": "@page_service",
       "/authorize/{id}/decision": "@page_service",
       "/authorize/{id}/events": "@page_waiting",
       "/authorize/{id}/outcome": "@page_waiting",
       "/authorize/{id}/start": "@page_waiting",
       "/authorize/{id}/start.svg": "@page_waiting"}
