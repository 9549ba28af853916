// Where a keyword stands in papers: what core/phrase.ts finds in the text that the viewer reads.

import { openOwnPdf, type PDFDocumentProxy, type PDFPageProxy } from "../shared/pdf.ts";
import { boxAbove, fitted, shownBox, sizeOf, type Box, type Rectangle, type ShownPage } from "./core/geometry.ts";
import type { Paper, Place } from "./core/paper.ts";
import { findPhrase, type Piece } from "./core/phrase.ts";
import { presetNamed } from "./core/presets.ts";
import { put, type Profile } from "./store.ts";

const pagesMax = 500; // that are looked through
const hitsMax = 200;

export function shownPage(page: PDFPageProxy): ShownPage {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = page.view;
  return { view: [x0, y0, x1, y1], rotation: page.rotate };
}

async function piecesOf(page: PDFPageProxy): Promise<Piece[]> {
  const { items } = await page.getTextContent();
  return items.flatMap((item) =>
    "str" in item
      ? [{ text: item.str, transform: item.transform, width: item.width, height: item.height, endsLine: item.hasEOL }]
      : [],
  );
}

function isShown({ x, y, width, height }: Box, page: ShownPage): boolean {
  const size = sizeOf(page);
  return x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
}

// Each place above the phrase, for a box of this size. What no page shows is none.
export async function findPlaces(
  pdf: PDFDocumentProxy,
  phrase: string,
  size: { width: number; height: number },
): Promise<Place[]> {
  const found: Place[] = [];
  for (let number = 1; number <= Math.min(pdf.numPages, pagesMax) && found.length < hitsMax; number++) {
    const page = await pdf.getPage(number);
    const shown = shownPage(page);
    const place = (hit: Rectangle): Place[] => {
      const box = shownBox(shown, hit);
      return isShown(box, shown) ? [{ page: number, box: fitted(boxAbove(box, size), sizeOf(shown)) }] : [];
    };
    found.push(...findPhrase(await piecesOf(page), phrase).flatMap(place));
  }
  return found.slice(0, hitsMax);
}

async function placesOn(paper: Paper, profile: Profile): Promise<Place[]> {
  const { pdf, close } = await openOwnPdf(paper.bytes);
  try {
    return await findPlaces(pdf, profile.keyword, presetNamed(profile.preset).size);
  } finally {
    close();
  }
}

// Places each paper where the keyword stands once; answers how often it stands on the others. A file
// that cannot be read has none: the page of its place says why.
export async function placeAll(papers: Paper[], profile: Profile): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const paper of papers) {
    const places = await placesOn(paper, profile).catch(() => []);
    const [only] = places;
    if (only && places.length === 1) {
      await put("papers", { ...paper, place: only });
    } else {
      counts.set(paper.id, places.length);
    }
  }
  return counts;
}
