import { useRef, useState } from "preact/hooks";
import { ApiError, approve, fetchItem, notMine, reject, serverNow, wrongCode } from "../api.ts";
import { shortCode } from "../core/activation.ts";
import { equal, toHex } from "../core/bytes.ts";
import { isWaiting, type Item } from "../core/item.ts";
import { checkItem, Refused, type CheckedItem } from "../core/item_check.ts";
import { assertChallenge } from "../passkey.ts";
import { learn, loadPhone, type StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Countdown, useSecondsUntil } from "./countdown.tsx";
import { Outcome } from "./outcome.tsx";
import { Back, Heading, Message, Theirs, usePolling } from "./parts.tsx";
import { RefusedPage } from "./refused.tsx";
import { Shown } from "./shown.tsx";

const everyMs = 2000;
// Before that the server gives none.
const askFromSeconds = 300;

// Whose phone it is shows only when both read the same code.
function Code({ phone }: { phone: StoredPhone }) {
  const { texts } = useWorld();
  return (
    <section aria-label={texts.shortCode}>
      <p>{texts.shortCode}:</p>
      <p id="short-code">{shortCode(phone.thumbprint)}</p>
      <p>{texts.compare}</p>
    </section>
  );
}

function BindQuestion({ item, phone }: { item: Item; phone: StoredPhone }) {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.bindTitle}</Heading>
      <p>{texts.bind}</p>
      <p id="subject">
        <strong>
          <Theirs text={item.subject} />
        </strong>
      </p>
      <Code phone={phone} />
    </>
  );
}

// What officers read, and check otherwise: in a chunk of its own, which is there once something of theirs
// has been checked.
let forOfficers: typeof import("./officer_question.tsx") | undefined;

async function checkShown(item: Item, phone: StoredPhone): Promise<CheckedItem> {
  if (phone.role !== "officer") {
    return checkItem(item, phone, serverNow());
  }
  forOfficers = await import("./officer_question.tsx");
  return forOfficers.checkOfficerItem(item, phone, serverNow());
}

interface QuestionProps {
  item: Item;
  checked: CheckedItem | undefined; // none while something has yet to be typed, or the time is over
  phone: StoredPhone;
  onRefused: (refused: Refused) => void;
  onAnswered: (state: string) => void;
  onLater: (later: Item) => void;
}

// What a person reads is the same: only the time, and what the module adds, is another.
function sameQuestion(one: Item, other: Item): boolean {
  const shown = (item: Item) =>
    JSON.stringify([
      item.purpose,
      item.requester,
      item.purposeText,
      item.code,
      item.language,
      item.subject,
      item.algorithm,
      item.documents.map(({ hash, label }) => [toHex(hash), label]),
    ]);
  return shown(one) === shown(other);
}

function Question({ item, checked, phone, onRefused, onAnswered, onLater }: QuestionProps) {
  const { texts, reload } = useWorld();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const seconds = useSecondsUntil(item.expiresAt);
  const isBind = item.purpose === "bind";
  const isOfficer = phone.role === "officer";

  const attempt = async (act: () => Promise<string>) => {
    setBusy(true);
    setMessage("");
    try {
      onAnswered(await act());
    } catch (error) {
      if (error instanceof Refused) {
        onRefused(error);
        return;
      }
      setMessage(explain(error, texts));
      setBusy(false);
    }
  };

  // What is on the screen is what is checked, and its challenge what the passkey signs.
  const sign = async () => {
    const shown = item.codeTyped ? { ...item, code: typed } : item;
    let checked;
    try {
      checked = await checkShown(shown, loadPhone() ?? phone);
    } catch (error) {
      // What was typed is part of what is checked: another number, and it is over.
      if (item.codeTyped && error instanceof Refused && error.member === "activation.context_hash") {
        return wrongCode(phone, item);
      }
      throw error;
    }
    const assertion = await assertChallenge(phone, checked.challenge);
    learn(checked.learned);
    reload();
    return approve(phone, shown, assertion);
  };
  const later = async () => {
    setMessage("");
    try {
      const { moreTime } = await import("../api_more.ts");
      const found = await moreTime(phone, item);
      if (!sameQuestion(item, found)) {
        throw new Refused("documents");
      }
      onLater(found);
    } catch (error) {
      if (error instanceof Refused) {
        onRefused(error);
        return;
      }
      const isEnough = error instanceof ApiError && error.status === 409;
      setMessage(isEnough ? texts.noMoreTime : explain(error, texts));
    }
  };
  const over = seconds === 0;
  const isShown = !isOfficer || checked !== undefined;
  const ready = !busy && !over && isShown && (!item.codeTyped || /^[0-9]{2}$/.test(typed));
  return (
    <>
      {isOfficer ? (
        forOfficers && checked && <forOfficers.OfficerQuestion checked={checked} />
      ) : isBind ? (
        <BindQuestion item={item} phone={phone} />
      ) : (
        <Shown item={item} onAltered={() => onRefused(new Refused("document"))} />
      )}
      {item.codeTyped && !isOfficer && (
        <>
          <label for="number">{texts.typeNumber}</label>
          <input
            id="number"
            inputMode="numeric"
            autocomplete="off"
            maxLength={2}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </>
      )}
      <Countdown seconds={seconds} />
      {!isBind && !isOfficer && !over && seconds <= askFromSeconds && (
        <button id="more-time" type="button" disabled={busy} onClick={later}>
          {texts.moreTime}
        </button>
      )}
      {over && <p id="over">{texts.timeOver}</p>}
      <Message text={message} />
      <div class="answers">
        <button id="approve" class="main" type="button" disabled={!ready} onClick={() => attempt(sign)}>
          {isOfficer ? texts.officerConfirm(item.purpose) : isBind ? texts.bindConfirm : texts.approve}
        </button>
        <button
          id="reject"
          type="button"
          disabled={busy || over}
          onClick={() => attempt(() => reject(phone, item))}
        >
          {texts.reject}
        </button>
        {!isOfficer && (
          <button
            id="not-mine"
            type="button"
            disabled={busy || over}
            onClick={() => attempt(() => notMine(phone, item))}
          >
            {texts.notMine}
          </button>
        )}
      </div>
      {!isOfficer && <p>{texts.notMineMeans}</p>}
    </>
  );
}

