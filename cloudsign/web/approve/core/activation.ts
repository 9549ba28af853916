// PROTOCOL.md "Activation", steps 1 to 6.

import { encode, type Cbor } from "./cbor.ts";
import { concat, sha256, utf8, type Bytes } from "./bytes.ts";

export const leafCountMax = 1024;

export const purposes = { sign: 1, bind: 2, rebind: 3, issue: 4, revoke: 5 } as const;
export type Purpose = keyof typeof purposes;

export const schemes = { none: 0, ecdsa: 1, rsa_pkcs1: 2, rsa_pss: 3 } as const;
export const digests = { sha256: 1, sha384: 2, sha512: 3 } as const;
export const digestSizes = { sha256: 32, sha384: 48, sha512: 64 } as const;
export interface Algorithm {
  scheme: keyof typeof schemes;
  digest: keyof typeof digests;
  saltLength: number;
}

export interface Context {
  portal: string;
  purpose: string;
  code: string;
  language: string;
}

export interface Document {
  hash: Bytes;
  label: string;
}

export interface Preimage {
  purpose: Purpose;
  moduleId: Bytes;
  bootCounter: number;
  sequence: number;
  expiryTickMs: number;
  random: Bytes;
  keyId: Bytes;
  blobVersion: number;
  policyHash: Bytes;
  algorithm: Algorithm;
  leafCount: number;
  root: Bytes;
  contextHash: Bytes;
}

function limited(text: string, sizeMax: number): string {
  if (utf8(text).length > sizeMax) {
    throw new RangeError("a text is too long");
  }
  return text;
}

export async function contextHash(context: Context): Promise<Bytes> {
  const { portal, purpose, code, language } = context;
  return sha256(
    encode([
      "kyso-context/1",
      limited(portal, 255),
      limited(purpose, 2000),
      limited(code, 64),
      limited(language, 35),
    ]),
  );
}

export async function leafHash(
  index: number,
  digest: Algorithm["digest"],
  document: Document,
): Promise<Bytes> {
  if (document.hash.length !== digestSizes[digest]) {
    throw new RangeError("a hash has not the length of the algorithm's digest");
  }
  const label = await sha256(encodedText(document.label));
  return sha256(Uint8Array.of(0), encode([index, digests[digest], document.hash, label]));
}

// As encode() does, a text that is none is refused.
function encodedText(text: string): Bytes {
  encode(text);
  return utf8(text);
}

// RFC 9162 §2.1, level by level: a node without a sibling goes up as it is.
export async function treeRoot(leaves: Bytes[]): Promise<Bytes> {
  if (leaves.length < 1 || leaves.length > leafCountMax) {
    throw new RangeError("none, or more than 1,024");
  }
  let level = leaves;
  while (level.length > 1) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => {
      const left = level[2 * i]!;
      const right = level[2 * i + 1];
      return right ? sha256(Uint8Array.of(1), left, right) : left;
    });
    level = await Promise.all(pairs);
  }
  return level[0]!;
}

export async function documentsRoot(
  digest: Algorithm["digest"],
  documents: Document[],
): Promise<Bytes> {
  if (documents.length > leafCountMax) {
    throw new RangeError("more than 1,024");
  }
  return treeRoot(await Promise.all(documents.map((one, i) => leafHash(i, digest, one))));
}

export async function challenge(preimage: Preimage): Promise<Bytes> {
  const { algorithm } = preimage;
  const items: Cbor[] = [
    "kyso/1",
    purposes[preimage.purpose],
    preimage.moduleId,
    preimage.bootCounter,
    preimage.sequence,
    preimage.expiryTickMs,
    preimage.random,
    preimage.keyId,
    preimage.blobVersion,
    preimage.policyHash,
    [schemes[algorithm.scheme], digests[algorithm.digest], algorithm.saltLength],
    preimage.leafCount,
    preimage.root,
    preimage.contextHash,
  ];
  return sha256(encode(items));
}

// ---- what a binding says

export const bindLabel = "kyso-bind/1";

export interface Policy {
  rpId: string;
  origin: string;
  backupAllowed: boolean;
  subjectHash: Bytes;
  points: Bytes[];
  backupEligible: boolean[];
}

export function encodePolicy(policy: Policy): Bytes {
  return encode({
    map: [
      [1, limited(policy.rpId, 253)],
      [2, limited(policy.origin, 270)],
      [3, policy.backupAllowed ? 1 : 0],
      [4, policy.subjectHash],
      [5, policy.points],
      [6, policy.backupEligible.map((one) => (one ? 1 : 0))],
    ],
  });
}

export function encodeBindStatement(
  kind: number,
  keyId: Bytes,
  policy: Bytes,
  thumbprints: Bytes[],
  subjectHash: Bytes,
): Bytes {
  return encode([bindLabel, kind, keyId, policy, thumbprints, subjectHash]);
}

// ---- what a change of phones says

export const rebindLabel = "kyso-rebind/1";

export function encodeRebindStatement(keyId: Bytes, oldVersion: number, newPolicy: Bytes): Bytes {
  return encode([rebindLabel, keyId, oldVersion, newPolicy]);
}

// ---- what the end of a key says

export const revokeLabel = "kyso-revoke-key/1";

export function encodeRevokeStatement(keyId: Bytes, version: number): Bytes {
  return encode([revokeLabel, keyId, version]);
}

// ---- passkeys

// SubjectPublicKeyInfo of a P-256 key up to its point (RFC 5480 §2).
const spkiHead = Uint8Array.of(
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
  0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
);

// None when the key is of another kind than P-256.
export function pointOf(spki: Bytes): Bytes | undefined {
  const isP256 = spki.length === 91 && spkiHead.every((byte, i) => byte === spki[i]);
  return isP256 && spki[26] === 4 ? spki.slice(26) : undefined;
}

export async function thumbprint(point: Bytes): Promise<Bytes> {
  return sha256(concat(spkiHead, point));
}

// By which an officer's passkey connects its phone: this app names it, and no activation is made of
// bytes that begin like it, so that it approves nothing anywhere else.
export function officerLinkChallenge(link: string): Promise<Bytes> {
  return sha256(utf8(`kyso officer link/1:${link}`));
}

// What registrar and person read to each other: the first 60 bits in Crockford's base32.
export function shortCode(digest: Bytes): string {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let bits = 0n;
  for (const byte of digest.subarray(0, 8)) {
    bits = (bits << 8n) | BigInt(byte);
  }
  const digits = Array.from(
    { length: 12 },
    (_, i) => alphabet[Number((bits >> BigInt(59 - 5 * i)) & 31n)]!,
  );
  return [0, 4, 8].map((i) => digits.slice(i, i + 4).join("")).join("-");
}
