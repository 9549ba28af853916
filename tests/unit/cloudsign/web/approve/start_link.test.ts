// Which codes a camera follows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startOf } from "../../../../../cloudsign/web/approve/core/start_link.ts";

const origin = "https://approve.localhost:8443";

test("a start of this app", () => {
  assert.equal(startOf(`${origin}/start#tx_Ab-9.q_Z`, origin), "/start#tx_Ab-9.q_Z");
});

test("anything else", () => {
  for (const other of [
    "", "tx_a.b", "https://approve.localhost/start#tx_a.b", "http://approve.localhost:8443/start#tx_a.b",
    "https://approve.localhost:8443.evil.example/start#tx_a.b", `${origin}@evil.example/start#tx_a.b`,
    `${origin}/enrol#tx_a.b`, `${origin}/start?x=1#tx_a.b`, `${origin}/start#tx_a`, `${origin}/start#`,
    `${origin}/start#tx_a.b.c`, `${origin}/start#tx_a.b/../c`, `${origin}/start#.b`, `${origin}/start/#a.b`,
    "javascript:alert(1)", "data:text/html,x#tx_a.b",
  ]) {
    assert.equal(startOf(other, origin), undefined, other);
  }
});
