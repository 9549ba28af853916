import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../../../../../cloudsign/web/approve/core/visible.ts";

test("every script stays as it is", () => {
  for (const text of ["Học bạ: Trần Gia Bảo", "合同", "عقد", "חוזה", "दस्तावेज़", "สัญญา", "📄", "<b>&amp;"]) {
    assert.equal(visible(text), text);
  }
});

test("what is invisible or reorders is shown by its number", () => {
  assert.equal(visible("hop\u202efdp.exe"), "hop\\u{202e}fdp.exe");
  for (const point of [0, 0x1b, 0x7f, 0x85, 0xad, 0x61c, 0x200b, 0x200f, 0x2028, 0x2066, 0xfeff, 0xe0041]) {
    assert.equal(visible(String.fromCodePoint(point)), `\\u{${point.toString(16)}}`);
  }
});
