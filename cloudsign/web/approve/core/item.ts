// A transaction as the server tells it: claims, each of which checkItem() compares with what the
// phone computes and knows.

import {
  digests,
  purposes,
  schemes,
  leafCountMax,
  type Algorithm,
  type Document,
  type Purpose,
} from "./activation.ts";
import { fromBase64url, type Bytes } from "./bytes.ts";

// The module's own part of a challenge, and what the server says of the rest.
export interface Activation {
  moduleId: Bytes;
  bootCounter: number;
  sequence: number;
  expiryTickMs: number;
  random: Bytes;
  keyId: Bytes;
  blobVersion: number;
  policyHash: Bytes;
  leafCount: number;
  root: Bytes;
  contextHash: Bytes;
}

export interface Item {
  id: string;
  purpose: Purpose;
  state: string;
  reason: string;
  requester: string;
  verifiedAs: string; // the organisation behind it, in the server's words; empty: nobody has made sure
  purposeText: string;
  code: string; // empty while it has yet to be typed
  codeTyped: boolean;
  language: string;
  createdAt: number; // milliseconds UTC
  expiresAt: number; // milliseconds UTC
  rpId: string;
  origin: string;
  algorithm: Algorithm;
  documents: Document[];
  credentialId: string;
  subject: string;
  keyId: Bytes;
  thumbprints: Bytes[]; // who may approve, and has not yet
  activation: Activation;
  statement: { kind: number; keyId: Bytes; policy: Bytes } | undefined;
  certificates: Bytes[]; // TBSCertificates, one for each document that officers issue
  newPhone: { point: Bytes; backupEligible: boolean; name: string } | undefined; // that takes this one's place
  receiptCount: number;
  enclosed: number[]; // positions of documents that the portal supplied
}

export function isWaiting(item: Item): boolean {
  return ["created", "notified", "seen"].includes(item.state);
}

// The server's answer is not in the form that this app knows.
export class Unreadable extends Error {}

export function isId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

export class Members {
  #members: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Unreadable("not an object");
    }
    this.#members = value as Record<string, unknown>;
  }
  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }
  #get(name: string): unknown {
    return this.has(name) ? this.#members[name] : undefined;
  }
  isNull(name: string): boolean {
    return this.#get(name) === null;
  }
  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== "string") {
      throw new Unreadable(`${name} is not a text`);
    }
    return value;
  }
  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value !== "boolean") {
      throw new Unreadable(`${name} is not true or false`);
    }
    return value;
  }
  number(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#get(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max) {
      throw new Unreadable(`${name} is not a number, or out of range`);
    }
    return value;
  }
  word<T extends string>(name: string, table: Record<T, unknown>): T {
    const value = this.text(name);
    if (!Object.hasOwn(table, value)) {
      throw new Unreadable(`${name} is a word that this app does not know`);
    }
    return value as T;
  }
  bytes(name: string): Bytes {
    const bytes = fromBase64url(this.text(name));
    if (!bytes) {
      throw new Unreadable(`${name} is not base64url`);
    }
    return bytes;
  }
  digest(name: string): Bytes {
    const bytes = this.bytes(name);
    if (bytes.length !== 32) {
      throw new Unreadable(`${name} is not 32 bytes`);
    }
    return bytes;
  }
  object(name: string): Members {
    return new Members(this.#get(name));
  }
  list<T>(name: string, read: (value: unknown) => T, max = leafCountMax): T[] {
    const value = this.#get(name);
    if (!Array.isArray(value) || value.length > max) {
      throw new Unreadable(`${name} is not a list, or too long`);
    }
    return value.map(read);
  }
}

function readDocument(value: unknown): Document {
  const members = new Members(value);
  return { hash: members.bytes("hash"), label: members.text("label") };
}

function readPosition(value: unknown): number {
  if (!Number.isSafeInteger(value)) {
    throw new Unreadable("enclosed is not a list of positions");
  }
  return value as number;
}

function readThumbprint(value: unknown): Bytes {
  const bytes = typeof value === "string" ? fromBase64url(value) : undefined;
  if (bytes?.length !== 32) {
    throw new Unreadable("thumbprints are not 32 bytes");
  }
  return bytes;
}

function readActivation(members: Members): Activation {
  const uint32 = 0xffffffff;
  return {
    moduleId: members.digest("module_id"),
    bootCounter: members.number("boot_counter"),
    sequence: members.number("sequence"),
    expiryTickMs: members.number("expiry_tick_ms"),
    random: members.digest("random"),
    keyId: members.digest("key_id"),
    blobVersion: members.number("blob_version", uint32),
    policyHash: members.digest("policy_hash"),
    leafCount: members.number("leaf_count", leafCountMax),
    root: members.digest("root"),
    contextHash: members.digest("context_hash"),
  };
}

function readStatement(members: Members): NonNullable<Item["statement"]> {
  return {
    kind: members.number("kind", 5),
    keyId: members.digest("key_id"),
    policy: members.bytes("policy"),
  };
}

function readNewPhone(members: Members): NonNullable<Item["newPhone"]> {
  const point = members.bytes("public_key");
  if (point.length !== 65) {
    throw new Unreadable("public_key is not 65 bytes");
  }
  return { point, backupEligible: members.flag("backup_eligible"), name: members.text("name") };
}

function readCertificate(value: unknown): Bytes {
  return new Members(value).bytes("tbs");
}

// Throws Unreadable; members that it does not know are passed over.
export function readItem(value: unknown): Item {
  const members = new Members(value);
  const id = members.text("id");
  if (!isId(id)) {
    throw new Unreadable("id is not an id");
  }
  const algorithm = members.object("algorithm");
  const credential = members.object("credential");
  return {
    id,
    purpose: members.word("purpose", purposes),
    state: members.text("state"),
    reason: members.text("reason"),
    requester: members.text("requester"),
    verifiedAs: members.has("requester_verified_as") ? members.text("requester_verified_as") : "",
    purposeText: members.text("purpose_text"),
    code: members.text("code"),
    codeTyped: members.flag("code_typed"),
    language: members.text("language"),
    createdAt: members.number("created_at"),
    expiresAt: members.number("expires_at"),
    rpId: members.text("rp_id"),
    origin: members.text("origin"),
    algorithm: {
      scheme: algorithm.word("scheme", schemes),
      digest: algorithm.word("digest", digests),
      saltLength: algorithm.number("salt_length", 64),
    },
    documents: members.list("documents", readDocument),
    credentialId: credential.text("id"),
    subject: credential.text("subject"),
    keyId: credential.digest("key_id"),
    thumbprints: members.list("thumbprints", readThumbprint),
    activation: readActivation(members.object("activation")),
    statement: members.has("statement") ? readStatement(members.object("statement")) : undefined,
    certificates: members.has("certificates") ? members.list("certificates", readCertificate) : [],
    newPhone: members.has("new_phone") ? readNewPhone(members.object("new_phone")) : undefined,
    receiptCount: members.has("receipts") ? members.list("receipts", (one) => one).length : 0,
    enclosed: members.has("enclosed") ? members.list("enclosed", readPosition) : [],
  };
}
