// What the person has chosen and the worker has to know too, which cannot read localStorage: kept
// as an answer in a cache of this origin.

import type { Language } from "./texts.ts";

export interface Settings {
  language: Language;
  quietFrom: string; // "22:00"; both empty: never quiet
  quietTo: string;
}

const cacheName = "settings";
const place = "/settings.json";

export async function readSettings(): Promise<Settings> {
  const settings: Settings = { language: "vi", quietFrom: "", quietTo: "" };
  try {
    const cache = await caches.open(cacheName);
    const kept: unknown = await (await cache.match(place))?.json();
    return { ...settings, ...(kept as Partial<Settings>) };
  } catch {
    return settings;
  }
}

export async function changeSettings(change: Partial<Settings>): Promise<Settings> {
  const settings = { ...(await readSettings()), ...change };
  const cache = await caches.open(cacheName);
  await cache.put(place, new Response(JSON.stringify(settings)));
  return settings;
}

// From the one time of day to the other, over midnight where the second is not the later one.
export function isQuiet({ quietFrom, quietTo }: Settings, now: Date): boolean {
  const time = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  if (!quietFrom || !quietTo) {
    return false;
  }
  return quietFrom < quietTo
    ? quietFrom <= time && time < quietTo
    : quietFrom <= time || time < quietTo;
}
