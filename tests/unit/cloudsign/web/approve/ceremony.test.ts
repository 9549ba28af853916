// What an officer's phone reads of the papers of a ceremony, and what it does not approve. That these
// are the papers that the programs write, and take back, is shown in browser_ceremony.

import assert from "node:assert/strict";
import { test } from "node:test";
import { thumbprint as thumbprintOf } from "../../../../../cloudsign/web/approve/core/activation.ts";
import { equal, sha256, toBase64url, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { encode, type Cbor } from "../../../../../cloudsign/web/approve/core/cbor.ts";
import { decode } from "../../../../../cloudsign/web/approve/core/cbor_read.ts";
import {
  approvalFile,
  officerIn,
  paperChallenge,
  readPaper,
  without,
} from "../../../../../cloudsign/web/approve/core/ceremony.ts";
import { Unreadable } from "../../../../../cloudsign/web/approve/core/item.ts";
import { Refused } from "../../../../../cloudsign/web/approve/core/item_check.ts";
import { digest, phone, point } from "./told.ts";

const officer = phone({ role: "officer", enrolment: undefined });
const second = Uint8Array.from([4, ...Array(64).fill(7)]);
const groupId = new Uint8Array(16).fill(5);
const moduleId = await digest("module");
const nonce = await digest("nonce");

function group(change: Record<number, Cbor> = {}): Bytes {
  const item: Cbor[] = [
    "kyso-group/2",
    groupId,
    1,
    3,
    "approve.localhost",
    "https://approve.localhost:8443",
    2,
    [point, second],
    [0, 1],
    [1, 2],
    [nonce],
    2,
    [point, second, point],
    [moduleId],
  ];
  for (const [at, value] of Object.entries(change)) {
    item[Number(at)] = value;
  }
  return encode(item);
}

type Texts = Record<string, string>;

function file(kind: string, members: Record<string, Bytes>): string {
  const texts: Texts = { kyso: kind };
  for (const [name, bytes] of Object.entries(members)) {
    texts[name] = toBase64url(bytes);
  }
  return JSON.stringify(texts);
}

async function provision(configuration = group(), change: Cbor[] = []): Promise<string> {
  const item = ["kyso-provision/1", moduleId, nonce, await sha256(configuration)];
  const statement = encode([...item.slice(0, 4 - change.length), ...change]);
  return file("provision/1", { device_certificate: nonce, configuration, statement });
}

async function change(before: Bytes, after: Bytes): Promise<string> {
  const statement = encode(["kyso-change/1", groupId, await sha256(before), await sha256(after)]);
  return file("change/1", { before, configuration: after, statement });
}

async function refusedMember(text: string, held = officer): Promise<string> {
  try {
    officerIn(await readPaper(text), held);
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.member;
  }
  throw new Error("it was not refused");
}

test("provision: module, group and whose passkey this is", async () => {
  const paper = await readPaper(await provision());
  assert.ok(paper.kind === "provision" && equal(paper.moduleId, moduleId));
  const { officers, ...rest } = paper.group;
  assert.deepEqual(officers[1], { point: second, backupEligible: true, person: 2 });
  assert.deepEqual(rest, {
    groupId,
    revision: 1,
    assuranceClass: "hardware",
    rpId: "approve.localhost",
    origin: "https://approve.localhost:8443",
    officersNeeded: 2,
    formerOfficers: [nonce],
    custodiansNeeded: 2,
    custodians: [point, second, point],
    members: [moduleId],
  });
  assert.equal(officerIn(paper, officer).person, 1);
  assert.deepEqual(await paperChallenge(paper), await sha256(paper.statement));
});

test("change: before and after", async () => {
  const after = group({ 2: 2, 6: 1, 7: [point], 8: [0], 9: [1] });
  const paper = await readPaper(await change(group(), after));
  assert.ok(paper.kind === "change");
  assert.equal(paper.before.officersNeeded, 2);
  assert.equal(paper.group.officersNeeded, 1);
  const points = (one: typeof paper.group) => one.officers.map(({ point }) => point);
  assert.deepEqual(without(points(paper.before), points(paper.group)), [second]);
  // Who leaves agrees too, and who comes.
  assert.equal(officerIn(paper, { ...officer, point: second, backupEligible: true }).person, 2);
});

test("zeroise and update", async () => {
  const configuration = group();
  const end = encode(["kyso-zeroise/1", moduleId, nonce]);
  const zeroise = await readPaper(file("zeroise/1", { configuration, statement: end }));
  assert.ok(zeroise.kind === "zeroise" && equal(zeroise.moduleId, moduleId));
  const release = encode(["kyso-update/1", groupId, nonce, 0x01000203, 7]);
  const update = await readPaper(file("update/1", { configuration, statement: release }));
  assert.ok(update.kind === "update");
  assert.deepEqual(update.release, { firmwareHash: nonce, version: 0x01000203, securityVersion: 7 });
});

test("parts that do not belong together are refused", async () => {
  const other = await digest("other");
  assert.equal(await refusedMember(await provision(group(), [other])), "configuration");
  assert.equal(await refusedMember(await provision(group({ 13: [other] }))), "members");
  const texts = JSON.parse(await change(group(), group({ 2: 2 })));
  texts.before = toBase64url(group({ 2: 9 }));
  assert.equal(await refusedMember(JSON.stringify(texts)), "before");
  for (const [at, value] of [
    [1, new Uint8Array(16)],
    [3, 1],
    [4, "evil.localhost"],
    [5, "https://evil.localhost"],
  ] as const) {
    assert.equal(await refusedMember(await change(group(), group({ [at]: value }))), "before", String(at));
  }
  const configuration = group({ 1: new Uint8Array(16) });
  const statement = encode(["kyso-update/1", groupId, nonce, 1, 1]);
  assert.equal(await refusedMember(file("update/1", { configuration, statement })), "configuration");
  const end = encode(["kyso-zeroise/1", other, nonce]);
  assert.equal(await refusedMember(file("zeroise/1", { configuration: group(), statement: end })), "members");
});

test("only an officer of this group, at this place, approves", async () => {
  const text = await provision();
  assert.equal(await refusedMember(text, phone()), "officers");
  assert.equal(await refusedMember(text, { ...officer, point: Uint8Array.from([4, ...Array(64).fill(9)]) }), "officers");
  assert.equal(await refusedMember(text, { ...officer, backupEligible: true }), "officers_backup_eligible");
  assert.equal(await refusedMember(text, { ...officer, origin: "https://approve.localhost" }), "origin");
  assert.equal(await refusedMember(text, { ...officer, rpId: "localhost" }), "origin");
});

test("what is no paper that officers approve is said to be none", async () => {
  const configuration = group();
  const statement = encode(["kyso-zeroise/1", moduleId, nonce]);
  const bent = [
    "",
    "null",
    "{}",
    "not JSON",
    file("custodian/1", { point }),
    file("zeroise/1", { configuration }),
    file("zeroise/2", { configuration, statement }),
    file("zeroise/1", { configuration, statement: configuration }),
    file("zeroise/1", { configuration: statement, statement }),
    file("zeroise/1", { configuration: group({ 3: 4 }), statement }),
    file("zeroise/1", { configuration: group({ 8: [0] }), statement }),
    file("zeroise/1", { configuration: group({ 7: [nonce, nonce] }), statement }),
    file("zeroise/1", { configuration: group({ 13: Array(9).fill(moduleId) }), statement }),
    file("provision/1", { configuration, statement }),
    file("change/1", { configuration, statement: encode(["kyso-change/1", groupId, nonce, nonce]) }),
  ];
  for (const text of bent) {
    await assert.rejects(readPaper(text), (error) => error instanceof Unreadable, text.slice(0, 60));
  }
});

test("CBOR has one spelling, and ends where it ends", () => {
  const bytes = group();
  assert.deepEqual(encode(decode(bytes)!), bytes);
  for (let i = 0; i < bytes.length; i++) {
    assert.equal(decode(bytes.slice(0, i)), undefined, `${i} bytes`);
  }
  for (const hex of [
    "00ff",
    "1817", // 23 in two bytes
    "190017",
    "1bffffffffffffffff", // larger than a number is exact
    "20", // negative
    "5f4100ff", // indefinite
    "61ff", // no UTF-8
    "9affffffff",
    "a200000000", // a key twice
    "a201000000", // keys out of order
    "a1410000",
    "8181818181818100", // too deep
    "f4",
    "c000",
  ]) {
    const item = Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
    assert.equal(decode(item), undefined, hex);
  }
});

test("the approval has the form that the programs read", async () => {
  const part = (size: number, value: number) => new Uint8Array(size).fill(value);
  const text = approvalFile(officer, {
    authenticatorData: part(37, 1),
    clientDataJson: part(300, 2),
    signature: part(70, 3),
  });
  const { kyso, assertion } = JSON.parse(text);
  assert.equal(kyso, "assertion/1");
  const item = decode(new Uint8Array(Buffer.from(assertion, "base64url")));
  assert.deepEqual(item, [await thumbprintOf(point), part(37, 1), part(300, 2), part(70, 3)]);
});
