// A change of phones, as the app looks at it on the old phone and on the new one.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as activation from "../../../../../cloudsign/web/approve/core/activation.ts";
import {
  equal,
  sha256,
  toBase64url,
  utf8,
  type Bytes,
} from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { readItem } from "../../../../../cloudsign/web/approve/core/item.ts";
import { checkItem, Refused } from "../../../../../cloudsign/web/approve/core/item_check.ts";
import {
  moveLink,
  readShortCode,
  thumbprintIn,
} from "../../../../../cloudsign/web/approve/core/move_mark.ts";
import type { Phone } from "../../../../../cloudsign/web/approve/core/phone.ts";
import { newPhoneOf } from "../../../../../cloudsign/web/approve/core/start_link.ts";
import {
  checkArriving,
  checkLeaving,
  type Mark,
} from "../../../../../cloudsign/web/approve/core/rebind_check.ts";

const now = 1_800_000_000_000;
const origin = "https://approve.localhost:8443";
const subject = "CN=Nguyễn Văn An,serialNumber=an,C=VN";

function digest(seed: string): Promise<Bytes> {
  return sha256(utf8(seed));
}
const keyId = await digest("key");

interface Passkey {
  point: Bytes;
  thumbprint: Bytes;
}
async function passkey(first: number): Promise<Passkey> {
  const point = Uint8Array.from([4, ...Array.from({ length: 64 }, (_, i) => (first + i) & 255)]);
  return { point, thumbprint: await activation.thumbprint(point) };
}
const old = await passkey(0);
const young = await passkey(100);
const theirs = await passkey(200);

async function policy(points: Bytes[], more: Partial<activation.Policy> = {}): Promise<Bytes> {
  return activation.encodePolicy({
    rpId: "approve.localhost",
    origin,
    backupAllowed: true,
    subjectHash: await digest(subject),
    points,
    backupEligible: points.map(() => false),
    ...more,
  });
}

function phone(own: Passkey, keys: Phone["keys"]): Phone {
  return {
    role: "signer",
    rpId: "approve.localhost",
    origin,
    ...own,
    backupEligible: false,
    enrolment: undefined,
    keys,
  };
}
const policyHash = await sha256(await policy([old.point]));
const leaving = phone(old, [{ keyId, policyHash, subject, version: 2, credentialId: "cred_a" }]);
const arriving = phone(young, []);
const seen: Mark = { thumbprint: young.thumbprint };

interface Wanted {
  point?: Bytes; // shown as the new phone's
  policy?: Bytes; // that the statement is about
  more?: object;
}

// As a server tells it that agrees with itself.
async function item(wanted: Wanted = {}): Promise<any> {
  const point = wanted.point ?? young.point;
  const next = wanted.policy ?? (await policy([point]));
  const hash = await sha256(activation.encodeRebindStatement(keyId, 2, next));
  const documents = [{ hash, label: "kyso-rebind/1" }];
  const context = { portal: "", purpose: "", code: "", language: "vi" };
  return {
    id: "tx_1",
    purpose: "rebind",
    state: "notified",
    reason: "",
    requester: "",
    verifiedAs: "",
    purpose_text: "",
    code: "",
    code_typed: false,
    language: "vi",
    created_at: now - 1000,
    expires_at: now + 60_000,
    rp_id: "approve.localhost",
    origin,
    algorithm: { scheme: "none", digest: "sha256", salt_length: 0 },
    documents: [{ hash: toBase64url(hash), label: "kyso-rebind/1" }],
    credential: { id: "cred_a", subject, key_id: toBase64url(keyId) },
    thumbprints: [old, young].map((one) => toBase64url(one.thumbprint)),
    activation: {
      module_id: toBase64url(await digest("module")),
      boot_counter: 3,
      sequence: 41,
      expiry_tick_ms: 4_200_000,
      random: toBase64url(await digest("random")),
      key_id: toBase64url(keyId),
      blob_version: 2,
      policy_hash: toBase64url(policyHash),
      leaf_count: 1,
      root: toBase64url(await activation.documentsRoot("sha256", documents)),
      context_hash: toBase64url(await activation.contextHash(context)),
    },
    new_phone: { public_key: toBase64url(point), backup_eligible: false, name: "Máy mới" },
    ...wanted.more,
  };
}

async function refusedMember(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Refused, String(error));
    return error.member;
  }
  return "";
}
const onOld = (told: any, mark: Mark = seen, held = leaving) =>
  refusedMember(checkLeaving(readItem(told), held, now, mark));
