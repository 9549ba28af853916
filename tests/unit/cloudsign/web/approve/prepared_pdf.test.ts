// Which PDFs the app takes for prepared: those that our server writes, and nothing that a hostile one might.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { concat, equal, fromBase64url, utf8, type Bytes } from "../../../../../cloudsign/web/approve/core/bytes.ts";
import { belongs } from "../../../../../cloudsign/web/approve/core/document_check.ts";
import { coveredParts } from "../../../../../cloudsign/web/approve/core/prepared_pdf.ts";

// Kept true by tests/unit/cloudsign/document/prepared_vectors_test.cc.
const { prepared: vectors } = JSON.parse(
  readFileSync(new URL("../../../../vectors/document/prepared.json", import.meta.url), "utf8"),
);

interface Vector {
  name: string;
  document: Bytes;
  covered: Bytes;
  attributes: Bytes;
  digest: "sha256" | "sha384";
}

const all: Vector[] = [];
for (const { name, base, written } of vectors) {
  const before = concat(
    base === undefined ? all.at(-1)!.document : fromBase64url(base)!,
    fromBase64url(written.before)!,
  );
  const after = fromBase64url(written.after)!;
  all.push({
    name,
    document: concat(before, utf8(`<${"0".repeat(2 * written.room)}>`), after),
    covered: concat(before, after),
    attributes: fromBase64url(written.attributes)!,
    digest: written.digest === 1 ? "sha256" : "sha384",
  });
}

async function digestOf({ digest }: Vector, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(digest === "sha256" ? "SHA-256" : "SHA-384", bytes));
}

test("what our server has prepared, its attributes and their digest", async () => {
  assert.deepEqual(all.map(({ name }) => name), ["table", "stream", "again", "certified and filled", "filled"]);
  for (const one of all) {
    const hash = await digestOf(one, one.attributes);
    assert.ok(equal(concat(...coveredParts(one.document)!), one.covered), one.name);
    assert.ok(await belongs(one.document, one.attributes, one.digest, hash), one.name);
    assert.ok(!(await belongs(one.document, undefined, one.digest, hash)), one.name);
    assert.ok(!(await belongs(one.document, one.attributes, one.digest, await digestOf(one, one.covered))), one.name);
    assert.ok(!(await belongs(one.document, one.attributes, one.digest === "sha256" ? "sha384" : "sha256", hash)));
    for (const other of all.filter((each) => each !== one)) {
      assert.ok(!(await belongs(other.document, one.attributes, one.digest, hash)), other.name);
    }
  }
});

test("not a byte of it may be another", async () => {
  for (const one of all) {
    const hash = await digestOf(one, one.attributes);
    const hole = coveredParts(one.document)![0].length;
    const places = Array.from({ length: hole + 40 }, (_, i) => i);
    places.push(...Array.from({ length: 49 }, (_, i) => hole + i * 997));
    places.push(...Array.from({ length: 160 }, (_, i) => one.document.length - 1 - 5 * i));
    const inside = places.filter((at, i) => at < one.document.length && (i % 31 === 0 || at >= hole));
    for (const at of inside) {
      const altered = one.document.slice();
      altered[at]! ^= 1;
      assert.ok(!(await belongs(altered, one.attributes, one.digest, hash)), `${one.name} at ${at}`);
    }
  }
});

// A file of whatever a server likes, its numbers right: what is wrong is the form alone.
interface Draft {
  before?: string[]; // bodies of objects
  range?: (covered: string) => string;
  place?: string;
  between?: string; // of ByteRange and Contents
  rest?: string; // of the dictionary
  after?: string[];
  gap?: string; // before the cross-references
  trailer?: string;
  end?: string;
  head?: string;
  offsets?: (offsets: number[]) => number[];
  numbers?: (numbers: number[]) => number[];
}

const rest =
  " /Filter /Adobe.PPKLite /M (D:20260921211320+07'00') /SubFilter /ETSI.CAdES.detached /Type /Sig >>";
const zeros = "0".repeat(64);
const page = "<< /Annots [ 7 0 R ] /Contents 4 0 R /Type /Page >>";
const field = "<< /FT /Sig /T (Signature1) /Type /Annot /V 5 0 R >>";
const form = "<< /BBox [ 0 0 9 9 ] /Length 2 >>\nstream\nq\n\nendstream";

