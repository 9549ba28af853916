// What the phone reads of a request for a certificate: written by OpenSSL, cut and changed here.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sha256, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { readCertificationRequest } from "../../../../../cloudsign/web/approve/core/certification_request.ts";
import { elements } from "../../../../../cloudsign/web/approve/core/der.ts";

function openssl(folder: string, ...options: string[]): void {
  execFileSync("openssl", options, { cwd: folder, stdio: "pipe" });
}

// The part that is signed, and the key's SubjectPublicKeyInfo.
function made(subject: string, ...options: string[]): { info: Bytes; spki: Bytes } {
  const folder = mkdtempSync(join(tmpdir(), "kyso-request-"));
  try {
    openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key");
    openssl(folder, "req", "-new", "-key", "key", "-utf8", "-subj", subject, "-outform", "DER", "-out", "csr", ...options);
    openssl(folder, "pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "spki");
    const [whole] = elements(new Uint8Array(readFileSync(join(folder, "csr")))) ?? [];
    const [info] = elements(whole!.content) ?? [];
    return { info: info!.whole, spki: new Uint8Array(readFileSync(join(folder, "spki"))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const plain = made("/C=VN/UID=an/CN=Nguyễn Văn A");

test("name and key of a request", async () => {
  const read = await readCertificationRequest(plain.info);
  assert.deepEqual(read?.subject, [
    ["CN", "Nguyễn Văn A"],
    ["UID", "an"],
    ["C", "VN"],
  ]);
  assert.deepEqual(read?.keyId, await sha256(plain.spki));
});

test("a type without a name of its own", async () => {
  const read = await readCertificationRequest(made("/2.5.4.65=An/CN=A").info);
  assert.deepEqual(read?.subject, [
    ["CN", "A"],
    ["550441", "An"],
  ]);
});

test("what is no such request", async () => {
  const { info } = plain;
  assert.equal(await readCertificationRequest(new Uint8Array()), undefined);
  assert.equal(await readCertificationRequest(info.slice(0, -1)), undefined);
  assert.equal(await readCertificationRequest(Uint8Array.of(...info, 0)), undefined);
  const version = info.slice();
  version[5] = 1;
  assert.equal(await readCertificationRequest(version), undefined);
  // Attributes would be signed without being shown.
  const more = made("/CN=A", "-addext", "keyUsage=digitalSignature");
  assert.equal(await readCertificationRequest(more.info), undefined);
  // Two values in one part, an empty name, letters of an encoding that is not read.
  assert.equal(await readCertificationRequest(made("/CN=A+UID=an", "-multivalue-rdn").info), undefined);
  assert.equal(await readCertificationRequest(made("/").info), undefined);
  const wrong = plain.info.slice();
  const at = wrong.findIndex((byte, i) => byte === 0x0c && wrong[i + 2] === 0x4e);
  assert.ok(at > 0);
  wrong[at] = 0x1e;
  assert.equal(await readCertificationRequest(wrong), undefined);
});
