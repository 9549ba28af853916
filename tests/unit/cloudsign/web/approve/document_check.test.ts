// Which documents the app takes for those that a hash is of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, sha256, utf8, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { belongs, digestIn } from "../../../../../cloudsign/web/approve/core/document_check.ts";

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
