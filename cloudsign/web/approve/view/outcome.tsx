import type { Item } from "../core/item.ts";
import type { Texts } from "../texts.ts";
import { useWorld } from "./context.ts";
import { Heading, Theirs } from "./parts.tsx";

// Title and explanation of how it ended.
function told(item: Item, texts: Texts): [string, string] {
  const isDone = ["approved", "signing", "signed"].includes(item.state);
  if (item.purpose === "bind" && isDone) {
    return [texts.boundTitle, texts.bound];
  }
  switch (item.state) {
    case "signed":
      return [texts.doneSigned, ""];
    case "approved":
    case "signing":
      return [texts.doneApproved, texts.doneApprovedText];
    case "rejected":
      return [texts.doneRejected, item.reason === "wrong code" ? texts.wrongNumber : texts.doneText];
    case "not_mine":
      return [texts.doneNotMine, texts.doneNotMineText];
    case "expired":
      return [texts.doneExpired, texts.doneText];
    default:
      return [texts.doneOther, texts.doneText];
  }
}

export function Outcome({ item }: { item: Item }) {
  const { texts, go } = useWorld();
  const [title, text] = told(item, texts);
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
        </>
      )}
      <button id="back" type="button" onClick={() => go("/")}>
        {texts.back}
      </button>
    </>
  );
}
