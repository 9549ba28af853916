// ASN.1 in DER (ITU-T X.690), as far as the app reads it: short tags, definite lengths below 16 MiB.

import type { Bytes } from "./bytes.ts";

export interface Element {
  tag: number;
  content: Bytes;
  whole: Bytes; // tag and length with it
}

// The elements that `bytes` are, one after the other; none when they are anything else.
export function elements(bytes: Bytes): Element[] | undefined {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const tag = bytes[at]!;
    const first = bytes[at + 1];
    at += 2;
    if (first === undefined || (tag & 0x1f) === 0x1f || first > 0x83 || first === 0x80) {
      return undefined;
    }
    let length = first;
    if (first > 0x80) {
      length = 0;
      for (let i = 0; i < first - 0x80; i++) {
        length = length * 256 + (bytes[at++] ?? NaN);
      }
      const isShortest = length >= (first === 0x81 ? 0x80 : 256 ** (first - 0x81));
      if (!isShortest) {
        return undefined;
      }
    }
    if (!(at + length <= bytes.length)) {
      return undefined;
    }
    found.push({ tag, content: bytes.slice(at, at + length), whole: bytes.slice(start, at + length) });
    at += length;
  }
  return found;
}
