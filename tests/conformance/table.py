"""Every endpoint, and what each answers to good and to bad input: the one list.

"@" and a name, where no letter stands before it, is looked up in the world (world.py). A case is
sent as the endpoint's good request with the changes that the case names, and must be answered with
exactly its status, error and error_description.
"""

import base64
import dataclasses
import re

import table_csc
import table_csc_documents
import table_login
import table_office
import table_qd769
import table_registration
import table_rssp
from cases import (ABSENT, BATCH, NOWHERE, Case, Endpoint, Expected, bad, bearer_cases, good,
                   invalid, own_body_cases, scope_cases)
from pdf_signature import sample_pdf


def form_cases():
    form = bad("the body must be application/x-www-form-urlencoded, each parameter once")
    return [
        Case("not a form", form, body=b"{}", headers={"Content-Type": "application/json"}),
        Case("no content type", form, body=b"grant_type=client_credentials",
             headers={"Content-Type": None}),
        Case("a parameter twice", form,
             body=b"grant_type=client_credentials&grant_type=client_credentials"),
        Case("a broken escape", form, body=b"grant_type=%zz"),
        Case("unknown fields ignored", None, change={"unheard": "of"}),
    ]


JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def client_cases():
    """Who calls an endpoint of the authorization server, and who does not."""
    client = "invalid_client"
    header = bad("Invalid authorization header", 401, client)
    secret = bad("Invalid parameter client_secret", 401, client)
    assertion = bad("Invalid parameter client_assertion", 401, client)
    required = bad("Client authorization required", 401, client)

    def case(label, expected, authorization="@basic_a", **change):
        return Case(label, expected, change=change, headers={"Authorization": authorization})

    def by_jwt(label, expected, **change):
        return case(label, expected, None, **{"client_assertion_type": JWT_BEARER, **change})
    return [
        case("client secret in the form", None, None, client_id="@client_a",
             client_secret="@secret_a"),
        case("client_id beside the header", None, client_id="@client_a"),
        case("client_id missing", bad("Missing parameter client_id"), None, client_secret="x"),
        case("client_secret missing", required, None, client_id="@client_a"),
        case("wrong secret in the form", secret, None, client_id="@client_a", client_secret="x"),
        case("unknown client", secret, None, client_id="client_none", client_secret="@secret_a"),
        case("another client's secret", secret, None, client_id="@client_all",
             client_secret="@secret_a"),
        case("disabled client", secret, "@basic_disabled"),
        case("secret of a client that signs", secret, "@basic_jwt"),
        case("two ways at once", bad("Invalid parameter client_secret"), client_secret="x"),
        case("assertion beside the header", bad("Invalid parameter client_assertion"),
             client_assertion_type=JWT_BEARER, client_assertion="x"),
        case("another client_id beside the header", bad("Invalid parameter client_id"),
             client_id="@client_all"),
        case("header not base64", header, "Basic !"),
        case("header without colon", header, "Basic QUJD"),
        case("header without client_id", header, "Basic OkFC"),
        case("empty header", header, "Basic "),
        case("another scheme", header, "Bearer @token_a"),
        by_jwt("assertion missing", bad("Missing parameter client_assertion")),
        by_jwt("assertion of another type", bad("Invalid parameter client_assertion_type"),
               client_assertion_type="saml", client_assertion="@assertion"),
        by_jwt("assertion garbage", assertion, client_assertion="x.y.z"),
        by_jwt("assertion used before", assertion, client_assertion="@assertion_used"),
        by_jwt("assertion for somebody else", assertion, client_assertion="@assertion_elsewhere"),
        by_jwt("assertion of another key", assertion, client_assertion="@assertion_forged"),
        by_jwt("assertion of a client with a secret", assertion, client_assertion="@assertion_a"),
        by_jwt("assertion and another client_id", bad("Invalid parameter client_id"),
               client_assertion="@assertion_used", client_id="@client_a"),
    ]