const onNew = (told: any, held = arriving) => refusedMember(checkArriving(readItem(told), held, now));

test("both phones compute one challenge, and the new one learns the key", async () => {
  const told = readItem(await item());
  const one = await checkLeaving(told, leaving, now, seen);
  const other = await checkArriving(told, arriving, now);
  assert.ok(equal(one.challenge, other.challenge));
  assert.equal(other.learned.version, 3);
  assert.ok(equal(other.learned.policyHash, await sha256(await policy([young.point]))));
  assert.equal(await onOld(await item(), { shortCode: activation.shortCode(young.thumbprint) }), "");
});

test("a server that puts its own phone there is refused by both", async () => {
  const told = await item({ point: theirs.point });
  assert.equal(await onOld(told), "new_phone");
  assert.equal(await onOld(told, { shortCode: activation.shortCode(young.thumbprint) }), "new_phone");
  assert.equal(await onNew(told), "new_phone");
});

test("a statement about another phone than the one shown", async () => {
  const told = await item({ policy: await policy([theirs.point]) });
  assert.equal(await onOld(told), "documents");
  assert.equal(await onNew(told), "documents");
});

test("a phone more than the two", async () => {
  for (const points of [[young.point, theirs.point], [old.point, young.point]]) {
    const told = await item({ policy: await policy(points) });
    assert.equal(await onOld(told), "documents");
    assert.equal(await onNew(told), "documents");
  }
});

test("another place, another rule about synced passkeys, another flag", async () => {
  const elsewhere = await item({ policy: await policy([young.point], { origin: "https://evil.example" }) });
  assert.equal(await onOld(elsewhere), "documents");
  assert.equal(await onNew(elsewhere), "documents");
  const stricter = await item({ policy: await policy([young.point], { backupAllowed: false }) });
  assert.equal(await onOld(stricter), "documents"); // only the list of phones may change
  const synced = await item({ policy: await policy([young.point], { backupEligible: [true] }) });
  assert.equal(await onOld(synced), "documents");
  synced.new_phone.backup_eligible = true;
  assert.equal(await onNew(synced), "new_phone");
});

test("another person, another key, an older one", async () => {
  const person = await item();
  person.credential.subject = "CN=Ai khác,C=VN";
  assert.equal(await onOld(person), "credential.subject");
  assert.equal(await onNew(person), "documents");
  const unknown = { ...leaving, keys: [] };
  assert.equal(await onOld(await item(), seen, unknown), "activation.key_id");
  const older = { ...leaving, keys: [{ ...leaving.keys[0]!, version: 3 }] };
  assert.equal(await onOld(await item(), seen, older), "activation.blob_version");
});

test("what is another purpose, or in the dress of one", async () => {
  const told = await item();
  assert.equal(await refusedMember(checkItem(readItem(told), leaving, now)), "purpose");
  const signature = await item({ more: { purpose: "sign" } });
  assert.equal(await onOld(signature), "purpose");
  const scheme = await item();
  scheme.algorithm.scheme = "ecdsa";
  assert.equal(await onOld(scheme), "algorithm");
  const bare = await item();
  delete bare.new_phone;
  assert.equal(await onOld(bare), "new_phone");
  assert.equal(await onOld(await item({ more: { expires_at: now } })), "expires_at");
});

test("the mark of a new phone in a link", () => {
  const link = moveLink(origin, young.thumbprint);
  const found = newPhoneOf(link, origin);
  assert.ok(found && equal(found, young.thumbprint));
  for (const other of [
    link + "A", link.slice(0, -1), link.replace("https", "http"), link.replace("/move", "/start"),
    link.replace("localhost", "localhost.evil.example"), link.replace("#", "?x#"), "", "#",
  ]) {
    assert.equal(newPhoneOf(other, origin), undefined, other);
  }
  assert.equal(thumbprintIn("#AAAA"), undefined);
});

test("a short code as people type it", () => {
  for (const typed of ["1A2B-3C4D-5E0F", "1a2b 3c4d 5e0f", "Ia2b3c4d5eOf", " la2b-3c4d5eof "]) {
    assert.equal(readShortCode(typed), "1A2B-3C4D-5E0F");
  }
  for (const typed of ["", "1A2B-3C4D", "1A2B-3C4D-5E0F0", "1A2B-3C4D-5E0U", "1A2B-3C4D-5E0\u0660"]) {
    assert.equal(readShortCode(typed), undefined, typed);
  }
});
