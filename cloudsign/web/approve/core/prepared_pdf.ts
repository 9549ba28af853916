// What a signature covers of a PDF that waits for it: all but the place for its CMS. The place is in no
// digest, so that whoever has the file may later put there what they like; it is one only where nothing
// that is shown can lie in it. So no PDF is read here: its last update has to be, letter by letter, what
// our server writes (cloudsign/document/pdf_increment.cc, pdf_signature_value.cc), each of its objects
// where its cross-references say and behind the one before, and what is covered has to follow from
// where the place is.

import type { Bytes } from "./bytes.ts";

const updateMax = 16 * 1024 * 1024;
const roomMax = 1024 * 1024; // of a CMS
const byteRangeLength = 60;
const byteRangeStart = "<< /ByteRange [";

const string = "(?:\\((?:[^()\\\\]|\\\\[^])*\\)|<[0-9a-f]*>)";
const reference = "\\d+ \\d+ R";
const identity = `/ID \\[ ${string} ${string} \\]`;
const more = `(?:/Info ${reference} )?`;

// Both kinds of cross-references (ISO 32000-2 §7.5.4, §7.5.8), from where they begin to the file's end.
const table = new RegExp(
  `^xref\\n((?:\\d+ \\d+\\n(?:\\d{10} \\d{5} n \\n)+)+)` +
    `trailer\\n<< ${identity} ${more}/Prev (\\d+) /Root ${reference} /Size \\d+ >>\\nstartxref\\n\\d+\\n%%EOF\\n$`,
);
const streamHead = new RegExp(
  `^(\\d+) 0 obj\\n<< ${identity} /Index \\[ ((?:\\d+ \\d+ )+)\\] ${more}/Length (\\d+) /Prev (\\d+) ` +
    `/Root ${reference} /Size \\d+ /Type /XRef /W \\[ 1 4 2 \\] >>\\nstream\\n`,
);
const streamTail = /^\nendstream\nendobj\nstartxref\n\d+\n%%EOF\n$/;
const streamRow = 7;

const plain = new RegExp(`<<|>>|[[\\]]|${string}|[^()<>[\\]%\\r\\n]+`, "gy");

const transform = (method: string, parameters: string) =>
  `/TransformMethod /${method} /TransformParams << ${parameters} /V /1\\.2 >> /Type /SigRef >> `;
const certification = `<< ${transform("DocMDP", "/P 2 /Type /TransformParams")}`;
const lock =
  `<< /Data ${reference} ` +
  transform("FieldMDP", `/Action /Include /Fields \\[ (?:${string} )+\\] /Type /TransformParams`);

const signature = new RegExp(
  `^\\d+ 0 obj\\n<< /ByteRange \\[([^\\]]*)\\] /Contents <(0+)> /Filter /Adobe\\.PPKLite ` +
    `(?:/Location ${string} )?/M \\(D:\\d{14}\\+07'00'\\) (?:/Reason ${string} )?` +
    `(?:/Reference \\[ (?:${certification}(?:${lock})?|${lock})\\] )?` +
    "/SubFilter /ETSI\\.CAdES\\.detached /Type /Sig >>\\nendobj\\n$",
);

// One character for each byte.
function textOf(bytes: Bytes): string {
  return new TextDecoder("latin1").decode(bytes);
}

interface Entry {
  number: number;
  generation: number;
  offset: number;
}

interface CrossReferences {
  entries: Entry[];
  previous: number;
}

function readTable(text: string): CrossReferences | undefined {
  const [, sections, previous] = table.exec(text) ?? [];
  if (sections === undefined) {
    return undefined;
  }
  const entries: Entry[] = [];
  let number = 0;
  let left = 0;
  for (const line of sections.split("\n").slice(0, -1)) {
    const [first, second, isRow] = line.split(" ");
    if (isRow === undefined) {
      if (left !== 0) {
        return undefined;
      }
      [number, left] = [Number(first), Number(second)];
      continue;
    }
    entries.push({ number: number++, generation: Number(second), offset: Number(first) });
    left--;
  }
  return left === 0 ? { entries, previous: Number(previous) } : undefined;
}

