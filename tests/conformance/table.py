"""Every endpoint, and what each answers to good and to bad input: the one list.

A value that begins with "@" is looked up in the world (world.py). A case is sent as the endpoint's
good request with the changes that the case names, and must be answered with exactly its status,
error and error_description.
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
    guard: str  # open, client, device, browser, local
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


def method_cases(endpoint):
    not_allowed = bad("The method is not allowed here.", 405)
    served = {method for other in ENDPOINTS for method in other.methods
              if (other.host, other.path) == (endpoint.host, endpoint.path)}
    cases = [Case(f"wrong method {method}", not_allowed, method=method)
             for method in ("GET", "POST", "PUT", "DELETE", "PATCH")
             if method not in served]
    if endpoint.host != "admin":
        if not endpoint.path.startswith("/pki/ocsp"):  # below it, everything is a request
            cases.append(Case("another path", NOWHERE, path=endpoint.path + "/more"))
        if endpoint.path != "/healthz":
            cases.append(Case("another host of ours", NOWHERE, host="office.localhost"))
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


def bytes_cases(name, size_max):
    wrong = bad(f"{name} must be base64url without padding, at most {size_max} bytes")
    return text_cases(name, 2 * size_max + 4) + [
        Case(f"{name} not base64url", wrong, change={name: "+/+/"}),
        Case(f"{name} padded", wrong, change={name: "AA=="}),
        Case(f"{name} of too many bytes", wrong, change={name: "AAAA" * (size_max // 3 + 1)})]


# ---- parameters of CSC

def credential_cases():
    unknown = invalid("credentialID")
    return [
        Case("credentialID missing", missing("string", "credentialID"),
             change={"credentialID": ABSENT}),
        Case("credentialID null", missing("string", "credentialID"), change={"credentialID": None}),
        Case("credentialID of wrong type", missing("string", "credentialID"),
             change={"credentialID": 7}),
        Case("credentialID empty", missing("string", "credentialID"), change={"credentialID": ""}),
        Case("credentialID too long", unknown, change={"credentialID": "x" * 5000}),
        Case("unknown credential", unknown, change={"credentialID": "cred_none"}),
        Case("credential with NUL after it", unknown, change={"credentialID": "@credential_a+NUL"}),
        Case("someone else's credential", unknown, change={"credentialID": "@credential_b"}),
        Case("credential not enrolled yet", unknown,
             change={"credentialID": "@credential_invited"}),
        Case("credential of a frozen signer", bad("Credential locked"),
             change={"credentialID": "@credential_frozen"}, headers=EVERYONE),
        Case("the issuer's own", unknown, change={"credentialID": "@credential_ca"},
             headers=EVERYONE),
    ]


def usable_cases():
    return [
        Case("disabled credential", bad("The credential identified by credentialID is disabled"),
             change={"credentialID": "@credential_disabled"}, headers=EVERYONE),
        Case("expired certificate",
             bad("Signing certificate 'CN=Signer giang,serialNumber=giang,C=VN' is expired."),
             change={"credentialID": "@credential_expired"}, headers=EVERYONE),
    ]


def hash_cases(name):
    base64 = bad(f"Invalid Base64 {name} string parameter")
    length = bad("Invalid digest value length")
    array = missing("array", name)

    def case(label, value, expected):
        count = len(value) if isinstance(value, list) and value else 1
        return Case(f"{name} {label}", expected, change={name: value, "numSignatures": count})
    return [
        case("missing", ABSENT, array),
        case("null", None, array),
        case("a string", "@hash_1", array),
        case("an object", {"0": "@hash_1"}, array),
        case("empty array", [], bad(f"Empty {name} array")),
        case("of numbers", [7], base64),
        case("of null", ["@hash_1", None], base64),
        case("not base64", ["not base64!"], base64),
        case("base64url", ["@hash_url"], base64),
        case("without padding", ["@hash_1-PAD"], base64),
        case("with a line break", ["@hash_1+LF"], base64),
        case("with a blank for a plus", ["@hash_blank"], base64),
        case("empty string", [""], length),
        case("of 20 bytes", ["@hash_20"], length),
        case("of 33 bytes", ["@hash_33"], length),
        case("of two lengths", ["@hash_1", "@hash_48"], length),
    ]


def detail_cases():
    return [
        Case("certificates unknown", invalid("certificates"), change={"certificates": "all"}),
        Case("certificates of wrong type", invalid("certificates"), change={"certificates": True}),
        Case("certificates too long", invalid("certificates"), change={"certificates": "x" * 17}),
        Case("certInfo of wrong type", invalid("certInfo"), change={"certInfo": "true"}),
        Case("authInfo of wrong type", invalid("authInfo"), change={"authInfo": 1}),
        Case("everything", None, change={"certificates": "chain", "certInfo": True,
                                         "authInfo": True}),
        Case("certificates none", None, change={"certificates": "none"}),
    ]


def listing_cases():
    return [
        Case("userID missing", invalid("userID"), change={"userID": ABSENT}),
        Case("userID of wrong type", invalid("userID"), change={"userID": 7}),
        Case("userID too long", invalid("userID"), change={"userID": "x" * 256}),
        Case("unknown user", invalid("userID"), change={"userID": "nobody"}),
        Case("someone else's user", invalid("userID"), change={"userID": "binh"}),
        Case("frozen user", invalid("userID"), change={"userID": "phuc"},
             headers=EVERYONE),
        Case("unknown user of one who may ask anybody", invalid("userID"),
             change={"userID": "nobody"}, headers=EVERYONE),
        Case("pageToken of wrong type", invalid("pageToken"), change={"pageToken": 1}),
        Case("pageToken unknown", invalid("pageToken"), change={"pageToken": "x"}),
        Case("pageToken someone else's", invalid("pageToken"),
             change={"pageToken": "@credential_b"}),
        Case("pageToken too long", invalid("pageToken"), change={"pageToken": "x" * 129}),
        Case("maxResults of wrong type", invalid("maxResults"), change={"maxResults": "5"}),
        Case("maxResults 0", invalid("maxResults"), change={"maxResults": 0}),
        Case("maxResults negative", invalid("maxResults"), change={"maxResults": -1}),
        Case("maxResults not whole", invalid("maxResults"), change={"maxResults": 1.5}),
        Case("maxResults written as a fraction", invalid("maxResults"),
             change={"maxResults": 1.0}),
        Case("maxResults beyond any integer", None, change={"maxResults": 2 ** 64}),
        Case("maxResults beyond the server's own", None, change={"maxResults": 1_000_000}),
    ]


def authorize_cases(hash_name):
    count = "Invalid value for parameter numSignatures"
    wrong_count = missing("integer", "numSignatures")
    return credential_cases() + usable_cases() + [
        Case("numSignatures missing", wrong_count, change={"numSignatures": ABSENT}),
        Case("numSignatures a string", wrong_count, change={"numSignatures": "1"}),
        Case("numSignatures not an integer", wrong_count, change={"numSignatures": 1.0}),
        Case("numSignatures true", wrong_count, change={"numSignatures": True}),
        Case("numSignatures 0", bad(count), change={"numSignatures": 0}),
        Case("numSignatures negative", bad(count), change={"numSignatures": -1}),
        Case("numSignatures more than hashes", bad(count), change={"numSignatures": 2}),
        Case("numSignatures too high", bad("Numbers of signatures is too high"),
             change={"numSignatures": 1025}),
        Case("numSignatures beyond any integer", bad("Numbers of signatures is too high"),
             change={"numSignatures": 2 ** 63}),
        Case("numSignatures beyond any number of 64 bits", bad("Numbers of signatures is too high"),
             change={"numSignatures": 2 ** 64 + 1}),
        Case("more hashes than any approval holds", bad("Numbers of signatures is too high"),
             change={"numSignatures": 1024, hash_name: ["@hash_1"] * 1025}),
        Case("description of wrong type", invalid("description"), change={"description": 7}),
        Case("description too long", invalid("description"), change={"description": "ệ" * 501}),
        Case("documents fewer than hashes", invalid("documents"), change={"documents": []}),
        Case("documents a string", invalid("documents"), change={"documents": "x"}),
        Case("documents a number", invalid("documents"), change={"documents": 5}),
        Case("documents an object", invalid("documents"), change={"documents": {}}),
        Case("document of wrong type", invalid("documents"), change={"documents": [5]}),
        Case("document name of 256 letters of two bytes", invalid("documents"),
             change={"documents": [{"document_name": "đ" * 256}]}),
        Case("ECDSA with parameters of wrong type", missing("string", "signAlgoParams"),
             change={"signAlgo": ECDSA_SHA256, "signAlgoParams": 5}),
        Case("ECDSA with parameters that are no base64", invalid("signAlgoParams"),
             change={"signAlgo": ECDSA_SHA256, "signAlgoParams": "!!"}),
        Case("document that is not base64", invalid("documents"),
             change={"documents": [{"document_name": "x", "document": "_"}]}),
        Case("document of wrong type", invalid("documents"),
             change={"documents": [{"document_name": "x", "document": 7}]}),
        Case("empty document", invalid("documents"),
             change={"documents": [{"document_name": "x", "document": ""}]}),
        Case("signed attributes without a document", invalid("documents"),
             change={"documents": [{"document_name": "x", "signed_attributes": "AAAA"}]}),
        Case("document name of wrong type", invalid("documents"),
             change={"documents": [{"document_name": 7}]}),
        Case("document name too long", invalid("documents"),
             change={"documents": [{"document_name": "x" * 256}]}),
        Case("signAlgo unknown", invalid("signAlgo"), change={"signAlgo": "1.2.3"}),
        Case("signAlgo of wrong type", invalid("signAlgo"), change={"signAlgo": 7}),
        Case("signAlgo of another kind of key", invalid("signAlgo"),
             change={"signAlgo": RSA_SHA256}),
        Case("signAlgo of another curve", bad("@any"), change={"signAlgo": ECDSA_SHA384}),
        Case("PSS without its parameters", missing("string", "signAlgoParams"),
             change={"credentialID": "@credential_rsa", "signAlgo": RSA_PSS}),
        Case("PSS parameters not base64", invalid("signAlgoParams"),
             change={"credentialID": "@credential_rsa", "signAlgo": RSA_PSS,
                     "signAlgoParams": "!"}),
        Case("PSS parameters garbage", invalid("signAlgoParams"),
             change={"credentialID": "@credential_rsa", "signAlgo": RSA_PSS,
                     "signAlgoParams": "AAAA"}),
        Case("PSS parameters all defaults: SHA-1", invalid("signAlgoParams"),
             change={"credentialID": "@credential_rsa", "signAlgo": RSA_PSS,
                     "signAlgoParams": "MAA="}),
    ] + hash_cases(hash_name)


def sign_hash_cases(hash_name, algo_name):
    sad = "SAD"
    unauthorised = bad("Hash is not authorized by the SAD.")
    return [
        Case("SAD missing", missing("string", sad), change={sad: ABSENT}),
        Case("SAD of wrong type", missing("string", sad), change={sad: ["@sad"]}),
        Case("SAD empty", missing("string", sad), change={sad: ""}),
        Case("SAD too long", invalid(sad), change={sad: "x" * 5000}),
        Case("SAD unknown", invalid(sad), change={sad: "x"}),
        Case("SAD is another client's", invalid(sad),
             headers=EVERYONE),
        Case("SAD of another credential", invalid(sad),
             change={"credentialID": "@credential_rsa", "signAlgo": RSA_SHA256}),
        Case("SAD of a request that waits", invalid(sad), change={sad: "@sad_waiting"}),
        Case("handle as SAD", invalid(sad), change={sad: "@handle"}),
        Case("signAlgo missing", missing("string", "signAlgo"), change={"signAlgo": ABSENT}),
        Case("signAlgo of wrong type", missing("string", "signAlgo"), change={"signAlgo": 7}),
        Case("signAlgo unknown", invalid("signAlgo"), change={"signAlgo": "1.2.3"}),
        Case("another algorithm than approved", invalid("signAlgo"),
             change={"signAlgo": RSA_SHA256}),
        Case("redundant hash algorithm", None, change={algo_name: SHA256}),
        Case("hash algorithm of wrong type", missing("string", algo_name), change={algo_name: 7}),
        Case("hash algorithm unknown", invalid(algo_name), change={algo_name: "1.2.3"}),
        Case("hash algorithm too weak", invalid(algo_name), change={algo_name: SHA1}),
        Case("contradicting hash algorithm", invalid(algo_name), change={algo_name: SHA384}),
        Case("RSA without a hash algorithm", missing("string", algo_name),
             change={"signAlgo": RSA}),
        Case("PSS without its parameters", missing("string", "signAlgoParams"),
             change={"signAlgo": RSA_PSS}),
        Case("parameters of wrong type where none are needed", missing("string", "signAlgoParams"),
             change={"signAlgoParams": 5}),
        Case("parameters no base64 where none are needed", invalid("signAlgoParams"),
             change={"signAlgoParams": "!!"}),
        Case("PSS parameters of wrong type", missing("string", "signAlgoParams"),
             change={"signAlgo": RSA_PSS, "signAlgoParams": 7}),
        Case("PSS parameters garbage", invalid("signAlgoParams"),
             change={"signAlgo": RSA_PSS, "signAlgoParams": "AAAA"}),
        Case("PSS parameters of another digest", invalid("signAlgoParams"),
             change={"signAlgo": RSA_PSS, "signAlgoParams": "@pss_sha256", algo_name: SHA512}),
        Case("hashes of another length than the algorithm's", bad("Invalid digest value length"),
             change={hash_name: ["@hash_48"]}),
        Case("hash not authorised", unauthorised, change={hash_name: ["@hash_2"]}),
        Case("more than authorised", unauthorised, change={hash_name: ["@hash_1", "@hash_1"]}),
        Case("one authorised, one not", unauthorised, change={hash_name: ["@hash_1", "@hash_2"]}),
        Case("too many", bad("Numbers of signatures is too high"),
             change={hash_name: ["@hash_1"] * 1025}),
    ] + credential_cases() + usable_cases() + hash_cases(hash_name)


def login_cases(version):
    parameter = bad("Malformed authentication parameter.", 401)
    pair = bad("Malformed username-password.")
    failed = bad("An error occurred during authentication process", error="authentication_error")
    token = bad("Invalid string parameter: refresh_token")

    def case(label, authorization, expected, **change):
        return Case(label, expected, headers={"Authorization": authorization}, change=change)
    return [
        case("no authorization", None, parameter),
        case("Digest", 'Digest username="an"', parameter),
        case("an access token", "Bearer @token_a", parameter),
        case("Basic and no more", "Basic", parameter),
        case("not base64", "Basic !", parameter),
        case("two headers", ["@basic_a", "@basic_a"], parameter),
        case("no colon", "Basic QUJD", pair),
        case("no name", "Basic OkFC", pair),
        case("no password", "Basic QUI6", pair),
        case("wrong secret", "@basic_a_wrong", failed),
        case("unknown client", "@basic_nobody", failed),
        # Five failures in the whole table, and whoever guesses is paused.
        *([case("disabled client", "@basic_disabled", failed)] if version == 1 else []),
        case("client whose tokens must be bound to a key", "@basic_dpop", failed),
        case("client that has no secret", "@basic_jwt", failed),
        case("lower-case scheme", "@basic_a_lower", None),
        case("a person's login", "@basic_login", None),
        case("a person's login, wrong password", "@basic_login_wrong", failed),
        case("unknown login", "@basic_login_none", failed),
        case("login of a frozen signer", "@basic_login_frozen", failed),
        case("rememberMe", "@basic_a", good("access_token", "refresh_token", "expires_in"),
             rememberMe=True),
        case("rememberMe false", "@basic_login", None, rememberMe=False),
        case("rememberMe of wrong type", "@basic_a", invalid("rememberMe"), rememberMe="true"),
        case("refresh_token of wrong type", None, token, refresh_token=7),
        case("refresh_token empty", None, token, refresh_token=""),
        case("refresh_token too long", None, token, refresh_token="x" * 2049),
        case("refresh_token unknown", None, bad("Invalid refresh_token"), refresh_token="x"),
        case("access token as refresh_token", None, bad("Invalid refresh_token"),
             refresh_token="@token_a"),
        case("refresh_token of an authorization", None, bad("Invalid refresh_token"),
             refresh_token="@refresh"),
        case("refresh_token expired", None, bad("Invalid refresh_token"),
             refresh_token="@refresh_expired"),
        case("refresh_token", None, good("access_token", "refresh_token", "expires_in"),
             refresh_token=f"@refresh_login_{version}"),
        case("refresh_token used before", None, bad("Invalid refresh_token"),
             refresh_token=f"@refresh_login_{version}"),
    ]


def auth_revoke_cases(version):
    token = bad("Invalid string parameter token")
    return [
        Case("token missing", missing("string", "token"), change={"token": ABSENT}),
        Case("token of wrong type", missing("string", "token"), change={"token": 7}),
        Case("token empty", missing("string", "token"), change={"token": ""}),
        Case("token too long", invalid("token"), change={"token": "x" * 5000}),
        Case("unknown token", token, change={"token": "x"}),
        Case("forged token", token, change={"token": "@token_forged"}),
        Case("another client's access token", token, change={"token": "@token_all"}),
        Case("another client's refresh token", token, change={"token": "@refresh_all"}),
        Case("hint of wrong type", bad("Invalid string parameter token_type_hint"),
             change={"token_type_hint": 7}),
        Case("hint unknown", bad("Invalid string parameter token_type_hint"),
             change={"token_type_hint": "SAD"}),
        Case("hint right", None, change={"token_type_hint": "access_token"}),
        Case("hint wrong", None, change={"token_type_hint": "refresh_token"}),
        Case("refresh token", None, change={"token": f"@refresh_revoke_{version}"}),
    ]


def mode_cases():
    bounds = bad("Out of bounds parameter validity_period")
    return [
        Case("operationMode S", None, change={"operationMode": "S"}),
        Case("operationMode empty", invalid("operationMode"), change={"operationMode": ""}),
        Case("operationMode unknown", invalid("operationMode"), change={"operationMode": "B"}),
        Case("operationMode too long", invalid("operationMode"),
             change={"operationMode": "A" * 9}),
        Case("operationMode of wrong type", invalid("operationMode"),
             change={"operationMode": 7}),
        Case("validity_period of a synchronous call", invalid("validity_period"),
             change={"validity_period": 1000}),
        Case("response_uri of a synchronous call", invalid("response_uri"),
             change={"response_uri": "https://portal.example/done"}),
        Case("validity_period of wrong type", invalid("validity_period"),
             change={"operationMode": "A", "validity_period": "1000"}),
        Case("validity_period not whole", invalid("validity_period"),
             change={"operationMode": "A", "validity_period": 1.5}),
        Case("validity_period 0", bounds, change={"operationMode": "A", "validity_period": 0}),
        Case("validity_period negative", bounds,
             change={"operationMode": "A", "validity_period": -1}),
        Case("validity_period beyond any integer", bounds,
             change={"operationMode": "A", "validity_period": 10 ** 30}),
        Case("validity_period of more than a day", bounds,
             change={"operationMode": "A", "validity_period": 86_400_001}),
        Case("response_uri of wrong type", invalid("response_uri"),
             change={"operationMode": "A", "response_uri": 7}),
        Case("response_uri too long", invalid("response_uri"),
             change={"operationMode": "A", "response_uri": "https://portal.example/" + "x" * 2048}),
        Case("response_uri without TLS", invalid("response_uri"),
             change={"operationMode": "A", "response_uri": "http://portal.example/done"}),
        Case("response_uri of a host that is not allowed", invalid("response_uri"),
             change={"operationMode": "A", "response_uri": "https://portal.example/done"}),
        Case("asynchronous", good("responseID"), change={"operationMode": "A"}),
        Case("asynchronous, for a day", good("responseID"),
             change={"operationMode": "A", "validity_period": 86_400_000}),
    ]


def sad_cases():
    sad = "SAD"
    return [
        Case("SAD missing", missing("string", sad), change={sad: ABSENT}),
        Case("SAD of wrong type", missing("string", sad), change={sad: ["@sad"]}),
        Case("SAD empty", missing("string", sad), change={sad: ""}),
        Case("SAD too long", invalid(sad), change={sad: "x" * 5000}),
        Case("SAD unknown", invalid(sad), change={sad: "x"}),
        Case("SAD is another client's", invalid(sad), headers=EVERYONE),
        Case("SAD of a request that waits", invalid(sad), change={sad: "@sad_waiting"}),
        Case("SAD that was renewed", invalid(sad), change={sad: "@sad_renewed"}),
        Case("handle as SAD", invalid(sad), change={sad: "@handle"}),
    ]


def extend_cases(hash_name):
    unauthorised = bad("Hash is not authorized by the SAD.")
    return sad_cases() + credential_cases() + usable_cases() + hash_cases(hash_name) + [
        Case("SAD of another credential", invalid("SAD"),
             change={"credentialID": "@credential_rsa"}),
        Case("all signed", invalid("SAD"), change={"SAD": "@sad", hash_name: ["@hash_1"]}),
        Case("hash not authorised", unauthorised, change={hash_name: ["@hash_2"]}),
        Case("more than authorised", unauthorised,
             change={hash_name: ["@hash_extend", "@hash_extend"]}),
        Case("hash of another length", bad("Invalid digest value length"),
             change={hash_name: ["@hash_48"]}),
    ]


def timestamp_cases():
    missing_hash = missing("string", "hash")
    base64 = bad("Invalid Base64 hash string parameter")
    length = bad("Invalid digest value length")
    algorithm, nonce = invalid("hashAlgo"), invalid("nonce")
    return [
        Case("hash missing", missing_hash, change={"hash": ABSENT}),
        Case("hash null", missing_hash, change={"hash": None}),
        Case("hash of wrong type", missing_hash, change={"hash": ["@hash_1"]}),
        Case("hash empty", bad("Empty hash parameter"), change={"hash": ""}),
        Case("hash not base64", base64, change={"hash": "not base64!"}),
        Case("hash in base64url", base64, change={"hash": "@hash_url"}),
        Case("hash of 20 bytes", length, change={"hash": "@hash_20"}),
        Case("hash of another length than the algorithm's", length, change={"hash": "@hash_48"}),
        Case("hash of 48 bytes", None, change={"hash": "@hash_48", "hashAlgo": SHA384}),
        Case("hashAlgo missing", algorithm, change={"hashAlgo": ABSENT}),
        Case("hashAlgo of wrong type", algorithm, change={"hashAlgo": 7}),
        Case("hashAlgo unknown", algorithm, change={"hashAlgo": "1.2.3"}),
        Case("hashAlgo too weak", algorithm, change={"hashAlgo": SHA1}),
        Case("nonce", None, change={"nonce": "0DEADBEEF"}),
        Case("nonce of wrong type", nonce, change={"nonce": 7}),
        Case("nonce not hexadecimal", nonce, change={"nonce": "xyz"}),
        Case("nonce too long", nonce, change={"nonce": "1" * 65}),
    ]


def create_cases():
    closed = bad("The client may not create or delete credentials", error="unauthorized_client")
    return [
        Case("client that may not", closed, headers=EVERYONE),
        Case("userID missing", invalid("userID"), change={"userID": ABSENT}),
        Case("userID of wrong type", invalid("userID"), change={"userID": 7}),
        Case("userID too long", invalid("userID"), change={"userID": "x" * 256}),
        Case("unknown user", invalid("userID"), change={"userID": "nobody"}),
        Case("keyType of wrong type", invalid("keyType"), change={"keyType": 7}),
        Case("keyType unknown", invalid("keyType"), change={"keyType": "rsa1024"}),
        Case("keyType", None, change={"keyType": "p384"}),
        Case("description of wrong type", invalid("description"), change={"description": 7}),
        Case("description too long", invalid("description"), change={"description": "x" * 256}),
    ]


def delete_cases():
    closed = bad("The client may not create or delete credentials", error="unauthorized_client")
    unknown = invalid("credentialID")
    return [
        Case("client that may not", closed, headers=EVERYONE),
        Case("credentialID missing", missing("string", "credentialID"),
             change={"credentialID": ABSENT}),
        Case("credentialID of wrong type", missing("string", "credentialID"),
             change={"credentialID": 7}),
        Case("unknown credential", unknown, change={"credentialID": "cred_none"}),
        Case("not enrolled yet", unknown, change={"credentialID": "@credential_invited"}),
        Case("the issuer's own", unknown, change={"credentialID": "@credential_ca"}),
        Case("someone else's", unknown, change={"credentialID": "@credential_b"}),
        Case("deleted before", unknown, change={"credentialID": "@credential_deleted"}),
    ]


def otp_cases():
    return credential_cases()


def challenge_cases():
    return credential_cases() + [
        Case("authObjectID missing", missing("string", "authObjectID"),
             change={"authObjectID": ABSENT}),
        Case("authObjectID of wrong type", missing("string", "authObjectID"),
             change={"authObjectID": 7}),
        Case("authObjectID unknown", invalid("authObjectID"), change={"authObjectID": "PIN"}),
        Case("authObjectID too long", invalid("authObjectID"),
             change={"authObjectID": "x" * 5000}),
    ]


def polling_cases():
    unknown = invalid("requestID")
    return [
        Case("requestID missing", missing("string", "requestID"), change={"requestID": ABSENT}),
        Case("requestID of wrong type", missing("string", "requestID"), change={"requestID": 7}),
        Case("requestID empty", missing("string", "requestID"), change={"requestID": ""}),
        Case("requestID too long", unknown, change={"requestID": "x" * 5000}),
        Case("requestID unknown", unknown, change={"requestID": "job_none"}),
        Case("requestID is another client's", unknown, headers=EVERYONE),
        Case("requestID whose time is over", unknown, change={"requestID": "@response_over"}),
        Case("a handle as requestID", unknown, change={"requestID": "@handle"}),
        Case("userID of wrong type", invalid("userID"), change={"userID": 7}),
        Case("userID too long", invalid("userID"), change={"userID": "x" * 256}),
        Case("someone else's userID", invalid("userID"), change={"userID": "binh"}),
        Case("with its userID", None, change={"userID": "an"}),
    ]


def document_cases():
    digest = {"hashes": ["@hash_doc"], "hashAlgorithmOID": SHA256, "signature_format": "C",
              "signed_envelope_property": "Detached", "signAlgo": ECDSA_SHA256}

    def of_document(label, expected, **change):
        item = {"document": "@document", "signature_format": "C", "signAlgo": ECDSA_SHA256,
                **change}
        return Case(label, expected, change={"documents": [item]})

    def of_digest(label, expected, **change):
        return Case(label, expected, change={"documents": ABSENT,
                                             "documentDigests": [{**digest, **change}]})
    unauthorised = bad("documentDigests or documents are not authorized by the SAD")
    mismatch = bad("Document or documentDigest does not match authorized hash", 403, "invalid_hash")
    base64 = bad("Invalid Base64 documents string parameter")
    detached = good("SignatureObject")
    return sad_cases() + credential_cases() + usable_cases() + [
        Case("documents of wrong type", bad("Invalid array parameter documents"),
             change={"documents": {"document": "x"}}),
        Case("documents of strings", bad("Invalid array parameter documents"),
             change={"documents": ["x"]}),
        Case("documentDigests of wrong type", bad("Invalid object parameter documentDigests"),
             change={"documentDigests": "x"}),
        Case("documentDigests of strings", bad("Invalid object parameter documentDigests"),
             change={"documents": ABSENT, "documentDigests": ["x"]}),
        Case("neither", bad("Empty documentDigests and documents objects"),
             change={"documents": ABSENT}),
        Case("both empty", bad("Empty documentDigests and documents objects"),
             change={"documents": [], "documentDigests": []}),
        Case("both", bad("Both documentDigests and documents parameters passed"),
             change={"documentDigests": [digest]}),
        Case("signatureQualifier unknown", invalid("signatureQualifier"),
             change={"signatureQualifier": "eu_eidas_qes"}),
        Case("returnValidationInfo of wrong type", invalid("returnValidationInfo"),
             change={"returnValidationInfo": "true"}),
        of_document("document missing", base64, document=ABSENT),
        of_document("document of wrong type", base64, document=7),
        of_document("document not base64", base64, document="!"),
        of_document("document empty", base64, document=""),
        of_document("another document", mismatch, document="eA=="),
        of_document("signature_format missing", missing("string", "signature_format"),
                    signature_format=ABSENT),
        of_document("signature_format of wrong type", missing("string", "signature_format"),
                    signature_format=1),
        of_document("signature_format PAdES, approved for CAdES", bad(
            "The PDF has no empty signature that covers all of it."), signature_format="P"),
        of_document("signature_format PAdES in a CAdES envelope",
                    invalid("signed_envelope_property"), signature_format="P",
                    signed_envelope_property="Detached"),
        of_document("signature_format XAdES", invalid("signature_format"), signature_format="X"),
        of_document("signature_format JAdES", invalid("signature_format"), signature_format="J"),
        of_document("conformance_level B-B", None, conformance_level="Ades-B-B"),
        of_document("conformance_level B-B as ETSI writes it", None, conformance_level="AdES-B-B"),
        of_document("conformance_level B-T", invalid("conformance_level"),
                    conformance_level="Ades-B-T"),
        of_document("conformance_level of wrong type", invalid("conformance_level"),
                    conformance_level=1),
        of_document("envelope Attached", None, signed_envelope_property="Attached"),
        of_document("envelope Detached", detached, signed_envelope_property="Detached"),
        of_document("envelope Parallel", invalid("signed_envelope_property"),
                    signed_envelope_property="Parallel"),
        of_document("envelope of wrong type", invalid("signed_envelope_property"),
                    signed_envelope_property=7),
        of_document("signed_props", bad("Invalid parameter signed_props (mime-type)"),
                    signed_props=[{"attribute_name": "mime-type"}]),
        of_document("signed_props of wrong type", invalid("signed_props"), signed_props="x"),
        of_document("no signed_props", None, signed_props=[]),
        of_document("signAlgo missing", missing("string", "signAlgo"), signAlgo=ABSENT),
        of_document("signAlgo unknown", invalid("signAlgo"), signAlgo="1.2.3"),
        of_document("another algorithm than approved", invalid("signAlgo"), signAlgo=RSA_SHA256),
        of_document("hash algorithm contradicts",
                    bad("String parameter hashAlgorithmOID contradicts with signAlgo parameter"),
                    hashAlgorithmOID=SHA384),
        of_document("hash algorithm unknown", invalid("hashAlgorithmOID"),
                    hashAlgorithmOID=SHA1),
        of_digest("digest", detached),
        of_digest("digest that is no array, as in the specification's example", detached,
                  hashes="@hash_doc"),
        of_digest("digest of a PDF, approved for CAdES", unauthorised, signature_format="P",
                  signed_envelope_property="Revision"),
        of_digest("digest of XAdES", invalid("signature_format"), signature_format="X"),
        of_digest("digest of another document", mismatch, hashes=["@hash_1"]),
        of_digest("digest twice, approved once", unauthorised, hashes=["@hash_doc", "@hash_doc"]),
        of_digest("digest without a format, approved for documents", unauthorised,
                  signature_format=ABSENT),
        of_digest("digest in an envelope", invalid("signed_envelope_property"),
                  signed_envelope_property="Attached"),
        of_digest("hashes missing", missing("array", "hashes"), hashes=ABSENT),
        of_digest("hashes not base64", bad("Invalid Base64 hashes string parameter"),
                  hashes=["!"]),
        of_digest("hashes of 20 bytes", bad("Invalid digest value length"), hashes=["@hash_20"]),
        of_digest("hashes of another length than the algorithm's",
                  bad("Invalid digest value length"), hashes=["@hash_48"]),
        Case("a hash that was approved to be signed as it is", unauthorised, change={
            "SAD": "@sad", "documents": ABSENT,
            "documentDigests": [{**digest, "hashes": ["@hash_1"]}]}),
        Case("such a hash without a format", detached, change={
            "SAD": "@sad", "documents": ABSENT, "documentDigests": [
                {**digest, "hashes": ["@hash_1"], "signature_format": ABSENT}]}),
        Case("asynchronous with the document inside", invalid("signed_envelope_property"),
             change={"operationMode": "A"}),
    ] + [case for case in mode_cases() if case.label not in ("asynchronous",
                                                             "asynchronous, for a day")]


def check_cases():
    unknown = invalid("handle")
    return [
        Case("handle missing", missing("string", "handle"), change={"handle": ABSENT}),
        Case("handle of wrong type", missing("string", "handle"), change={"handle": 7}),
        Case("handle empty", missing("string", "handle"), change={"handle": ""}),
        Case("handle too long", unknown, change={"handle": "x" * 5000}),
        Case("handle unknown", unknown, change={"handle": "x"}),
        Case("handle is another client's", unknown,
             headers=EVERYONE),
        Case("SAD as handle", unknown, change={"handle": "@sad"}),
        Case("still waiting", good("handle", status=202), change={"handle": "@handle_waiting"}),
        Case("rejected", bad("The signer rejected the request", error="access_denied"),
             change={"handle": "@handle_rejected"}),
        Case("not started by the signer",
             bad("The signer did not start this request", error="access_denied"),
             change={"handle": "@handle_not_mine"}),
    ]


def auth_data_cases():
    wrong = invalid("authData")
    return [
        Case("authData of wrong type", wrong, change={"authData": "mobile"}),
        Case("authData empty", wrong, change={"authData": []}),
        Case("authData with a value", wrong, change={"authData": [{"id": "mobile", "value": "1"}]}),
        Case("authData of another object", wrong,
             change={"authData": [{"id": "PIN", "value": "1"}]}),
        Case("authData without id", wrong, change={"authData": [{"value": "1"}]}),
        Case("authData twice", wrong, change={"authData": [{"id": "mobile"}, {"id": "mobile"}]}),
        Case("description of 500 characters", good("handle", status=202),
             change={"description": "ệ" * 500}),
        Case("hashType of wrong type", invalid("hashType"), change={"hashType": 7}),
        Case("hashType of the document itself", invalid("hashType"), change={"hashType": "SODR"}),
        Case("signature_format of wrong type", invalid("signature_format"),
             change={"hashType": "SDR", "signature_format": 7}),
        Case("signature_format XAdES", invalid("signature_format"),
             change={"hashType": "SDR", "signature_format": "X"}),
        Case("signature_format of a hash to be signed as it is", invalid("signature_format"),
             change={"signature_format": "P"}),
        Case("hashType usual", good("handle", status=202), change={"hashType": "DTBSR"}),
        Case("authData of the phone", good("handle", status=202),
             change={"authData": [{"id": "mobile"}]}),
        Case("hashAlgorithmOID missing", missing("string", "hashAlgorithmOID"),
             change={"hashAlgorithmOID": ABSENT}),
        Case("hashAlgorithmOID of wrong type", missing("string", "hashAlgorithmOID"),
             change={"hashAlgorithmOID": 7}),
        Case("hashAlgorithmOID unknown", invalid("hashAlgorithmOID"),
             change={"hashAlgorithmOID": SHA1}),
        Case("hashAlgorithmOID of another length", bad("Invalid digest value length"),
             change={"hashAlgorithmOID": SHA384}),
    ]


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


def token_cases():
    def case(label, expected, authorization="@basic_a", **change):
        change = {"grant_type": "client_credentials", **change}
        return Case(label, expected, change=change, headers={"Authorization": authorization})

    def grant(label, description, **change):
        return case(label, bad(description, error="invalid_grant"), **change)
    unsupported = bad("Invalid parameter grant_type", error="unsupported_grant_type")
    code, refresh = "authorization_code", "refresh_token"
    return form_cases() + client_cases() + [
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


def sad_token_cases(version):
    """The access token of scope credential, which is a SAD (CSC v1 §8.3.3, v2 §8.4.3)."""
    sad = {"SAD": "@token_sad"}
    bearer = {"Authorization": "Bearer @token_sad"}
    cases = [
        Case("token of scope credential as SAD", None, change=sad),
        Case("and beside another client's token", invalid("SAD"), change=sad, headers=EVERYONE),
        Case("token of scope service as SAD", invalid("SAD"), change={"SAD": "@token_a"}),
        Case("expired token as SAD", bad("SAD expired"), change={"SAD": "@token_sad_expired"}),
        Case("token that is bound to a key as SAD", invalid("SAD"),
             change={"SAD": "@token_sad_bound"}),
    ]
    if version == 1:
        return cases + [Case("token of scope credential alone", missing("string", "SAD"),
                             change={"SAD": ABSENT}, headers=bearer)]
    return cases + [
        Case("token of scope credential alone", None, change={"SAD": ABSENT}, headers=bearer),
        Case("and for another credential", invalid("SAD"), headers=bearer,
             change={"SAD": ABSENT, "credentialID": "@credential_rsa", "signAlgo": RSA_SHA256}),
    ]


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


def approve_cases():
    refused = Expected(422, "assertion_refused", "@any")
    at = "/approve/v1/transactions/@transaction_rejected/approve"
    return (own_body_cases() + transaction_cases("/approve") + bytes_cases("thumbprint", 32) +
            bytes_cases("authenticator_data", 256) + bytes_cases("client_data_json", 1024) +
            bytes_cases("signature", 128) + [
        Case("thumbprint too short", bad("thumbprint must be 32 bytes"),
             change={"thumbprint": "AAAA"}),
        Case("no real assertion", refused),
        Case("another phone's thumbprint", refused, change={"thumbprint": "@thumbprint_b"}),
        Case("answered already", bad("the transaction is rejected", 409, "conflict"), path=at),
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


NO_METRICS = bad("send the token of [metrics]", 401, "invalid_token")
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
            text_cases("description", 255, is_required=False) + [
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
        Case("nobody whom the modules know",
             bad("the modules do not know this officer", 403, "access_denied")),
    ]


def admin_certificates_cases():
    strings = bad("credential_ids must be a list of strings")
    return own_body_cases() + [
        Case("credential_ids missing", strings, change={"credential_ids": ABSENT}),
        Case("credential_ids empty", strings, change={"credential_ids": []}),
        Case("credential_ids of wrong type", strings, change={"credential_ids": "x"}),
        Case("credential_ids of numbers", strings, change={"credential_ids": [1]}),
        Case("unknown credential", bad("no such credential", 404, "not_found"),
             change={"credential_ids": ["cred_none"]}),
        Case("certified already",
             bad("credential @credential_a is not bound, or has a certificate", 409, "conflict")),
    ]


# ---- the endpoints

def csc(version, method, body, cases, *members, get=False, guard="client", status=200,
        body_max=16 * 1024, malformed="", good_answer=None, after="",
        basic=""):
    common = csc_body_cases(version) + (
        bearer_cases(version, malformed) if guard == "client" else [])
    if guard == "client" and not method.startswith("signatures/"):
        common += scope_cases()
    return Endpoint(("GET", "POST") if get else ("POST",), "api", f"/csc/v{version}/{method}",
                    guard, "json", body, common + cases, status, members,
                    headers={"Authorization": "Bearer @token_a" if guard == "client" else basic}
                    if guard == "client" or basic else {},
                    body_max=body_max, good_answer=good_answer, after=after)


def approve(methods, path, body, cases, *members, guard="device", is_private=False):
    common = session_cases() if guard == "device" else []
    return Endpoint(methods, "approve", "/approve/v1/" + path, guard,
                    "json" if "POST" in methods else "none", body, common + cases,
                    members=members, is_private=is_private,
                    headers={"Authorization": "Bearer @session_an"} if guard == "device" else {})


def admin(method, path, body, cases, *members, body_max=16 * 1024, is_private=None):
    return Endpoint((method,), "admin", "/admin/v1/" + path, "local",
                    "json" if method == "POST" else "none", body, cases, members=members,
                    is_private=method == "POST" if is_private is None else is_private,
                    body_max=body_max if method == "POST" else 0)


V1_AUTHORIZE = {"credentialID": "@credential_a", "numSignatures": 1, "hash": ["@hash_1"]}
V2_AUTHORIZE = {"credentialID": "@credential_a", "numSignatures": 1, "hashes": ["@hash_1"],
                "hashAlgorithmOID": SHA256}
V1_SIGN = {"credentialID": "@credential_a", "SAD": "@sad", "hash": ["@hash_1"],
           "signAlgo": ECDSA_SHA256}
V2_SIGN = {"credentialID": "@credential_a", "SAD": "@sad", "hashes": ["@hash_1"],
           "signAlgo": ECDSA_SHA256}
ASSERTION = {"thumbprint": "@thumbprint_an", "authenticator_data": "AAAA",
             "client_data_json": "AAAA", "signature": "AAAA"}
V1_EXTEND = {"credentialID": "@credential_a", "SAD": "@sad_extend", "hash": ["@hash_extend"]}
V2_EXTEND = {"credentialID": "@credential_a", "SAD": "@sad_extend", "hashes": ["@hash_extend"],
             "hashAlgorithmOID": SHA256}
NO_OTP = bad("The credential identified by credentialID has no OTP")
STAMP = {"hash": "@hash_1", "hashAlgo": SHA256}
SIGN_DOC = {"credentialID": "@credential_a", "SAD": "@sad_doc", "documents": [
    {"document": "@document", "signature_format": "C", "signAlgo": ECDSA_SHA256}]}
DETAIL = ("key", "cert", "SCAL", "multisign", "lang")

def login(version):
    return [csc(version, "auth/login", {}, login_cases(version), "access_token", "expires_in",
                get=True, guard="open", basic="@basic_a"),
            csc(version, "auth/revoke", {"token": "@token_ended"}, auth_revoke_cases(version),
                status=204)]


ENDPOINTS = [
    *login(1),
    *login(2),
    csc(1, "info", {}, [], "specs", "name", "logo", "region", "lang", "description", "authType", "oauth2",
        "methods", get=True, guard="open"),
    csc(1, "credentials/list", {"userID": "an"}, listing_cases(), "credentialIDs", get=True),
    csc(1, "credentials/info", {"credentialID": "@credential_a"},
        credential_cases() + detail_cases(), "authMode", *DETAIL),
    csc(1, "credentials/authorize", V1_AUTHORIZE, authorize_cases("hash"), "SAD", "expiresIn",
        body_max=BATCH),
    csc(1, "signatures/timestamp", STAMP, timestamp_cases(), "timestamp"),
    csc(1, "signatures/signHash", V1_SIGN, sign_hash_cases("hash", "hashAlgo") + sad_token_cases(1), "signatures",
        body_max=BATCH),
    csc(1, "credentials/extendTransaction", V1_EXTEND, extend_cases("hash"), "SAD", "expiresIn",
        body_max=BATCH, after="renew_sad"),
    csc(1, "credentials/sendOTP", {"credentialID": "@credential_a"}, otp_cases(),
        malformed="Malformed authroization header.", good_answer=NO_OTP),
    csc(2, "info", {}, [], "specs", "name", "logo", "region", "lang", "description", "authType",
        "oauth2", "supportsRar", "methods", "signAlgorithms", "signature_formats",
        "conformance_levels", "supportedHashTypes", "asynchronousOperationMode", "validationInfo",
        get=True, guard="open"),
    csc(2, "credentials/list", {"userID": "an"}, listing_cases() + detail_cases() + [
        Case("credentialInfo of wrong type", invalid("credentialInfo"),
             change={"credentialInfo": "true"}),
        Case("onlyValid of wrong type", invalid("onlyValid"), change={"onlyValid": 1}),
        Case("with everything", good("credentialIDs", "credentialInfos", "onlyValid"),
             change={"credentialInfo": True, "onlyValid": True, "certInfo": True,
                     "authInfo": True, "certificates": "chain"}),
    ], "credentialIDs", get=True),
    csc(2, "credentials/info", {"credentialID": "@credential_a"},
        credential_cases() + detail_cases(), "auth", *DETAIL),
    csc(2, "credentials/authorize", V2_AUTHORIZE, auth_data_cases() + authorize_cases("hashes"),
        "handle", status=202, body_max=BATCH),
    csc(2, "credentials/authorizeCheck", {"handle": "@handle"}, check_cases(), "SAD", "expiresIn"),
    csc(2, "credentials/getChallenge",
        {"credentialID": "@credential_a", "authObjectID": "mobile"}, challenge_cases(), status=204),
    csc(2, "credentials/extendTransaction", V2_EXTEND, extend_cases("hashes") + [
        Case("hashAlgorithmOID contradicts", invalid("hashAlgorithmOID"),
             change={"hashAlgorithmOID": SHA384}),
        Case("hashAlgorithmOID of wrong type", invalid("hashAlgorithmOID"),
             change={"hashAlgorithmOID": 7}),
    ], "SAD", "expiresIn", body_max=BATCH, after="renew_sad"),
    csc(2, "credentials/sendOTP", {"credentialID": "@credential_a"}, otp_cases(),
        good_answer=NO_OTP),
    csc(2, "credentials/create", {"userID": "an"}, create_cases(), "credentialID",
        "enrolmentLink", "enrolBy"),
    csc(2, "credentials/delete", {"credentialID": "@credential_delete"}, delete_cases(),
        status=204, after="renew_credential"),
    csc(2, "signatures/signHash", V2_SIGN,
        sign_hash_cases("hashes", "hashAlgorithmOID") + sad_token_cases(2) + mode_cases(),
        "signatures", body_max=BATCH),
    csc(2, "signatures/signDoc", SIGN_DOC, document_cases(), "DocumentWithSignature",
        body_max=4 * BATCH),
    csc(2, "signatures/timestamp", STAMP, timestamp_cases(), "timestamp"),
    csc(2, "signatures/signPolling", {"requestID": "@response"}, polling_cases(), "signatures"),
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
    approve(("GET",), "transactions/{id}", {}, transaction_cases(""), "id", "purpose", "state",
            "documents", "activation", "receipts"),
    approve(("POST",), "transactions/{id}/approve", ASSERTION, approve_cases(), is_private=True),
    approve(("POST",), "transactions/{id}/reject", {}, refusal_cases("/reject"), is_private=True),
    approve(("POST",), "transactions/{id}/not-mine", {}, refusal_cases("/not-mine"),
            is_private=True),

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
    admin("GET", "credentials", {}, [
        Case("nobody's", bad("say whose: ?signer=ID")),
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
    admin("POST", "issuers", {"subject": "CN=Another,C=VN"},
          own_body_cases() + text_cases("subject", 1024) + [
              Case("there is one", bad("there is an issuer already", 409, "conflict"))]),
    admin("POST", "services", {"kind": "tsa", "subject": "CN=Another TSA,C=VN"},
          own_body_cases() + text_cases("kind", 8) + text_cases("subject", 1024) + [
              Case("another kind", bad("kind is one of ocsp, tsa"), change={"kind": "issuer"})]),
    admin("POST", "certificates", {"credential_ids": ["@credential_a"]},
          admin_certificates_cases(), body_max=BATCH),
    admin("GET", "ca", {}, [], "certificate"),
    admin("GET", "metrics", {}, []),
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
    admin("POST", "webhooks/{id}/retry", {}, [
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
       "/admin/v1/clients/{id}/secret": "@client_set",
       "/admin/v1/credentials/{id}": "@credential_a",
       "/admin/v1/transactions/{id}": "@transaction_a",
       "/admin/v1/webhooks/{id}/retry": "@webhook_due",
       "/approve/v1/devices/{id}/name": "@device_an",
       "/approve/v1/devices/{id}/remove": "@device_an"}
ANY_ID = "@transaction_waiting"

# Below what it takes from here.
import table_qd769  # noqa: E402  pylint: disable=wrong-import-position

ENDPOINTS += table_qd769.endpoints()
IDS.update(table_qd769.IDS)

import table_rssp  # noqa: E402  pylint: disable=wrong-import-position

ENDPOINTS += table_rssp.endpoints()


def rows():
    """(endpoint, case) of everything that is sent."""
    for endpoint in ENDPOINTS:
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
