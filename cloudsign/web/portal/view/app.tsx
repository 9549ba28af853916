import { Fragment, type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { chooseLanguage } from "../../approve/language.ts";
import { fetchCredentials, fetchLevels, type Credential } from "../api.ts";
import { followAll } from "../follow.ts";
import { comeBack, forgetToken, signIn, signOut, token } from "../session.ts";
import { all, clear, get, put, type Owner } from "../store.ts";
import { loadTexts, type Language, type Texts } from "../texts.ts";
import { explain, useWorld, WorldContext, type World } from "./context.ts";
import { Dossier } from "./dossier.tsx";
import { Heading, Later, Link, Message, useAttempt } from "./parts.tsx";
import { Sign } from "./sign.tsx";

const here = () => location.pathname + location.search;

const placePage = () => import("./place.tsx").then(({ PlacePage }) => PlacePage);
const historyPage = () => import("./history.tsx").then(({ History }) => History);
const signaturesPage = () => import("./signatures.tsx").then(({ Signatures }) => Signatures);

interface Entry {
  id: string;
  path: string;
  title: (texts: Texts) => string;
  page: () => ComponentChildren;
}

const entries: Entry[] = [
  { id: "to-dossier", path: "/", title: (texts) => texts.dossierTitle, page: () => <Dossier /> },
  { id: "to-sign", path: "/sign", title: (texts) => texts.signTitle, page: () => <Sign /> },
  {
    id: "to-history",
    path: "/history",
    title: (texts) => texts.historyTitle,
    page: () => <Later page={historyPage} />,
  },
  {
    id: "to-signatures",
    path: "/signatures",
    title: (texts) => texts.signaturesTitle,
    page: () => <Later page={signaturesPage} />,
  },
];

function entryAt(pathname: string): Entry {
  return entries.find((entry) => entry.path === pathname) ?? entries[0]!;
}

function Menu({ pathname }: { pathname: string }) {
  const { texts } = useWorld();
  return (
    <nav aria-label={texts.pages}>
      {entries.map((entry) => (
        <Link key={entry.id} id={entry.id} to={entry.path} isCurrent={entry === entryAt(pathname)}>
          {entry.title(texts)}
        </Link>
      ))}
    </nav>
  );
}

// Whose papers these are has to be known before they are shown.
async function isAnothers(credentials: Credential[]): Promise<boolean> {
  const owner = await get("settings", "owner");
  const before: Omit<Owner, "id"> = owner?.id === "owner" ? owner : { credentialIds: [], subjects: [] };
  const { credentialIds: ids, subjects } = before;
  const isKept = (await Promise.all([all("papers"), all("signed"), all("profiles"), all("askings")])).some(
    (rows) => rows.length > 0,
  );
  const isTheirs = ({ id, subject }: Credential) => ids.includes(id) || (subject !== "" && subjects.includes(subject));
  if (isKept && ids.length > 0 && !credentials.some(isTheirs)) {
    return true;
  }
  await put("settings", {
    id: "owner",
    credentialIds: [...new Set([...ids, ...credentials.map(({ id }) => id)])],
    subjects: [...new Set([...subjects, ...credentials.map(({ subject }) => subject)])],
  });
  return false;
}

function SignIn({ why }: { why: string }) {
  const { texts, language } = useWorld();
  const [busy, message, attempt] = useAttempt();
  return (
    <>
      <Heading>{texts.signInTitle}</Heading>
      <p>{texts.signIn}</p>
      <p>{texts.signInStays}</p>
      <div class="acts">
        <button
          id="sign-in"
          class="main"
          type="button"
          disabled={busy}
          onClick={() => attempt(() => signIn(language))}
        >
          {texts.signInButton}
        </button>
      </div>
      <Message text={message || why} />
    </>
  );
}

function Anothers({ onCleared }: { onCleared: () => Promise<void> }) {
  const { texts } = useWorld();
  const [busy, message, attempt] = useAttempt();
  return (
    <>
      <Heading>{texts.otherTitle}</Heading>
      <p>{texts.other}</p>
      <div class="acts">
        <button
          id="clear"
          type="button"
          disabled={busy}
          onClick={() => attempt(async () => clear().then(onCleared))}
        >
          {texts.otherClear}
        </button>
      </div>
      <Message text={message} />
    </>
  );
}

// Where a person stands: on the way back from the sign-in, outside, in, or before another's papers.
type Standing =
  | { is: "coming" }
  | { is: "out"; why: string }
  | { is: "in"; credentials: Credential[]; levels: string[] }
  | { is: "another's" };

const nothing = { credentials: [], levels: [] };

interface PageProps {
  standing: Standing;
  pathname: string;
  search: URLSearchParams;
  onCleared: () => Promise<void>;
}

function Page({ standing, pathname, search, onCleared }: PageProps) {
  const { texts } = useWorld();
  switch (standing.is) {
    case "coming":
      return <p role="status">{pathname === "/return" ? texts.returning : texts.loading}</p>;
    case "out":
      return <SignIn why={standing.why} />;
    case "another's":
      return <Anothers onCleared={onCleared} />;
    case "in": {
      const entry = entryAt(pathname);
      const paper = search.get("paper");
      return (
        <>
          <Menu pathname={pathname} />
          {paper && entry.path === "/" ? (
            <Later key={paper} page={placePage} />
          ) : (
            <Fragment key={entry.id}>{entry.page()}</Fragment>
          )}
        </>
      );
    }
  }
}

// The person's standing, and what changes it.
function useStanding(texts: Texts, onMoved: () => void) {
  const [standing, setStanding] = useState<Standing>({ is: "coming" });
  const arrive = async () => {
    try {
      if (location.pathname === "/return") {
        history.replaceState(null, "", await comeBack());
        onMoved();
      }
      if (!token()) {
        setStanding({ is: "out", why: "" });
        return;
      }
      const [credentials, levels] = await Promise.all([fetchCredentials(token()), fetchLevels()]);
      setStanding((await isAnothers(credentials)) ? { is: "another's" } : { is: "in", credentials, levels });
    } catch (error) {
      setStanding({ is: "out", why: explain(error, texts) });
    }
  };
  const over = () => {
    forgetToken();
    setStanding({ is: "out", why: texts.sessionOver });
  };
  const leave = async () => {
    setStanding({ is: "out", why: "" });
    await signOut();
  };
  return { standing, arrive, over, leave };
}

function Head({ isIn, onLeave, onLanguage }: { isIn: boolean; onLeave: () => void; onLanguage: () => void }) {
  const { texts, language } = useWorld();
  return (
    <header>
      <strong>{texts.name}</strong>
      {isIn && (
        <button id="sign-out" class="quiet who" type="button" onClick={onLeave}>
          {texts.signOut}
        </button>
      )}
      <button id="language" class="quiet" type="button" lang={otherThan(language)} onClick={onLanguage}>
        {texts.otherLanguage}
      </button>
    </header>
  );
}

interface Spoken {
  language: Language;
  texts: Texts;
}

function otherThan(language: Language): Language {
  return language === "vi" ? "en" : "vi";
}

export function App({ start }: { start: Spoken }) {
  const [{ language, texts }, setSpoken] = useState(start);
  const [at, setAt] = useState(here);
  const [trouble, setTrouble] = useState("");
  const { standing, arrive, over, leave } = useStanding(texts, () => setAt(here()));
  const isIn = standing.is === "in";

  const go = (to: string) => {
    history.pushState(null, "", to);
    setTrouble("");
    setAt(here());
  };
  useEffect(() => {
    const moved = () => setAt(here());
    addEventListener("popstate", moved);
    arrive();
    return () => removeEventListener("popstate", moved);
  }, []);
  useEffect(() => {
    if (isIn) {
      const onTrouble = (error: unknown) => setTrouble(explain(error, texts));
      followAll(over, onTrouble).catch(onTrouble);
    }
  }, [isIn, at]);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = texts.name;
  }, [language]);

  const { credentials, levels } = standing.is === "in" ? standing : nothing;
  const world = useMemo<World>(
    () => ({ language, texts, place: at, credentials, levels, go, sessionOver: over }),
    [language, at, standing],
  );
  const change = async () => {
    const other = otherThan(language);
    const spoken = { language: other, texts: await loadTexts(other) };
    chooseLanguage(other);
    setSpoken(spoken);
  };
  const { pathname, searchParams } = new URL(at, location.origin);
  return (
    <WorldContext.Provider value={world}>
      <Head isIn={isIn || standing.is === "another's"} onLeave={leave} onLanguage={change} />
      <main>
        {trouble && <Message id="trouble" text={trouble} />}
        <Page standing={standing} pathname={pathname} search={searchParams} onCleared={arrive} />
      </main>
    </WorldContext.Provider>
  );
}
