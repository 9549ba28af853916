// The person's signatures: what each shows, where it goes by itself, and which certificate it uses.

import { useState } from "preact/hooks";
import type { Bytes } from "../../approve/core/bytes.ts";
import { presetNamed, presets } from "../core/presets.ts";
import { toPng } from "../picture.ts";
import { all, put, remove, type Profile } from "../store.ts";
import { useWorld } from "./context.ts";
import { Choice, Field, Heading, Message, Picture, Remove, Theirs, Time, useAttempt, useRows } from "./parts.tsx";

const linesMax = 6;

async function load(): Promise<Profile[]> {
  return (await all("profiles")).sort((a, b) => a.name.localeCompare(b.name));
}

function newProfile(): Profile {
  return {
    id: crypto.randomUUID(),
    name: "",
    phone: "",
    keyword: "",
    preset: presets[0]!.name,
    lines: [],
    credentialId: "",
    account: "",
    updatedAt: 0,
  };
}

function PictureField({ picture, onChange }: { picture: Bytes | undefined; onChange: (picture: Bytes) => void }) {
  const { texts } = useWorld();
  const [message, setMessage] = useState("");
  const choose = async (input: HTMLInputElement) => {
    const [file] = Array.from(input.files ?? []);
    setMessage("");
    if (file) {
      await toPng(file).then(onChange, () => setMessage(texts.pictureBroken));
    }
  };
  return (
    <>
      <label for="picture">{texts.uploadPicture}</label>
      <input
        id="picture"
        type="file"
        accept="image/png,image/jpeg"
        aria-describedby="picture-means"
        onChange={(event) => choose(event.currentTarget)}
      />
      <p id="picture-means" class="means">
        {texts.uploadPictureMeans}
      </p>
      {picture && <Picture bytes={picture} text={texts.signaturePicture} />}
      <Message id="picture-message" text={message} />
    </>
  );
}

function Lines({ lines, onChange }: { lines: string[]; onChange: (lines: string[]) => void }) {
  const { texts } = useWorld();
  return (
    <>
      <label for="lines">
        {texts.lines} ({texts.optional})
      </label>
      <textarea
        id="lines"
        rows={3}
        aria-describedby="lines-mean"
        value={lines.join("\n")}
        onInput={(event) => onChange(event.currentTarget.value.split("\n").slice(0, linesMax))}
      />
      <p id="lines-mean" class="means">
        {texts.linesMeans}
      </p>
    </>
  );
}

function Form({ start, onDone }: { start: Profile; onDone: () => Promise<void> }) {
  const { texts, credentials } = useWorld();
  const [profile, setProfile] = useState(start);
  const [lack, setLack] = useState("");
  const [busy, message, attempt] = useAttempt();
  const change = (more: Partial<Profile>) => {
    setLack("");
    setProfile((before) => ({ ...before, ...more }));
  };
  const preset = presetNamed(profile.preset);
  const save = (event: Event) => {
    event.preventDefault();
    const lines = profile.lines.filter((line) => line.trim());
    const isOwn = preset.name === "";
    if (preset.hasPicture && !isOwn && !profile.picture) {
      setLack(texts.needsPicture);
    } else if (isOwn && !profile.picture && lines.length === 0) {
      setLack(texts.needsSomething);
    } else {
      attempt(async () => {
        await put("profiles", { ...profile, name: profile.name.trim(), lines, updatedAt: Date.now() });
        await onDone();
      });
    }
  };
  return (
    <form id="profile-form" onSubmit={save}>
      <h2>{start.updatedAt ? texts.editTitle : texts.add}</h2>
      <Field
        id="profile-name"
        label={texts.signatureName}
        required
        lengthMax={60}
        value={profile.name}
        onChange={(name) => change({ name })}
      />
      <Choice
        id="profile-preset"
        label={texts.preset}
        value={profile.preset}
        options={presets.map(({ name }): [string, string] => [name, texts.presets[name] ?? name])}
        onChange={(name) => change({ preset: name })}
      />
      {preset.hasPicture && <PictureField picture={profile.picture} onChange={(picture) => change({ picture })} />}
      {preset.name === "" && <Lines lines={profile.lines} onChange={(lines) => change({ lines })} />}
      <Field
        id="profile-phone"
        label={texts.signaturePhone}
        means={texts.signaturePhoneMeans}
        mode="tel"
        lengthMax={20}
        value={profile.phone}
        onChange={(phone) => change({ phone })}
      />
      <Field
        id="profile-keyword"
        label={texts.keyword}
        value={profile.keyword}
        onChange={(keyword) => change({ keyword })}
      />
      <details>
        <summary id="profile-more">{texts.more}</summary>
        <Field
          id="profile-account"
          label={texts.account}
          means={texts.accountMeans}
          lengthMax={20}
          value={profile.account}
          onChange={(account) => change({ account })}
        />
        <Choice
          id="profile-certificate"
          label={texts.provider}
          value={profile.credentialId}
          options={[
            ["", texts.anyCertificate],
            ...credentials.map((one): [string, string] => [one.id, `${one.signer} – ${one.issuer}`]),
          ]}
          onChange={(credentialId) => change({ credentialId })}
        />
      </details>
      <button id="save" class="main" disabled={busy}>
        {texts.save}
      </button>
      <button id="close" type="button" onClick={onDone}>
        {texts.close}
      </button>
      <Message text={lack || message} />
    </form>
  );
}