// Of a stream that begins at `offset`.
function readStream(bytes: Bytes, offset: number): CrossReferences | undefined {
  const text = textOf(bytes);
  const [head, own, index, length, previous] = streamHead.exec(text) ?? [];
  if (head === undefined || !streamTail.test(text.slice(head.length + Number(length)))) {
    return undefined;
  }
  const rows = bytes.slice(head.length, head.length + Number(length));
  const view = new DataView(rows.buffer);
  const runs = index!.trim().split(" ").map(Number);
  const entries: Entry[] = [];
  let at = 0;
  for (let run = 0; run < runs.length; run += 2) {
    for (let i = 0; i < runs[run + 1]!; i++, at += streamRow) {
      if (at + streamRow > rows.length || rows[at] !== 1) {
        return undefined;
      }
      entries.push({
        number: runs[run]! + i,
        generation: view.getUint16(at + 5),
        offset: view.getUint32(at + 1),
      });
    }
  }
  const last = entries.pop();
  const isItself = last?.number === Number(own) && last.generation === 0 && last.offset === offset;
  return isItself && at === rows.length ? { entries, previous: Number(previous) } : undefined;
}

// Whether an object is a dictionary or an array on one line, closed on it: it holds no stream, and nothing of
// what follows.
function isClosed(object: string): boolean {
  const body = object.slice(object.indexOf("\n") + 1, -"\nendobj\n".length);
  let read = 0;
  let depth = 0;
  for (const [token] of body.matchAll(plain)) {
    read += token.length;
    depth += token === "<<" || token === "[" ? 1 : token === ">>" || token === "]" ? -1 : 0;
    if (depth < 0) {
      return false;
    }
  }
  return depth === 0 && read === body.length;
}

interface Update {
  begin: number;
  objects: string[]; // whole, and one behind the other
}

// The file's last update; none when it is not of our form.
function lastUpdate(document: Bytes): Update | undefined {
  const [, offset] = /startxref\n(\d{1,10})\n%%EOF\n$/.exec(textOf(document.subarray(-64))) ?? [];
  const end = Number(offset);
  if (offset === undefined || !(end < document.length) || document.length - end > updateMax) {
    return undefined;
  }
  const tail = document.slice(end);
  const isTable = textOf(tail.subarray(0, 5)) === "xref\n";
  const { entries, previous } = (isTable ? readTable(textOf(tail)) : readStream(tail, end)) ?? {};
  const begin = entries?.[0]?.offset;
  if (begin === undefined || !(previous! < begin && begin < end && end - begin <= updateMax)) {
    return undefined;
  }
  const text = textOf(document.subarray(begin, end));
  const objects: string[] = [];
  let last = 0;
  for (const [i, { number, generation, offset: from }] of entries!.entries()) {
    const to = entries![i + 1]?.offset ?? end;
    const object = text.slice(from - begin, to - begin);
    const isThere = from < to && to <= end && object.startsWith(`${number} ${generation} obj\n`);
    if (!isThere || !object.endsWith("\nendobj\n") || number <= last) {
      return undefined;
    }
    objects.push(object);
    last = number;
  }
  return { begin, objects };
}

// The bytes before the place and behind it; none when this is no PDF that our server has prepared.
export function coveredParts(document: Bytes): [Bytes, Bytes] | undefined {
  const isPdf = textOf(document.subarray(0, 5)) === "%PDF-";
  const { begin, objects } = (isPdf && lastUpdate(document)) || { begin: 0, objects: [] };
  const at = objects.findIndex((object) => object.includes(byteRangeStart));
  const value = objects[at];
  const isOnly = objects.every((object, i) => i === at || !object.includes("/ByteRange"));
  const before = objects.slice(0, Math.max(at, 0));
  if (value === undefined || !isOnly || !before.every(isClosed)) {
    return undefined;
  }
  const [, written, room] = signature.exec(value) ?? [];
  if (room === undefined || room.length % 2 !== 0 || room.length > 2 * roomMax) {
    return undefined;
  }
  const hole = begin + before.join("").length + value.indexOf(`<${room}>`);
  const behind = hole + room.length + 2;
  const covered = `0 ${hole} ${behind} ${document.length - behind}`.padEnd(byteRangeLength);
  return written === covered ? [document.subarray(0, hole), document.subarray(behind)] : undefined;
}
