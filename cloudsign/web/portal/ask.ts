// Has every paper of a dossier prepared, and asks the person's phone about all of them once.

import { ApiError, authorize, discard, prepare, type Credential, type Prepared } from "./api.ts";
import { toBase64 } from "../approve/core/bytes.ts";
import { merged, type AskedPaper, type Asking, type AuthorizeCall } from "./core/asking.ts";
import { pause } from "./pause.ts";
import type { Paper } from "./core/paper.ts";
import { presetNamed } from "./core/presets.ts";
import { token } from "./session.ts";
import { put, type Draft, type Profile } from "./store.ts";

// Which paper the service does not take; the cause is an ApiError.
export class PaperRefused extends Error {
  readonly paper: Paper;

  constructor(paper: Paper, cause: ApiError) {
    super(cause.message, { cause });
    this.paper = paper;
  }
}

function appearanceOf(paper: Paper, profile: Profile, draft: Draft): object {
  const preset = presetNamed(profile.preset);
  const values = Object.fromEntries(preset.values.map((name) => [name, draft.values[name] ?? ""]));
  const { place } = paper;
  const box = place && [place.box.x, place.box.y, place.box.width, place.box.height];
  return {
    ...(preset.name ? { preset: preset.name, values } : { text: profile.lines }),
    ...(preset.hasPicture && profile.picture ? { picture: toBase64(profile.picture) } : {}),
    ...(place ? { page: place.page, box } : {}),
  };
}

function wishOf(paper: Paper, profile: Profile, credential: Credential, draft: Draft): object {
  return {
    credentialID: credential.id,
    signAlgo: credential.signAlgo,
    document_name: paper.name,
    appearance: appearanceOf(paper, profile, draft),
    ...(paper.filled ? { fill: paper.filled } : {}),
    ...(draft.level ? { conformance_level: draft.level } : {}),
    ...(draft.reason ? { reason: draft.reason } : {}),
    ...(draft.location ? { location: draft.location } : {}),
  };
}

async function preparePaper(paper: Paper, wish: object): Promise<Prepared> {
  try {
    return await prepare(token(), paper.bytes, wish);
  } catch (error) {
    const isAboutIt = error instanceof ApiError && [400, 413].includes(error.answer.status);
    throw isAboutIt ? new PaperRefused(paper, error) : error;
  }
}

export async function discardAll(credentialId: string, preparedIds: string[]): Promise<void> {
  await Promise.allSettled(preparedIds.map((id) => discard(token(), credentialId, id)));
}

const triesMax = 3;
const triesApartMs = 1_000;

// The handle. Where no answer came the phone may have been asked all the same: the same question once
// more joins that one.
async function authorizeSurely(call: AuthorizeCall): Promise<string> {
  for (let tried = 1; ; tried++) {
    try {
      return await authorize(token(), call);
    } catch (error) {
      if (!(error instanceof ApiError) || error.answer.status !== 0 || tried === triesMax) {
        throw error;
      }
    }
    await pause(triesApartMs);
  }
}

export async function ask(
  papers: Paper[],
  profile: Profile,
  credential: Credential,
  draft: Draft,
  onPrepared: (count: number) => void,
): Promise<void> {
  const prepared: Prepared[] = [];
  let handle: string;
  try {
    for (const paper of papers) {
      prepared.push(await preparePaper(paper, wishOf(paper, profile, credential, draft)));
      onPrepared(prepared.length);
    }
    const calls = prepared.map((one) => one.authorize);
    handle = await authorizeSurely(merged(calls, draft.dossier.trim()));
  } catch (error) {
    await discardAll(
      credential.id,
      prepared.map(({ preparedID }) => preparedID),
    );
    throw error;
  }
  const asking: Asking = {
    id: crypto.randomUUID(),
    dossier: draft.dossier.trim(),
    credentialId: credential.id,
    signer: credential.signer,
    issuer: credential.issuer,
    phone: profile.phone,
    handle,
    askedAt: Date.now(),
    state: "waiting",
    papers: papers.map(({ id, name }, i): AskedPaper => {
      const { preparedID, note } = prepared[i]!;
      const asked: AskedPaper = { paperId: id, name, preparedId: preparedID, state: "prepared" };
      return note ? { ...asked, note } : asked;
    }),
  };
  await put("askings", asking);
}
