"""Deterministic CBOR (RFC 8949 section 4.2.1), as much of it as the protocol uses."""


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for additional, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * size):
            return bytes([major << 5 | additional]) + argument.to_bytes(size, "big")
    raise ValueError(argument)


def encode(item):
    """int, bytes, str, list, or dict with its keys in ascending order."""
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        text = item.encode()
        return head(3, len(text)) + text
    if isinstance(item, list):
        return head(4, len(item)) + b"".join(map(encode, item))
    if isinstance(item, dict):
        assert list(item) == sorted(item)
        return head(5, len(item)) + b"".join(encode(k) + encode(v) for k, v in item.items())
    raise TypeError(item)


def decode(data):
    """The one item that data is."""
    item, rest = take(data)
    if rest:
        raise ValueError("bytes after the end")
    return item


def take(data):
    major, argument = data[0] >> 5, data[0] & 31
    rest = data[1:]
    if argument > 23:
        size = 1 << (argument - 24)
        argument, rest = int.from_bytes(rest[:size], "big"), rest[size:]
    if major == 0:
        return argument, rest
    if major in (2, 3):
        content = rest[:argument]
        return (content if major == 2 else content.decode()), rest[argument:]
    items = []
    for _ in range(argument * (major - 3)):
        item, rest = take(rest)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), rest
