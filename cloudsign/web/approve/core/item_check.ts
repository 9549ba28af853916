// PROTOCOL.md "Activation", the phone's side: nothing is approved whose every hash this phone has
// not computed itself from what it shows.

import {
  bindLabel,
  challenge,
  contextHash,
  documentsRoot,
  encodeBindStatement,
  encodePolicy,
  type Preimage,
} from "./activation.ts";
import { equal, sha256, utf8, type Bytes } from "./bytes.ts";
import type { Item } from "./item.ts";
import type { KnownKey, Phone } from "./phone.ts";
import { sameSubject } from "./subject_name.ts";

export interface CheckedItem {
  item: Item;
  challenge: Bytes;
  learned: KnownKey; // what the phone knows once it has approved
}

// `member` is what is wrong in what the server says.
export class Refused extends Error {
  readonly member: string;

  constructor(member: string, why: string) {
    super(`${member}: ${why}`);
    this.member = member;
  }
}

function check(holds: boolean, member: string, why: string): void {
  if (!holds) {
    throw new Refused(member, why);
  }
}

// A limit of an encoder is a claim of the server's that cannot be.
async function computed<T>(member: string, compute: () => Promise<T> | T): Promise<T> {
  try {
    return await compute();
  } catch (error) {
    throw error instanceof RangeError ? new Refused(member, error.message) : error;
  }
}

export function isWaiting(item: Item): boolean {
  return ["created", "notified", "seen"].includes(item.state);
}

// ---- what every purpose has in common

function checkState(item: Item, now: number): void {
  check(isWaiting(item), "state", `nothing to approve, it is ${item.state}`);
  check(item.expiresAt > now, "expires_at", "the time to answer is over");
}

function checkPlace(item: Item, phone: Phone): void {
  check(item.rpId === phone.rpId, "rp_id", "asked for another place than this app's");
  check(item.origin === phone.origin, "origin", "asked at another place than this app's");
  const asked = item.thumbprints.some((one) => equal(one, phone.thumbprint));
  check(asked, "thumbprints", "this phone's passkey is not asked for");
}

function checkAlgorithm(item: Item): void {
  const { scheme, digest, saltLength } = item.algorithm;
  if (item.purpose === "bind") {
    const none = scheme === "none" && digest === "sha256" && saltLength === 0;
    check(none, "algorithm", "a binding signs nothing with the key");
    return;
  }
  check(scheme !== "none", "algorithm.scheme", "a signature needs one");
  check(saltLength === 0 || scheme === "rsa_pss", "algorithm.salt_length", "only PSS has a salt");
}

// Builds the challenge from what is shown; of the activation it takes only the module's own part.
async function computeChallenge(item: Item): Promise<Bytes> {
  const { activation } = item;
  const root = await computed("documents", () =>
    documentsRoot(item.algorithm.digest, item.documents),
  );
  const context = await computed("requester, purpose_text, code, language", () =>
    contextHash({
      portal: item.requester,
      purpose: item.purposeText,
      code: item.code,
      language: item.language,
    }),
  );
  const leafCount = item.documents.length;
  check(
    leafCount === activation.leafCount,
    "activation.leaf_count",
    "is not the number of documents shown",
  );
  check(equal(root, activation.root), "activation.root", "is not the root of the documents shown");
  check(
    equal(context, activation.contextHash),
    "activation.context_hash",
    "is not the hash of requester, purpose, code and language shown",
  );
  const preimage: Preimage = {
    ...activation,
    purpose: item.purpose,
    algorithm: item.algorithm,
    leafCount,
    root,
    contextHash: context,
  };
  return computed("activation", () => challenge(preimage));
}

// ---- sign

function checkSigning(item: Item, phone: Phone): KnownKey {
  const { activation } = item;
  const key = phone.keys.find((one) => equal(one.keyId, activation.keyId));
  if (!key) {
    throw new Refused("activation.key_id", "not a key that this phone was enrolled for");
  }
  check(
    equal(activation.policyHash, key.policyHash),
    "activation.policy_hash",
    "who can activate this key is not what this phone approved",
  );
  check(
    activation.blobVersion >= Math.max(key.version, 1),
    "activation.blob_version",
    "an older key than this phone has seen",
  );
  check(
    sameSubject(item.subject, key.subject),
    "credential.subject",
    `this key was bound for ${key.subject}`,
  );
  return { ...key, version: activation.blobVersion };
}

