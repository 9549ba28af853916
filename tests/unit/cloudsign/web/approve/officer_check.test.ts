// What an officer's phone refuses: one claim of the server's after the other is made false. The
// certificates are written by OpenSSL.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as activation from "../../../../../cloudsign/web/approve/core/activation.ts";
import { concat, equal, sha256, toBase64url, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { elements } from "../../../../../cloudsign/web/approve/core/der.ts";
import { nameText } from "../../../../../cloudsign/web/approve/core/distinguished_name.ts";
import { readItem } from "../../../../../cloudsign/web/approve/core/item.ts";
import { checkItem, Refused } from "../../../../../cloudsign/web/approve/core/item_check.ts";
import { checkOfficerItem } from "../../../../../cloudsign/web/approve/core/officer_check.ts";
import type { Phone } from "../../../../../cloudsign/web/approve/core/phone.ts";
import { readPolicy } from "../../../../../cloudsign/web/approve/core/policy.ts";
import { readTbsCertificate } from "../../../../../cloudsign/web/approve/core/tbs_certificate.ts";
import {
  bindItem,
  digest,
  enrolled,
  item,
  keyId,
  now,
  other,
  phone,
  point,
  policy,
  policyHash,
  signItem,
  subject,
  thumbprint,
} from "./told.ts";

const officer = phone({ role: "officer", enrolment: undefined });

async function refusedBy(held: Phone, told: any): Promise<string> {
  const refused = await checkOfficerItem(readItem(told), held, now).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(refused instanceof Refused, String(refused));
  return refused.member;
}

// ---- bind

test("bind: an officer sees whose phone it is by its code, and learns the key", async () => {
  const { confirmation, learned, challenge } = await checkOfficerItem(readItem(await bindItem()), officer, now);
  assert.deepEqual(confirmation, { kind: 1, thumbprints: [thumbprint] });
  assert.ok(equal(learned!.keyId, keyId) && equal(learned!.policyHash, policyHash));
  assert.deepEqual([learned!.subject, learned!.version, learned!.kind], [subject, 1, 1]);
  const { activation: own } = readItem(await bindItem());
  const algorithm = { scheme: "none", digest: "sha256", saltLength: 0 } as const;
  assert.ok(equal(challenge, await activation.challenge({ ...own, purpose: "bind", algorithm })));
});

async function bindWith(change: Partial<activation.Policy>, kind = 1, points = [point]): Promise<any> {
  const made = activation.encodePolicy({
    rpId: "approve.localhost",
    origin: "https://approve.localhost:8443",
    backupAllowed: false,
    subjectHash: await digest(subject),
    points,
    backupEligible: points.map(() => false),
    ...change,
  });
  const thumbprints = await Promise.all(points.map(activation.thumbprint));
  const told = await bindItem({ policy: made, kind, thumbprints });
  told.activation.policy_hash = toBase64url(await sha256(made));
  return told;
}

test("bind: each phone that would activate the key is shown", async () => {
  const second = Uint8Array.from([4, ...Array(64).fill(7)]);
  const told = await bindWith({}, 2, [point, second]);
  const { confirmation } = await checkOfficerItem(readItem(told), officer, now);
  assert.deepEqual(confirmation!.thumbprints, [thumbprint, await activation.thumbprint(second)]);
});

test("bind: a service's key has no phone, a person's has one", async () => {
  const told = await bindWith({}, 3, []);
  const { confirmation } = await checkOfficerItem(readItem(told), officer, now);
  assert.deepEqual(confirmation, { kind: 3, thumbprints: [] });
  assert.equal(await refusedBy(officer, await bindWith({}, 1, [])), "statement.policy");
  assert.equal(await refusedBy(officer, await bindWith({}, 3)), "statement.policy");
  assert.equal(await refusedBy(officer, await bindWith({}, 0)), "statement.kind");
});

test("bind: a policy of another place or for somebody else is refused", async () => {
  assert.equal(await refusedBy(officer, await bindWith({ rpId: "evil.localhost" })), "statement.policy");
  assert.equal(await refusedBy(officer, await bindWith({ origin: "https://evil.localhost" })), "statement.policy");
  assert.equal(await refusedBy(officer, await bindWith({ subjectHash: await digest("CN=Ai") })), "credential.subject");
});

const bindLies: [string, string, (told: any) => void][] = [
  ["no statement", "statement", (t) => delete t.statement],
  ["a policy that is none", "statement", (t) => (t.statement.policy = "AAAA")],
  ["another subject shown", "credential.subject", (t) => (t.credential.subject = "CN=Ai khác,C=VN")],
  ["a statement about another key", "statement.key_id", (t) => (t.statement.key_id = other)],
  ["a bound blob", "activation.blob_version", (t) => (t.activation.blob_version = 1)],
  ["another policy hash", "activation.policy_hash", (t) => (t.activation.policy_hash = other)],
  ["another statement hashed", "documents", (t) => (t.documents[0].hash = other)],
  ["another label", "documents", (t) => (t.documents[0].label = "Hợp đồng")],
  ["a kind that is not hashed", "documents", (t) => (t.statement.kind = 2)],
  ["a second document", "documents", (t) => t.documents.push(t.documents[0])],
  ["an algorithm", "algorithm", (t) => (t.algorithm.scheme = "ecdsa")],
  ["another root", "activation.root", (t) => (t.activation.root = other)],
  ["certificates", "certificates", (t) => (t.certificates = [{ tbs: "AAAA" }])],
  ["another passkey", "thumbprints", (t) => (t.thumbprints = [other])],
  ["expired", "expires_at", (t) => (t.expires_at = now)],
];
for (const [name, member, lie] of bindLies) {
  test(`bind: ${name} is refused by an officer`, async () => {
    const told = await bindItem();
    lie(told);
    assert.equal(await refusedBy(officer, told), member);
  });
}

test("a policy has one spelling", () => {
  assert.ok(readPolicy(policy));
  assert.equal(readPolicy(policy.slice(0, -1)), undefined);
  assert.equal(readPolicy(concat(policy, Uint8Array.of(0))), undefined);
  for (let i = 0; i < policy.length; i++) {
    const bent = policy.slice();
    bent[i]! ^= 0x20;
    const read = readPolicy(bent);
    assert.ok(read === undefined || !equal(activation.encodePolicy(read), policy), `byte ${i}`);
  }
  // 3 => 0 in two bytes.
  const at = policy.findIndex((byte, i) => byte === 3 && policy[i + 1] === 0 && policy[i + 2] === 4);
  const long = concat(policy.slice(0, at + 1), Uint8Array.of(0x18, 0), policy.slice(at + 2));
  assert.equal(readPolicy(long), undefined);
});

// ---- issue

interface Made {
  tbs: Bytes;
  keyId: Bytes; // of its key
}

function certificate(subj: string, ...options: string[]): Made {
  const folder = mkdtempSync(join(tmpdir(), "kyso-tbs-"));
  const run = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  try {
    for (const name of ["ca", "key"]) {
      run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", name);
    }
    const settings = "[req]\ndistinguished_name=dn\n[dn]\n";
    execFileSync("sh", ["-c", `printf '${settings}' > conf`], { cwd: folder });
    const root = ["-x509", "-key", "ca", "-subj", "/C=VN/O=Kyso/CN=CA", "-out", "ca.pem", "-config", "conf"];
    run("req", ...root, "-days", "9", "-addext", "basicConstraints=critical,CA:TRUE");
    const own = options.includes("root") ? [] : ["-CA", "ca.pem", "-CAkey", "ca"];
    const more = options.filter((one) => one !== "root");
    run("req", "-x509", ...own, "-key", "key", "-utf8", "-subj", subj, "-days", "1826", "-outform", "DER", "-out", "cert", "-config", "conf", ...more);
    run("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "spki");
    const [whole] = elements(new Uint8Array(readFileSync(join(folder, "cert")))) ?? [];
    const [tbs] = elements(whole!.content) ?? [];
    return { tbs: tbs!.whole, keyId: new Uint8Array(readFileSync(join(folder, "spki"))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const usage = ["-addext", "basicConstraints=critical,CA:FALSE"];
const plain = certificate("/C=VN/UID=an/CN=Nguyễn Văn A", ...usage);
const comma = certificate('/C=VN/CN=A, "B" \\+ <C>;#', ...usage);
const authority = certificate("/C=VN/CN=Kẻ gian", "-addext", "basicConstraints=critical,CA:TRUE");
const root = certificate("/C=VN/O=Kyso/CN=CA", "root", "-addext", "basicConstraints=critical,CA:TRUE");
const caSubject = "CN=CA,O=Kyso,C=VN";

async function issueItem(made: Made[], subjects: string[], more: object = {}): Promise<any> {
  const documents = await Promise.all(
    made.map(async ({ tbs }, i) => ({ hash: await sha256(tbs), label: `certificate: ${subjects[i]}` })),
  );
  const told = await item({
    purpose: "issue",
    documents,
    algorithm: { scheme: "ecdsa", digest: "sha256" },
    version: 1,
    more: { certificates: made.map(({ tbs }) => ({ credential_id: "cred_a", tbs: toBase64url(tbs) })) },
  });
  told.credential.subject = caSubject;
  return { ...told, ...more };
}
const honest = () => issueItem([plain, comma], ["CN=Nguyễn Văn A,UID=an,C=VN", 'CN=A\\, \\"B\\" \\+ \\<C\\>\\;#,C=VN']);

async function heldKey(made: Made, who: string, kind = 1) {
  return { keyId: await sha256(made.keyId), policyHash, subject: who, version: 1, credentialId: "cred_a", kind };
}
const issuerKey = { keyId, policyHash, subject: caSubject, version: 1, credentialId: "ca", kind: 3 };

test("issue: names, authority and days of each certificate, as they will be signed", async () => {
  const { certificates, unknown, challenge } = await checkOfficerItem(readItem(await honest()), officer, now);
  assert.deepEqual(
    certificates!.map(({ subject: parts, issuer, isAuthority }) => [nameText(parts), nameText(issuer), isAuthority]),
    [
      ["CN=Nguyễn Văn A,UID=an,C=VN", caSubject, false],
      ['CN=A\\, \\"B\\" \\+ \\<C\\>\\;#,C=VN', caSubject, false],
    ],
  );
  const [first] = certificates!;
  assert.ok(Math.abs(first!.validFrom - Date.now()) < 3_600_000);
  assert.equal(first!.validTo - first!.validFrom, 1826 * 86_400_000);
  // No key of all these was confirmed here.
  assert.equal(unknown.length, 3);
  assert.equal(unknown[0], caSubject);
  const { activation: own } = readItem(await honest());
  const algorithm = { scheme: "ecdsa", digest: "sha256", saltLength: 0 } as const;
  assert.ok(equal(challenge, await activation.challenge({ ...own, purpose: "issue", algorithm })));
});

test("issue: what was confirmed on this phone needs no warning", async () => {
  const keys = [issuerKey, await heldKey(plain, "CN=Nguyễn Văn A,UID=an,C=VN")];
  const checked = await checkOfficerItem(readItem(await honest()), { ...officer, keys }, now);
  assert.equal(checked.unknown.length, 1);
  assert.equal(checked.learned!.kind, 3);
});

test("issue: the key of somebody who was confirmed goes to nobody else", async () => {
  const keys = [await heldKey(plain, "CN=Lê Thị B,C=VN")];
  assert.equal(await refusedBy({ ...officer, keys }, await honest()), "certificates");
});

test("issue: with a key that this phone knows as something else, or for another authority, nothing", async () => {
  for (const [change, member] of [
    [{ kind: 1 }, "activation.key_id"],
    [{ subject: "CN=CA khác,C=VN" }, "credential.subject"],
    [{ version: 2 }, "activation.blob_version"],
  ] as const) {
    const keys = [{ ...issuerKey, ...change }];
    assert.equal(await refusedBy({ ...officer, keys }, await honest()), member);
  }
  const told = await honest();
  const keys = [{ ...issuerKey, subject: "CN=CA khác,C=VN" }];
  told.credential.subject = "CN=CA khác,C=VN";
  assert.equal(await refusedBy({ ...officer, keys }, told), "certificates");
});

test("issue: nobody becomes an authority, but for the authority itself", async () => {
  assert.equal(await refusedBy(officer, await issueItem([authority], ["CN=Kẻ gian,C=VN"])), "certificates");
  const told = await issueItem([root], [caSubject]);
  assert.equal(await refusedBy(officer, told), "certificates");
  const rootKey = toBase64url(await sha256(root.keyId));
  told.credential.key_id = told.activation.key_id = rootKey;
  const { certificates } = await checkOfficerItem(readItem(told), officer, now);
  assert.ok(certificates![0]!.isAuthority);
  const other_ = await issueItem([plain], ["CN=Nguyễn Văn A,UID=an,C=VN"]);
  other_.credential.key_id = other_.activation.key_id = toBase64url(await sha256(plain.keyId));
  assert.equal(await refusedBy(officer, other_), "certificates");
});

const issueLies: [string, string, (told: any) => void][] = [
  ["another certificate", "documents", (t) => (t.certificates[0] = t.certificates[1])],
  ["a certificate cut", "documents", (t) => (t.certificates[0].tbs = toBase64url(plain.tbs.slice(0, -1)))],
  ["another name", "documents", (t) => (t.documents[0].label = "certificate: CN=Lê Thị B,C=VN")],
  ["no name", "documents", (t) => (t.documents[0].label = "Hợp đồng")],
  ["one certificate less", "certificates", (t) => t.certificates.pop()],
  ["an unbound authority", "activation.blob_version", (t) => (t.activation.blob_version = 0)],
  ["no algorithm", "algorithm.scheme", (t) => (t.algorithm.scheme = "none")],
  ["another root", "activation.root", (t) => (t.activation.root = other)],
];
for (const [name, member, lie] of issueLies) {
  test(`issue: ${name} is refused`, async () => {
    const told = await honest();
    lie(told);
    assert.equal(await refusedBy(officer, told), member);
  });
}

test("issue: what is no certificate is not signed", async () => {
  const list = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x01);
  assert.equal(await refusedBy(officer, await issueItem([{ tbs: list, keyId }], ["CN=A"])), "certificates");
});

test("issue: a certificate is read only as it is written", async () => {
  const { tbs } = plain;
  assert.ok(await readTbsCertificate(tbs));
  assert.equal(await readTbsCertificate(concat(tbs, Uint8Array.of(0))), undefined);
  for (let i = 0; i < tbs.length; i++) {
    assert.equal(await readTbsCertificate(tbs.slice(0, i)), undefined, `${i} bytes`);
  }
});

// basicConstraints of the plain certificate: 30 00 inside an OCTET STRING.
test("issue: whatever is not plainly no authority is one", async () => {
  const { tbs } = plain;
  const at = tbs.findIndex((_, i) => [0x06, 0x03, 0x55, 0x1d, 0x13].every((byte, j) => tbs[i + j] === byte));
  assert.ok(at > 0);
  const bent = tbs.slice();
  assert.equal(bent[at + 10], 0x30); // critical BOOLEAN and OCTET STRING before it
  bent[at + 10] = 0x31;
  assert.equal((await readTbsCertificate(bent))?.isAuthority, true);
  assert.equal((await readTbsCertificate(tbs))?.isAuthority, false);
  assert.equal((await readTbsCertificate(authority.tbs))?.isAuthority, true);
});

// ---- revoke

async function revokeItem(): Promise<any> {
  const hash = await sha256(activation.encodeRevokeStatement(keyId, 2));
  const documents = [{ hash, label: activation.revokeLabel }];
  return item({ purpose: "revoke", documents, algorithm: { scheme: "none", digest: "sha256" }, version: 2 });
}

test("revoke: an officer's phone approves an honest one, and says whether it knows the key", async () => {
  const { challenge, learned, unknown } = await checkOfficerItem(readItem(await revokeItem()), officer, now);
  const { activation: own } = readItem(await revokeItem());
  const algorithm = { scheme: "none", digest: "sha256", saltLength: 0 } as const;
  const expected = await activation.challenge({ ...own, purpose: "revoke", algorithm });
  assert.ok(equal(challenge, expected));
  assert.equal(learned, undefined);
  assert.deepEqual(unknown, [subject]);
  const known = { keyId, policyHash, subject, version: 1, credentialId: "cred_a", kind: 1 };
  const knowing = { ...officer, keys: [known] };
  assert.deepEqual((await checkOfficerItem(readItem(await revokeItem()), knowing, now)).unknown, []);
  const deceived = { ...officer, keys: [{ ...known, subject: "CN=Lê Thị B,C=VN" }] };
  assert.equal(await refusedBy(deceived, await revokeItem()), "credential.subject");
});

const endLies: [string, string, (told: any) => void][] = [
  ["another key", "documents", (t) => (t.credential.key_id = t.activation.key_id = other)],
  ["another key shown", "credential.key_id", (t) => (t.credential.key_id = other)],
  ["another version", "documents", (t) => (t.activation.blob_version = 3)],
  ["an unbound blob", "activation.blob_version", (t) => (t.activation.blob_version = 0)],
  ["another statement hashed", "documents", (t) => (t.documents[0].hash = other)],
  ["another label", "documents", (t) => (t.documents[0].label = activation.bindLabel)],
  ["a second document", "documents", (t) => t.documents.push(t.documents[0])],
  ["an algorithm", "algorithm", (t) => (t.algorithm.scheme = "ecdsa")],
  ["another root", "activation.root", (t) => (t.activation.root = other)],
  ["another reason", "activation.context_hash", (t) => (t.purpose_text = "superseded")],
  ["another passkey", "thumbprints", (t) => (t.thumbprints = [other])],
  ["expired", "expires_at", (t) => (t.expires_at = now)],
  ["a signature in its place", "purpose", (t) => (t.purpose = "sign")],
  ["a certificate in its place", "algorithm.scheme", (t) => (t.purpose = "issue")],
  ["a change of phones", "purpose", (t) => (t.purpose = "rebind")],
];
for (const [name, member, lie] of endLies) {
  test(`revoke: ${name} is refused`, async () => {
    const told = await revokeItem();
    lie(told);
    assert.equal(await refusedBy(officer, told), member);
  });
}

test("revoke: no signer's phone ends a key, and no officer's phone signs or is bound", async () => {
  assert.equal(await refusedBy(phone(), await revokeItem()), "purpose");
  const both = { ...enrolled, role: "officer" as const };
  for (const [told, held] of [
    [await revokeItem(), phone()],
    [await signItem(), both],
    [await bindItem(), both],
  ] as const) {
    await assert.rejects(checkItem(readItem(told), held, now), { message: "purpose" });
  }
  assert.equal(await refusedBy(both, await signItem()), "purpose");
});
