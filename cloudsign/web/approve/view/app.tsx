import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { chooseLanguage } from "../language.ts";
import { onWorker } from "../service_worker.ts";
import { changeSettings } from "../settings.ts";
import { loadPhone } from "../storage.ts";
import { loadTexts, type Language, type Texts } from "../texts.ts";
import { WorldContext, type World } from "./context.ts";
import { Inbox } from "./inbox.tsx";
import { Heading, Later, Link } from "./parts.tsx";

function Welcome({ world }: { world: World }) {
  return (
    <>
      <Heading>{world.texts.welcomeTitle}</Heading>
      <p>{world.texts.welcome}</p>
      <nav>
        <Link id="to-join" to="/join">
          {world.texts.haveOldPhone}
        </Link>
      </nav>
    </>
  );
}

// Of little use without it, so it is fetched right after the list.
const confirm = () => import("./confirm.tsx").then(({ ConfirmPage }) => ConfirmPage);
const join = () => import("./join.tsx").then(({ Join }) => Join);
const officer = () => import("./officer.tsx").then(({ Officer }) => Officer);
const ceremony = () => import("./ceremony.tsx").then(({ Ceremony }) => Ceremony);
const enrol = () => import("./enrol.tsx").then(({ Enrol }) => Enrol);
const pages: Record<string, () => Promise<ComponentType>> = {
  "/start": () => import("./start.tsx").then(({ Start }) => Start),
  "/scan": () => import("./scan.tsx").then(({ Scan }) => Scan),
  "/history": () => import("./history.tsx").then(({ History }) => History),
  "/devices": () => import("./devices.tsx").then(({ Devices }) => Devices),
  "/move": () => import("./move.tsx").then(({ Move }) => Move),
  "/settings": () => import("./settings.tsx").then(({ SettingsPage }) => SettingsPage),
};

function Page({ path, world }: { path: string; world: World }) {
  const { phone } = world;
  if (path === "/enrol") {
    return <Later page={enrol} />;
  }
  if (path === "/join") {
    return <Later page={join} />;
  }
  if (path === "/officer") {
    return <Later page={officer} />;
  }
  if (path === "/ceremony" && phone?.role === "officer") {
    return <Later page={ceremony} />;
  }
  if (!phone?.session) {
    return <Welcome world={world} />;
  }
  const page = pages[path];
  if (page) {
    return <Later key={path} page={page} />;
  }
  return path.startsWith("/c/") ? <Later key={path} page={confirm} /> : <Inbox phone={phone} />;
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
      path,
      phone,
      reload: () => setPhone(loadPhone()),
      go: (to, how = "push") => {
        history[how === "push" ? "pushState" : "replaceState"](null, "", to);
        setPath(location.pathname);
      },
    }),
    [language, path, phone],
  );
  useEffect(() => onWorker((to) => world.go(to)), []);
  useEffect(() => {
    confirm().catch(() => undefined);
  }, []);
  const other = language === "vi" ? "en" : "vi";
  // Without a connection it stays as it is.
  const change = async () => {
    const spoken = { language: other, texts: await loadTexts(other) } as const;
    chooseLanguage(other);
    changeSettings({ language: other });
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
