// What the phone keeps: an officer's never grows until it cannot be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256, utf8 } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import type { KnownKey } from "../../../../../cloudsign/web/approve/core/phone.ts";
import { learn, loadPhone, savePhone } from "../../../../../cloudsign/web/approve/storage.ts";
import { phone } from "./told.ts";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  location: { hostname: "approve.localhost", origin: "https://approve.localhost:8443" },
  localStorage: {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  },
});

async function key(name: string, kind: number): Promise<KnownKey> {
  const keyId = await sha256(utf8(name));
  return { keyId, policyHash: keyId, subject: `CN=${name}`, version: 1, credentialId: name, kind };
}

function save(keys: KnownKey[]): void {
  const own = phone({ role: "officer", enrolment: undefined, keys });
  savePhone({ ...own, name: "Máy", passkeyId: own.point, session: "s", joining: "" });
}

test("an officer who has confirmed thousands goes on, and forgets the first of them", async () => {
  const people = await Promise.all(Array.from({ length: 4000 }, (_, i) => key(`person ${i}`, 1)));
  save([await key("CA", 3), ...people]);
  for (const name of ["one more", "another"]) {
    learn(await key(name, 1));
  }
  const names = loadPhone()!.keys.map(({ credentialId }) => credentialId);
  assert.equal(names.length, 4001);
  assert.deepEqual([names[0], names[1], names.at(-1)], ["CA", "person 2", "another"]);
});

test("what a key is for is kept, also where an older phone did not know it", async () => {
  save([{ ...(await key("old", 1)), kind: undefined }, await key("CA", 3)]);
  assert.deepEqual(
    loadPhone()!.keys.map(({ kind }) => kind),
    [undefined, 3],
  );
});
