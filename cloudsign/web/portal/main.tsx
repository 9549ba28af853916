import { render } from "preact";
import { chosenLanguage } from "../approve/language.ts";
import { loadTexts } from "./texts.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
if (root) {
  const language = chosenLanguage();
  render(<App start={{ language, texts: await loadTexts(language) }} />, root);
}
