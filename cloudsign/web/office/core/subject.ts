// A certificate's subject out of the fields of a form, as RFC 4514 writes it.

export interface Person {
  name: string;
  organisation: string;
  province: string;
}

// §2.4: what means something in the notation, and blanks and '#' where they would be lost.
function escaped(value: string): string {
  return value.replace(/[\\"+,;<>=]/g, "\\$&").replace(/^[ #]/, "\\$&").replace(/([^\\]) $/, "$1\\ ");
}

// Most specific first, as people expect it; empty fields are left out.
export function subjectOf({ name, organisation, province }: Person): string {
  return [
    ["CN", name],
    ["O", organisation],
    ["L", province],
    ["C", "VN"],
  ]
    .map(([type, value]) => [type, value!.trim()] as const)
    .filter(([, value]) => value)
    .map(([type, value]) => `${type}=${escaped(value)}`)
    .join(",");
}