function Row({ profile, onEdit, onChanged }: { profile: Profile; onEdit: () => void; onChanged: () => Promise<void> }) {
  const { texts, credentials } = useWorld();
  const credential = credentials.find(({ id }) => id === profile.credentialId);
  const facts: [string, string][] = [
    [texts.preset, texts.presets[profile.preset] ?? profile.preset],
    [texts.signaturePhone, profile.phone],
    [texts.keyword, profile.keyword],
    [texts.account, profile.account],
    [texts.provider, credential?.issuer ?? ""],
  ];
  return (
    <li class="entry profile">
      <dl>
        <dt>{texts.signatureName}</dt>
        <dd>
          <Theirs text={profile.name} />
        </dd>
        <dt>{texts.signaturePicture}</dt>
        <dd>
          {profile.picture ? <Picture bytes={profile.picture} text={texts.signaturePicture} /> : texts.pictureNone}
        </dd>
        {facts
          .filter(([, value]) => value)
          .flatMap(([name, value]) => [
            <dt key={name}>{name}</dt>,
            <dd key={`${name} value`}>
              <Theirs text={value} />
            </dd>,
          ])}
        <dt>{texts.updatedAt}</dt>
        <dd>
          <Time at={profile.updatedAt} />
        </dd>
        <dt>{texts.acts}</dt>
        <dd class="row">
          <button class="edit" type="button" aria-label={`${texts.edit}: ${profile.name}`} onClick={onEdit}>
            {texts.edit}
          </button>
          <Remove
            id={`remove-${profile.id}`}
            label={texts.remove}
            means={texts.sure}
            onRemove={() => remove("profiles", profile.id).then(onChanged)}
          />
        </dd>
      </dl>
    </li>
  );
}

export function Signatures() {
  const { texts } = useWorld();
  const [rows, reload] = useRows(load);
  const [edited, setEdited] = useState<Profile>();
  const done = async () => {
    setEdited(undefined);
    await reload();
  };
  return (
    <>
      <Heading>{texts.signaturesTitle}</Heading>
      <p>{texts.signaturesMeans}</p>
      {edited ? (
        <Form key={edited.id} start={edited} onDone={done} />
      ) : (
        <div class="acts">
          <button id="add" type="button" onClick={() => setEdited(newProfile())}>
            {texts.addSignature}
          </button>
        </div>
      )}
      {!rows ? (
        <p>{texts.loading}</p>
      ) : rows.length === 0 ? (
        <p id="signatures-none">{texts.signaturesNone}</p>
      ) : (
        <ul id="profiles" class="entries">
          {rows.map((profile) => (
            <Row key={profile.id} profile={profile} onEdit={() => setEdited(profile)} onChanged={reload} />
          ))}
        </ul>
      )}
    </>
  );
}
