// The office's API of this host. The session is a cookie that no script sees.

const patienceMs = 20_000;

export class ApiError extends Error {
  readonly status: number; // 0: no answer
  readonly description: string;

  constructor(status: number, description: string) {
    super(`${status} ${description}`);
    this.status = status;
    this.description = description;
  }
}

export interface User {
  id: string;
  name: string;
  role: string;
}

export interface Signer {
  id: string;
  name: string;
  subject: string;
  language: string;
  status: string;
  created_at: number;
  email?: string;
}

export interface Credential {
  id: string;
  status: string;
  key_type: string;
  profile: string;
  created_at: number;
  serial_number?: string;
  valid_to?: number;
  key_lives: boolean;
  outside: boolean; // its next certificate is an authority's outside
  request?: { state: string; detail?: string }; // the newest one to it
}

export interface Device {
  name: string;
  short_code: string;
  last_used_at: number;
}

export interface SignerPage {
  signers: Signer[];
  next?: string;
}

export interface ShownSigner {
  signer: Signer;
  credentials: Credential[];
  devices: Device[];
}

export interface QueueItem {
  id: string;
  purpose: string;
  about: string;
  subject: string;
  signer_id?: string;
  documents: number;
  short_codes: string[];
  signer_approved: boolean;
  officers_given: number;
  officers_needed: number;
  created_at: number;
  expires_at: number;
}

export interface Transaction {
  id: string;
  purpose: string;
  state: string;
  reason: string;
  signer_id: string;
  requester: string;
  about: string;
  created_at: number;
}

export interface TransactionPage {
  transactions: Transaction[];
  next?: string;
}

export interface ShownTransaction extends Transaction {
  documents: { label: string; hash: string }[];
  receipts: object[];
}

export interface Module {
  module_id: string;
  state: string;
  class: string;
  firmware_hash: string;
  log_first: number;
  log_next: number;
  log_fill_percent: number;
}

export interface CheckedLog {
  module_id: string;
  verdict: string;
  records: number;
  signatures: number;
  detail: string;
  entries: { index: number; type: string; host_time: number }[];
}

export interface AuditCheck {
  verdict: string;
  detail: string;
  logs: CheckedLog[];
}

export async function call<Answer>(path: string, body?: object): Promise<Answer> {
  const request: RequestInit = {
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
    signal: AbortSignal.timeout(patienceMs),
  };
  if (body) {
    request.method = "POST";
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`/office/v1/${path}`, request);
    text = await answer.text();
  } catch {
    throw new ApiError(0, "");
  }
  let json: unknown = {};
  try {
    json = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(answer.ok ? 0 : answer.status, "");
  }
  if (!answer.ok) {
    throw new ApiError(answer.status, String((json as { error_description?: string }).error_description ?? ""));
  }
  return json as Answer;
}

export function fetchMe(): Promise<User> {
  return call("me");
}

export function fetchSigners(search: string, after: string): Promise<SignerPage> {
  return call(`signers?${new URLSearchParams({ search, after })}`);
}

export function fetchSigner(id: string): Promise<ShownSigner> {
  return call(`signer?${new URLSearchParams({ id })}`);
}

export async function fetchQueue(): Promise<QueueItem[]> {
  return (await call<{ items: QueueItem[] }>("waiting")).items;
}

export function fetchTransactions(query: Record<string, string>): Promise<TransactionPage> {
  return call(`transactions?${new URLSearchParams(query)}`);
}
