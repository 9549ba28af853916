// Of the approve API what a change of phones asks.

import { assertionBody, call } from "./api.ts";
import { toBase64url } from "./core/bytes.ts";
import { Members, readItem, type Item } from "./core/item.ts";
import type { Mark } from "./core/rebind_check.ts";
import type { Assertion } from "./passkey.ts";
import type { StoredPhone } from "./storage.ts";

// The new phone's bearer, until it is a phone like any other.
export async function announce(phone: StoredPhone): Promise<string> {
  const answer = await call("moves", "", {
    public_key: toBase64url(phone.point),
    backup_eligible: phone.backupEligible,
    device_name: phone.name,
  });
  return new Members(answer).text("session");
}

const states = {
  open: 0,
  waiting: 0,
  finishing: 0,
  done: 0,
  rejected: 0,
  expired: 0,
};

export interface Progress {
  state: keyof typeof states;
  expiresAt: number;
  items: Item[];
}

function readProgress(answer: unknown): Progress {
  const members = new Members(answer);
  return {
    state: members.word("state", states),
    expiresAt: members.number("expires_at"),
    items: members.list("items", readItem),
  };
}

export async function fetchProgress(phone: StoredPhone): Promise<Progress> {
  return readProgress(await call("moves/own", phone.joining));
}

export async function approveOwn(
  phone: StoredPhone,
  item: Item,
  assertion: Assertion,
): Promise<Progress> {
  const answer = await call("moves/own/approve", phone.joining, {
    transaction_id: item.id,
    ...assertionBody(phone, assertion),
  });
  return readProgress(answer);
}

export async function rejectOwn(phone: StoredPhone): Promise<Progress> {
  return readProgress(await call("moves/own/reject", phone.joining, {}));
}

// On the old phone: what waits of a change to the new one.
export async function takeMove(phone: StoredPhone, mark: Mark): Promise<Item[]> {
  const body =
    "thumbprint" in mark
      ? { thumbprint: toBase64url(mark.thumbprint) }
      : { short_code: mark.shortCode };
  return new Members(await call("moves/take", phone.session, body)).list("items", readItem);
}
