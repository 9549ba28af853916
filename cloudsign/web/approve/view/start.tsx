import { useEffect, useState } from "preact/hooks";
import { start } from "../api.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Message } from "./parts.tsx";

// The link of a QR code, or of the same device: what a screen shows at this moment.
export function Start() {
  const { texts, go, phone } = useWorld();
  const [message, setMessage] = useState("");
  useEffect(() => {
    const token = location.hash.slice(1);
    if (!phone) {
      return;
    }
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
          <Back />
        </>
      ) : (
        <p>{texts.loading}</p>
      )}
    </>
  );
}
