// What may be signed here, and what it is called.

import type { Bytes } from "../../approve/core/bytes.ts";
import type { Box } from "./geometry.ts";

// A request has 4 MB, in base64 and with the signature's picture (server/api/routes.cc): the 3 MB of
// the integration guide, less the picture.
export const paperSizeMax = 3_000_000;
export const pictureSizeMax = 100_000;
export const papersMax = 100; // of a dossier
export const nameMax = 200; // characters; the service takes 255

export interface Place {
  page: number; // 1 is the first
  box: Box;
}

export interface Paper {
  id: string;
  name: string;
  bytes: Bytes;
  addedAt: number;
  place?: Place;
  filled?: Record<string, string>; // what goes into its text fields, by their names
}

export type Unfit = "notPdf" | "tooLarge" | "empty";

// ISO 32000-2 §7.5.2: the header may stand behind a few other bytes.
const headerWithin = 1024;

export function unfit(bytes: Bytes): Unfit | undefined {
  if (bytes.length === 0) {
    return "empty";
  }
  if (!new TextDecoder("latin1").decode(bytes.subarray(0, headerWithin)).includes("%PDF-")) {
    return "notPdf";
  }
  return bytes.length > paperSizeMax ? "tooLarge" : undefined;
}

// As it is shown on the phone and stands in a file system: no folders, no controls.
export function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!.replace(/[\p{Cc}\p{Cf}]/gu, "").trim();
  return Array.from(last.normalize("NFC")).slice(-nameMax).join("") || "tep.pdf";
}

export function signedName(name: string): string {
  return `${name.replace(/\.pdf$/i, "")}_signed.pdf`;
}
