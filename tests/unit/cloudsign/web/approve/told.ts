// What an honest server tells a phone, for tests that make one claim of it after the other false.

import * as activation from "../../../../../cloudsign/web/approve/core/activation.ts";
import { sha256, toBase64url, utf8, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import type { Phone } from "../../../../../cloudsign/web/approve/core/phone.ts";

export const now = 1_800_000_000_000;
export const subject = "CN=Nguyễn Văn An,serialNumber=an,C=VN";
export const point = Uint8Array.from([4, ...Array(64).keys()]);
export const thumbprint = await activation.thumbprint(point);

export function digest(seed: string): Promise<Bytes> {
  return sha256(utf8(seed));
}
export const keyId = await digest("key");
export const moduleId = await digest("module");
export const random = await digest("random");

export function phone(more: Partial<Phone> = {}): Phone {
  return {
    role: "signer",
    rpId: "approve.localhost",
    origin: "https://approve.localhost:8443",
    point,
    thumbprint,
    backupEligible: false,
    enrolment: { credentialId: "cred_a", transactionId: "tx_bind" },
    keys: [],
    ...more,
  };
}

export const policy = activation.encodePolicy({
  rpId: "approve.localhost",
  origin: "https://approve.localhost:8443",
  backupAllowed: false,
  subjectHash: await digest(subject),
  points: [point],
  backupEligible: [false],
});
export const policyHash = await sha256(policy);
export const enrolled = phone({
  keys: [{ keyId, policyHash, subject, version: 2, credentialId: "cred_a" }],
});

export interface Wanted {
  [member: string]: any;
}

// As an honest server tells it.
export async function item(wanted: Wanted): Promise<any> {
  const documents: activation.Document[] = wanted.documents;
  const algorithm = wanted.algorithm;
  const context = {
    portal: "Trường THPT",
    purpose: "Ký học bạ",
    code: "47",
    language: "vi",
    ...wanted.context,
  };
  return {
    id: "tx_1",
    purpose: wanted.purpose,
    state: "notified",
    reason: "",
    requester: context.portal,
    verifiedAs: "",
    purpose_text: context.purpose,
    code: context.code,
    code_typed: false,
    language: context.language,
    created_at: now - 1000,
    expires_at: now + 60_000,
    rp_id: "approve.localhost",
    origin: "https://approve.localhost:8443",
    algorithm: { scheme: algorithm.scheme, digest: algorithm.digest, salt_length: algorithm.salt ?? 0 },
    documents: documents.map(({ hash, label }) => ({ hash: toBase64url(hash), label })),
    credential: { id: "cred_a", subject, key_id: toBase64url(keyId) },
    thumbprints: [toBase64url(thumbprint)],
    activation: {
      module_id: toBase64url(moduleId),
      boot_counter: 3,
      sequence: 41,
      expiry_tick_ms: 4_200_000,
      random: toBase64url(random),
      key_id: toBase64url(keyId),
      blob_version: wanted.version,
      policy_hash: toBase64url(policyHash),
      leaf_count: documents.length,
      root: toBase64url(await activation.documentsRoot(algorithm.digest, documents)),
      context_hash: toBase64url(await activation.contextHash(context)),
    },
    ...wanted.more,
  };
}

export async function signItem(more: Wanted = {}): Promise<any> {
  const documents = [
    { hash: await digest("one"), label: "Học bạ: Lê Minh An" },
    { hash: await digest("two"), label: "Học bạ: Trần Gia Bảo" },
    { hash: await digest("three"), label: "" },
  ];
  const algorithm = { scheme: "ecdsa", digest: "sha256" };
  return item({ purpose: "sign", documents, algorithm, version: 2, ...more });
}

export async function bindItem(statement: Wanted = {}): Promise<any> {
  const wanted = { kind: 1, keyId, policy, thumbprints: [thumbprint], ...statement };
  const hash = await sha256(
    activation.encodeBindStatement(
      wanted.kind,
      wanted.keyId,
      wanted.policy,
      wanted.thumbprints,
      await digest(subject),
    ),
  );
  return item({
    purpose: "bind",
    documents: [{ hash, label: "kyso-bind/1" }],
    algorithm: { scheme: "none", digest: "sha256" },
    version: 0,
    more: {
      statement: {
        kind: wanted.kind,
        key_id: toBase64url(wanted.keyId),
        policy: toBase64url(wanted.policy),
      },
    },
  });
}

export const other = toBase64url(await digest("other"));
