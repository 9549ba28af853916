// What a new phone shows to the old one, as a link in a code and as people type it.

import { fromBase64url, toBase64url, type Bytes } from "./bytes.ts";

export function moveLink(origin: string, thumbprint: Bytes): string {
  return `${origin}/move#${toBase64url(thumbprint)}`;
}

// None when what stands behind the '#' is no thumbprint.
export function thumbprintIn(hash: string): Bytes | undefined {
  const bytes = fromBase64url(hash.slice(1));
  return bytes?.length === 32 ? bytes : undefined;
}

// XXXX-XXXX-XXXX of whatever was typed, in Crockford's base32: O is read as 0, I and L as 1. None when
// it is no such code.
export function readShortCode(typed: string): string | undefined {
  const plain = typed
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  const [whole, ...groups] = /^([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(plain) ?? [];
  return whole === undefined ? undefined : groups.join("-");
}
