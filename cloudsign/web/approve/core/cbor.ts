// Deterministic CBOR (RFC 8949 §4.2.1), of it what PROTOCOL.md "Encoding" has. The app only writes:
// it never reads what a server has encoded, it encodes what it shows and compares.

import { concat, utf8, type Bytes } from "./bytes.ts";

export type Cbor = number | string | Bytes | Cbor[] | { map: [number, Cbor][] };

function head(major: number, value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError("not an unsigned integer");
  }
  const type = major << 5;
  if (value < 24) {
    return Uint8Array.of(type | value);
  }
  const size = value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setBigUint64(1, BigInt(value));
  bytes[8 - size] = type | (24 + Math.log2(size));
  return bytes.slice(8 - size);
}

export function encode(item: Cbor): Bytes {
  if (typeof item === "number") {
    return head(0, item);
  }
  if (typeof item === "string") {
    // A lone surrogate is no character: an encoder would put another in its place.
    if (/\p{Surrogate}/u.test(item)) {
      throw new RangeError("not a text");
    }
    const bytes = utf8(item);
    return concat(head(3, bytes.length), bytes);
  }
  if (item instanceof Uint8Array) {
    return concat(head(2, item.length), item);
  }
  if (Array.isArray(item)) {
    return concat(head(4, item.length), ...item.map(encode));
  }
  const keys = item.map.map(([key]) => key);
  if (keys.some((key, i) => i > 0 && key <= keys[i - 1]!)) {
    throw new RangeError("keys are not in ascending order");
  }
  return concat(
    head(5, item.map.length),
    ...item.map.flatMap(([key, value]) => [head(0, key), encode(value)]),
  );
}
