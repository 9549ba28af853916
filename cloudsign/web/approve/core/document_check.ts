// Whether a document is what a hash is of: its own digest, or that of the CMS signed attributes around
// its digest (RFC 5652 §5.4), or of a JWS (ETSI TS 119 182-1 §5.2.8) or an XML signature that names it by its digest.
// Of a PDF that waits for the signature the attributes have the digest of all but the place for it.

import type { Algorithm } from "./activation.ts";
import { concat, equal, fromBase64url, type Bytes } from "./bytes.ts";
import { elements } from "./der.ts";
import { coveredParts } from "./prepared_pdf.ts";

const names = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

async function digestOf(digest: Algorithm["digest"], bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(names[digest], bytes));
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

const byHash = "http://uri.etsi.org/19182/ObjectIdByURIHash";
const hashNames = { sha256: "S256", sha384: "S384", sha512: "S512" } as const;

// The digest of the one document that a JWS is about, in its signing input: a header, and no payload.
export function digestInJws(input: Bytes, digest: Algorithm["digest"]): Bytes | undefined {
  const [, header] = /^([A-Za-z0-9_-]+)\.$/.exec(new TextDecoder("latin1").decode(input)) ?? [];
  const bytes = header === undefined ? undefined : fromBase64url(header);
  if (!bytes) {
    return undefined;
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const read = JSON.parse(text);
    const { sigD, b64, crit } = read;
    const isOurs =
      JSON.stringify(read) === text && // no name twice, of which others might take the first
      b64 === false &&
      crit.includes("b64") &&
      crit.includes("sigD") &&
      sigD.mId === byHash &&
      sigD.hashM === hashNames[digest] &&
      sigD.pars.length === 1 &&
      sigD.hashV.length === 1;
    return isOurs ? fromBase64url(sigD.hashV[0]) : undefined;
  } catch {
    return undefined;
  }
}

const dsig = "http://www.w3.org/2000/09/xmldsig#";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
const digestUris = {
  sha256: "http://www.w3.org/2001/04/xmlenc#sha256",
  sha384: "http://www.w3.org/2001/04/xmldsig-more#sha384",
  sha512: "http://www.w3.org/2001/04/xmlenc#sha512",
} as const;

// As the server writes it, letter by letter: the one document, then the signature's own properties.
function signedInfoForm(digest: string): RegExp {
  const value = '[^"<>&]+';
  const empty = (name: string, algorithm: string) => `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`;
  const digested = (base64: string) =>
    `${empty("DigestMethod", digest)}<ds:DigestValue>${base64}</ds:DigestValue></ds:Reference>`;
  return new RegExp(
    `^<ds:SignedInfo xmlns:ds="${dsig}">${empty("CanonicalizationMethod", exclusive)}` +
      `${empty("SignatureMethod", value)}<ds:Reference Id="${value}" URI="[^"<>&#]+">` +
      `${digested("([A-Za-z0-9+/]+={0,2})")}` +
      `<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#${value}"><ds:Transforms>` +
      `${empty("Transform", exclusive)}</ds:Transforms>${digested("[A-Za-z0-9+/]+={0,2}")}</ds:SignedInfo>$`,
  );
}

// The digest of the one document that an XML signature beside it is about.
export function digestInSignedInfo(info: Bytes, digest: Algorithm["digest"]): Bytes | undefined {
  const [, base64] = signedInfoForm(digestUris[digest]).exec(new TextDecoder("latin1").decode(info)) ?? [];
  return base64 === undefined
    ? undefined
    : fromBase64url(base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
}

function digestNamed(attributes: Bytes, digest: Algorithm["digest"]): Bytes | undefined {
  if (attributes[0] === set) {
    return digestIn(attributes);
  }
  const opening = "<".charCodeAt(0);
  return attributes[0] === opening ? digestInSignedInfo(attributes, digest) : digestInJws(attributes, digest);
}

// Of the document as attributes name it.
async function isNamed(digest: Algorithm["digest"], named: Bytes, document: Bytes, attributes: Bytes) {
  if (equal(named, await digestOf(digest, document))) {
    return true;
  }
  const covered = attributes[0] === set ? coveredParts(document) : undefined;
  return covered !== undefined && equal(named, await digestOf(digest, concat(...covered)));
}

export async function belongs(
  document: Bytes,
  attributes: Bytes | undefined,
  digest: Algorithm["digest"],
  hash: Bytes,
): Promise<boolean> {
  if (!attributes) {
    return equal(await digestOf(digest, document), hash);
  }
  const named = digestNamed(attributes, digest);
  return (
    named !== undefined &&
    equal(await digestOf(digest, attributes), hash) &&
    (await isNamed(digest, named, document, attributes))
  );
}
