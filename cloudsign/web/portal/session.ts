// The token of this tab, and what it takes to get one. Neither is in any address or in another tab.

import { redeem, fetchMetadata, revoke } from "./api.ts";
import { departure, readReturn, type Leaving } from "./core/oauth.ts";
import type { Language } from "./texts.ts";

const tokenAt = "kyso-portal-token";
const leavingAt = "kyso-portal-leaving";

export function token(): string {
  return sessionStorage.getItem(tokenAt) ?? "";
}

export function forgetToken(): void {
  sessionStorage.removeItem(tokenAt);
}

interface Left extends Leaving {
  place: string; // to come back to
}

// Leaves this page for the sign-in.
export async function signIn(language: Language): Promise<void> {
  const { url, leaving } = await departure(await fetchMetadata(), location.origin, language);
  const left: Left = { ...leaving, place: location.pathname === "/return" ? "/" : location.pathname };
  sessionStorage.setItem(leavingAt, JSON.stringify(left));
  location.assign(url);
}

// None has come back: why not.
export class NotSignedIn extends Error {}

// At /return: the place that the person left. What was in the address is gone from it before anything
// else happens.
export async function comeBack(): Promise<string> {
  const search = location.search;
  history.replaceState(null, "", "/return");
  const kept = sessionStorage.getItem(leavingAt);
  sessionStorage.removeItem(leavingAt);
  const left = kept ? (JSON.parse(kept) as Left) : undefined;
  const returned = readReturn(search, left);
  if (!left || "error" in returned) {
    throw new NotSignedIn("error" in returned ? returned.error : "foreign");
  }
  sessionStorage.setItem(tokenAt, await redeem(returned.code, left, location.origin));
  return left.place;
}

// Gone from here at once; the service's side ends when it hears of it, or by itself.
export async function signOut(): Promise<void> {
  const ended = token();
  forgetToken();
  await revoke(ended).catch(() => undefined);
}
