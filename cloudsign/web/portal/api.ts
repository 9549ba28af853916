// The part of the published API that this host answers: nothing that another portal does not have.

import { fromBase64, toBase64, type Bytes } from "../approve/core/bytes.ts";
import { commonName } from "./core/common_name.ts";
import type { Answer, AuthorizeCall } from "./core/asking.ts";
import { clientId, redemption, type Leaving, type Metadata } from "./core/oauth.ts";

const patienceMs = 20_000;
const documentPatienceMs = 120_000; // to send 4 MB, and for authorities that are asked

export class ApiError extends Error {
  readonly answer: Answer;
  readonly code: string;

  constructor(answer: Answer, code: string) {
    super(`${answer.status} ${answer.description}`);
    this.answer = answer;
    this.code = code;
  }
}

const unreachable: Answer = { status: 0, description: "", retryAfterMs: 0 };

interface Got<Body> {
  status: number;
  body: Body;
}

async function send<Body>(path: string, request: RequestInit, waitMs: number): Promise<Got<Body>> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      ...request,
      signal: AbortSignal.timeout(waitMs),
    });
    text = await answer.text();
  } catch {
    throw new ApiError(unreachable, "");
  }
  let body: unknown = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError({ ...unreachable, status: answer.ok ? 0 : answer.status }, "");
  }
  if (!answer.ok) {
    const { error = "", error_description: description = "" } = body as Record<string, string>;
    const retryAfterMs = Math.max(0, Number(answer.headers.get("Retry-After") ?? 0) || 0) * 1000;
    throw new ApiError({ status: answer.status, description: String(description), retryAfterMs }, String(error));
  }
  return { status: answer.status, body: body as Body };
}

// Of who is signed out there is nothing to send: as if the service had said so.
function bearer(token: string): { Authorization: string } {
  if (!token) {
    throw new ApiError({ ...unreachable, status: 401 }, "");
  }
  return { Authorization: `Bearer ${token}` };
}

async function csc<Body>(token: string, method: string, body: object, waitMs = patienceMs): Promise<Got<Body>> {
  return send<Body>(
    `/csc/v2/${method}`,
    {
      method: "POST",
      headers: { "Content-Type": "application/json", ...bearer(token) },
      body: JSON.stringify(body),
    },
    waitMs,
  );
}

export async function fetchMetadata(): Promise<Metadata> {
  return (await send<Metadata>("/.well-known/oauth-authorization-server", {}, patienceMs)).body;
}

// The token.
export async function redeem(code: string, leaving: Leaving, origin: string): Promise<string> {
  const body = redemption(code, leaving, origin);
  const got = await send<{ access_token?: string }>("/oauth2/token", { method: "POST", body }, patienceMs);
  if (!got.body.access_token) {
    throw new ApiError(unreachable, "");
  }
  return got.body.access_token;
}

export async function revoke(token: string): Promise<void> {
  const body = new URLSearchParams({ token, client_id: clientId });
  await send("/oauth2/revoke", { method: "POST", body }, patienceMs);
}

export interface Credential {
  id: string;
  signer: string;
  subject: string; // the whole name
  issuer: string;
  serial: string;
  validFrom: number;
  validTo: number;
  isUsable: boolean;
  signAlgo: string;
}

interface CredentialInfo {
  credentialID: string;
  key: { status: string; algo: string[] };
  cert: {
    status: string;
    issuerDN?: string;
    subjectDN?: string;
    serialNumber?: string;
    validFrom?: string;
    validTo?: string;
  };
}

// GeneralizedTime (RFC 5280 §4.1.2.5.2).
function timeOf(text = ""): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1).map(Number);
  const [year = 0, month = 1, ...rest] = parts ?? [];
  return parts ? Date.UTC(year, month - 1, ...rest) : NaN;
}

// Of what a key can do, in this order: ECDSA, then RSA, each with SHA-256 first.
const algorithms = [
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
];

function readCredential({ credentialID, key, cert }: CredentialInfo): Credential {
  return {
    id: credentialID,
    signer: commonName(cert.subjectDN ?? ""),
    subject: cert.subjectDN ?? "",
    issuer: commonName(cert.issuerDN ?? ""),
    serial: cert.serialNumber ?? "",
    validFrom: timeOf(cert.validFrom),
    validTo: timeOf(cert.validTo),
    isUsable: key.status === "enabled" && cert.status === "valid",
    signAlgo: algorithms.find((one) => key.algo.includes(one)) ?? "",
  };
}