function draft(wish: Draft): Bytes {
  const base = `${wish.head ?? "%PDF-1.7\n"}startxref\n9\n%%EOF\n`;
  const before = wish.before ?? [page];
  const after = wish.after ?? [field, form];
  let numbers = [...before, "", ...after].map((_, i) => i + 3);
  numbers = wish.numbers?.(numbers) ?? numbers;
  const write = (range: string): string => {
    const place = wish.place ?? `<${zeros}>`;
    const value = `<< /ByteRange [${range}]${wish.between ?? ""} /Contents ${place}${wish.rest ?? rest}`;
    let text = base;
    let offsets: number[] = [];
    for (const [i, body] of [...before, value, ...after].entries()) {
      offsets.push(text.length);
      text += `${numbers[i]} 0 obj\n${body}\nendobj\n`;
    }
    offsets = wish.offsets?.(offsets) ?? offsets;
    text += wish.gap ?? "";
    const rows = offsets.map(
      (offset, i) => `${numbers[i]} 1\n${String(offset).padStart(10, "0")} 00000 n \n`,
    );
    const trailer = wish.trailer ?? "/ID [ <ab> <cd> ] /Prev 9 /Root 1 0 R /Size 9";
    return (
      `${text}xref\n${rows.join("")}trailer\n<< ${trailer} >>\n` +
      `startxref\n${text.length}\n%%EOF\n${wish.end ?? ""}`
    );
  };
  const measured = write(" ".repeat(60));
  const place = measured.indexOf("/Contents ", measured.indexOf("/ByteRange")) + "/Contents ".length;
  const behind = place + (wish.place ?? `<${zeros}>`).length;
  const covered = `0 ${place} ${behind} ${measured.length - behind}`.padEnd(60);
  return utf8(write(wish.range?.(covered) ?? covered));
}

function is(taken: boolean, wish: Draft) {
  assert.equal(coveredParts(draft(wish)) !== undefined, taken, JSON.stringify(wish).slice(0, 300) + String(wish.range));
}

test("the form itself", () => {
  is(true, {});
  is(true, { before: [], after: [] });
  is(true, { before: [page, "[ 7 0 R 8 0 R ]", "<< /T (a \\) << stream %) >>", "<< >>"] });
  is(true, { rest: rest.replace("/M", "/Location (\\(Hue\\) \\\\) /M").replace("/Sub", "/Reason <feff1ec7> /Sub") });
  is(true, { trailer: "/ID [ (a\\)b) <cd> ] /Info 8 0 R /Prev 9 /Root 1 0 R /Size 9" });
});

test("another ByteRange", () => {
  is(false, { range: (covered) => covered.replace("0 ", "1 ") });
  is(false, { range: (covered) => covered.trimEnd() });
  is(false, { range: (covered) => ` ${covered.slice(0, -1)}` });
  is(false, { range: (covered) => covered.replace(/ (\d+) +$/, " 0$1").padEnd(60) });
  is(false, { range: (covered) => covered.replace(/(\d+) +$/, "$1 0 1").padEnd(60) });
  for (const [place, by] of [[1, -1], [1, 1], [2, 1], [2, -1], [2, -40], [3, 1], [3, -1], [3, 2 ** 53], [1, 1e300]] as const) {
    is(false, {
      range: (covered) => {
        const numbers = covered.trimEnd().split(" ").map(Number);
        numbers[place]! += by;
        return numbers.join(" ").padEnd(60);
      },
    });
  }
  const overlapping = (covered: string) => covered.replace(/ (\d+) (\d+) /, (_, a, b) => ` ${b} ${a} `);
  is(false, { range: overlapping });
});

test("a second ByteRange, or a second place", () => {
  const second = "<< /ByteRange [0 1 2 3] /Contents <00> /Type /Sig >>";
  is(false, { before: [page, second] });
  is(false, { after: [second] });
  is(false, { after: [draftedValue()] });
  is(false, { rest: rest.replace(" >>", " /ByteRange [0 1 2 3] >>") });
  is(false, { rest: rest.replace(" >>", ` /Contents <${zeros}> >>`) });
  is(false, { rest: rest.replace(" >>", ` /Conten#74s <${zeros}> >>`) });
  is(false, { rest: rest.replace(" /Filter", ` /Contents (x) /Filter`) });
});

// As the writer has it, of nothing.
function draftedValue(): string {
  return `<< /ByteRange [${"0 1 2 3".padEnd(60)}] /Contents <${zeros}>${rest}`;
}

test("a place that is none, or more than one for a CMS", () => {
  is(false, { place: `<${zeros}1${zeros}0>` });
  is(false, { place: `<${zeros}0>` });
  is(false, { place: `<${zeros} ${zeros}>` });
  is(false, { place: "<>" });
  is(false, { place: `(${zeros})` });
  is(false, { place: `<${"0".repeat(2 * 1024 * 1024 + 2)}>` });
  is(false, { place: `<${zeros}`, rest: `>${rest}` });
  is(true, { place: `<${"0".repeat(2 * 1024 * 1024)}>` });
});

