#!/usr/bin/env python3
"""Writes vectors.json, or with --check compares it with what is there.

The bytes come from this folder alone: nothing here calls or reads firmware/ceremony.
"""
import hashlib
import itertools
import json
import pathlib
import sys

import hpke
import shares

FILE = pathlib.Path(__file__).resolve().parent / "vectors.json"
CORPUS = FILE.parents[3] / "tests/fuzz/ceremony/corpus/share"


def bytes_of(text, size):
    return hashlib.shake_256(text.encode()).digest(size)


def share_set(threshold, count):
    name = f"{threshold} of {count}"
    secret = bytes_of(f"secret {name}", 32)
    set_id = bytes_of(f"set {name}", 8)
    rows = [bytes_of(f"coefficient {i} {name}", 32) for i in range(1, threshold)]
    values = shares.split(secret, count, rows)
    for chosen in itertools.islice(itertools.combinations(range(count), threshold), 20):
        assert shares.combine({i + 1: values[i] for i in chosen}) == secret
    encoded = [shares.encode(set_id, threshold, i + 1, value) for i, value in enumerate(values)]
    return {"threshold": threshold, "secret": secret.hex(), "set_id": set_id.hex(),
            "coefficients": b"".join(rows).hex(), "shares": [share.hex() for share in encoded],
            "commitments": [shares.commitment(share).hex() for share in encoded]}


def products():
    """FIPS 197 section 4.2 and 4.2.1, then some of our own."""
    published = [(0x57, 0x83, 0xc1), (0x57, 0x02, 0xae), (0x57, 0x04, 0x47), (0x57, 0x08, 0x8e),
                 (0x57, 0x10, 0x07), (0x57, 0x13, 0xfe)]
    for a, b, product in published:
        assert shares.multiply(a, b) == product
    return published


def sealed(name, size):
    """One message sealed to a key of ours; hpke.py itself is compared with RFC 9180 first."""
    recipient = hpke.p256.Key(f"recipient {name}")
    ephemeral = hpke.p256.Key(f"ephemeral {name}")
    info, plain = bytes_of(f"info {name}", size), bytes_of(f"plain {name}", size)
    encapsulated, ciphertext = hpke.seal(recipient.point, ephemeral.scalar, info, b"", plain)
    return {"scalar": recipient.scalar.to_bytes(32, "big").hex(), "point": recipient.point.hex(),
            "info": info.hex(), "plain": plain.hex(), "encapsulated": encapsulated.hex(),
            "ciphertext": ciphertext.hex()}


def epoch_keys(epoch):
    """HKDF without salt, 64 bytes: KEK, then MAC key."""
    secret = bytes_of(f"epoch {epoch}", 32)
    keys = hpke.expand(hpke.extract(bytes(32), secret),
                       b"kyso-epoch/1" + epoch.to_bytes(4, "big"), 64)
    return {"epoch": epoch, "secret": secret.hex(), "kek": keys[:32].hex(),
            "mac_key": keys[32:].hex()}


def everything():
    hpke.check_against_rfc()
    return {
        "about": "Written by generate.py. Byte strings are hexadecimal.",
        "products": products(),
        "inverses": [shares.invert(a) for a in range(1, 256)],
        "share_sets": [share_set(*scheme) for scheme in
                       ((1, 1), (2, 2), (2, 3), (3, 5), (5, 8), (8, 8))],
        "epoch_keys": [epoch_keys(epoch) for epoch in (1, 2, 0x01020304)],
        "sealed": [sealed(str(size), size) for size in (1, 16, 46, 64)],
    }


def corpus(vectors):
    return {f"{row['threshold']}of{len(row['shares'])}":
            bytes.fromhex("".join(row["shares"][-row["threshold"]:]))
            for row in vectors["share_sets"]}


def main():
    vectors = everything()
    files = {FILE: (json.dumps(vectors, indent=1) + "\n").encode()}
    files |= {CORPUS / name: content for name, content in corpus(vectors).items()}
    if sys.argv[1:] != ["--check"]:
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return 0
    wrong = [str(file) for file, content in files.items()
             if not file.exists() or file.read_bytes() != content]
    print("\n".join(f"{file} is not what generate.py writes" for file in wrong)
          or f"{len(files)} files agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
