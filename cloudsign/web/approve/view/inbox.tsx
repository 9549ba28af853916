import { useRef, useState } from "preact/hooks";
import { ApiError, fetchItem, fetchPending } from "../api.ts";
import { isWaiting, type Item } from "../core/item.ts";
import type { StoredPhone } from "../storage.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Link, Message, Theirs, usePolling } from "./parts.tsx";

const everyMs = 3000;
// What comes first, if it waits alone, is opened at once; after that the way back here is open.
let isFresh = true;

// What it is, and about whom or from whom.
function entry(item: Item, phone: StoredPhone, texts: Texts): [what: string, who: string | undefined] {
  if (phone.role === "officer") {
    return [texts.officerAsked(item.purpose), item.subject];
  }
  switch (item.purpose) {
    case "bind":
      return [texts.bindTitle, item.requester];
    case "rebind":
      return [texts.moveQuestion, item.newPhone?.name];
    default:
      return [texts.documents(item.documents.length), item.requester];
  }
}

function Entry({ item, phone }: { item: Item; phone: StoredPhone }) {
  const { texts } = useWorld();
  const [what, who] = entry(item, phone, texts);
  return (
    <li>
      <Link class="entry" to={`/c/${item.id}`}>
        <strong>
          <Theirs text={who || texts.unnamedRequester} />
        </strong>
        <span>{what}</span>
      </Link>
    </li>
  );
}

// The enrolment, until the office has confirmed it.
async function waitingEnrolment(phone: StoredPhone): Promise<Item | undefined> {
  if (!phone.enrolment) {
    return undefined;
  }
  const item = await fetchItem(phone, phone.enrolment.transactionId);
  return isWaiting(item) ? item : undefined;
}

// The inbox is the truth: whatever told the person to look here was only a hint.
export function Inbox({ phone }: { phone: StoredPhone }) {
  const { texts, go } = useWorld();
  const [items, setItems] = useState<Item[]>();
  const [message, setMessage] = useState("");
  const enrolled = useRef(false);

  usePolling(
    async () => {
      try {
        const found = await fetchPending(phone);
        if (!enrolled.current) {
          const own = await waitingEnrolment(phone);
          enrolled.current = own === undefined;
          if (own && found.every((one) => one.id !== own.id)) {
            found.push(own);
          }
        }
        setItems(found);
        setMessage("");
        const [only] = found;
        if (only && found.length === 1 && isFresh) {
          go(`/c/${only.id}`);
        }
        isFresh &&= only === undefined;
      } catch (error) {
        const offline = error instanceof ApiError && error.status === 0;
        setMessage(offline ? texts.stale : explain(error, texts));
      }
    },
    everyMs,
    true,
  );
  return (
    <>
      <Heading>{texts.inboxTitle}</Heading>
      <Message text={message} />
      {!items && !message && <p>{texts.loading}</p>}
      {items?.length === 0 && <p id="empty">{texts.inboxEmpty}</p>}
      {items && items.length > 0 && (
        <ul class="entries">
          {items.map((item) => (
            <Entry key={item.id} item={item} phone={phone} />
          ))}
        </ul>
      )}
      <nav>
        {phone.role === "signer" && (
          <>
            <Link id="to-scan" to="/scan">
              {texts.scanTitle}
            </Link>
            <Link id="to-history" to="/history">
              {texts.historyTitle}
            </Link>
            <Link id="to-devices" to="/devices">
              {texts.devicesTitle}
            </Link>
          </>
        )}
        {phone.role === "officer" && (
          <Link id="to-ceremony" to="/ceremony">
            {texts.ceremonyTitle}
          </Link>
        )}
        <Link id="to-settings" to="/settings">
          {texts.settingsTitle}
        </Link>
      </nav>
    </>
  );
}
