import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { chooseLanguage } from "../language.ts";
import { loadPhone } from "../storage.ts";
import { loadTexts, type Language, type Texts } from "../texts.ts";
import { Confirm } from "./confirm.tsx";
import { WorldContext, type World } from "./context.ts";
import { Enrol } from "./enrol.tsx";
import { Inbox } from "./inbox.tsx";
import { Heading } from "./parts.tsx";
import { Start } from "./start.tsx";

function Welcome({ world }: { world: World }) {
  return (
    <>
      <Heading>{world.texts.welcomeTitle}</Heading>
      <p>{world.texts.welcome}</p>
    </>
  );
}

function Page({ path, world }: { path: string; world: World }) {
  const { phone } = world;
  if (path === "/enrol") {
    return <Enrol />;
  }
  if (!phone?.session) {
    return <Welcome world={world} />;
  }
  if (path === "/start") {
    return <Start phone={phone} />;
  }
  const id = /^\/c\/([^/]+)$/.exec(path)?.[1];
  return id ? <Confirm key={id} id={id} phone={phone} /> : <Inbox phone={phone} />;
}

interface Spoken {
  language: Language;
  texts: Texts;
}

export function App({ start }: { start: Spoken }) {
  const [{ language, texts }, setSpoken] = useState(start);
  const [path, setPath] = useState(location.pathname);
  const [phone, setPhone] = useState(loadPhone);

  useEffect(() => {
    const moved = () => setPath(location.pathname);
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = `${texts.title} – ${texts.name}`;
  }, [language]);

  const world = useMemo<World>(
    () => ({
      language,
      texts,
      phone,
      reload: () => setPhone(loadPhone()),
      go: (to, how = "push") => {
        history[how === "push" ? "pushState" : "replaceState"](null, "", to);
        setPath(to);
      },
    }),
    [language, phone],
  );
  const other = language === "vi" ? "en" : "vi";
  // Without a connection it stays as it is.
  const change = async () => {
    const spoken = { language: other, texts: await loadTexts(other) } as const;
    chooseLanguage(other);
    setSpoken(spoken);
  };
  return (
    <WorldContext.Provider value={world}>
      <header>
        <strong>{texts.name}</strong>
        <button id="language" class="quiet" type="button" lang={other} onClick={change}>
          {texts.otherLanguage}
        </button>
      </header>
      <main>
        <Page path={path} world={world} />
      </main>
    </WorldContext.Provider>
  );
}
