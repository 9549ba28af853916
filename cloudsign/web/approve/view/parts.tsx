// Small pieces that the pages share.

import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isLive, onHint } from "../hints.ts";
import { LaterIn } from "../../shared/parts.tsx";
import { useWorld } from "./context.ts";

export { Heading, Message, Theirs } from "../../shared/parts.tsx";

// Where hints come from a stream, the clock only makes sure.
const whileLiveMs = 30_000;

// Calls `tick` now, at each hint, when the connection comes or goes, and every `everyMs` where no
// hints come, while the page is visible; one call at a time. `tick` never throws.
export function usePolling(tick: () => Promise<void>, everyMs: number, active: boolean): void {
  const session = useWorld().phone?.session ?? "";
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    let busy = false;
    let missed = false; // a hint that came during a look
    const run = async () => {
      clearTimeout(timer);
      missed = busy;
      if (ended || busy || document.hidden) {
        return;
      }
      busy = true;
      await latest.current();
      busy = false;
      if (!ended) {
        timer = setTimeout(run, missed ? 0 : isLive() ? whileLiveMs : everyMs);
      }
    };
    const forget = onHint(session, run);
    document.addEventListener("visibilitychange", run);
    addEventListener("offline", run);
    addEventListener("online", run);
    run();
    return () => {
      ended = true;
      clearTimeout(timer);
      forget();
      document.removeEventListener("visibilitychange", run);
      removeEventListener("offline", run);
      removeEventListener("online", run);
    };
  }, [active, everyMs, session]);
}

// A page in a chunk of its own.
export function Later({ page }: { page: () => Promise<ComponentType> }) {
  const { texts } = useWorld();
  return <LaterIn page={page} loading={texts.loading} failed={texts.offline} />;
}

interface LinkProps {
  to: string;
  id?: string;
  class?: string;
  children: ComponentChildren;
}

// To another page of this app, without leaving it.
export function Link({ to, children, ...rest }: LinkProps) {
  const { go } = useWorld();
  const follow = (event: Event) => {
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} {...rest} onClick={follow}>
      {children}
    </a>
  );
}

export function Back() {
  const { texts, go } = useWorld();
  return (
    <button id="back" type="button" onClick={() => go("/")}>
      {texts.back}
    </button>
  );
}
