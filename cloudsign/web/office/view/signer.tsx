import { useEffect, useState } from "preact/hooks";
import {
  call,
  fetchSigner,
  type Credential,
  type Device,
  type ShownSigner,
  type Signer,
} from "../api.ts";
import { mayChange, useWorld } from "./context.ts";
import { Act, Heading, Link, Message, Theirs, Time, useAttempt } from "./parts.tsx";
import { Invite } from "./invite.tsx";
import { Field } from "./signers.tsx";

type Change = (path: string, body: object) => Promise<void>;

function Email({ signer, change }: { signer: Signer; change: Change }) {
  const { texts } = useWorld();
  const [email, setEmail] = useState(signer.email ?? "");
  const [busy, message, attempt] = useAttempt();
  const submit = (event: Event) => {
    event.preventDefault();
    attempt(() => change("signers/email", { id: signer.id, email }));
  };
  return (
    <form onSubmit={submit}>
      <Field
        id="new-email"
        label={texts.email}
        means={texts.emailMeans}
        isMail
        value={email}
        onValue={setEmail}
      />
      <button id="save-email" disabled={busy}>
        {texts.save}
      </button>
      {message && <Message id="email-message" text={message} />}
    </form>
  );
}

function SignerActs({ signer, change }: { signer: Signer; change: Change }) {
  const { texts } = useWorld();
  const { id } = signer;
  return (
    <>
      <h2>{texts.acts}</h2>
      <Invite signerId={id} onInvited={() => change("", {})} />
      {signer.status === "active" ? (
        <Act
          id="freeze"
          label={texts.freeze}
          means={texts.freezeMeans}
          act={() => change("signers/status", { id, status: "frozen" })}
        />
      ) : (
        <Act
          id="unfreeze"
          label={texts.unfreeze}
          means={texts.unfreezeMeans}
          act={() => change("signers/status", { id, status: "active" })}
        />
      )}
      <Act
        id="lost-phone"
        label={texts.lostPhone}
        means={texts.lostPhoneMeans}
        act={() => change("signers/lost-phone", { id })}
      />
      <Email signer={signer} change={change} />
    </>
  );
}