def public_client_cases():
    """The signing portal's own app, which has no secret."""
    def case(label, expected, **change):
        return Case(label, expected, change={"client_id": "portal", **change},
                    headers={"Authorization": None})
    return [
        case("a public client for itself", bad(
            "This client acts for people who sign in, never for itself",
            error="unauthorized_client")),
        case("a public client with a secret",
             bad("Invalid parameter client_secret", 401, "invalid_client"), client_secret="x"),
        case("a public client with a code unknown", bad(
            "Authorization code is invalid or expired", error="invalid_grant"),
             grant_type="authorization_code", code="A" * 43),
        case("a public client with another's code", bad(
            "Authorization code is invalid or expired", error="invalid_grant"),
             grant_type="authorization_code", code="@code_all"),
    ]


def token_cases():
    def case(label, expected, authorization="@basic_a", **change):
        change = {"grant_type": "client_credentials", **change}
        return Case(label, expected, change=change, headers={"Authorization": authorization})

    def grant(label, description, **change):
        return case(label, bad(description, error="invalid_grant"), **change)
    unsupported = bad("Invalid parameter grant_type", error="unsupported_grant_type")
    code, refresh = "authorization_code", "refresh_token"
    return form_cases() + client_cases() + public_client_cases() + [
        case("scope service", None, scope="service"),
        case("grant_type missing", bad("Missing parameter grant_type"), grant_type=ABSENT),
        case("grant_type empty", unsupported, grant_type=""),
        case("grant_type unknown", unsupported, grant_type="password"),
        case("scope unknown", bad("Invalid parameter scope", error="invalid_scope"), scope="all"),
        case("scope credential", bad("Invalid parameter scope", error="invalid_scope"),
             scope="service credential"),
        case("assertion", None, None, client_assertion_type=JWT_BEARER,
             client_assertion="@assertion"),
        case("code missing", bad("Missing parameter code"), grant_type=code),
        grant("code of another form", "Invalid parameter code", grant_type=code, code="x"),
        grant("code unknown", "Authorization code is invalid or expired", grant_type=code,
              code="A" * 43),
        grant("code used before", "Authorization code is invalid or expired", grant_type=code,
              code="@code_used"),
        grant("code of another client", "Authorization code is invalid or expired",
              grant_type=code, code="@code_all"),
        grant("code expired", "Authorization code is invalid or expired", grant_type=code,
              code="@code_expired"),
        grant("redirect_uri of nothing", "redirect_uri parameter does not match redirect_uri "
              "parameter of authorization request", grant_type=code, code="@code",
              redirect_uri="https://portal.example/cb"),
        grant("code_verifier of nothing", "Invalid parameter code_verifier", grant_type=code,
              code="@code", code_verifier="A" * 43),
        case("code", good("access_token", "refresh_token", "token_type", "expires_in", "scope",
                          "authorization_details"), grant_type=code, code="@code"),
        case("refresh_token missing", bad("Missing parameter refresh_token"), grant_type=refresh),
        grant("refresh_token unknown", "Invalid parameter refresh_token", grant_type=refresh,
              refresh_token="x"),
        grant("refresh_token of another client", "Invalid parameter refresh_token",
              grant_type=refresh, refresh_token="@refresh_all"),
        grant("refresh_token expired", "Refresh token expired", grant_type=refresh,
              refresh_token="@refresh_expired"),
        case("refresh_token for more", bad("Invalid parameter scope", error="invalid_scope"),
             grant_type=refresh, refresh_token="@refresh", scope="credential"),
        case("refresh_token", good("access_token", "refresh_token"), grant_type=refresh,
             refresh_token="@refresh"),
        grant("refresh_token used before", "Invalid parameter refresh_token", grant_type=refresh,
              refresh_token="@refresh"),
        Case("no DPoP proof", bad("DPoP proof: not a compact JWS", error="invalid_dpop_proof"),
             headers={"DPoP": "x"}),
        Case("two DPoP headers", bad("DPoP proof: not a compact JWS", error="invalid_dpop_proof"),
             headers={"DPoP": ["x", "x"]}),
        Case("DPoP required", bad("A DPoP proof is required", error="invalid_dpop_proof"),
             headers={"Authorization": "@basic_dpop"}),
    ]


