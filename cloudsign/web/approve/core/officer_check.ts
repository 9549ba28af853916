// PROTOCOL.md "Activation", an officer's phone: whose key begins, what certificates say, whose key ends.
// It confirms for others, so it knows less than a signer's phone; what it has not seen itself it says.

import {
  bindLabel,
  encodeBindStatement,
  encodeRevokeStatement,
  revokeLabel,
  thumbprint,
  type Algorithm,
} from "./activation.ts";
import { equal, sha256, utf8, type Bytes } from "./bytes.ts";
import { nameText } from "./distinguished_name.ts";
import type { Item } from "./item.ts";
import {
  check,
  checkCommon,
  computeChallenge,
  findKey,
  knownKey,
  Refused,
  type CheckedItem,
} from "./item_check.ts";
import { issuer, organisation, person } from "./key_kind.ts";
import type { KnownKey, Phone } from "./phone.ts";
import { readPolicy } from "./policy.ts";
import { sameSubject } from "./subject_name.ts";
import { readTbsCertificate, type TbsCertificate, type Use } from "./tbs_certificate.ts";

export interface Confirmation {
  kind: number; // PROTOCOL.md key-kind
  thumbprints: Bytes[]; // of the passkeys that will activate the key; none of a service's key
}

export interface OfficerItem extends CheckedItem {
  confirmation?: Confirmation; // bind
  certificates?: TbsCertificate[]; // issue
  unknown: string[]; // subjects of keys that this phone has not confirmed
}

// The one document is a statement that the phone writes itself.
async function checkStatement(item: Item, label: string, statement: Bytes): Promise<void> {
  const [document] = item.documents;
  const isOne = item.documents.length === 1 && document?.label === label;
  check(isOne && equal(document.hash, await sha256(statement)), "documents");
}

// ---- bind: whose phone it is shows only when both read the short code

async function checkConfirming(item: Item, phone: Phone): Promise<[Confirmation, KnownKey]> {
  const { statement, activation } = item;
  const policy = statement && readPolicy(statement.policy);
  if (!statement || !policy) {
    throw new Refused("statement");
  }
  const { kind, keyId } = statement;
  check(kind >= person, "statement.kind");
  check(policy.rpId === phone.rpId && policy.origin === phone.origin, "statement.policy");
  check(equal(policy.subjectHash, await sha256(utf8(item.subject))), "credential.subject");
  check(equal(keyId, activation.keyId), "statement.key_id");
  const policyHash = await sha256(statement.policy);
  check(equal(policyHash, activation.policyHash), "activation.policy_hash");
  check(activation.blobVersion === 0, "activation.blob_version");
  const known = findKey(phone, keyId);
  check(!known || sameSubject(known.subject, item.subject), "credential.subject");
  const thumbprints = await Promise.all(policy.points.map(thumbprint));
  await checkStatement(
    item,
    bindLabel,
    encodeBindStatement(kind, keyId, statement.policy, thumbprints, policy.subjectHash),
  );
  // Nobody could activate a person's key otherwise; services' keys are officers'.
  const isHeld = kind === person || kind === organisation;
  check(isHeld === thumbprints.length > 0, "statement.policy");
  const learned = { keyId, policyHash, subject: item.subject, version: 1, credentialId: item.credentialId, kind };
  return [{ kind, thumbprints }, learned];
}

// ---- issue

const digestNames = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

async function digestOf(digest: Algorithm["digest"], bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(digestNames[digest], bytes));
}

// By PROTOCOL.md key-kind.
const usesOfKind: Record<number, Use[]> = {
  1: ["person", "device"],
  2: ["person", "device"],
  3: ["authority"],
  4: ["ocsp"],
  5: ["tsa"],
};

