import { useState } from "preact/hooks";
import { ApiError, connectOfficer } from "../api.ts";
import { officerLinkChallenge, shortCode } from "../core/activation.ts";
import { toHex } from "../core/bytes.ts";
import { isId } from "../core/item.ts";
import { assertChallenge } from "../passkey.ts";
import { savePhone, type StoredPhone } from "../storage.ts";
import type { Texts } from "../texts.ts";
import { explain, useWorld } from "./context.ts";
import { Heading, Link, Message } from "./parts.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

// For the plan of the group (`kyso ceremony configure`): what makes this passkey an officer's is that
// the modules take that plan.
function planLines({ point, backupEligible }: StoredPhone): string {
  return `[[officers]]\npoint = "${toHex(point)}"\nbackup_eligible = ${backupEligible}`;
}

// What is wrong with the link, and what to do next.
function explainLink(error: unknown, texts: Texts): string {
  switch (error instanceof ApiError ? error.status : 0) {
    case 403:
      return texts.officerNotPlanned;
    case 404:
      return texts.officerLinkUsed;
    case 409:
      return texts.officerLinkOther;
    case 410:
      return texts.officerLinkOver;
    default:
      return explain(error, texts);
  }
}

function Known({ phone }: { phone: StoredPhone }) {
  const { texts, go, reload } = useWorld();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const link = location.hash.slice(1);
  const connect = async () => {
    setBusy(true);
    try {
      // A link that is refused leaves the phone as it is.
      const assertion = await assertChallenge(phone, await officerLinkChallenge(link));
      savePhone({ ...phone, session: await connectOfficer(phone, link, assertion) });
      reload();
      go("/", "replace");
    } catch (error) {
      setMessage(explainLink(error, texts));
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
      <nav>
        <Link id="to-ceremony" to="/ceremony">
          {texts.ceremonyTitle}
        </Link>
      </nav>
      {isId(link) && (
        <button id="connect" class="main" type="button" disabled={busy} onClick={connect}>
          {texts.officerConnect}
        </button>
      )}
      <Message text={message} />
    </>
  );
}

// An officer's passkey, made before the modules know it, and later connected by the operator's link,
// whose secret stays behind the '#'.
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
