"""Shamir's sharing over GF(2^8) and the bytes of a share, written down a second time.

By other means than the module's: multiplication through logarithms to the base 3, which generates
the field, and the secret back by solving the linear equations instead of Lagrange's formula.
"""
import hashlib

EXP = [1]
for _ in range(254):
    doubled = EXP[-1] << 1
    EXP.append((doubled ^ (0x11b if doubled > 255 else 0)) ^ EXP[-1])
LOG = {value: exponent for exponent, value in enumerate(EXP)}


def multiply(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def invert(a):
    return EXP[-LOG[a] % 255]


def power(a, exponent):
    result = 1
    for _ in range(exponent):
        result = multiply(result, a)
    return result


def split(secret, count, coefficients):
    """coefficients[j] are the bytes of the factor of x^(j+1)."""
    shares = []
    for x in range(1, count + 1):
        value = bytearray(secret)
        for degree, row in enumerate(coefficients, start=1):
            for at, byte in enumerate(row):
                value[at] ^= multiply(byte, power(x, degree))
        shares.append(bytes(value))
    return shares


def combine(points):
    """{x: value}: the constant term of the polynomial through them (Gauss)."""
    rows = [[power(x, degree) for degree in range(len(points))] + list(value)
            for x, value in points.items()]
    for i in range(len(rows)):
        pivot = next(r for r in range(i, len(rows)) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        factor = invert(rows[i][i])
        rows[i] = [multiply(entry, factor) for entry in rows[i]]
        for r in range(len(rows)):
            if r != i and rows[r][i]:
                scale = rows[r][i]
                rows[r] = [a ^ multiply(b, scale) for a, b in zip(rows[r], rows[i])]
    return bytes(rows[0][len(points):])


def encode(set_id, threshold, index, value):
    checked = bytes([1, threshold << 4 | index]) + set_id + value
    return checked + hashlib.sha256(b"kyso-share/1" + checked).digest()[:4]


def commitment(share):
    return hashlib.sha256(b"kyso-share-commitment/1" + share).digest()
