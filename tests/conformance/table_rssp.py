"""Rows of table.py for RSSP v2: CSC's own rows where the rules are CSC's, in the dialect's names and
with its numbers. It answers 200 with the number in `error`."""

import base64
import dataclasses

from cases import (ABSENT, BATCH, EVERYONE, SHA256, SHA384, Case, Endpoint, Expected, bearer_cases,
                   csc_body_cases, scope_cases)
from table_csc import (authorize_cases, credential_cases, detail_cases, extend_cases,
                       sign_hash_cases)

DONE = {"error": 0, "errorDescription": "Success"}
NUMBERS = {
    "Invalid access token": 3005, "Malformed authorization header": 3005,
    "The access token expired": 3006, "A DPoP proof is required": 3005,
    "DPoP proof: not a compact JWS": 3005, "The client may not use this API": 9401,
    "The access token is for signing alone": 9401, "Credential locked": 3002,
    "The credential identified by credentialID is disabled": 9406,
    "Signing certificate 'CN=Signer giang,serialNumber=giang,C=VN' is expired.": 9406,
    "Hash is not authorized by the SAD.": 9407,
}
TEXTS = {
    "Invalid access token": "the access token is none: log in again",
    "Malformed authorization header": "the access token is none: log in again",
    "The access token expired": "the access token has expired: log in again",
    "The client may not use this API": "this client may not use RSSP",
}
NAMES = {"certInfo": "certInfoEnabled", "authInfo": "authInfoEnabled", "description": "message"}
IN_DIGESTS = ("hashes", "hashAlgorithmOID")


def refused(number, text):
    return Expected(200, says={"error": number, "errorDescription": text},
                    members=("responseID",))


def invalid(text):
    return refused(9400, text)


def parameter(name):
    return invalid(f"Invalid parameter {name}")


def renamed(text):
    for csc, rssp in NAMES.items():
        text = text.replace(f"parameter {csc}", f"parameter {rssp}")
    return text


def of_csc(cases, good, without=()):
    """CSC v2's cases as this dialect writes and answers them."""
    made = []
    for case in cases:
        expected = case.expected
        if case.label in without:
            continue
        if expected is not None:
            text = expected.description
            if text == "@any":  # the table leaves the text open
                expected = Expected(200, says={"error": 9400})
            else:
                expected = refused(NUMBERS.get(text, 9400), TEXTS.get(text, renamed(text)))
        change = {NAMES.get(name, name): value for name, value in case.change.items()
                  if name not in IN_DIGESTS}
        inner = {name: value for name, value in case.change.items() if name in IN_DIGESTS}
        if inner:
            change["documentDigests"] = {**good["documentDigests"], **inner}
        made.append(dataclasses.replace(case, expected=expected, change=change))
    return made


def rssp(method, good, cases, *members, body_max=16 * 1024, guard="client", checks_body=True,
         good_answer=None, after="", headers=None):
    common = of_csc(csc_body_cases(2), good) if checks_body else []
    if guard == "client":
        common += of_csc(bearer_cases(2) + scope_cases(), good)
    fine = good_answer or Expected(200, says=DONE, members=("responseID", *members))
    return Endpoint(("POST",), "api", "/rssp/v2/" + method, guard, "json", good, common + cases,
                    headers=headers or {"Authorization": "Bearer @token_a"}, body_max=body_max,
                    good_answer=fine, after=after)


# ---- logging in

def user(text, client="@basic_a"):
    return f"{client}, Basic {base64.b64encode(text.encode()).decode()}"


