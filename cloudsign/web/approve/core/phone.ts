import type { Bytes } from "./bytes.ts";

// A key in the module that this phone has approved the binding of, its own or, on an officer's phone,
// somebody's: never taken from the server afterwards.
export interface KnownKey {
  keyId: Bytes;
  policyHash: Bytes;
  subject: string; // whom the key was bound for
  version: number; // highest blob version seen
  credentialId: string;
  kind?: number | undefined; // PROTOCOL.md key-kind; an officer's phone knows it
}

// The credential that this phone has asked to be enrolled for.
export interface Enrolment {
  credentialId: string;
  transactionId: string; // of the binding
}

// Whose passkey it is: of somebody who signs, or of an officer whom the modules know.
export type Role = "signer" | "officer";

// What this phone holds against whatever the server says.
export interface Phone {
  role: Role;
  rpId: string;
  origin: string;
  point: Bytes;
  thumbprint: Bytes;
  backupEligible: boolean;
  enrolment: Enrolment | undefined;
  keys: KnownKey[];
}

// This browser has no passkeys, or not the kind that a module knows.
export class NoPasskeys extends Error {}
