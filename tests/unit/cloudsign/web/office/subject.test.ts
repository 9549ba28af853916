import assert from "node:assert/strict";
import { test } from "node:test";
import { subjectOf } from "../../../../../cloudsign/web/office/core/subject.ts";

const of = (name: string, organisation = "", province = "") =>
  subjectOf({ name, organisation, province });

test("names what the fields say, most specific first", () => {
  assert.equal(of("Nguyễn Văn An", "Sở Y tế", "Lạng Sơn"), "CN=Nguyễn Văn An,O=Sở Y tế,L=Lạng Sơn,C=VN");
});

test("leaves out what is empty", () => {
  assert.equal(of("  An ", " "), "CN=An,C=VN");
});

test("adds nobody another attribute", () => {
  assert.equal(of("An,O=Bộ Y tế"), "CN=An\\,O\\=Bộ Y tế,C=VN");
  assert.equal(of('An+"x"<y>;\\'), 'CN=An\\+\\"x\\"\\<y\\>\\;\\\\,C=VN');
  assert.equal(of("#An"), "CN=\\#An,C=VN");
});
