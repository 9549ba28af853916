// PROTOCOL.md key-kind.

export const person = 1;
export const organisation = 2;
export const issuer = 3;
