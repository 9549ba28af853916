// The Name of a certificate or a request (RFC 5280 §4.1.2.4), as far as people and services have one.

import { toHex, type Bytes } from "./bytes.ts";
import { elements } from "./der.ts";

export type NameParts = [type: string, value: string][]; // the most specific part first

const sequence = 0x30;
const set = 0x31;
const identifier = 0x06;

// By the content of the identifier, in hexadecimal; names as OpenSSL gives them, which the server uses.
const types: Record<string, string> = {
  "550403": "CN",
  "550404": "SN",
  "550405": "serialNumber",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "550409": "street",
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
    return isReadable ? new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content) : undefined;
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

// `content`: of the SEQUENCE. Nothing when it has no parts, or one that is not read here.
export function readName(content: Bytes): NameParts | undefined {
  const parts: NameParts = [];
  for (const part of elements(content) ?? []) {
    const read = part.tag === set ? readPart(part.content) : undefined;
    if (!read) {
      return undefined;
    }
    parts.unshift(read);
  }
  return parts.length === 0 ? undefined : parts;
}

// RFC 4514, for sameSubject(): as another program may escape it otherwise.
export function nameText(parts: NameParts): string {
  return parts
    .map(([type, value]) => `${type}=${value.replace(/[,+"\\<>;]|^[ #]| $/gu, "\\$&")}`)
    .join(",");
}
