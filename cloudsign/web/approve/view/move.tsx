import { useEffect, useState } from "preact/hooks";
import { ApiError, approve, fetchItem, notMine, reject, serverNow } from "../api.ts";
import { takeMove } from "../api_move.ts";
import { shortCode, thumbprint } from "../core/activation.ts";
import { equal } from "../core/bytes.ts";
import { isWaiting, type Item } from "../core/item.ts";
import { Refused } from "../core/item_check.ts";
import { readShortCode } from "../core/move_mark.ts";
import { checkLeaving, type Mark } from "../core/rebind_check.ts";
import { assertChallenge } from "../passkey.ts";
import { takeScanned } from "../scanned.ts";
import { forgetPhone, loadPhone, type StoredPhone } from "../storage.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Countdown, useSecondsUntil } from "./countdown.tsx";
import { Back, Heading, Link, Message, Theirs, usePolling } from "./parts.tsx";
import { RefusedPage } from "./refused.tsx";
import { ToInbox } from "./to_inbox.tsx";

const everyMs = 1500;

function explainMove(error: unknown, texts: Texts): string {
  if (error instanceof ApiError && error.status === 409) {
    return texts.moveConflict;
  }
  if (error instanceof ApiError && error.status === 429) {
    return texts.moveTooOften;
  }
  if (error instanceof ApiError && error.status === 404) {
    return texts.moveUnknown;
  }
  return explain(error, texts);
}

// What the new phone shows comes by camera or by hand, and never from the server.
function Ask({ onMark, failed }: { onMark: (mark: Mark) => void; failed: string }) {
  const { texts } = useWorld();
  const [typed, setTyped] = useState("");
  const [message, setMessage] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    const code = readShortCode(typed);
    setMessage(code ? "" : texts.moveNoCode);
    if (code) {
      onMark({ shortCode: code });
    }
  };
  return (
    <>
      <Heading>{texts.moveTitle}</Heading>
      <p>{texts.move}</p>
      <Message text={message || failed} />
      <nav>
        <Link id="to-scan" to="/scan">
          {texts.moveScan}
        </Link>
      </nav>
      <form onSubmit={submit}>
        <label for="code">{texts.moveType}</label>
        <input
          id="code"
          required
          maxLength={20}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button id="next">{texts.next}</button>
      </form>
      <Back />
    </>
  );
}

interface QuestionProps {
  items: Item[];
  code: string;
  mark: Mark;
  phone: StoredPhone;
  onRefused: (refused: Refused) => void;
  onAnswered: () => void;
}

function Question({ items, code, mark, phone, onRefused, onAnswered }: QuestionProps) {
  const { texts } = useWorld();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const seconds = useSecondsUntil(Math.min(...items.map((item) => item.expiresAt)));
  const off = busy || seconds === 0;
  const attempt = async (act: (item: Item) => Promise<string>) => {
    setBusy(true);
    setMessage("");
    try {
      for (const item of items) {
        await act(item);
      }
      onAnswered();
    } catch (error) {
      if (error instanceof Refused) {
        onRefused(error);
        return;
      }
      // Over meanwhile, or approved while one module cannot be reached: what became of it is asked next.
      if (error instanceof ApiError && [409, 410, 503].includes(error.status)) {
        onAnswered();
        return;
      }
      setMessage(explainMove(error, texts));
      setBusy(false);
    }
  };
  // What is on the screen is what is checked, and its challenge what the passkey signs.
  const sign = async (item: Item) => {
    const checked = await checkLeaving(item, loadPhone() ?? phone, serverNow(), mark);
    return approve(phone, item, await assertChallenge(phone, checked.challenge));
  };
  return (
    <>
      <Heading>{texts.moveQuestion}</Heading>
      <p id="new-phone">
        <strong>
          <Theirs text={items[0]?.newPhone?.name ?? ""} />
        </strong>
      </p>
      <p>{texts.moveCompare}</p>
      <p id="short-code">{code}</p>
      <h2>{texts.signer}</h2>
      <ul id="subjects">
        {items.map((item) => (
          <li key={item.id}>
            <Theirs text={item.subject} />
          </li>
        ))}
      </ul>
      <p>{texts.moveMeans}</p>
      <Countdown seconds={seconds} />
      {seconds === 0 && <p id="over">{texts.timeOver}</p>}
      <Message text={message} />
      <div class="answers">
        <button id="approve" class="main" type="button" disabled={off} onClick={() => attempt(sign)}>
          {texts.moveConfirm}
        </button>
        <button id="reject" type="button" disabled={off} onClick={() => attempt((item) => reject(phone, item))}>
          {texts.reject}
        </button>
        <button id="not-mine" type="button" disabled={off} onClick={() => attempt((item) => notMine(phone, item))}>
          {texts.notMine}
        </button>
      </div>
      <p>{texts.notMineMeans}</p>
    </>
  );
}