// Answers whether this phone has confirmed the key for that subject.
function checkSubjectKey(item: Item, certificate: TbsCertificate, phone: Phone): boolean {
  const subject = nameText(certificate.subject);
  const isRoot = equal(certificate.keyId, item.activation.keyId);
  check((certificate.use === "authority") === isRoot, "certificates");
  check(!isRoot || sameSubject(subject, nameText(certificate.issuer)), "certificates");
  const key = findKey(phone, certificate.keyId);
  check(!key || sameSubject(subject, key.subject), "certificates");
  check(key?.kind === undefined || usesOfKind[key.kind]?.includes(certificate.use) === true, "certificates");
  return key !== undefined;
}

function checkIssuer(item: Item, phone: Phone): KnownKey | undefined {
  const key = findKey(phone, item.activation.keyId);
  if (!key) {
    check(item.activation.blobVersion > 0, "activation.blob_version");
    return undefined;
  }
  check(key.kind === issuer, "activation.key_id");
  return { ...knownKey(item, phone), version: item.activation.blobVersion };
}

async function checkIssuing(item: Item, phone: Phone): Promise<Omit<OfficerItem, "challenge">> {
  check(item.certificates.length === item.documents.length, "certificates");
  const certificates: TbsCertificate[] = [];
  const unknown: string[] = [];
  for (const [i, { hash, label }] of item.documents.entries()) {
    const tbs = item.certificates[i]!;
    check(equal(hash, await digestOf(item.algorithm.digest, tbs)), "documents");
    const certificate = await readTbsCertificate(tbs);
    if (!certificate) {
      throw new Refused("certificates");
    }
    const [, subject] = /^certificate: (.*)$/su.exec(label) ?? [];
    check(subject !== undefined && sameSubject(subject, nameText(certificate.subject)), "documents");
    if (!checkSubjectKey(item, certificate, phone)) {
      unknown.push(nameText(certificate.subject));
    }
    certificates.push(certificate);
  }
  // Shown once for all.
  check(
    certificates.every((one) => sameSubject(nameText(one.issuer), item.subject)),
    "certificates",
  );
  const learned = checkIssuer(item, phone);
  // Of its own certificate the authority is among them already.
  const isNamed = certificates.some((one) => one.use === "authority");
  return { item, certificates, unknown: learned || isNamed ? unknown : [item.subject, ...unknown], learned };
}

// ---- revoke

async function checkRevoking(item: Item, phone: Phone): Promise<boolean> {
  const { keyId, blobVersion } = item.activation;
  check(blobVersion > 0, "activation.blob_version");
  await checkStatement(item, revokeLabel, encodeRevokeStatement(keyId, blobVersion));
  const key = findKey(phone, keyId);
  check(!key || sameSubject(item.subject, key.subject), "credential.subject");
  return key !== undefined;
}

// Throws Refused, as checkItem(), and when
// - the phone is no officer's, or officers are asked to sign or to change a phone;
// - bind: the statement, written anew here, is not the one document; its policy names another place than
//   this app's or another subject than is shown; or a person's key would be anybody's, a service's somebody's;
// - issue: a document is not the hash of its TBSCertificate, which is read here; its label is not the
//   subject; its issuer is not the authority that is shown; somebody would become an authority; or a key
//   that was confirmed here gets another name or another use;
// - revoke: the one document is not that this key ends, at this version; or it was confirmed for another.
export async function checkOfficerItem(item: Item, phone: Phone, now: number): Promise<OfficerItem> {
  check(phone.role === "officer", "purpose");
  const { purpose } = item;
  check(purpose === "bind" || purpose === "issue" || purpose === "revoke", "purpose");
  check(!item.codeTyped, "code"); // officers start nothing on another screen
  checkCommon(item, phone, now, purpose);
  let checked: Omit<OfficerItem, "challenge">;
  if (purpose === "bind") {
    const [confirmation, learned] = await checkConfirming(item, phone);
    checked = { item, confirmation, learned, unknown: [] };
  } else if (purpose === "issue") {
    checked = await checkIssuing(item, phone);
  } else {
    const isKnown = await checkRevoking(item, phone);
    checked = { item, unknown: isKnown ? [] : [item.subject] };
  }
  return { ...checked, challenge: await computeChallenge(item) };
}
