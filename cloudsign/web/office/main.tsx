import { render } from "preact";
import { chosenLanguage } from "../approve/language.ts";
import { fetchMe, type User } from "./api.ts";
import { loadTexts } from "./texts.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
if (root) {
  const language = chosenLanguage();
  // Nobody, also where the server does not answer: signing in then says so.
  const me = location.pathname === "/register" ? undefined : fetchMe().catch(() => undefined);
  const [texts, user] = await Promise.all([loadTexts(language), me as Promise<User | undefined>]);
  render(<App start={{ language, texts }} user={user} />, root);
}
