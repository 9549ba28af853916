import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aged, checked, endOf, finished, hasEnded, merged, nextStep, pauseMs, Unmergeable, unsigned,
  type Answer, type Asking, type AuthorizeCall,
} from "../../../../../cloudsign/web/portal/core/asking.ts";

const call = (name: string, more: Partial<AuthorizeCall> = {}): AuthorizeCall => ({
  credentialID: "cred_a", numSignatures: 1, hashes: [`hash ${name}`], hashAlgorithmOID: "2.16", signAlgo: "1.2",
  documents: [{ preparedID: `prep_${name}`, document_name: `${name}.pdf` }], ...more,
});

test("asks once about everything, in order", () => {
  assert.deepEqual(merged([call("a"), call("b"), call("c")], "Hồ sơ"), {
    ...call("a"), numSignatures: 3, hashes: ["hash a", "hash b", "hash c"], description: "Hồ sơ",
    documents: ["a", "b", "c"].map((name) => ({ preparedID: `prep_${name}`, document_name: `${name}.pdf` })),
  });
  assert.deepEqual(merged([call("a")], ""), call("a"));
});

test("mixes no certificates, algorithms or counts", () => {
  const others: Partial<AuthorizeCall>[] = [
    { credentialID: "cred_b" }, { hashAlgorithmOID: "2.17" }, { signAlgo: "1.3" }, { signAlgoParams: "x" },
    { numSignatures: 2 }, { documents: [] }, { hashes: ["1", "2"], numSignatures: 2 },
  ];
  for (const other of others) {
    assert.throws(() => merged([call("a"), call("b", other)], ""), Unmergeable, JSON.stringify(other));
  }
  assert.throws(() => merged([], ""), Unmergeable);
});

const begun: Asking = {
  id: "x", dossier: "Hồ sơ", credentialId: "cred_a", signer: "An", issuer: "CA", phone: "", handle: "h",
  askedAt: 1_000_000, state: "waiting",
  papers: ["a", "b"].map((name) => ({ paperId: name, name: `${name}.pdf`, preparedId: `prep_${name}`, state: "prepared" })),
};
const answer = (status: number, description = "", retryAfterMs = 0): Answer => ({ status, description, retryAfterMs });
const soon = begun.askedAt + 5_000;

test("waits, is approved, finishes each paper, is done", () => {
  assert.deepEqual(nextStep(begun, undefined), { do: "check" });
  assert.equal(checked(begun, answer(202), soon), begun);
  const approved = checked(begun, answer(200), soon);
  assert.deepEqual([approved.state, approved.approvedAt], ["approved", soon]);
  assert.deepEqual(nextStep(approved, "sad"), { do: "finish", paper: approved.papers[0] });
  const half = finished(approved, "prep_a", answer(200), soon);
  assert.equal(half.state, "approved");
  assert.deepEqual(nextStep(half, "sad"), { do: "finish", paper: half.papers[1] });
  const done = finished(half, "prep_b", answer(200), soon);
  assert.equal(done.state, "done");
  assert.deepEqual(nextStep(done, "sad"), { do: "nothing" });
});

test("a tab that comes back asks for the SAD again", () => {
  const approved = checked(begun, answer(200), soon);
  assert.deepEqual(nextStep(approved, undefined), { do: "check" });
  assert.equal(checked(approved, answer(200), soon + 9_000).approvedAt, soon);
});

test("tells every end apart", () => {
  const ends: [string, string][] = [
    ["The signer rejected the request", "rejected"],
    ["The signer did not start this request", "notMine"],
    ["The request expired before the signer answered", "expired"],
    ["No device of the signer could be reached", "undelivered"],
    ["The credential identified by credentialID is disabled", "unusable"],
    ["Credential locked", "unusable"],
    ["Signing certificate 'CN=An' is expired.", "unusable"],
    ["SAD expired", "late"],
    ["Invalid parameter handle", "failed"],
    ["", "failed"],
  ];
  for (const [words, end] of ends) {
    assert.equal(endOf(words), end);
    const over = checked(begun, answer(400, words), soon);
    assert.equal(over.state, end);
    assert.ok(hasEnded(over));
    assert.equal(over.words, words || undefined);
    assert.deepEqual(nextStep(over, "sad"), { do: "nothing" });
  }
});

test("what passes, and a session that is over, change nothing", () => {
  for (const status of [0, 401, 429, 500, 503]) {
    assert.equal(checked(begun, answer(status, "The signer rejected the request"), soon), begun);
    const approved = checked(begun, answer(200), soon);
    assert.equal(finished(approved, "prep_a", answer(status), soon), approved);
  }
});

test("a paper that is refused takes nothing from the others", () => {
  const approved = checked(begun, answer(200), soon);
  const half = finished(approved, "prep_a", answer(400, "Invalid parameter preparedID"), soon);
  assert.deepEqual([half.state, half.papers[0]!.state, half.papers[0]!.words],
    ["approved", "refused", "Invalid parameter preparedID"]);
  assert.equal(finished(half, "prep_b", answer(200), soon).state, "done");
  assert.equal(finished(half, "prep_b", answer(400, "no"), soon).state, "failed");
});

test("an approval that is over while papers are left ends them all", () => {
  const approved = checked(begun, answer(200), soon);
  const half = finished(approved, "prep_a", answer(200), soon);
  const late = finished(half, "prep_b", answer(400, "SAD expired"), soon);
  assert.deepEqual([late.state, late.papers[0]!.state], ["late", "signed"]);
});

test("nothing is asked for ever", () => {
  const hours = 3_600_000;
  assert.equal(aged(begun, begun.askedAt + 4 * hours).state, "waiting");
  assert.equal(aged(begun, begun.askedAt + 5 * hours).state, "expired");
  const approved = checked(begun, answer(200), soon);
  assert.equal(aged(approved, soon + hours).state, "approved");
  assert.equal(aged(approved, soon + 2 * hours).state, "late");
});

test("discards what will not be signed, where the service still listens", () => {
  const ids = begun.papers.map(({ preparedId }) => preparedId);
  assert.deepEqual(unsigned(begun), ids);
  assert.deepEqual(unsigned(undefined), []);
  const rejected = checked(begun, answer(400, "The signer rejected the request"), soon);
  assert.deepEqual(unsigned(rejected), ids);
  const notMine = checked(begun, answer(400, "The signer did not start this request"), soon);
  assert.deepEqual(unsigned(notMine), []);
  const first = finished(checked(begun, answer(200), soon), ids[0]!, answer(200), soon);
  assert.deepEqual(unsigned(first), ids.slice(1));
});

test("waits once more when the phone is asked once more", () => {
  const [first] = begun.papers;
  const approved = checked(begun, answer(200), soon);
  const again = finished(approved, first!.preparedId, answer(400, "asked again"), soon);
  assert.equal(again.state, "waiting");
  assert.equal(again.approvedAt, undefined);
  assert.deepEqual(again.papers, begun.papers);
  assert.equal(checked(again, answer(200), soon).state, "approved");
});

test("looks often at first, never sooner than it was told", () => {
  assert.equal(pauseMs(begun, answer(202), begun.askedAt), 1_500);
  assert.equal(pauseMs(begun, answer(202), begun.askedAt + 120_000), 3_000);
  assert.equal(pauseMs(begun, answer(202), begun.askedAt + 600_000), 10_000);
  assert.equal(pauseMs(begun, answer(429, "", 20_000), begun.askedAt), 20_000);
  assert.equal(pauseMs(begun, answer(0), begun.askedAt), 3_000);
});
