// What the app refuses: one claim of the server's after the other is made false.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as activation from "../../../../../cloudsign/web/approve/core/activation.ts";
import { equal, sha256, toBase64url } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { readItem, Unreadable } from "../../../../../cloudsign/web/approve/core/item.ts";
import { checkItem, Refused } from "../../../../../cloudsign/web/approve/core/item_check.ts";
import type { Phone } from "../../../../../cloudsign/web/approve/core/phone.ts";
import {
  bindItem,
  digest,
  enrolled,
  keyId,
  moduleId,
  now,
  other,
  phone,
  point,
  policyHash,
  random,
  signItem,
  subject,
} from "./told.ts";

async function refusedMember(told: any, held: Phone): Promise<string> {
  try {
    await checkItem(readItem(told), held, now);
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.member;
  }
  throw new Error("it was not refused");
}

test("an honest request is approved, by the challenge that the module computes", async () => {
  const told = await signItem();
  const { challenge, learned } = await checkItem(readItem(told), enrolled, now);
  const expected = await activation.challenge({
    purpose: "sign",
    moduleId,
    bootCounter: 3,
    sequence: 41,
    expiryTickMs: 4_200_000,
    random,
    keyId,
    blobVersion: 2,
    policyHash,
    algorithm: { scheme: "ecdsa", digest: "sha256", saltLength: 0 },
    leafCount: 3,
    root: readItem(told).activation.root,
    contextHash: readItem(told).activation.contextHash,
  });
  assert.ok(equal(challenge, expected));
  assert.equal(learned.version, 2);
});

const lies: [string, string, (told: any) => void][] = [
  ["answered already", "state", (t) => (t.state = "signed")],
  ["expired", "expires_at", (t) => (t.expires_at = now)],
  ["another rpId", "rp_id", (t) => (t.rp_id = "evil.localhost")],
  ["another origin", "origin", (t) => (t.origin = "https://approve.localhost")],
  ["another passkey", "thumbprints", (t) => (t.thumbprints = [other])],
  ["no scheme", "algorithm.scheme", (t) => (t.algorithm.scheme = "none")],
  ["a salt", "algorithm.salt_length", (t) => (t.algorithm.salt_length = 32)],
  ["another key shown", "credential.key_id", (t) => (t.credential.key_id = other)],
  [
    "a key of somebody else",
    "activation.key_id",
    (t) => (t.credential.key_id = t.activation.key_id = other),
  ],
  ["another policy", "activation.policy_hash", (t) => (t.activation.policy_hash = other)],
  ["an older blob", "activation.blob_version", (t) => (t.activation.blob_version = 1)],
  ["an unbound blob", "activation.blob_version", (t) => (t.activation.blob_version = 0)],
  ["another subject", "credential.subject", (t) => (t.credential.subject = "CN=Ai khác,C=VN")],
  ["a document replaced", "activation.root", (t) => (t.documents[1].hash = other)],
  ["a name replaced", "activation.root", (t) => (t.documents[1].label = "Đơn xin nghỉ")],
  ["documents in another order", "activation.root", (t) => t.documents.reverse()],
  ["a document hidden", "activation.leaf_count", (t) => t.documents.pop()],
  ["a document added", "activation.leaf_count", (t) => t.documents.push(t.documents[0])],
  ["no document", "documents", (t) => (t.documents = [])],
  ["a hash too short", "documents", (t) => (t.documents[0].hash = "AAAA")],
  ["another digest", "documents", (t) => (t.algorithm.digest = "sha384")],
  ["A shown, B asked: root", "activation.root", (t) => (t.activation.root = other)],
  ["A shown, B asked: context", "activation.context_hash", (t) => (t.activation.context_hash = other)],
  ["another count asked", "activation.leaf_count", (t) => (t.activation.leaf_count = 4)],
  ["another portal", "activation.context_hash", (t) => (t.requester = "Trường khác")],
  ["another purpose text", "activation.context_hash", (t) => (t.purpose_text += " ")],
  ["another code", "activation.context_hash", (t) => (t.code = "48")],
  ["another language", "activation.context_hash", (t) => (t.language = "en")],
  ["a text too long", "requester, purpose_text, code, language", (t) => (t.requester = "x".repeat(256))],
  ["a code not typed", "code", (t) => ((t.code_typed = true), (t.code = ""))],
  ["a statement beside a signature", "statement", (t) => (t.statement = { kind: 1, key_id: other, policy: "" })],
  ["an issuance", "purpose", (t) => (t.purpose = "issue")],
  ["certificates beside a signature", "certificates", (t) => (t.certificates = [{ tbs: "AAAA" }])],
  ["a change of phones", "purpose", (t) => (t.purpose = "rebind")],
];
for (const [name, member, lie] of lies) {
  test(`sign: ${name} is refused`, async () => {
    const told = await signItem();
    lie(told);
    assert.equal(await refusedMember(told, enrolled), member);
  });
}

test("what changes the challenge and not what is shown is only the module's own part", async () => {
  const honest = await checkItem(readItem(await signItem()), enrolled, now);
  for (const member of ["boot_counter", "sequence", "expiry_tick_ms"]) {
    const told = await signItem();
    told.activation[member] += 1;
    const { challenge } = await checkItem(readItem(told), enrolled, now);
    assert.ok(!equal(challenge, honest.challenge), member);
  }
});

