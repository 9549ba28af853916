// The dossier: its papers, and how they will be signed.

import { useRef, useState } from "preact/hooks";
import type { Credential } from "../api.ts";
import { ask } from "../ask.ts";
import { papersMax, plainName, unfit, type Paper, type Unfit } from "../core/paper.ts";
import { presetNamed } from "../core/presets.ts";
import { hasEnded } from "../core/asking.ts";
import { all, get, put, remove, type Draft, type Profile } from "../store.ts";
import type { Texts } from "../texts.ts";
import { useWorld } from "./context.ts";
import { Choice, Field, Heading, Link, Message, Theirs, Time, saveFile, useAttempt, useRows } from "./parts.tsx";

const emptyDraft: Draft = {
  id: "draft",
  dossier: "",
  profileId: "",
  credentialId: "",
  reason: "",
  location: "",
  level: "",
  values: {},
};

interface Desk {
  papers: Paper[];
  profiles: Profile[];
  kept: Draft;
  asked: Set<string>; // papers of questions that are open
}

async function loadDesk(): Promise<Desk> {
  const [papers, profiles, draft, askings] = await Promise.all([
    all("papers"),
    all("profiles"),
    get("settings", "draft"),
    all("askings"),
  ]);
  const open = askings.filter((one) => !hasEnded(one)).flatMap((one) => one.papers);
  return {
    papers: papers.sort((a, b) => a.addedAt - b.addedAt),
    profiles: profiles.sort((a, b) => a.name.localeCompare(b.name)),
    kept: draft?.id === "draft" ? draft : emptyDraft,
    asked: new Set(open.map(({ paperId }) => paperId)),
  };
}

// Where the profile's keyword stands on the papers that have no place yet, if that is one place.
async function placeByKeyword(papers: Paper[], profile: Profile | undefined): Promise<Map<string, number>> {
  const unplaced = papers.filter(({ place }) => !place);
  if (!profile?.keyword || unplaced.length === 0) {
    return new Map();
  }
  const { placeAll } = await import("../keyword.ts");
  return placeAll(unplaced, profile);
}

interface RowProps {
  paper: Paper;
  isAsked: boolean;
  isCorner: boolean; // where it has no place of its own
  hits: number | undefined; // of the keyword, when that did not place it
  onChanged: () => Promise<void>;
}

function placeWords({ paper, isAsked, isCorner, hits }: RowProps, texts: Texts): string {
  if (isAsked) {
    return texts.isAsked;
  }
  if (paper.place) {
    return texts.placed(paper.place.page);
  }
  if (isCorner) {
    return texts.placedCorner;
  }
  if (hits === undefined) {
    return texts.notPlaced;
  }
  return hits === 0 ? texts.notPlacedNone : texts.notPlacedHits(hits);
}

function PaperRow(props: RowProps) {
  const { texts, go } = useWorld();
  const { paper, isAsked, onChanged } = props;
  const at = `/?${new URLSearchParams({ paper: paper.id })}`;
  return (
    <li class="entry" data-placed={Boolean(paper.place)}>
      <strong>
        <Theirs text={paper.name} />
      </strong>
      <span>{placeWords(props, texts)}</span>
      <div class="row">
        {!isAsked && (
          <button class="place" type="button" aria-label={`${texts.choosePlace}: ${paper.name}`} onClick={() => go(at)}>
            {texts.choosePlace}
          </button>
        )}
        <button
          type="button"
          aria-label={`${texts.download}: ${paper.name}`}
          onClick={() => saveFile(paper.name, paper.bytes)}
        >
          {texts.download}
        </button>
        {!isAsked && (
          <button
            class="remove"
            type="button"
            aria-label={`${texts.remove}: ${paper.name}`}
            onClick={() => remove("papers", paper.id).then(onChanged)}
          >
            {texts.remove}
          </button>
        )}
      </div>
    </li>
  );
}

interface RefusedFile {
  name: string;
  why: Unfit | "tooMany";
}

// What was chosen and is no paper; the others are kept.
async function takeIn(files: File[], known: number): Promise<RefusedFile[]> {
  const refused: RefusedFile[] = [];
  let count = known;
  for (const file of files) {
    const name = plainName(file.name);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const why = count >= papersMax ? "tooMany" : unfit(bytes);
    if (why) {
      refused.push({ name, why });
      continue;
    }
    await put("papers", { id: crypto.randomUUID(), name, bytes, addedAt: Date.now() + count });
    count++;
  }
  return refused;
}

