import { useState } from "preact/hooks";
import type { Item } from "../core/item.ts";
import type { Role } from "../core/phone.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Message, Theirs } from "./parts.tsx";
import { save } from "./save.ts";

// Title and explanation of how it ended.
function told(item: Item, role: Role | undefined, texts: Texts): [string, string] {
  const isDone = ["approved", "signing", "signed"].includes(item.state);
  if (item.purpose === "bind" && isDone) {
    return role === "officer" ? [texts.confirmedTitle, texts.confirmed] : [texts.boundTitle, texts.bound];
  }
  if (item.purpose === "issue" && isDone) {
    return [item.state === "signed" ? texts.issued : texts.issuing, ""];
  }
  if (item.purpose === "rebind" && isDone) {
    return [texts.moved, item.state === "signed" ? texts.doneMoved : texts.moveFinishing];
  }
  if (item.purpose === "revoke" && isDone) {
    return item.state === "signed" ? [texts.keyEnded, texts.keyEndedText] : [texts.keyEnding, ""];
  }
  const nothing =
    item.purpose === "revoke" ? texts.keyNotEnded : role === "officer" ? texts.officerNothing : texts.doneText;
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

export function Outcome({ item }: { item: Item }) {
  const { texts, phone } = useWorld();
  const [message, setMessage] = useState("");
  const [title, text] = told(item, phone?.role, texts);
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
