import { render } from "preact";
import { chosenLanguage } from "./language.ts";
import { startWorker } from "./service_worker.ts";
import { loadTexts } from "./texts.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
if (root) {
  const language = chosenLanguage();
  const texts = await loadTexts(language);
  render(<App start={{ language, texts }} />, root);
  startWorker();
}
