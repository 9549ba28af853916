// What a TBSCertificate (RFC 5280 §4.1.2) says, for the officer who approves that it is signed: of the forms
// that our authority issues, byte by byte, and of no other. What a reader elsewhere might take for more
// than is shown here is not signed.

import { sha256, toHex, type Bytes } from "./bytes.ts";
import { elements, type Element } from "./der.ts";
import { readName, type NameParts } from "./distinguished_name.ts";

// What the certificate makes of its key.
export type Use = "authority" | "person" | "device" | "ocsp" | "tsa";

export interface TbsCertificate {
  subject: NameParts;
  issuer: NameParts;
  keyId: Bytes; // SHA-256 of the SubjectPublicKeyInfo, as the module names keys
  validFrom: number; // milliseconds UTC
  validTo: number; // milliseconds UTC
  use: Use;
}

const integer = 0x02;
const bits = 0x03;
const sequence = 0x30;
const utcTime = 0x17;
const generalizedTime = 0x18;

// RFC 5280 §4.1.2.5: with seconds, in UTC, until 2049 in two digits.
function timeOf({ tag, content }: Element): number | undefined {
  const text = new TextDecoder("latin1").decode(content);
  const form = tag === utcTime ? /^([0-4]\d)(\d{4})(\d{6})Z$/ : tag === generalizedTime ? /^(\d{4})(\d{4})(\d{6})Z$/ : undefined;
  const [, year, day, time] = form?.exec(text) ?? [];
  if (!year || !day || !time || (year.length === 4 && Number(year) < 2050)) {
    return undefined;
  }
  const pairs = (digits: string, sign: string) => digits.match(/../g)!.join(sign);
  const iso = `${year.length === 4 ? "" : "20"}${year}-${pairs(day, "-")}T${pairs(time, ":")}.000Z`;
  const at = Date.parse(iso);
  // The 31st of February is none.
  return !Number.isNaN(at) && new Date(at).toISOString() === iso ? at : undefined;
}

// The parts of what has this tag; nothing when it is anything else.
function parts(one: Element | undefined, tag: number): Element[] | undefined {
  return one?.tag === tag ? elements(one.content) : undefined;
}

// RFC 5280 §4.1.2.2: positive, at most 20 bytes, in the shortest form.
function isSerial({ tag, content }: Element): boolean {
  const [first = 0x80, second = 0] = content;
  const isShortest = first !== 0 || second >= 0x80;
  return tag === integer && content.length <= 20 && first < 0x80 && isShortest;
}

function isPublicKey(key: Element): boolean {
  const [algorithm, point, ...more] = parts(key, sequence) ?? [];
  const isForm = algorithm?.tag === sequence && point?.tag === bits && more.length === 0;
  return isForm && point.content.length > 1 && point.content[0] === 0;
}

const basicConstraints = "0603551d13";
const keyUsage = "0603551d0f";
const extendedKeyUsage = "0603551d25";
const noCheck = "06092b0601050507300105";
// Where to ask, and which key it is: subject and authority key identifiers, CRL distribution points,
// authority information access. Their contents decide about no use of the key.
const pointers = ["0603551d0e", "0603551d23", "0603551d1f", "06082b06010505070101"];

const critical = "0101ff";
const octets = (value: string) => `04${(value.length / 2).toString(16).padStart(2, "0")}${value}`;
const purpose = (last: string) => octets(`300a06082b060105050703${last}`);
const noAuthority = critical + octets("3000");
const signs = critical + octets("03020780"); // digitalSignature
const signsForGood = critical + octets("030206c0"); // and nonRepudiation

// Of each use every extension that says something about it, as it stands after its identifier.
const uses: Record<Use, Record<string, string>> = {
  authority: { [basicConstraints]: critical + octets("30030101ff"), [keyUsage]: critical + octets("03020106") },
  person: { [basicConstraints]: noAuthority, [keyUsage]: signsForGood, [extendedKeyUsage]: purpose("04") },
  device: { [basicConstraints]: noAuthority, [keyUsage]: signs, [extendedKeyUsage]: purpose("02") },
  ocsp: {
    [basicConstraints]: noAuthority,
    [keyUsage]: signs,
    [extendedKeyUsage]: purpose("09"),
    [noCheck]: octets("0500"),
  },
  tsa: { [basicConstraints]: noAuthority, [keyUsage]: signsForGood, [extendedKeyUsage]: critical + purpose("08") },
};

function useOf(extensions: Element[]): Use | undefined {
  const said: Record<string, string> = {};
  const seen = new Set<string>();
  for (const one of extensions) {
    const [type, ...rest] = parts(one, sequence) ?? [];
    const name = type ? toHex(type.whole) : "";
    if (seen.has(name)) {
      return undefined;
    }
    seen.add(name);
    const value = rest.map(({ whole }) => toHex(whole)).join("");
    if (!pointers.includes(name)) {
      said[name] = value;
    } else if (rest.length !== 1 || rest[0]!.tag !== 0x04) {
      return undefined;
    }
  }
  const isThis = (wanted: Record<string, string>) =>
    Object.keys(said).length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([name, value]) => said[name] === value);
  return (Object.keys(uses) as Use[]).find((use) => isThis(uses[use]));
}

// Nothing when `bytes` are anything else.
export async function readTbsCertificate(bytes: Bytes): Promise<TbsCertificate | undefined> {
  const [whole, ...others] = elements(bytes) ?? [];
  const [version, serial, algorithm, issuer, validity, subject, key, last, ...more] = parts(whole, sequence) ?? [];
  const isForm =
    others.length === 0 &&
    version?.tag === 0xa0 &&
    toHex(version.content) === "020102" &&
    serial !== undefined &&
    isSerial(serial) &&
    algorithm?.tag === sequence &&
    issuer?.tag === sequence &&
    subject?.tag === sequence &&
    key !== undefined &&
    isPublicKey(key) &&
    last?.tag === 0xa3 &&
    more.length === 0;
  if (!isForm) {
    return undefined;
  }
  const [from, to, ...rest] = parts(validity, sequence) ?? [];
  const [list, ...lists] = elements(last.content) ?? [];
  const use = lists.length === 0 && rest.length === 0 ? useOf(parts(list, sequence) ?? []) : undefined;
  const subjectParts = readName(subject.content);
  const issuerParts = readName(issuer.content);
  const validFrom = from && timeOf(from);
  const validTo = to && timeOf(to);
  if (!use || !subjectParts || !issuerParts || validFrom === undefined || validTo === undefined) {
    return undefined;
  }
  return { subject: subjectParts, issuer: issuerParts, keyId: await sha256(key.whole), validFrom, validTo, use };
}