function Gone() {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.moveDoneTitle}</Heading>
      <p>{texts.moveDone}</p>
      <ToInbox id="close" label={texts.close} />
    </>
  );
}

function ended(states: string[], texts: Texts): [string, string] {
  if (states.includes("not_mine")) {
    return [texts.doneNotMine, texts.doneNotMineText];
  }
  return [states.includes("expired") ? texts.doneExpired : texts.doneRejected, texts.moveNothing];
}

interface FollowProps {
  items: Item[];
  phone: StoredPhone;
  onAskedAgain: () => void;
}

// After this phone's answer. The session ends with the change, and what is kept here is of no more
// use: a server that ends it without one has taken this phone off, which it always can.
function Follow({ items, phone, onAskedAgain }: FollowProps) {
  const { texts } = useWorld();
  const [states, setStates] = useState<string[]>([]);
  const [gone, setGone] = useState(false);
  const [message, setMessage] = useState("");
  const isOver =
    states.length > 0 && !states.some((one) => ["created", "notified", "seen", "approved", "signing"].includes(one));
  const look = async () => {
    try {
      const found = await Promise.all(items.map((item) => fetchItem(phone, item.id)));
      setMessage("");
      if (found.some((one) => isWaiting(one) && one.thumbprints.some((by) => equal(by, phone.thumbprint)))) {
        onAskedAgain();
        return;
      }
      setStates(found.map((one) => one.state));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        forgetPhone();
        setGone(true);
        return;
      }
      setMessage(explain(error, texts));
    }
  };
  usePolling(look, everyMs, !gone && !isOver);
  if (gone) {
    return <Gone />;
  }
  if (isOver && !states.includes("signed")) {
    const [title, text] = ended(states, texts);
    return (
      <>
        <Heading>{title}</Heading>
        <p id="outcome">{text}</p>
        <Back />
      </>
    );
  }
  const isFinishing = states.includes("approved") || states.includes("signing");
  return (
    <>
      <Heading>{texts.moveWaitTitle}</Heading>
      <p id="waiting">{isFinishing ? texts.moveFinishing : texts.moveWaitNew}</p>
      <Message text={message} />
    </>
  );
}

interface ChangeProps {
  mark: Mark;
  phone: StoredPhone;
  onFailed: (why: string) => void;
}

// One change from the question to what became of it.
function Change({ mark, phone, onFailed }: ChangeProps) {
  const { texts } = useWorld();
  const [items, setItems] = useState<Item[]>();
  const [code, setCode] = useState("");
  const [answered, setAnswered] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const refuse = (error: Refused, wrong: Item[]) => {
    setRefused(error);
    wrong.forEach((item) => reject(phone, item).catch(() => undefined));
  };
  const take = async () => {
    let found: Item[] = [];
    try {
      found = await takeMove(phone, mark);
      const [first] = found;
      if (!first?.newPhone) {
        throw new ApiError(404, "not_found");
      }
      const mine = found.filter((one) => one.thumbprints.some((by) => equal(by, phone.thumbprint)));
      for (const item of mine) {
        await checkLeaving(item, phone, serverNow(), mark);
      }
      setCode(shortCode(await thumbprint(first.newPhone.point)));
      setAnswered(mine.length === 0);
      setItems(mine.length === 0 ? found : mine);
    } catch (error) {
      if (error instanceof Refused) {
        refuse(error, found);
        return;
      }
      onFailed(explainMove(error, texts));
    }
  };
  useEffect(() => {
    take();
  }, []);
  if (refused) {
    return <RefusedPage refused={refused} />;
  }
  if (!items) {
    return (
      <>
        <Heading>{texts.moveTitle}</Heading>
        <p>{texts.loading}</p>
      </>
    );
  }
  if (answered) {
    return <Follow items={items} phone={phone} onAskedAgain={take} />;
  }
  return (
    <Question
      key={items.map((item) => item.expiresAt).join()}
      items={items}
      code={code}
      mark={mark}
      phone={phone}
      onRefused={(error) => refuse(error, items)}
      onAnswered={() => setAnswered(true)}
    />
  );
}

// The old phone, with the new one beside it.
export function Move() {
  const { phone } = useWorld();
  const [mark, setMark] = useState<Mark | undefined>(() => {
    const thumbprint = takeScanned();
    return thumbprint && { thumbprint };
  });
  const [failed, setFailed] = useState("");
  // Kept from the beginning: it is nobody's any more before the last page is read.
  const [own] = useState(phone);
  if (!own) {
    return null;
  }
  return mark ? (
    <Change
      mark={mark}
      phone={own}
      onFailed={(why) => {
        setFailed(why);
        setMark(undefined);
      }}
    />
  ) : (
    <Ask
      failed={failed}
      onMark={(found) => {
        setFailed("");
        setMark(found);
      }}
    />
  );
}
