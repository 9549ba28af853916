import { useState } from "preact/hooks";
import { createPasskey } from "../passkey.ts";
import type { Role } from "../core/phone.ts";
import { savePhone, type StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Message } from "./parts.tsx";

interface PasskeyFormProps {
  role?: Role;
  // Tells the server of the passkey.
  tell: (mine: StoredPhone) => Promise<void>;
  // What is said of an error where that is not the same everywhere.
  reason?: (error: unknown) => string | undefined;
}

// Asks for the phone's name and makes its passkey: once, also when the server does not hear of it at first.
export function PasskeyForm({ role = "signer", tell, reason }: PasskeyFormProps) {
  const { texts, phone, reload } = useWorld();
  const [name, setName] = useState(phone?.name ?? texts.defaultDeviceName);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setMessage("");
    try {
      const mine = { ...(phone ?? (await createPasskey(name, role))), name };
      savePhone(mine);
      await tell(mine);
    } catch (error) {
      setMessage(reason?.(error) ?? explain(error, texts));
      setBusy(false);
    }
    reload();
  };
  return (
    <>
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
