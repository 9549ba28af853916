"""What the tables of endpoints are made of: expectations, cases, and those of whole kinds of
endpoints.
"""

from dataclasses import dataclass, field

ABSENT = object()  # of a body's member: leave it out


@dataclass
class Expected:
    status: int
    error: str = ""
    description: str = ""
    members: tuple = ()  # that a good answer must have
    body: object = None  # the whole answer, where it has another shape than CSC's
    location: str = ""   # where it sends to; with * at the end: what that begins with
    shows: str = ""      # of a page: text or markup that is in it
    says: dict = field(default_factory=dict)  # members that have these values


@dataclass
class Case:
    label: str
    expected: Expected
    change: dict = field(default_factory=dict)   # of the body's members
    body: object = None                          # instead of the good one: bytes, or any JSON
    headers: dict = field(default_factory=dict)  # None removes one
    method: str = ""
    path: str = ""
    content_length: int = 0                      # claimed, while no body follows
    host: str = ""


@dataclass
class Endpoint:
    methods: tuple
    host: str  # api, login, approve, admin
    path: str
    guard: str  # open, client, device, newcomer, browser, local
    form: str   # json, form, query, none
    good: dict
    cases: list
    good_status: int = 200
    members: tuple = ()
    is_private: bool = False  # the good request changes the world: its case is among `cases`
    headers: dict = field(default_factory=dict)
    body_max: int = 16 * 1024
    good_answer: object = None  # Expected, where the good request is refused all the same
    after: str = ""             # of World: called after a request that succeeds


def good(*members, status=200):
    return Expected(status, members=members)


def bad(description, status=400, error="invalid_request"):
    return Expected(status, error, description)


BATCH = 1024 * 1024
EVERYONE = {"Authorization": "Bearer @token_all"}  # of a client that may ask every signer
NOWHERE = bad("There is nothing at this path.", 404, "not_found")
V1_MALFORMED = ("The request is missing a required parameter, includes an invalid parameter value, "
                "includes a parameter more than once, or is otherwise malformed.")
V2_MALFORMED = "The request body must be one JSON object"
SHA1, SHA256, SHA384, SHA512 = ("1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1",
                                "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3")
ECDSA_SHA256, ECDSA_SHA384 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"
RSA, RSA_SHA256, RSA_PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.10"


def missing(kind, name):
    return bad(f"Missing (or invalid type) {kind} parameter {name}")


def invalid(name):
    return bad(f"Invalid parameter {name}")


# ---- what whole kinds of endpoints have in common

def bearer_cases(version, malformed=""):
    malformed = bad(malformed or
                    (V1_MALFORMED if version == 1 else "Malformed authorization header"))
    unknown = bad("Invalid access token", 401, "invalid_token")

    def case(label, authorization, expected):
        return Case(label, expected, headers={"Authorization": authorization})
    return [
        case("no authorization", None, malformed),
        case("bearer without a token", "Bearer", malformed),
        case("bearer of blanks", "Bearer   ", malformed),
        case("another scheme", "@basic_a", malformed),
        case("two authorization headers", ["Bearer @token_a", "Bearer @token_a"], malformed),
        case("unknown token", "Bearer nonsense", unknown),
        case("token of another key", "Bearer @token_forged", unknown),
        case("token without a signature", "Bearer @token_unsigned", unknown),
        case("token whose time is changed", "Bearer @token_stretched", unknown),
        case("token too long", "Bearer " + "A" * 3000, unknown),
        case("device session as token", "Bearer @session_an", unknown),
        case("disabled client", "Bearer @token_disabled", unknown),
        case("client to whom this API is closed", "Bearer @token_closed",
             bad("The client may not use this API", error="unauthorized_client")),
        case("expired token", "Bearer @token_expired",
             bad("The access token expired", 401, "expired_token")),
        case("lower-case scheme", "bearer @token_a", None),
        case("revoked token", "Bearer @token_revoked", unknown),
        case("token of a revoked grant", "Bearer @token_of_grant", unknown),
        case("bound token as Bearer", "Bearer @token_bound", unknown),
        case("token that is not bound as DPoP", "DPoP @token_a", unknown),
        case("bound token without a proof", "DPoP @token_bound",
             bad("A DPoP proof is required", 401, "invalid_dpop_proof")),
        Case("bound token with no proof in its header",
             bad("DPoP proof: not a compact JWS", 401, "invalid_dpop_proof"),
             headers={"Authorization": "DPoP @token_bound", "DPoP": "x"}),
        case("token of another certificate", "Bearer @token_certified", unknown),
        case("unbound token of a client that must bind", "Bearer @token_dpop", unknown),
    ]


def scope_cases():
    """Where a token of scope credential opens nothing."""
    return [Case("token of scope credential",
                 bad("The access token is for signing alone", 403, "insufficient_scope"),
                 headers={"Authorization": "Bearer @token_sad"})]


