// The person's sign-in: authorization code with PKCE, as a public client (RFC 6749 §4.1, RFC 7636,
// RFC 9207).

import { sha256, toBase64url, utf8, type Bytes } from "../../approve/core/bytes.ts";

export const clientId = "portal";
const secretSize = 32; // bytes: RFC 7636 §4.1 wants 43 characters or more

export interface Metadata {
  issuer: string;
  authorization_endpoint: string;
}

// What has to be remembered between leaving and coming back, in this tab.
export interface Leaving {
  state: string;
  verifier: string;
  issuer: string;
}

export interface Departure {
  url: string;
  leaving: Leaving;
}

type Random = (size: number) => Bytes;

const random: Random = (size) => crypto.getRandomValues(new Uint8Array(size));

function returnAddress(origin: string): string {
  return `${origin}/return`;
}

// Throws TypeError when the service names no address of a web page.
export async function departure(
  metadata: Metadata,
  origin: string,
  language: string,
  from: Random = random,
): Promise<Departure> {
  const url = new URL(metadata.authorization_endpoint);
  if (url.protocol !== "https:") {
    throw new TypeError("authorization_endpoint is not https");
  }
  const state = toBase64url(from(secretSize));
  const verifier = toBase64url(from(secretSize));
  const asked = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: returnAddress(origin),
    scope: "service",
    state,
    code_challenge: toBase64url(await sha256(utf8(verifier))),
    code_challenge_method: "S256",
    lang: language,
  };
  for (const [name, value] of Object.entries(asked)) {
    url.searchParams.set(name, value);
  }
  return { url: url.href, leaving: { state, verifier, issuer: metadata.issuer } };
}

export type Returned = { code: string } | { error: string };

// What came back with the browser. An answer to a question of nobody in this tab, or of another
// issuer, is none: somebody may have sent the person here with a code of their own.
export function readReturn(search: string, leaving: Leaving | undefined): Returned {
  const got = new URLSearchParams(search);
  if (!leaving || got.get("state") !== leaving.state || got.get("iss") !== leaving.issuer) {
    return { error: "foreign" };
  }
  const code = got.get("code");
  return code ? { code } : { error: got.get("error") ?? "invalid_request" };
}

// The form that turns the code into a token.
export function redemption(code: string, leaving: Leaving, origin: string): URLSearchParams {
  return new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    redirect_uri: returnAddress(origin),
    code_verifier: leaving.verifier,
  });
}
