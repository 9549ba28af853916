"""AES (FIPS 197) and GCM (NIST SP 800-38D), encryption only. Slow, not constant in time."""
import shares

SBOX = []
for value in range(256):
    inverse = shares.invert(value) if value else 0
    rotated = inverse
    for _ in range(4):
        rotated = (rotated << 1 | rotated >> 7) & 255
        inverse ^= rotated
    SBOX.append(inverse ^ 0x63)


def round_keys(key):
    words = [key[i:i + 4] for i in range(0, len(key), 4)]
    nk, rcon = len(words), 1
    while len(words) < 4 * (nk + 7):
        word = words[-1]
        if len(words) % nk == 0:
            word = bytes([SBOX[b] for b in word[1:] + word[:1]])
            word = bytes([word[0] ^ rcon]) + word[1:]
            rcon = shares.multiply(rcon, 2)
        elif nk > 6 and len(words) % nk == 4:
            word = bytes(SBOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[-nk], word)))
    return [b"".join(words[i:i + 4]) for i in range(0, len(words), 4)]


def mixed(column):
    return [shares.multiply(column[i], 2) ^ shares.multiply(column[(i + 1) % 4], 3)
            ^ column[(i + 2) % 4] ^ column[(i + 3) % 4] for i in range(4)]


def block(keys, plain):
    state = bytes(a ^ b for a, b in zip(plain, keys[0]))
    for number, key in enumerate(keys[1:], start=1):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < len(keys) - 1:
            state = sum((mixed(state[i:i + 4]) for i in range(0, 16, 4)), [])
        state = bytes(a ^ b for a, b in zip(state, key))
    return state


def ghash(h, data):
    key, result = int.from_bytes(h, "big"), 0
    for at in range(0, len(data), 16):
        x, v, product = result ^ int.from_bytes(data[at:at + 16], "big"), key, 0
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        result = product
    return result.to_bytes(16, "big")


def padded(data):
    return data + bytes(-len(data) % 16)


def encrypt(key, nonce, plain, aad):
    """Ciphertext and tag; nonce of 12 bytes."""
    keys = round_keys(key)
    stream = b"".join(block(keys, nonce + counter.to_bytes(4, "big"))
                      for counter in range(2, 2 + (len(plain) + 15) // 16))
    cipher = bytes(a ^ b for a, b in zip(plain, stream))
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(cipher)).to_bytes(8, "big")
    digest = ghash(block(keys, bytes(16)), padded(aad) + padded(cipher) + lengths)
    return cipher + bytes(a ^ b for a, b in zip(digest, block(keys, nonce + b"\0\0\0\1")))