def login_cases():
    header = refused(3000, "send Authorization: SSL2, Basic or Bearer")
    wrong = refused(3000, "the relying party's login is wrong")
    nobody = refused(3003, "there is no such account")
    form = refused(3000, "the user must be USERTYPE:user:password")
    dead = refused(3005, "the refresh token is none any more")
    session = Expected(200, says=DONE, members=("accessToken", "refreshToken", "expiresIn"))
    person = Expected(200, says={**DONE, "ownerInfo": {"fullName": "an", "phone": "", "email": ""}})

    def case(label, authorization, expected, **change):
        return Case(label, expected, headers={"Authorization": authorization}, change=change)
    return [
        case("no authorization", None, header),
        case("Digest", 'Digest username="an"', header),
        case("Basic and no more", "Basic", header),
        case("two headers", ["@basic_a", "@basic_a"], header),
        case("a comma and no more", "@basic_a,", header),
        case("a token after the client", "@basic_a, Bearer @token_a", header),
        case("a person after a token", user("USERNAME:an:", "Bearer x"), header),
        case("lower-case scheme", "@basic_a_lower", None),
        case("client to whom this door is closed", "@basic_closed",
             refused(9401, "this client may not use RSSP")),
        case("client whose tokens must be bound to a key", "@basic_dpop", refused(
            9401, "the client's tokens are bound to a key: get one at the token endpoint")),
        case("SSL2 that is none", "SSL2 x", wrong),
        case("SSL2 without its parts", "SSL2 QTpC", wrong),
        case("SSL2 that is not switched on", "SSL2 @ssl2_a",
             refused(9401, "SSL2 is not switched on for this client")),
        case("a person", user("USERNAME:an:"), person),
        case("a person by account", user("CITIZEN-IDENTITY-CARD:079201000001:"), person),
        case("unknown person", user("USERNAME:nobody:"), nobody),
        case("someone else's person", user("USERNAME:binh:"), nobody),
        case("frozen person", user("USERNAME:phuc:", "@basic_all"),
             refused(3002, "the account is blocked")),
        case("unknown user type", user("SHOE-SIZE:43:"), refused(3000, "unknown user type")),
        case("a person's password", user("USERNAME:an:x"),
             refused(3000, "persons have no password here: leave it empty")),
        case("user without a type", user("an"), form),
        case("user that is not base64", "@basic_a, Basic !", form),
        case("rememberMeEnabled", "@basic_a", session, rememberMeEnabled=True),
        case("rememberMeEnabled of wrong type", "@basic_a", parameter("rememberMeEnabled"),
             rememberMeEnabled="true"),
        case("relyingParty of wrong type", "@basic_a", parameter("relyingParty"), relyingParty=7),
        case("profile too long", "@basic_a", parameter("profile"), profile="x" * 256),
        case("refresh token unknown", "Bearer x", dead),
        case("access token as refresh token", "Bearer @token_a", dead),
        case("refresh token expired", "Bearer @refresh_expired", dead),
        case("refresh token of an authorization", "Bearer @refresh", dead),
        case("refresh token", "Bearer @refresh_login_3", session),
        case("refresh token used before", "Bearer @refresh_login_3", dead),
    ]


def revoke_cases():
    unknown = parameter("token")
    return [
        Case("unknown token", unknown, change={"token": "x"}),
        Case("forged token", unknown, change={"token": "@token_forged"}),
        Case("another client's access token", unknown, change={"token": "@token_all"}),
        Case("another client's refresh token", unknown, change={"refreshToken": "@refresh_all"}),
        Case("token of wrong type", unknown, change={"token": 7}),
        Case("token too long", unknown, change={"token": "x" * 5000}),
        Case("refreshToken of wrong type", parameter("refreshToken"), change={"refreshToken": []}),
        Case("refresh token", None, change={"refreshToken": "@refresh_revoke_3"}),
    ]


# ---- credentials

DETAIL = ("cert", "key", "authMode", "SCAL", "multisign", "remainingSigningCounter",
          "contractExpirationDate", "sharedMode")


def listing_cases():
    agreement, conditions = parameter("agreementUUID"), parameter("searchConditions")
    return [
        Case("agreementUUID missing", agreement, change={"agreementUUID": ABSENT}),
        Case("agreementUUID of wrong type", agreement, change={"agreementUUID": 7}),
        Case("agreementUUID too long", agreement, change={"agreementUUID": "x" * 256}),
        Case("unknown person", agreement, change={"agreementUUID": "nobody"}),
        Case("someone else's person", agreement, change={"agreementUUID": "binh"}),
        Case("frozen person", agreement, change={"agreementUUID": "phuc"}, headers=EVERYONE),
        Case("by account", None, change={"agreementUUID": "079201000001"}),
        Case("searchConditions of wrong type", conditions, change={"searchConditions": "ALL"}),
        Case("certificateStatus of wrong type", parameter("certificateStatus"),
             change={"searchConditions": {"certificateStatus": 7}}),
        Case("of no such status", Expected(200, says={**DONE, "certs": []}),
             change={"searchConditions": {"certificateStatus": "REVOKED"}}),
        Case("all", None, change={"searchConditions": {"certificateStatus": "ALL",
                                                       "certificatePurpose": "ALL"}}),
    ] + of_csc(detail_cases(), {})


# ---- signing

AUTHORIZE = {"credentialID": "@credential_a", "numSignatures": 1, "message": "Ký",
             "documentDigests": {"hashes": ["@hash_1"], "hashAlgorithmOID": SHA256}}
SIGN = {"credentialID": "@credential_a", "SAD": "@sad", "signAlgo": "1.2.840.10045.4.3.2",
        "documentDigests": {"hashes": ["@hash_1"]}}
EXTEND = {"credentialID": "@credential_a", "SAD": "@sad_extend",
          "documentDigests": {"hashes": ["@hash_extend"]}}


