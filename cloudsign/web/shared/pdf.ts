// The document viewer, as the apps use it: draws a PDF and reads its text.

import {
  GlobalWorkerOptions,
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from "pdfjs-dist/legacy/build/pdf.min.mjs";
import type { Bytes } from "../approve/core/bytes.ts";
import { pdfWorker, trusted } from "./trusted.ts";

export type { PDFDocumentProxy, PDFPageProxy };

const widthMax = 1600; // of a page, in dots

// What a document may do here: be drawn. No scripts, forms, links or sound, nothing fetched.
export async function openPdf(bytes: Bytes): Promise<PDFDocumentProxy> {
  GlobalWorkerOptions.workerPort ??= new Worker(trusted.createScriptURL(pdfWorker), { type: "module" });
  return getDocument({
    data: bytes.slice(),
    enableXfa: false,
    useWasm: false,
    disableAutoFetch: true,
  }).promise;
}

export async function drawPage(page: PDFPageProxy, canvas: HTMLCanvasElement): Promise<void> {
  const plain = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: Math.min(2.5, widthMax / plain.width) });
  canvas.width = Math.ceil(viewport.width);
  canvas.height = Math.ceil(viewport.height);
  await page.render({ canvas, viewport }).promise;
}
