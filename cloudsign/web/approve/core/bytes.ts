export type Bytes = Uint8Array<ArrayBuffer>;

const text = new TextEncoder();

export function utf8(value: string): Bytes {
  return text.encode(value);
}

export function concat(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export async function sha256(...parts: Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

export function toBase64(bytes: Bytes): string {
  let plain = "";
  for (const byte of bytes) {
    plain += String.fromCharCode(byte);
  }
  return btoa(plain);
}

// Throws DOMException when it is none (RFC 4648 §4).
export function fromBase64(value: string): Bytes {
  return Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
}

export function toBase64url(bytes: Bytes): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// None when it is not the one way to write those bytes (RFC 4648 §3.5, §5, without padding).
export function fromBase64url(value: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(value) || value.length % 4 === 1) {
    return undefined;
  }
  const bytes = fromBase64(value.replaceAll("-", "+").replaceAll("_", "/"));
  return toBase64url(bytes) === value ? bytes : undefined;
}

export function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