function Upload({ count, onChanged }: { count: number; onChanged: () => Promise<void> }) {
  const { texts } = useWorld();
  const [refused, setRefused] = useState<string[]>([]);
  const [busy, message, attempt] = useAttempt();
  const choose = (input: HTMLInputElement) =>
    attempt(async () => {
      const wrong = await takeIn(Array.from(input.files ?? []), count);
      input.value = "";
      setRefused(
        wrong.map(({ name, why }) => `${name}: ${why === "tooMany" ? texts.tooMany(papersMax) : texts.unfit[why]}`),
      );
      await onChanged();
    });
  return (
    <>
      <label for="files">{texts.chooseFiles}</label>
      <input
        id="files"
        type="file"
        accept="application/pdf,.pdf"
        multiple
        disabled={busy}
        aria-describedby="files-mean"
        onChange={(event) => choose(event.currentTarget)}
      />
      <p id="files-mean" class="means">
        {texts.chooseFilesMeans}
      </p>
      <div id="files-refused" class="message" role="alert">
        {refused.map((words) => (
          <p key={words}>{words}</p>
        ))}
      </div>
      {message && <Message id="files-message" text={message} />}
    </>
  );
}

function Certificate({ credential }: { credential: Credential }) {
  const { texts } = useWorld();
  return (
    <dl id="certificate-facts">
      <dt>{texts.signer}</dt>
      <dd>
        <Theirs text={credential.signer} />
      </dd>
      <dt>{texts.provider}</dt>
      <dd>
        <Theirs text={credential.issuer} />
      </dd>
      <dt>{texts.serial}</dt>
      <dd>{credential.serial}</dd>
      <dt>{texts.validity}</dt>
      <dd>
        {texts.from} <Time at={credential.validFrom} /> {texts.to} <Time at={credential.validTo} />
      </dd>
    </dl>
  );
}

// What is being filled in, at once on the screen and soon in the store.
function useDraft(kept: Draft | undefined): [Draft, (more: Partial<Draft>) => Promise<void>] {
  const [own, setOwn] = useState<Draft>();
  const latest = useRef<Draft>(emptyDraft);
  latest.current = own ?? kept ?? emptyDraft;
  const change = (more: Partial<Draft>) => {
    latest.current = { ...latest.current, ...more };
    setOwn(latest.current);
    return put("settings", latest.current);
  };
  return [latest.current, change];
}

interface Chosen {
  free: Paper[];
  profile: Profile | undefined;
  credential: Credential | undefined;
  draft: Draft;
}

// What has to be there before anything is sent, in words; "" when it is.
function lacking({ free, profile, credential, draft }: Chosen, texts: Texts): string {
  const { missing } = texts;
  if (free.length === 0 || !draft.dossier.trim() || !profile) {
    return free.length === 0 ? missing.papers : profile ? missing.dossier : missing.profile;
  }
  const preset = presetNamed(profile.preset);
  const value = preset.values.find((name) => !draft.values[name]?.trim());
  const unplaced = preset.isCorner ? undefined : free.find(({ place }) => !place);
  if (value || unplaced) {
    return value ? missing.value(texts.values[value]) : missing.place(unplaced!.name);
  }
  return !credential ? missing.certificate : credential.isUsable ? "" : texts.certificateUnusable;
}

interface Ready {
  profile: Profile;
  credential: Credential;
}

