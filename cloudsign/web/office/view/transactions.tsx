import { useEffect, useState } from "preact/hooks";
import { call, fetchTransactions, type ShownTransaction, type Transaction } from "../api.ts";
import { useWorld } from "./context.ts";
import { Heading, Link, Message, More, Theirs, Time, useAttempt } from "./parts.tsx";

const place = (id: string) => `/transaction?${new URLSearchParams({ id })}`;
const day = 24 * 3600 * 1000;

// A day of the calendar here, as milliseconds; "" for none.
function startOf(date: string, later = 0): string {
  const at = date ? new Date(`${date}T00:00`).getTime() : NaN;
  return Number.isNaN(at) ? "" : String(at + later);
}

function Rows({ one }: { one: Transaction }) {
  const { texts } = useWorld();
  return (
    <dl>
      <dt>{texts.status}</dt>
      <dd>{texts.states[one.state] ?? one.state}</dd>
      {one.requester && <dt>{texts.requester}</dt>}
      {one.requester && (
        <dd>
          <Theirs text={one.requester} />
        </dd>
      )}
      {one.signer_id && <dt>{texts.signerId}</dt>}
      {one.signer_id && (
        <dd>
          <Theirs text={one.signer_id} />
        </dd>
      )}
      <dt>{texts.askedAt}</dt>
      <dd>
        <Time at={one.created_at} />
      </dd>
    </dl>
  );
}

interface Wanted {
  signer: string;
  state: string;
  from: string;
  to: string;
}

function Search({ busy, onSearch }: { busy: boolean; onSearch: (wanted: Wanted) => void }) {
  const { texts } = useWorld();
  const [wanted, setWanted] = useState<Wanted>({ signer: "", state: "", from: "", to: "" });
  const put = (name: keyof Wanted) => (event: { currentTarget: { value: string } }) =>
    setWanted({ ...wanted, [name]: event.currentTarget.value });
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(wanted);
      }}
    >
      <label for="signer">{texts.signerId}</label>
      <input id="signer" maxLength={64} value={wanted.signer} onInput={put("signer")} />
      <label for="state">{texts.status}</label>
      <select id="state" value={wanted.state} onChange={put("state")}>
        <option value="">{texts.anyState}</option>
        {Object.entries(texts.states).map(([state, words]) => (
          <option key={state} value={state}>
            {words}
          </option>
        ))}
      </select>
      <label for="from">{texts.from}</label>
      <input id="from" type="date" value={wanted.from} onInput={put("from")} />
      <label for="to">{texts.to}</label>
      <input id="to" type="date" value={wanted.to} onInput={put("to")} />
      <button id="look" disabled={busy}>
        {texts.searchButton}
      </button>
    </form>
  );
}

export function Transactions() {
  const { texts } = useWorld();
  const [found, setFound] = useState<{ wanted: Wanted; list: Transaction[]; next: string }>();
  const [busy, message, attempt] = useAttempt();
  const look = (wanted: Wanted, known: Transaction[], before: string) =>
    attempt(async () => {
      const { signer, state } = wanted;
      const page = await fetchTransactions({
        signer,
        state,
        from: startOf(wanted.from),
        to: startOf(wanted.to, day),
        before,
      });
      setFound({ wanted, list: [...known, ...page.transactions], next: page.next ?? "" });
    });
  useEffect(() => {
    look({ signer: "", state: "", from: "", to: "" }, [], "");
  }, []);
  return (
    <>
      <Heading>{texts.transactionsTitle}</Heading>
      <Search busy={busy} onSearch={(wanted) => look(wanted, [], "")} />
      <Message text={message} />
      {!found ? (
        <p>{texts.loading}</p>
      ) : found.list.length === 0 ? (
        <p id="none">{texts.none}</p>
      ) : (
        <ul id="transactions" class="entries">
          {found.list.map((one) => (
            <li key={one.id} class="entry">
              <Link to={place(one.id)}>
                <span>
                  {texts.kinds[one.purpose] ?? one.purpose}: <Theirs text={one.about} />
                </span>
              </Link>
              <Rows one={one} />
            </li>
          ))}
        </ul>
      )}
      {found?.next && <More busy={busy} onMore={() => look(found.wanted, found.list, found.next)} />}
    </>
  );
}

// As `kyso receipt verify` reads them.
function save(transaction: ShownTransaction): void {
  const file = new Blob([JSON.stringify(transaction)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${transaction.id}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function TransactionPage({ id }: { id: string }) {
  const { texts } = useWorld();
  const [shown, setShown] = useState<ShownTransaction>();
  const [, message, attempt] = useAttempt();
  useEffect(() => {
    attempt(async () => setShown(await call(`transactions/${encodeURIComponent(id)}`)));
  }, [id]);
  return (
    <>
      <Heading>{texts.transactionTitle}</Heading>
      <Link id="back" to="/transactions">
        {texts.allTransactions}
      </Link>
      <Message text={message} />
      {shown && (
        <>
          <p id="kind">
            <strong>{texts.kinds[shown.purpose] ?? shown.purpose}</strong>
          </p>
          <p>
            {texts.about}: <Theirs text={shown.about} />
          </p>
          <Rows one={shown} />
          {shown.reason && (
            <p>
              {texts.reasonOfEnd}: <Theirs text={shown.reason} />
            </p>
          )}
          <h2>
            {texts.documents}: {shown.documents.length}
          </h2>
          <ol id="documents">
            {shown.documents.map(({ label }, at) => (
              <li key={at}>{label ? <Theirs text={label} /> : texts.unnamed}</li>
            ))}
          </ol>
          <p id="receipts">
            {texts.receipts}: {shown.receipts.length}
          </p>
          {shown.receipts.length > 0 && (
            <div class="acts">
              <button id="download" type="button" onClick={() => save(shown)}>
                {texts.downloadReceipts}
              </button>
            </div>
          )}
        </>
      )}
    </>
  );
}
