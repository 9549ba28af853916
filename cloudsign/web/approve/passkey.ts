// The approval passkey: made here, used here, for nothing but approvals.

import { pointOf, thumbprint } from "./core/activation.ts";
import type { Bytes } from "./core/bytes.ts";
import { NoPasskeys, type Role } from "./core/phone.ts";
import type { StoredPhone } from "./storage.ts";

const timeoutMs = 120_000;
const backupEligible = 0x08; // of authenticatorData's flags, WebAuthn Level 3 §6.1

export interface Assertion {
  authenticatorData: Bytes;
  clientDataJson: Bytes;
  signature: Bytes;
}

export async function createPasskey(name: string, role: Role): Promise<StoredPhone> {
  if (!("PublicKeyCredential" in window)) {
    throw new NoPasskeys();
  }
  const made = (await navigator.credentials.create({
    publicKey: {
      // Nobody checks this one: what proves the passkey is the binding that it approves next.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: location.hostname, name: "Kyso" },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
      timeout: timeoutMs,
    },
  })) as PublicKeyCredential | null;
  const response = made?.response as AuthenticatorAttestationResponse | undefined;
  const spki = response?.getPublicKey();
  const point = spki ? pointOf(new Uint8Array(spki)) : undefined;
  if (!made || !response || !point) {
    throw new NoPasskeys();
  }
  const flags = new Uint8Array(response.getAuthenticatorData())[32] ?? 0;
  return {
    role,
    rpId: location.hostname,
    origin: location.origin,
    name,
    passkeyId: new Uint8Array(made.rawId),
    point,
    thumbprint: await thumbprint(point),
    backupEligible: (flags & backupEligible) !== 0,
    session: "",
    joining: "",
    enrolment: undefined,
    keys: [],
  };
}

export async function assertChallenge(phone: StoredPhone, challenge: Bytes): Promise<Assertion> {
  const made = (await navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: phone.rpId,
      allowCredentials: [{ type: "public-key", id: phone.passkeyId }],
      userVerification: "required",
      timeout: timeoutMs,
    },
  })) as PublicKeyCredential | null;
  if (!made) {
    throw new NoPasskeys();
  }
  const response = made.response as AuthenticatorAssertionResponse;
  return {
    authenticatorData: new Uint8Array(response.authenticatorData),
    clientDataJson: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  };
}