interface Judged {
  refused?: Refused; // cannot be approved however it is answered
  checked?: CheckedItem;
}

// As soon as it is seen. A number that has yet to be typed is asked for before the rest is judged.
async function judge(item: Item, phone: StoredPhone): Promise<Judged> {
  const isTyped = item.codeTyped && phone.role !== "officer";
  if (isTyped || item.expiresAt <= serverNow()) {
    return {};
  }
  try {
    return { checked: await checkShown(item, phone) };
  } catch (error) {
    if (error instanceof Refused) {
      return { refused: error };
    }
    throw error;
  }
}

// One transaction from the question to what became of it.
function Confirm({ id, phone }: { id: string; phone: StoredPhone }) {
  const { texts, go } = useWorld();
  const [item, setItem] = useState<Item>();
  const [checked, setChecked] = useState<CheckedItem>();
  const [refused, setRefused] = useState<Refused>();
  const [message, setMessage] = useState("");

  const asked =
    item !== undefined &&
    isWaiting(item) &&
    item.thumbprints.some((one) => equal(one, phone.thumbprint));
  const settled =
    item !== undefined && !isWaiting(item) && !["approved", "signing"].includes(item.state);
  // While the question is on the screen it does not change under the person's finger: a look that
  // was under way by then, or before they answered, has come too late.
  const turn = useRef(0);
  const isAsking = useRef(false);
  isAsking.current = asked;
  const look = async () => {
    const own = ++turn.current;
    try {
      const found = await fetchItem(phone, id);
      const isAsked =
        isWaiting(found) && found.thumbprints.some((one) => equal(one, phone.thumbprint));
      if (isAsked && found.purpose === "rebind") {
        go("/move", "replace"); // which needs what the other phone shows
        return;
      }
      const judged = isAsked ? await judge(found, phone) : {};
      if (own !== turn.current || isAsking.current) {
        return;
      }
      setRefused(judged.refused);
      setChecked(judged.checked);
      setItem(found);
      setMessage("");
    } catch (error) {
      setMessage(explain(error, texts));
    }
  };
  usePolling(look, everyMs, !asked && !settled && !refused);

  if (refused) {
    return <RefusedPage refused={refused} />;
  }
  if (!item) {
    return (
      <>
        <Heading>{texts.signTitle}</Heading>
        {!message && <p>{texts.loading}</p>}
        <Message text={message} />
        <Back />
      </>
    );
  }
  if (asked) {
    return (
      <Question
        key={item.id}
        item={item}
        checked={checked}
        phone={phone}
        onRefused={setRefused}
        onAnswered={(state) => {
          setItem({ ...item, state, thumbprints: [] });
          isAsking.current = false;
          look();
        }}
        onLater={setItem}
      />
    );
  }
  if (phone.role === "officer" && isWaiting(item)) {
    return (
      <>
        <Heading>{texts.waitingOfficers}</Heading>
        <p id="waiting">{texts.officerWaiting(item.purpose)}</p>
        <Message text={message} />
        <Back />
      </>
    );
  }
  if (item.purpose === "bind" && isWaiting(item)) {
    return (
      <>
        <Heading>{texts.waitingOffice}</Heading>
        <Code phone={phone} />
        <Message text={message} />
      </>
    );
  }
  return <Outcome item={item} />;
}

export function ConfirmPage() {
  const { path, phone } = useWorld();
  return phone ? <Confirm id={path.slice("/c/".length)} phone={phone} /> : null;
}
