import { isId } from "./item.ts";
import { thumbprintIn } from "./move_mark.ts";
import type { Bytes } from "./bytes.ts";

// The path in this app that a code leads to: of links only our own, of those only a start.
export function startOf(text: string, origin: string): string | undefined {
  let url;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isOurs = url.origin === origin && url.pathname === "/start" && url.search === "";
  const [id, proof, ...rest] = url.hash.slice(1).split(".");
  const isToken = rest.length === 0 && isId(id ?? "") && isId(proof ?? "");
  return isOurs && isToken ? `/start${url.hash}` : undefined;
}

// The new phone that a code is shown by.
export function newPhoneOf(text: string, origin: string): Bytes | undefined {
  const prefix = `${origin}/move#`;
  return text.startsWith(prefix) ? thumbprintIn(text.slice(prefix.length - 1)) : undefined;
}
