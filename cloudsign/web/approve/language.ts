import type { Language } from "./texts.ts";

// The person's choice is kept on this phone; before there is one, the phone's own language decides.
const place = "kyso-language";

export function chosenLanguage(): Language {
  const kept = localStorage.getItem(place);
  if (kept === "vi" || kept === "en") {
    return kept;
  }
  return navigator.languages.some((one) => one.toLowerCase().startsWith("vi")) ? "vi" : "en";
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(place, language);
}
