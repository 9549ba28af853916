// Small pieces that the pages share.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { visible } from "../core/visible.ts";

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

export function Message({ text }: { text: string }) {
  return (
    <p id="message" role="alert">
      {text}
    </p>
  );
}

// Calls `tick` now and every `everyMs` while the page is visible, one call at a time, and at once
// when it becomes visible again. `tick` never throws.
export function usePolling(tick: () => Promise<void>, everyMs: number, active: boolean): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    let busy = false;
    const run = async () => {
      clearTimeout(timer);
      if (ended || busy || document.hidden) {
        return;
      }
      busy = true;
      await latest.current();
      busy = false;
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
  }, [active, everyMs]);
}
