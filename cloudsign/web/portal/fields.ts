// The form fields of a paper: places for text that nobody has filled in yet, and signatures that it shows.

import type { PDFDocumentProxy } from "../shared/pdf.ts";
import { shownBox, sizeOf, type Box, type ShownPage } from "./core/geometry.ts";
import { shownPage } from "./keyword.ts";

const pagesMax = 500; // that are looked through
const fieldsMax = 64; // that a request fills in (server/api/csc/pdf_wish_parameters.cc)

export interface SignatureShown {
  name: string;
  page: number;
  box: Box;
}

export interface Fields {
  texts: string[]; // the names of empty text fields
  signatures: SignatureShown[];
}

// What the viewer knows of an annotation.
interface Annotation {
  fieldType?: string;
  fieldName?: string;
  fieldValue?: unknown;
  rect?: number[];
  hasAppearance?: boolean;
  annotationFlags?: number;
  password?: boolean;
  comb?: boolean;
}

const unseen = (1 << 1) | (1 << 5); // Hidden, NoView (ISO 32000-2 table 167)

function isEmptyText({ fieldType, fieldValue, annotationFlags = 0, password, comb }: Annotation): boolean {
  return fieldType === "Tx" && !fieldValue && (annotationFlags & unseen) === 0 && !password && !comb;
}

function signatureOn(annotation: Annotation, number: number, shown: ShownPage): SignatureShown[] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = annotation.rect ?? [];
  const box = shownBox(shown, [x0, y0, x1, y1]);
  const size = sizeOf(shown);
  const isSeen =
    annotation.fieldType === "Sig" &&
    annotation.hasAppearance === true &&
    box.width > 0 &&
    box.height > 0 &&
    box.x < size.width &&
    box.y < size.height;
  return isSeen ? [{ name: annotation.fieldName ?? "", page: number, box }] : [];
}

export async function readFields(pdf: PDFDocumentProxy): Promise<Fields> {
  const texts = new Set<string>();
  const signatures: SignatureShown[] = [];
  for (let number = 1; number <= Math.min(pdf.numPages, pagesMax); number++) {
    const page = await pdf.getPage(number);
    const annotations: Annotation[] = await page.getAnnotations();
    for (const annotation of annotations) {
      if (annotation.fieldName && isEmptyText(annotation)) {
        texts.add(annotation.fieldName);
      }
      signatures.push(...signatureOn(annotation, number, shownPage(page)));
    }
  }
  return { texts: [...texts].slice(0, fieldsMax), signatures: signatures.slice(0, fieldsMax) };
}