def revoke_cases(is_rfc):
    unknown = Expected(200) if is_rfc else bad("Invalid string parameter token")
    hint = "token_type_hint"
    return form_cases() + client_cases() + [
        Case("token missing", bad("Missing parameter token"), change={"token": ABSENT}),
        Case("token empty", bad("Missing parameter token"), change={"token": ""}),
        Case("hint unknown", None if is_rfc else bad("Invalid parameter token_type_hint"),
             change={hint: "id_token"}),
        Case("wrong hint", None, change={hint: "refresh_token"}),
        Case("right hint", None, change={hint: "access_token"}),
        Case("token unknown", unknown, change={"token": "x.y.z"}),
        Case("refresh token unknown", unknown, change={"token": "x"}),
        Case("token of another client", unknown, change={"token": "@token_all"}),
        Case("expired token", None, change={"token": "@token_expired"}),
    ]


NO_METRICS = bad("send the token of [metrics]", 401, "invalid_token")


PDF = base64.b64encode(sample_pdf()).decode()


def verify_cases():
    # What follows the last of them is another content type, which this endpoint takes or names.
    *body, _ = own_body_cases()
    no_pdf = bad("the document is no PDF and no XML: send its signature beside it")
    query = bad("the query must be parameters, each once")

    def pdf(label, expected, content, **headers):
        return Case(label, expected, body=content,
                    headers={"Content-Type": "application/pdf", **headers})

    def asking(label, expected, parameters):
        return Case(label, expected, path="/verify?" + parameters)
    # CSC's own door: here every client may ask.
    bearer = [case for case in bearer_cases(2)
              if case.label != "client to whom this API is closed"]
    return bearer + scope_cases() + body + [
        Case("another content type", bad(
            "Content-Type must be application/pdf, application/xml or application/json"),
             headers={"Content-Type": "text/plain"}),
        Case("document missing", bad("document must be base64"), change={"document": ABSENT}),
        Case("document of wrong type", bad("document must be base64"), change={"document": 7}),
        Case("document not base64", bad("document must be base64"), change={"document": "%"}),
        Case("document that is no PDF", no_pdf, change={"document": "QUJD"}),
        Case("signature of wrong type", bad("signature must be base64"), change={"signature": None}),
        Case("signature empty", bad("signature must be base64"), change={"signature": ""}),
        Case("signature that is none", Expected(200, says={"verdict": "invalid"}),
             change={"signature": "QUJD"}),
        Case("a PDF that nobody has signed", Expected(200, says={"verdict": "indeterminate"})),
        pdf("a PDF as it is", Expected(200, says={"verdict": "indeterminate"}), sample_pdf()),
        pdf("a PDF cut off", Expected(200, says={"verdict": "indeterminate"}), sample_pdf()[:-99]),
        pdf("no PDF", no_pdf, b"PK"),
        pdf("an empty body", no_pdf, b""),
        asking("a name", Expected(200, says={"file": "hợp đồng.pdf"}),
               "name=h%E1%BB%A3p%20%C4%91%E1%BB%93ng.pdf"),
        asking("a name too long", bad("name must be at most 255 bytes"), "name=" + "x" * 256),
        asking("a language", None, "lang=en&organisation=*"),
        asking("another language", bad("lang is one of vi, en"), "lang=fr"),
        asking("a parameter twice", query, "name=a&name=b"),
        asking("a broken escape", query, "name=%zz"),
    ]


