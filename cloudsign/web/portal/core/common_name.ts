// The common name in a distinguished name as RFC 4514 writes it; the whole one where there is none.

import { characters } from "../../approve/core/subject_name.ts";

export function commonName(subject: string): string {
  const parts: { byte: number; isLiteral: boolean }[][] = [[]];
  for (const character of characters(subject)) {
    const isEnd = !character.isLiteral && (character.byte === 0x2c || character.byte === 0x2b); // "," "+"
    if (isEnd) {
      parts.push([]);
    } else {
      parts.at(-1)!.push(character);
    }
  }
  for (const part of parts) {
    const text = new TextDecoder().decode(Uint8Array.from(part, ({ byte }) => byte)).trimStart();
    if (/^CN\s*=/i.test(text)) {
      return text.slice(text.indexOf("=") + 1).trim() || subject;
    }
  }
  return subject;
}