test("a subject may be spelled otherwise", async () => {
  for (const spelled of [
    "CN=Nguyễn Văn An, serialNumber=an, C=VN",
    "CN=Nguy\\E1\\BB\\85n Văn An,serialNumber=an,C=VN",
    "CN = Nguyễn Văn An ,serialNumber=a\\n,C=VN",
  ]) {
    const told = await signItem({ more: {} });
    told.credential.subject = spelled;
    await checkItem(readItem(told), enrolled, now);
  }
  for (const another of [
    "CN=Nguyễn Văn An\\,serialNumber=an,C=VN",
    "CN=Nguyễn Văn An\\20,serialNumber=an,C=VN",
    "CN=Nguyễn Văn An,serialNumber=an",
    "serialNumber=an,CN=Nguyễn Văn An,C=VN",
  ]) {
    const told = await signItem();
    told.credential.subject = another;
    assert.equal(await refusedMember(told, enrolled), "credential.subject", another);
  }
});

test("bind: an honest one is approved and learned", async () => {
  const { learned } = await checkItem(readItem(await bindItem()), phone(), now);
  assert.ok(equal(learned.keyId, keyId) && equal(learned.policyHash, policyHash));
  assert.deepEqual([learned.subject, learned.version, learned.credentialId], [subject, 1, "cred_a"]);
});

test("bind: an organisation may allow synced passkeys", async () => {
  const allowing = activation.encodePolicy({
    rpId: "approve.localhost",
    origin: "https://approve.localhost:8443",
    backupAllowed: true,
    subjectHash: await digest(subject),
    points: [point],
    backupEligible: [false],
  });
  const told = await bindItem({ policy: allowing });
  told.activation.policy_hash = toBase64url(await sha256(allowing));
  await checkItem(readItem(told), phone(), now);
});

const policyLies: [string, Partial<activation.Policy>][] = [
  ["a second key", { points: [point, Uint8Array.from([4, ...Array(64).fill(7)])], backupEligible: [false, false] }],
  ["another key", { points: [Uint8Array.from([4, ...Array(64).fill(7)])] }],
  ["no key", { points: [], backupEligible: [] }],
  ["another rpId", { rpId: "evil.localhost" }],
  ["another origin", { origin: "https://evil.localhost" }],
  ["another subject", { subjectHash: await digest("CN=Ai khác") }],
  ["a passkey said to be synced", { backupEligible: [true] }],
];
for (const [name, change] of policyLies) {
  test(`bind: a policy with ${name} is refused`, async () => {
    const lying = activation.encodePolicy({
      rpId: "approve.localhost",
      origin: "https://approve.localhost:8443",
      backupAllowed: false,
      subjectHash: await digest(subject),
      points: [point],
      backupEligible: [false],
      ...change,
    });
    const told = await bindItem({ policy: lying });
    told.activation.policy_hash = toBase64url(await sha256(lying));
    assert.equal(await refusedMember(told, phone()), "statement.policy");
  });
}

const bindLies: [string, string, (told: any) => void][] = [
  ["another credential", "credential.id", (t) => (t.credential.id = "cred_b")],
  ["no statement", "statement", (t) => delete t.statement],
  ["an issuer's key", "statement.kind", (t) => (t.statement.kind = 3)],
  ["a statement about another key", "statement.key_id", (t) => (t.statement.key_id = other)],
  ["a bound blob", "activation.blob_version", (t) => (t.activation.blob_version = 1)],
  ["another policy hash", "activation.policy_hash", (t) => (t.activation.policy_hash = other)],
  ["another statement hashed", "documents", (t) => (t.documents[0].hash = other)],
  ["another label", "documents", (t) => (t.documents[0].label = "Hợp đồng")],
  ["a kind that is not hashed", "documents", (t) => (t.statement.kind = 2)],
  ["an algorithm", "algorithm", (t) => (t.algorithm.scheme = "ecdsa")],
  ["another root", "activation.root", (t) => (t.activation.root = other)],
];
for (const [name, member, lie] of bindLies) {
  test(`bind: ${name} is refused`, async () => {
    const told = await bindItem();
    lie(told);
    assert.equal(await refusedMember(told, phone()), member);
  });
}

test("bind: a phone that has asked for nothing, or was enrolled for another key, refuses", async () => {
  const told = await bindItem();
  assert.equal(await refusedMember(told, phone({ enrolment: undefined })), "credential.id");
  const known = { keyId: await digest("other key"), policyHash, subject, version: 1, credentialId: "cred_a" };
  assert.equal(await refusedMember(told, phone({ keys: [known] })), "statement.key_id");
});

const unreadable: [string, (told: any) => void][] = [
  ["an id with a slash", (t) => (t.id = "a/b")],
  ["a purpose that is no word of ours", (t) => (t.purpose = "toString")],
  ["a sequence that JSON rounds", (t) => (t.activation.sequence = 2 ** 53)],
  ["a negative number", (t) => (t.activation.boot_counter = -1)],
  ["a random too short", (t) => (t.activation.random = "AAAA")],
  ["1,025 documents", (t) => (t.documents = Array(1025).fill(t.documents[0]))],
  ["a list for a text", (t) => (t.requester = ["x"])],
  ["padding", (t) => (t.documents[0].hash += "=")],
  ["no activation", (t) => delete t.activation],
  ["null", (t) => (t.credential = null)],
];
for (const [name, break_] of unreadable) {
  test(`${name} cannot be read`, async () => {
    const told = await signItem();
    break_(told);
    assert.throws(() => readItem(told), Unreadable);
  });
}
