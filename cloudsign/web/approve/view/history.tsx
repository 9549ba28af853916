import { useEffect, useState } from "preact/hooks";
import { fetchHistory, type Past } from "../api_more.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Link, Message, Theirs } from "./parts.tsx";

function stateText({ purpose, state }: Past, texts: Texts): string {
  switch (state) {
    case "signed":
      return purpose === "rebind" ? texts.doneMoved : texts.doneSigned;
    case "rejected":
      return texts.doneRejected;
    case "not_mine":
      return texts.doneNotMine;
    case "expired":
      return texts.doneExpired;
    default:
      return texts.doneOther;
  }
}

function whatText({ purpose, documents }: Past, texts: Texts): string {
  if (purpose === "rebind") {
    return texts.moved;
  }
  return purpose === "bind" ? texts.bindTitle : texts.documents(documents);
}

export function History() {
  const { texts, language, phone } = useWorld();
  const [items, setItems] = useState<Past[]>();
  const [isAll, setAll] = useState(false);
  const [message, setMessage] = useState("");
  const more = async () => {
    if (!phone) {
      return;
    }
    try {
      const found = await fetchHistory(phone, items?.at(-1)?.createdAt);
      setItems([...(items ?? []), ...found]);
      setAll(found.length === 0 || found.length < 50);
    } catch (error) {
      setMessage(explain(error, texts));
    }
  };
  useEffect(() => {
    more();
  }, []);
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      <Heading>{texts.historyTitle}</Heading>
      <p>{texts.historyMeans}</p>
      <Message text={message} />
      {!items && !message && <p>{texts.loading}</p>}
      {items?.length === 0 && <p id="empty">{texts.historyEmpty}</p>}
      <ul class="entries">
        {items?.map((item) => (
          <li key={item.id}>
            <Link class="entry" to={`/c/${item.id}`}>
              <strong>
                <Theirs text={item.requester || (item.purpose === "rebind" ? texts.name : texts.unnamedRequester)} />
              </strong>
              <span>
                {whatText(item, texts)}, {stateText(item, texts)}
              </span>
              <time dateTime={new Date(item.createdAt).toISOString()}>{time.format(item.createdAt)}</time>
            </Link>
          </li>
        ))}
      </ul>
      {items && !isAll && (
        <button id="more" type="button" onClick={more}>
          {texts.showMore}
        </button>
      )}
      <Back />
    </>
  );
}
