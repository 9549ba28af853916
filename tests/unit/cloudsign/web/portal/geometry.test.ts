// The same pages and boxes as tests/unit/cloudsign/document/pdf_geometry_test.cc.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxAbove, fitted, moved, resized, sealOver, shownBox, sizeOf, usualBox, type Rectangle, type ShownPage,
} from "../../../../../cloudsign/web/portal/core/geometry.ts";

const turned = (rotation: number): ShownPage => ({ view: [10, 20, 210, 120], rotation });
const box = { x: 5, y: 7, width: 30, height: 11 };
const page = { width: 200, height: 100 };

test("finds the box of a rectangle on a turned page", () => {
  const rectangles: [number, Rectangle][] = [
    [0, [15, 27, 45, 38]], [90, [192, 25, 203, 55]], [180, [175, 102, 205, 113]], [270, [17, 85, 28, 115]],
  ];
  for (const [rotation, rectangle] of rectangles) {
    assert.deepEqual(shownBox(turned(rotation), rectangle), box, String(rotation));
  }
});

test("a page that lies on its side is as wide as it is high", () => {
  for (const rotation of [0, 180]) {
    assert.deepEqual(sizeOf(turned(rotation)), page);
  }
  for (const rotation of [90, 270]) {
    assert.deepEqual(sizeOf(turned(rotation)), { width: 100, height: 200 });
  }
});

test("a box stays on its page however far it is moved", () => {
  assert.deepEqual(moved(box, -50, 500, page), { ...box, x: 0, y: 89 });
  assert.deepEqual(moved(box, 500, -50, page), { ...box, x: 170, y: 0 });
  assert.deepEqual(moved(box, 1.26, 0, page), { ...box, x: 6.3 });
});

test("a box grows to the page's end and shrinks to what still can be seen", () => {
  assert.deepEqual(resized(box, 500, 500, page), { x: 5, y: 7, width: 195, height: 93 });
  assert.deepEqual(resized(box, -500, -500, page), { x: 5, y: 7, width: 10, height: 10 });
});

test("whatever is typed becomes a box of the page", () => {
  assert.deepEqual(fitted({ x: -1, y: 1e9, width: 1e9, height: 0 }, page), { x: 0, y: 90, width: 200, height: 10 });
  const odd = { width: 595.276, height: 841.89 };
  for (const step of [0.04, 7.77, 594, 1e6]) {
    const got = fitted({ x: step, y: step, width: step, height: step }, odd);
    assert.ok(got.x + got.width <= odd.width + 0.01 && got.y + got.height <= odd.height + 0.01, String(step));
  }
});

test("stands in the middle above a phrase, as kyso sign puts it", () => {
  assert.deepEqual(boxAbove({ x: 100, y: 200, width: 60, height: 12 }, { width: 120, height: 60 }), {
    x: 70, y: 216, width: 120, height: 60,
  });
});

test("a seal stands over the left third of a signature, as kyso sign puts it", () => {
  assert.deepEqual(sealOver({ x: 350, y: 500, width: 120, height: 60 }, { width: 102, height: 102 }), {
    x: 288, y: 479, width: 102, height: 102,
  });
});

test("the first box is on the page, also on a small one", () => {
  assert.deepEqual(usualBox({ width: 120, height: 60 }, { width: 595, height: 842 }), {
    x: 415, y: 120, width: 120, height: 60,
  });
  const small = usualBox({ width: 120, height: 60 }, { width: 50, height: 50 });
  assert.deepEqual(small, { x: 0, y: 0, width: 50, height: 50 });
});
