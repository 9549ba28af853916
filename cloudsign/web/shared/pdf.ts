// The document viewer, as the apps use it: draws a PDF and reads its text.

import {
  GlobalWorkerOptions,
  PDFWorker,
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from "pdfjs-dist/legacy/build/pdf.min.mjs";
import type { Bytes } from "../approve/core/bytes.ts";
import { pdfWorker, trusted } from "./trusted.ts";

export type { PDFDocumentProxy, PDFPageProxy };

const widthMax = 1600; // of a page, in dots

function newWorker(): Worker {
  return new Worker(trusted.createScriptURL(pdfWorker), { type: "module" });
}

// What a document may do here: be drawn. No scripts, forms, links or sound, nothing fetched.
function drawable(bytes: Bytes) {
  return { data: bytes.slice(), enableXfa: false, useWasm: false, disableAutoFetch: true };
}

// For a page that shows one after the other and closes none: they share a worker, which would end with
// the first that is closed.
export async function openPdf(bytes: Bytes): Promise<PDFDocumentProxy> {
  GlobalWorkerOptions.workerPort ??= newWorker();
  return getDocument(drawable(bytes)).promise;
}

export interface OwnPdf {
  pdf: PDFDocumentProxy;
  close: () => void;
}

// With a worker of its own, so that closing it ends nobody else's.
export async function openOwnPdf(bytes: Bytes): Promise<OwnPdf> {
  const port = newWorker();
  const worker = new PDFWorker({ port: port as unknown as null }); // its type says null alone
  const close = () => {
    worker.destroy();
    port.terminate();
  };
  try {
    return { pdf: await getDocument({ ...drawable(bytes), worker }).promise, close };
  } catch (error) {
    close();
    throw error;
  }
}

export async function drawPage(page: PDFPageProxy, canvas: HTMLCanvasElement): Promise<void> {
  const plain = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: Math.min(2.5, widthMax / plain.width) });
  canvas.width = Math.ceil(viewport.width);
  canvas.height = Math.ceil(viewport.height);
  await page.render({ canvas, viewport }).promise;
}
