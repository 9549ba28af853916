"""Rows of table.py for QD 769, which answers {"status_code", "message", "data"} in both shapes."""

from cases import ABSENT, BATCH, Case, Endpoint, Expected

WHO = {"sp_id": "@client_sp", "sp_password": "@secret_sp"}
NO_PASSWORD = {"sp_id": ABSENT, "sp_password": ABSENT}
ACCOUNT = "079201000001"


def refused(status, message, description):
    return Expected(status, body={"status_code": status, "message": message, "data": None,
                                  "description": description})


def bad_request(description):
    return refused(400, "BAD_REQUEST", description)


def nobody(description):
    return refused(401, "SP_CREDENTIAL_INVALID", description)


def text_cases(name, size_max, required=True):
    wrong = bad_request(f"{name} must be a string of at most {size_max} bytes")
    control = bad_request(f"{name} must be clean UTF-8 without control characters")
    cases = [Case(f"{name} of wrong type", wrong, change={name: 7}),
             Case(f"{name} too long", wrong, change={name: "x" * (size_max + 1)}),
             Case(f"{name} with a control character", control, change={name: "a\u0001b"})]
    if required:
        empty = bad_request(f"{name} is missing or empty")
        cases += [Case(f"{name} missing", empty, change={name: ABSENT}),
                  Case(f"{name} null", empty, change={name: None}),
                  Case(f"{name} empty", empty, change={name: ""})]
    return cases