function Revoke({ credential, change }: { credential: Credential; change: Change }) {
  const { texts } = useWorld();
  const [reason, setReason] = useState("keyCompromise");
  const select = `reason-${credential.id}`;
  const isAgain = credential.status === "deleted";
  return (
    <Act
      id={`revoke-${credential.id}`}
      label={isAgain ? texts.askAgain : texts.revoke}
      means={isAgain ? texts.askAgainMeans : texts.revokeMeans}
      act={() => change(`credentials/${credential.id}`, { status: "revoked", reason })}
    >
      <label for={select}>{texts.reason}</label>
      <select
        id={select}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      >
        {Object.entries(texts.reasons).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </Act>
  );
}

function CredentialEntry({ credential, change }: { credential: Credential; change: Change }) {
  const { texts, user } = useWorld();
  const to = (status: string) => change(`credentials/${credential.id}`, { status });
  const isOver = credential.status === "deleted" && !credential.key_lives;
  const words =
    credential.status === "deleted" && !isOver
      ? texts.keyLives
      : (texts.credentialStatus[credential.status] ?? credential.status);
  return (
    <li class="entry" data-status={isOver ? "ended" : credential.status}>
      <dl>
        <dt>{texts.status}</dt>
        <dd>{words}</dd>
        {credential.serial_number && <dt>{texts.serial}</dt>}
        {credential.serial_number && <dd>{credential.serial_number}</dd>}
        {credential.valid_to !== undefined && <dt>{texts.validTo}</dt>}
        {credential.valid_to !== undefined && (
          <dd>
            <Time at={credential.valid_to} />
          </dd>
        )}
        <dt>{texts.profile}</dt>
        <dd>{texts.profiles[credential.profile] ?? credential.profile}</dd>
        <dt>{texts.keyType}</dt>
        <dd>{credential.key_type}</dd>
        <dt>{texts.createdAt}</dt>
        <dd>
          <Time at={credential.created_at} />
        </dd>
        {credential.request && <dt>{texts.request}</dt>}
        {credential.request && (
          <dd>
            {texts.requestStates[credential.request.state] ?? credential.request.state}
            {credential.request.detail && (
              <>
                : <Theirs text={credential.request.detail} />
              </>
            )}
          </dd>
        )}
      </dl>
      {mayChange(user) && credential.outside && ["bound", "enabled"].includes(credential.status) && (
        <Act
          id={`request-${credential.id}`}
          label={texts.askOutside}
          means={texts.askOutsideMeans}
          act={() => change("certification-requests", { credential_ids: [credential.id] })}
        />
      )}
      {mayChange(user) && !credential.outside && credential.status === "enabled" && (
        <Act
          id={`renew-${credential.id}`}
          label={texts.renew}
          means={texts.renewMeans}
          act={() => change("renewals", { credential_ids: [credential.id], supersede: false })}
        />
      )}
      {mayChange(user) && credential.status === "enabled" && (
        <Act
          id={`suspend-${credential.id}`}
          label={texts.suspend}
          means={texts.suspendMeans}
          act={() => to("disabled")}
        />
      )}
      {mayChange(user) && credential.status === "disabled" && (
        <Act
          id={`resume-${credential.id}`}
          label={texts.resume}
          means={texts.suspendMeans}
          act={() => to("enabled")}
        />
      )}
      {mayChange(user) && !isOver && <Revoke credential={credential} change={change} />}
    </li>
  );
}

function Devices({ devices }: { devices: Device[] }) {
  const { texts } = useWorld();
  return (
    <>
      <h2>{texts.phones}</h2>
      {devices.length === 0 && <p>{texts.noPhones}</p>}
      <ul id="devices" class="entries">
        {devices.map((device) => (
          <li key={device.short_code} class="entry">
            <strong>
              <Theirs text={device.name} />
            </strong>
            <dl>
              <dt>{texts.shortCode}</dt>
              <dd>
                <code>{device.short_code}</code>
              </dd>
              <dt>{texts.lastUsed}</dt>
              <dd>
                <Time at={device.last_used_at} />
              </dd>
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

function Details({ signer }: { signer: Signer }) {
  const { texts } = useWorld();
  const rows: [string, string][] = [
    [texts.signerId, signer.id],
    [texts.subject, signer.subject],
    [texts.email, signer.email ?? "–"],
    [texts.language, texts.languages[signer.language] ?? signer.language],
    [texts.status, texts.signerStatus[signer.status] ?? signer.status],
  ];
  return (
    <dl id="details">
      {rows.flatMap(([label, value]) => [
        <dt key={label}>{label}</dt>,
        <dd key={`${label}-value`}>
          <Theirs text={value} />
        </dd>,
      ])}
    </dl>
  );
}

export function SignerPage({ id }: { id: string }) {
  const { texts, user } = useWorld();
  const [shown, setShown] = useState<ShownSigner>();
  const [done, setDone] = useState("");
  const [, message, attempt] = useAttempt();
  const load = async () => setShown(await fetchSigner(id));
  useEffect(() => {
    attempt(load);
  }, [id]);
  // Without a path there is nothing to change, only to look again.
  const change = async (path: string, body: object) => {
    setDone("");
    if (path) {
      await call(path, body);
      setDone(
        "reason" in body
          ? texts.revokeAsked
          : path === "renewals"
            ? texts.renewAsked
            : path === "certification-requests"
              ? texts.askOutsideAsked
              : texts.done,
      );
    }
    await load();
  };
  if (!shown) {
    return (
      <>
        <Heading>{texts.signersTitle}</Heading>
        {message ? <Message text={message} /> : <p>{texts.loading}</p>}
      </>
    );
  }
  const { signer, credentials, devices } = shown;
  return (
    <>
      <Heading>
        <Theirs text={signer.name} />
      </Heading>
      <Link id="back" to="/signers">
        {texts.back}
      </Link>
      <p id="done" role="status">
        {done}
      </p>
      <Details signer={signer} />
      <Devices devices={devices} />
      <h2>{texts.certificates}</h2>
      {credentials.length === 0 && <p>{texts.noCertificates}</p>}
      <ul id="credentials" class="entries">
        {credentials.map((credential) => (
          <CredentialEntry key={credential.id} credential={credential} change={change} />
        ))}
      </ul>
      {mayChange(user) && <SignerActs signer={signer} change={change} />}
      <Message text={message} />
    </>
  );
}
