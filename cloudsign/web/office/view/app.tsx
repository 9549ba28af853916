import { Fragment, type ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { chooseLanguage } from "../../approve/language.ts";
import { call, type User } from "../api.ts";
import { loadTexts, type Language, type Texts } from "../texts.ts";
import { Audit } from "./audit.tsx";
import { WorldContext, maySeeRecords, maySeeSigners, useWorld, type World } from "./context.ts";
import { Heading, Link, Theirs } from "./parts.tsx";
import { Queue } from "./queue.tsx";
import { Register, SignIn } from "./sign_in.tsx";
import { SignerPage } from "./signer.tsx";
import { Signers } from "./signers.tsx";
import { TransactionPage, Transactions } from "./transactions.tsx";

const here = () => location.pathname + location.search;

interface Entry {
  id: string;
  path: string;
  may: (user: User) => boolean;
  title: (texts: Texts) => string;
  page: (search: URLSearchParams) => ComponentChildren;
}

// Each with the page of one of what it lists.
const entries: Entry[] = [
  {
    id: "to-signers",
    path: "/signer",
    may: maySeeSigners,
    title: (texts) => texts.signersTitle,
    page: (search) => {
      const id = search.get("id");
      return id ? <SignerPage key={id} id={id} /> : <Signers />;
    },
  },
  {
    id: "to-queue",
    path: "/queue",
    may: maySeeSigners,
    title: (texts) => texts.queueTitle,
    page: () => <Queue />,
  },
  {
    id: "to-transactions",
    path: "/transaction",
    may: maySeeRecords,
    title: (texts) => texts.transactionsTitle,
    page: (search) => {
      const id = search.get("id");
      return id ? <TransactionPage key={id} id={id} /> : <Transactions />;
    },
  },
  {
    id: "to-audit",
    path: "/audit",
    may: maySeeRecords,
    title: (texts) => texts.auditTitle,
    page: () => <Audit />,
  },
];

// At "/" what the role sees first.
function entryAt(pathname: string, user: User): Entry | undefined {
  const seen = entries.filter((entry) => entry.may(user));
  return pathname === "/" ? seen[0] : seen.find((entry) => pathname.startsWith(entry.path));
}

function Page() {
  const { texts, place, user } = useWorld();
  const { pathname, searchParams } = new URL(place, location.origin);
  if (pathname === "/register") {
    return <Register />;
  }
  if (!user) {
    return <SignIn />;
  }
  const entry = entryAt(pathname, user);
  return entry ? (
    <Fragment key={entry.id}>{entry.page(searchParams)}</Fragment>
  ) : (
    <>
      <Heading>{texts.noPageTitle}</Heading>
      <p>{texts.noPage}</p>
    </>
  );
}

function Menu() {
  const { texts, place, user } = useWorld();
  if (!user) {
    return null;
  }
  const current = entryAt(new URL(place, location.origin).pathname, user);
  return (
    <nav aria-label={texts.pages}>
      {entries
        .filter((entry) => entry.may(user))
        .map((entry) => (
          <Link
            key={entry.id}
            id={entry.id}
            to={entry.path === "/queue" || entry.path === "/audit" ? entry.path : `${entry.path}s`}
            isCurrent={entry === current}
          >
            {entry.title(texts)}
          </Link>
        ))}
    </nav>
  );
}

function Who({ user }: { user: User }) {
  const { texts, become } = useWorld();
  // Gone from here at once; the server's session ends when it hears of it, or by itself.
  const leave = async () => {
    await call("sign-out", {}).catch(() => undefined);
    become(undefined);
  };
  return (
    <>
      <span class="who">
        <Theirs text={user.name} /> · {texts.roles[user.role] ?? user.role}
      </span>
      <button id="sign-out" class="quiet" type="button" onClick={leave}>
        {texts.signOut}
      </button>
    </>
  );
}

interface Spoken {
  language: Language;
  texts: Texts;
}

export function App({ start, user: found }: { start: Spoken; user: User | undefined }) {
  const [{ language, texts }, setSpoken] = useState(start);
  const [place, setPlace] = useState(here);
  const [user, become] = useState(found);

  useEffect(() => {
    const moved = () => setPlace(here());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = texts.name;
  }, [language]);

  const world = useMemo<World>(
    () => ({
      language,
      texts,
      place,
      user,
      become,
      go: (to) => {
        history.pushState(null, "", to);
        setPlace(here());
      },
    }),
    [language, place, user],
  );
  const other = language === "vi" ? "en" : "vi";
  const change = async () => {
    const spoken = { language: other, texts: await loadTexts(other) } as const;
    chooseLanguage(other);
    setSpoken(spoken);
  };
  return (
    <WorldContext.Provider value={world}>
      <header>
        <strong>{texts.name}</strong>
        {user && <Who user={user} />}
        <button id="language" class="quiet" type="button" lang={other} onClick={change}>
          {texts.otherLanguage}
        </button>
      </header>
      <main>
        <Menu />
        <Page />
      </main>
    </WorldContext.Provider>
  );
}