def body_cases():
    whole = bad_request("the body must be one JSON object")
    return [
        Case("not JSON", whole, body=b"x"),
        Case("JSON cut off", whole, body=b'{"sp_id":"x"'),
        Case("a JSON array", whole, body=b"[]"),
        Case("not UTF-8", whole, body=b'{"sp_id":"\xff"}'),
        Case("deep nesting", whole, body=b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"),
        Case("duplicate member", bad_request("the body has a member twice"),
             body=b'{"sp_id":"x","sp_id":"y"}'),
        Case("wrong content type", bad_request("Content-Type must be application/json"),
             headers={"Content-Type": "text/plain"}),
    ]


def guessing_cases():
    """Once in the whole table: who guesses is paused."""
    wrong = nobody("unknown client or wrong secret")
    return [
        Case("wrong sp_password", wrong, change={"sp_password": "wrong"}),
        Case("sp_password of another client", wrong, change={"sp_password": "@secret_all"}),
        Case("unknown sp_id", wrong, change={"sp_id": "nobody"}),
        Case("disabled client", wrong,
             change={"sp_id": "@client_disabled", "sp_password": "@secret_disabled"}),
    ]


def caller_cases(needed=True):
    """`needed`: without any credentials the call is refused for that."""
    token = nobody("the access token is invalid")
    closed = nobody("the client may not use this API")
    missing = nobody("sp_id and sp_password, or a token, are needed")

    def bearer(label, value, expected):
        return Case(label, expected, change=NO_PASSWORD, headers={"Authorization": value})
    cases = [
        Case("sp_password missing", missing, change={"sp_password": ABSENT}),
        Case("sp_id missing", missing, change={"sp_id": ABSENT}),
        Case("client to whom this API is closed", closed,
             change={"sp_id": "@client_a", "sp_password": "@secret_a"}),
        Case("sp_id of wrong type", bad_request("sp_id must be a string of at most 255 bytes"),
             change={"sp_id": 7}),
        Case("sp_password too long",
             bad_request("sp_password must be a string of at most 255 bytes"),
             change={"sp_password": "x" * 256}),
        Case("a token and a password", nobody("a token or a password, not both"),
             headers={"Authorization": "Bearer @token_sp"}),
        bearer("bearer", "Bearer @token_sp", None),
        bearer("bearer of a client to whom this API is closed", "Bearer @token_a", closed),
        bearer("unknown token", "Bearer nonsense", token),
        bearer("another scheme", "@basic_a", token),
        bearer("token of another key", "Bearer @token_forged", token),
        bearer("expired token", "Bearer @token_expired", nobody("the access token expired")),
        bearer("disabled client's token", "Bearer @token_disabled", token),
        Case("token in the body", None, change={**NO_PASSWORD, "token": "@token_sp"}),
        Case("wrong token in the body", token, change={**NO_PASSWORD, "token": "nonsense"}),
        Case("two tokens", nobody("a token in the header or in the body, not both"),
             change={**NO_PASSWORD, "token": "@token_sp"},
             headers={"Authorization": "Bearer @token_sp"}),
    ]
    if needed:
        cases += [Case("no credentials", missing, change=NO_PASSWORD),
                  Case("no body", missing, body=b"")]
    return cases


def transaction_id_cases(required):
    return text_cases("transaction_id", 64, required) + [
        Case("transaction_id that no path holds",
             bad_request("transaction_id may have letters, digits and - . _ ~ only"),
             change={"transaction_id": "a/b"})]


def certificate_cases():
    unknown = bad_request("user_id is unknown")
    return body_cases() + caller_cases() + text_cases("user_id", 64) + \
        text_cases("serial_number", 64, False) + text_cases("ca_name", 64, False) + \
        transaction_id_cases(False) + [
            Case("by account", None, change={"user_id": ACCOUNT}),
            Case("a serial number that is not theirs", None, change={"serial_number": "99"}),
            Case("unknown user", unknown, change={"user_id": "nobody"}),
            Case("someone else's user", unknown, change={"user_id": "binh"}),
            Case("frozen user", unknown, change={"user_id": "phuc"}),
        ]


def one_file(**change):
    fields = {"data_to_be_signed": "@hex_769", "doc_id": "d", "file_type": "pdf",
              "sign_type": "hash", **change}
    return {"sign_files": [{name: one for name, one in fields.items() if one is not ABSENT}]}


def file_cases():
    fresh = {"transaction_id": "never-taken"}
    data = bad_request(
        "data_to_be_signed must be a hash of 32, 48 or 64 bytes, hexadecimal or base64")
    whole = bad_request("sign_type must be hash: whole files are not signed here")
    missing = bad_request("data_to_be_signed is missing or no string")
    empty = bad_request("sign_files is missing or empty")

    def case(label, expected, **change):
        return Case(label, expected, change={**fresh, **one_file(**change)})

    def files(label, value, expected):
        return Case(label, expected, change={**fresh, "sign_files": value})
    good = one_file()["sign_files"][0]
    return [
        files("sign_files missing", ABSENT, empty),
        files("sign_files empty", [], empty),
        files("sign_files an object", good, empty),
        files("sign_files of strings", ["x"], bad_request("sign_files must be a list of objects")),
        files("too many files", [{}] * 1025, bad_request("sign_files has more than 1,024 entries")),
        files("a doc_id twice", [good, good], bad_request(
            "each doc_id may stand once: signatures are told apart by it")),
        files("hashes of two lengths", [good, {**good, "doc_id": "e",
                                               "data_to_be_signed": "00" * 48}],
              bad_request("the hashes of one request must be of one length")),
        case("doc_id missing", bad_request("doc_id is missing or empty"), doc_id=ABSENT),
        case("doc_id too long", bad_request("doc_id must be a string of at most 128 bytes"),
             doc_id="x" * 129),
        case("doc_id with a line break",
             bad_request("doc_id must be clean UTF-8 without control characters"), doc_id="a\nb"),
        case("a whole file", whole, sign_type="file"),
        case("sign_type missing", whole, sign_type=ABSENT),
        case("a whole file, nested", whole, sign_type=ABSENT,
             file_options={"file_type": "pdf", "sign_type": "file"}),
        case("file_options no object", bad_request("file_options must be an object"),
             file_options="hash"),
        case("file_type of wrong type",
             bad_request("file_type must be a string of at most 64 bytes"), file_type=7),
        case("data missing", missing, data_to_be_signed=ABSENT),
        case("data no string", missing, data_to_be_signed=7),
        case("data empty", data, data_to_be_signed=""),
        case("data half a byte", data, data_to_be_signed="0" * 63),
        case("data of 20 bytes", data, data_to_be_signed="00" * 20),
        case("data base64url", data, data_to_be_signed="@hash_url"),
        case("data base64 without padding", data, data_to_be_signed="@hash_1-PAD"),
        case("data neither", data, data_to_be_signed="not a hash"),
    ]


def sign_cases():
    unknown = bad_request("user_id is unknown")
    disabled = refused(403, "CREDENTIAL_STATUS_INVALID",
                       "the certificate is disabled or expired")
    everyone = {"sp_id": "@client_sp_all", "sp_password": "@secret_sp_all"}

    def fresh(label, expected, **change):
        return Case(label, expected, change={"transaction_id": "never-taken", **change})
    stamp = bad_request("time_stamp must be YYYYMMDDHHmmss, with a Z or without")
    return body_cases() + caller_cases() + text_cases("user_id", 64) + \
        transaction_id_cases(True) + text_cases("serial_number", 64, False) + \
        text_cases("transaction_desc", 2000, False) + text_cases("ca_name", 64, False) + \
        file_cases() + [
            Case("time_stamp of letters", stamp, change={"time_stamp": "2026112712000x"}),
            Case("time_stamp too short", stamp, change={"time_stamp": "20261127"}),
            Case("the name of another request",
                 bad_request("transaction_id was used before, for another request"),
                 change={"transaction_desc": "another"}),
            fresh("unknown user", unknown, user_id="nobody"),
            fresh("someone else's user", unknown, user_id="binh"),
            fresh("frozen user", refused(403, "CREDENTIAL_LOCKED", "the signer is frozen"),
                  user_id="phuc", **everyone),
            fresh("serial number missing among several",
                  bad_request("serial_number is needed: the person has several certificates"),
                  serial_number=ABSENT),
            fresh("serial number unknown", bad_request("serial_number is unknown"),
                  serial_number="99"),
            fresh("a length that the key does not sign",
                  bad_request("data_to_be_signed has another length than the key's hashes"),
                  **one_file(data_to_be_signed="00" * 64)),
            fresh("disabled credential", disabled, user_id="hoa", serial_number=ABSENT,
                  **everyone),
            fresh("expired certificate", disabled, user_id="giang", serial_number=ABSENT,
                  **everyone),
            Case("unknown fields ignored", None, change={"unheard": {"of": [1, None]}}),
        ]


def status_cases(path):
    unknown = bad_request("no such transaction")
    missing = nobody("sp_id and sp_password, or a token, are needed")
    return body_cases() + caller_cases(needed=False) + [
        Case("unknown transaction", unknown, path=path.replace("{id}", "nothing")),
        Case("someone else's transaction", unknown, path=path.replace("{id}", "@portal_other")),
        Case("a transaction of CSC by its handle", unknown,
             path=path.replace("{id}", "@handle_waiting")),
        Case("our own name for it", unknown, path=path.replace("{id}", "@transaction_769")),
        Case("the portal's name, by nobody", missing, change=NO_PASSWORD),
        Case("no body", missing, body=b"", headers={"Content-Type": None}),
        Case("by its tran_code, by nobody", None, change=NO_PASSWORD,
             path=path.replace("{id}", "@tran_code")),
        Case("our own name for it, by nobody", missing, change=NO_PASSWORD,
             path=path.replace("{id}", "@transaction_769")),
    ]


# What "{id}" stands for in the good request.
IDS = {"/sca/sp769/v1/signatures/sign/{id}/status": "@portal_id",
       "/qd769/sign/{id}/status": "@portal_id",
       "/sign_v2/sign/{id}/status": "@portal_id"}


def endpoint(path, good, cases, *members, body_max=16 * 1024, **more):
    return Endpoint(("POST",), "api", path, "open", "json", {**WHO, **good}, cases,
                    members=members, body_max=body_max, **more)


CERTIFICATE = {"user_id": "an", "serial_number": "", "transaction_id": "t-1"}
SIGN = {"user_id": "an", "transaction_id": "@portal_id", "serial_number": "@serial_a",
        "transaction_desc": "Ký văn bản", "time_stamp": "20261127120000Z",
        **one_file(doc_id="12/QĐ-UBND")}
ANSWER = ("status_code", "message", "data")
FILES = bad_request("whole files are not signed here: send their hashes to sign")


def endpoints():
    rows = []
    name = Case("ca_name unknown", bad_request("ca_name is unknown"), change={"ca_name": "X-CA"})
    ours = Case("ca_name of this appliance", None,
                change={"ca_name": "KYSO", "transaction_id": "by-name"})
    for certificate, sign, more in (
            ("/sca/sp769/v1/credentials/get_certificate", "/sca/sp769/v1/signatures/sign", []),
            ("/qd769/get_certificate", "/qd769/sign", []),
            ("/sign_v2/get_certificate", "/sign_v2/sign", [name, ours])):
        status = sign + "/{id}/status"
        rows += [endpoint(certificate, CERTIFICATE, certificate_cases() + more, *ANSWER),
                 endpoint(sign, SIGN, sign_cases() + more, *ANSWER, body_max=BATCH),
                 endpoint(status, {}, status_cases(status), *ANSWER)]
    refused_callers = [case for case in caller_cases() if case.expected is not None]
    for path, guesses in (("/qd769/sign_file", guessing_cases()), ("/sign_v2/sign_file", [])):
        rows.append(endpoint(path, {}, [
            Case("whole files", FILES, change={"sign_files": [{"file_base64": "AAAA"}]}),
            *guesses, *refused_callers], body_max=BATCH, is_private=True))
    return rows
