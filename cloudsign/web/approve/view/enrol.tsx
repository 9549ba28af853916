import { useState } from "preact/hooks";
import { ApiError, enrol } from "../api.ts";
import { isId } from "../core/item.ts";
import { createPasskey } from "../passkey.ts";
import { savePhone, type StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Message } from "./parts.tsx";

// Tells the server of the passkey. The invitation stays behind the '#', out of every address that
// is sent.
async function register(phone: StoredPhone, invitation: string): Promise<string> {
  const enrolled = await enrol(phone, invitation);
  const { credentialId, transactionId, session } = enrolled;
  savePhone({ ...phone, session, enrolment: { credentialId, transactionId } });
  return transactionId;
}

export function Enrol() {
  const { texts, phone, go, reload } = useWorld();
  const [name, setName] = useState(phone?.name ?? texts.defaultDeviceName);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const invitation = location.hash.slice(1);

  // A link never makes a phone forget whose it is.
  if (phone?.session && phone.keys.length > 0) {
    return (
      <>
        <Heading>{texts.enrolledAlready}</Heading>
        <button id="back" type="button" onClick={() => go("/", "replace")}>
          {texts.back}
        </button>
      </>
    );
  }
  if (!isId(invitation)) {
    return (
      <>
        <Heading>{texts.enrolTitle}</Heading>
        <Message text={texts.linkBroken} />
      </>
    );
  }
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setMessage("");
    try {
      // Made before, and the server did not hear of it: the same passkey once more.
      const mine = phone ?? (await createPasskey(name));
      savePhone({ ...mine, name });
      const transaction = await register({ ...mine, name }, invitation);
      reload();
      go(`/c/${transaction}`, "replace");
    } catch (error) {
      reload();
      const isUsed = error instanceof ApiError && error.status === 409;
      setMessage(isUsed ? texts.linkUsed : explain(error, texts));
      setBusy(false);
    }
  };
  return (
    <>
      <Heading>{texts.enrolTitle}</Heading>
      <p>{texts.enrol}</p>
      <form onSubmit={submit}>
        <label for="device-name">{texts.deviceName}</label>
        <input
          id="device-name"
          required
          maxLength={60}
          value={name}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button id="create" class="main" disabled={busy}>
          {texts.createPasskey}
        </button>
      </form>
      <Message text={message} />
    </>
  );
}
