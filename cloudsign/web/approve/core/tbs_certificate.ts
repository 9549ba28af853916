// What a TBSCertificate (RFC 5280 §4.1.2) says, for the officer who approves that it is signed.

import { sha256, toHex, type Bytes } from "./bytes.ts";
import { elements, type Element } from "./der.ts";
import { readName, type NameParts } from "./distinguished_name.ts";

export interface TbsCertificate {
  subject: NameParts;
  issuer: NameParts;
  keyId: Bytes; // SHA-256 of the SubjectPublicKeyInfo, as the module names keys
  validFrom: number; // milliseconds UTC
  validTo: number; // milliseconds UTC
  isAuthority: boolean;
}

const boolean = 0x01;
const integer = 0x02;
const octets = 0x04;
const identifier = 0x06;
const utcTime = 0x17;
const generalizedTime = 0x18;
const sequence = 0x30;
const basicConstraints = "551d13";

// RFC 5280 §4.1.2.5: with seconds, in UTC.
function timeOf({ tag, content }: Element): number | undefined {
  const text = new TextDecoder("latin1").decode(content);
  const form = tag === utcTime ? /^(\d\d)(\d{4})(\d{6})Z$/ : tag === generalizedTime ? /^(\d{4})(\d{4})(\d{6})Z$/ : undefined;
  const [, year, day, time] = form?.exec(text) ?? [];
  if (!year || !day || !time) {
    return undefined;
  }
  const century = year.length === 4 ? "" : Number(year) < 50 ? "20" : "19";
  const pairs = (digits: string, sign: string) => digits.match(/../g)!.join(sign);
  const iso = `${century}${year}-${pairs(day, "-")}T${pairs(time, ":")}.000Z`;
  const at = Date.parse(iso);
  // The 31st of February is none.
  return !Number.isNaN(at) && new Date(at).toISOString() === iso ? at : undefined;
}

function content(one: Element | undefined, tag: number): Element[] {
  return one?.tag === tag ? (elements(one.content) ?? []) : [];
}

// Whatever is not plainly no authority is one.
function saysAuthority(extensions: Element[]): boolean {
  const found = extensions.filter((one) => {
    const [type] = content(one, sequence);
    return type?.tag === identifier && toHex(type.content) === basicConstraints;
  });
  if (found.length === 0) {
    return false;
  }
  const value = content(found[0], sequence).at(-1);
  const [constraints, ...more] = value?.tag === octets ? (elements(value.content) ?? []) : [];
  const isPlain =
    found.length === 1 && constraints?.tag === sequence && more.length === 0 && constraints.content.length === 0;
  const [first] = content(constraints, sequence);
  const isFalse = first?.tag === boolean && toHex(first.content) === "00";
  return !isPlain && !isFalse;
}

// Of version 3 and without unique identifiers, as our server writes it; nothing when `bytes` are
// anything else.
export async function readTbsCertificate(bytes: Bytes): Promise<TbsCertificate | undefined> {
  const [whole, ...others] = elements(bytes) ?? [];
  const [version, serial, algorithm, issuer, validity, subject, key, last, ...more] = content(whole, sequence);
  const isForm =
    others.length === 0 &&
    version?.tag === 0xa0 &&
    toHex(version.content) === "020102" &&
    serial?.tag === integer &&
    algorithm?.tag === sequence &&
    issuer?.tag === sequence &&
    subject?.tag === sequence &&
    key?.tag === sequence &&
    last?.tag === 0xa3 &&
    more.length === 0;
  if (!isForm) {
    return undefined;
  }
  const [from, to, ...rest] = content(validity, sequence);
  const [list, ...lists] = elements(last.content) ?? [];
  const extensions = content(list, sequence);
  const subjectParts = readName(subject.content);
  const issuerParts = readName(issuer.content);
  const validFrom = from && timeOf(from);
  const validTo = to && timeOf(to);
  if (!subjectParts || !issuerParts || validFrom === undefined || validTo === undefined) {
    return undefined;
  }
  if (rest.length > 0 || lists.length > 0 || extensions.length === 0) {
    return undefined;
  }
  return {
    subject: subjectParts,
    issuer: issuerParts,
    keyId: await sha256(key.whole),
    validFrom,
    validTo,
    isAuthority: saysAuthority(extensions),
  };
}
