// Where a phrase stands in a page's text, however it was composed (NFC, NFD) and over however many
// pieces and lines, as `kyso sign --above` finds it.

import { united, type Rectangle } from "./geometry.ts";

// A piece of text as pdf.js reads it: `transform` is ISO 32000-2 §8.3.4's six numbers, from where the
// piece begins; its width runs along the first pair.
export interface Piece {
  text: string;
  transform: readonly number[];
  width: number;
  height: number;
  endsLine: boolean;
}

// A character with the marks on it. Blanks have no place.
interface Cluster {
  text: string;
  place: Rectangle | undefined;
  line: number;
}

const blank = /^\s$/u;
const mark = /^\p{M}$/u;

// From `from` to `to` of the piece's width, parts of one.
function placeOf(piece: Piece, from: number, to: number): Rectangle {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = piece.transform;
  const along = Math.hypot(a, b) || 1;
  const up = Math.hypot(c, d) || 1;
  const [ax, ay] = [(a / along) * piece.width, (b / along) * piece.width];
  const [ux, uy] = [(c / up) * piece.height, (d / up) * piece.height];
  const xs = [from, to].flatMap((part) => [e + ax * part, e + ax * part + ux]);
  const ys = [from, to].flatMap((part) => [f + ay * part, f + ay * part + uy]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

// One blank between two words, none at either end.
function clustersOf(pieces: readonly Piece[]): Cluster[] {
  const found: Cluster[] = [];
  let line = 0;
  const addBlank = () => {
    if (found.length > 0 && found.at(-1)!.text !== " ") {
      found.push({ text: " ", place: undefined, line });
    }
  };
  for (const piece of pieces) {
    const characters = Array.from(piece.text);
    characters.forEach((character, i) => {
      const last = found.at(-1);
      if (blank.test(character)) {
        addBlank();
      } else if (mark.test(character) && last?.place) {
        last.text += character;
      } else {
        const place = placeOf(piece, i / characters.length, (i + 1) / characters.length);
        found.push({ text: character, place, line });
      }
    });
    if (piece.endsLine) {
      addBlank();
      line++;
    }
  }
  if (found.at(-1)?.text === " ") {
    found.pop();
  }
  for (const cluster of found) {
    cluster.text = cluster.text.normalize("NFC");
  }
  return found;
}

function spelled(phrase: string): string[] {
  const piece = { text: phrase.normalize("NFC"), transform: [], width: 0, height: 0, endsLine: false };
  return clustersOf([piece]).map(({ text }) => text);
}

// The first line of each place where it stands, in the page's user space.
export function findPhrase(pieces: readonly Piece[], phrase: string): Rectangle[] {
  const wanted = spelled(phrase);
  const clusters = clustersOf(pieces);
  const hits: Rectangle[] = [];
  if (wanted.length === 0) {
    return hits;
  }
  for (let at = 0; at + wanted.length <= clusters.length; at++) {
    if (!wanted.every((text, i) => clusters[at + i]!.text === text)) {
      continue;
    }
    const first = clusters[at]!;
    hits.push(
      clusters
        .slice(at, at + wanted.length)
        .filter(({ line, place }) => place && line === first.line)
        .map(({ place }) => place!)
        .reduce(united),
    );
  }
  return hits;
}
