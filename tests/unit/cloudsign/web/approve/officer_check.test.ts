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

test("bind: a key that was confirmed for one is nobody else's", async () => {
  const known = { keyId, policyHash, subject: "CN=Lê Thị B,C=VN", version: 1, credentialId: "cred_b", kind: 1 };
  assert.equal(await refusedBy({ ...officer, keys: [known] }, await bindItem()), "credential.subject");
  const own = { ...officer, keys: [{ ...known, subject }] };
  await checkOfficerItem(readItem(await bindItem()), own, now);
});

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
// As cloudsign/pki/profile.cc has them.
const profiles = {
  authority: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"],
  person: ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,nonRepudiation", "extendedKeyUsage=emailProtection"],
  device: ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=clientAuth"],
  ocsp: ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=OCSPSigning", "noCheck=ignored"],
  tsa: ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,nonRepudiation", "extendedKeyUsage=critical,timeStamping"],
};
const extended = (...texts: string[]) => texts.flatMap((one) => ["-addext", one]);
const plain = certificate("/C=VN/UID=an/CN=Nguyễn Văn A", ...extended(...profiles.person));
const comma = certificate('/C=VN/CN=A, "B" \\+ <C>;#', ...extended(...profiles.person));
const authority = certificate("/C=VN/CN=Kẻ gian", ...extended(...profiles.authority));
const root = certificate("/C=VN/O=Kyso/CN=CA", "root", ...extended(...profiles.authority));
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
    certificates!.map(({ subject: parts, issuer, use }) => [nameText(parts), nameText(issuer), use]),
    [
      ["CN=Nguyễn Văn A,UID=an,C=VN", caSubject, "person"],
      ['CN=A\\, \\"B\\" \\+ \\<C\\>\\;#,C=VN', caSubject, "person"],
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
  // Another authority is shown than the certificates name.
  const told = await honest();
  told.credential.subject = "CN=CA khác,C=VN";
  assert.equal(await refusedBy(officer, told), "certificates");
});

test("issue: a key gets no certificate for another use than it was confirmed for", async () => {
  for (const kind of [3, 4, 5]) {
    const keys = [await heldKey(plain, "CN=Nguyễn Văn A,UID=an,C=VN", kind)];
    assert.equal(await refusedBy({ ...officer, keys }, await honest()), "certificates", String(kind));
  }
  const responder = certificate("/C=VN/CN=Nguyễn Văn A", ...extended(...profiles.ocsp));
  const keys = [await heldKey(responder, "CN=Nguyễn Văn A,C=VN")];
  const told = await issueItem([responder], ["CN=Nguyễn Văn A,C=VN"]);
  assert.equal(await refusedBy({ ...officer, keys }, told), "certificates");
  assert.equal((await checkOfficerItem(readItem(told), officer, now)).certificates![0]!.use, "ocsp");
});

test("issue: a name is what it is, to the last invisible letter", async () => {
  const marked = certificate("/C=VN/CN=\ufeffAn", ...extended(...profiles.person));
  assert.equal(await refusedBy(officer, await issueItem([marked], ["CN=An,C=VN"])), "documents");
  await checkOfficerItem(readItem(await issueItem([marked], ["CN=\ufeffAn,C=VN"])), officer, now);
});

test("no officer approves what another screen would have to explain", async () => {
  for (const told of [await bindItem(), await honest(), await revokeItem()]) {
    assert.equal(await refusedBy(officer, { ...told, code_typed: true }), "code");
  }
});

