import { useEffect, useState } from "preact/hooks";
import { start } from "../api.ts";
import type { StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Message } from "./parts.tsx";

// The link of a QR code, or of the same device: what a screen shows at this moment.
export function Start({ phone }: { phone: StoredPhone }) {
  const { texts, go } = useWorld();
  const [message, setMessage] = useState("");
  useEffect(() => {
    const token = location.hash.slice(1);
    start(phone, token).then(
      (item) => go(`/c/${item.id}`, "replace"),
      (error) => setMessage(explain(error, texts)),
    );
  }, []);
  return (
    <>
      <Heading>{texts.signTitle}</Heading>
      {message ? (
        <>
          <Message text={message} />
          <button id="back" type="button" onClick={() => go("/", "replace")}>
            {texts.back}
          </button>
        </>
      ) : (
        <p>{texts.loading}</p>
      )}
    </>
  );
}
