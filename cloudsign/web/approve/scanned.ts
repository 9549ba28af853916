// What the camera of this very app has read, for the next page alone. A link from elsewhere does not
// count: whoever sends one is not the phone in the person's hand.

import type { Bytes } from "./core/bytes.ts";

let kept: Bytes | undefined;

export function noteScanned(thumbprint: Bytes): void {
  kept = thumbprint;
}

export function takeScanned(): Bytes | undefined {
  const found = kept;
  kept = undefined;
  return found;
}