ENDPOINTS = [
    *table_csc.ENDPOINTS,
    *table_csc_documents.ENDPOINTS,
    Endpoint(("GET",), "api", "/openapi", "open", "none", {}, [],
             members=("openapi", "info", "paths", "components"), body_max=0),
    Endpoint(("GET",), "api", "/logo.png", "open", "none", {}, [], body_max=0),

    Endpoint(("POST",), "api", "/oauth2/token", "open", "form",
             {"grant_type": "client_credentials"}, token_cases(),
             members=("access_token", "token_type", "expires_in", "scope"),
             headers={"Authorization": "@basic_a"}),
    Endpoint(("POST",), "api", "/oauth2/revoke", "open", "form", {"token": "@token_spent"},
             revoke_cases(is_rfc=False), 204, headers={"Authorization": "@basic_a"}),
    Endpoint(("POST",), "api", "/revoke", "open", "form", {"token": "@token_spent"},
             revoke_cases(is_rfc=True), headers={"Authorization": "@basic_a"}),
    Endpoint(("GET",), "api", "/oauth2/jwks", "open", "none", {}, [], members=("keys",),
             body_max=0),
    Endpoint(("GET",), "api", "/.well-known/oauth-authorization-server", "open", "none", {}, [],
             members=("issuer", "token_endpoint", "jwks_uri", "revocation_endpoint",
                      "grant_types_supported", "response_types_supported",
                      "token_endpoint_auth_methods_supported",
                      "dpop_signing_alg_values_supported", "mtls_endpoint_aliases"), body_max=0),

    Endpoint(("GET",), "any", "/healthz", "open", "none", {}, [],
             members=("status", "database", "modules_operational"), body_max=0),
    Endpoint(("GET",), "api", "/metrics", "open", "none", {}, [
        Case("no token", NO_METRICS, headers={"Authorization": None}),
        Case("another token", NO_METRICS, headers={"Authorization": "Bearer " + "x" * 43}),
        Case("a portal's token", NO_METRICS, headers={"Authorization": "Bearer @token_a"})],
             headers={"Authorization": "Bearer @token_metrics"}, body_max=0),

    Endpoint(("GET",), "api", "/pki/ca.cer", "open", "none", {}, [], body_max=0),
    Endpoint(("GET",), "api", "/pki/ca.crl", "open", "none", {}, [], body_max=0),
    Endpoint(("POST",), "api", "/pki/ocsp", "open", "json", {},
             [Case("another type", bad("Content-Type must be application/ocsp-request"),
                   headers={"Content-Type": "application/json"})],
             headers={"Content-Type": "application/ocsp-request"}),
    Endpoint(("GET",), "api", "/pki/ocsp/{rest}", "open", "none", {}, [
        Case("escapes and slashes", Expected(200), path="/pki/ocsp/MEIwQDA%2BMDww/OjAJ"),
        Case("no base64", Expected(200), path="/pki/ocsp/%2"),
        Case("nothing", NOWHERE, path="/pki/ocsp/")], body_max=0),
    Endpoint(("POST",), "api", "/pki/tsa", "open", "json", {},
             [Case("another type", bad("Content-Type must be application/timestamp-query"),
                   headers={"Content-Type": "application/json"})],
             headers={"Content-Type": "application/timestamp-query"}),

    *(Endpoint(("POST",), "api", path + "{id}", "open", "json", {}, [
        Case("another type", bad("Content-Type must be application/pkixcmp"),
             headers={"Content-Type": "application/json"}),
        Case("no such account", bad("no CMP account nobody", 404, "not_found"), path=path + "nobody")],
               headers={"Content-Type": "application/pkixcmp"}, body_max=64 * 1024,
               good_answer=bad("the body is no PKIMessage (RFC 4210 section 5.1)"))
      for path in ("/pki/cmp/", "/.well-known/cmp/p/")),

    Endpoint(("POST",), "api", "/verify", "client", "json", {"document": PDF}, verify_cases(),
             members=("verdict", "vi", "en", "signatures", "findings"),
             headers={"Authorization": "Bearer @token_a"}, body_max=16 * BATCH),
]

# What the signing portal's host answers of the API is answered as there, refusals included.
AT_THE_PORTAL = ("/.well-known/oauth-authorization-server", "/csc/v2/info",
                 "/csc/v2/credentials/list", "/csc/v2/credentials/info", "/csc/v2/credentials/authorize",
                 "/csc/v2/credentials/authorizeCheck", "/csc/v2/documents/prepare",
                 "/csc/v2/documents/discard", "/csc/v2/documents/finish",
                 "/csc/v2/signatures/raisedDocument", "/verify")
