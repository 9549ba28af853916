import { useState } from "preact/hooks";
import { ApiError, fetchQueue, type QueueItem } from "../api.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Link, Message, Theirs, Time, useRepeated } from "./parts.tsx";
import { signerPlace } from "./signers.tsx";

const everyMs = 4000;

function Person({ item }: { item: QueueItem }) {
  return item.signer_id ? (
    <Link to={signerPlace(item.signer_id)}>
      <Theirs text={item.subject} />
    </Link>
  ) : (
    <Theirs text={item.subject} />
  );
}

function One({ item }: { item: QueueItem }) {
  const { texts } = useWorld();
  return (
    <li class="entry" data-purpose={item.purpose}>
      <strong>{texts.purposes[item.purpose] ?? item.purpose}</strong>
      <Person item={item} />
      {item.short_codes.map((code) => (
        <p key={code}>
          {texts.shortCode}: <span class="code">{code}</span>
        </p>
      ))}
      {item.short_codes.length > 0 && (
        <p class="person">{item.signer_approved ? texts.personDone : texts.waitsForPerson}</p>
      )}
      <p class="officers">{texts.officers(item.officers_given, item.officers_needed)}</p>
      <dl>
        <dt>{texts.askedAt}</dt>
        <dd>
          <Time at={item.created_at} />
        </dd>
        <dt>{texts.expiresAt}</dt>
        <dd>
          <Time at={item.expires_at} />
        </dd>
      </dl>
    </li>
  );
}

export function Queue() {
  const { texts, become } = useWorld();
  const [items, setItems] = useState<QueueItem[]>();
  const [message, setMessage] = useState("");
  useRepeated(async () => {
    try {
      setItems(await fetchQueue());
      setMessage("");
    } catch (error) {
      setMessage(explain(error, texts));
      if (error instanceof ApiError && error.status === 401) {
        become(undefined);
      }
    }
  }, everyMs);
  return (
    <>
      <Heading>{texts.queueTitle}</Heading>
      <p>{texts.queueMeans}</p>
      <Message text={message} />
      {!items ? (
        <p>{texts.loading}</p>
      ) : items.length === 0 ? (
        <p id="empty">{texts.queueEmpty}</p>
      ) : (
        <ul id="queue" class="entries">
          {items.map((item) => (
            <One key={item.id} item={item} />
          ))}
        </ul>
      )}
    </>
  );
}
