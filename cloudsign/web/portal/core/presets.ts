// What cloudsign/document/appearance_preset.cc knows of how a signature looks, by its names there.

import type { Size } from "./geometry.ts";

export type Value = "number" | "organisation" | "opinion" | "name";

export interface Preset {
  name: string; // "": a picture and lines of one's own
  hasPicture: boolean;
  values: readonly Value[]; // that the person says
  isSeal: boolean; // stands over another's signature
  isCorner: boolean; // stands at the upper right of the first page unless a box is given
  size: Size; // points, of a box that nobody has drawn yet
}

const own = { width: 120, height: 60 }; // as `kyso sign` has it for a picture without a preset
const corner = { width: 180, height: 40 };

function preset(name: string, hasPicture: boolean, values: Value[], isCorner: boolean, size: Size): Preset {
  return { name, hasPicture, values, isSeal: name === "to-chuc", isCorner, size };
}

export const presets: readonly Preset[] = [
  preset("lanh-dao", true, [], false, own),
  preset("ky-nhay", true, [], false, { width: 60, height: 30 }),
  preset("y-kien", false, ["opinion", "name"], false, { width: 200, height: 40 }),
  preset("to-chuc", true, [], false, { width: 102, height: 102 }),
  preset("phu-luc", false, ["number"], true, corner),
  preset("sao-y", false, ["organisation"], true, corner),
  preset("sao-luc", false, ["organisation"], true, corner),
  preset("trich-sao", false, ["organisation"], true, corner),
  preset("van-ban", false, ["number"], true, corner),
  preset("", true, [], false, own),
];

export function presetNamed(name: string): Preset {
  return presets.find((one) => one.name === name) ?? presets[0]!;
}
