// The office's sign-in passkey: of this host, and good for signing in here alone.

import { fromBase64url, toBase64url, type Bytes } from "../approve/core/bytes.ts";
import { call, type User } from "./api.ts";

const timeoutMs = 120_000;

export class NoPasskeys extends Error {}

function bytes(value: string): Bytes {
  const read = fromBase64url(value);
  if (!read) {
    throw new NoPasskeys();
  }
  return read;
}

const written = (buffer: ArrayBuffer) => toBase64url(new Uint8Array(buffer));

interface Offer {
  challenge: string;
  rp_id: string;
  user_handle: string;
  user_name: string;
  user_display_name: string;
  registered: string[];
}

export async function register(invitation: string, name: string): Promise<void> {
  if (!("PublicKeyCredential" in window)) {
    throw new NoPasskeys();
  }
  const offer = await call<Offer>("registration/options", { invitation });
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: bytes(offer.challenge),
      rp: { id: offer.rp_id, name: "Kyso" },
      user: {
        id: bytes(offer.user_handle),
        name: offer.user_name,
        displayName: offer.user_display_name,
      },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: offer.registered.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
      timeout: timeoutMs,
    },
  })) as PublicKeyCredential | null;
  if (!made) {
    throw new NoPasskeys();
  }
  const response = made.response as AuthenticatorAttestationResponse;
  await call("registration", {
    invitation,
    name,
    authenticator_data: written(response.getAuthenticatorData()),
    client_data_json: written(response.clientDataJSON),
  });
}

export async function signIn(): Promise<User> {
  if (!("PublicKeyCredential" in window)) {
    throw new NoPasskeys();
  }
  const { challenge, rp_id } = await call<{ challenge: string; rp_id: string }>("sign-in");
  const made = (await navigator.credentials.get({
    publicKey: {
      challenge: bytes(challenge),
      rpId: rp_id,
      userVerification: "required",
      timeout: timeoutMs,
    },
  })) as PublicKeyCredential | null;
  if (!made) {
    throw new NoPasskeys();
  }
  const response = made.response as AuthenticatorAssertionResponse;
  return call("sign-in", {
    challenge,
    credential_id: written(made.rawId),
    authenticator_data: written(response.authenticatorData),
    client_data_json: written(response.clientDataJSON),
    signature: written(response.signature),
  });
}
