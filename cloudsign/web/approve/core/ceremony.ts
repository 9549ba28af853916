// PROTOCOL.md "Group", "Firmware update", "Epochs and members": what officers approve outside of any
// server. The paper is a file (hsm/custodian/ceremony_file.h); what it claims beside the statement is
// hashed here and compared.

import { equal, sha256, toBase64url, type Bytes } from "./bytes.ts";
import { encode, type Cbor } from "./cbor.ts";
import { bytesOf, decode, listOf, text, uint } from "./cbor_read.ts";
import { Members, Unreadable } from "./item.ts";
import { check, Refused } from "./item_check.ts";
import type { Phone } from "./phone.ts";

export const classes = ["software", "emulated", "hardware"] as const;

export interface Officer {
  point: Bytes;
  backupEligible: boolean;
  person: number;
}

export interface Group {
  groupId: Bytes;
  revision: number;
  assuranceClass: (typeof classes)[number];
  rpId: string;
  origin: string;
  officersNeeded: number;
  officers: Officer[];
  formerOfficers: Bytes[]; // thumbprints: approve nothing, but authorities' keys that they bound go on
  custodiansNeeded: number;
  custodians: Bytes[]; // points
  members: Bytes[]; // module ids
}

interface Release {
  firmwareHash: Bytes;
  version: number;
  securityVersion: number;
}

export type Paper = { statement: Bytes; group: Group } & (
  | { kind: "provision" | "zeroise"; moduleId: Bytes }
  | { kind: "change"; before: Group }
  | { kind: "update"; release: Release }
);

export const paperSizeMax = 32_768; // bytes
const listMax = 8;
const uint32 = 0xffffffff;

// An array that begins with this tag.
function fields(bytes: Bytes, tag: string, count: number): Cbor[] {
  const item = decode(bytes);
  if (!Array.isArray(item) || item.length !== count || item[0] !== tag) {
    throw new Unreadable(`${tag} cannot be read`);
  }
  return item;
}

function readGroup(bytes: Bytes): Group {
  const item = fields(bytes, "kyso-group/2", 14);
  const points = listOf(item[7], listMax, (one) => bytesOf(one, 65));
  const eligible = listOf(item[8], listMax, (one) => uint(one, 1) === 1);
  const persons = listOf(item[9], listMax, (one) => uint(one, listMax));
  const assuranceClass = classes[uint(item[3]) - 1];
  if (!assuranceClass || eligible.length !== points.length || persons.length !== points.length) {
    throw new Unreadable("the group cannot be read");
  }
  return {
    groupId: bytesOf(item[1], 16),
    revision: uint(item[2], uint32),
    assuranceClass,
    rpId: text(item[4]),
    origin: text(item[5]),
    officersNeeded: uint(item[6], listMax),
    officers: points.map((point, i) => ({ point, backupEligible: eligible[i]!, person: persons[i]! })),
    formerOfficers: listOf(item[10], 3, (one) => bytesOf(one, 32)),
    custodiansNeeded: uint(item[11], listMax),
    custodians: listOf(item[12], listMax, (one) => bytesOf(one, 65)),
    members: listOf(item[13], listMax, (one) => bytesOf(one, 32)),
  };
}

function isMember(group: Group, moduleId: Bytes): boolean {
  return group.members.some((one) => equal(one, moduleId));
}

async function readProvision(statement: Bytes, group: Group, configuration: Bytes): Promise<Paper> {
  const item = fields(statement, "kyso-provision/1", 4);
  const moduleId = bytesOf(item[1], 32);
  bytesOf(item[2]);
  check(equal(bytesOf(item[3]), await sha256(configuration)), "configuration");
  check(isMember(group, moduleId), "members");
  return { kind: "provision", statement, group, moduleId };
}

async function readChange(statement: Bytes, group: Group, configuration: Bytes, before: Bytes): Promise<Paper> {
  const item = fields(statement, "kyso-change/1", 4);
  const earlier = readGroup(before);
  check(equal(bytesOf(item[2]), await sha256(before)), "before");
  check(equal(bytesOf(item[3]), await sha256(configuration)), "configuration");
  const isSameGroup = equal(bytesOf(item[1]), group.groupId) && equal(earlier.groupId, group.groupId);
  check(isSameGroup && earlier.assuranceClass === group.assuranceClass, "before");
  check(earlier.rpId === group.rpId && earlier.origin === group.origin, "before");
  return { kind: "change", statement, group, before: earlier };
}

function readZeroise(statement: Bytes, group: Group): Paper {
  const item = fields(statement, "kyso-zeroise/1", 3);
  const moduleId = bytesOf(item[1], 32);
  bytesOf(item[2]);
  check(isMember(group, moduleId), "members");
  return { kind: "zeroise", statement, group, moduleId };
}

function readUpdate(statement: Bytes, group: Group): Paper {
  const item = fields(statement, "kyso-update/1", 5);
  check(equal(bytesOf(item[1]), group.groupId), "configuration");
  const release = {
    firmwareHash: bytesOf(item[2], 32),
    version: uint(item[3], uint32),
    securityVersion: uint(item[4], uint32),
  };
  return { kind: "update", statement, group, release };
}

function readKind(members: Members): Promise<Paper> | Paper {
  const statement = members.bytes("statement");
  const configuration = members.bytes("configuration");
  const group = readGroup(configuration);
  switch (members.text("kyso")) {
    case "provision/1":
      return readProvision(statement, group, configuration);
    case "change/1":
      return readChange(statement, group, configuration, members.bytes("before"));
    case "zeroise/1":
      return readZeroise(statement, group);
    case "update/1":
      return readUpdate(statement, group);
    default:
      throw new Unreadable("no paper that officers approve");
  }
}

// Throws Unreadable when the file is none that officers approve, Refused when its parts do not belong
// together.
export async function readPaper(file: string): Promise<Paper> {
  try {
    return await readKind(new Members(JSON.parse(file)));
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreadable) {
      throw error;
    }
    throw new Unreadable("no file of a ceremony");
  }
}

// Whom the paper asks with this passkey. Throws Refused when it asks at another place, or this passkey is
// not an officer's there.
export function officerIn(paper: Paper, phone: Phone): Officer {
  check(phone.role === "officer", "officers");
  check(paper.group.rpId === phone.rpId && paper.group.origin === phone.origin, "origin");
  // A change is approved by who is an officer, and by who becomes one.
  const all = [...paper.group.officers, ...(paper.kind === "change" ? paper.before.officers : [])];
  const own = all.find((one) => equal(one.point, phone.point));
  if (!own) {
    throw new Refused("officers");
  }
  check(own.backupEligible === phone.backupEligible, "officers_backup_eligible");
  return own;
}

export function paperChallenge(paper: Paper): Promise<Bytes> {
  return sha256(paper.statement);
}

interface Assertion {
  authenticatorData: Bytes;
  clientDataJson: Bytes;
  signature: Bytes;
}

// The file that `kyso ceremony` and `kyso firmware` take as --approval.
export function approvalFile(phone: Phone, { authenticatorData, clientDataJson, signature }: Assertion): string {
  const assertion = encode([phone.thumbprint, authenticatorData, clientDataJson, signature]);
  return `${JSON.stringify({ kyso: "assertion/1", assertion: toBase64url(assertion) })}\n`;
}

// What one list has and the other has not.
export function without(these: Bytes[], those: Bytes[]): Bytes[] {
  return these.filter((one) => !those.some((other) => equal(one, other)));
}
