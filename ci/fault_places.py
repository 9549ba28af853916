"""The places of THREAT_MODEL.md that a function of the firmware belongs to."""

import re

PLACES = (
    "assertion check",
    "approval (commands)",
    "policy",
    "unseal",
    "share check",
    "boot verification",
    "hardening",
    "beneath (codec, storage, templates)",
    "library: hashes, MACs, ciphers, keys",
    "library: curves and big numbers",
    "library: CBOR, memory",
)
_BENEATH = PLACES[7]
_LIBRARY = PLACES[8:]
_RULES = (
    (r"firmware::hardening::", "hardening"),
    (r"firmware::boot::", "boot verification"),
    (r"firmware::ceremony::|hsm::protocol::(decode_share|share_commitment)", "share check"),
    (r"firmware::activation::", "assertion check"),
    (r"firmware::command::(check_purpose|check_algorithm)|firmware::keystore::(check_policy|policy_hash|"
     r"is_|\(anonymous namespace\)::(check_activation_keys|is_officer))", "policy"),
    (r"firmware::keystore::|firmware::engine::|hsm::protocol::decode_blob", "unseal"),
    (r"firmware::command::", "approval (commands)"),
)


def own_name(function):
    """The function's qualified name without what it returns, takes, or was made from."""
    name = function.replace("(anonymous namespace)", "@")
    name = re.split(r"[<(]", name, maxsplit=1)[0]
    return name.split(" ")[-1].replace("@", "(anonymous namespace)")


def place_of(function):
    if re.fullmatch(r"[a-z_A-Z0-9.]+", function):
        if re.search("ecp|ecdsa|ecdh|mpi|bignum", function):
            return _LIBRARY[1]
        return _LIBRARY[2] if re.search("cbor|^mem|alloc|^str|^__", function) else _LIBRARY[0]
    name = own_name(function)
    for pattern, place in _RULES:
        if re.match(pattern, name):
            return place
    return _BENEATH
