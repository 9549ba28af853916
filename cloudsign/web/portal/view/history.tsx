// Every paper that was signed in this browser, each with the verifier's verdict.

import { useEffect, useRef, useState } from "preact/hooks";
import { fetchRaised, verify, type Verdict } from "../api.ts";
import { token } from "../session.ts";
import { all, put, remove, type Signed } from "../store.ts";
import { useWorld } from "./context.ts";
import { Heading, Message, Remove, Theirs, Time, saveFile, useAttempt, useRows } from "./parts.tsx";

const checkedMax = 10; // unasked: the newest

async function load(): Promise<Signed[]> {
  return (await all("signed")).sort((a, b) => b.signedAt - a.signedAt);
}

function Judged({ verdict }: { verdict: Verdict }) {
  const { texts, language } = useWorld();
  return (
    <div class="verdict" data-verdict={verdict.verdict}>
      <p>
        {texts.verdict}: <strong>{verdict[language]}</strong>
      </p>
      <ul>
        {verdict.signatures.map((one, at) => {
          const time = one.time.proven ?? one.time.claimed;
          return (
            <li key={at}>
              {texts.verdictOf} <Theirs text={one.signer?.name ?? "?"} />
              {time && (
                <>
                  {" "}
                  {texts.verdictTime} <Time at={Date.parse(time)} />
                </>
              )}
              : {one[language]}
              {one.states.map((state) => (
                <p key={state.en}>{state[language]}</p>
              ))}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface OneProps {
  signed: Signed;
  isChecked: boolean; // at once
  onChecked: () => void; // the next one's turn
  onChanged: () => Promise<void>;
}

function One({ signed, isChecked, onChecked, onChanged }: OneProps) {
  const { texts, language } = useWorld();
  const [verdict, setVerdict] = useState<Verdict>();
  const [note, setNote] = useState("");
  const [busy, message, attempt] = useAttempt();
  const check = () =>
    attempt(async () => setVerdict(await verify(token(), signed.name, signed.bytes, language))).finally(onChecked);
  const isBegun = useRef(false);
  useEffect(() => {
    if (isChecked && !isBegun.current) {
      isBegun.current = true;
      check();
    }
  }, [isChecked]);
  const raise = () =>
    attempt(async () => {
      const got = await fetchRaised(token(), signed.raisingId!);
      if (!got.bytes) {
        setNote(texts.raising(got.fault));
        return;
      }
      const { raisingId, ...rest } = signed;
      await put("signed", { ...rest, bytes: got.bytes, level: got.level });
      setNote(got.state === "done" ? texts.raised : texts.raisedInPart(got.fault));
      setVerdict(undefined);
      await onChanged();
    });
  return (
    <li class="entry signed">
      <h2>
        <Theirs text={signed.name} />
      </h2>
      <dl>
        <dt>{texts.signer}</dt>
        <dd>
          <Theirs text={signed.signer} />
        </dd>
        <dt>{texts.issuer}</dt>
        <dd>
          <Theirs text={signed.issuer} />
        </dd>
        <dt>{texts.signedAt}</dt>
        <dd>
          <Time at={signed.signedAt} />
        </dd>
        <dt>{texts.dossier}</dt>
        <dd>
          <Theirs text={signed.dossier} />
        </dd>
        <dt>{texts.reachedLevel}</dt>
        <dd>{signed.level}</dd>
      </dl>
      {busy && <p role="status">{texts.checking}</p>}
      {verdict && <Judged verdict={verdict} />}
      <div class="row">
        <button
          class="download"
          type="button"
          aria-label={`${texts.download}: ${signed.name}`}
          onClick={() => saveFile(signed.name, signed.bytes)}
        >
          {texts.download}
        </button>
        <button class="check" type="button" aria-label={`${texts.checkAgain}: ${signed.name}`} disabled={busy} onClick={check}>
          {texts.checkAgain}
        </button>
        {signed.raisingId && (
          <button class="raise" type="button" disabled={busy} onClick={raise}>
            {texts.raise}
          </button>
        )}
        <Remove
          id={`remove-${signed.id}`}
          label={texts.remove}
          means={texts.removeMeans}
          onRemove={() => remove("signed", signed.id).then(onChanged)}
        />
      </div>
      {note && <p role="status">{note}</p>}
      {message && <Message id={`message-${signed.id}`} text={message} />}
    </li>
  );
}

export function History() {
  const { texts } = useWorld();
  const [rows, reload] = useRows(load);
  const [turn, setTurn] = useState(0); // one after the other: the verifier judges few at once
  return (
    <>
      <Heading>{texts.historyTitle}</Heading>
      {!rows ? (
        <p>{texts.loading}</p>
      ) : rows.length === 0 ? (
        <p id="history-none">{texts.historyNone}</p>
      ) : (
        <ul id="signed" class="entries">
          {rows.map((signed, at) => (
            <One
              key={signed.id}
              signed={signed}
              isChecked={at <= turn && at < checkedMax}
              onChecked={() => setTurn((before) => Math.max(before, at + 1))}
              onChanged={reload}
            />
          ))}
        </ul>
      )}
    </>
  );
}
