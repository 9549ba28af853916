import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ApiError, type Credential } from "../api.ts";
import { PaperRefused } from "../ask.ts";
import { endOf } from "../core/asking.ts";
import { NotSignedIn } from "../session.ts";
import type { Language, Texts } from "../texts.ts";

export interface World {
  language: Language;
  texts: Texts;
  place: string; // path and query
  credentials: Credential[]; // of the person who has signed in
  levels: string[]; // that the service has on offer
  go: (place: string) => void;
  sessionOver: () => void;
}

export const WorldContext = createContext<World | undefined>(undefined);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (!world) {
    throw new Error("outside of the app");
  }
  return world;
}

function explainAnswer({ answer }: ApiError, texts: Texts): string {
  const seconds = Math.ceil(answer.retryAfterMs / 1000);
  switch (answer.status) {
    case 0:
      return texts.offline;
    case 401:
      return texts.sessionOver;
    case 429:
    case 503:
      return texts.busy(seconds);
  }
  const end = endOf(answer.description);
  if (end !== "failed") {
    return `${texts.ends[end]}. ${texts.todo[end]}`;
  }
  return answer.description ? `${texts.refused} ${texts.serverSays} “${answer.description}”` : texts.refused;
}

// What went wrong, in words for a person, with the server's own behind them.
export function explain(error: unknown, texts: Texts): string {
  if (error instanceof PaperRefused) {
    return texts.paperRefused(error.paper.name, (error.cause as ApiError).answer.description);
  }
  if (error instanceof ApiError) {
    return explainAnswer(error, texts);
  }
  if (error instanceof NotSignedIn) {
    return texts.notSignedIn[error.message] ?? texts.notSignedInOther(error.message);
  }
  return error instanceof DOMException ? texts.full : texts.failed;
}
