// One approval for all papers of a dossier, from the question to the last signed paper. Pure: says
// what to do next and what an answer means; asks nobody itself.

// What documents/prepare answers as the next call.
export interface AuthorizeCall {
  credentialID: string;
  numSignatures: number;
  hashes: string[];
  hashAlgorithmOID: string;
  signAlgo?: string;
  signAlgoParams?: string;
  documents: { preparedID: string; document_name?: string }[];
  description?: string;
}

export class Unmergeable extends Error {}

// One question about everything: hashes and documents in the same order.
export function merged(calls: readonly AuthorizeCall[], description: string): AuthorizeCall {
  const [first, ...others] = calls;
  if (!first) {
    throw new Unmergeable("nothing to ask");
  }
  for (const one of calls) {
    const isWhole = one.hashes.length === one.numSignatures && one.documents.length === one.hashes.length;
    const isAlike = (["credentialID", "hashAlgorithmOID", "signAlgo", "signAlgoParams"] as const).every(
      (member) => one[member] === first[member],
    );
    if (!isWhole || !isAlike) {
      throw new Unmergeable("the papers were prepared for different questions");
    }
  }
  const hashes = [first, ...others].flatMap((one) => one.hashes);
  const documents = [first, ...others].flatMap((one) => one.documents);
  const call = { ...first, hashes, documents, numSignatures: hashes.length };
  return description ? { ...call, description } : call;
}

export type End =
  | "done"
  | "rejected"
  | "notMine"
  | "expired" // nobody answered
  | "late" // answered, and not finished in time
  | "undelivered"
  | "unusable" // the certificate is suspended, locked or over
  | "failed";
export type State = "waiting" | "approved" | End;

export interface AskedPaper {
  paperId: string;
  name: string;
  preparedId: string;
  state: "prepared" | "signed" | "refused";
  words?: string; // the server's, when it refused
  note?: string; // the server's, about what it had to rewrite
}

export interface Asking {
  id: string;
  dossier: string;
  credentialId: string;
  signer: string;
  issuer: string;
  phone: string; // as the profile has it, "" for none
  handle: string;
  askedAt: number;
  approvedAt?: number;
  state: State;
  words?: string; // the server's, with an end that it gave
  papers: AskedPaper[];
}

export interface Answer {
  status: number; // 0: none came
  description: string;
  retryAfterMs: number; // 0: it says nothing
}

// The longest that a module keeps a question open, and an approval good; a little more for clocks.
const answerMaxMs = (4 * 60 + 5) * 60_000;
const finishMaxMs = 65 * 60_000;

const ends: Record<string, End> = {
  "The signer rejected the request": "rejected",
  "The signer did not start this request": "notMine",
  "The request expired before the signer answered": "expired",
  "No device of the signer could be reached": "undelivered",
  "The credential identified by credentialID is disabled": "unusable",
  "Credential locked": "unusable",
  "SAD expired": "late",
};

export function endOf(description: string): End {
  return ends[description] ?? (description.startsWith("Signing certificate ") ? "unusable" : "failed");
}

// May be asked again as it was.
export function isPassing({ status }: Answer): boolean {
  return status === 0 || status === 429 || status >= 500;
}

export function hasEnded({ state }: Asking): boolean {
  return state !== "waiting" && state !== "approved";
}

// What was prepared for it, will not be signed, and can be discarded: after "not mine" the service takes
// nothing about the certificate until the office has looked at it.
export function unsigned(asking: Asking | undefined): string[] {
  const isLocked = asking?.state === "notMine";
  const left = isLocked ? [] : (asking?.papers.filter((one) => one.state !== "signed") ?? []);
  return left.map(({ preparedId }) => preparedId);
}

export type Step = { do: "check" } | { do: "finish"; paper: AskedPaper } | { do: "nothing" };

// `sad`: what the last check gave, in this tab alone.
export function nextStep(asking: Asking, sad: string | undefined): Step {
  if (hasEnded(asking)) {
    return { do: "nothing" };
  }
  const paper = asking.papers.find((one) => one.state === "prepared");
  return sad && paper ? { do: "finish", paper } : { do: "check" };
}

function ended(asking: Asking, state: End, words: string): Asking {
  return words ? { ...asking, state, words } : { ...asking, state };
}

// Ends what nothing can come of any more.
export function aged(asking: Asking, now: number): Asking {
  if (asking.state === "waiting" && now - asking.askedAt > answerMaxMs) {
    return ended(asking, "expired", "");
  }
  const isLate = asking.state === "approved" && now - (asking.approvedAt ?? now) > finishMaxMs;
  return isLate ? ended(asking, "late", "") : asking;
}

// After authorizeCheck. 401 is the session's matter, not the question's.
export function checked(asking: Asking, answer: Answer, now: number): Asking {
  if (answer.status === 200) {
    return { ...asking, state: "approved", approvedAt: asking.approvedAt ?? now };
  }
  if (answer.status === 202 || answer.status === 401 || isPassing(answer)) {
    return aged(asking, now);
  }
  return ended(asking, endOf(answer.description), answer.description);
}

// What documents/finish says when a module has lost the approval and the phone is asked once more.
const askedAgain = "asked again";

// After documents/finish of one paper. What is the whole approval's end ends all.
export function finished(asking: Asking, preparedId: string, answer: Answer, now: number): Asking {
  if (answer.status === 401 || isPassing(answer)) {
    return aged(asking, now);
  }
  if (answer.description === askedAgain) {
    const { approvedAt: _, ...rest } = asking;
    return { ...rest, askedAt: now, state: "waiting" };
  }
  const isSigned = answer.status === 200;
  const end = endOf(answer.description);
  if (!isSigned && end !== "failed") {
    return ended(asking, end, answer.description);
  }
  const papers = asking.papers.map((one): AskedPaper => {
    if (one.preparedId !== preparedId) {
      return one;
    }
    return isSigned ? { ...one, state: "signed" } : { ...one, state: "refused", words: answer.description };
  });
  const isOver = papers.every((one) => one.state !== "prepared");
  const isAnySigned = papers.some((one) => one.state === "signed");
  return { ...asking, papers, state: !isOver ? asking.state : isAnySigned ? "done" : "failed" };
}

// How long until the next look: people answer within a minute or not at all.
export function pauseMs(asking: Asking, answer: Answer, now: number): number {
  const age = now - asking.askedAt;
  const usual = age < 60_000 ? 1_500 : age < 300_000 ? 3_000 : 10_000;
  return Math.max(usual, answer.retryAfterMs, isPassing(answer) ? 3_000 : 0);
}
