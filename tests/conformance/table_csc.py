"""The rows of table.py for CSC v1 and v2."""

from cases import (ABSENT, BATCH, ECDSA_SHA256, ECDSA_SHA384, EVERYONE, RSA, RSA_PSS, RSA_SHA256,
                   SHA1, SHA256, SHA384, SHA512, Case, Endpoint, bad, bearer_cases, csc_body_cases,
                   good, invalid, missing, scope_cases)


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


def enclosed_cases():
    """authorize's documents that documents/prepare has made."""
    def of(label, expected, item, **more):
        return Case(label, expected, change={"documents": [item]}, **more)
    unknown = invalid("preparedID")
    return [
        of("preparedID of wrong type", unknown, {"preparedID": 7}),
        of("preparedID null", unknown, {"preparedID": None}),
        of("preparedID empty", unknown, {"preparedID": ""}),
        of("preparedID too long", unknown, {"preparedID": "x" * 5000}),
        of("preparedID unknown", unknown, {"preparedID": "prep_none"}),
        of("preparedID is another client's", unknown, {"preparedID": "@prepared_open"},
           headers=EVERYONE),
        Case("preparedID of another credential", unknown, change={
            "credentialID": "@credential_rsa", "documents": [{"preparedID": "@prepared_open"}]}),
        of("preparedID beside a document", bad(
            "documents: name a preparedID or send a document, not both"),
           {"preparedID": "@prepared_open", "document": "AAAA"}),
        of("preparedID beside signed attributes", bad(
            "documents: name a preparedID or send a document, not both"),
           {"preparedID": "@prepared_open", "signed_attributes": "AAAA"}),
        of("preparedID of another hash", bad(
            "documents: preparedID belongs to another hash: send the one that documents/prepare has "
            "answered with it, at the same place"), {"preparedID": "@prepared_open"}),
        of("preparedID of what is finished", bad(
            "documents: what preparedID stands for is signed already"), {"preparedID": "@prepared"}),
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
    ] + hash_cases(hash_name) + enclosed_cases()


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
        Case("profile of wrong type", invalid("profile"), change={"profile": 7}),
        Case("profile unknown", invalid("profile"), change={"profile": "root"}),
        Case("profile that the subject is none for",
             bad("subject: O is missing, which profile organisation needs: "
                 "CN=Signer an,serialNumber=an,C=VN"), change={"profile": "organisation"}),
        Case("profile", None, change={"profile": "device"}),
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
        Case("hashType of documents that were prepared", bad(
            "documents: what was prepared is approved with hashType DTBSR"), change={
                "hashes": ["@hash_prepared"], "hashType": "SDR",
                "documents": [{"preparedID": "@prepared_open"}]}),
        Case("hashType of wrong type", invalid("hashType"), change={"hashType": 7}),
        Case("hashType of the document itself", invalid("hashType"), change={"hashType": "SODR"}),
        Case("signature_format of wrong type", invalid("signature_format"),
             change={"hashType": "SDR", "signature_format": 7}),
        Case("signature_format unknown", invalid("signature_format"),
             change={"hashType": "SDR", "signature_format": "Y"}),
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


def csc(version, method, body, cases, *members, get=False, guard="client", status=200,
        body_max=16 * 1024, malformed="", good_answer=None, after="",
        basic=""):
    common = csc_body_cases(version) + (
        bearer_cases(version, malformed) if guard == "client" else [])
    if guard == "client" and not method.startswith("signatures/") and method != "documents/finish":
        common += scope_cases()
    return Endpoint(("GET", "POST") if get else ("POST",), "api", f"/csc/v{version}/{method}",
                    guard, "json", body, common + cases, status, members,
                    headers={"Authorization": "Bearer @token_a" if guard == "client" else basic}
                    if guard == "client" or basic else {},
                    body_max=body_max, good_answer=good_answer, after=after)


V1_AUTHORIZE = {"credentialID": "@credential_a", "numSignatures": 1, "hash": ["@hash_1"]}
V2_AUTHORIZE = {"credentialID": "@credential_a", "numSignatures": 1, "hashes": ["@hash_1"],
                "hashAlgorithmOID": SHA256}
V1_SIGN = {"credentialID": "@credential_a", "SAD": "@sad", "hash": ["@hash_1"],
           "signAlgo": ECDSA_SHA256}
V2_SIGN = {"credentialID": "@credential_a", "SAD": "@sad", "hashes": ["@hash_1"],
           "signAlgo": ECDSA_SHA256}
V1_EXTEND = {"credentialID": "@credential_a", "SAD": "@sad_extend", "hash": ["@hash_extend"]}
V2_EXTEND = {"credentialID": "@credential_a", "SAD": "@sad_extend", "hashes": ["@hash_extend"],
             "hashAlgorithmOID": SHA256}
NO_OTP = bad("The credential identified by credentialID has no OTP")
STAMP = {"hash": "@hash_1", "hashAlgo": SHA256}
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
    csc(2, "signatures/timestamp", STAMP, timestamp_cases(), "timestamp"),
    csc(2, "signatures/signPolling", {"requestID": "@response"}, polling_cases(), "signatures"),
]
