import { useEffect, useState } from "preact/hooks";
import { call, type AuditCheck, type CheckedLog, type Module } from "../api.ts";
import { useWorld } from "./context.ts";
import { Heading, Message, Time, useAttempt } from "./parts.tsx";

interface Modules {
  modules: Module[];
  configured: number;
}

function One({ module }: { module: Module }) {
  const { texts } = useWorld();
  return (
    <li class="entry">
      <dl>
        <dt>{texts.module}</dt>
        <dd>
          <code>{module.module_id}</code>
        </dd>
        <dt>{texts.status}</dt>
        <dd>{module.state}</dd>
        <dt>{texts.assuranceClass}</dt>
        <dd>{module.class}</dd>
        <dt>{texts.firmware}</dt>
        <dd>
          <code>{module.firmware_hash}</code>
        </dd>
        <dt>{texts.logEntries}</dt>
        <dd>
          {module.log_first}–{module.log_next - 1}
        </dd>
        <dt>{texts.fill}</dt>
        <dd>{module.log_fill_percent} %</dd>
      </dl>
    </li>
  );
}

function Log({ log }: { log: CheckedLog }) {
  const { texts } = useWorld();
  return (
    <li class="entry" data-verdict={log.verdict}>
      <strong>{texts.verdicts[log.verdict] ?? log.verdict}</strong>
      <dl>
        <dt>{texts.module}</dt>
        <dd>
          <code>{log.module_id}</code>
        </dd>
        <dt>{texts.logEntries}</dt>
        <dd>{log.records}</dd>
        <dt>{texts.signatures}</dt>
        <dd>{log.signatures}</dd>
      </dl>
      {log.detail && <p>{log.detail}</p>}
      <p>{texts.lastEntries}:</p>
      <ol class="entries">
        {log.entries.map((entry) => (
          <li key={entry.index}>
            {entry.index} · <code>{entry.type}</code>
            {entry.host_time > 0 && (
              <>
                {" "}
                · {texts.hostTime}: <Time at={entry.host_time} />
              </>
            )}
          </li>
        ))}
      </ol>
    </li>
  );
}

export function Audit() {
  const { texts } = useWorld();
  const [found, setFound] = useState<Modules>();
  const [checked, setChecked] = useState<AuditCheck>();
  const [busy, message, attempt] = useAttempt();
  useEffect(() => {
    attempt(async () => setFound(await call("audit")));
  }, []);
  return (
    <>
      <Heading>{texts.auditTitle}</Heading>
      <p>{texts.auditMeans}</p>
      <Message text={message} />
      {found && <p>{texts.modules(found.modules.length, found.configured)}</p>}
      {found && (
        <ul id="modules" class="entries">
          {found.modules.map((module) => (
            <One key={module.module_id} module={module} />
          ))}
        </ul>
      )}
      <div class="acts">
        <button
          id="check"
          class="main"
          type="button"
          disabled={busy}
          onClick={() => attempt(async () => setChecked(await call("audit/check", {})))}
        >
          {texts.check}
        </button>
      </div>
      {checked && (
        <section aria-live="polite">
          <p id="verdict">
            {texts.group}: {texts.verdicts[checked.verdict] ?? checked.verdict}
          </p>
          {checked.detail && <p>{checked.detail}</p>}
          <ul id="logs" class="entries">
            {checked.logs.map((log) => (
              <Log key={log.module_id} log={log} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
