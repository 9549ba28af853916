// Small pieces that the office's pages share.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { InnerLink, Message, TimeIn, useAttemptBy, type LinkProps } from "../../shared/parts.tsx";
import { ApiError } from "../api.ts";
import { explain, useWorld } from "./context.ts";

export { Heading, Message, Theirs, useRepeated } from "../../shared/parts.tsx";

export function Link(props: LinkProps) {
  return <InnerLink {...props} go={useWorld().go} />;
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

// A session that is over leads to the sign-in.
export function useAttempt() {
  const { texts, become } = useWorld();
  return useAttemptBy((error) => {
    if (error instanceof ApiError && error.status === 401) {
      become(undefined);
    }
    return explain(error, texts);
  });
}

export function Time({ at }: { at: number }) {
  return <TimeIn at={at} language={useWorld().language} />;
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