test("a place in another dictionary, behind a comment or in another order", () => {
  is(false, { between: " % x\n" });
  is(false, { between: " /Inner << /Type /Sig >>" });
  is(false, { between: " /Inner <<", rest: ` >>${rest}` });
  is(false, { rest: ` %${rest}` });
  is(false, { rest: rest.replace("/Type /Sig", "/Type /Annot") });
  is(false, { rest: rest.replace(" /Type /Sig", "") });
  is(false, { rest: rest.replace("/Location", "/Inner << /X /Y >> /Location").replace(" /M", " /X /Y /M") });
  is(false, { rest: `${rest} <<` });
});

test("a place within what is shown", () => {
  const length = zeros.length + 400;
  is(false, { before: [page, `<< /Length ${length} >>\nstream\nBT`] }); // to a later endstream
  is(false, { before: [page, form] });
  is(false, { before: ["<< /Contents (Pay 100"], after: ["9) >>"] });
  is(false, { before: ["<< /Contents (Pay \\(100 >>"] });
  is(false, { before: ["<< /Contents <00 >>"] });
  is(false, { before: ["<< /Subtype /FreeText"] });
  is(false, { before: ["<< /Kids [ << /A /B >> >>"] });
  is(false, { before: [">> <<"] });
  is(false, { before: ["<< /A /B % >>"] });
  is(false, { before: ["<< /A /B >>\nendobj\n9 0 obj\n<< >>"] });
});

test("objects that are elsewhere than the cross-references say", () => {
  const at = (index: number, by: number) => (offsets: number[]) => offsets.map((one, i) => (i === index ? one + by : one));
  is(false, { offsets: at(0, -1) });
  is(false, { offsets: at(0, 1) });
  is(false, { offsets: at(1, 140) }); // the place itself
  is(false, { offsets: at(2, -1) });
  is(false, { offsets: at(3, 1e9) });
  is(false, { offsets: (offsets) => [...offsets.slice(1), offsets[0]!] });
  is(false, { offsets: (offsets) => offsets.slice(1) }); // the numbers are then of others
  is(false, { numbers: (numbers) => numbers.map(() => 5) });
  is(false, { gap: "10 0 obj\n<< >>\nendobj\n10" });
  is(true, { gap: "" });
});

test("cross-references of another form", () => {
  const trailer = "/ID [ <ab> <cd> ] /Prev 9 /Root 1 0 R /Size 9";
  is(true, { trailer });
  is(false, { trailer: trailer.replace("/Prev 9", "/Prev 99999") });
  is(false, { trailer: `${trailer} /XRefStm 9` });
  is(false, { trailer: trailer.replace("/Root", "/Encrypt 2 0 R /Root") });
  is(false, { trailer: `${trailer} >>\n<<` });
});

test("bytes behind it, or none before it", () => {
  is(false, { end: "\n" });
  is(false, { end: "startxref\n9\n%%EOF\n" });
  is(false, { head: "#!/bin/sh\n%PDF-1.7\n" });
  for (const text of ["", "%PDF-", "%PDF-1.7\nstartxref\n0\n%%EOF\n", "%PDF-1.7\nxref\nstartxref\n9\n%%EOF\n",
    "startxref\n99999999999999999999\n%%EOF\n"]) {
    assert.equal(coveredParts(utf8(text)), undefined);
  }
});

test("cross-references in a stream that say something else", () => {
  const { document } = all[1]!;
  const text = Buffer.from(document).toString("latin1");
  const rows = text.lastIndexOf("stream\n", text.lastIndexOf("endstream")) + "stream\n".length;
  for (const [at, value] of [[0, 2], [0, 0], [3, 0], [6, 1], [7, 2], [24, 1], [38, 0]] as const) {
    const altered = document.slice();
    altered[rows + at] = value;
    assert.equal(coveredParts(altered), undefined, String(at));
  }
  for (const [word, other] of [["/Index [ 2 1 4 1 7 4 ]", "/Index [ 2 1 4 1 6 4 ]"], ["/Length 42", "/Length 35"],
    ["/W [ 1 4 2 ]", "/W [ 1 2 4 ]"], ["/Index [ 2 1 4 1 7 4 ]", "/Index [ 2 1 4 1 7 5 ]"], ["/Prev 407", "/Prev 907"],
    ["/Type /XRef", "/Type /Xobj"]] as const) {
    const last = text.lastIndexOf(word);
    const altered = Buffer.from(text.slice(0, last) + text.slice(last).replace(word, other), "latin1");
    assert.equal(altered.length, document.length);
    assert.equal(coveredParts(new Uint8Array(altered)), undefined, other);
  }
});