const pagesMax = 10; // of a hundred certificates each

export async function fetchCredentials(token: string): Promise<Credential[]> {
  const found: Credential[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const { body } = await csc<{ credentialInfos: CredentialInfo[]; nextPageToken?: string }>(
      token,
      "credentials/list",
      { credentialInfo: true, certInfo: true, certificates: "none", ...(pageToken ? { pageToken } : {}) },
    );
    found.push(...body.credentialInfos.map(readCredential));
    pageToken = body.nextPageToken;
    if (!pageToken) {
      break;
    }
  }
  return found;
}

// conformance_level of what the service can make: without an authority of time-stamps the basic one alone.
export async function fetchLevels(): Promise<string[]> {
  return (await send<{ conformance_levels: string[] }>("/csc/v2/info", {}, patienceMs)).body.conformance_levels;
}

export interface Prepared {
  preparedID: string;
  authorize: AuthorizeCall;
  note?: string;
}

export async function prepare(token: string, document: Bytes, wish: object): Promise<Prepared> {
  const body = { ...wish, document: toBase64(document), signature_format: "P" };
  return (await csc<Prepared>(token, "documents/prepare", body, documentPatienceMs)).body;
}

// What nobody will sign makes room for others; it would go by itself in a day.
export async function discard(token: string, credentialID: string, preparedID: string): Promise<void> {
  await csc(token, "documents/discard", { credentialID, preparedID });
}

export async function authorize(token: string, call: AuthorizeCall): Promise<string> {
  return (await csc<{ handle: string }>(token, "credentials/authorize", call)).body.handle;
}

export interface Checked {
  answer: Answer;
  sad?: string;
}

// Also what refuses is an answer.
export async function check(token: string, handle: string): Promise<Checked> {
  try {
    const { status, body } = await csc<{ SAD?: string }>(token, "credentials/authorizeCheck", { handle });
    const answer = { ...unreachable, status };
    return body.SAD ? { answer, sad: body.SAD } : { answer };
  } catch (error) {
    return { answer: answerOf(error) };
  }
}

export function answerOf(error: unknown): Answer {
  if (error instanceof ApiError) {
    return error.answer;
  }
  throw error;
}

export interface Finished {
  bytes: Bytes;
  level: string;
  raisingId?: string;
}

interface FinishAnswer {
  document: string;
  reachedLevel: string;
  raising?: { documentID?: string };
}

export async function finish(
  token: string,
  credentialID: string,
  SAD: string,
  preparedID: string,
): Promise<Finished> {
  const asked = { credentialID, SAD, preparedID };
  const { body } = await csc<FinishAnswer>(token, "documents/finish", asked, documentPatienceMs);
  const raisingId = body.raising?.documentID;
  const done = { bytes: fromBase64(body.document), level: body.reachedLevel };
  return raisingId ? { ...done, raisingId } : done;
}

export interface Raised {
  state: string; // "raising", "done", "givenUp"
  level: string;
  fault: string;
  bytes?: Bytes;
}

export async function fetchRaised(token: string, documentID: string): Promise<Raised> {
  const { body } = await csc<{
    state: string;
    reachedLevel: string;
    fault?: string;
    DocumentWithSignature?: string[];
  }>(token, "signatures/raisedDocument", { documentID }, documentPatienceMs);
  const [document] = body.DocumentWithSignature ?? [];
  const found = { state: body.state, level: body.reachedLevel, fault: body.fault ?? "" };
  return document ? { ...found, bytes: fromBase64(document) } : found;
}

interface Worded {
  vi: string;
  en: string;
}

export interface Verdict extends Worded {
  verdict: string; // "passed", "failed", "indeterminate" by the verifier's names
  checked_at: string;
  signatures: (Worded & {
    verdict: string;
    level: string;
    signer: { name: string; issuer: string } | null;
    time: { claimed: string | null; proven: string | null };
    states: Worded[];
  })[];
}

export async function verify(token: string, name: string, bytes: Bytes, lang: string): Promise<Verdict> {
  const { body } = await send<Verdict>(
    `/verify?${new URLSearchParams({ name, lang })}`,
    {
      method: "POST",
      headers: { "Content-Type": "application/pdf", ...bearer(token) },
      body: bytes,
    },
    documentPatienceMs,
  );
  return body;
}
