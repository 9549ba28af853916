import { useEffect, useState } from "preact/hooks";
import { fetchDevices, removeDevice, renameDevice, type Device } from "../api_more.ts";
import { shortCode } from "../core/activation.ts";
import type { StoredPhone } from "../storage.ts";
import { explain, useWorld } from "./context.ts";
import { Back, Heading, Link, Message, Theirs } from "./parts.tsx";

interface OneProps {
  device: Device;
  isOnly: boolean;
  phone: StoredPhone;
  attempt: (work: Promise<Device[]>) => Promise<void>;
}

function One({ device, isOnly, phone, attempt }: OneProps) {
  const { texts, language } = useWorld();
  const [name, setName] = useState(device.name);
  const [asked, setAsked] = useState(false);
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const input = `name-${device.id}`;
  return (
    <li class="entry">
      <strong>
        <Theirs text={device.name} />
      </strong>
      {device.isOwn && <span>{texts.thisPhone}</span>}
      <span>
        {texts.lastUsed}: {time.format(device.lastUsedAt)}
      </span>
      <span>
        {texts.shortCode}: <code>{shortCode(device.thumbprint)}</code>
      </span>
      <details>
        <summary>{texts.change}</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            attempt(renameDevice(phone, device.id, name));
          }}
        >
          <label for={input}>{texts.deviceName}</label>
          <input
            id={input}
            required
            maxLength={60}
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button class="rename">{texts.rename}</button>
        </form>
        {!device.isOwn && !isOnly && (
          <>
            <p>{texts.removeMeans}</p>
            <button
              class="remove"
              type="button"
              onClick={() => (asked ? attempt(removeDevice(phone, device.id)) : setAsked(true))}
            >
              {asked ? texts.removeSure : texts.remove}
            </button>
          </>
        )}
      </details>
    </li>
  );
}

export function Devices() {
  const { texts, phone } = useWorld();
  const [devices, setDevices] = useState<Device[]>();
  const [message, setMessage] = useState("");
  const attempt = async (work: Promise<Device[]>) => {
    try {
      setDevices(await work);
      setMessage("");
    } catch (error) {
      setMessage(explain(error, texts));
    }
  };
  useEffect(() => {
    if (phone) {
      attempt(fetchDevices(phone));
    }
  }, []);
  return (
    <>
      <Heading>{texts.devicesTitle}</Heading>
      <Message text={message} />
      {!devices && !message && <p>{texts.loading}</p>}
      {phone && devices && (
        <ul class="entries">
          {devices.map((device) => (
            <One
              key={device.id + device.name}
              device={device}
              isOnly={devices.length === 1}
              phone={phone}
              attempt={attempt}
            />
          ))}
        </ul>
      )}
      <nav>
        <Link id="to-move" to="/move">
          {texts.moveTitle}
        </Link>
      </nav>
      <Back />
    </>
  );
}