def digests_cases():
    missing = invalid("Missing (or invalid type) object parameter documentDigests")
    return [Case("documentDigests missing", missing, change={"documentDigests": ABSENT}),
            Case("documentDigests an array", missing, change={"documentDigests": ["@hash_1"]}),
            Case("documentDigests a string", missing, change={"documentDigests": "@hash_1"})]


def asking_cases():
    mode = parameter("operationMode")
    validity = parameter("validityPeriod")
    oid = invalid("Missing (or invalid type) string parameter hashAlgorithmOID")

    def digests(**change):
        return {"documentDigests": {**AUTHORIZE["documentDigests"], **change}}
    return digests_cases() + [
        Case("hashAlgorithmOID missing", oid, change=digests(hashAlgorithmOID=ABSENT)),
        Case("hashAlgorithmOID unknown", parameter("hashAlgorithmOID"),
             change=digests(hashAlgorithmOID="1.2.3")),
        Case("operationMode S", None, change={"operationMode": "S"}),
        Case("operationMode A", invalid(
            "Invalid parameter operationMode: only S, which waits for the phone"),
            change={"operationMode": "A"}),
        Case("operationMode of wrong type", mode, change={"operationMode": 7}),
        Case("tseNotification of wrong type", parameter("tseNotification"),
             change={"tseNotification": "Ký"}),
        Case("message within tseNotification", None, change={
            "message": "another", "tseNotification": {"message": "Ký", "logoURI": "x"}}),
        Case("messageCaption of wrong type", parameter("messageCaption"),
             change={"messageCaption": 7}),
        Case("notificationMessage of wrong type", parameter("notificationMessage"),
             change={"tseNotification": {"notificationMessage": {}}}),
        Case("caption and message too long together", parameter("message"),
             change={"messageCaption": "ệ" * 250, "message": "ệ" * 250}),
        Case("validityPeriod a string", validity, change={"validityPeriod": "30"}),
        Case("validityPeriod negative", validity, change={"validityPeriod": -1}),
        Case("validityPeriod not whole", validity, change={"validityPeriod": 1.5}),
        Case("validityPeriod of more than a day", validity,
             change={"tseNotification": {"validityPeriod": 86_401}}),
        Case("validityPeriod", None, change={"validityPeriod": 30}),
    ]


# Every request's own signAlgo may be left out here.
OTHERWISE = ("signAlgo missing", "signAlgo of wrong type")
NO_OTP = refused(9402, "Not supported: persons confirm on their phone (IMPLICIT/TSE), "
                       "there is no OTP")


def endpoints():
    return [
        rssp("auth/login", {"relyingParty": "BV", "profile": "rssp-119.432-v2.0"}, login_cases(),
             "accessToken", "refreshToken", "expiresIn", "remainingCounter", "tempLockoutDuration",
             guard="open", headers={"Authorization": "@basic_a"}),
        rssp("auth/revoke", {"token": "@token_ended"}, revoke_cases()),
        rssp("auth/getTwoFactorMethod", {}, [], checks_body=False, good_answer=NO_OTP),
        rssp("auth/finalizeLogin", {}, [], checks_body=False, good_answer=NO_OTP),
        rssp("credentials/list", {"agreementUUID": "an"}, listing_cases(), "certs"),
        rssp("credentials/info", {"credentialID": "@credential_a"},
             of_csc(credential_cases() + detail_cases(), {}), *DETAIL),
        rssp("credentials/authorize", AUTHORIZE,
             asking_cases() + of_csc(authorize_cases("hashes"), AUTHORIZE), "SAD", "expiresIn",
             "verificationCode", body_max=BATCH),
        rssp("credentials/extendTransaction", EXTEND,
             digests_cases() + of_csc(extend_cases("hashes"), EXTEND) + [
                 Case("hashAlgorithmOID contradicts", parameter("hashAlgorithmOID"),
                      change={"documentDigests": {**EXTEND["documentDigests"],
                                                  "hashAlgorithmOID": SHA384}})],
             "SAD", "expiresIn", body_max=BATCH, after="renew_sad"),
        rssp("credentials/sendOTP", {}, [], checks_body=False, good_answer=NO_OTP),
        rssp("signatures/signHash", SIGN, digests_cases() +
             of_csc(sign_hash_cases("hashes", "hashAlgorithmOID"), SIGN, OTHERWISE) + [
                 Case("signAlgo left out", None, change={"signAlgo": ABSENT}),
                 Case("signAlgo of wrong type", parameter("signAlgo"), change={"signAlgo": 7})],
             "signatures", body_max=BATCH),
    ]
