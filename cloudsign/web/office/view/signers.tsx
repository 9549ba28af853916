import { useEffect, useState } from "preact/hooks";
import { call, fetchSigners, type Signer } from "../api.ts";
import { subjectOf } from "../core/subject.ts";
import { mayChange, useWorld } from "./context.ts";
import { Heading, Link, Message, More, Theirs, useAttempt } from "./parts.tsx";

export function signerPlace(id: string): string {
  return `/signer?${new URLSearchParams({ id })}`;
}

interface FieldProps {
  id: string;
  label: string;
  value: string;
  means?: string;
  required?: boolean;
  isMail?: boolean;
  maxLength?: number;
  onValue: (value: string) => void;
}

export function Field({ id, label, value, means, isMail, onValue, ...rest }: FieldProps) {
  const { texts } = useWorld();
  return (
    <>
      <label for={id}>
        {label}
        {rest.required ? " *" : ` (${texts.optional})`}
      </label>
      <input
        id={id}
        autocomplete="off"
        inputMode={isMail ? "email" : "text"}
        value={value}
        {...(means ? { "aria-describedby": `${id}-means` } : {})}
        {...rest}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {means && <p id={`${id}-means`}>{means}</p>}
    </>
  );
}

function AddSigner({ onCancel }: { onCancel: () => void }) {
  const { texts, language, go } = useWorld();
  const [fields, setFields] = useState({
    id: "",
    name: "",
    email: "",
    account: "",
    organisation: "",
    province: "",
    language: language as string,
  });
  const [busy, message, attempt] = useAttempt();
  const put = (name: keyof typeof fields) => (value: string) =>
    setFields({ ...fields, [name]: value });
  const submit = (event: Event) => {
    event.preventDefault();
    attempt(async () => {
      const { organisation, province, ...sent } = fields;
      const subject = subjectOf({ name: fields.name, organisation, province });
      await call("signers", { ...sent, subject });
      go(signerPlace(fields.id));
    });
  };
  return (
    <form id="add-form" onSubmit={submit}>
      <h2>{texts.addTitle}</h2>
      <Field
        id="signer-id"
        label={texts.signerId}
        means={texts.signerIdMeans}
        required
        maxLength={64}
        value={fields.id}
        onValue={put("id")}
      />
      <Field
        id="full-name"
        label={texts.fullName}
        required
        maxLength={64}
        value={fields.name}
        onValue={put("name")}
      />
      <Field
        id="email"
        label={texts.email}
        means={texts.emailMeans}
        isMail
        value={fields.email}
        onValue={put("email")}
      />
      <Field
        id="account"
        label={texts.account}
        maxLength={64}
        value={fields.account}
        onValue={put("account")}
      />
      <Field
        id="organisation"
        label={texts.organisation}
        maxLength={64}
        value={fields.organisation}
        onValue={put("organisation")}
      />
      <Field
        id="province"
        label={texts.province}
        maxLength={128}
        value={fields.province}
        onValue={put("province")}
      />
      <label for="signer-language">{texts.language}</label>
      <select
        id="signer-language"
        value={fields.language}
        onChange={(event) => put("language")(event.currentTarget.value)}
      >
        {Object.entries(texts.languages).map(([tag, name]) => (
          <option key={tag} value={tag}>
            {name}
          </option>
        ))}
      </select>
      <button id="save" class="main" disabled={busy}>
        {texts.save}
      </button>
      <button id="cancel" type="button" onClick={onCancel}>
        {texts.cancel}
      </button>
      <Message id="add-message" text={message} />
    </form>
  );
}

function One({ signer }: { signer: Signer }) {
  const { texts } = useWorld();
  return (
    <li class="entry">
      <Link to={signerPlace(signer.id)}>
        <Theirs text={signer.name} />
      </Link>
      <dl>
        <dt>{texts.signerId}</dt>
        <dd>
          <Theirs text={signer.id} />
        </dd>
        {signer.email && <dt>{texts.email}</dt>}
        {signer.email && (
          <dd>
            <Theirs text={signer.email} />
          </dd>
        )}
        <dt>{texts.status}</dt>
        <dd>{texts.signerStatus[signer.status] ?? signer.status}</dd>
      </dl>
    </li>
  );
}

export function Signers() {
  const { texts, user } = useWorld();
  const [search, setSearch] = useState("");
  const [found, setFound] = useState<{ search: string; signers: Signer[]; next: string }>();
  const [isAdding, setAdding] = useState(false);
  const [busy, message, attempt] = useAttempt();
  const look = (what: string, before: Signer[], after: string) =>
    attempt(async () => {
      const page = await fetchSigners(what, after);
      setFound({ search: what, signers: [...before, ...page.signers], next: page.next ?? "" });
    });
  useEffect(() => {
    look("", [], "");
  }, []);
  return (
    <>
      <Heading>{texts.signersTitle}</Heading>
      {mayChange(user) &&
        (isAdding ? (
          <AddSigner onCancel={() => setAdding(false)} />
        ) : (
          <div class="acts">
            <button id="add" class="main" type="button" onClick={() => setAdding(true)}>
              {texts.addSigner}
            </button>
          </div>
        ))}
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          look(search, [], "");
        }}
      >
        <label for="search">{texts.search}</label>
        <input
          id="search"
          type="search"
          maxLength={60}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <button id="look" disabled={busy}>
          {texts.searchButton}
        </button>
      </form>
      <Message text={message} />
      {!found ? (
        <p>{texts.loading}</p>
      ) : found.signers.length === 0 ? (
        <p id="none">{texts.none}</p>
      ) : (
        <ul id="signers" class="entries">
          {found.signers.map((signer) => (
            <One key={signer.id} signer={signer} />
          ))}
        </ul>
      )}
      {found?.next && <More busy={busy} onMore={() => look(found.search, found.signers, found.next)} />}
    </>
  );
}
