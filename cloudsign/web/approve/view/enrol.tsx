import { ApiError, enrol } from "../api.ts";
import { isId } from "../core/item.ts";
import { savePhone, type StoredPhone } from "../storage.ts";
import { useWorld } from "./context.ts";
import { Heading, Message } from "./parts.tsx";
import { PasskeyForm } from "./passkey_form.tsx";

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
  const invitation = location.hash.slice(1);

  // A link never makes a phone forget whose it is.
  if (phone?.role === "officer" || (phone?.session && phone.keys.length > 0)) {
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
  const tell = async (mine: StoredPhone) => {
    const transaction = await register(mine, invitation);
    reload();
    go(`/c/${transaction}`, "replace");
  };
  const reason = (error: unknown) => {
    const status = error instanceof ApiError ? error.status : 0;
    return status === 409 ? texts.linkUsed : status === 403 ? texts.passkeySynced : undefined;
  };
  return (
    <>
      <Heading>{texts.enrolTitle}</Heading>
      <p>{texts.enrol}</p>
      <PasskeyForm tell={tell} reason={reason} />
    </>
  );
}