// ---- bind

const person = 1;
const organisation = 2;

// The policy that this phone wants: it alone, here, for whoever is shown. Whether synced passkeys
// are allowed is the organisation's matter, as long as this one is then said to be what it is.
function wantedPolicies(phone: Phone, subjectHash: Bytes): Bytes[] {
  return [false, true].map((backupAllowed) =>
    encodePolicy({
      rpId: phone.rpId,
      origin: phone.origin,
      backupAllowed,
      subjectHash,
      points: [phone.point],
      backupEligible: [phone.backupEligible],
    }),
  );
}

async function checkBinding(item: Item, phone: Phone): Promise<KnownKey> {
  const { statement, activation } = item;
  if (!statement) {
    throw new Refused("statement", "a binding without one");
  }
  check(
    item.credentialId === phone.enrolment?.credentialId,
    "credential.id",
    "this phone has not asked to be enrolled for it",
  );
  check(
    statement.kind === person || statement.kind === organisation,
    "statement.kind",
    "not a key that a person activates",
  );
  const others = phone.keys.filter((one) => one.credentialId === item.credentialId);
  check(
    others.every((one) => equal(one.keyId, statement.keyId)),
    "statement.key_id",
    "this phone was enrolled for another key",
  );
  check(equal(statement.keyId, activation.keyId), "statement.key_id", "is not the activation's");
  check(activation.blobVersion === 0, "activation.blob_version", "this key is bound already");

  const subjectHash = await sha256(utf8(item.subject));
  const isWanted = wantedPolicies(phone, subjectHash).some((one) => equal(one, statement.policy));
  check(
    isWanted,
    "statement.policy",
    "does not say that this phone's passkey alone, here, activates the key of the subject shown",
  );
  const policyHash = await sha256(statement.policy);
  check(
    equal(policyHash, activation.policyHash),
    "activation.policy_hash",
    "is not the hash of the policy",
  );
  const own = await sha256(
    encodeBindStatement(
      statement.kind,
      statement.keyId,
      statement.policy,
      [phone.thumbprint],
      subjectHash,
    ),
  );
  const [document] = item.documents;
  check(
    item.documents.length === 1 && document?.label === bindLabel && equal(document.hash, own),
    "documents",
    "a binding has one document, the hash of the statement about this key",
  );
  return {
    keyId: statement.keyId,
    policyHash,
    subject: item.subject,
    version: 1,
    credentialId: item.credentialId,
  };
}

// Throws Refused when
// - the item waits no longer, has expired, or does not ask this passkey;
// - rpId or origin are not this app's;
// - root, context hash or leaf count are not what documents and texts give;
// - key, policy or subject are not those that this phone approved when the key was bound, or the
//   blob's version has fallen;
// - bind: the statement is not the one document, its policy is not the one that this phone wants,
//   or this phone has not asked to be enrolled for it;
// - it is for another purpose: officers' approvals and changes of phones are not made here.
export async function checkItem(item: Item, phone: Phone, now: number): Promise<CheckedItem> {
  checkState(item, now);
  check(
    !item.codeTyped || item.code !== "",
    "code",
    "is on the screen where this began and has to be typed",
  );
  checkPlace(item, phone);
  checkAlgorithm(item);
  check(
    equal(item.keyId, item.activation.keyId),
    "credential.key_id",
    "is not the key of the activation",
  );
  check(
    (item.statement !== undefined) === (item.purpose === "bind"),
    "statement",
    "belongs to a binding, and to nothing else",
  );
  let learned: KnownKey;
  switch (item.purpose) {
    case "sign":
      learned = checkSigning(item, phone);
      break;
    case "bind":
      learned = await checkBinding(item, phone);
      break;
    default:
      throw new Refused("purpose", "this app does not approve it");
  }
  return { item, challenge: await computeChallenge(item), learned };
}
