"""P-256 keys and deterministic ECDSA (RFC 6979) for test vectors. Slow, not constant in time."""
import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def der_integer(value):
    content = value.to_bytes((value.bit_length() + 8) // 8, "big")
    return bytes([2, len(content)]) + content


class Key:
    def __init__(self, seed):
        self.scalar = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big") % (N - 1) + 1
        x, y = multiply(self.scalar, G)
        self.point = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
        self.spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + self.point
        self.thumbprint = hashlib.sha256(self.spki).digest()

    def nonces(self, digest):
        mac = lambda key, message: hmac.new(key, message, "sha256").digest()
        reduced = int.from_bytes(digest, "big") % N
        seed = self.scalar.to_bytes(32, "big") + reduced.to_bytes(32, "big")
        k, v = bytes(32), b"\x01" * 32
        for separator in (b"\x00", b"\x01"):
            k = mac(k, v + separator + seed)
            v = mac(k, v)
        while True:
            v = mac(k, v)
            candidate = int.from_bytes(v, "big")
            if 0 < candidate < N:
                yield candidate
            k = mac(k, v + b"\x00")
            v = mac(k, v)

    def signed(self, message):
        digest = hashlib.sha256(message).digest()
        for nonce in self.nonces(digest):
            r = multiply(nonce, G)[0] % N
            s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * self.scalar) % N
            if r and s:
                return r, s

    def sign(self, message):
        """DER ECDSA-Sig-Value over SHA-256(message)."""
        content = b"".join(der_integer(half) for half in self.signed(message))
        return bytes([0x30, len(content)]) + content

    def sign_raw(self, message):
        """r, s over SHA-256(message), 32 bytes each."""
        return b"".join(half.to_bytes(32, "big") for half in self.signed(message))