test("issue: nobody becomes an authority, but for the authority itself", async () => {
  assert.equal(await refusedBy(officer, await issueItem([authority], ["CN=Kẻ gian,C=VN"])), "certificates");
  const told = await issueItem([root], [caSubject]);
  assert.equal(await refusedBy(officer, told), "certificates");
  const rootKey = toBase64url(await sha256(root.keyId));
  told.credential.key_id = told.activation.key_id = rootKey;
  const { certificates } = await checkOfficerItem(readItem(told), officer, now);
  assert.equal(certificates![0]!.use, "authority");
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

// ---- what a certificate may say of its key

function der(tag: number, ...parts: Bytes[]): Bytes {
  const content = concat(...parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return concat(Uint8Array.of(tag, ...length), content);
}
const hex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

// The plain certificate with other parts.
function bent(change: (fields: Bytes[], extensions: Bytes[]) => void): Bytes {
  const fields = (elements(elements(plain.tbs)![0]!.content) ?? []).map(({ whole }) => whole);
  const list = elements(elements(fields.pop()!)![0]!.content)![0]!;
  const extensions = elements(list.content)!.map(({ whole }) => whole);
  change(fields, extensions);
  return der(0x30, ...fields, der(0xa3, der(0x30, ...extensions)));
}
const at = (extensions: Bytes[], id: string) =>
  extensions.findIndex((one) => Buffer.from(one).toString("hex").includes(`0603551d${id}`));
const useOf = async (tbs: Bytes) => (await readTbsCertificate(tbs))?.use;

test("issue: each profile of our authority, and where it points", async () => {
  for (const [use, texts] of Object.entries(profiles)) {
    const made = certificate("/CN=A", ...extended(...texts, "crlDistributionPoints=URI:http://a/crl"));
    assert.equal(await useOf(made.tbs), use);
  }
  assert.equal(await useOf(bent(() => undefined)), "person");
});

const bentExtensions: [string, (extensions: Bytes[]) => void][] = [
  ["an authority's constraints", (e) => (e[at(e, "13")] = hex("300f0603551d130101ff040530030101ff"))],
  ["constraints twice", (e) => e.push(hex("300c0603551d130101ff04023000"))],
  ["no constraints", (e) => e.splice(at(e, "13"), 1)],
  ["constraints that are not critical", (e) => (e[at(e, "13")] = hex("30090603551d1304023000"))],
  ["a length that is too long, inside", (e) => e.push(hex("30100603551d130101ff04810530030101ff"))],
  ["a length that is too long, of the type", (e) => (e[at(e, "13")] = hex("30100681" + "03551d130101ff040530030101ff"))],
  ["an indefinite length", (e) => (e[at(e, "13")] = hex("30140603551d130101ff2480040530030101ff0000"))],
  ["another truth", (e) => (e[at(e, "13")] = hex("300f0603551d13010101040530030101ff"))],
  ["something else in the list", (e) => e.push(hex("0500"))],
  ["something after the value", (e) => (e[at(e, "13")] = hex("300e0603551d130101ff040230000500"))],
  ["the right to sign certificates", (e) => (e[at(e, "0f")] = hex("300e0603551d0f0101ff0404030202c4"))],
  ["no key usage", (e) => e.splice(at(e, "0f"), 1)],
  ["the right to answer about status", (e) => (e[at(e, "25")] = hex("30130603551d25040c300a06082b06010505070309"))],
  ["two purposes", (e) => (e[at(e, "25")] = hex("301d0603551d250416301406082b0601050507030406082b06010505070308"))],
  ["other names", (e) => e.push(hex("30100603551d11040930078205" + Buffer.from("a.com").toString("hex")))],
  ["an unknown critical one", (e) => e.push(hex("300c06032a03040101ff04020500"))],
  ["an unknown one", (e) => e.push(hex("300906032a030404020500"))],
  ["a pointer twice", (e) => e.push(e[at(e, "0e")] ?? hex("300b0603551d0e040404020102"), hex("300b0603551d0e040404020102"))],
  ["a critical pointer", (e) => e.push(hex("300e0603551d1f0101ff040430020500"))],
];
for (const [name, change] of bentExtensions) {
  test(`issue: a certificate with ${name} is not read`, async () => {
    assert.equal(await useOf(bent((_, extensions) => change(extensions))), undefined);
  });
}

const bentFields: [string, number, string][] = [
  ["version 1", 0, "a003020100"],
  ["an empty serial number", 1, "0200"],
  ["serial number 0", 1, "020100"],
  ["a negative serial number", 1, "0201ff"],
  ["a serial number in a longer form", 1, "02020001"],
  ["a serial number of 21 bytes", 1, "0215" + "01".repeat(21)],
  ["no validity", 4, "3000"],
  ["a year of 1950", 4, "301e170d3530303130313030303030305a170d3330303130313030303030305a"],
  ["a day that is none", 4, "301e170d3236303233303030303030305a170d3330303130313030303030305a"],
  ["a year below 2050 in four digits", 4, "3020180f32303236303130313030303030305a170d3330303130313030303030305a"],
  ["no public key", 6, "30020500"],
];
for (const [name, index, value] of bentFields) {
  test(`issue: a certificate with ${name} is not read`, async () => {
    assert.equal(await useOf(bent((fields) => (fields[index] = hex(value)))), undefined);
  });
}

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
