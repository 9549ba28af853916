import { useState } from "preact/hooks";
import type { Item } from "../core/item.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Message, Theirs } from "./parts.tsx";

// Title and explanation of how it ended.
function told(item: Item, texts: Texts): [string, string] {
  const isDone = ["approved", "signing", "signed"].includes(item.state);
  if (item.purpose === "bind" && isDone) {
    return [texts.boundTitle, texts.bound];
  }
  if (item.purpose === "rebind" && isDone) {
    return [texts.moved, item.state === "signed" ? texts.doneMoved : texts.moveFinishing];
  }
  if (item.purpose === "revoke" && isDone) {
    return item.state === "signed" ? [texts.keyEnded, texts.keyEndedText] : [texts.keyEnding, ""];
  }
  const nothing = item.purpose === "revoke" ? texts.keyNotEnded : texts.doneText;
  switch (item.state) {
    case "signed":
      return [texts.doneSigned, ""];
    case "approved":
    case "signing":
      return [texts.doneApproved, texts.doneApprovedText];
    case "rejected":
      return [texts.doneRejected, item.reason === "wrong code" ? texts.wrongNumber : nothing];
    case "not_mine":
      return [texts.doneNotMine, texts.doneNotMineText];
    case "expired":
      return [texts.doneExpired, nothing];
    default:
      return [texts.doneOther, nothing];
  }
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function Outcome({ item }: { item: Item }) {
  const { texts, phone } = useWorld();
  const [message, setMessage] = useState("");
  const [title, text] = told(item, texts);
  const download = async () => {
    try {
      const { fetchReceipts } = await import("../api_more.ts");
      if (phone) {
        save(await fetchReceipts(phone, item.id), `kyso-${item.id}.json`);
      }
    } catch (error) {
      setMessage(explain(error, texts));
    }
  };
  return (
    <>
      <Heading>{title}</Heading>
      {text && <p id="outcome">{text}</p>}
      {item.purpose === "sign" && (
        <>
          <p>
            <strong>
              <Theirs text={item.requester || texts.unnamedRequester} />
            </strong>
            , {texts.documents(item.documents.length)}
          </p>
          {item.receiptCount > 0 && (
            <p id="receipts">
              {texts.receipts}: {item.receiptCount}
            </p>
          )}
          {item.receiptCount > 0 && (
            <button id="download" type="button" onClick={download}>
              {texts.downloadReceipts}
            </button>
          )}
          <Message text={message} />
        </>
      )}
      <Back />
    </>
  );
}
