// Whether a document is what a hash is of: its own digest, or that of the CMS signed attributes around
// its digest (RFC 5652 §5.4).

import { equal, type Bytes } from "./bytes.ts";
import type { Algorithm } from "./activation.ts";

const names = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

async function digestOf(digest: Algorithm["digest"], bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(names[digest], bytes));
}

interface Element {
  tag: number;
  content: Bytes;
}

// The elements that `bytes` are, one after the other, in DER; none when they are anything else.
function elements(bytes: Bytes): Element[] | undefined {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
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
    found.push({ tag, content: bytes.slice(at, at + length) });
    at += length;
  }
  return found;
}

const set = 0x31;
const sequence = 0x30;
const octets = 0x04;
const identifier = 0x06;
// 1.2.840.113549.1.9.4
const messageDigest = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04);

// The one messageDigest among the attributes.
export function digestIn(attributes: Bytes): Bytes | undefined {
  const [whole, ...rest] = elements(attributes) ?? [];
  if (whole?.tag !== set || rest.length > 0) {
    return undefined;
  }
  const digests: (Bytes | undefined)[] = [];
  for (const attribute of elements(whole.content) ?? []) {
    const [type, values, ...more] = attribute.tag === sequence ? (elements(attribute.content) ?? []) : [];
    if (type?.tag !== identifier || values?.tag !== set || more.length > 0) {
      return undefined;
    }
    if (equal(type.content, messageDigest)) {
      const [value, ...others] = elements(values.content) ?? [];
      digests.push(value?.tag === octets && others.length === 0 ? value.content : undefined);
    }
  }
  return digests.length === 1 ? digests[0] : undefined;
}

export async function belongs(
  document: Bytes,
  attributes: Bytes | undefined,
  digest: Algorithm["digest"],
  hash: Bytes,
): Promise<boolean> {
  const own = await digestOf(digest, document);
  if (!attributes) {
    return equal(own, hash);
  }
  const named = digestIn(attributes);
  return (
    named !== undefined && equal(named, own) && equal(await digestOf(digest, attributes), hash)
  );
}
