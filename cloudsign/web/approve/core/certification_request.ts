// What an authority is asked for (PKCS #10): the phone reads the part that the key signs, so that nobody
// else's words have to be believed about it.

import { sha256, toHex, type Bytes } from "./bytes.ts";
import { elements } from "./der.ts";

export interface CertificationRequest {
  subject: [type: string, value: string][]; // the most specific part first
  keyId: Bytes; // SHA-256 of the SubjectPublicKeyInfo, as the module names keys
}

const sequence = 0x30;
const set = 0x31;
const integer = 0x02;
const identifier = 0x06;
const attributes = 0xa0;

// By the content of the identifier, in hexadecimal (RFC 4519, X.520).
const types: Record<string, string> = {
  "550403": "CN",
  "550404": "SN",
  "550405": "serialNumber",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "550409": "STREET",
  "55040a": "O",
  "55040b": "OU",
  "55040c": "title",
  "55042a": "GN",
  "550461": "organizationIdentifier",
  "0992268993f22c640101": "UID",
  "0992268993f22c640119": "DC",
  "2a864886f70d010901": "emailAddress",
};

// UTF8String, PrintableString, IA5String; others have letters that nobody uses today.
const encodings: Record<number, string> = { 0x0c: "utf-8", 0x13: "ascii", 0x16: "ascii" };

function textOf(tag: number, content: Bytes): string | undefined {
  const encoding = encodings[tag];
  const isReadable = encoding === "utf-8" || (encoding === "ascii" && content.every((byte) => byte < 0x80));
  try {
    return isReadable ? new TextDecoder("utf-8", { fatal: true }).decode(content) : undefined;
  } catch {
    return undefined;
  }
}

// One part, as a name of a person has them: no part with two values.
function readPart(part: Bytes): [string, string] | undefined {
  const [pair, ...more] = elements(part) ?? [];
  const [type, value, ...rest] = pair?.tag === sequence ? (elements(pair.content) ?? []) : [];
  if (more.length > 0 || type?.tag !== identifier || !value || rest.length > 0) {
    return undefined;
  }
  const text = textOf(value.tag, value.content);
  const name = types[toHex(type.content)] ?? toHex(type.content);
  return text === undefined ? undefined : [name, text];
}

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
  const subject: [string, string][] = [];
  for (const part of elements(name.content) ?? []) {
    const read = part.tag === set ? readPart(part.content) : undefined;
    if (!read) {
      return undefined;
    }
    subject.unshift(read);
  }
  return subject.length === 0 ? undefined : { subject, keyId: await sha256(key.whole) };
}
