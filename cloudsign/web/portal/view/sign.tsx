// What is being signed: from the question on the phone to the papers that come back.

import { discardAll } from "../ask.ts";
import { hasEnded, unsigned, type Asking, type End } from "../core/asking.ts";
import { signedName } from "../core/paper.ts";
import { all, get, remove } from "../store.ts";
import { useWorld } from "./context.ts";
import { Heading, Link, Remove, Theirs, Time, saveFile, useRepeated, useRows } from "./parts.tsx";

const lookMs = 700; // at what this browser keeps; the service is asked by follow.ts

async function load(): Promise<Asking[]> {
  return (await all("askings")).sort((a, b) => b.askedAt - a.askedAt);
}

async function download(preparedId: string): Promise<void> {
  const signed = await get("signed", preparedId);
  if (signed) {
    saveFile(signed.name, signed.bytes);
  }
}

function Papers({ asking }: { asking: Asking }) {
  const { texts } = useWorld();
  return (
    <ul class="entries">
      {asking.papers.map(({ preparedId, name, state, words, note }) => (
        <li key={preparedId} class="entry" data-state={state}>
          <strong>
            <Theirs text={state === "signed" ? signedName(name) : name} />
          </strong>
          <span>{texts.paperStates[state]}</span>
          {[words, note].map(
            (said) =>
              said && (
                <p key={said}>
                  {texts.serverSays} <Theirs text={said} language="en" />
                </p>
              ),
          )}
          {state === "signed" && (
            <button
              class="download"
              type="button"
              aria-label={`${texts.download}: ${signedName(name)}`}
              onClick={() => download(preparedId)}
            >
              {texts.download}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Waiting({ asking }: { asking: Asking }) {
  const { texts } = useWorld();
  return (
    <>
      <p>{texts.waitingMeans}</p>
      {asking.phone && <p>{texts.waitingPhone(asking.phone)}</p>}
      <p>{texts.waitingClose}</p>
    </>
  );
}

function Ended({ asking, end }: { asking: Asking; end: End }) {
  const { texts } = useWorld();
  return (
    <>
      {asking.words && (
        <p class="words">
          {texts.serverSays} <Theirs text={asking.words} language="en" />
        </p>
      )}
      <p class="todo">{texts.todo[end]}</p>
    </>
  );
}

function One({ asking, onChanged }: { asking: Asking; onChanged: () => Promise<void> }) {
  const { texts } = useWorld();
  const end = hasEnded(asking) ? (asking.state as End) : undefined;
  const drop = async () => {
    // Given up: whoever follows it finds nothing to discard any more.
    if (!end) {
      await discardAll(asking.credentialId, unsigned(asking));
    }
    await remove("askings", asking.id);
    await onChanged();
  };
  return (
    <li class="entry asking" data-state={asking.state}>
      <h2>
        <Theirs text={asking.dossier} />
      </h2>
      <p class="state" role="status">
        <strong>{end ? texts.ends[end] : asking.state === "waiting" ? texts.waiting : texts.approved}</strong>
      </p>
      <p>
        {texts.askedAt} <Time at={asking.askedAt} />. {texts.signer}: <Theirs text={asking.signer} />. {texts.provider}:{" "}
        <Theirs text={asking.issuer} />.
      </p>
      {end && <Ended asking={asking} end={end} />}
      {asking.state === "waiting" && <Waiting asking={asking} />}
      <Papers asking={asking} />
      {end ? (
        <button class="noted" type="button" onClick={drop}>
          {texts.noted}
        </button>
      ) : (
        asking.state === "waiting" && (
          <Remove id={`give-up-${asking.id}`} label={texts.giveUp} means={texts.giveUpMeans} onRemove={drop} />
        )
      )}
    </li>
  );
}

export function Sign() {
  const { texts } = useWorld();
  const [askings, reload] = useRows(load);
  useRepeated(() => reload().catch(() => undefined), lookMs);
  return (
    <>
      <Heading>{texts.signTitle}</Heading>
      {!askings ? (
        <p>{texts.loading}</p>
      ) : askings.length === 0 ? (
        <p id="sign-none">{texts.signNone}</p>
      ) : (
        <ul id="askings" class="entries">
          {askings.map((asking) => (
            <One key={asking.id} asking={asking} onChanged={reload} />
          ))}
        </ul>
      )}
      <div class="row">
        <Link id="back" to="/">
          {texts.toDossier}
        </Link>
        <Link id="see-history" to="/history">
          {texts.toHistory}
        </Link>
      </div>
    </>
  );
}
