// Small pieces of which the pages of the apps are made.

import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { visible } from "../approve/core/visible.ts";

// A page's heading takes the focus, so that a screen reader reads on from there.
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), [children]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

// Words of others: isolated, so that they reorder nothing around them.
export function Theirs({ text, language }: { text: string; language?: string }) {
  return (
    <bdi dir="auto" {...(language ? { lang: language } : {})}>
      {visible(text)}
    </bdi>
  );
}

export function Message({ text, id = "message" }: { text: string; id?: string }) {
  return (
    <p id={id} class="message" role="alert">
      {text}
    </p>
  );
}

export interface LinkProps {
  to: string;
  id?: string;
  isCurrent?: boolean;
  children: ComponentChildren;
}

// To another page of the same app, without leaving it.
export function InnerLink({ to, id, isCurrent, children, go }: LinkProps & { go: (to: string) => void }) {
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

export function TimeIn({ at, language }: { at: number; language: string }) {
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return <time dateTime={new Date(at).toISOString()}>{form.format(at)}</time>;
}

// Something that is asked of the server, once at a time: whether it runs, and what went wrong, as
// `tell` puts it.
export function useAttemptBy(
  tell: (error: unknown) => string,
): [boolean, string, (work: () => Promise<void>) => Promise<void>] {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setMessage("");
    try {
      await work();
    } catch (error) {
      setMessage(tell(error));
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

// A page in a chunk of its own.
export function LaterIn({
  page,
  loading,
  failed,
}: {
  page: () => Promise<ComponentType>;
  loading: string;
  failed: string;
}) {
  const [Page, setPage] = useState<ComponentType>();
  const [message, setMessage] = useState("");
  useEffect(() => {
    page().then(
      (found) => setPage(() => found),
      () => setMessage(failed),
    );
  }, [page]);
  return Page ? <Page /> : message ? <Message text={message} /> : <p>{loading}</p>;
}
