import { useLayoutEffect, useState } from "preact/hooks";
import { chooseLanguage, chosenLanguage } from "../language.ts";
import { textsIn } from "../texts.ts";

export function App() {
  const [language, setLanguage] = useState(chosenLanguage);
  const texts = textsIn(language);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = `${texts.title} – ${texts.name}`;
  }, [language]);

  const other = language === "vi" ? "en" : "vi";
  const change = () => {
    chooseLanguage(other);
    setLanguage(other);
  };
  return (
    <>
      <header>
        <strong>{texts.name}</strong>
        <button id="language" class="quiet" type="button" lang={other} onClick={change}>
          {texts.otherLanguage}
        </button>
      </header>
      <main>
        <h1>{texts.welcomeTitle}</h1>
        <p>{texts.welcome}</p>
      </main>
    </>
  );
}
