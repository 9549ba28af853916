// PROTOCOL.md "Activation", an officer's phone: whose key ends, and nothing else.

import { encodeRevokeStatement, revokeLabel } from "./activation.ts";
import { equal, sha256 } from "./bytes.ts";
import type { Item } from "./item.ts";
import { check, checkCommon, computeChallenge, type CheckedItem } from "./item_check.ts";
import type { Phone } from "./phone.ts";

// Throws Refused, as checkItem(), and when
// - the phone is no officer's, or officers are asked for anything else: bindings and certificates are
//   for kyso-phone, which reads them;
// - the one document is not that this key ends, at this version, as the phone writes it itself.
// Whose key it is remains the server's word: this phone has not seen it bound.
export async function checkRevoking(item: Item, phone: Phone, now: number): Promise<CheckedItem> {
  check(phone.role === "officer", "purpose");
  checkCommon(item, phone, now, "revoke");
  const { keyId, blobVersion } = item.activation;
  check(blobVersion > 0, "activation.blob_version");
  const own = await sha256(encodeRevokeStatement(keyId, blobVersion));
  const [document] = item.documents;
  check(
    item.documents.length === 1 && document?.label === revokeLabel && equal(document.hash, own),
    "documents",
  );
  return { item, challenge: await computeChallenge(item) };
}
