// Small pieces that the portal's pages share.

import type { ComponentType } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Bytes } from "../../approve/core/bytes.ts";
import { InnerLink, LaterIn, TimeIn, useAttemptBy, type LinkProps } from "../../shared/parts.tsx";
import { ApiError } from "../api.ts";
import { explain, useWorld } from "./context.ts";

export { Heading, Message, Theirs, useRepeated } from "../../shared/parts.tsx";

export function Link(props: LinkProps) {
  return <InnerLink {...props} go={useWorld().go} />;
}

export function Time({ at }: { at: number }) {
  return <TimeIn at={at} language={useWorld().language} />;
}

export function Later({ page }: { page: () => Promise<ComponentType> }) {
  const { texts } = useWorld();
  return <LaterIn page={page} loading={texts.loading} failed={texts.offline} />;
}

// A session that is over leads to the sign-in; what lies in this browser stays.
export function useAttempt() {
  const { texts, sessionOver } = useWorld();
  return useAttemptBy((error) => {
    if (error instanceof ApiError && error.answer.status === 401) {
      sessionOver();
    }
    return explain(error, texts);
  });
}

// Rows of what this browser keeps; `reload` after a change. `undefined` until they are there.
export function useRows<Rows>(load: () => Promise<Rows>): [Rows | undefined, () => Promise<void>] {
  const [rows, setRows] = useState<Rows>();
  const reload = async () => setRows(await load());
  useEffect(() => {
    reload().catch(() => undefined);
  }, []);
  return [rows, reload];
}

// The address of a picture of the person's own, in memory, as long as it is shown.
export function usePicture(bytes: Bytes | undefined): string | undefined {
  const url = useMemo(() => bytes && URL.createObjectURL(new Blob([bytes], { type: "image/png" })), [bytes]);
  useEffect(() => () => URL.revokeObjectURL(url ?? ""), [url]);
  return url;
}

export function Picture({ bytes, text }: { bytes: Bytes; text: string }) {
  return <img class="picture" src={usePicture(bytes)} alt={text} />;
}

export function saveFile(name: string, bytes: Bytes): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

interface RemoveProps {
  id: string;
  means: string;
  label: string;
  onRemove: () => Promise<void>;
}

// What cannot be taken back is asked for twice.
export function Remove({ id, means, label, onRemove }: RemoveProps) {
  const { texts } = useWorld();
  const [asked, setAsked] = useState(false);
  return (
    <>
      {asked && <p role="status">{means}</p>}
      <button
        id={id}
        type="button"
        onClick={() => (asked ? onRemove().then(() => setAsked(false)) : setAsked(true))}
      >
        {asked ? `${texts.sure} ${label}` : label}
      </button>
      {asked && (
        <button type="button" onClick={() => setAsked(false)}>
          {texts.cancel}
        </button>
      )}
    </>
  );
}

interface FieldProps {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  means?: string;
  required?: boolean;
  lengthMax?: number;
  mode?: "text" | "tel";
}

export function Field({ id, label, value, onChange, means, required = false, lengthMax = 200, mode = "text" }: FieldProps) {
  const { texts } = useWorld();
  return (
    <>
      <label for={id}>
        {label} {required ? "*" : `(${texts.optional})`}
      </label>
      <input
        id={id}
        inputMode={mode}
        required={required}
        maxLength={lengthMax}
        autocomplete="off"
        value={value}
        {...(means ? { "aria-describedby": `${id}-means` } : {})}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {means && (
        <p id={`${id}-means`} class="means">
          {means}
        </p>
      )}
    </>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
}

export function Choice({ id, label, value, options, onChange }: ChoiceProps) {
  return (
    <>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </>
  );
}