def csc_body_cases(version):
    malformed = bad(V1_MALFORMED if version == 1 else V2_MALFORMED)
    deep = b'{"clientData":"x","deep":' + b"[" * 40 + b"]" * 40 + b"}"
    return [
        Case("not JSON", malformed, body=b"credentialID=1"),
        Case("JSON cut off", malformed, body=b'{"clientData":"x"'),
        Case("more after the JSON", malformed, body=b'{"clientData":"x"} {}'),
        Case("a JSON array", malformed, body=b"[]"),
        Case("a JSON string", malformed, body=b'"x"'),
        Case("comments", malformed, body=b'{"clientData":"x"/* */}'),
        Case("not UTF-8", malformed, body=b'{"clientData":"\xff"}'),
        Case("half a surrogate", malformed, body=b'{"clientData":"\\ud800"}'),
        Case("duplicate member", malformed, body=b'{"clientData":"x","clientData":"y"}'),
        Case("duplicate member, escaped", malformed, body=b'{"lang":"vi","l\\u0061ng":"en"}'),
        Case("deep nesting", malformed, body=deep),
        Case("wrong content type", malformed, headers={"Content-Type": "text/plain"},
             body=b'{"clientData":"x"}'),
        Case("no content type", malformed, headers={"Content-Type": None},
             body=b'{"clientData":"x"}'),
        Case("content type with charset", None,
             headers={"Content-Type": "application/json; charset=utf-8"}),
        Case("wrong type of clientData", invalid("clientData"), change={"clientData": 7}),
        Case("clientData too long", invalid("clientData"), change={"clientData": "x" * 4097}),
        Case("long clientData", None, change={"clientData": "x" * 4096}),
        Case("wrong type of lang", invalid("lang"), change={"lang": ["vi"]}),
        Case("lang too long", invalid("lang"), change={"lang": "x" * 36}),
        Case("another lang", None, change={"lang": "en-GB"}),
        Case("unknown fields ignored", None, change={"unheard": {"of": [1, None, 1e3]}}),
    ]


def session_cases():
    unknown = bad("@any", 401, "invalid_token")
    return [
        Case("no authorization", unknown, headers={"Authorization": None}),
        Case("unknown session", unknown, headers={"Authorization": "Bearer nonsense"}),
        Case("empty session", unknown, headers={"Authorization": "Bearer "}),
        Case("access token as session", unknown, headers={"Authorization": "Bearer @token_a"}),
        Case("another scheme", unknown, headers={"Authorization": "Basic @session_an"}),
    ]


def own_body_cases():
    whole = bad("the body must be one JSON object")
    return [
        Case("not JSON", whole, body=b"x"),
        Case("no body", whole, body=b""),
        Case("a JSON array", whole, body=b"[]"),
        Case("deep nesting", whole, body=b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"),
        Case("duplicate member", bad("the body has a member twice"), body=b'{"a":1,"a":2}'),
        Case("wrong content type", bad("Content-Type must be application/json"),
             headers={"Content-Type": "text/plain"}),
    ]


def text_cases(name, size_max, is_required=True):
    too_long = bad(f"{name} must be a string of at most {size_max} bytes")
    cases = [Case(f"{name} of wrong type", too_long, change={name: 7}),
             Case(f"{name} too long", too_long, change={name: "x" * (size_max + 1)})]
    if is_required:
        empty = bad(f"{name} is missing or empty")
        cases += [Case(f"{name} missing", empty, change={name: ABSENT}),
                  Case(f"{name} null", empty, change={name: None}),
                  Case(f"{name} empty", empty, change={name: ""})]
    return cases


def credential_ids_cases():
    strings = bad("credential_ids must be a list of strings")
    return own_body_cases() + [
        Case("credential_ids missing", strings, change={"credential_ids": ABSENT}),
        Case("credential_ids empty", strings, change={"credential_ids": []}),
        Case("credential_ids of wrong type", strings, change={"credential_ids": "x"}),
        Case("credential_ids of numbers", strings, change={"credential_ids": [1]}),
        Case("unknown credential", bad("no such credential: cred_none", 404, "not_found"),
             change={"credential_ids": ["cred_none"]})]


def renewal_cases():
    """The request is for one that is suspended."""
    either = bad("supersede must be true or false")
    suspended = bad("credential @credential_disabled is suspended: resume it first", 409, "conflict")
    return credential_ids_cases() + [
        Case("supersede missing", either, change={"supersede": ABSENT}),
        Case("supersede of wrong type", either, change={"supersede": "no"}),
        Case("suspended", suspended),
        Case("suspended, with another", suspended,
             change={"credential_ids": ["@credential_a", "@credential_disabled"]}),
        Case("named twice", bad("credential @credential_a is named twice"),
             change={"credential_ids": ["@credential_a", "@credential_a"]})]


def bytes_cases(name, size_max):
    wrong = bad(f"{name} must be base64url without padding, at most {size_max} bytes")
    return text_cases(name, 2 * size_max + 4) + [
        Case(f"{name} not base64url", wrong, change={name: "+/+/"}),
        Case(f"{name} padded", wrong, change={name: "AA=="}),
        Case(f"{name} of too many bytes", wrong, change={name: "AAAA" * (size_max // 3 + 1)})]
