// What this phone keeps between visits: one JSON text, `format` 1, of this origin.

import { Members } from "./core/item.ts";
import { organisation } from "./core/key_kind.ts";
import { toBase64url } from "./core/bytes.ts";
import type { KnownKey, Phone, Role } from "./core/phone.ts";

export interface StoredPhone extends Phone {
  name: string;
  passkeyId: Uint8Array<ArrayBuffer>; // WebAuthn's credential id
  session: string; // bearer; empty until the server knows this phone
  joining: string; // bearer while this phone waits to take an old one's place; else empty
}

const place = "kyso-phone";
// An officer confirms many: the oldest of people are forgotten, long before the place is full. What is
// not known any more is said to be so.
const keysMax = 4000;
const keysReadMax = 2 * keysMax;
const roles: Record<Role, unknown> = { signer: 0, officer: 0 };

function readKey(value: unknown): KnownKey {
  const members = new Members(value);
  return {
    keyId: members.digest("key_id"),
    policyHash: members.digest("policy_hash"),
    subject: members.text("subject"),
    version: members.number("version"),
    credentialId: members.text("credential_id"),
    kind: members.has("kind") ? members.number("kind", 5) : undefined,
  };
}

// None when this browser is no phone yet. Throws Unreadable rather than begin anew over what it
// cannot read.
export function loadPhone(): StoredPhone | undefined {
  const text = localStorage.getItem(place);
  if (text === null) {
    return undefined;
  }
  const members = new Members(JSON.parse(text));
  members.number("format", 1);
  const enrolment = members.has("enrolment") ? members.object("enrolment") : undefined;
  return {
    role: members.has("role") ? members.word("role", roles) : "signer",
    rpId: location.hostname,
    origin: location.origin,
    name: members.text("name"),
    passkeyId: members.bytes("passkey_id"),
    point: members.bytes("point"),
    thumbprint: members.digest("thumbprint"),
    backupEligible: members.flag("backup_eligible"),
    session: members.text("session"),
    joining: members.has("joining") ? members.text("joining") : "",
    enrolment: enrolment && {
      credentialId: enrolment.text("credential_id"),
      transactionId: enrolment.text("transaction_id"),
    },
    keys: members.list("keys", readKey, keysReadMax),
  };
}

export function savePhone(phone: StoredPhone): void {
  const { enrolment } = phone;
  localStorage.setItem(
    place,
    JSON.stringify({
      format: 1,
      role: phone.role,
      name: phone.name,
      passkey_id: toBase64url(phone.passkeyId),
      point: toBase64url(phone.point),
      thumbprint: toBase64url(phone.thumbprint),
      backup_eligible: phone.backupEligible,
      session: phone.session,
      joining: phone.joining,
      enrolment: enrolment && {
        credential_id: enrolment.credentialId,
        transaction_id: enrolment.transactionId,
      },
      keys: phone.keys.map((key) => ({
        key_id: toBase64url(key.keyId),
        policy_hash: toBase64url(key.policyHash),
        subject: key.subject,
        version: key.version,
        credential_id: key.credentialId,
        kind: key.kind,
      })),
    }),
  );
}

// What is left of it is a passkey that nobody asks for any more.
export function forgetPhone(): void {
  localStorage.removeItem(place);
}

// Services' keys stay, which are few.
function newest(keys: KnownKey[]): KnownKey[] {
  const isService = ({ kind }: KnownKey) => kind !== undefined && kind > organisation;
  const people = keys.filter((one) => !isService(one)).slice(-keysMax);
  return [...keys.filter(isService).slice(-100), ...people];
}

// Keeps what an approval teaches, before the assertion leaves. A version never falls, also not by
// another tab of this app.
export function learn(learned: KnownKey | undefined): void {
  const phone = loadPhone();
  if (!phone || !learned) {
    return;
  }
  const id = toBase64url(learned.keyId);
  const known = phone.keys.find((one) => toBase64url(one.keyId) === id);
  if (known) {
    known.version = Math.max(known.version, learned.version);
  } else {
    phone.keys.push(learned);
  }
  phone.keys = newest(phone.keys);
  savePhone(phone);
}
