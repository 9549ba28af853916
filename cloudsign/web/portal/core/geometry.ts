// Where things are on a page, as cloudsign/document/pdf_geometry.h has it: points, the origin at the
// lower left corner of what a reader shows (the CropBox, turned by /Rotate).

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

// Lower left and upper right, in a page's own user space.
export type Rectangle = readonly [number, number, number, number];

export interface ShownPage {
  view: Rectangle;
  rotation: number; // 0, 90, 180, 270, clockwise
}

export interface Size {
  width: number;
  height: number;
}

const sideMin = 10; // points: less is no place for a signature

export function sizeOf({ view: [x0, y0, x1, y1], rotation }: ShownPage): Size {
  const [width, height] = [x1 - x0, y1 - y0];
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

// ISO 32000-2 §7.7.3.3: /Rotate turns the page clockwise when it is shown.
function toShown({ view: [x0, y0, x1, y1], rotation }: ShownPage, x: number, y: number): [number, number] {
  switch (rotation) {
    case 90:
      return [y - y0, x1 - x];
    case 180:
      return [x1 - x, y1 - y];
    case 270:
      return [y1 - y, x - x0];
    default:
      return [x - x0, y - y0];
  }
}

export function shownBox(page: ShownPage, [x0, y0, x1, y1]: Rectangle): Box {
  const [ax, ay] = toShown(page, x0, y0);
  const [bx, by] = toShown(page, x1, y1);
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

export function united(a: Rectangle, b: Rectangle): Rectangle {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

function within(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), Math.max(min, max));
}

function toTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

// The nearest box that is all on the page, in tenths of a point.
export function fitted(box: Box, page: Size): Box {
  const width = within(toTenth(box.width), sideMin, Math.floor(page.width * 10) / 10);
  const height = within(toTenth(box.height), sideMin, Math.floor(page.height * 10) / 10);
  return {
    x: within(toTenth(box.x), 0, Math.floor((page.width - width) * 10) / 10),
    y: within(toTenth(box.y), 0, Math.floor((page.height - height) * 10) / 10),
    width,
    height,
  };
}

export function moved(box: Box, dx: number, dy: number, page: Size): Box {
  return fitted({ ...box, x: box.x + dx, y: box.y + dy }, page);
}

// By its upper right corner: the lower left one stays, and the page ends the growth.
export function resized(box: Box, dx: number, dy: number, page: Size): Box {
  const width = within(box.width + dx, sideMin, page.width - box.x);
  const height = within(box.height + dy, sideMin, page.height - box.y);
  return fitted({ ...box, width, height }, page);
}

const gap = 4; // points, as cloudsign/document/appearance_preset.cc

// In the middle above a phrase, where a handwritten signature stands over its writer's name.
export function boxAbove(phrase: Box, size: Size): Box {
  return {
    x: phrase.x + (phrase.width - size.width) / 2,
    y: phrase.y + phrase.height + gap,
    width: size.width,
    height: size.height,
  };
}

// Over the left third of a signature, as cloudsign/document/pdf_signature_field.cc puts a seal.
export function sealOver(signature: Box, size: Size): Box {
  return {
    x: signature.x + signature.width / 3 - size.width,
    y: signature.y + (signature.height - size.height) / 2,
    ...size,
  };
}

// Where papers mostly want a signature, before anybody has said: at the lower right.
export function usualBox(size: Size, page: Size): Box {
  const margin = 60;
  return fitted({ x: page.width - size.width - margin, y: margin * 2, ...size }, page);
}
