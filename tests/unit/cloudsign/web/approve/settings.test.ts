// When a notification makes no sound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isQuiet, type Settings } from "../../../../../cloudsign/web/approve/settings.ts";

function at(time: string): Date {
  return new Date(`2026-11-27T${time}:00`);
}
function hours(quietFrom: string, quietTo: string): Settings {
  return { language: "vi", quietFrom, quietTo };
}

test("never without both times", () => {
  assert.ok(!isQuiet(hours("", ""), at("03:00")));
  assert.ok(!isQuiet(hours("22:00", ""), at("23:00")));
  assert.ok(!isQuiet(hours("", "06:00"), at("03:00")));
});

test("within a day, the end not among it", () => {
  const noon = hours("12:00", "13:30");
  assert.deepEqual(
    ["11:59", "12:00", "13:29", "13:30"].map((time) => isQuiet(noon, at(time))),
    [false, true, true, false],
  );
});

test("over midnight", () => {
  const night = hours("22:00", "06:00");
  assert.deepEqual(
    ["21:59", "22:00", "23:59", "00:00", "05:59", "06:00"].map((time) => isQuiet(night, at(time))),
    [false, true, true, true, true, false],
  );
});

test("from a time to the same is always", () => {
  assert.ok(isQuiet(hours("08:00", "08:00"), at("07:59")));
});
