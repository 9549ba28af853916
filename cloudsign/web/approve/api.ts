// The approve API of this host.

import { toBase64url } from "./core/bytes.ts";
import { Members, Unreadable, isId, readItem, type Item } from "./core/item.ts";
import type { Assertion } from "./passkey.ts";
import type { StoredPhone } from "./storage.ts";

const patienceMs = 20_000;
const answerMax = 32 * 1024 * 1024; // 200 items of 1,024 documents

export class ApiError extends Error {
  readonly status: number; // 0: no answer
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

// How far this phone's clock is behind the server's, which decides what has expired.
let clockBehindMs = 0;

export function serverNow(): number {
  return Date.now() + clockBehindMs;
}

function noteClock(answer: Response): void {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  // Date counts whole seconds: a smaller difference says nothing.
  if (!Number.isNaN(date) && Math.abs(date - Date.now()) > 2000) {
    clockBehindMs = date - Date.now();
  } else {
    clockBehindMs = 0;
  }
}

async function readJson(answer: Response): Promise<unknown> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = answer.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.length;
    if (size > answerMax) {
      throw new Unreadable("the answer is too long");
    }
    chunks.push(part.value);
  }
  try {
    return JSON.parse(await new Blob(chunks).text());
  } catch {
    throw new Unreadable("the answer is not JSON");
  }
}

export async function call(path: string, session: string, body?: object): Promise<unknown> {
  const headers: Record<string, string> = {};
  if (session) {
    headers["Authorization"] = `Bearer ${session}`;
  }
  const request: RequestInit = {
    headers,
    credentials: "omit",
    redirect: "error",
    cache: "no-store",
    signal: AbortSignal.timeout(patienceMs),
  };
  if (body) {
    headers["Content-Type"] = "application/json";
    request.method = "POST";
    request.body = JSON.stringify(body);
  }
  let answer: Response;
  let json: unknown;
  try {
    answer = await fetch(`/approve/v1/${path}`, request);
    noteClock(answer);
    json = await readJson(answer);
  } catch (error) {
    throw error instanceof Unreadable ? error : new ApiError(0, "unreachable");
  }
  if (!answer.ok) {
    throw new ApiError(answer.status, new Members(json).text("error"));
  }
  return json;
}

export interface Enrolled {
  session: string;
  credentialId: string;
  transactionId: string;
}

export async function enrol(phone: StoredPhone, invitation: string): Promise<Enrolled> {
  const members = new Members(
    await call("enrolments", "", {
      invitation,
      public_key: toBase64url(phone.point),
      backup_eligible: phone.backupEligible,
      device_name: phone.name,
    }),
  );
  return {
    session: members.text("session"),
    credentialId: members.text("credential_id"),
    transactionId: members.text("transaction_id"),
  };
}

// The session that an officer's link opens, once.
export async function connectOfficer(
  phone: StoredPhone,
  link: string,
  assertion: Assertion,
): Promise<string> {
  const answer = await call("officers", "", { link, ...assertionBody(phone, assertion) });
  return new Members(answer).text("session");
}

export async function fetchPending(phone: StoredPhone): Promise<Item[]> {
  return new Members(await call("pending", phone.session)).list("items", readItem);
}

export async function fetchItem(phone: StoredPhone, id: string): Promise<Item> {
  if (!isId(id)) {
    throw new ApiError(404, "not_found");
  }
  const item = readItem(await call(`transactions/${id}`, phone.session));
  if (item.id !== id) {
    throw new Unreadable("the server shows another transaction");
  }
  return item;
}

export async function start(phone: StoredPhone, token: string): Promise<Item> {
  return readItem(await call("starts", phone.session, { token }));
}

// The state after it.
async function answerItem(
  phone: StoredPhone,
  item: Item,
  how: "approve" | "reject" | "not-mine",
  body: object,
): Promise<string> {
  const answer = await call(`transactions/${item.id}/${how}`, phone.session, body);
  return new Members(answer).text("state");
}

export function assertionBody(phone: StoredPhone, assertion: Assertion): object {
  return {
    thumbprint: toBase64url(phone.thumbprint),
    authenticator_data: toBase64url(assertion.authenticatorData),
    client_data_json: toBase64url(assertion.clientDataJson),
    signature: toBase64url(assertion.signature),
  };
}

export function approve(phone: StoredPhone, item: Item, assertion: Assertion): Promise<string> {
  const code = item.codeTyped ? { code: item.code } : {};
  return answerItem(phone, item, "approve", { ...assertionBody(phone, assertion), ...code });
}

export function reject(phone: StoredPhone, item: Item): Promise<string> {
  return answerItem(phone, item, "reject", {});
}

// What was typed is not the number that the transaction was opened with: ends it.
export function wrongCode(phone: StoredPhone, item: Item): Promise<string> {
  return answerItem(phone, item, "reject", { reason: "wrong code" });
}

export function notMine(phone: StoredPhone, item: Item): Promise<string> {
  return answerItem(phone, item, "not-mine", {});
}
