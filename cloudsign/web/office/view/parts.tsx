// Small pieces that the office's pages share.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Message } from "../../shared/parts.tsx";
import { ApiError } from "../api.ts";
import { explain, useWorld } from "./context.ts";

export { Heading, Message, Theirs } from "../../shared/parts.tsx";

interface LinkProps {
  to: string;
  id?: string;
  isCurrent?: boolean;
  children: ComponentChildren;
}

// To another page of this app, without leaving it.
export function Link({ to, id, isCurrent, children }: LinkProps) {
  const { go } = useWorld();
  const follow = (event: Event) => {
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={to}
      {...(id ? { id } : {})}
      {...(isCurrent ? { "aria-current": "page" as const } : {})}
      onClick={follow}
    >
      {children}
    </a>
  );
}

// The next page of a list, under what is there.
export function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { texts } = useWorld();
  return (
    <button id="more" type="button" disabled={busy} onClick={onMore}>
      {texts.more}
    </button>
  );
}

// Something that is asked of the server, once at a time: whether it runs, what went wrong. A
// session that is over leads to the sign-in.
export function useAttempt(): [boolean, string, (work: () => Promise<void>) => Promise<void>] {
  const { texts, become } = useWorld();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setMessage("");
    try {
      await work();
    } catch (error) {
      setMessage(explain(error, texts));
      if (error instanceof ApiError && error.status === 401) {
        become(undefined);
      }
    }
    setBusy(false);
  };
  return [busy, message, attempt];
}

// Calls `tick` now and every `everyMs` while the page is visible. `tick` never throws.
export function useRepeated(tick: () => Promise<void>, everyMs: number): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const run = async () => {
      clearTimeout(timer);
      if (ended || document.hidden) {
        return;
      }
      await latest.current();
      if (!ended) {
        timer = setTimeout(run, everyMs);
      }
    };
    document.addEventListener("visibilitychange", run);
    run();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", run);
    };
  }, [everyMs]);
}

export function Time({ at }: { at: number }) {
  const { language } = useWorld();
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return <time dateTime={new Date(at).toISOString()}>{form.format(at)}</time>;
}

interface ActProps {
  id: string;
  label: string;
  means: string;
  act: () => Promise<void>;
  children?: ComponentChildren;
}

// What is not lightly taken back is asked for twice.
export function Act({ id, label, means, act, children }: ActProps) {
  const { texts } = useWorld();
  const [asked, setAsked] = useState(false);
  const [busy, message, attempt] = useAttempt();
  const click = () =>
    asked
      ? attempt(async () => {
          await act();
          setAsked(false);
        })
      : setAsked(true);
  return (
    <div class="acts">
      {asked && <p>{means}</p>}
      {asked && children}
      <button id={id} type="button" disabled={busy} onClick={click}>
        {asked ? `${texts.sure} ${label}` : label}
      </button>
      {asked && (
        <button type="button" onClick={() => setAsked(false)}>
          {texts.cancel}
        </button>
      )}
      {message && <Message id={`${id}-message`} text={message} />}
    </div>
  );
}
