import { isId } from "./item.ts";

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
