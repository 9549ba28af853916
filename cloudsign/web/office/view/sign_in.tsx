import { useState } from "preact/hooks";
import { register, signIn } from "../passkey.ts";
import { useWorld } from "./context.ts";
import { Heading, Link, Message, useAttempt } from "./parts.tsx";

export function SignIn() {
  const { texts, become } = useWorld();
  const [busy, message, attempt] = useAttempt();
  return (
    <>
      <Heading>{texts.signInTitle}</Heading>
      <p>{texts.signIn}</p>
      <div class="acts">
        <button
          id="sign-in"
          class="main"
          type="button"
          disabled={busy}
          onClick={() => attempt(async () => become(await signIn()))}
        >
          {texts.signInButton}
        </button>
      </div>
      <Message text={message} />
    </>
  );
}

// The invitation stands behind the '#', so that no log of an address has it.
export function Register() {
  const { texts } = useWorld();
  const [invitation] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [isDone, setDone] = useState(false);
  const [busy, message, attempt] = useAttempt();
  if (isDone) {
    return (
      <>
        <Heading>{texts.registerTitle}</Heading>
        <p id="registered">{texts.registered}</p>
        <Link id="to-sign-in" to="/">
          {texts.signInTitle}
        </Link>
      </>
    );
  }
  if (!invitation) {
    return (
      <>
        <Heading>{texts.registerTitle}</Heading>
        <p>{texts.linkBroken}</p>
      </>
    );
  }
  const submit = (event: Event) => {
    event.preventDefault();
    attempt(async () => {
      await register(invitation, name);
      history.replaceState(null, "", location.pathname);
      setDone(true);
    });
  };
  return (
    <>
      <Heading>{texts.registerTitle}</Heading>
      <p>{texts.register}</p>
      <form onSubmit={submit}>
        <label for="device-name">{texts.deviceName}</label>
        <input
          id="device-name"
          required
          maxLength={60}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button id="register" class="main" disabled={busy}>
          {texts.registerButton}
        </button>
      </form>
      <Message text={message} />
    </>
  );
}
