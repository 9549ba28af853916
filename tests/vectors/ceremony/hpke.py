"""HPKE (RFC 9180), base mode, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM."""
import hashlib
import hmac
import pathlib
import sys

import aes_gcm

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "protocol"))
import p256  # noqa: E402

KEM = b"KEM" + (0x0010).to_bytes(2, "big")
AEAD_OF_KEY_SIZE = {16: 1, 32: 2}


def extract(salt, ikm):
    return hmac.new(salt, ikm, hashlib.sha256).digest()


def expand(prk, info, size):
    result, last = b"", b""
    while len(result) < size:
        last = hmac.new(prk, last + info + bytes([len(result) // 32 + 1]), hashlib.sha256).digest()
        result += last
    return result[:size]


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, size):
    return expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def encode_point(point):
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def decode_point(encoded):
    return int.from_bytes(encoded[1:33], "big"), int.from_bytes(encoded[33:], "big")


def seal(recipient, ephemeral, info, aad, plain, key_size=32):
    """(encapsulated key, ciphertext); `recipient` an encoded point, `ephemeral` a scalar."""
    encapsulated = encode_point(p256.multiply(ephemeral, p256.G))
    dh = p256.multiply(ephemeral, decode_point(recipient))[0].to_bytes(32, "big")
    shared = labeled_expand(KEM, labeled_extract(KEM, b"", b"eae_prk", dh), b"shared_secret",
                            encapsulated + recipient, 32)
    suite = b"HPKE" + bytes([0, 0x10, 0, 1, 0, AEAD_OF_KEY_SIZE[key_size]])
    context = (b"\x00" + labeled_extract(suite, b"", b"psk_id_hash", b"")
               + labeled_extract(suite, b"", b"info_hash", info))
    secret = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, secret, b"key", context, key_size)
    nonce = labeled_expand(suite, secret, b"base_nonce", context, 12)
    return encapsulated, aes_gcm.encrypt(key, nonce, plain, aad)


def check_against_rfc():
    """RFC 9180 appendix A.3.1, sequence number 0."""
    encapsulated, cipher = seal(
        bytes.fromhex("04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4c"
                      "f969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"),
        0x4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb,
        bytes.fromhex("4f6465206f6e2061204772656369616e2055726e"),
        b"Count-0", b"Beauty is truth, truth beauty", key_size=16)
    assert encapsulated.hex().startswith("04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5")
    assert cipher.hex() == ("5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f"
                            "9076ac232e3ab2523f39513434")
