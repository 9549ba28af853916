import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { useWorld } from "./context.ts";
import { Message, useAttempt } from "./parts.tsx";

interface Invited {
  link: string;
  path: string; // of the code's dark squares
  size: number;
}

const quietZone = 4; // ISO/IEC 18004 §6.3.8

// The encoder comes when somebody is invited.
async function drawn(link: string): Promise<Invited> {
  const { encodeQR } = await import("qr");
  const rows = encodeQR(link, "raw", { border: quietZone });
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return { link, path, size: rows.length };
}

// The link is shown this once: it is nowhere but on this page.
function Shown({ link, path, size }: Invited) {
  const { texts } = useWorld();
  const [copied, setCopied] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setCopied(texts.copied),
      () => undefined,
    );
  return (
    <section aria-label={texts.inviteTitle}>
      <p>{texts.inviteMeans}</p>
      <p id="invitation" class="link">
        {link}
      </p>
      <svg
        id="invitation-qr"
        class="qr"
        role="img"
        aria-label={texts.qr}
        viewBox={`0 0 ${size} ${size}`}
        shape-rendering="crispEdges"
      >
        <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
        <path fill="#000" d={path} />
      </svg>
      <button id="copy" type="button" onClick={copy}>
        {texts.copy}
      </button>
      <p role="status">{copied}</p>
    </section>
  );
}

export function Invite({ signerId, onInvited }: { signerId: string; onInvited: () => void }) {
  const { texts } = useWorld();
  const [invited, setInvited] = useState<Invited>();
  const [profile, setProfile] = useState("person");
  const [busy, message, attempt] = useAttempt();
  const invite = () =>
    attempt(async () => {
      const { link } = await call<{ link: string }>("invitations", {
        signer_id: signerId,
        profile,
      });
      setInvited(await drawn(link));
      onInvited();
    });
  return (
    <div class="acts">
      {invited ? (
        <Shown {...invited} />
      ) : (
        <>
          <label for="profile">{texts.profile}</label>
          <select
            id="profile"
            value={profile}
            onChange={(event) => setProfile(event.currentTarget.value)}
          >
            {Object.entries(texts.profiles).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
          <button id="invite" class="main" type="button" disabled={busy} onClick={invite}>
            {texts.invite}
          </button>
        </>
      )}
      {message && <Message id="invite-message" text={message} />}
    </div>
  );
}
