// What an authority is asked for (PKCS #10): the phone reads the part that the key signs, so that nobody
// else's words have to be believed about it.

import { sha256, toHex, type Bytes } from "./bytes.ts";
import { elements } from "./der.ts";
import { readName, type NameParts } from "./distinguished_name.ts";

export interface CertificationRequest {
  subject: NameParts;
  keyId: Bytes; // SHA-256 of the SubjectPublicKeyInfo, as the module names keys
}

const sequence = 0x30;
const integer = 0x02;
const attributes = 0xa0;

// CertificationRequestInfo (RFC 2986 §4.1) without attributes, as our server writes it; nothing when
// `bytes` are anything else.
export async function readCertificationRequest(bytes: Bytes): Promise<CertificationRequest | undefined> {
  const [info, ...others] = elements(bytes) ?? [];
  const [version, name, key, last, ...more] = info?.tag === sequence ? (elements(info.content) ?? []) : [];
  const isRequest =
    others.length === 0 &&
    version?.tag === integer &&
    toHex(version.content) === "00" &&
    name?.tag === sequence &&
    key?.tag === sequence &&
    last?.tag === attributes &&
    last.content.length === 0 &&
    more.length === 0;
  if (!isRequest) {
    return undefined;
  }
  const subject = readName(name.content);
  return subject && { subject, keyId: await sha256(key.whole) };
}
