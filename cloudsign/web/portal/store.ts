// What this browser keeps: profiles, papers that wait, questions, what was signed. IndexedDB, of this
// origin; no server of ours has any of it.

import type { Bytes } from "../approve/core/bytes.ts";
import type { Asking } from "./core/asking.ts";
import type { Paper } from "./core/paper.ts";
import type { Value } from "./core/presets.ts";

export interface Profile {
  id: string;
  name: string;
  phone: string;
  keyword: string;
  preset: string; // a name of core/presets.ts
  picture?: Bytes; // PNG
  lines: string[]; // of a picture of one's own
  credentialId: string; // "" for whichever
  account: string;
  updatedAt: number;
}

// A paper with a signature of this browser's person.
export interface Signed {
  id: string; // of the preparation: finishing it again changes nothing
  name: string;
  bytes: Bytes;
  signedAt: number;
  dossier: string;
  signer: string;
  issuer: string;
  level: string; // that was reached
  raisingId?: string; // under which the service goes on to the wanted level
}

// What is being filled in.
export interface Draft {
  id: "draft";
  dossier: string;
  profileId: string;
  credentialId: string;
  reason: string;
  location: string;
  level: string;
  values: Partial<Record<Value, string>>;
}

// Whose all of it is: the certificates of whoever has signed in here, and the names in them, which outlive
// a lost phone.
export interface Owner {
  id: "owner";
  credentialIds: string[];
  subjects: string[];
}

interface Rows {
  profiles: Profile;
  papers: Paper;
  askings: Asking;
  signed: Signed;
  settings: Draft | Owner;
}
type Name = keyof Rows;
const names: Name[] = ["profiles", "papers", "askings", "signed", "settings"];
const version = 1;

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("kyso-portal", version);
    request.onupgradeneeded = () => {
      for (const name of names) {
        request.result.createObjectStore(name, { keyPath: "id" });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(request.error);
  });
  return opened;
}

// What `work` asks for last, once all of it is durable.
async function run<Answer>(
  of: Name[],
  mode: IDBTransactionMode,
  work: (transaction: IDBTransaction) => IDBRequest<Answer> | undefined,
): Promise<Answer | undefined> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(of, mode, { durability: "strict" });
    const request = work(transaction);
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

export async function all<N extends Name>(name: N): Promise<Rows[N][]> {
  return (await run(
    [name],
    "readonly",
    (transaction) => transaction.objectStore(name).getAll() as IDBRequest<Rows[N][]>,
  ))!;
}

export function get<N extends Name>(name: N, id: string): Promise<Rows[N] | undefined> {
  return run([name], "readonly", (transaction) => transaction.objectStore(name).get(id));
}

export async function put<N extends Name>(name: N, ...rows: Rows[N][]): Promise<void> {
  await run([name], "readwrite", (transaction) => {
    for (const row of rows) {
      transaction.objectStore(name).put(row);
    }
    return undefined;
  });
}

export async function remove(name: Name, id: string): Promise<void> {
  await run([name], "readwrite", (transaction) => transaction.objectStore(name).delete(id));
}

export async function clear(): Promise<void> {
  await run(names, "readwrite", (transaction) => {
    for (const name of names) {
      transaction.objectStore(name).clear();
    }
    return undefined;
  });
}

// Changes a question as it is now; one that the person has given up stays gone.
function change(transaction: IDBTransaction, id: string, how: (asking: Asking) => Asking): void {
  const askings = transaction.objectStore("askings");
  const found: IDBRequest<Asking | undefined> = askings.get(id);
  found.onsuccess = () => {
    if (found.result) {
      askings.put(how(found.result));
    }
  };
}

export async function changeAsking(id: string, how: (asking: Asking) => Asking): Promise<void> {
  await run(["askings"], "readwrite", (transaction) => {
    change(transaction, id, how);
    return undefined;
  });
}

// A paper that is signed takes the place of the one that waited, together with what that means for the
// question.
export async function keepSigned(
  signed: Signed,
  paperId: string,
  askingId: string,
  how: (asking: Asking) => Asking,
): Promise<void> {
  await run(["askings", "papers", "signed"], "readwrite", (transaction) => {
    transaction.objectStore("signed").put(signed);
    transaction.objectStore("papers").delete(paperId);
    change(transaction, askingId, how);
    return undefined;
  });
}
