// PROTOCOL.md "Activation", the phones' side of a change of phones: the old one believes no key that
// the new one has not shown to its person, and the new one none that others could activate.

import {
  encodePolicy,
  encodeRebindStatement,
  rebindLabel,
  shortCode,
  thumbprint,
} from "./activation.ts";
import { equal, sha256, utf8, type Bytes } from "./bytes.ts";
import type { Item } from "./item.ts";
import {
  check,
  checkCommon,
  computeChallenge,
  knownKey,
  Refused,
  type CheckedItem,
} from "./item_check.ts";
import type { KnownKey, Phone } from "./phone.ts";

// What a person has read on the new phone's screen, and not from the server: the whole thumbprint by
// a camera, or the short code by eye.
export type Mark = { thumbprint: Bytes } | { shortCode: string };

export interface NewPhone {
  point: Bytes;
  backupEligible: boolean;
}

// Both values that nobody but the module knows in advance, or the one that fits what is known.
function policies(phone: Phone, subjectHash: Bytes, key: NewPhone): Bytes[] {
  return [false, true].map((backupAllowed) =>
    encodePolicy({
      rpId: phone.rpId,
      origin: phone.origin,
      backupAllowed,
      subjectHash,
      points: [key.point],
      backupEligible: [key.backupEligible],
    }),
  );
}

// The one document is the statement, which the phone writes itself.
async function states(item: Item, policy: Bytes): Promise<boolean> {
  const { keyId, blobVersion } = item.activation;
  const own = await sha256(encodeRebindStatement(keyId, blobVersion, policy));
  const [document] = item.documents;
  return (
    item.documents.length === 1 && document?.label === rebindLabel && equal(document.hash, own)
  );
}

function newPhone(item: Item): NewPhone {
  if (!item.newPhone) {
    throw new Refused("new_phone");
  }
  return item.newPhone;
}

async function isSeen(point: Bytes, mark: Mark): Promise<boolean> {
  const shown = await thumbprint(point);
  return "thumbprint" in mark ? equal(shown, mark.thumbprint) : shortCode(shown) === mark.shortCode;
}

// On the old phone. Throws Refused, as checkItem(), and when the new phone is not the one that was
// seen, or the statement is not that it alone takes this one's place.
export async function checkLeaving(
  item: Item,
  phone: Phone,
  now: number,
  mark: Mark,
): Promise<CheckedItem> {
  checkCommon(item, phone, now, "rebind");
  const known = knownKey(item, phone);
  const key = newPhone(item);
  check(await isSeen(key.point, mark), "new_phone");
  const subjectHash = await sha256(utf8(item.subject));
  const present = policies(phone, subjectHash, phone);
  const next = policies(phone, subjectHash, key);
  let fits = false;
  for (const [i, policy] of present.entries()) {
    // What this phone alone activates now, it alone will.
    if (equal(await sha256(policy), known.policyHash)) {
      fits = await states(item, next[i]!);
    }
  }
  check(fits, "documents");
  return { item, challenge: await computeChallenge(item), learned: known };
}

// On the new phone, which knows of the key only what it is shown. Throws Refused, as checkItem(), and
// when the statement is not that this phone alone will activate the key.
export async function checkArriving(item: Item, phone: Phone, now: number): Promise<CheckedItem> {
  checkCommon(item, phone, now, "rebind");
  const key = newPhone(item);
  check(equal(key.point, phone.point) && key.backupEligible === phone.backupEligible, "new_phone");
  check(item.activation.blobVersion > 0, "activation.blob_version");
  const subjectHash = await sha256(utf8(item.subject));
  let policy: Bytes | undefined;
  for (const one of policies(phone, subjectHash, phone)) {
    if (await states(item, one)) {
      policy = one;
    }
  }
  if (!policy) {
    throw new Refused("documents");
  }
  const learned: KnownKey = {
    keyId: item.activation.keyId,
    policyHash: await sha256(policy),
    subject: item.subject,
    version: item.activation.blobVersion + 1,
    credentialId: item.credentialId,
  };
  return { item, challenge: await computeChallenge(item), learned };
}
