import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { utf8 } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { commonName } from "../../../../../cloudsign/web/portal/core/common_name.ts";
import { nameMax, paperSizeMax, plainName, signedName, unfit } from "../../../../../cloudsign/web/portal/core/paper.ts";
import { presetNamed, presets } from "../../../../../cloudsign/web/portal/core/presets.ts";

test("only a PDF that fits into a request", () => {
  assert.equal(unfit(utf8("%PDF-1.7\n")), undefined);
  assert.equal(unfit(utf8(" ".repeat(1000) + "%PDF-1.7")), undefined);
  assert.equal(unfit(utf8("")), "empty");
  assert.equal(unfit(utf8("PK\u0003\u0004 docx")), "notPdf");
  assert.equal(unfit(utf8(" ".repeat(1024) + "%PDF-1.7")), "notPdf");
  const large = new Uint8Array(paperSizeMax + 1);
  large.set(utf8("%PDF-1.7"));
  assert.equal(unfit(large), "tooLarge");
  assert.equal(unfit(large.slice(1)), "notPdf");
  assert.equal(unfit(large.subarray(0, paperSizeMax)), undefined);
});

test("a name is no path, and has nothing that hides", () => {
  assert.equal(plainName("C:\\hồ sơ\\đơn.pdf"), "đơn.pdf");
  assert.equal(plainName("../../etc/passwd"), "passwd");
  assert.equal(plainName("hop\u202efdp.exe\u0007"), "hopfdp.exe");
  assert.equal(plainName(" / "), "tep.pdf");
  assert.equal(Array.from(plainName("ý".repeat(500) + ".pdf")).length, nameMax);
  assert.ok(plainName("ý".repeat(500) + ".pdf").endsWith("ý.pdf"));
});

test("what is signed says so", () => {
  assert.equal(signedName("Đơn.pdf"), "Đơn_signed.pdf");
  assert.equal(signedName("Đơn.PDF"), "Đơn_signed.pdf");
  assert.equal(signedName("Đơn"), "Đơn_signed.pdf");
});

test("the name in a certificate's subject", () => {
  assert.equal(commonName("CN=Nguyễn Văn An,O=Sở Y tế,C=VN"), "Nguyễn Văn An");
  assert.equal(commonName("C=VN, O=A\\, CN\\=x, CN=An\\, B"), "An, B");
  assert.equal(commonName("C=VN,CN=\\C3\\9D"), "Ý");
  assert.equal(commonName("serialNumber=7+CN=An,C=VN"), "An");
  assert.equal(commonName("O=Không tên"), "O=Không tên");
  assert.equal(commonName(""), "");
});

test("a preset that nobody has is the first one", () => {
  assert.equal(presetNamed("sao-y").name, "sao-y");
  assert.equal(presetNamed("toString"), presets[0]);
  assert.equal(new Set(presets.map(({ name }) => name)).size, presets.length);
});

test("knows the presets of the service, and which values each one shows", () => {
  const file = new URL("../../../../../cloudsign/document/appearance_preset.cc", import.meta.url);
  const rows = readFileSync(file, "utf8").matchAll(
    /\{"([a-z-]+)",\s*"[^"]+",\s*PresetPlace::(\w+),\s*(true|false),\s*\w+,\s*\w+,\s*"([^"]*)"\}/g,
  );
  const theirs = Array.from(rows, ([, name, place, hasPicture, text]) => ({
    name,
    isCorner: place === "corner",
    isSeal: place === "over_third",
    hasPicture: hasPicture === "true",
    values: Array.from(text!.matchAll(/\{(\w+)\}/g), ([, value]) => value).filter((value) => value !== "time"),
  }));
  const ours = presets.filter(({ name }) => name).map(({ size, ...one }) => one);
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) => (a.name! < b.name! ? -1 : 1);
  assert.deepEqual(ours.sort(byName), theirs.sort(byName));
});
