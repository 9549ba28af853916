// A person's picture, as the service takes it: PNG, and small enough to go with every paper.

import type { Bytes } from "../approve/core/bytes.ts";
import { pictureSizeMax } from "./core/paper.ts";

const sides = [1000, 700, 500, 350, 250, 150]; // pixels, of the longer side

// Throws DOMException when it is no picture that this browser can read.
export async function toPng(file: Blob): Promise<Bytes> {
  const picture = await createImageBitmap(file);
  for (const side of sides) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(picture.width * scale)),
      Math.max(1, Math.round(picture.height * scale)),
    );
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const png = await canvas.convertToBlob({ type: "image/png" });
    if (png.size <= pictureSizeMax) {
      return new Uint8Array(await png.arrayBuffer());
    }
  }
  throw new DOMException("the picture stays too large", "DataError");
}
