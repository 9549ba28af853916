// Which documents the app takes for those that a hash is of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, sha256, toBase64url, utf8, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { belongs, digestIn, digestInJws, digestInSignedInfo } from "../../../../../cloudsign/web/approve/core/document_check.ts";

function der(tag: number, ...contents: Bytes[]): Bytes {
  const content = concat(...contents);
  const { length } = content;
  const head =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(tag, ...head), content);
}

const typeOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03);
const digestOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04);
const dataOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);

function attribute(oid: Bytes, ...values: Bytes[]): Bytes {
  return der(0x30, der(0x06, oid), der(0x31, ...values));
}
const contentType = attribute(typeOid, der(0x06, dataOid));
function digestAttribute(digest: Bytes): Bytes {
  return attribute(digestOid, der(0x04, digest));
}

const document = utf8("Hợp đồng số 17");
const digest = await sha256(document);
const attributes = der(0x31, contentType, digestAttribute(digest));

test("a document and its own digest", async () => {
  assert.ok(await belongs(document, undefined, "sha256", digest));
  assert.ok(!(await belongs(utf8("Hợp đồng số 18"), undefined, "sha256", digest)));
  assert.ok(!(await belongs(document, undefined, "sha512", digest)));
});

test("a document, its attributes and their digest", async () => {
  const hash = await sha256(attributes);
  assert.ok(await belongs(document, attributes, "sha256", hash));
  assert.ok(!(await belongs(utf8("Hợp đồng số 18"), attributes, "sha256", hash)));
  assert.ok(!(await belongs(document, attributes, "sha256", digest)));
});

test("attributes of another document", async () => {
  const others = der(0x31, contentType, digestAttribute(await sha256(utf8("another"))));
  assert.ok(!(await belongs(document, others, "sha256", await sha256(others))));
});

test("long attributes", async () => {
  const long = der(0x31, attribute(typeOid, der(0x04, new Uint8Array(70_00))), digestAttribute(digest));
  assert.deepEqual(digestIn(long), digest);
});

test("what is not one message digest in DER", () => {
  const twice = der(0x31, digestAttribute(digest), digestAttribute(digest));
  const twoValues = der(0x31, attribute(digestOid, der(0x04, digest), der(0x04, digest)));
  const another = der(0x31, attribute(digestOid, der(0x03, digest)));
  const none = der(0x31, contentType);
  const sequence = der(0x30, digestAttribute(digest));
  const trailing = concat(attributes, Uint8Array.of(0));
  const short = attributes.slice(0, -1);
  const indefinite = concat(Uint8Array.of(0x31, 0x80), digestAttribute(digest), Uint8Array.of(0, 0));
  const inner = digestAttribute(digest);
  const longForm = concat(Uint8Array.of(0x31, 0x81, inner.length), inner);
  const more = der(0x31, der(0x30, der(0x06, digestOid), der(0x31, der(0x04, digest)), der(0x05)));
  const empty = new Uint8Array(0);
  for (const wrong of [
    twice, twoValues, another, none, sequence, trailing, short, indefinite, longForm, more, empty,
  ]) {
    assert.equal(digestIn(wrong), undefined);
  }
});

const sigD = {
  mId: "http://uri.etsi.org/19182/ObjectIdByURIHash",
  pars: ["a"],
  hashM: "S256",
  hashV: [toBase64url(digest)],
};
const header = { alg: "ES256", iat: 1, sigD, b64: false, crit: ["b64", "sigD"] };

function signingInput(text: string): Bytes {
  return utf8(`${toBase64url(utf8(text))}.`);
}

test("a document, the JWS that names it and the digest of that", async () => {
  const input = signingInput(JSON.stringify(header));
  const hash = await sha256(input);
  assert.ok(await belongs(document, input, "sha256", hash));
  assert.ok(!(await belongs(utf8("Hợp đồng số 18"), input, "sha256", hash)));
  assert.ok(!(await belongs(document, input, "sha256", digest)));
});

test("what is not one digest in a JWS", () => {
  const plain = JSON.stringify(header);
  assert.deepEqual(digestInJws(signingInput(plain), "sha256"), digest);
  for (const wrong of [
    plain.replace('"b64":false', '"b64":true'),
    plain.replace('"sigD"]', '"x"]'),
    plain.replace('"S256"', '"S512"'),
    plain.replace("ObjectIdByURIHash", "ObjectIdByURI"),
    plain.replace('"hashV":[', '"hashV":["AAAA",'),
    plain.replace('"sigD":', '"sigD":{},"sigD":'),
    `${plain} `,
    "{}",
    "null",
    "x",
  ]) {
    assert.equal(digestInJws(signingInput(wrong), "sha256"), undefined, wrong);
  }
  assert.equal(digestInJws(utf8(`${toBase64url(utf8(plain))}.x`), "sha256"), undefined);
  assert.equal(digestInJws(signingInput(plain), "sha384"), undefined);
});

// As cloudsign/document/xades_signature.cc makes it.
function signedInfo(value: Bytes): string {
  const base64 = btoa(String.fromCharCode(...value));
  const sha256 = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>';
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  return (
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">' +
    `<ds:CanonicalizationMethod Algorithm="${exclusive}"></ds:CanonicalizationMethod>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>' +
    `<ds:Reference Id="S-1-document" URI="a%20b">${sha256}<ds:DigestValue>${base64}</ds:DigestValue>` +
    '</ds:Reference><ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#S-1-properties">' +
    `<ds:Transforms><ds:Transform Algorithm="${exclusive}"></ds:Transform></ds:Transforms>${sha256}` +
    "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>"
  );
}

test("a document, the XML signature that names it and the digest of that", async () => {
  const plain = signedInfo(digest);
  const info = utf8(plain);
  assert.ok(await belongs(document, info, "sha256", await sha256(info)));
  assert.ok(!(await belongs(utf8("Hợp đồng số 18"), info, "sha256", await sha256(info))));
  assert.equal(digestInSignedInfo(info, "sha512"), undefined);
  const reference = plain.slice(plain.indexOf("<ds:Reference Id"), plain.indexOf("<ds:Reference Type"));
  for (const wrong of [
    plain.replace(reference, reference + reference),
    plain.replace("</ds:SignedInfo>", `${reference}</ds:SignedInfo>`),
    plain.replace('URI="a%20b"', 'URI="#a"'),
    plain.replace("<ds:DigestValue>", "<ds:DigestValue> "),
    `${plain} `,
  ]) {
    assert.equal(digestInSignedInfo(utf8(wrong), "sha256"), undefined, wrong);
  }
});
