// The app's arithmetic against the protocol's vectors, which another implementation has written.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as activation from "../../../../../cloudsign/web/approve/core/activation.ts";
import {
  fromBase64url,
  sha256,
  toBase64url,
  toHex,
  utf8,
  type Bytes,
} from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { encode } from "../../../../../cloudsign/web/approve/core/cbor.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../../../vectors/protocol/vectors.json", import.meta.url), "utf8"),
);
const { structures } = vectors;

function bytes(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function nameOf<T extends object>(table: T, value: number): keyof T {
  return Object.entries(table).find(([, one]) => one === value)![0] as keyof T;
}

test("context hash", async () => {
  const { values, sha256 } = structures.context;
  assert.equal(toHex(await activation.contextHash(values)), sha256);
});

test("every leaf", async () => {
  assert.ok(vectors.leaves.length >= 6);
  for (const { index, digest, hash, label, leaf } of vectors.leaves) {
    const document = { hash: bytes(hash), label };
    const computed = await activation.leafHash(index, nameOf(activation.digests, digest), document);
    assert.equal(toHex(computed), leaf);
  }
});

test("the root of the batch", async () => {
  const documents = vectors.leaves
    .filter((one: { text?: string }) => one.text !== undefined)
    .map((one: { hash: string; label: string }) => ({ hash: bytes(one.hash), label: one.label }));
  const root = await activation.documentsRoot("sha256", documents);
  assert.equal(toHex(root), vectors.batch_root);
});

test("the root of every tree", async () => {
  const counts = vectors.trees.map((tree: { leaf_count: number }) => tree.leaf_count);
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 200, 1024]);
  for (const { leaf_count, root } of vectors.trees) {
    const leaves = await Promise.all(
      Array.from({ length: leaf_count }, (_, i) => sha256(utf8(`leaf ${i}`))),
    );
    assert.equal(toHex(await activation.treeRoot(leaves)), root);
  }
});

test("every challenge", async () => {
  const rows = Object.entries<{ structure: string; values: any; sha256: string }>(structures);
  const preimages = rows.filter(([, row]) => row.structure === "ChallengePreimage");
  assert.ok(preimages.length >= 4);
  for (const [name, { values, sha256 }] of preimages) {
    const [scheme, digest, saltLength] = values.algorithm;
    const challenge = await activation.challenge({
      purpose: nameOf(activation.purposes, values.purpose),
      moduleId: bytes(values.module_id),
      bootCounter: values.boot_counter,
      sequence: values.sequence,
      expiryTickMs: values.expiry_tick_ms,
      random: bytes(values.random),
      keyId: bytes(values.key_id),
      blobVersion: values.blob_version,
      policyHash: bytes(values.policy_hash),
      algorithm: {
        scheme: nameOf(activation.schemes, scheme),
        digest: nameOf(activation.digests, digest),
        saltLength,
      },
      leafCount: values.leaf_count,
      root: bytes(values.root),
      contextHash: bytes(values.context_hash),
    });
    assert.equal(toHex(challenge), sha256, name);
  }
});

test("every policy", () => {
  for (const name of ["policy", "policy.largest", "policy.issuer", "policy.new"]) {
    const { values, encoded } = structures[name];
    const policy = activation.encodePolicy({
      rpId: values.rp_id,
      origin: values.origin,
      backupAllowed: values.backup === 1,
      subjectHash: bytes(values.subject_hash),
      points: values.points.map(bytes),
      backupEligible: values.backup_eligible.map((one: number) => one === 1),
    });
    assert.equal(toHex(policy), encoded, name);
  }
});

test("the statement of a binding, and its root", async () => {
  const { values, encoded, sha256: hash } = structures["statement.bind"];
  const statement = activation.encodeBindStatement(
    values.kind,
    bytes(values.key_id),
    bytes(values.policy),
    values.thumbprints.map(bytes),
    bytes(values.subject_hash),
  );
  assert.equal(toHex(statement), encoded);
  assert.equal(toHex(await sha256(statement)), hash);
  const root = await activation.documentsRoot("sha256", [
    { hash: await sha256(statement), label: activation.bindLabel },
  ]);
  const row = vectors.statement_roots.find((one: { tag: string }) => one.tag === "kyso-bind/1");
  assert.equal(toHex(root), row.root);
});

