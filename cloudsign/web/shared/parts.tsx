// Small pieces of which the pages of both apps are made.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
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
