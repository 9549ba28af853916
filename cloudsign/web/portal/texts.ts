import type { Language } from "../approve/texts.ts";
import type { Texts } from "./texts/vi.ts";

export type { Language, Texts };

export async function loadTexts(language: Language): Promise<Texts> {
  const { texts } = await (language === "vi" ? import("./texts/vi.ts") : import("./texts/en.ts"));
  return texts;
}
