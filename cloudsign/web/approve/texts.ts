// Every word that the app says, in chunks of which a phone loads its own language's.

import type { Texts } from "./texts/vi.ts";

export type { Texts };
export type Language = "vi" | "en";

export async function loadTexts(language: Language): Promise<Texts> {
  const { texts } = await (language === "vi" ? import("./texts/vi.ts") : import("./texts/en.ts"));
  return texts;
}
