import { useEffect, useState } from "preact/hooks";
import { pushState, turnPushOff, turnPushOn, type PushOutcome } from "../push.ts";
import { changeSettings, readSettings, type Settings } from "../settings.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Message } from "./parts.tsx";

function Notify() {
  const { texts, phone } = useWorld();
  const [state, setState] = useState<PushOutcome>();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const attempt = async (work: Promise<PushOutcome>) => {
    setBusy(true);
    try {
      const outcome = await work;
      setState(outcome);
      setMessage(
        outcome === "denied" ? texts.notifyDenied : outcome === "unanswered" ? texts.notifyUnanswered : "",
      );
    } catch (error) {
      setMessage(explain(error, texts));
    }
    setBusy(false);
  };
  useEffect(() => {
    if (phone) {
      attempt(pushState(phone));
    }
  }, []);
  if (!phone || state === "unsupported") {
    return <p id="notify-none">{texts.notifyUnsupported}</p>;
  }
  const isOn = state === "on";
  return (
    <>
      <p>{texts.notifyMeans}</p>
      <button
        id="notify"
        type="button"
        role="switch"
        aria-checked={isOn}
        disabled={busy || state === undefined}
        onClick={() => attempt(isOn ? turnPushOff(phone) : turnPushOn(phone))}
      >
        {texts.notify}: {isOn ? texts.on : texts.off}
      </button>
      <Message text={message} />
    </>
  );
}

function QuietHours() {
  const { texts } = useWorld();
  const [settings, setSettings] = useState<Settings>();
  useEffect(() => {
    readSettings().then(setSettings);
  }, []);
  if (!settings) {
    return null;
  }
  const change = async (part: Partial<Settings>) => setSettings(await changeSettings(part));
  return (
    <fieldset>
      <legend>{texts.quietHours}</legend>
      <p>{texts.quietMeans}</p>
      <label for="quiet-from">{texts.quietFrom}</label>
      <input
        id="quiet-from"
        type="time"
        value={settings.quietFrom}
        onChange={(event) => change({ quietFrom: event.currentTarget.value })}
      />
      <label for="quiet-to">{texts.quietTo}</label>
      <input
        id="quiet-to"
        type="time"
        value={settings.quietTo}
        onChange={(event) => change({ quietTo: event.currentTarget.value })}
      />
    </fieldset>
  );
}

// The language is chosen at the top of every page.
export function SettingsPage() {
  const { texts } = useWorld();
  return (
    <>
      <Heading>{texts.settingsTitle}</Heading>
      <Notify />
      <QuietHours />
      <Back />
    </>
  );
}
