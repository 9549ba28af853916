// Goes on with every question that is open, one look after the other, until it has ended. In one tab at
// a time, and in the next one when that closes.

import { answerOf, check, finish } from "./api.ts";
import { discardAll } from "./ask.ts";
import * as core from "./core/asking.ts";
import { signedName } from "./core/paper.ts";
import { pause } from "./pause.ts";
import { token } from "./session.ts";
import { all, changeAsking, get, keepSigned } from "./store.ts";

const following = new Set<string>();

class SessionOver extends Error {}

// How long to wait before the next step; none when the paper is signed, and the SAD good for another.
async function finishPaper(asking: core.Asking, paper: core.AskedPaper, sad: string): Promise<number | undefined> {
  const { preparedId } = paper;
  let answer: core.Answer = { status: 200, description: "", retryAfterMs: 0 };
  const after = (now: core.Asking) => core.finished(now, preparedId, answer, Date.now());
  try {
    const { bytes, level, raisingId } = await finish(token(), asking.credentialId, sad, preparedId);
    const { dossier, signer, issuer } = asking;
    const signed = { id: preparedId, name: signedName(paper.name), bytes, signedAt: Date.now() };
    const row = { ...signed, dossier, signer, issuer, level };
    await keepSigned(raisingId ? { ...row, raisingId } : row, paper.paperId, asking.id, after);
    return undefined;
  } catch (error) {
    answer = answerOf(error);
  }
  await changeAsking(asking.id, after);
  if (answer.status === 401) {
    throw new SessionOver();
  }
  return core.isPassing(answer) ? core.pauseMs(asking, answer, Date.now()) : 0;
}

async function followOne(id: string): Promise<void> {
  let sad: string | undefined;
  for (;;) {
    // As it is now: the person may have given it up, or another tab have gone on. It ends by itself
    // after some hours (core/asking.ts).
    const asking = await get("askings", id);
    const step = asking ? core.nextStep(asking, sad) : undefined;
    if (!asking || step?.do === "nothing") {
      await discardAll(asking?.credentialId ?? "", core.unsigned(asking));
      return;
    }
    if (step?.do === "finish" && sad) {
      const waitMs = await finishPaper(asking, step.paper, sad);
      if (waitMs !== undefined) {
        sad = undefined; // looked at anew: it may be over
        await pause(waitMs);
      }
      continue;
    }
    const looked = await check(token(), asking.handle);
    sad = looked.sad;
    await changeAsking(id, (now) => core.checked(now, looked.answer, Date.now()));
    if (looked.answer.status === 401) {
      throw new SessionOver();
    }
    await pause(sad ? 0 : core.pauseMs(asking, looked.answer, Date.now()));
  }
}

// `onOver`: the session is, and whoever signs in again goes on. `onTrouble`: this browser, which could not
// keep what came; the service gives it again for some minutes.
export async function followAll(onOver: () => void, onTrouble: (error: unknown) => void): Promise<void> {
  const open = (await all("askings")).filter((one) => !core.hasEnded(one) && !following.has(one.id));
  for (const { id } of open) {
    following.add(id);
    navigator.locks
      .request(`kyso-asking-${id}`, () => followOne(id))
      .catch((error) => {
        if (error instanceof SessionOver) {
          onOver();
        } else {
          onTrouble(error);
        }
      })
      .finally(() => following.delete(id));
  }
}
