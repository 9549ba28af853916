import { useState } from "preact/hooks";
import { fetchPending } from "../api.ts";
import { shortCode } from "../core/activation.ts";
import { toHex } from "../core/bytes.ts";
import { isId } from "../core/item.ts";
import { savePhone, type StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Message } from "./parts.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

// For the plan of the group (`kyso ceremony configure`): what makes this passkey an officer's is that
// the modules take that plan.
function planLines({ point, backupEligible }: StoredPhone): string {
  return `[[officers]]\npoint = "${toHex(point)}"\nbackup_eligible = ${backupEligible}`;
}

function Known({ phone }: { phone: StoredPhone }) {
  const { texts, go, reload } = useWorld();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const session = location.hash.slice(1);
  const connect = async () => {
    setBusy(true);
    const connected = { ...phone, session };
    try {
      await fetchPending(connected); // one that the server does not know replaces none
      savePhone(connected);
      reload();
      go("/", "replace");
    } catch (error) {
      setMessage(explain(error, texts));
      setBusy(false);
    }
  };
  return (
    <>
      <p>{texts.officerPlan}</p>
      <pre id="plan-lines" tabIndex={0}>
        {planLines(phone)}
      </pre>
      <p>{texts.shortCode}:</p>
      <p id="short-code">{shortCode(phone.thumbprint)}</p>
      {isId(session) && (
        <button id="connect" class="main" type="button" disabled={busy} onClick={connect}>
          {texts.officerConnect}
        </button>
      )}
      <Message text={message} />
    </>
  );
}

// An officer's passkey, made before the modules know it, and later connected by the operator's link,
// whose session stays behind the '#'.
export function Officer() {
  const { texts, phone } = useWorld();
  if (phone && phone.role !== "officer") {
    return <Heading>{texts.enrolledAlready}</Heading>;
  }
  return (
    <>
      <Heading>{texts.officerTitle}</Heading>
      <p>{texts.officer}</p>
      {phone ? (
        <Known phone={phone} />
      ) : (
        <PasskeyForm role="officer" tell={async () => undefined} />
      )}
    </>
  );
}
