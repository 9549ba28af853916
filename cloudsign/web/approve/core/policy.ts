// Who activates a key (PROTOCOL.md "Key blob"), as an officer's phone reads it to say whose it will be.

import { encodePolicy, type Policy } from "./activation.ts";
import { equal, type Bytes } from "./bytes.ts";
import { bytesOf, decode, listOf, text, uint } from "./cbor_read.ts";

const pointsMax = 4;

// Nothing when `bytes` are no policy.
export function readPolicy(bytes: Bytes): Policy | undefined {
  const item = decode(bytes);
  if (typeof item !== "object" || Array.isArray(item) || item instanceof Uint8Array) {
    return undefined;
  }
  const of = (key: number) => item.map.find(([one]) => one === key)?.[1];
  try {
    const policy = {
      rpId: text(of(1)),
      origin: text(of(2)),
      backupAllowed: uint(of(3), 1) === 1,
      subjectHash: bytesOf(of(4), 32),
      points: listOf(of(5), pointsMax, (one) => bytesOf(one, 65)),
      backupEligible: listOf(of(6), pointsMax, (one) => uint(one, 1) === 1),
    };
    const isWhole = policy.points.length === policy.backupEligible.length;
    return isWhole && equal(encodePolicy(policy), bytes) ? policy : undefined;
  } catch {
    return undefined;
  }
}