export function Dossier() {
  const { texts, credentials, levels, go } = useWorld();
  const [desk, reload] = useRows(loadDesk);
  const [hits, setHits] = useState(new Map<string, number>());
  const [prepared, setPrepared] = useState<number>();
  const [missing, setMissing] = useState("");
  const [busy, message, attempt] = useAttempt();
  const [kept, changeDraft] = useDraft(desk?.kept);
  if (!desk) {
    return <p>{texts.loading}</p>;
  }
  const { papers, profiles, asked } = desk;
  // What it was filled in for may not be on offer any more.
  const draft = { ...kept, level: levels.includes(kept.level) ? kept.level : "" };
  const profile = profiles.find(({ id }) => id === draft.profileId);
  const usable = credentials.filter(({ isUsable, signAlgo }) => isUsable && signAlgo);
  const credential = credentials.find(({ id }) => id === draft.credentialId) ?? usable[0];
  const preset = profile && presetNamed(profile.preset);
  const free = papers.filter(({ id }) => !asked.has(id));

  const change = (more: Partial<Draft>) => {
    setMissing("");
    return changeDraft(more);
  };
  const locate = async (with_: Profile | undefined) => {
    setHits(await placeByKeyword((await loadDesk()).papers, with_).catch(() => new Map()));
    await reload();
  };
  // Choosing a signature fills in the rest.
  const chooseProfile = async (id: string) => {
    const chosen = profiles.find((one) => one.id === id);
    await change({ profileId: id, ...(chosen?.credentialId ? { credentialId: chosen.credentialId } : {}) });
    await locate(chosen);
  };
  const sign = async ({ profile, credential }: Ready) => {
    await ask(free, profile, credential, draft, setPrepared);
    await change({ dossier: "" });
    go("/sign");
  };
  const confirm = (event: Event) => {
    event.preventDefault();
    const words = lacking({ free, profile, credential, draft }, texts);
    setMissing(words);
    if (!words && profile && credential) {
      setPrepared(0);
      attempt(() => sign({ profile, credential })).finally(() => setPrepared(undefined));
    }
  };
  return (
    <>
      <Heading>{texts.dossierTitle}</Heading>
      <form id="dossier" noValidate onSubmit={confirm}>
        <Field
          id="dossier-name"
          label={texts.dossierName}
          means={texts.dossierNameMeans}
          required
          value={draft.dossier}
          onChange={(dossier) => change({ dossier })}
        />
        <fieldset>
          <legend>{texts.papers}</legend>
          {papers.length === 0 ? (
            <p id="papers-none">{texts.noPapers}</p>
          ) : (
            <ul id="papers" class="entries">
              {papers.map((paper) => (
                <PaperRow
                  key={paper.id}
                  paper={paper}
                  isAsked={asked.has(paper.id)}
                  isCorner={Boolean(preset?.isCorner)}
                  hits={hits.get(paper.id)}
                  onChanged={reload}
                />
              ))}
            </ul>
          )}
          <Upload count={papers.length} onChanged={() => locate(profile)} />
        </fieldset>
        <fieldset>
          <legend>{texts.profile}</legend>
          {profiles.length === 0 ? (
            <p id="profiles-none">{texts.noProfile}</p>
          ) : (
            <Choice
              id="profile"
              label={texts.profile}
              value={profile?.id ?? ""}
              options={[["", texts.chooseProfile], ...profiles.map(({ id, name }): [string, string] => [id, name])]}
              onChange={chooseProfile}
            />
          )}
          <Link id="to-profiles" to="/signatures">
            {texts.signaturesTitle}
          </Link>
        </fieldset>
        <fieldset>
          <legend>{texts.about}</legend>
          {profile && preset && <p id="preset">{texts.presets[preset.name]}</p>}
          {preset?.values.map((name) => (
            <Field
              key={name}
              id={`value-${name}`}
              label={texts.values[name]}
              required
              value={draft.values[name] ?? ""}
              onChange={(value) => change({ values: { ...draft.values, [name]: value } })}
            />
          ))}
          <Field id="reason" label={texts.reason} value={draft.reason} onChange={(reason) => change({ reason })} />
          <Field
            id="location"
            label={texts.location}
            value={draft.location}
            onChange={(location) => change({ location })}
          />
          <Choice
            id="level"
            label={texts.level}
            value={draft.level}
            options={Object.entries(texts.levels).filter(([name]) => name === "" || levels.includes(name))}
            onChange={(level) => change({ level })}
          />
        </fieldset>
        <fieldset>
          <legend>{texts.certificate}</legend>
          {!credential ? (
            <p id="certificates-none">{texts.noCertificate}</p>
          ) : (
            <>
              <Choice
                id="certificate"
                label={texts.certificate}
                value={credential.id}
                options={credentials.map((one): [string, string] => [one.id, `${one.signer} – ${one.issuer}`])}
                onChange={(credentialId) => change({ credentialId })}
              />
              <Certificate credential={credential} />
              {!credential.isUsable && <p id="unusable">{texts.certificateUnusable}</p>}
            </>
          )}
        </fieldset>
        <button id="confirm" class="main" disabled={busy}>
          {texts.confirm}
        </button>
        <p id="progress" role="status">
          {prepared === undefined ? "" : texts.preparing(prepared, free.length)}
        </p>
        <Message text={missing || message} />
      </form>
    </>
  );
}
