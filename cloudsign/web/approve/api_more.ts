// Of the approve API what the first screen does not need.

import { call } from "./api.ts";
import { fromBase64url, toBase64url } from "./core/bytes.ts";
import { Members, Unreadable, isId, readItem, type Item } from "./core/item.ts";
import type { StoredPhone } from "./storage.ts";

function readId(members: Members): string {
  const id = members.text("id");
  if (!isId(id)) {
    throw new Unreadable("id is not an id");
  }
  return id;
}

// ---- history

export interface Past {
  id: string;
  purpose: string;
  state: string;
  requester: string;
  documents: number;
  createdAt: number;
}

export async function fetchHistory(phone: StoredPhone, before?: number): Promise<Past[]> {
  const query = before === undefined ? "" : `?before=${before}`;
  return new Members(await call(`history${query}`, phone.session)).list("items", (value) => {
    const members = new Members(value);
    return {
      id: readId(members),
      purpose: members.text("purpose"),
      state: members.text("state"),
      requester: members.text("requester"),
      documents: members.number("documents"),
      createdAt: members.number("created_at"),
    };
  });
}

// The receipts as `kyso receipt verify` reads them.
export async function fetchReceipts(phone: StoredPhone, id: string): Promise<Blob> {
  const answer = new Members(await call(`transactions/${id}`, phone.session));
  const receipts = answer.list("receipts", (value) => {
    const members = new Members(value);
    return {
      position: members.number("position"),
      signature: members.text("signature"),
      receipt: members.text("receipt"),
      device_certificate: members.text("device_certificate"),
    };
  });
  const text = JSON.stringify({ id, state: answer.text("state"), receipts }, null, 1);
  return new Blob([text], { type: "application/json" });
}

// ---- documents

export interface Enclosed {
  document: Uint8Array<ArrayBuffer>;
  attributes: Uint8Array<ArrayBuffer> | undefined;
}

export async function fetchDocument(phone: StoredPhone, id: string, position: number): Promise<Enclosed> {
  const path = `transactions/${id}/document?position=${position}`;
  const members = new Members(await call(path, phone.session));
  const has = !members.isNull("signed_attributes");
  return {
    document: members.bytes("document"),
    attributes: has ? members.bytes("signed_attributes") : undefined,
  };
}

// ---- time

export async function moreTime(phone: StoredPhone, item: Item): Promise<Item> {
  const later = readItem(await call(`transactions/${item.id}/more-time`, phone.session, {}));
  if (later.id !== item.id) {
    throw new Unreadable("the server shows another transaction");
  }
  return later;
}

// ---- devices

export interface Device {
  id: string;
  name: string;
  thumbprint: Uint8Array<ArrayBuffer>;
  createdAt: number;
  lastUsedAt: number;
  isOwn: boolean;
}

function readDevices(answer: unknown): Device[] {
  return new Members(answer).list("devices", (value) => {
    const members = new Members(value);
    return {
      id: readId(members),
      name: members.text("name"),
      thumbprint: members.digest("thumbprint"),
      createdAt: members.number("created_at"),
      lastUsedAt: members.number("last_used_at"),
      isOwn: members.flag("own"),
    };
  });
}

export async function fetchDevices(phone: StoredPhone): Promise<Device[]> {
  return readDevices(await call("devices", phone.session));
}

export async function renameDevice(phone: StoredPhone, id: string, name: string): Promise<Device[]> {
  return readDevices(await call(`devices/${id}/name`, phone.session, { name }));
}

export async function removeDevice(phone: StoredPhone, id: string): Promise<Device[]> {
  return readDevices(await call(`devices/${id}/remove`, phone.session, {}));
}

// ---- push

export interface PushState {
  key: Uint8Array<ArrayBuffer>; // the server's, that a subscription is bound to
  endpoint: string; // where the server would tell this phone; empty: nowhere
}

function readPush(answer: unknown): PushState {
  const members = new Members(answer);
  const key = fromBase64url(members.text("application_server_key"));
  if (key?.length !== 65) {
    throw new Unreadable("application_server_key is no key");
  }
  return { key, endpoint: members.isNull("endpoint") ? "" : members.text("endpoint") };
}

export async function fetchPush(phone: StoredPhone): Promise<PushState> {
  return readPush(await call("push", phone.session));
}

export async function putPush(
  phone: StoredPhone,
  subscription: PushSubscription,
  key: Uint8Array<ArrayBuffer>,
): Promise<PushState> {
  const bytes = (name: PushEncryptionKeyName) =>
    toBase64url(new Uint8Array(subscription.getKey(name) ?? new ArrayBuffer(0)));
  const answer = await call("push", phone.session, {
    endpoint: subscription.endpoint,
    p256dh: bytes("p256dh"),
    auth: bytes("auth"),
    application_server_key: toBase64url(key),
  });
  return readPush(answer);
}

export async function removePush(phone: StoredPhone): Promise<void> {
  await call("push/remove", phone.session, {});
}
