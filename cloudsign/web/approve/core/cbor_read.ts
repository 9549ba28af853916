// Reads what cbor.ts writes, for papers that come with their own encoding. What is read is written
// again and compared: nothing has two spellings, and nothing is passed over.

import { equal, type Bytes } from "./bytes.ts";
import { encode, type Cbor } from "./cbor.ts";

const depthMax = 4;

class Reader {
  #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
  take(size: number): Bytes {
    const taken = this.#bytes.slice(this.#at, this.#at + size);
    if (taken.length !== size) {
      throw new RangeError("cut short");
    }
    this.#at += size;
    return taken;
  }
  #head(): [major: number, value: number] {
    const first = this.take(1)[0]!;
    const more = first & 0x1f;
    if (more < 24) {
      return [first >> 5, more];
    }
    if (more > 27) {
      throw new RangeError("an indefinite length");
    }
    let value = 0;
    for (const byte of this.take(2 ** (more - 24))) {
      value = value * 256 + byte;
    }
    return [first >> 5, value];
  }
  // A list of more items than bytes are left is no list.
  #many<T>(count: number, read: () => T): T[] {
    if (count > this.#bytes.length - this.#at) {
      throw new RangeError("cut short");
    }
    return Array.from({ length: count }, read);
  }
  item(depth = 0): Cbor {
    const [major, value] = this.#head();
    if (depth > depthMax) {
      throw new RangeError("too deep");
    }
    switch (major) {
      case 0:
        return value;
      case 2:
        return this.take(value);
      case 3:
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(value));
      case 4:
        return this.#many(value, () => this.item(depth + 1));
      case 5:
        return { map: this.#many(value, () => [this.#key(), this.item(depth + 1)]) };
      default:
        throw new RangeError("a type that no paper has");
    }
  }
  #key(): number {
    const [major, value] = this.#head();
    if (major !== 0) {
      throw new RangeError("a key that is no number");
    }
    return value;
  }
}

// Nothing when `bytes` are not one item, in the one way that it is written.
export function decode(bytes: Bytes): Cbor | undefined {
  try {
    const reader = new Reader(bytes);
    const item = reader.item();
    return reader.isAtEnd && equal(encode(item), bytes) ? item : undefined;
  } catch {
    return undefined;
  }
}

// ---- what an item has to be; throws RangeError

export function uint(item: Cbor | undefined, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof item !== "number" || item > max) {
    throw new RangeError("not a number, or too large");
  }
  return item;
}

export function text(item: Cbor | undefined): string {
  if (typeof item !== "string") {
    throw new RangeError("not a text");
  }
  return item;
}

export function bytesOf(item: Cbor | undefined, size?: number): Bytes {
  if (!(item instanceof Uint8Array) || (size !== undefined && item.length !== size)) {
    throw new RangeError("not bytes, or not so many");
  }
  return item;
}

export function listOf<T>(item: Cbor | undefined, max: number, read: (one: Cbor) => T): T[] {
  if (!Array.isArray(item) || item.length > max) {
    throw new RangeError("not a list, or too long");
  }
  return item.map(read);
}
