import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ApiError, type User } from "../api.ts";
import { NoPasskeys } from "../passkey.ts";
import type { Language, Texts } from "../texts.ts";

export interface World {
  language: Language;
  texts: Texts;
  place: string; // path and query
  user: User | undefined;
  become: (user: User | undefined) => void;
  go: (place: string) => void;
}

export const WorldContext = createContext<World | undefined>(undefined);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (!world) {
    throw new Error("outside of the app");
  }
  return world;
}

// The role as the server would judge it: what it refuses is not offered either.
export function mayChange(user: User | undefined): boolean {
  return user?.role === "registrar";
}
export function maySeeSigners(user: User | undefined): boolean {
  return user?.role === "registrar" || user?.role === "administrator";
}

export function maySeeRecords(user: User | undefined): boolean {
  return user?.role === "auditor" || user?.role === "administrator";
}

// What went wrong, in words for a person; what the server says of the input stands behind it.
export function explain(error: unknown, texts: Texts): string {
  if (error instanceof DOMException) {
    return texts.cancelled;
  }
  if (error instanceof NoPasskeys) {
    return texts.noPasskeys;
  }
  if (!(error instanceof ApiError)) {
    return texts.failed;
  }
  const known: Record<number, string> = {
    0: texts.offline,
    400: texts.invalid,
    401: texts.sessionOver,
    403: texts.forbidden,
    404: texts.notFound,
    409: texts.conflict,
    410: texts.expired,
    422: texts.refused,
    429: texts.offline,
    503: texts.offline,
  };
  const words = known[error.status] ?? texts.failed;
  return [400, 409].includes(error.status) && error.description
    ? `${words} (${error.description})`
    : words;
}