ENDPOINTS += [dataclasses.replace(endpoint, host="portal") for endpoint in ENDPOINTS
              if endpoint.host == "api" and endpoint.path in AT_THE_PORTAL]
ENDPOINTS += [
    Endpoint(("POST",), "portal", "/oauth2/token", "open", "form",
             {"grant_type": "client_credentials"}, form_cases() + public_client_cases(),
             headers={"Authorization": "@basic_a"}),
    Endpoint(("POST",), "portal", "/oauth2/revoke", "open", "form",
             {"token": "x.y.z", "client_id": "portal"}, form_cases(),
             good_answer=bad("Invalid string parameter token")),
    *(Endpoint(("GET",), "portal", path, "open", "none", {}, [
        Case("the page", Expected(200, shows='<div id="app">')),
        Case("at the API's host", NOWHERE, host="api.localhost")], body_max=0)
      for path in ("/", "/return", "/sign", "/signatures", "/history")),
    Endpoint(("GET",), "portal", "/assets/{id}", "open", "none", {}, [
        Case("unknown", bad("no such file", 404, "not_found"), path="/assets/main-0.js"),
        Case("the approve app's", bad("no such file", 404, "not_found"),
             path="/assets/@app_script")], body_max=0, is_private=True),
    *table_office.ENDPOINTS,
    *table_qd769.endpoints(),
    *table_rssp.endpoints(),
    *table_login.ENDPOINTS,
    *table_registration.ENDPOINTS,
]

# What "{id}" stands for in the good request.
IDS = {"/pki/cmp/{id}": "hospital", "/.well-known/cmp/p/{id}": "hospital", **table_office.IDS, **table_qd769.IDS, **table_login.IDS, **table_registration.IDS}
ANY_ID = "@transaction_waiting"


def is_served(host, path):
    """Whether a row of that host stands for this path."""
    return any(other.host == host and re.fullmatch(
        re.escape(other.path).replace(r"\{id\}", "[^/]+").replace(r"\{rest\}", ".*"), path)
        for other in ENDPOINTS)


def method_cases(endpoint):
    not_allowed = bad("The method is not allowed here.", 405)
    served = {method for other in ENDPOINTS for method in other.methods
              if (other.host, other.path) == (endpoint.host, endpoint.path)}
    cases = [Case(f"wrong method {method}", not_allowed, method=method)
             for method in ("GET", "POST", "PUT", "DELETE", "PATCH")
             if method not in served]
    if endpoint.host != "admin":
        if not is_served(endpoint.host, endpoint.path + "/more"):
            cases.append(Case("another path", NOWHERE, path=endpoint.path + "/more"))
        if endpoint.path != "/healthz":
            away = next(host for host in ("office", "login", "api")
                        if not is_served(host, endpoint.path))
            cases.append(Case("another host of ours", NOWHERE, host=f"{away}.localhost"))
            cases.append(Case("a host that is not ours",
                              bad("This server does not serve that host.", 421),
                              host="evil.example"))
    else:
        cases.append(Case("from outside", NOWHERE,
                          host="api.localhost"))
    if endpoint.body_max and "POST" in endpoint.methods:
        cases.append(Case("body too large", bad("The request body is too large.", 413),
                          content_length=endpoint.body_max + 1))
    return cases


def rows():
    """(endpoint, case) of everything that is sent; last what ends the session that others use."""
    for endpoint in sorted(ENDPOINTS, key=lambda one: one.path == "/approve/v1/officers"):
        fine = endpoint.good_answer or Expected(endpoint.good_status, members=endpoint.members)
        if not endpoint.is_private:
            for method in endpoint.methods:
                if method == "GET" and endpoint.path.endswith("credentials/list"):
                    # There is no body in which to name the signer.
                    yield endpoint, Case("good GET", invalid("userID"), method="GET")
                    continue
                yield endpoint, Case(f"good {method}", fine, method=method)
        for case in endpoint.cases + method_cases(endpoint):
            if case.expected is None:
                case.expected = fine
            yield endpoint, case
