import assert from "node:assert/strict";
import { test } from "node:test";
import { findPhrase, type Piece } from "../../../../../cloudsign/web/portal/core/phrase.ts";

// Ten points a character, from (100, 700).
const piece = (text: string, more: Partial<Piece> = {}): Piece => ({
  text, transform: [12, 0, 0, 12, 100, 700], width: Array.from(text).length * 10, height: 12, endsLine: false, ...more,
});
const at = (x: number, y: number) => [12, 0, 0, 12, x, y];

test("finds each place, to the character", () => {
  assert.deepEqual(findPhrase([piece("An va An")], "An"), [[100, 700, 120, 712], [160, 700, 180, 712]]);
  assert.deepEqual(findPhrase([piece("An va An")], "Binh"), []);
});

test("an empty phrase stands nowhere", () => {
  for (const none of ["", "  ", "\n"]) {
    assert.deepEqual(findPhrase([piece("An")], none), []);
  }
});

test("however it was composed", () => {
  const phrase = "NGƯỜI KÝ";
  for (const written of ["NFC", "NFD"]) {
    for (const asked of ["NFC", "NFD"]) {
      const found = findPhrase([piece(phrase.normalize(written))], phrase.normalize(asked));
      assert.equal(found.length, 1, written + asked);
    }
  }
  // Marks that a font sets as pieces of their own, in an order that is not the canonical one.
  const apart = [piece("â"), piece("\u0323", { transform: at(110, 700), width: 0 }), piece("p", { transform: at(110, 700) })];
  assert.equal(findPhrase(apart, "ập").length, 1);
});

test("over several pieces and whatever blanks are between them", () => {
  const pieces = [piece("Người"), piece("   ", { transform: at(150, 700) }), piece("ký ", { transform: at(180, 700) })];
  assert.deepEqual(findPhrase(pieces, " Người \n ký"), [[100, 700, 200, 712]]);
});

test("over two lines it is where it begins", () => {
  const pieces = [piece("TM. ỦY BAN", { endsLine: true }), piece("NHÂN DÂN", { transform: at(100, 680) })];
  assert.deepEqual(findPhrase(pieces, "BAN NHÂN DÂN"), [[170, 700, 200, 712]]);
});

test("where text runs up the page", () => {
  const up = piece("An", { transform: [0, 12, -12, 0, 300, 400] });
  assert.deepEqual(findPhrase([up], "An"), [[288, 400, 300, 420]]);
});

test("a text of a thousand lines without it", () => {
  const pieces = Array.from({ length: 1000 }, () => piece("a".repeat(80), { endsLine: true }));
  assert.deepEqual(findPhrase(pieces, "a".repeat(200)), []);
});
