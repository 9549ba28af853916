// Whether two spellings are one distinguished name (RFC 4514): escapes and spaces around parts do
// not matter, everything else does.

interface Character {
  byte: number;
  isLiteral: boolean;
}

function hexPair(text: string): number | undefined {
  return /^[0-9a-fA-F]{2}$/.test(text) ? parseInt(text, 16) : undefined;
}

// The UTF-8 bytes, those that were escaped marked: they neither separate nor get trimmed.
export function characters(text: string): Character[] {
  const bytes = new TextEncoder().encode(text);
  const found: Character[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte !== 0x5c || i + 1 >= bytes.length) {
      found.push({ byte, isLiteral: false });
      continue;
    }
    const pair = String.fromCharCode(...bytes.subarray(i + 1, i + 3));
    const escaped = hexPair(pair);
    found.push({ byte: escaped ?? bytes[i + 1]!, isLiteral: true });
    i += escaped === undefined ? 1 : 2;
  }
  return found;
}

function isPlain(character: Character | undefined, sign: string): boolean {
  return character !== undefined && !character.isLiteral && character.byte === sign.charCodeAt(0);
}

function normalForm(text: string): string {
  const parts: number[][] = [];
  let part: Character[] = [];
  let inValue = false;
  const end = (separator: number) => {
    while (isPlain(part[0], " ")) {
      part.shift();
    }
    while (isPlain(part.at(-1), " ")) {
      part.pop();
    }
    parts.push([...part.map(({ byte }) => byte), separator]);
    part = [];
  };
  for (const character of characters(text)) {
    if (isPlain(character, ",")) {
      end(-1);
      inValue = false;
    } else if (isPlain(character, "=") && !inValue) {
      end(-2);
      inValue = true;
    } else {
      part.push(character);
    }
  }
  end(-3);
  return JSON.stringify(parts);
}

export function sameSubject(a: string, b: string): boolean {
  return normalForm(a) === normalForm(b);
}