test("the statement of a change of phones, and its root", async () => {
  const { values, encoded, sha256: hash } = structures["statement.rebind"];
  const statement = activation.encodeRebindStatement(
    bytes(values.key_id),
    values.old_version,
    bytes(values.new_policy),
  );
  assert.equal(toHex(statement), encoded);
  assert.equal(toHex(await sha256(statement)), hash);
  const root = await activation.documentsRoot("sha256", [
    { hash: await sha256(statement), label: activation.rebindLabel },
  ]);
  const row = vectors.statement_roots.find((one: { tag: string }) => one.tag === activation.rebindLabel);
  assert.equal(toHex(root), row.root);
});

test("the statement of a key's end, and its root", async () => {
  const { values, encoded, sha256: hash } = structures["statement.revoke_key"];
  const statement = activation.encodeRevokeStatement(bytes(values.key_id), values.version);
  assert.equal(toHex(statement), encoded);
  assert.equal(toHex(await sha256(statement)), hash);
});

test("thumbprints and short codes", async () => {
  for (const { spki, thumbprint, short_code } of vectors.keys) {
    const point = activation.pointOf(bytes(spki));
    assert.ok(point);
    const computed = await activation.thumbprint(point);
    assert.equal(toHex(computed), thumbprint);
    assert.equal(activation.shortCode(computed), short_code);
  }
});

test("a key of another kind has no point", () => {
  const spki = bytes(vectors.keys[0].spki);
  assert.equal(activation.pointOf(spki.slice(1)), undefined);
  spki[22] = 0x22;
  assert.equal(activation.pointOf(spki), undefined);
});

test("numbers are written in their shortest form", () => {
  const forms: [number, string][] = [
    [0, "00"],
    [23, "17"],
    [24, "1818"],
    [255, "18ff"],
    [256, "190100"],
    [65535, "19ffff"],
    [65536, "1a00010000"],
    [4294967295, "1affffffff"],
    [4294967296, "1b0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
  ];
  for (const [value, encoded] of forms) {
    assert.equal(toHex(encode(value)), encoded);
  }
});

test("what has no encoding is refused", () => {
  for (const wrong of [-1, 1.5, 2 ** 53, NaN, "\ud800", "a\udc00b"]) {
    assert.throws(() => encode(wrong), RangeError);
  }
  assert.throws(() => encode({ map: [[2, 0], [1, 0]] }), RangeError);
  assert.throws(() => encode({ map: [[1, 0], [1, 0]] }), RangeError);
});

test("limits of texts, hashes and counts", async () => {
  const context = { portal: "", purpose: "", code: "", language: "" };
  await activation.contextHash({ ...context, portal: "ế".repeat(85) });
  await assert.rejects(activation.contextHash({ ...context, portal: "ế".repeat(86) }), RangeError);
  await assert.rejects(activation.contextHash({ ...context, purpose: "x".repeat(2001) }), RangeError);
  await assert.rejects(activation.contextHash({ ...context, code: "x".repeat(65) }), RangeError);
  await assert.rejects(activation.contextHash({ ...context, language: "x".repeat(36) }), RangeError);
  const short = { hash: new Uint8Array(31), label: "" };
  await assert.rejects(activation.leafHash(0, "sha256", short), RangeError);
  const label = { hash: new Uint8Array(32), label: "\ud800" };
  await assert.rejects(activation.leafHash(0, "sha256", label), RangeError);
  await assert.rejects(activation.treeRoot([]), RangeError);
  await assert.rejects(activation.treeRoot(Array(1025).fill(new Uint8Array(32))), RangeError);
});

test("base64url has one spelling", () => {
  for (const hex of ["", "00", "ffff", "fbef"]) {
    assert.equal(toHex(fromBase64url(toBase64url(bytes(hex)))!), hex);
  }
  for (const wrong of ["A", "AB", "AA=", "A A", "++", "//"]) {
    assert.equal(fromBase64url(wrong), undefined, wrong);
  }
});
