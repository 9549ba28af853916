"""ECDSA over P-256 in integers (FIPS 186-5 §6.4): ten times as fast as emulating it."""

import hashlib

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def is_on_curve(point):
    x, y = point
    return x < P and y < P and (y * y - (x * x * x - 3 * x + B)) % P == 0


def double(point):
    x, y, z = point
    if not z or not y:
        return 0, 1, 0
    delta = z * z % P
    gamma = y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    z3 = ((y + z) * (y + z) - gamma - delta) % P
    y3 = (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P
    return x3, y3, z3


def add(point, other):
    x1, y1, z1 = point
    x2, y2, z2 = other
    if not z1:
        return other
    if not z2:
        return point
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    if u1 == u2:
        return double(point) if s1 == s2 else (0, 1, 0)
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    hhh = h * hh % P
    v = u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def affine_x(point):
    x, _, z = point
    return x * pow(z * z, -1, P) % P


def number(octets):
    return int.from_bytes(octets, "big")


def verify(key, digest, signature):
    """Whether `signature` (r and s) is one by `key` (a SEC 1 point, uncompressed) over `digest`."""
    point = number(key[1:33]), number(key[33:])
    r, s = number(signature[:32]), number(signature[32:])
    if not (0 < r < N and 0 < s < N and is_on_curve(point)):
        return False
    w = pow(s, -1, N)
    u1, u2 = number(digest) * w % N, r * w % N
    base, other = (*G, 1), (*point, 1)
    choice = {(1, 0): base, (0, 1): other, (1, 1): add(base, other)}
    total = (0, 1, 0)
    for bit in range(255, -1, -1):
        total = double(total)
        bits = (u1 >> bit & 1, u2 >> bit & 1)
        if bits != (0, 0):
            total = add(total, choice[bits])
    return bool(total[2]) and affine_x(total) % N == r


def sign(key, digest):
    """r and s by the private `key` over `digest`. For tests: the nonce is a mere hash of both."""
    private, message = number(key), number(digest)
    for attempt in range(256):
        nonce = number(hashlib.sha256(key + digest + bytes([attempt])).digest()) % N
        total = (0, 1, 0)
        for bit in range(255, -1, -1):
            total = double(total)
            if nonce >> bit & 1:
                total = add(total, (*G, 1))
        r = affine_x(total) % N if total[2] else 0
        s = pow(nonce, -1, N) * (message + r * private) % N if r else 0
        if s:
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    raise ValueError("no nonce")
