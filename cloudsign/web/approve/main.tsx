import { render } from "preact";
import { chosenLanguage } from "./language.ts";
import { loadPhone } from "./storage.ts";
import { startWorker } from "./service_worker.ts";
import { loadTexts } from "./texts.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
if (root) {
  const language = chosenLanguage();
  const texts = await loadTexts(language);
  render(<App start={{ language, texts }} />, root);
  startWorker();
  const phone = "Notification" in globalThis && Notification.permission === "granted" ? loadPhone() : undefined;
  if (phone?.session) {
    import("./push.ts").then(({ renewPush }) => renewPush(phone)).catch(() => undefined);
  }
}
