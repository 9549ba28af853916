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
import { isWaiting, type Item } from "./item.ts";
import { organisation, person } from "./key_kind.ts";
import type { KnownKey, Phone } from "./phone.ts";
import { sameSubject } from "./subject_name.ts";

export interface CheckedItem {
  item: Item;
  challenge: Bytes;
  learned?: KnownKey | undefined; // what the phone knows once it has approved
}

// `member` is what is wrong in what the server says.
export class Refused extends Error {
  readonly member: string;

  constructor(member: string) {
    super(member);
    this.member = member;
  }
}

export function check(holds: boolean, member: string): void {
  if (!holds) {
    throw new Refused(member);
  }
}

// A limit of an encoder is a claim of the server's that cannot be.
async function computed<T>(member: string, compute: () => Promise<T> | T): Promise<T> {
  try {
    return await compute();
  } catch (error) {
    throw error instanceof RangeError ? new Refused(member) : error;
  }
}

// ---- what every purpose has in common

function checkState(item: Item, now: number): void {
  check(isWaiting(item), "state");
  check(item.expiresAt > now, "expires_at");
}

function checkPlace(item: Item, phone: Phone): void {
  check(item.rpId === phone.rpId, "rp_id");
  check(item.origin === phone.origin, "origin");
  const asked = item.thumbprints.some((one) => equal(one, phone.thumbprint));
  check(asked, "thumbprints");
}

function checkAlgorithm(item: Item): void {
  const { scheme, digest, saltLength } = item.algorithm;
  if (["bind", "rebind", "revoke"].includes(item.purpose)) {
    const none = scheme === "none" && digest === "sha256" && saltLength === 0;
    check(none, "algorithm");
    return;
  }
  check(scheme !== "none", "algorithm.scheme");
  check(saltLength === 0 || scheme === "rsa_pss", "algorithm.salt_length");
}

// Builds the challenge from what is shown; of the activation it takes only the module's own part.
export async function computeChallenge(item: Item): Promise<Bytes> {
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
  check(leafCount === activation.leafCount, "activation.leaf_count");
  check(equal(root, activation.root), "activation.root");
  check(equal(context, activation.contextHash), "activation.context_hash");
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

// What comes before the purpose's own rules.
export function checkCommon(item: Item, phone: Phone, now: number, purpose: Item["purpose"]): void {
  check(item.purpose === purpose, "purpose");
  checkState(item, now);
  check(!item.codeTyped || item.code !== "", "code");
  checkPlace(item, phone);
  checkAlgorithm(item);
  check(equal(item.keyId, item.activation.keyId), "credential.key_id");
  check((item.statement !== undefined) === (purpose === "bind"), "statement");
  check(item.certificates.length === 0 || purpose === "issue", "certificates");
  check((item.newPhone !== undefined) === (purpose === "rebind"), "new_phone");
}

// ---- sign

export function findKey(phone: Phone, keyId: Bytes): KnownKey | undefined {
  return phone.keys.find((one) => equal(one.keyId, keyId));
}

// The item's key, if it is as this phone has approved it.
export function knownKey(item: Item, phone: Phone): KnownKey {
  const { activation } = item;
  const key = findKey(phone, activation.keyId);
  if (!key) {
    throw new Refused("activation.key_id");
  }
  check(equal(activation.policyHash, key.policyHash), "activation.policy_hash");
  check(activation.blobVersion >= Math.max(key.version, 1), "activation.blob_version");
  check(sameSubject(item.subject, key.subject), "credential.subject");
  return key;
}

function checkSigning(item: Item, phone: Phone): KnownKey {
  return { ...knownKey(item, phone), version: item.activation.blobVersion };
}

// ---- bind


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
    throw new Refused("statement");
  }
  check(item.credentialId === phone.enrolment?.credentialId, "credential.id");
  check(statement.kind === person || statement.kind === organisation, "statement.kind");
  const others = phone.keys.filter((one) => one.credentialId === item.credentialId);
  check(others.every((one) => equal(one.keyId, statement.keyId)), "statement.key_id");
  check(equal(statement.keyId, activation.keyId), "statement.key_id");
  check(activation.blobVersion === 0, "activation.blob_version");

  const subjectHash = await sha256(utf8(item.subject));
  const isWanted = wantedPolicies(phone, subjectHash).some((one) => equal(one, statement.policy));
  check(isWanted, "statement.policy");
  const policyHash = await sha256(statement.policy);
  check(equal(policyHash, activation.policyHash), "activation.policy_hash");
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
// - it is for another purpose: what officers approve has its own checks (officer_check.ts), and changes of
//   phones only with what the other phone shows (rebind_check.ts); or the phone is an officer's.
export async function checkItem(item: Item, phone: Phone, now: number): Promise<CheckedItem> {
  check(phone.role === "signer", "purpose");
  check(item.purpose === "sign" || item.purpose === "bind", "purpose");
  checkCommon(item, phone, now, item.purpose);
  const learned =
    item.purpose === "sign" ? checkSigning(item, phone) : await checkBinding(item, phone);
  return { item, challenge: await computeChallenge(item), learned };
}
