import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ApiError } from "../api.ts";
import { Unreadable } from "../core/item.ts";
import { NoPasskeys } from "../core/phone.ts";
import { loadPhone, type StoredPhone } from "../storage.ts";
import type { Language, Texts } from "../texts.ts";

export interface World {
  language: Language;
  texts: Texts;
  path: string;
  phone: StoredPhone | undefined;
  reload: () => void; // what is stored has changed
  go: (path: string, how?: "push" | "replace") => void;
}

export const WorldContext = createContext<World | undefined>(undefined);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (!world) {
    throw new Error("outside of the app");
  }
  return world;
}

// What went wrong, in words for a person.
export function explain(error: unknown, texts: Texts): string {
  if (error instanceof DOMException) {
    return texts.cancelled;
  }
  if (error instanceof NoPasskeys) {
    return texts.noPasskeys;
  }
  if (error instanceof Unreadable) {
    return `${texts.notAccepted} (${error.message})`;
  }
  if (!(error instanceof ApiError)) {
    return texts.failed;
  }
  switch (error.status) {
    case 0:
    case 429:
    case 503:
      return texts.offline;
    case 401:
      return loadPhone()?.role === "officer" ? texts.officerSessionOver : texts.sessionOver;
    case 404:
      return texts.notFound;
    case 410:
      return texts.timeOver;
    default:
      return texts.notAccepted;
  }
}
